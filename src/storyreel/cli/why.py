"""
Say why a step is bought, or is not: `storyreel why`. What was last sent for it stands beside what would be sent now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from storyreel.cli.arguments import Board, Json, Rehearsals, Variants, Vars, VaultAddress, given_vars
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.cli.plan_screen import STYLES
from storyreel.cli.render import print_json
from storyreel.console import say
from storyreel.model.money import dollars
from storyreel.model.plan import Step
from storyreel.model.recipe import Recipe
from storyreel.planning.diff import Change, Value, fields, words
from storyreel.production.outlook import Forecast
from storyreel.production.prepare import prepare_all
from storyreel.production.reasons import file_names, in_words
from storyreel.production.service import service_asked
from storyreel.production.top_sheet import TopSheet, top_sheet
from storyreel.production.variant_names import step_meant
from storyreel.production.why_data import chain, why_data

LEAST = 24
"""Columns of the terminal that a text needs, to be broken into lines."""


def why(
    board: Board,
    step: Annotated[str, Parameter(help="A step: climb/extend-1; or a scene: climb, which is climb/video.")],
    /,
    *,
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    as_json: Json = False,
) -> int:
    """
    Say why a plan buys a step or reuses it: what was last sent for it beside what would be sent now, and all above it.

    Example: storyreel why storyboards/lighthouse.yaml climb
    """
    every = prepare_all(board, variant=variant, vault=vault, root=Path.cwd(), given=given_vars(var), to_look=True)
    number, named = step_meant([ready.plan for ready in every], step)
    ready = every[number]

    async def laid_over() -> TopSheet:
        await say_if_closed(ready.vault)
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
        return await top_sheet(ready, service)

    sheet = asyncio.run(laid_over())
    if as_json:
        print_json(why_data(sheet, named))
    else:
        show(Screen(), sheet, named)
    return 0


def show(console: Console, sheet: TopSheet, step: Step) -> None:
    """Show a step, and each that it is made from, with what was sent and what would be sent now."""
    files = file_names(sheet.plan)
    asked, *above = chain(sheet.outlook, step)
    _show_step(console, asked, files)
    for each in above:
        say(console, "")
        _show_step(console, each, files)
    changed = [change for each in (asked, *above) if each.buys for change in each.changes]
    if changed:
        marks = "~ has changed; of a text [-what was taken out-] and {+what was put in+}"
        say(console, "")
        say(console, (marks if any(map(_is_prose, changed)) else "~ has changed", "dim"))


def _show_step(console: Console, each: Forecast, files: Mapping[str, str]) -> None:
    anew = "anew " if each.claim is not None else ""
    what = f"would be bought {anew}for {dollars(each.step.ticks)}" if each.buys else _STATES.get(each.outlook, _KEPT)
    say(console, (f"{each.sign or ' '} ", STYLES[each.sign]), (each.step.id, "bold"), f" {what}")
    for line in Text(each.why).wrap(console, console.width - 2) if console.is_terminal else [Text(each.why)]:
        say(console, f"  {line.plain.rstrip()}")
    for change in each.changes:
        if change.field == "price" and not each.buys:
            say(console, f"  {in_words(change)}")
    if (claim := each.claim) is not None:
        request = f", request {each.request_id}" if each.request_id is not None else ""
        say(console, (f"  asked for {claim.at:%Y-%m-%d %H:%M} UTC{request}", "dim"))
    _show_fields(console, each, files)


_KEPT = "is not bought again"
_STATES = {
    "unknown": "was sent, and nobody knows what came of it",
    "stopped": "ended without a clip",
    "left out": "is left out",
}


def _show_fields(console: Console, each: Forecast, files: Mapping[str, str]) -> None:
    """Show all that is sent for a step; of what has changed both values, side by side where there is room for all of them."""
    now, then = fields(each.step.recipe, files), _then(each, files)
    changed = {change.field: change for change in each.changes if change.field != "price"}
    if "style" in changed:
        del changed["style"]
        changed["prompt"] = Change("prompt", then.get("prompt"), now.get("prompt"), text=True)
    names = list(dict.fromkeys([*now, *changed]))
    width = max(map(len, names))
    room = (console.width - width - 6) // 2
    pairs = {
        name: _pair(change, then.get(name), now.get(name)) for name, change in changed.items() if not _is_prose(change)
    }
    beside = all(cell_len(value) <= room for pair in pairs.values() for value in pair)
    if pairs and beside:
        say(console, (f"  {'':{width}}  {'then':<{room}}  now", "dim"))
    for name in names:
        if name in pairs:
            lines = _side_by_side(*pairs[name], room) if beside else _stacked(*pairs[name])
        else:
            lines = _prose(changed.get(name), now.get(name), console, width)
        for at, line in enumerate(lines):
            sign = ("~ ", STYLES["~"]) if name in changed and not at else "  "
            head = (f"{'' if at else name:<{width}}  ", "dim")
            console.print(Text.assemble(sign, head, line), soft_wrap=True)


def _then(each: Forecast, files: Mapping[str, str]) -> Mapping[str, Value]:
    """Return what was sent for a step; nothing where that is not known, or where another version has written it."""
    if each.claim is None:
        return {}
    try:
        return fields(Recipe.model_validate(each.claim.recipe), files)
    except ValidationError:
        return {}


def _is_prose(change: Change) -> bool:
    return change.text and isinstance(change.before, str) and isinstance(change.after, str)


def _pair(change: Change, then: Value, now: Value) -> tuple[str, str]:
    """Return both values of a field as they are shown: what was and what is."""
    if change.note.startswith("follows"):
        return _as_text(then), change.note
    return _as_text(then), f"take {change.after}" if change.note.startswith("another take") else _as_text(now)


def _side_by_side(before: str, after: str, room: int) -> list[Text]:
    return [Text.assemble((before, "red"), " " * (room - cell_len(before) + 2), (after, "green"))]


def _stacked(before: str, after: str) -> list[Text]:
    return [Text.assemble(("then ", "dim"), (before, "red")), Text.assemble(("now  ", "dim"), (after, "green"))]


def _prose(change: Change | None, now: Value, console: Console, width: int) -> list[Text]:
    """Return the lines of a value, or of a text that has changed, word by word, over all of the width."""
    text = Text(_as_text(now)) if change is None else _compared(str(change.before), str(change.after))
    text = Text(" / ").join(text.split("\n"))
    return list(text.wrap(console, max(LEAST, console.width - width - 4))) if console.is_terminal else [text]


def _compared(before: str, after: str) -> Text:
    looks = {"both": ("", "", ""), "out": ("[-", "-]", "red"), "in": ("{+", "+}", "green")}
    text = Text()
    for piece in words(before, after):
        opened, closed, style = looks[piece.kind]
        text.append(f"{opened}{piece.text}{closed}", style)
    return text


def _as_text(value: Value) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
