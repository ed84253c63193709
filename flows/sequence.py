"""
The flow that makes one film from one storyboard.

Prefect schedules, shows and reruns; what may be paid for is decided by the vault alone, so that no fault of a cache, no
retry and no second process can buy a clip twice. One chain of tasks a scene, chains side by side.
"""

from __future__ import annotations

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    acreate_image_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency, rate_limit
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled
from prefect.tasks import exponential_backoff
from pydantic import ValidationError

from storyreel.defects import foreseen, known
from storyreel.desk.labels import Purchases
from storyreel.desk.lives import taken_up
from storyreel.errors import DownloadFailed, NotReached, ServiceUnreachable, SettingsError, WaitedTooLong
from storyreel.model.plan import Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.approval.gate import ask, at_gate, held_back, settle
from storyreel.production.approval.review import Look, Review, behind
from storyreel.production.approval.status import Word, as_form, files, sheet, sheet_place
from storyreel.production.open import open_studio
from storyreel.production.report import as_page, as_table, reported
from storyreel.production.retry_wait import Later, in_words
from storyreel.production.session import Studio
from storyreel.production.shutdown import pass_on_sigterm, passed_on_by
from storyreel.production.summary import Ends, raise_for, record
from storyreel.settings import read_settings
from storyreel.vault.costs import read_ledger

PATIENCE_S = 7 * 24 * 3600
"""How long a suspended run waits for an approval. One that waited in vain fails when it is resumed, and can be retried."""
TIMES_ASKED = 9
"""How often one run asks the same question anew after it waited in vain."""
PROGRESS_EVERY_S = 5.0
"""How often Prefect is told at most how far a run is: its page is for people, and each word to it is a request."""

P = ParamSpec("P")

_studio: ContextVar[Studio] = ContextVar("storyreel_studio")


@task(task_run_name="{scene}/{step} buy", cache_policy=NO_CACHE, persist_result=False, retries=0)
@foreseen()
async def buy(scene: str, step: str, sources: list[Clip]) -> Slate | Later:
    """Send one request, once. It is in the graph only where money may move, once more where it was told to wait."""
    if limit := read_settings().submits_limit:
        try:
            await rate_limit(limit, strict=True)
        except ConcurrencySlotAcquisitionError as error:
            raise _no_limit("STORYREEL_SUBMITS_LIMIT", limit, "--limit 1 --slot-decay-per-second 1") from error
    return await _studio.get().try_to_buy(scene, step, sources)


def by_request_id(context: Any, parameters: dict[str, Any]) -> str:  # noqa: ARG001 - Prefect passes both
    """Name a take for Prefect's cache: who made it, and its request id. Pure, since it runs in the event loop."""
    slate: Slate = parameters["slate"]
    return slate.key


def is_transient(task: Any, task_run: Any, state: Any) -> bool:  # noqa: ARG001 - Prefect passes all three
    """Say whether fetching a take may go better next time; buying is never repeated here."""
    return isinstance(state.data, DownloadFailed | ServiceUnreachable | WaitedTooLong)


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
    return await _studio.get().collect(f"{scene}/{step}", slate)


@task(task_run_name="film", cache_policy=NO_CACHE, persist_result=False)
@foreseen()
async def film(clips: list[Clip]) -> None:  # noqa: ARG001 - for the edges in the graph
    """Cut the film from the clips of the scenes; where nothing changed, nothing is encoded."""
    await _studio.get().cut()


def cancellable(run: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[State | None]]:
    """
    Have a run that was cancelled say so itself, once the answers that were under way are there.

    Prefect's runner sends SIGTERM for a Cancel as for anything else. Its own way of telling the two apart wants its own
    handler of that signal, in whose place ours waits for answers: without this, a run that a person has cancelled would
    crash, and be taken up again after that.
    """

    @wraps(run)
    async def cancelled_or_made(*args: P.args, **kwargs: P.kwargs) -> State | None:
        held_back: list[None] = []
        passed_on_by(lambda: held_back.append(None))
        try:
            await run(*args, **kwargs)
        except asyncio.CancelledError:
            if not held_back:
                raise
            if await _is_cancelled():
                return Cancelled(message="Cancelled. What was sent is in the vault; the next run fetches it.")
            pass_on_sigterm()
            raise
        return None

    return cancelled_or_made


async def _is_taken_up() -> bool:
    """Ask Prefect whether this run is run again because it crashed, and not because a person said so."""
    if flow_run.run_count < 2:
        return False
    async with get_client() as client:
        return taken_up(await client.read_flow_run_states(UUID(flow_run.id)))


async def _is_cancelled() -> bool:
    """Ask Prefect whether somebody has cancelled this run; where it does not tell, nobody has."""
    try:
        async with get_client() as client:
            state = (await client.read_flow_run(UUID(flow_run.id))).state
        return state is not None and (state.is_cancelling() or state.is_cancelled())
    except Exception:
        return False


# A retry is a person's word, and may buy what a run failed on: no setting of Prefect may speak it.
@flow(
    name="sequence", flow_run_name=lambda: Path(flow_run.parameters["storyboard"]).stem, persist_result=False, retries=0
)
@cancellable
@foreseen()
async def sequence(
    storyboard: str,
    only: list[str] | None = None,
    redo: list[str] | None = None,
    budget: float | None = None,
    till: str | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
) -> None:
    """
    Make the film of one storyboard. What is in the vault is reused; only what is missing is bought.

    Args:
        storyboard: Path of the storyboard's YAML file, as the worker sees it.
        only: Scenes that may be bought, by id, with what they continue. Empty: all of them.
        redo: Steps to make again, such as `climb` or `climb/extend-2`. What continues them follows.
        budget: US dollars that this run may spend. Empty: the storyboard's budget, else 10.
        till: Name of a till that several runs share, so that the budget bounds them together. Empty: one of its own.
        vault: Address of the vault. Empty: STORYREEL_VAULT of the worker.
        out: Folder for the film. Empty: STORYREEL_OUT of the worker.
        sandbox: Rehearse with the sandbox: nothing is generated, nothing is billed.
    """
    purchases = Purchases(str(flow_run.id))
    async with open_studio(
        storyboard,
        run=str(flow_run.id),
        taken_up=await _is_taken_up(),
        bought_into=await purchases.vault() if flow_run.run_count > 1 else None,
        before_claim=purchases.into,
        only=only or (),
        redo=redo or (),
        budget=budget,
        till=till,
        vault=vault,
        out=out,
        sandbox=sandbox,
    ) as studio:
        _studio.set(studio)
        page = Page(studio)
        shots: dict[str, asyncio.Task[Clip]] = {}

        async def shoot(step: Step) -> Clip:
            sources = await arrived(step, shots)
            slate = await studio.recall(step, sources)
            while True:
                async with slot(studio, slate):
                    tried = slate or await sent(studio, step, sources)
                    if isinstance(tried, Slate):
                        return await fetched(studio, step, tried, sources)
                # The place among the jobs is free for others meanwhile, those of other runs too.
                get_run_logger().warning("%s %s", step.id, in_words(tried))
                await studio.waits.pause(step.id, tried)

        async def made(steps: Iterable[Step]) -> dict[str, Clip | BaseException]:
            for step in steps:
                shots[step.id] = asyncio.create_task(page.counted(shoot(step)), name=step.id)
            # One failed scene cancels no other: all of them come to their own end before anything is said.
            ended = await asyncio.gather(*shots.values(), return_exceptions=True)
            return {
                step: known(end) if isinstance(end, Exception) else end for step, end in zip(shots, ended, strict=True)
            }

        await page.begin()
        held = behind(studio.plan)
        ends = await made(step for step in studio.plan.steps if step.id not in held)
        unreached = held_back(studio, ends)
        if not unreached:
            await approval(studio, page, ends)
            ends = await made(step for step in studio.plan.steps if step.id in held)
        ends |= unreached
        ends = {step.id: ends[step.id] for step in studio.plan.steps}
        await record(studio, ends)
        try:
            clips = raise_for(studio, ends)
            if clips is not None:
                await film(clips)
        except Exception:
            await page.report(ends, cut=False)
            raise
        await page.report(ends, cut=clips is not None)


class Approve(RunInput):
    """The form on Prefect's page: whether what was made is good, who says so, and what there is to say beside."""

    approve: bool
    by: str = ""
    note: str = ""


async def approval(studio: Studio, page: Page, ends: Ends) -> None:
    """
    Go on if nothing has to be approved; else wait for a person: a deployed run suspends itself, and its slot is free.

    A suspended run begins anew when it is resumed. It has not come to its end: it goes on in the same ask, and finds in
    the vault what it has made.
    """
    review = await at_gate(studio, ends)
    if review is None:
        return
    # Of a run inside another one somebody waits already, and Prefect suspends none.
    if deployment.id is None or flow_run.parent_flow_run_id is not None:
        await settle(studio, ends, review, await ask(studio, ends, review), "terminal")
        return
    shown = await files(studio.plan, studio.vault, review)
    await page.review(review, shown)
    form = Approve.with_initial_data(description=as_form(review, shown))
    for time_asked in range(TIMES_ASKED):
        # The same question has the same key each time the run begins; after a refusal the ask is another one.
        key = f"{review.key}-{studio.ask.k}-{time_asked}"
        try:
            said = await asuspend_flow_run(wait_for_input=form, timeout=PATIENCE_S, key=key)
        except ValidationError:
            continue  # asked, and never answered: nobody came in time, and the run was begun again
        await settle(studio, ends, review, Word(said.approve, said.by or "on Prefect's page", said.note), "prefect")
        return
    await settle(studio, ends, review, await ask(studio, ends, review), "terminal")


async def sent(studio: Studio, step: Step, sources: list[Clip]) -> Slate | Later:
    """Send the request of a step, if the service has not just failed others."""
    await studio.brake.room(step.id)
    return await buy(step.scene, step.name, sources)


async def fetched(studio: Studio, step: Step, slate: Slate, sources: list[Clip]) -> Clip:
    """Bring the clip of a take into the vault."""
    fetch = collect.with_options(refresh_cache=slate.clip_missing)
    clip = await fetch(step.scene, step.name, slate, sources)
    if not await studio.vault.has(clip.sha256):
        # What Prefect remembers is another vault's, or of before a clip was restored: ours is asked.
        clip = await collect.with_options(refresh_cache=True)(step.scene, step.name, slate, sources)
    return clip


@asynccontextmanager
async def slot(studio: Studio, slate: Slate | None) -> AsyncIterator[None]:
    """Bound the jobs in flight: of this run, and of all workers where they share a limit. What is here needs none."""
    limit = read_settings().jobs_limit
    if slate is not None and not slate.clip_missing:
        yield
        return
    async with studio.slot():
        if limit is None:
            yield
            return
        try:
            # A job goes on at the service whatever becomes of our lease, so its clip is waited for all the same.
            async with concurrency(limit, strict=True, raise_on_lease_renewal_failure=False):
                yield
        except ConcurrencySlotAcquisitionError as error:
            raise _no_limit("STORYREEL_JOBS_LIMIT", limit, "--limit 4") from error


def _no_limit(variable: str, limit: str, how: str) -> SettingsError:
    return SettingsError(
        f"{variable} names the limit {limit}, which Prefect does not have, so nothing was sent; "
        f"make it with: storyreel deploy, or: prefect gcl create {limit} {how}"
    )


class Page:
    """
    What a producer sees of a run on Prefect's page: how far it is, each step with its charge, and the film's links.

    A server for one command is gone with the run, so it is told nothing. That the page cannot be drawn stops no film.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._key = studio.plan.board.slug.lower().replace("_", "-")
        self._progress: UUID | None = None
        self._settled = 0
        self._told = time.monotonic()

    async def begin(self) -> None:
        """Draw the progress of the run."""
        if PREFECT_API_URL.value() is not None and "STORYREEL_UNWATCHED" not in os.environ:
            self._progress = await _courtesy(acreate_progress_artifact(0.0, f"{self._key}-progress", "Steps settled"))

    async def counted(self, shot: Awaitable[Clip]) -> Clip:
        """Await a step, and count it as settled however it ends."""
        try:
            return await shot
        finally:
            self._settled += 1
            if self._progress is not None and time.monotonic() - self._told > PROGRESS_EVERY_S:
                self._told = time.monotonic()
                await _courtesy(aupdate_progress_artifact(self._progress, self._percent()))

    async def review(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> None:
        """Draw what a person is asked to approve: on a page of its own beside the film's place, and among the artifacts."""
        if self._progress is not None:
            await _courtesy(self._sheet(review, shown))

    async def _sheet(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> UUID:
        page = sheet_place(self._studio.files.film, review)
        await sheet(shown, page)
        # The picture travels in its own address: Prefect's page at a desk shows none from elsewhere, the films' page included.
        address = f"data:image/png;base64,{_base64(page)}"
        return await acreate_image_artifact(address, f"{self._key}-review", "What is to be approved")

    async def report(self, ends: Ends, *, cut: bool) -> None:
        """Draw the table of steps, and the page of the film if it was cut."""
        if self._progress is not None:
            await _courtesy(aupdate_progress_artifact(self._progress, self._percent()))
            await _courtesy(self._reported(ends, cut))

    async def _reported(self, ends: Ends, cut: bool) -> UUID:
        studio = self._studio
        lines, book = await reported(studio, ends), await read_ledger(studio.plan, studio.vault, studio.service)
        await acreate_table_artifact(as_table(lines, book), f"{self._key}-steps", "What became of each step")
        page = as_page(studio, lines, book, cut=cut, films_url=read_settings().films_url)
        return await acreate_markdown_artifact(page, f"{self._key}-film", "The film, and what it cost")

    def _percent(self) -> float:
        return 100.0 * self._settled / max(1, len(self._studio.plan.steps))


def _base64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode("ascii")


async def _courtesy(drawn: Awaitable[UUID]) -> UUID | None:
    try:
        return await drawn
    except Exception as error:
        get_run_logger().warning("Prefect's page could not be drawn: %s", error)
        return None


async def arrived(step: Step, shots: dict[str, asyncio.Task[Clip]]) -> list[Clip]:
    """Wait for the clips that a step is made from; if one has none, this step is not reached."""
    clips = []
    for need in step.needs:
        try:
            clips.append(await asyncio.shield(shots[need]))
        except Exception as error:
            raise NotReached(step.id, because=need) from error
    return clips
