"""
Show what a run would do and cost: `storyreel plan`.
"""

from __future__ import annotations

import asyncio

from storyreel.catalog import load_catalog
from storyreel.cli import render
from storyreel.cli.approve import with_review
from storyreel.cli.arguments import Board, Json, Only, Redo, Rehearse, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.planning.steps import within
from storyreel.production.approval.status import approve_command
from storyreel.production.outlook import forecast
from storyreel.production.pins import noted
from storyreel.production.read import read_plan
from storyreel.production.selectors import steps_named
from storyreel.production.service import service_asked
from storyreel.settings import read_settings
from storyreel.vault import open_vault


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
    settings = read_settings()
    catalog = load_catalog(settings.catalog)
    _, planned = read_plan(board, catalog, only)
    opened = open_vault(vault or settings.vault, cache=settings.cache)
    service = asyncio.run(service_asked(settings, catalog, opened, sandbox=sandbox))
    planned = asyncio.run(noted(planned, opened, service))
    outlook = asyncio.run(
        forecast(planned, opened, service, allowed=within(planned, only), redo=steps_named(planned, redo))
    )
    how = approve_command(board, only=only, vault=vault, sandbox=sandbox)
    planned, outlook = asyncio.run(with_review(planned, outlook, opened, service, only, how))
    if as_json:
        print_json(render.plan_json(planned, outlook, service))
    else:
        render.plan(Screen(), planned, outlook, service)
    return 0
