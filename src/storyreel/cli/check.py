"""
Check a storyboard: `storyreel check`.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.arguments import Board, Json
from storyreel.cli.errors import Screen
from storyreel.cli.render import notes, print_json
from storyreel.console import counted, say
from storyreel.errors import StoryboardError
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.model.storyboard import Storyboard
from storyreel.production.prepare import read_plan
from storyreel.settings import read_settings


def check(board: Board, /, *, as_json: Json = False) -> int:
    """
    Check a storyboard: every problem at once, each with its place and what to do. Nothing is sent.

    Example: storyreel check storyboards/lighthouse.yaml
    """
    try:
        storyboard, planned = read_plan(board, load_catalog(read_settings().catalog))
    except StoryboardError as error:
        if as_json:
            print_json(problems_json(error))
            return error.exit_code
        raise
    if as_json:
        print_json(checked_json(storyboard, planned))
    else:
        checked(Screen(), storyboard, planned)
    return 0


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
    notes(console, board)
