"""
The flow of the night: every storyboard of a folder whose film is not current is shot, within one budget of the day.

It looks, starts one run of the `sequence` deployment for each, waits for all of them and reports. It buys nothing
itself; the runs are held together by the day's till alone, so that the budget is exact however many workers there are.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from prefect import flow
from prefect.artifacts import MarkdownArtifact, TableArtifact
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterIdempotencyKey,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from storyreel.defects import foreseen, without_secrets
from storyreel.desk.event_outbox import EventOutbox
from storyreel.desk.forms import Words, in_form
from storyreel.desk.lost_runs import Lookout, SharedLookout
from storyreel.desk.notification import send_message
from storyreel.desk.recovery import MORTAL, given_up, take_up
from storyreel.desk.restarts import taken_up
from storyreel.desk.run_artifacts import RunArtifacts
from storyreel.desk.run_events import night_reached
from storyreel.desk.run_log import leave_out_what_ours_say
from storyreel.desk.run_names import NIGHT_TAG, courtesy, name_run
from storyreel.errors import StoryreelError
from storyreel.production.dailies import Line, Night, NightFilm, open_night
from storyreel.production.morning_report import as_message, title_of
from storyreel.production.night_report import as_page, as_table, headline, sums
from storyreel.production.summary import words_of
from storyreel.variables.table import NOTIFY

SOONEST_S, LATEST_S = 0.5, 15.0
"""How long is waited between two looks at a run: short at first, for films that are only cut anew."""
SWEPT_WITHIN_S = 30.0
"""How long the state of a run stands before the night itself looks whether it is dead: others look every few seconds."""
TOO_LATE = timedelta(hours=12)
"""How late a night may begin for the first time, while a later one of its schedule is due or done."""


# A retry of the night is a person's word: no setting of Prefect may speak it.
@flow(name="dailies", flow_run_name="dailies", persist_result=False, retries=0)
@in_form
@foreseen()
async def dailies(
    folder: str = "storyboards",
    budget: float | None = None,
    vault: Words = "",
    out: Words = "",
    sandbox: bool = False,
    deployment: str = "sequence/sequence",
    partial: bool = False,
) -> State | None:
    """
    Shoot every storyboard of a folder whose film is not current, each variant of it by itself, within one budget of the day, and
    report.

    Args:
        folder: Folder of the storyboards, as the worker sees it. Its own folders are left alone.
        budget: US dollars that all runs of the day may spend together. Empty: the default on the real API.
        vault: Address of the vault. Empty: STORYREEL_VAULT of the worker.
        out: Folder for the films. Empty: STORYREEL_OUT of the worker.
        sandbox: Rehearse with the sandbox: nothing is generated, nothing is billed.
        deployment: The deployment that shoots one storyboard, as flow/deployment.
        partial: Begin films that do not fit into what is left of the budget as well, and stop each where it is used up.
    """
    leave_out_what_ours_say()
    log = get_run_logger()
    async with get_client() as client:
        if (late := await overtaken(client, UUID(str(flow_run.id)))) is not None:
            log.warning("%s", late)
            return Completed(message=late)
        try:
            night = await open_night(
                folder,
                run=str(flow_run.id),
                day=await day_of(client, UUID(str(flow_run.id))),
                taken_up=flow_run.run_count > 1 and taken_up(await client.read_flow_run_states(UUID(str(flow_run.id)))),
                budget=budget,
                vault=vault or None,
                out=out or None,
                sandbox=sandbox,
                partial=partial,
            )
        except StoryreelError as error:
            await notify("Dailies", f"The night could not begin: {words_of(error)}")
            raise
        await courtesy(name_run(night.till, NIGHT_TAG, service=night.service))
        films: list[NightFilm] = []
        by_film: dict[NightFilm, Line] = {}
        runs: dict[NightFilm, UUID] = {}
        # One after the other: many new runs at once are more than a small server takes.
        async for film in night.films():
            films.append(film)
            line = await night.before(film)
            if line is None:
                try:
                    run = await started(client, night, film)
                    line = await night.left_out(film) if run is None else None
                    if line is None:
                        # A run that has ended buys nothing more, whatever it had left to buy.
                        if run is None or run.state is None or not run.state.is_final():
                            night.begin(film)
                        runs[film] = (
                            await start(client, night, film, deployment, vault=vault, out=out)
                            if run is None
                            else run.id
                        )
                        log.info("%s: being shot", film.name)
                except Exception as error:
                    line = Line(film.name, "failed", _not_started(error, deployment))
            if line is not None:
                by_film[film] = line
        lookout = SharedLookout()
        ends = await asyncio.gather(*(watched(client, lookout, night, film, run) for film, run in runs.items()))
        by_film.update(zip(runs, ends, strict=True))
    lines = [by_film[film] for film in films]
    spent = await night.spent_ticks()
    for line in lines:
        level = logging.ERROR if line.failed else logging.INFO
        log.log(level, "%s: %s%s", line.board, line.fate, f": {line.note}" if line.note else "")
    log.info("%s", sums(night, lines, spent, len(runs)))
    drawn, what = RunArtifacts(), headline(lines)
    page = MarkdownArtifact(key="dailies", description=what, markdown=as_page(night, lines, spent, len(runs)))
    await courtesy(drawn.draw(page))
    await courtesy(drawn.draw(TableArtifact(key="dailies-storyboards", description=what, table=as_table(night, lines))))
    await night.close(lines)
    async with EventOutbox() as outbox:
        await courtesy(night_reached(outbox, night, lines))
    await notify(title_of(night), as_message(night, lines, spent, len(runs)))
    if any(line.failed for line in lines):
        raise StoryreelError(f"{headline(lines)}; the artifact `dailies` of this run says why, and what to do")
    return None


async def notify(title: str, text: str) -> None:
    """Send the report where the worker's environment has it sent; that it cannot be sent takes nothing back of the night."""
    try:
        if (address := NOTIFY.read()) is not None:
            await send_message(address, title, text)
    except StoryreelError as error:
        get_run_logger().warning("The morning report could not be sent: %s", without_secrets(words_of(error)))


async def overtaken(client: PrefectClient, run_id: UUID) -> str | None:
    """
    Return why a night does nothing; None if it shoots.

    A worker that was away for a week finds a week's nights waiting, each with a day's budget. Of those that are over twelve
    hours late the newest of a schedule is enough. What a person has started or retried, and what is taken up after a
    crash, is never turned away.
    """
    run, now = await client.read_flow_run(run_id), datetime.now(UTC)
    due = run.expected_start_time
    if due is None or now - due <= TOO_LATE or run.created_by is None or run.run_count > 1:
        return None
    if any(state.name == "AwaitingRetry" for state in await client.read_flow_run_states(run_id)):
        return None
    later = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[run.deployment_id] if run.deployment_id else []),
            expected_start_time=FlowRunFilterExpectedStartTime(after_=due, before_=now),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )
    return next((_overtaken_by(due, other) for other in later if _follows(run, other)), None)


def _follows(run: FlowRun, other: FlowRun) -> bool:
    """Whether another run is a later one of the same schedule, and nobody has cancelled it."""
    schedules = [
        each.created_by.id
        for each in (run, other)
        if each.created_by is not None and each.created_by.type == "SCHEDULE"
    ]
    cancelled = other.state is not None and (other.state.is_cancelled() or other.state.is_cancelling())
    return other.id != run.id and len(schedules) == 2 and schedules[0] == schedules[1] and not cancelled


def _overtaken_by(due: datetime, other: FlowRun) -> str:
    done = other.state is not None and other.state.is_final()
    return (
        f"Nothing was shot: this night was due at {due:%Y-%m-%d %H:%M} UTC, over 12 hours ago, and the later one of "
        f"{other.expected_start_time:%Y-%m-%d %H:%M} UTC {'is done' if done else 'is due as well'}. "
        "Retry this one to shoot all the same"
    )


async def day_of(client: PrefectClient, run_id: UUID) -> date:
    """
    Return the day that a night belongs to: that on which it was to start, however late it is and however often retried.

    The time zone is that of the schedule it was made by, else of the deployment's first schedule, else the worker's.
    """
    run = await client.read_flow_run(run_id)
    schedules = (await client.read_deployment(run.deployment_id)).schedules if run.deployment_id else []
    own = [schedule for schedule in schedules if run.created_by and schedule.id == run.created_by.id]
    zones = [getattr(schedule.schedule, "timezone", None) for schedule in own or schedules]
    zone = next((ZoneInfo(name) for name in zones if name), None)
    return (run.expected_start_time or datetime.now(UTC)).astimezone(zone).date()


async def started(client: PrefectClient, night: Night, film: NightFilm) -> FlowRun | None:
    """Return the run of one film that a night has started before it crashed and was taken up again, if it has."""
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[_key(night, film)]))
    )
    return runs[0] if runs else None


async def start(client: PrefectClient, night: Night, film: NightFilm, deployment: str, *, vault: str, out: str) -> UUID:
    """Start the run of one storyboard, or of one variant of it, and return its id."""
    parameters: dict[str, Any] = {
        "storyboard": str(film.board),
        "budget": night.budget,
        "till": night.till,
        "vault": vault,
        "out": out,
        "sandbox": night.sandbox,
        # A deployment of before knows no such parameters.
        **({"partial": True} if night.partial else {}),
        **({"variant": [film.variant]} if film.variant else {}),
    }
    run = await arun_deployment(
        deployment,
        client,
        parameters,
        flow_run_name="-".join(filter(None, (film.board.stem, film.variant))),
        timeout=0,
        tags=[NIGHT_TAG],
        idempotency_key=_key(night, film),
        as_subflow=True,
    )
    return run.id


def _key(night: Night, film: NightFilm) -> str:
    return f"{night.ask}/{film.key}"


async def watched(client: PrefectClient, lookout: Lookout, night: Night, film: NightFilm, run_id: UUID) -> Line:
    """Wait until the run of a storyboard has ended, and return what became of it."""
    try:
        state = await ended(client, lookout, run_id)
        failed = None if state.is_completed() else _why(state)
    except ObjectNotFound:
        failed = "its run was deleted"
    return await night.after(film, str(run_id), failed)


async def ended(client: PrefectClient, lookout: Lookout, run_id: UUID) -> State:
    """
    Wait until a run has ended, however long that takes; a server that is away for a while is waited for.

    A dead run is not waited for: who sweeps takes it up, and where nobody does, the night does it itself. One that died
    too often has crashed for good.
    """
    pause, seen, since = SOONEST_S, None, 0.0
    while True:
        try:
            run = await client.read_flow_run(run_id)
            if run.state is not None and run.state.id != seen:
                seen, since = run.state.id, time.monotonic()
            if run.state is not None and run.state.is_final() and (not run.state.is_crashed() or given_up(run.state)):
                return run.state
            if time.monotonic() - since > SWEPT_WITHIN_S and run.state is not None and run.state.type in MORTAL:
                await lookout.look(client)
                await take_up(client, lookout, run)
        except httpx.HTTPError as error:
            get_run_logger().warning("Prefect does not answer, and is asked again: %s", words_of(error))
        await asyncio.sleep(pause)
        pause = min(1.25 * pause, LATEST_S)


def _why(state: State) -> str:
    """Return why a run failed, in one line."""
    text = " ".join((state.message or "").split())
    _, _, text = text.rpartition("Flow run encountered an exception: ")
    text = text.removeprefix("SequenceFailed: ")
    return text or f"its run ended as {state.name}"


def _not_started(error: Exception, deployment: str) -> str:
    if isinstance(error, ObjectNotFound):
        return f"there is no deployment {deployment}; make it with: prefect --no-prompt deploy --all"
    return f"its run could not be started: {words_of(error)}"
