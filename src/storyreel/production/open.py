"""
Open a session for one run: find out who is asked, and which ask this is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from storyreel.delivery.places import check_out, places_of
from storyreel.errors import CrashedTooOften, SettingsError, StoryreelError, VaultError
from storyreel.imagine import Imagine, Service
from storyreel.model.events import both
from storyreel.production.attachments import Inputs
from storyreel.production.budget import budget_ticks
from storyreel.production.caller import Caller
from storyreel.production.film_log import logged
from storyreel.production.pins import look_up_pins
from storyreel.production.prepare import Prepared
from storyreel.production.reserve import Reserve, caps_of
from storyreel.production.service import NOT_ASKED, call, nobody, remember, with_every_clip
from storyreel.production.session import Session
from storyreel.production.set_aside import all_back
from storyreel.production.shutdown import answers_first
from storyreel.vault import Ask, Vault
from storyreel.vault.cap import is_days_till

MOST_TIMES = 5
"""How often one ask is begun before it is not taken up again by itself, and a person has to look at it."""


TAKEN_UP = "Taken up again after a crash"
"""What the state of a run begins with that no person has retried: it may buy nothing that a person's Retry may."""

NOBODY = Caller()
"""Whoever begins a run that nobody watches."""


@asynccontextmanager
async def open_session(
    prepared: Prepared,
    *,
    run: str,
    taken_up: bool = False,
    bought_into: str | None = None,
    before_claim: Callable[[str], Awaitable[None]] | None = None,
    till: str | None = None,
    partial: bool = False,
    sandbox: bool = False,
    caller: Caller = NOBODY,
) -> AsyncIterator[Session]:
    """
    Open a session for one run: find out who is asked, and which ask this is.

    Args:
        prepared: The storyboard, read.
        run: The run's own id, the same when it is tried again: Prefect's flow run id.
        taken_up: Whether it is run again because it crashed, and not because a person said so.
        bought_into: The address of the vault that this run has bought into when it was begun before; None if it has not.
        before_claim: Told the vault's address before each claim; what it raises keeps the claim from being made.
        till: Name of the till that the budget bounds, if it is shared with other runs; else it is this run's own.
        partial: Whether it may begin although it is known not to fit into its budget or a cap.
        sandbox: Rehearse: nothing is generated, nothing is billed.
        caller: Who watches the run, and is told of a SIGTERM.

    Raises:
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
        SettingsError: The till is called like one of a cap.
        VaultError: The vault is another one than this run has bought into.
        CrashedTooOften: The run was taken up again too often without coming to an end.
    """
    plan, vault, settings, catalog = prepared.plan, prepared.vault, prepared.settings, prepared.catalog
    if bought_into not in (None, vault.address):
        raise VaultError(
            f"this run has bought takes into the vault {bought_into}, and here it would buy them again into {vault.address}: "
            "nothing was sent. Retry it where STORYREEL_VAULT names the former, or start a new run for the latter"
        )
    if till is not None and is_days_till(till):
        raise SettingsError(f"till {till}: that is what the till of a day's cap is called; name another one")
    check_out(prepared.out, places_of(prepared.out, plan))
    with answers_first(caller.stop, caller.pass_on):
        client, service, unasked = await _reached(prepared, sandbox=sandbox)
        async with client, logged(prepared, service.name, run) as log:
            await look_up_pins(plan, vault, service.name)
            ask = await begun(vault, run, taken_up=taken_up)
            session = Session(
                plan=plan,
                catalog=catalog,
                vault=vault,
                client=client,
                service=service.name,
                team=service.team,
                ask=ask,
                till=till or run,
                budget_ticks=budget_ticks(plan.board, prepared.budget_ticks, service.name, shared=till is not None),
                reserve=Reserve(caps_of(settings)),
                redo=prepared.redo,
                allowed=prepared.allowed,
                out=prepared.out,
                sandbox=sandbox,
                inputs=Inputs(vault, client, service.name, plan.files),
                settings=settings,
                slots=asyncio.Semaphore(catalog.jobs_in_flight),
                unasked=unasked,
                partial=partial,
                before_claim=before_claim,
                watcher=both(log.event, caller.watcher),
            )
            try:
                yield session
            finally:
                await all_back(session)


async def _reached(prepared: Prepared, *, sandbox: bool) -> tuple[Imagine, Service, StoryreelError | None]:
    """
    Ask the service who it is. Where it cannot be asked and every step has its clip, the film is cut all the same.

    Returns:
        A client, who answers, and why nobody was asked if nobody was.
    """
    settings, vault = prepared.settings, prepared.vault
    try:
        client = call(settings, prepared.catalog, sandbox=sandbox)
        try:
            service = await client.service()
        except BaseException:
            await client.__aexit__(None, None, None)
            raise
        if not sandbox:
            await remember(settings, vault, service.name)
        return client, service, None
    except NOT_ASKED as error:
        name = None if prepared.redo or sandbox else await with_every_clip(prepared.plan, settings, vault)
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
