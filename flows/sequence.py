"""
The flow that makes the films of one storyboard.

Prefect schedules, shows and reruns; what may be paid for is decided by the vault alone, so that no fault of a cache, no
retry and no second process can buy a clip twice. The way of a run is `production.run`'s: here are its tasks.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote
from pydantic import Field, ValidationError

from storyreel.defects import foreseen
from storyreel.delivery.film import Film
from storyreel.desk.cancelling import cancellable, is_taken_up
from storyreel.desk.event_outbox import EventOutbox
from storyreel.desk.forms import Names, Texts, Words, in_form
from storyreel.desk.labels import Purchases
from storyreel.desk.limits import shared_place, wait_to_submit
from storyreel.desk.page import PrefectPage, draw_cut
from storyreel.desk.run_events import RunEvents
from storyreel.desk.run_log import RunLog, both
from storyreel.desk.run_names import courtesy, name_run_by_films
from storyreel.desk.task_cache import by_request_id, is_transient
from storyreel.errors import AwaitingApproval, BudgetError
from storyreel.model.plan import PlannedFilm, Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.approval.gate import ask, at_gate, how_to_approve, settle
from storyreel.production.approval.review import Review
from storyreel.production.approval.status import as_form, files, sheet_place
from storyreel.production.approval.stills import Decision
from storyreel.production.caller import caller
from storyreel.production.collect import collect as collect_take
from storyreel.production.open import open_sessions
from storyreel.production.prepare import prepare_all
from storyreel.production.purchase import try_to_buy
from storyreel.production.report import film_address
from storyreel.production.retry_wait import Later
from storyreel.production.rough import check_that_nothing_is_bought, cut_from_vault, rough_cut_at_gate
from storyreel.production.run import RunResult, cut, run
from storyreel.production.run_all import run_all
from storyreel.production.service import service_asked
from storyreel.production.session import Session
from storyreel.production.summary import Ends

PATIENCE_S = 7 * 24 * 3600
"""How long a suspended run waits for an approval. One that waited in vain fails when it is resumed, and can be retried."""
TIMES_ASKED = 9
"""How often one run asks the same question anew after it waited in vain."""

_session: ContextVar[Session] = ContextVar("storyreel_session")


@task(task_run_name="{scene}/{step} buy", cache_policy=NO_CACHE, persist_result=False, retries=0)
@foreseen()
async def buy(scene: str, step: str, sources: list[Clip]) -> Slate | Later:
    """Send one request, once. It is in the graph only where money may move, once more where it was told to wait."""
    await wait_to_submit(_session.get())
    return await try_to_buy(_session.get(), scene, step, sources)


@task(
    task_run_name="{scene}/{step}",
    cache_policy=CacheKeyFnPolicy(cache_key_fn=by_request_id),
    persist_result=True,
    result_serializer="json",
    retries=3,
    retry_delay_seconds=exponential_backoff(5),
    retry_condition_fn=is_transient,
)
@foreseen()
async def collect(scene: str, step: str, slate: Slate, sources: list[Clip]) -> Clip:  # noqa: ARG001 - for the graph
    """Wait for one take and bring its clip into the vault."""
    return await collect_take(_session.get(), f"{scene}/{step}", slate)


@task(task_run_name="{called}", cache_policy=NO_CACHE, persist_result=False)
@foreseen()
async def film(called: str, shown: list[Clip], clips: Mapping[str, Clip]) -> Film:  # noqa: ARG001 - `shown` is for the graph
    """Cut a film from the clips of its scenes, `film` the master; where nothing changed, nothing is encoded."""
    session = _session.get()
    return await cut(session, next(film for film in session.plan.films if film.called == called), clips)


# A retry is a person's word, and may buy what a run failed on: no setting of Prefect may speak it.
@flow(
    name="sequence", flow_run_name=lambda: Path(flow_run.parameters["storyboard"]).stem, persist_result=False, retries=0
)
@in_form
@cancellable
@foreseen()
async def sequence(
    storyboard: str,
    only: Names = (),
    redo: Names = (),
    budget: float | None = None,
    till: Words = "",
    vault: Words = "",
    out: Words = "",
    sandbox: bool = False,
    rough: bool = False,
    partial: bool = False,
    deliver: Names = (),
    vars: Texts = {},  # noqa: A002, B006 - it is called so in a storyboard, and nobody writes to it
    variant: Names = (),
) -> None:
    """
    Make the films of one storyboard, and of each of its variants. What is in the vault is reused; only what is missing is bought.
    Where there is no film, a rough cut is made of what there is.

    Args:
        storyboard: Path of the storyboard's YAML file, as the worker sees it.
        only: Scenes that may be bought, by id, with what they continue. Empty: all of them.
        redo: Steps to make again, such as `climb` or `climb/extend-2`. What continues them follows.
        budget: US dollars that this run may spend. Empty: the storyboard's budget, else the default.
        till: Name of a till that several runs share, so that the budget bounds them together. Empty: one of its own.
        vault: Address of the vault. Empty: STORYREEL_VAULT of the worker.
        out: Folder for the films. Empty: STORYREEL_OUT of the worker.
        sandbox: Rehearse with the sandbox: nothing is generated, nothing is billed.
        rough: Only cut what the vault has, with placeholders for what is missing. Nothing is sent, nothing is bought.
        partial: Begin although it is known that not all fits into the budget or a cap, and buy what fits.
        deliver: Films to make, by the names of its deliveries, `master` for its own. Empty: all of them.
        vars: Texts for variables of the storyboard, by name: {"city": "Rome"}, {"lines.end": "Good night."}. Empty: as it says.
        variant: Variants of the storyboard to make, by name. Empty: all of them.
    """
    if rough:
        check_that_nothing_is_bought(redo, budget)
    purchases, by = Purchases(str(flow_run.id)), caller()
    log = RunLog(at_terminal=by.watcher is not None)
    prepared = by.prepared or prepare_all(
        storyboard,
        only=only,
        redo=redo,
        variant=variant,
        deliver=deliver,
        budget=budget,
        vault=vault or None,
        out=out or None,
        given=vars,
    )
    if rough:
        first = prepared[0]
        service = await service_asked(first.settings, first.catalog, first.vault, sandbox=sandbox)
        for each in prepared:
            await draw_cut(each, service, await cut_from_vault(each, service, log))
        return
    taken_up = await is_taken_up()
    async with (
        open_sessions(
            prepared,
            run=str(flow_run.id),
            taken_up=taken_up,
            bought_into=await purchases.vault() if flow_run.run_count > 1 else None,
            before_claim=purchases.into,
            till=till or None,
            partial=partial,
            sandbox=sandbox,
            caller=replace(by, watcher=both(by.watcher, log)),
        ) as sessions,
        EventOutbox() as outbox,
    ):
        await courtesy(name_run_by_films(sessions, Path(storyboard).stem))
        await run_all(sessions, lambda session: _made(session, log, RunEvents(session, outbox, taken_up=taken_up)))


async def _made(session: Session, log: RunLog, events: RunEvents) -> RunResult:
    """Make the films of a storyboard, or of one variant of it."""
    _session.set(session)
    page = PrefectPage(session, log, events)
    try:
        return await run(
            session,
            buy=lambda step, sources: buy(step.scene, step.name, sources),
            collect=_collected,
            film=_cut,
            place=functools.partial(shared_place, session),
            approval=functools.partial(_approval, session, page, events),
            watcher=page,
        )
    except BudgetError as error:
        await courtesy(events.not_begun(error))
        raise


async def _collected(step: Step, slate: Slate, sources: list[Clip]) -> Clip:
    """Bring the clip of a take into the vault; Prefect may remember it."""
    clip = await collect.with_options(refresh_cache=slate.clip_missing)(step.scene, step.name, slate, sources)
    if not await _session.get().vault.clips.has(clip.sha256):
        # What Prefect remembers is another vault's, or of before a clip was restored: ours is asked.
        clip = await collect.with_options(refresh_cache=True)(step.scene, step.name, slate, sources)
    return clip


async def _cut(planned: PlannedFilm, shown: list[Clip], clips: Mapping[str, Clip]) -> Film:
    """Cut a film: in the graph it follows from the clips that it shows, and not from the others."""
    return await film(planned.called, shown, cast("Mapping[str, Clip]", quote(clips)))


class Approve(RunInput):
    """
    The form on Prefect's page: whether what was made is good, who says so, and what there is to say beside.

    Who presses Resume and touches nothing says no: without a default in its schema the form says nothing to that. A
    default of the field would take a run for refused that nobody has answered.
    """

    approve: bool = Field(json_schema_extra={"default": False})
    by: str = ""
    note: str = ""


async def _approval(session: Session, page: PrefectPage, events: RunEvents, ends: Ends) -> None:
    """
    Go on if nothing has to be approved; else wait for a person: a deployed run suspends itself, and its slot is free.

    A suspended run begins anew when it is resumed. It has not come to its end: it goes on in the same ask, and finds in
    the vault what it has made.
    """
    # Of a run inside another one somebody waits already, and Prefect suspends none.
    if deployment.id is None or flow_run.parent_flow_run_id is not None:
        async with session.questions:
            if (review := await at_gate(session, ends)) is not None:
                await settle(session, ends, review, await _asked(session, events, ends, review), "terminal")
        return
    if (review := await at_gate(session, ends)) is None:
        return
    await rough_cut_at_gate(session, ends, AwaitingApproval(review.what_waits))
    shown = await files(session.plan, session.vault, review)
    await page.review(review, shown)
    events.approval_waits(review, how_to_approve(session, review))
    where = film_address(sheet_place(session.files.film, review), session.settings.films_url)
    # A suspended run has no process: other variants are made first, and are asked about one after the other.
    await session.conclusion.last_in_line(session.plan.board.variant)
    if await at_gate(session, ends) is None:
        return
    form = Approve.with_initial_data(description=as_form(review, where))
    for time_asked in range(TIMES_ASKED):
        # The same question has the same key each time the run begins; after a refusal the ask is another one.
        key = f"{review.key}-{session.ask.k}-{time_asked}"
        try:
            answer = await asuspend_flow_run(wait_for_input=form, timeout=PATIENCE_S, key=key)
        except ValidationError:
            continue  # asked, and never answered: nobody came in time, and the run was begun again
        await settle(
            session, ends, review, Decision(answer.approve, answer.by or "on Prefect's page", answer.note), "prefect"
        )
        return
    await settle(session, ends, review, await _asked(session, events, ends, review), "terminal")


async def _asked(session: Session, events: RunEvents, ends: Ends, review: Review) -> Decision:
    """Ask the person at the terminal; where there is none, say that somebody has to come."""
    try:
        return await ask(session, ends, review, caller().approver)
    except AwaitingApproval:
        events.approval_waits(review, how_to_approve(session, review))
        raise
