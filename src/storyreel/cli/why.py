"""
Say why a step is bought, or is not: `storyreel why`. What was last sent for it stands beside what would be sent now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from storyreel.cli.arguments import Board, Json, Rehearsals, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.cli.plan_screen import STYLES
from storyreel.cli.render import print_json
from storyreel.console import say
from storyreel.model.money import dollars
from storyreel.model.plan import Step
from storyreel.model.recipe import Recipe
from storyreel.planning.diff import Change, Value, fields, words
from storyreel.production.outlook import Forecast
from storyreel.production.prepare import prepare
from storyreel.production.reasons import file_names
from storyreel.production.selectors import step_named
from storyreel.production.service import service_asked
from storyreel.production.top_sheet import TopSheet, top_sheet
from storyreel.production.why_data import chain, why_data

COLUMN_LEAST = 24
"""Columns of the terminal that a value needs, to stand beside another one."""


def why(
    board: Board,
    step: Annotated[str, Parameter(help="A step: climb/extend-1; or a scene: climb, which is climb/video.")],
    /,
    *,
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    as_json: Json = False,
) -> int:
    """
    Say why a plan buys a step or reuses it: what was last sent for it beside what would be sent now, and all above it.

    Example: storyreel why storyboards/lighthouse.yaml climb
    """
    ready = prepare(board, vault=vault, root=Path.cwd())
    named = step_named(ready.plan, step)

    async def laid_over() -> TopSheet:
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
    diffs = _show_step(console, asked, files)
    for each in above:
        say(console, "")
        diffs |= _show_step(console, each, files)
    if diffs:
        say(console, "")
        say(console, ("~ has changed; of a text [-what was taken out-] and {+what was put in+}", "dim"))


def _show_step(console: Console, each: Forecast, files: Mapping[str, str]) -> bool:
    """Show one step; return whether anything of it has changed."""
    anew = "anew " if each.claim is not None else ""
    what = f"would be bought {anew}for {dollars(each.step.ticks)}" if each.buys else _STATES.get(each.outlook, _KEPT)
    say(console, (f"{each.sign or ' '} ", STYLES[each.sign]), (each.step.id, "bold"), f" {what}")
    for line in Text(each.why).wrap(console, console.width - 2) if console.is_terminal else [Text(each.why)]:
        say(console, f"  {line.plain.rstrip()}")
    if (claim := each.claim) is not None:
        request = f", request {each.request_id}" if each.request_id is not None else ""
        say(console, (f"  last asked for {claim.at:%Y-%m-%d %H:%M} UTC{request}", "dim"))
    _show_fields(console, each, files)
    return bool(each.changes) and each.buys


_KEPT = "is not bought again"
_STATES = {
    "unknown": "was sent, and nobody knows what came of it",
    "stopped": "ended without a clip",
    "left out": "is left out",
}


def _show_fields(console: Console, each: Forecast, files: Mapping[str, str]) -> None:
    now = fields(each.step.recipe, files)
    then = _then(each, files)
    changed = {change.field: change for change in each.changes if change.field != "price"}
    if "style" in changed and then is not None:
        del changed["style"]
        changed["prompt"] = Change("prompt", then.get("prompt"), now.get("prompt"), text=True)
    old = {name: value for name, value in (then or {}).items() if name not in now}
    name_width = max(map(len, [*now, *old, *changed]))
    room = (console.width - name_width - 8) // 2
    beside = then is not None and bool(changed) and room >= COLUMN_LEAST
    if beside:
        say(console, (f"  {'':{name_width}}  {'then':<{room}}  now", "dim"))
    for name in [*now, *old, *(name for name in changed if name not in now and name not in old)]:
        change = changed.get(name)
        lines = list(_values(change, now.get(name), console, room, beside=beside, width=name_width))
        sign = ("~ ", STYLES["~"]) if change is not None else "  "
        for line in lines:
            console.print(Text.assemble(sign, (f"{name:<{name_width}}  ", "dim"), line), soft_wrap=True)
            sign, name = "  ", ""


def _then(each: Forecast, files: Mapping[str, str]) -> dict[str, Value] | None:
    if each.claim is None:
        return None
    try:
        return fields(Recipe.model_validate(each.claim.recipe), files)
    except ValidationError:
        return None


def _values(
    change: Change | None, now: Value, console: Console, room: int, *, beside: bool, width: int
) -> Iterator[Text]:
    """Yield the lines of a field: both values side by side, a text word by word over all of the width."""
    if change is None:
        yield from _wrapped(Text(_as_text(now)), console, width)
        return
    if change.text and isinstance(change.before, str) and isinstance(change.after, str):
        yield from _wrapped(_compared(change.before, change.after), console, width)
        return
    before, after = (
        _as_text(change.before),
        change.note if change.note.startswith("follows") else _as_text(change.after),
    )
    after += f" ({change.note})" if change.note and not change.note.startswith("follows") else ""
    if beside and cell_len(before) <= room and cell_len(after) <= room:
        yield Text.assemble((before, "red"), " " * (room - cell_len(before) + 2), (after, "green"))
    else:
        yield from (Text.assemble(("then ", "dim"), (before, "red")), Text.assemble(("now  ", "dim"), (after, "green")))


def _compared(before: str, after: str) -> Text:
    looks = {"both": ("", "", ""), "out": ("[-", "-]", "red"), "in": ("{+", "+}", "green")}
    text = Text()
    for piece in words(before, after):
        opened, closed, style = looks[piece.kind]
        text.append(f"{opened}{piece.text}{closed}", style)
    return text


def _wrapped(text: Text, console: Console, width: int) -> Sequence[Text]:
    text = Text(" / ").join(text.split("\n"))
    return list(text.wrap(console, max(COLUMN_LEAST, console.width - width - 4))) if console.is_terminal else [text]


def _as_text(value: Value) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
