"""
Check storyboards: `storyreel check`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from storyreel.catalog import Catalog, load_catalog
from storyreel.cli.arguments import Boards, Json, Variants, Vars, given_vars, storyboards_named
from storyreel.cli.errors import Screen
from storyreel.cli.render import notes, print_json, show_wrong
from storyreel.console import counted, say
from storyreel.delivery.labels.manifest import check_signing
from storyreel.diagnostics.diagnostic import Diagnostic
from storyreel.diagnostics.formats import as_github, as_sarif
from storyreel.errors import StoryboardError
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.planning.alike import asked_once
from storyreel.production.check_data import checks_data, right_data, wrong_data
from storyreel.production.read_plan import read_plans
from storyreel.settings import read_settings

Format = Literal["text", "json", "github", "sarif"]


def check(
    boards: Boards,
    /,
    *,
    variant: Variants = (),
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

    Of several, each is checked, whatever is wrong with the others. What a code in brackets means is said by `storyreel explain`.

    Example: storyreel check storyboards/lighthouse.yaml

    Example: storyreel check storyboards
    """
    given, named = given_vars(var), storyboards_named(boards)
    catalogs: dict[Path | None, Catalog] = {}
    plans: dict[Path, tuple[Plan, ...]] = {}
    wrong: dict[Path, StoryboardError] = {}
    for board in named:
        try:
            own = read_settings(folder=Path.cwd() / board.parent).catalog
            catalog = catalogs[own] = catalogs.get(own) or load_catalog(own)
            plans[board] = read_plans(board, catalog, given=given, variant=variant)
        except StoryboardError as error:
            wrong[board] = error
    right = [plan for some in plans.values() for plan in some]
    check_signing(right)
    if as_json or form == "json":
        _print_data(named, plans, wrong)
    elif form == "text":
        _show(Screen(), right, wrong)
    else:
        notes_of = [note for plan in right for note in plan.board.notes]
        _annotate(form, [*(problem for error in wrong.values() for problem in error.problems), *notes_of])
    return StoryboardError.exit_code if wrong else 0


def _print_data(
    named: Sequence[Path], plans: Mapping[Path, Sequence[Plan]], wrong: Mapping[Path, StoryboardError]
) -> None:
    right = [plan for some in plans.values() for plan in some]
    several = len(right) + len(wrong) > 1
    checked = [
        data
        for board in named
        for data in (
            [wrong_data(wrong[board].problems, str(board) if several else None)]
            if board in wrong
            else [right_data(plan, one_of_several=several) for plan in plans[board]]
        )
    ]
    data = checks_data(checked, right) if several else checked[0]
    print_json(data.model_dump(mode="json", exclude_none=True))


def _annotate(form: Literal["github", "sarif"], diagnostics: Sequence[Diagnostic]) -> None:
    if form == "sarif":
        print_json(as_sarif(diagnostics, version("storyreel")))
    elif diagnostics:
        print(as_github(diagnostics))


def _show(console: Console, right: Sequence[Plan], wrong: Mapping[Path, StoryboardError]) -> None:
    """Show what is right, what is wrong, and what all of it would make."""
    for at, plan in enumerate(right):
        heard = {note.line for other in right[:at] for note in other.board.notes}
        _checked(console, plan)
        notes(console, *(note.line for note in plan.board.notes if note.line not in heard))
    if len(wrong) == 1 and not right:
        raise next(iter(wrong.values()))
    show_wrong(Screen(stderr=True), wrong.values())
    if len(right) + len(wrong) > 1:
        requests, films = asked_once(right), [film for plan in right for film in plan.films]
        seconds, ticks = round(sum(film.seconds for film in films), 2), sum(step.ticks for step in requests)
        sums = [(f"{len(right)} right", "green"), *([(f", {len(wrong)} wrong", "red")] if wrong else [])]
        makes = f": {counted(len(films), 'film')}, {counted(len(requests), 'request')}, {seconds:g} s"
        say(console, *sums, makes, f", about {dollars(ticks)} when nothing is in the vault")


def _checked(console: Console, plan: Plan) -> None:
    """Show that a storyboard is right, and what it would make."""
    board, films = plan.board, f"{counted(len(plan.films), 'film')}, " if len(plan.films) > 1 else ""
    say(
        console,
        ("right", "green"),
        f": {board.title}{f' ({board.variant})' if board.variant else ''}, {counted(len(board.scenes), 'scene')}, {films}"
        f"{counted(len(plan.steps), 'request')}, {round(plan.films[0].seconds, 2):g} s, about {dollars(plan.ticks)} when nothing is in the vault",
    )
