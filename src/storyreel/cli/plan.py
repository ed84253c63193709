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
from storyreel.production.approval.status import approve_command
from storyreel.production.outlook import forecast
from storyreel.production.pins import noted
from storyreel.production.plan_data import plan_data
from storyreel.production.prepare import prepare
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
    opened = ready.vault
    service = asyncio.run(service_asked(ready.settings, ready.catalog, opened, sandbox=sandbox))
    planned = asyncio.run(noted(ready.plan, opened, service))
    outlook = asyncio.run(forecast(planned, opened, service, allowed=ready.allowed, redo=ready.redo))
    how = approve_command(board, only=only, vault=vault, sandbox=sandbox)
    planned, outlook = asyncio.run(with_review(planned, outlook, opened, service, only, how))
    if as_json:
        print_json(plan_data(planned, outlook, service))
    else:
        render.plan(Screen(), planned, outlook, service)
    return 0
