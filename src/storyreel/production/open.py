"""
Open a session for one run: find out who is asked, and which ask this is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Required, TypedDict, Unpack

from storyreel.delivery.labels.manifest import check_signing
from storyreel.delivery.places import check_out, places_of
from storyreel.errors import CrashedTooOften, SettingsError, StoryreelError
from storyreel.imagine import Imagine, Service
from storyreel.model.events import both
from storyreel.production.attachments import Inputs
from storyreel.production.budget import budget_of
from storyreel.production.caller import Caller
from storyreel.production.conclusion import Conclusion
from storyreel.production.film_log import logged
from storyreel.production.pins import look_up_pins
from storyreel.production.prepare import Prepared
from storyreel.production.reserve import Reserve, caps_of
from storyreel.production.same_vault import check_same_vault
from storyreel.production.service import NOT_ASKED, call, nobody, remember, with_every_clip
from storyreel.production.session import Retention, Session
from storyreel.production.set_aside import all_back
from storyreel.production.shutdown import answers_first
from storyreel.production.zero_retention import check_inbox
from storyreel.systems import check_shoots
from storyreel.vault import Ask, Vault
from storyreel.vault.cap import is_days_till

MOST_TIMES = 5
"""How often one ask is begun before it is not taken up again by itself, and a person has to look at it."""


TAKEN_UP = "Taken up again after a crash"
"""What the state of a run begins with that no person has retried: it may buy nothing that a person's Retry may."""

NOBODY = Caller()
"""Whoever begins a run that nobody watches."""


class Given(TypedDict, total=False):
    """
    What there is to say of a run beside the storyboards.

    `run` is its own id, the same when it is tried again: Prefect's flow run id. `taken_up` says that it is run again because it
    crashed, and not because a person said so. `bought_into` is the address of the vault that it has bought into when it was begun
    before. `before_claim` is told the vault's address before each claim; what it raises keeps the claim from being made. `till` is the
    name of the till that the budget bounds, if it is shared with other runs; else it is this run's own. `partial` says that it may
    begin although it is known not to fit into its budget or a cap, `sandbox` that it is a rehearsal: nothing is generated, nothing is
    billed. `caller` watches the run, and is told of a SIGTERM.
    """

    run: Required[str]
    taken_up: bool
    bought_into: str | None
    before_claim: Callable[[str], Awaitable[None]] | None
    till: str | None
    partial: bool
    sandbox: bool
    caller: Caller


@asynccontextmanager
async def open_session(prepared: Prepared, **given: Unpack[Given]) -> AsyncIterator[Session]:
    """
    Open a session for one run that makes one storyboard, or one variant of it; all else is as with `open_sessions`.
    """
    async with open_sessions([prepared], **given) as (session,):
        yield session


@asynccontextmanager
async def open_sessions(prepared: Sequence[Prepared], **given: Unpack[Given]) -> AsyncIterator[tuple[Session, ...]]:
    """
    Open a session for each variant that one run makes: find out who is asked, and which ask this is, once for all of them.

    They have a till, a budget, an ask, a client and places among the jobs in flight in common; each has its own plan, its own way
    through a gate, and its own log.

    Args:
        prepared: The storyboard as each variant has it, in their order; at least one.
        given: What else there is to say of the run.

    Raises:
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
        SettingsError: The till is called like one of a cap.
        VaultError: The vault is another one than this run has bought into, and that one has not moved here.
        VaultClosed: It has moved.
        CrashedTooOften: The run was taken up again too often without coming to an end.
    """
    check_shoots("to shoot")
    first = prepared[0]
    run, till, caller = given["run"], given.get("till"), given.get("caller", NOBODY)
    vault, settings, catalog, sandbox = first.vault, first.settings, first.catalog, given.get("sandbox", False)
    await check_same_vault(given.get("bought_into"), vault, cache=settings.cache)
    if till is not None and is_days_till(till):
        raise SettingsError(f"till {till}: that is what the till of a day's cap is called; name another one")
    if not sandbox:
        check_signing(each.plan for each in prepared)
    await vault.closing.check()
    for each in prepared:
        check_out(each.out, places_of(each.out, each.plan))
    with answers_first(caller.stop, caller.pass_on):
        client, service, unasked = await _reached(prepared, sandbox=sandbox)
        async with client, AsyncExitStack() as logs:
            retention = Retention(none=unasked is None and await client.keeps_nothing())
            if retention.none:
                await check_inbox(vault, [each.plan for each in prepared], service.name)
            errors: dict[str, BaseException] = {}
            written = [await logs.enter_async_context(logged(each, service.name, run, errors)) for each in prepared]
            for each in prepared:
                await look_up_pins(each.plan, vault, service.name)
            ask = await begun(vault, run, taken_up=given.get("taken_up", False))
            files = {sha256: file for each in prepared for sha256, file in each.plan.files.items()}
            of_all = Session(
                plan=first.plan,
                catalog=catalog,
                vault=vault,
                client=client,
                service=service.name,
                team=service.team,
                ask=ask,
                till=till or run,
                budget=budget_of(first.plan.board, first.budget_ticks, service.name, settings, shared=till is not None),
                reserve=Reserve(caps_of(settings)),
                redo=first.redo,
                allowed=first.allowed,
                out=first.out,
                sandbox=sandbox,
                inputs=Inputs(vault, client, service.name, files),
                settings=settings,
                conclusion=Conclusion(vault, ask, [each.plan.board.variant for each in prepared], errors=errors),
                slots=asyncio.Semaphore(catalog.jobs_in_flight),
                unasked=unasked,
                retention=retention,
                partial=given.get("partial", False),
                before_claim=given.get("before_claim"),
            )
            sessions = tuple(
                replace(
                    of_all,
                    plan=each.plan,
                    redo=each.redo,
                    allowed=each.allowed,
                    watcher=both(log.event, caller.watcher),
                )
                for each, log in zip(prepared, written, strict=True)
            )
            try:
                yield sessions
            finally:
                await all_back(of_all)


async def _reached(prepared: Sequence[Prepared], *, sandbox: bool) -> tuple[Imagine, Service, StoryreelError | None]:
    """
    Ask the service who it is. Where it cannot be asked and every step has its clip, the films are cut all the same.

    Returns:
        A client, who answers, and why nobody was asked if nobody was.
    """
    settings, vault = prepared[0].settings, prepared[0].vault
    try:
        client = call(settings, prepared[0].catalog, sandbox=sandbox)
        try:
            service = await client.service()
        except BaseException:
            await client.__aexit__(None, None, None)
            raise
        if not sandbox:
            await remember(settings, vault, service.name)
        return client, service, None
    except NOT_ASKED as error:
        if sandbox or any(each.redo for each in prepared):
            raise
        names = [await with_every_clip(each.plan, settings, vault) for each in prepared]
        name = next((name for name in names if name is not None), None)
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
