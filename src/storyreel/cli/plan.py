"""
Show what a run would do and cost: `storyreel plan`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.text import Text

from storyreel.cli.approve import with_review
from storyreel.cli.arguments import Board, Json, Rehearsals, VaultAddress, switch
from storyreel.cli.errors import Screen
from storyreel.cli.rehearsal import caption_notes
from storyreel.cli.render import amount, notes, print_json, print_prose, print_table
from storyreel.console import counted, say
from storyreel.model.drawn import Card, HeldPicture
from storyreel.model.joints import Joint
from storyreel.model.money import dollars, usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Scene
from storyreel.model.timeline import NOMINAL
from storyreel.production.approval.status import approve_command
from storyreel.production.frame_sources import begins_on
from storyreel.production.outlook import Forecast, forecast
from storyreel.production.pins import noted
from storyreel.production.plan_data import plan_data, plan_totals
from storyreel.production.prepare import Prepared, prepare
from storyreel.production.service import service_asked


def plan(
    board: Board,
    /,
    *,
    only: Annotated[
        tuple[str, ...], switch("--only", "Plan this scene only, and what it continues. May be repeated.")
    ] = (),
    redo: Annotated[
        tuple[str, ...],
        switch(
            "--redo",
            "Plan as if this scene, step or member of the cast were made again: climb, climb/extend-2, mira. What continues "
            "it follows. May be repeated.",
        ),
    ] = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    as_json: Json = False,
) -> int:
    """
    Show what a run would buy, reuse and cost, step by step. Nothing is sent, and no key is needed.

    Example: storyreel plan storyboards/lighthouse.yaml --redo climb
    """
    ready = prepare(board, only=only, redo=redo, vault=vault, root=Path.cwd())
    how = approve_command(board, only=only, vault=vault, sandbox=sandbox)
    planned, outlook, service = asyncio.run(_laid_over_the_vault(ready, how, sandbox))
    if as_json:
        print_json(plan_data(planned, outlook, service))
    else:
        show(Screen(), planned, outlook, service)
    return 0


async def _laid_over_the_vault(
    ready: Prepared, how: str, sandbox: bool
) -> tuple[Plan, tuple[Forecast, ...], ServiceName]:
    """Return a plan with its notes, what a run would do with each step, and whose takes that is laid over."""
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    plan = await noted(ready.plan, ready.vault, service)
    if service == "sandbox":
        plan = replace(plan, notes=(*plan.notes, *caption_notes(plan)))
    outlook = await forecast(plan, ready.vault, service, allowed=ready.allowed, redo=ready.redo)
    return *await with_review(plan, outlook, ready.vault, service, ready.only, how), service


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


def show(console: Console, plan: Plan, outlook: Sequence[Forecast], service: ServiceName) -> None:
    """Show each step with what a run would do, and the sum."""
    board, what = plan.board, "shot" if plan.timeline.is_cut else "scene"
    say(console, (board.title, "bold"), f"  {round(plan.seconds, 2):g} s, {counted(len(plan.timeline.picture), what)}")
    rows = [
        [
            Text(each.step.id),
            Text("buy" if each.outlook == "follows" else each.outlook, style=OUTLOOK_STYLE[each.outlook]),
            Text(f"{each.step.bought_seconds:g}" if each.step.kind != "still" else "still"),
            Text(dollars(each.step.ticks), style="" if each.buys else "dim"),
            Text(_why(plan, each)),
        ]
        for each in outlook
    ]
    drawn = [
        [
            Text(scene.id),
            Text(scene.mode, style="green"),
            Text(f"{scene.seconds:g}"),
            Text("free", style="dim"),
            Text(_drawn(scene)),
        ]
        for scene in board.scenes
        if scene.drawn is not None and scene.id in {shot.scene for shot in plan.timeline.picture}
    ]
    print_table(console, ("step", "", "seconds", "price", "why"), rows + drawn, numbers=("seconds", "price"))
    if plan.timeline.is_cut:
        _show_cut(console, plan)
    totals = plan_totals(plan, outlook)
    print_prose(
        console,
        (f"to buy: {counted(totals.buy, 'request')}, {amount(totals.usd)}", "bold"),
        f"   reused: {totals.reuse}, {amount(totals.saved_usd)} saved",
        "   (sandbox: nothing is billed)" if service == "sandbox" else "   (the real API)",
    )
    if board.budget_ticks is not None and totals.usd > usd(board.budget_ticks):
        over = f"over the budget of {dollars(board.budget_ticks)}"
        say(console, (over, "red"), ": a run would stop before passing it")
    notes(console, *(note.line for note in board.notes), *plan.notes)


def _why(plan: Plan, step: Forecast) -> str:
    """Return why a run would do what it does with a step, and on which frame of another scene it begins."""
    frame = begins_on(plan, step.step)
    return step.why if frame is None else f"{step.why}; begins on {frame.scene} at {frame.at} s"


def _drawn(scene: Scene) -> str:
    """Return what is drawn of a scene, in a few words."""
    if scene.drawn is None:
        return ""
    if isinstance(scene.drawn.what, Card):
        return f"drawn: {' '.join(scene.drawn.what.text.split()) or 'a plain card'}"
    assert isinstance(scene.drawn.what, HeldPicture), "a scene of a storyboard is no placeholder"
    held = scene.drawn.what
    return f"drawn: {held.footage.path.name}" + (f", {held.move}" if scene.drawn.moves else "")


def _show_cut(console: Console, plan: Plan) -> None:
    """Show the shots of the film: when each begins, what it shows of its clip, and how it follows the one before it."""
    at, joints = Fraction(0), plan.timeline.joints
    rows = []
    for shot, joint, reach in zip(plan.timeline.picture, joints, plan.timeline.reaches, strict=False):
        at -= joint.overlap / NOMINAL if joint is not None else 0
        start, end = shot.within(shot.source.seconds)
        shown = "all" if shot.is_whole else f"{start:g} to {end:g} s"
        shown += f", {float(shot.speed):g} times as fast" if shot.speed != 1 else ""
        seconds = reach.shown / NOMINAL
        rows.append([f"{float(at):.2f}", shot.scene, shown, f"{float(seconds):.2f}", _joint(joint) or "cut"])
        at += seconds
    rows.append([f"{float(at):.2f}", "", "", "", _joint(joints[-1]) or "the end"])
    heads = ("at", "shot", "of its clip", "seconds", "follows by")
    print_table(console, heads, [[Text(cell) for cell in row] for row in rows], numbers=("at", "seconds"))


def _joint(joint: Joint | None) -> str:
    if joint is None:
        return ""
    handles, overlap = (
        f"{frames / float(NOMINAL):.2g} s" for frames in (joint.handle_out + joint.handle_in, joint.overlap)
    )
    words = [f"{joint.kind} {joint.frames / float(NOMINAL):.2g} s"]
    if not joint.is_fade:
        words += [f"{handles} of it from beyond the cut"] if joint.handle_out + joint.handle_in else []
        words += [f"the film is {overlap} shorter"] if joint.overlap else []
    return "; ".join(words)
