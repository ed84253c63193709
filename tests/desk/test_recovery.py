"""
The sweep: which runs it takes up at a real server, and which it leaves alone.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from storyreel.desk.lost_runs import LocalLookout, SharedLookout, runs_here
from storyreel.desk.pool import FORMER_AUTOMATIONS
from storyreel.desk.recovery import NOT_AGAIN, drop_former_automations, sweep, take_up
from storyreel.desk.restarts import MOST_UNBORN
from storyreel.production.open import TAKEN_UP

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]


class House:
    """A server with deployments, whose runs can be put into any state."""

    def __init__(self, client: PrefectClient) -> None:
        self.client = client

    async def run(self, *states: str, tag: str | None = "storyreel") -> UUID:
        """Make a run of a deployment and put it through states, by their types."""
        flow = await self.client.create_flow_from_name("sequence")
        made = await self.client.create_deployment(flow, f"of-{tag}", tags=[tag] if tag else [])
        run = await self.client.create_flow_run_from_deployment(made)
        for name in states:
            message = f"{TAKEN_UP}." if name == "SCHEDULED" else f"it was {name}"
            state: State[Any] = State(type=StateType(name), message=message)
            await self.client.set_flow_run_state(run.id, state, force=True)
        return run.id

    async def seen(self, run: UUID) -> FlowRun:
        return await self.client.read_flow_run(run)

    async def state(self, run: UUID) -> State[Any]:
        state = (await self.seen(run)).state
        assert state is not None
        return state


@pytest_asyncio.fixture
async def house(prefect_server: str) -> AsyncIterator[House]:
    """Return a house at the server of all tests; runs that others left there are not to be moved."""
    async with get_client() as client:
        yield House(client)


@contextmanager
def process(run: UUID) -> Iterator[None]:
    """Have a process work on a run, as far as anybody can see."""
    env = {**os.environ, "PREFECT__FLOW_RUN_ID": str(run)}
    words = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                worker.communicate(b"\n")


@pytest.mark.parametrize(
    "states",
    [
        ("PENDING",),
        ("PENDING", "RUNNING"),
        ("PENDING", "RUNNING", "CRASHED"),
        ("PENDING", "CRASHED"),
        ("PENDING", "RUNNING", "CRASHED", "SCHEDULED", "CRASHED"),
    ],
    ids=lambda states: "-".join(states),
)
async def test_whatever_was_told_of_a_death_the_run_goes_on(house: House, states: tuple[str, ...]):
    """
    A run without a process is scheduled anew, in the words that no person has spoken, whether anybody has told of its
    death, told of it twice, or told nothing at all.
    """
    run = await house.run(*states)
    moved = await take_up(house.client, LocalLookout(), await house.seen(run))
    again = await house.state(run)

    assert moved
    assert ("SCHEDULED", "AwaitingRetry") == (again.type.value, again.name)
    assert (again.message or "").startswith(TAKEN_UP)


@pytest.mark.parametrize("states", [("FAILED",), ("COMPLETED",), ("CANCELLED",), ("PAUSED",), ("SCHEDULED",)])
async def test_what_has_ended_or_waits_is_left_alone(house: House, states: tuple[str, ...]):
    """
    A failure is a person's matter, and whoever waits for an approval has no process.
    """
    run = await house.run("PENDING", "RUNNING", *states)
    before = (await house.state(run)).id
    await take_up(house.client, LocalLookout(), await house.seen(run))
    await sweep(house.client, LocalLookout())

    assert before == (await house.state(run)).id


async def test_a_run_that_was_being_cancelled_is_cancelled(house: House):
    """
    Its process died before it could say so; nobody has to do it once more.
    """
    run = await house.run("PENDING", "RUNNING", "CANCELLING")
    await take_up(house.client, LocalLookout(), await house.seen(run))

    assert StateType.CANCELLED is (await house.state(run)).type


async def test_a_run_of_somebody_else_is_left_alone(house: House):
    """
    What is not tagged as ours, may have workers that nobody here sees.
    """
    run = await house.run("PENDING", "RUNNING", tag="others")
    await sweep(house.client, LocalLookout())

    assert StateType.RUNNING is (await house.state(run)).type


async def test_a_run_that_somebody_works_on_is_left_alone(house: House):
    """
    Whether it is in this process's hands, or in another's whose worker is gone; once that ends, it is taken up.
    """
    mine, orphan = await house.run("PENDING"), await house.run("PENDING", "RUNNING")
    with process(orphan):
        seen = orphan in runs_here()
        await sweep(house.client, LocalLookout(lambda run: run == mine))
        kept = [(await house.state(run)).type for run in (mine, orphan)]
    await sweep(house.client, LocalLookout(lambda run: run == mine))

    assert seen
    assert [StateType.PENDING, StateType.RUNNING] == kept
    assert [StateType.PENDING, StateType.SCHEDULED] == [(await house.state(run)).type for run in (mine, orphan)]


async def test_what_has_moved_since_it_was_looked_at_is_left_alone(house: House):
    """
    Somebody else took it up, or it ended by itself, between the look and the word.
    """
    run = await house.run("PENDING", "RUNNING")
    seen = await house.seen(run)
    await house.client.set_flow_run_state(run, State(type=StateType.COMPLETED), force=True)
    moved = await take_up(house.client, LocalLookout(), seen)

    assert not moved
    assert StateType.COMPLETED is (await house.state(run)).type


async def test_a_run_that_never_runs_stays_crashed_and_says_why(house: House):
    """
    After three times its state says why it is not taken up, with what was said of its last death, and stays.
    """
    run = await house.run(*("PENDING", "CRASHED", "SCHEDULED") * MOST_UNBORN, "PENDING", "CRASHED")
    await take_up(house.client, LocalLookout(), await house.seen(run))
    given_up = await house.state(run)
    await sweep(house.client, LocalLookout())

    assert StateType.CRASHED is given_up.type
    assert (given_up.message or "").startswith(f"{NOT_AGAIN}: it died 4 times before it ran.")
    assert "it was CRASHED" in (given_up.message or "")
    assert given_up.id == (await house.state(run)).id


@pytest.mark.parametrize(
    ("states", "seconds", "lost"),
    [
        (("PENDING", "RUNNING", "CRASHED"), 2, False),
        (("PENDING", "RUNNING", "CRASHED"), 10, True),
        (("PENDING",), 10, False),
        (("PENDING",), 20, True),
        (("PENDING", "RUNNING"), 70, False),
        (("PENDING", "RUNNING"), 90, True),
        (("PENDING", "RUNNING", "CANCELLING"), 70, False),
        (("PENDING", "RUNNING", "CANCELLING"), 90, True),
    ],
)
async def test_from_another_machine_a_death_is_a_silence(
    house: House, states: tuple[str, ...], seconds: int, lost: bool
):
    """
    Prefect's own worker has the time to tell of a death twice, one that starts a run has the time to start it, and a run
    may miss two heartbeats; within two minutes all of it counts as dead.
    """
    lookout = SharedLookout()
    run = await house.seen(await house.run(*states))
    assert run.state is not None
    await lookout.look(house.client)
    lookout.since -= timedelta(hours=1)
    run.state.timestamp = lookout.now - timedelta(seconds=seconds)

    assert lost == await lookout.lost(house.client, run)


async def test_a_server_that_was_away_has_heard_nobody(house: House):
    """
    Whoever has just come back to it judges no silence of before.
    """
    lookout = SharedLookout()
    run = await house.seen(await house.run("PENDING", "RUNNING"))
    assert run.state is not None
    await lookout.look(house.client)
    run.state.timestamp = lookout.now - timedelta(hours=1)

    assert not await lookout.lost(house.client, run)


async def test_the_automations_of_before_go_and_a_persons_own_stay(house: House):
    """
    Both together would take up one run twice. Worker and `deploy` may remove them at the same moment.
    """
    trigger = EventTrigger(expect={"x"}, posture=Posture.Reactive, threshold=1, within=timedelta(seconds=0))
    own = f"my own {os.getpid()}"
    for name in (*FORMER_AUTOMATIONS, own):
        await house.client.create_automation(AutomationCore(name=name, trigger=trigger, actions=[DoNothing()]))
    async with get_client() as another:
        await asyncio.gather(*map(drop_former_automations, (house.client, another, house.client)))
    left = [len(await house.client.read_automations_by_name(name)) for name in (*FORMER_AUTOMATIONS, own)]

    assert [0, 0, 1] == left


@pytest.mark.parametrize(
    "dates",
    [
        ["Fri, 27 Nov 2026 21:27:25 GMT"],
        ["Fri, 27 Nov 2026 21:27:25 GMT", "Fri, 27 Nov 2026 21:27:25 GMT"],
        ["Fri, 27 Nov 2026 21:27:25 -0000"],
        ["Fri, 27 Nov 2026 22:27:25 +0100"],
    ],
    ids=["a server's", "a proxy's too", "no zone", "another zone"],
)
async def test_what_time_it_is_at_a_server_is_read_behind_a_proxy_too(dates: list[str]):
    """
    A sweep that could not tell the time would take up nobody, for ever.
    """

    class Answering:
        async def hello(self) -> httpx.Response:
            return httpx.Response(200, headers=[("date", date) for date in dates])

    lookout, client = SharedLookout(), cast("PrefectClient", Answering())
    await lookout.look(client)

    assert datetime(2026, 11, 27, 21, 27, 25, tzinfo=UTC) == lookout.now
