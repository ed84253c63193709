"""
What the commands show: a storyboard's problems, a plan with its prices, and the same as data.

The shape of the JSON is kept in docs: plan.schema.json, check.schema.json, takes.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

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
from storyreel.vault.costs import UNPAID

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
        (f"to buy: {counted(totals['buy'], 'request')}, {_amount(totals['usd'])}", "bold"),
        f"   reused: {totals['reuse']}, {_amount(totals['saved_usd'])} saved",
        "   (sandbox: nothing is billed)" if service == "sandbox" else "   (the real API)",
    )
    if board.budget_ticks is not None and totals["usd"] > usd(board.budget_ticks):
        over = f"over the budget of {dollars(board.budget_ticks)}"
        say(console, (over, "red"), ": a run would stop before passing it")
    _notes(console, board)


def plan_totals(plan: Plan, outlook: Sequence[Forecast]) -> dict[str, Any]:
    """Return how many requests would be bought and for how much, and what is saved by reusing."""
    buy = [each for each in outlook if each.buys]
    reused = [each for each in outlook if each.outlook in ("reuse", "fetch", "wait")]
    return {
        "steps": len(plan.steps),
        "buy": len(buy),
        "reuse": len(reused),
        "usd": usd(sum(each.step.ticks for each in buy)),
        "saved_usd": usd(sum(each.step.ticks for each in reused)),
        "seconds": plan.seconds,
    }


def plan_json(plan: Plan, outlook: Sequence[Forecast], service: ServiceName) -> dict[str, Any]:
    """Return a plan as data: steps, cut list, totals."""
    return {
        "version": 1,
        "slug": plan.board.slug,
        "title": plan.board.title,
        "service": service,
        "steps": [
            {
                "id": each.step.id,
                "scene": each.step.scene,
                "kind": each.step.kind,
                "outlook": each.outlook,
                "why": each.why,
                "needs": list(each.step.needs),
                "operation": each.step.recipe.operation,
                "body": each.step.recipe.body,
                "take": each.step.recipe.take,
                "seconds": each.step.seconds,
                "bought_seconds": each.step.bought_seconds,
                "usd": usd(each.step.ticks),
                "request_id": each.request_id,
            }
            for each in outlook
        ],
        "cut": [
            {
                "scene": shot.scene,
                "step": shot.step,
                "file": shot.footage.path.name if shot.footage else None,
                "start": shot.start,
                "end": shot.end,
                "parts": [asdict(credit) for credit in shot.credits],
            }
            for shot in plan.timeline.picture
        ],
        "totals": plan_totals(plan, outlook),
        "notes": list(plan.board.notes),
    }


def takes(console: Console, costs: dict[str, Any]) -> None:
    """Show the takes of a storyboard, each with the line that chooses it again."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("step", "state", "age"):
        table.add_column(name, no_wrap=True)
    for name in ("seconds", "estimate", "charged"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("to choose it")
    for take in costs["takes"]:
        clip = take["state"] in ("clip", "missing")
        table.add_row(
            Text(take["step"]),
            Text(f"{take['state']}, used", style="green") if take["used"] else Text(take["state"]),
            _age(take["age_s"]),
            f"{take['seconds']:g}" if clip and take["seconds"] else "",
            _amount(take["estimated_usd"]),
            _amount(take["charged_usd"]) if take["charged_usd"] is not None else "",
            Text(
                "; ".join(filter(None, [f"pin: {in_yaml(take['request_id'])}" if clip else take["why"], _twice(take)]))
            ),
        )
    console.print(table)
    for scene in costs["scenes"]:
        if scene["takes"]:
            say(
                console,
                f"{scene['scene']}: {_charged(scene, [t for t in costs['takes'] if t['step'].partition('/')[0] == scene['scene']])}",
            )
    say(console, (_charged(costs["totals"], costs["takes"]), "bold"), f" ({costs['service']})")
    for damaged in costs["damaged"]:
        say(console, (damaged, "red"))


def _charged(sums: dict[str, Any], takes: Sequence[dict[str, Any]]) -> str:
    charged = f"{_amount(sums['charged_usd'])} charged"
    if all(take["charged_usd"] is None for take in takes):
        free = all(take["state"] in UNPAID for take in takes)
        charged = "nothing charged" if free else "charge not told"
        if free and not sums["estimated_usd"]:
            return f"{counted(sums['takes'], 'take')}, {charged}"
    return f"{counted(sums['takes'], 'take')}, {charged}, {_amount(sums['estimated_usd'])} estimated"


def _twice(take: dict[str, Any]) -> str:
    """Return what is odd about a take that another step has too; empty where nothing is."""
    if take["same_request_as"] is not None:
        return f"the same request as {take['same_request_as']}, in the sums once"
    if take["same_file_as"] is not None:
        return f"the same file as {take['same_file_as']}: report both to the service"
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


def print_json(data: dict[str, Any]) -> None:
    """Print data as JSON that a person can read, too."""
    print(json.dumps(data, indent=2, ensure_ascii=False))
