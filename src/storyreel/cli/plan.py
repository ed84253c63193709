"""
Show what a run would do and cost: `storyreel plan`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from storyreel.cli.arguments import (
    Boards,
    Json,
    Rehearsals,
    Variants,
    Vars,
    VaultAddress,
    given_vars,
    storyboards_named,
    switch,
)
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.cli.graph import mermaid
from storyreel.cli.plan_films import show_budget, show_films
from storyreel.cli.plan_screen import show
from storyreel.cli.rehearsal import caption_notes
from storyreel.cli.render import print_json, show_wrong
from storyreel.console import say
from storyreel.errors import SettingsError, StoryboardError
from storyreel.production.approval.planned import with_review
from storyreel.production.approval.status import approve_command
from storyreel.production.film_sums import film_sums
from storyreel.production.prepare import Prepared, prepare_all
from storyreel.production.service import service_asked
from storyreel.production.top_sheet import TopSheet, top_sheet


def plan(
    boards: Boards,
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
    variant: Variants = (),
    deliver: Annotated[
        tuple[str, ...],
        switch("--deliver", "Plan this film only, one of `deliver`; master: the storyboard's own. May be repeated."),
    ] = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    graph: Annotated[
        Literal["mermaid"] | None, Parameter(help="Print what is made from what as a graph, for Mermaid to draw.")
    ] = None,
    as_json: Json = False,
) -> int:
    """
    Show what a run would buy, reuse and cost, step by step, and why. Nothing is sent, and no key is needed.

    Of several storyboards, or of the variants of one, the films are summed up below: what several of them need is counted once. The
    exit code is 2 where something is wrong with one; the others are shown all the same.

    Example: storyreel plan storyboards/lighthouse.yaml --redo climb

    Example: storyreel plan storyboards
    """
    if graph is not None and as_json:
        raise SettingsError("--graph and --json: say one of them")
    named = storyboards_named(boards)
    ready: list[Prepared] = []
    wrong: dict[str, StoryboardError] = {}
    for board in named:
        try:
            ready += prepare_all(
                board,
                only=only,
                redo=redo,
                variant=variant,
                deliver=deliver,
                vault=vault,
                root=Path.cwd(),
                given=given_vars(var),
                to_look=True,
            )
        except StoryboardError as error:
            if len(named) == 1:
                raise
            wrong[str(board)] = error
    sheets = asyncio.run(_laid_over_the_vault(ready, vault, sandbox))
    if as_json:
        _print_data(sheets, wrong)
    elif graph is not None:
        print(mermaid({sheet.plan.board.slug: sheet.outlook for sheet in sheets}))
    else:
        _show_all(sheets)
    if not as_json:
        show_wrong(Screen(stderr=True), wrong.values())
    return StoryboardError.exit_code if wrong else 0


def _print_data(sheets: Sequence[TopSheet], wrong: Mapping[str, StoryboardError]) -> None:
    # To build the shapes of the data takes a thirtieth of a small plan's CPU, and most plans are looked at.
    from storyreel.production.plan_data import plan_data
    from storyreel.production.plans_data import plans_data

    if len(sheets) == 1 and not wrong:
        print_json(plan_data(sheets[0]))
    else:
        print_json(plans_data(sheets, film_sums(sheets), wrong))


def _show_all(sheets: Sequence[TopSheet]) -> None:
    console = Screen()
    runs = Counter(sheet.plan.board.path for sheet in sheets)
    for at, sheet in enumerate(sheets):
        show(console, sheet, sheets[:at], has_a_budget=runs[sheet.plan.board.path] == 1)
        if len(sheets) > 1:
            say(console, "")
    if len(sheets) > 1:
        show_films(console, film_sums(sheets))
    for run in (path for path, many in runs.items() if many > 1):
        show_budget(console, [sheet for sheet in sheets if sheet.plan.board.path == run])


async def _laid_over_the_vault(ready: Sequence[Prepared], vault: str | None, sandbox: bool) -> tuple[TopSheet, ...]:
    """Return plans laid over the vault, with notes on what is to be approved and on what a rehearsal cannot show."""
    sheets = []
    for opened in {each.vault.address: each.vault for each in ready}.values():
        await say_if_closed(opened)
    for each in ready:
        service = await service_asked(each.settings, each.catalog, each.vault, sandbox=sandbox)
        sheet = await top_sheet(each, service)
        notes = (*sheet.plan.notes, *(caption_notes(sheet.plan) if service == "sandbox" else ()))
        how = approve_command(each.plan, only=each.only, vault=vault, sandbox=sandbox)
        plan = replace(sheet.plan, notes=notes)
        plan, outlook = await with_review(plan, sheet.outlook, each.vault, service, each.only, how)
        sheets.append(replace(sheet, plan=plan, outlook=outlook))
    return tuple(sheets)
