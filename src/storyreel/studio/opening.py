"""
Open the studio for one run: read the storyboard, check every name, find out who is asked, and which ask this is.

Everything that can be wrong is told here, before anything is bought.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from storyreel.catalog import load_catalog
from storyreel.errors import CrashedTooOften
from storyreel.plan import within
from storyreel.settings import read_settings, vault_from
from storyreel.studio.budget import budget_ticks
from storyreel.studio.cutting import check_out
from storyreel.studio.inputs import Inputs
from storyreel.studio.names import steps_named
from storyreel.studio.reading import read_plan
from storyreel.studio.service import call
from storyreel.studio.stopping import answers_first
from storyreel.studio.studio import Studio
from storyreel.vault import Ask, Vault, open_vault

MOST_TIMES = 5
"""How often one ask is begun before it is not taken up again by itself, and a person has to look at it."""


TAKEN_UP = "Taken up again after a crash"
"""What the state of a run begins with that no person has retried: it may buy nothing that a person's Retry may."""


@asynccontextmanager
async def open_studio(
    storyboard: str,
    *,
    run: str,
    taken_up: bool = False,
    only: Sequence[str] = (),
    redo: Sequence[str] = (),
    budget: float | None = None,
    till: str | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
) -> AsyncIterator[Studio]:
    """
    Open the studio for one run.

    Args:
        storyboard: Path of the storyboard.
        run: The run's own id, the same when it is tried again: Prefect's flow run id.
        taken_up: Whether it is run again because it crashed, and not because a person said so.
        only: Scenes that may be bought; all if empty.
        redo: Steps or scenes to be made again.
        budget: US dollars that this run may spend. Else the storyboard's; else 10 on the real API.
        till: Name of the till that the budget bounds, if it is shared with other runs; else it is this run's own.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for the film; else STORYREEL_OUT.
        sandbox: Rehearse: nothing is generated, nothing is billed.

    Raises:
        StoryboardError, SettingsError: Something that was given is wrong.
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
        VaultError: The vault cannot be used.
        CrashedTooOften: The run was taken up again too often without coming to an end.
    """
    settings = read_settings()
    settings = replace(settings, out=settings.root / (out or settings.out))
    catalog = load_catalog(settings.catalog)
    board, planned = read_plan(Path(storyboard), catalog, only, settings.root)
    named = steps_named(planned, redo)
    kept = open_vault(vault_from(settings.root, vault or settings.vault), cache=settings.cache)
    check_out(settings.out)
    with answers_first():
        async with call(settings, catalog, sandbox=sandbox) as client:
            service = await client.service()
            ask = await begun(kept, run, taken_up=taken_up)
            yield Studio(
                plan=planned,
                catalog=catalog,
                vault=kept,
                client=client,
                service=service.name,
                team=service.team,
                ask=ask,
                till=till or run,
                budget_ticks=budget_ticks(board, budget, service.name, shared=till is not None),
                redo=named,
                allowed=within(planned, only),
                out=settings.out,
                sandbox=sandbox,
                inputs=Inputs(kept, client, service.name, planned.files),
                _slots=asyncio.Semaphore(catalog.jobs_in_flight),
            )


async def begun(vault: Vault, run: str, *, taken_up: bool = False) -> Ask:
    """
    Return the ask that a run is in, and note that it is begun (again).

    A run may crash when its summary is written and Prefect does not know yet. Taken up again, it is still in that ask: a
    new one would be a person's Retry, and could buy again what had failed.

    Raises:
        CrashedTooOften: It was taken up so often without a summary that something is wrong. Nothing was sent.
    """
    ask = await vault.ask(run)
    if taken_up and ask.k and not await vault.times_begun(ask):
        ask = Ask(run_id=run, k=ask.k - 1)
    if await vault.begin(ask) <= MOST_TIMES or not taken_up:
        return ask
    why = f"this run was begun {MOST_TIMES} times and never came to its end, so it is not taken up again by itself"
    # With a summary the next try is a person's, and counted anew.
    await vault.close_ask(ask, {"run": why})
    raise CrashedTooOften(f"{why}; nothing is lost. See the worker's log for why it ended, then retry this run")
