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
from storyreel.plan import within
from storyreel.settings import read_settings
from storyreel.studio.budget import budget_ticks
from storyreel.studio.cutting import check_out
from storyreel.studio.inputs import Inputs
from storyreel.studio.names import steps_named
from storyreel.studio.reading import read_plan
from storyreel.studio.service import call
from storyreel.studio.stopping import answers_first
from storyreel.studio.studio import Studio
from storyreel.vault import open_vault


@asynccontextmanager
async def open_studio(
    storyboard: str,
    *,
    run: str,
    only: Sequence[str] = (),
    redo: Sequence[str] = (),
    budget: float | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
) -> AsyncIterator[Studio]:
    """
    Open the studio for one run.

    Args:
        storyboard: Path of the storyboard.
        run: The run's own id, the same when it is tried again: Prefect's flow run id.
        only: Scenes that may be bought; all if empty.
        redo: Steps or scenes to be made again.
        budget: US dollars that this run may spend. Else the storyboard's; else 10 on the real API.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for the film; else STORYREEL_OUT.
        sandbox: Rehearse: nothing is generated, nothing is billed.

    Raises:
        StoryboardError, SettingsError: Something that was given is wrong.
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
        VaultError: The vault cannot be used.
    """
    settings = read_settings()
    settings = replace(settings, vault=vault or settings.vault, out=Path(out) if out else settings.out)
    catalog = load_catalog(settings.catalog)
    board, planned = read_plan(Path(storyboard), catalog, only)
    named = steps_named(planned, redo)
    kept = open_vault(settings.vault, cache=settings.cache)
    check_out(settings.out)
    with answers_first():
        async with call(settings, catalog, sandbox=sandbox) as client:
            service = await client.service()
            ask = await kept.ask(run)
            yield Studio(
                plan=planned,
                catalog=catalog,
                vault=kept,
                client=client,
                service=service.name,
                team=service.team,
                ask=ask,
                till=run,
                budget_ticks=budget_ticks(board, budget, service.name),
                redo=named,
                allowed=within(planned, only),
                out=settings.out,
                sandbox=sandbox,
                inputs=Inputs(kept, client, service.name, planned.files),
                _slots=asyncio.Semaphore(catalog.jobs_in_flight),
            )
