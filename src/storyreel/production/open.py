"""
Open the studio for one run: read the storyboard, check every name, find out who is asked, and which ask this is.

Everything that can be wrong is told here, before anything is bought.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from storyreel.catalog import Catalog, load_catalog
from storyreel.delivery.places import check_out
from storyreel.errors import CrashedTooOften, StoryreelError, VaultError
from storyreel.imagine import Imagine, Service
from storyreel.model.plan import Plan
from storyreel.planning.steps import within
from storyreel.production.attachments import Inputs
from storyreel.production.budget import budget_ticks
from storyreel.production.pins import look_up_pins
from storyreel.production.read import read_plan
from storyreel.production.selectors import steps_named
from storyreel.production.service import NOT_ASKED, call, nobody, remember, with_every_clip
from storyreel.production.session import Session
from storyreel.production.shutdown import answers_first
from storyreel.settings import Settings, read_settings, vault_from
from storyreel.vault import Ask, Vault, open_vault

MOST_TIMES = 5
"""How often one ask is begun before it is not taken up again by itself, and a person has to look at it."""


TAKEN_UP = "Taken up again after a crash"
"""What the state of a run begins with that no person has retried: it may buy nothing that a person's Retry may."""


@asynccontextmanager
async def open_session(
    storyboard: str,
    *,
    run: str,
    taken_up: bool = False,
    bought_into: str | None = None,
    before_claim: Callable[[str], Awaitable[None]] | None = None,
    only: Sequence[str] = (),
    redo: Sequence[str] = (),
    budget: float | None = None,
    till: str | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
) -> AsyncIterator[Session]:
    """
    Open the studio for one run.

    Args:
        storyboard: Path of the storyboard.
        run: The run's own id, the same when it is tried again: Prefect's flow run id.
        taken_up: Whether it is run again because it crashed, and not because a person said so.
        bought_into: The address of the vault that this run has bought into when it was begun before; None if it has not.
        before_claim: Told the vault's address before each claim; what it raises keeps the claim from being made.
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
        VaultError: The vault cannot be used, or is another one than this run has bought into.
        CrashedTooOften: The run was taken up again too often without coming to an end.
    """
    settings = read_settings()
    settings = replace(settings, out=settings.root / (out or settings.out))
    catalog = load_catalog(settings.catalog)
    board, planned = read_plan(Path(storyboard), catalog, only, settings.root)
    named = steps_named(planned, redo)
    opened = open_vault(vault_from(settings.root, vault or settings.vault), cache=settings.cache)
    if bought_into not in (None, opened.address):
        raise VaultError(
            f"this run has bought takes into the vault {bought_into}, and here it would buy them again into {opened.address}: "
            "nothing was sent. Retry it where STORYREEL_VAULT names the former, or start a new run for the latter"
        )
    check_out(settings.out, board.slug)
    with answers_first():
        client, service, unasked = await _reached(settings, catalog, planned, opened, redo=named, sandbox=sandbox)
        async with client:
            await look_up_pins(planned, opened, service.name)
            ask = await begun(opened, run, taken_up=taken_up)
            yield Session(
                plan=planned,
                catalog=catalog,
                vault=opened,
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
                inputs=Inputs(opened, client, service.name, planned.files),
                settings=settings,
                slots=asyncio.Semaphore(catalog.jobs_in_flight),
                unasked=unasked,
                before_claim=before_claim,
            )


async def _reached(
    settings: Settings, catalog: Catalog, plan: Plan, vault: Vault, *, redo: Collection[str], sandbox: bool
) -> tuple[Imagine, Service, StoryreelError | None]:
    """
    Ask the service who it is. Where it cannot be asked and every step has its clip, the film is cut all the same.

    Returns:
        A client, who answers, and why nobody was asked if nobody was.
    """
    try:
        client = call(settings, catalog, sandbox=sandbox)
        try:
            service = await client.service()
        except BaseException:
            await client.__aexit__(None, None, None)
            raise
        if not sandbox:
            await remember(settings, vault, service.name)
        return client, service, None
    except NOT_ASKED as error:
        name = None if redo or sandbox else await with_every_clip(plan, settings, vault)
        if name is None:
            raise
        return nobody(), Service(name, None), error


async def begun(vault: Vault, run: str, *, taken_up: bool = False) -> Ask:
    """
    Return the ask that a run is in, and note that it is begun (again).

    A run may crash when its summary is written and Prefect does not know yet. Taken up again, it is still in that ask: a
    new one would be a person's Retry, and could buy again what had failed.

    Raises:
        CrashedTooOften: It was taken up so often without a summary that something is wrong. Nothing was sent.
    """
    ask = await vault.asks.of(run)
    if taken_up and ask.k and not await vault.asks.times_begun(ask):
        ask = Ask(run_id=run, k=ask.k - 1)
    if await vault.asks.begin(ask) <= MOST_TIMES or not taken_up:
        return ask
    why = f"this run was begun {MOST_TIMES} times and never came to its end, so it is not taken up again by itself"
    # With a summary the next try is a person's, and counted anew.
    await vault.asks.close(ask, {"run": why})
    raise CrashedTooOften(f"{why}; nothing is lost. See the worker's log for why it ended, then retry this run")
