"""
Show what a run would do and cost: `storyreel plan`.
"""

from __future__ import annotations

import asyncio

from storyreel.cli import render
from storyreel.cli.approve import with_review
from storyreel.cli.arguments import Board, Json, Only, Redo, Rehearse, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.status import approve_command
from storyreel.production.outlook import Forecast, forecast
from storyreel.production.pins import noted
from storyreel.production.plan_data import plan_data
from storyreel.production.prepare import Prepared, prepare
from storyreel.production.service import service_asked


def plan(
    board: Board,
    /,
    *,
    only: Only = (),
    redo: Redo = (),
    vault: VaultAddress = None,
    sandbox: Rehearse = False,
    as_json: Json = False,
) -> int:
    """
    Show what a run would buy, reuse and cost, step by step. Nothing is sent, and no key is needed.

    Example: storyreel plan storyboards/lighthouse.yaml --redo climb
    """
    ready = prepare(board, only=only, redo=redo, vault=vault)
    how = approve_command(board, only=only, vault=vault, sandbox=sandbox)
    planned, outlook, service = asyncio.run(_laid_over_the_vault(ready, how, sandbox))
    if as_json:
        print_json(plan_data(planned, outlook, service))
    else:
        render.plan(Screen(), planned, outlook, service)
    return 0


async def _laid_over_the_vault(
    ready: Prepared, how: str, sandbox: bool
) -> tuple[Plan, tuple[Forecast, ...], ServiceName]:
    """Return a plan with its notes, what a run would do with each step, and whose takes that is laid over."""
    service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
    plan = await noted(ready.plan, ready.vault, service)
    outlook = await forecast(plan, ready.vault, service, allowed=ready.allowed, redo=ready.redo)
    return *await with_review(plan, outlook, ready.vault, service, ready.only, how), service
