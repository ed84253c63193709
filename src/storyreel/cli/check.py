"""
Check a storyboard: `storyreel check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.arguments import Board, Json, Vars, given_vars
from storyreel.cli.errors import Screen
from storyreel.cli.render import notes, print_json
from storyreel.console import counted, say
from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.diagnostics.formats import as_github, as_sarif
from storyreel.errors import StoryboardError
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.model.storyboard import Storyboard
from storyreel.production.check_data import right_data, wrong_data
from storyreel.production.prepare import read_plan
from storyreel.settings import read_settings

Format = Literal["text", "json", "github", "sarif"]


def check(
    board: Board,
    /,
    *,
    var: Vars = (),
    as_json: Json = False,
    form: Annotated[
        Format,
        Parameter(
            name="--format",
            help="For people (text), for programs (json), for annotations of a pull request (github), for code "
            "scanners (sarif).",
        ),
    ] = "text",
) -> int:
    """
    Check a storyboard: every problem at once, each with its place and what to do. Nothing is sent.

    What a code in brackets means is said by `storyreel explain`.

    Example: storyreel check storyboards/lighthouse.yaml
    """
    try:
        storyboard, planned = read_plan(board, load_catalog(read_settings().catalog), given=given_vars(var))
    except StoryboardError as error:
        if as_json or form == "json":
            print_json(wrong_data(error.problems).model_dump(mode="json", exclude_none=True))
        elif form == "text":
            raise
        else:
            _annotate(form, error.problems)
        return error.exit_code
    if as_json or form == "json":
        print_json(right_data(planned).model_dump(mode="json", exclude_none=True))
    elif form == "text":
        checked(Screen(), storyboard, planned)
    else:
        _annotate(form, storyboard.notes)
    return 0


def _annotate(form: Literal["github", "sarif"], diagnostics: Sequence[Diagnostic]) -> None:
    if form == "sarif":
        print_json(as_sarif(diagnostics, version("storyreel")))
    elif diagnostics:
        print(as_github(diagnostics))


def checked(console: Console, board: Storyboard, plan: Plan) -> None:
    """Show that a storyboard is right, and what it would make."""
    say(
        console,
        ("right", "green"),
        f": {board.title}, {counted(len(board.scenes), 'scene')}, {counted(len(plan.steps), 'request')}, "
        f"{plan.seconds:g} s, about {dollars(plan.ticks)} when nothing is in the vault",
    )
    notes(console, *(note.line for note in board.notes))
