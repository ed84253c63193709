"""
What was bought so far, and what a person has to say about it: the takes of a storyboard, and answers that were lost.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from storyreel.cli import render
from storyreel.cli.arguments import Board, Json, Rehearse, VaultAddress
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.console import say
from storyreel.errors import SettingsError
from storyreel.model.request_ids import typed
from storyreel.production.lost_answers import adopt, adopt_still, give_up, lost_attempt
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.production.selectors import step_named
from storyreel.production.service import call, service_asked
from storyreel.production.takes_data import TakesData, takes_data


def takes(board: Board, /, *, vault: VaultAddress = None, sandbox: Rehearse = False, as_json: Json = False) -> int:
    """
    List every take of a storyboard's steps: how it ended, what it cost, and the line that chooses it again.

    Example: storyreel takes storyboards/lighthouse.yaml
    """
    costs = takes_of(board, vault, sandbox)
    if as_json:
        print_json(costs)
    else:
        render.takes(Screen(), costs)
    return 0


def resolve_step(
    board: Path,
    name: str,
    request_id: str | None,
    file: Path | None,
    lost: bool,
    vault: str | None,
    sandbox: bool,
    console: Console,
) -> int:
    """
    Write down what became of a request whose answer was lost; return the exit code.

    Raises:
        SettingsError: Not exactly one thing was said of it, it does not fit the step, or there is nothing to resolve.
    """
    if [request_id is not None, file is not None, lost].count(True) != 1:
        raise SettingsError("say one thing of it: --request-id ID, --file PICTURE (a still), or --lost")
    ready = prepare(board, vault=vault)
    settings, catalog, plan, opened = ready.settings, ready.catalog, ready.plan, ready.vault
    step = step_named(plan, name)
    if request_id is not None and step.kind == "still":
        raise SettingsError(f"{step.id} is a still, which has no request id: give the picture with --file, or --lost")
    if file is not None and step.kind != "still":
        raise SettingsError(f"{step.id} is no still: give its --request-id, or --lost")

    async def written_down() -> str | None:
        service = await service_asked(settings, catalog, opened, sandbox=sandbox)
        outlook = await forecast(plan, opened, service, allowed={s.id for s in plan.steps})
        attempt = await lost_attempt(outlook, opened, service, step)
        if lost and attempt.doubtful_id is None:
            await give_up(opened, attempt)
        elif lost:
            async with call(settings, catalog, sandbox=sandbox) as client:
                return await give_up(opened, attempt, client)
        elif file is not None:
            await adopt_still(opened, step, attempt, file)
        elif request_id is not None:
            async with call(settings, catalog, sandbox=sandbox) as client:
                await adopt(opened, client, attempt, typed(request_id))
        return None

    if (turned_up := asyncio.run(written_down())) is not None:
        say(console, f"{step.id}: not lost: the service knows {turned_up}; the next run goes on from it")
        return 0
    became = "lost; the next run may send it again" if lost else f"{request_id or file}; the next run goes on from it"
    say(console, f"{step.id}: written down as {became}")
    return 0


def takes_of(board: Path, vault: str | None, sandbox: bool) -> TakesData:
    """Return every attempt at the steps of a storyboard, oldest first."""
    ready = prepare(board, vault=vault)

    async def read() -> TakesData:
        service = await service_asked(ready.settings, ready.catalog, ready.vault, sandbox=sandbox)
        return await takes_data(ready.plan, ready.vault, service)

    return asyncio.run(read())
