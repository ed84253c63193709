"""
What the commands show: a storyboard's problems, a plan with its prices, and the same as data.

The shapes of the JSON for plan and takes are `production.plan_data` and `production.takes_data`; that of a check is kept in docs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storyreel.console import counted, say
from storyreel.errors import StoryboardError
from storyreel.model.money import TICKS_PER_USD, dollars, usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.model.request_ids import in_yaml
from storyreel.model.storyboard import Storyboard
from storyreel.production.outlook import Forecast
from storyreel.production.plan_data import plan_totals
from storyreel.production.takes_data import SceneTotals, TakeData, TakesData
from storyreel.vault.costs import UNPAID, Totals

OUTLOOK_STYLE = {
    "buy": "yellow",
    "follows": "yellow",
    "reuse": "green",
    "fetch": "green",
    "wait": "cyan",
    "unknown": "red",
    "stopped": "red",
    "left out": "dim",
}


def problems(error: StoryboardError) -> str:
    """Return all problems of a storyboard as a screen."""
    return f"{error.screen}\n\n{counted(len(error.problems), 'problem')}; nothing was sent."


def problems_json(error: StoryboardError) -> dict[str, Any]:
    """Return the problems of a storyboard as data."""
    return {
        "ok": False,
        "problems": [
            {
                "file": p.place.file,
                "line": p.place.line,
                "column": p.place.column,
                "message": p.message,
                "remedy": p.remedy,
            }
            for p in error.problems
        ],
    }


def checked_json(board: Storyboard, plan: Plan) -> dict[str, Any]:
    """Return what was found of a storyboard that is right, as data."""
    return {
        "ok": True,
        "problems": [],
        "slug": board.slug,
        "title": board.title,
        "scenes": [scene.id for scene in board.scenes],
        "steps": [step.id for step in plan.steps],
        "seconds": plan.seconds,
        "notes": list(board.notes),
    }


def checked(console: Console, board: Storyboard, plan: Plan) -> None:
    """Show that a storyboard is right, and what it would make."""
    say(
        console,
        ("right", "green"),
        f": {board.title}, {counted(len(board.scenes), 'scene')}, {counted(len(plan.steps), 'request')}, "
        f"{plan.seconds:g} s, about {dollars(plan.ticks)} when nothing is in the vault",
    )
    _notes(console, board)


def plan(console: Console, plan: Plan, outlook: Sequence[Forecast], service: ServiceName) -> None:
    """Show each step with what a run would do, and the sum."""
    board = plan.board
    say(console, (board.title, "bold"), f"  {plan.seconds:g} s, {counted(len(plan.timeline.picture), 'scene')}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("step", no_wrap=True)
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("price", justify="right")
    table.add_column("why", overflow="fold")
    for each in outlook:
        style = OUTLOOK_STYLE[each.outlook]
        verb = "buy" if each.outlook == "follows" else each.outlook
        table.add_row(
            Text(each.step.id),
            Text(verb, style=style),
            f"{each.step.bought_seconds:g}" if each.step.kind != "still" else "still",
            Text(dollars(each.step.ticks), style="" if each.buys else "dim"),
            Text(each.why),
        )
    console.print(table)
    totals = plan_totals(plan, outlook)
    say(
        console,
        (f"to buy: {counted(totals.buy, 'request')}, {_amount(totals.usd)}", "bold"),
        f"   reused: {totals.reuse}, {_amount(totals.saved_usd)} saved",
        "   (sandbox: nothing is billed)" if service == "sandbox" else "   (the real API)",
    )
    if board.budget_ticks is not None and totals.usd > usd(board.budget_ticks):
        over = f"over the budget of {dollars(board.budget_ticks)}"
        say(console, (over, "red"), ": a run would stop before passing it")
    _notes(console, board)


def takes(console: Console, data: TakesData) -> None:
    """Show the takes of a storyboard, each with the line that chooses it again."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("step", "state", "age"):
        table.add_column(name, no_wrap=True)
    for name in ("seconds", "estimate", "charged"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("to choose it")
    for take in data.takes:
        clip = take.state in ("clip", "missing")
        chosen = f"pin: {in_yaml(take.request_id)}" if clip and take.request_id is not None else take.why
        table.add_row(
            Text(take.step),
            Text(f"{take.state}, used", style="green") if take.used else Text(take.state),
            _age(take.age_s),
            f"{take.seconds:g}" if clip and take.seconds else "",
            _amount(take.estimated_usd),
            _amount(take.charged_usd) if take.charged_usd is not None else "",
            Text("; ".join(filter(None, [chosen, _twice(take)]))),
        )
    console.print(table)
    for scene in data.scenes:
        if scene.takes:
            say(console, f"{scene.scene}: {sums(scene, [take for take in data.takes if take.scene == scene.scene])}")
    say(console, (sums(data.totals, data.takes), "bold"), f" ({data.service})")
    for damaged in data.damaged:
        say(console, (damaged, "red"))


def sums(totals: Totals | SceneTotals, takes: Sequence[TakeData]) -> str:
    """Return what some takes came to, as a person reads it: a charge that nobody told is called just that."""
    charged = f"{_amount(totals.charged_usd)} charged"
    if all(take.charged_usd is None for take in takes):
        free = all(take.state in UNPAID for take in takes)
        charged = "nothing charged" if free else "charge not told"
        if free and not totals.estimated_usd:
            return f"{counted(totals.takes, 'take')}, {charged}"
    return f"{counted(totals.takes, 'take')}, {charged}, {_amount(totals.estimated_usd)} estimated"


def _twice(take: TakeData) -> str:
    """Return what is odd about a take that another step has too; empty where nothing is."""
    if take.same_request_as is not None:
        return f"the same request as {take.same_request_as}, in the sums once"
    if take.same_file_as is not None:
        return f"the same file as {take.same_file_as}: report both to the service"
    return ""


def _age(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _amount(usd: float) -> str:
    return dollars(round(usd * TICKS_PER_USD))


def _notes(console: Console, board: Storyboard) -> None:
    for note in board.notes:
        console.print(Text(f"note: {note}", style="yellow"))


def print_json(data: Mapping[str, Any] | BaseModel) -> None:
    """Print data as JSON that a person can read, too."""
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    print(json.dumps(plain, indent=2, ensure_ascii=False))
