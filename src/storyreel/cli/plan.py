"""
Show what a run would do and cost: `storyreel plan`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from storyreel.cli.arguments import Board, Json, Rehearsals, Vars, VaultAddress, given_vars, switch
from storyreel.cli.errors import Screen
from storyreel.cli.graph import mermaid
from storyreel.cli.plan_screen import show
from storyreel.cli.rehearsal import caption_notes
from storyreel.cli.render import print_json
from storyreel.errors import SettingsError
from storyreel.production.approval.planned import with_review
from storyreel.production.approval.status import approve_command
from storyreel.production.plan_data import plan_data
from storyreel.production.prepare import Prepared, prepare
from storyreel.production.service import service_asked
from storyreel.production.top_sheet import TopSheet, top_sheet


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

    Example: storyreel plan storyboards/lighthouse.yaml --redo climb
    """
    if graph is not None and as_json:
        raise SettingsError("--graph and --json: say one of them")
    ready = prepare(board, only=only, redo=redo, vault=vault, root=Path.cwd(), given=given_vars(var), to_look=True)
    how = approve_command(ready.plan.board, only=only, vault=vault, sandbox=sandbox)
    sheet = asyncio.run(_laid_over_the_vault(ready, how, sandbox))
    if as_json:
        print_json(plan_data(sheet))
    elif graph is not None:
        print(mermaid(sheet.outlook))
    else:
        show(Screen(), sheet)
    return 0


async def _laid_over_the_vault(ready: Prepared, how: str, sandbox: bool) -> TopSheet:
    """Return a plan laid over the vault, with notes on what is to be approved and on what a rehearsal cannot show."""
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    sheet = await top_sheet(ready, service)
    notes = (*sheet.plan.notes, *(caption_notes(sheet.plan) if service == "sandbox" else ()))
    plan = replace(sheet.plan, notes=notes)
    plan, outlook = await with_review(plan, sheet.outlook, ready.vault, service, ready.only, how)
    return replace(sheet, plan=plan, outlook=outlook)
