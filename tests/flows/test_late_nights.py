"""
Nights that are late: a worker that was away finds a week of them, and one day's budget is spent, not seven.
"""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.schedules import CronSchedule
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry, Cancelled, Scheduled

from storyreel.desk.flows import load
from storyreel.production.open import TAKEN_UP

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def dailies(prefect_server: str) -> Any:
    """Return the flow."""
    return load("dailies")


@pytest_asyncio.fixture
async def week(dailies: Any, place: Path) -> AsyncIterator[list[FlowRun]]:
    """Schedule the nights of the last week as a schedule leaves them whose worker was away; the oldest first."""
    (place / "boards").mkdir()
    now = datetime.now(UTC)
    async with get_client() as client:
        deployment = await client.create_deployment(
            await client.create_flow(dailies),
            "late",
            schedules=[DeploymentScheduleCreate(schedule=CronSchedule(cron="0 2 * * *", timezone="UTC"), active=True)],
            parameters={"folder": str(place / "boards"), "sandbox": True},
            paused=True,
        )
        span = {"start_time": (now - timedelta(days=6)).isoformat(), "end_time": now.isoformat(), "min_runs": 10}
        await client._client.post(f"/deployments/{deployment}/schedule", json=span)
        ours = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment]))
        runs = await client.read_flow_runs(flow_run_filter=ours)
        due = [run for run in runs if run.expected_start_time is not None and run.expected_start_time <= now]
        yield sorted(due, key=lambda run: run.expected_start_time or now)
        await client.delete_deployment(deployment)


async def overtaken(*runs: FlowRun) -> list[bool]:
    """Whether each of some nights would do nothing, were it to begin now."""
    async with get_client() as client:
        return [await sys.modules["storyreel_flow_dailies"].overtaken(client, run.id) is not None for run in runs]


async def begun(dailies: Any, run: FlowRun, because: State | None = None) -> State:
    """Run a night as a worker does, again if `because` says why; return how it ended."""
    async with get_client() as client:
        if because is not None:
            await client.set_flow_run_state(run.id, because, force=True)
        again = await client.read_flow_run(run.id)
    state: State = await run_flow_async(dailies, flow_run=again, parameters=again.parameters, return_type="state")
    return state


async def test_of_a_week_of_late_nights_the_newest_shoots(dailies: Any, week: list[FlowRun]):
    """
    An older one ends well and says why it did nothing; retried by a person it shoots, whatever came after it.
    """
    told = await overtaken(*week)
    oldest = await begun(dailies, week[0])
    retried = await begun(dailies, week[0], AwaitingRetry(message="Retry from the UI"))

    assert len(week) >= 5
    assert [True] * (len(week) - 1) + [False] == told
    assert oldest.is_completed()
    assert (oldest.message or "").startswith("Nothing was shot: this night was due at ")
    assert retried.is_completed()
    assert "Nothing was shot" not in (retried.message or "")


async def test_a_night_whose_later_ones_were_cancelled_is_the_newest(week: list[FlowRun]):
    """
    What a person has called off overtakes nobody.
    """
    async with get_client() as client:
        for run in week[2:]:
            await client.set_flow_run_state(run.id, Cancelled(), force=True)

    assert [True, False] == await overtaken(*week[:2])


async def test_a_night_that_died_before_it_ran_is_taken_up_however_late(week: list[FlowRun]):
    """
    What a crash has held up is not turned away for being late.
    """
    async with get_client() as client:
        await client.set_flow_run_state(week[0].id, AwaitingRetry(message=f"{TAKEN_UP}."), force=True)

    assert [False, True] == await overtaken(*week[:2])


async def test_what_a_person_has_started_is_never_too_late(week: list[FlowRun]):
    """
    A run that no schedule has made is a person's, and shoots when it comes to it.
    """
    async with get_client() as client:
        assert week[0].deployment_id is not None
        long_ago = Scheduled(scheduled_time=datetime.now(UTC) - timedelta(days=3))
        theirs = await client.create_flow_run_from_deployment(week[0].deployment_id, state=long_ago)

    assert theirs.expected_start_time is not None
    assert theirs.expected_start_time < datetime.now(UTC) - timedelta(days=2)
    assert [False] == await overtaken(theirs)
