"""
Retry, as the page offers it: the same flow run once more. After a crash it goes on; after an end it is a person's word.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry, Scheduled, State

from tests.desk import Desk

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

TWO = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse.%s"
  - id: door
    prompt: "An iron door.%s"
"""
"""Two scenes that do not need each other; each takes a word to the sandbox."""
FAILS_ONCE = " [[sandbox: failed invalid_argument x1]]"
FAILS = " [[sandbox: failed invalid_argument]]"
SLOW = " [[sandbox: slow 1]]"


class Run:
    """One flow run, executed as often as it is retried: its id, and so what it may buy, stays."""

    def __init__(self, flow: Any, desk: Desk, **parameters: Any) -> None:
        self._flow = flow
        self._desk = desk
        self._parameters = {"storyboard": str(desk.board), "sandbox": True, **parameters}
        self._id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The run's own id, once it was begun."""
        assert self._id is not None
        return self._id

    async def shoot(self, because: str = "Retry from the UI", waits: str | None = None) -> tuple[State, list[str]]:
        """Execute it - for the second time, by a Retry, unless `because` says otherwise - and return its state and the prompts that were sent."""
        before = len(self._desk.posts())
        state: State = await self._executed(because, waits)
        return state, self._sent(before)

    async def crash(self, when: Callable[[], bool]) -> list[str]:
        """Execute it until something is so, and break it off in the middle; return the prompts that were sent."""
        before = len(self._desk.posts())
        work = asyncio.create_task(self._executed())
        async with asyncio.timeout(30):
            while not when():
                await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.wait({work})
        async with get_client() as client:
            state = (await client.read_flow_run(self._id)).state
        assert state is not None
        assert state.is_crashed(), state
        return self._sent(before)

    async def _executed(self, because: str = "Retry from the UI", waits: str | None = None) -> Any:
        async with get_client() as client:
            if self._id is None:
                self._id = (await client.create_flow_run(self._flow, parameters=self._parameters)).id
            else:
                # What the page sends. A worker would come and fetch it; here it is executed by hand.
                await client.set_flow_run_state(self._id, AwaitingRetry(message=because), force=True)
                if waits:
                    await client.set_flow_run_state(self._id, Scheduled(name=waits), force=True)
            flow_run = await client.read_flow_run(self._id)
        return await run_flow_async(self._flow, flow_run=flow_run, parameters=self._parameters, return_type="state")

    def _sent(self, since: int) -> list[str]:
        return [post["prompt"].partition(".")[0] for post in self._desk.posts()[since:]]


def ended(desk: Desk) -> int:
    """Return how many takes have their end in the vault."""
    return len(list((desk.folder / "vault" / "sandbox" / "takes").glob("*.json")))


async def test_after_a_failure_it_buys_what_failed(sequence: Any, desk: Desk):
    """
    The failed step is sent once more, the other one is not, and the film comes.
    """
    desk.write(TWO % ("", FAILS_ONCE))
    run = Run(sequence, desk)
    failed, first = await run.shoot()
    made, second = await run.shoot()

    assert failed.is_failed()
    assert ["A lighthouse", "An iron door"] == sorted(first)
    assert made.is_completed()
    assert ["An iron door"] == second
    assert desk.film.exists()


@pytest.mark.long
async def test_a_retry_is_not_stopped_by_what_the_run_has_spent(sequence: Any, desk: Desk):
    """
    Its budget covers what is still to buy beside what was charged, to the cent; both scenes once more it would not cover.
    """
    desk.write(TWO % ("", FAILS_ONCE))
    run = Run(sequence, desk, budget=0.15)
    failed, first = await run.shoot()
    made, second = await run.shoot()

    assert failed.is_failed()
    assert 2 == len(first)
    assert made.is_completed()
    assert ["An iron door"] == second


async def test_a_retry_that_does_not_fit_buys_nothing(sequence: Any, desk: Desk):
    """
    What failed was charged: to buy it again is more than is left, which the page says.
    """
    desk.write(TWO % ("", FAILS_ONCE + "[[sandbox: charge 0.05]]"))
    run = Run(sequence, desk, budget=0.14)
    await run.shoot()
    stopped, second = await run.shoot()

    assert stopped.is_failed()
    assert "1 request for about $0.05 is still to buy, and $0.04 is left of the budget of $0.14" in str(stopped.message)
    assert [] == second


async def test_a_failed_run_that_is_taken_up_as_if_it_had_crashed_buys_nothing(sequence: Any, desk: Desk):
    """
    What takes up crashed runs is no person: a run that had come to its end, and only seemed to crash, buys nothing anew.
    """
    desk.write(TWO % ("", FAILS))
    run = Run(sequence, desk)
    await run.shoot()
    state, sent = await run.shoot(because="Taken up again after a crash.")

    assert [] == sent
    assert state.is_failed()


async def test_who_is_taken_up_and_waits_for_a_place_has_not_been_retried(sequence: Any, desk: Desk):
    """
    A server that keeps the run waiting for others of its deployment schedules it anew, and that is no person's word.
    """
    desk.write(TWO % ("", FAILS))
    run = Run(sequence, desk)
    await run.shoot()
    state, sent = await run.shoot(because="Taken up again after a crash.", waits="AwaitingConcurrencySlot")

    assert [] == sent
    assert state.is_failed()


async def test_each_buys_once(sequence: Any, desk: Desk):
    """
    Each Retry of a step that fails for ever is one more request, and no more.
    """
    desk.write(TWO % ("", FAILS))
    run = Run(sequence, desk)
    await run.shoot()
    again = [await run.shoot() for _ in range(2)]

    assert [["An iron door"], ["An iron door"]] == [sent for _, sent in again]
    assert all(state.is_failed() for state, _ in again)


async def test_after_a_crash_it_goes_on_with_what_was_sent(sequence: Any, desk: Desk):
    """
    Broken off while the service works, the run collects what it has sent, and sends nothing.
    """
    desk.write(TWO % (SLOW, SLOW))
    run = Run(sequence, desk)
    first = await run.crash(lambda: len(desk.posts()) == 2)
    made, second = await run.shoot()

    assert len(first) == 2
    assert made.is_completed()
    assert [] == second
    assert desk.film.exists()


@pytest.mark.long
async def test_after_a_crash_it_is_no_word_of_a_person(sequence: Any, desk: Desk):
    """
    What failed before the crash was told to nobody, so it is not bought again until somebody has heard of it.
    """
    desk.write(TWO % (SLOW, FAILS_ONCE))
    run = Run(sequence, desk)
    await run.crash(lambda: ended(desk) == 1)
    recovered, unasked = await run.shoot()
    made, asked = await run.shoot()

    assert recovered.is_failed()
    assert [] == unasked
    assert made.is_completed()
    assert ["An iron door"] == asked


@pytest.mark.long
async def test_of_a_run_that_is_done_it_buys_nothing(sequence: Any, desk: Desk):
    """
    The film is there, and a Retry sends nothing.
    """
    desk.write(TWO % ("", ""))
    run = Run(sequence, desk)
    await run.shoot()
    made, sent = await run.shoot()

    assert made.is_completed()
    assert [] == sent


@pytest.mark.long
async def test_of_a_redo_it_does_not_redo_again(sequence: Any, desk: Desk):
    """
    `redo` stays in the run's parameters, and is done once all the same; a Retry buys what failed, and that alone.
    """
    desk.write(TWO % ("", ""))
    await Run(sequence, desk).shoot()
    desk.change("An iron door.", f"An open door.{FAILS_ONCE}")
    run = Run(sequence, desk, redo=["coast"])
    failed, first = await run.shoot()
    made, second = await run.shoot()
    _, third = await run.shoot()

    assert failed.is_failed()
    assert ["A lighthouse", "An open door"] == sorted(first)
    assert made.is_completed()
    assert ["An open door"] == second
    assert [] == third


@pytest.mark.long
async def test_after_a_crash_in_a_redo_it_does_not_redo_again(sequence: Any, desk: Desk):
    """
    The redo that was under way is collected, and not begun anew.
    """
    desk.write(TWO % (SLOW, ""))
    await Run(sequence, desk).shoot()
    run = Run(sequence, desk, redo=["coast"])
    first = await run.crash(lambda: len(desk.posts()) == 3)
    made, second = await run.shoot()

    assert ["A lighthouse"] == first
    assert made.is_completed()
    assert [] == second
    assert ended(desk) == 3


@pytest.mark.long
async def test_in_another_vault_it_buys_nothing_again(sequence: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    A Retry that a worker takes whose vault is another one stops, and names both; where the first one is, it goes on. A run
    that has bought nothing may begin anywhere.
    """
    there, here = (f"{desk.folder / name}" for name in ("vault", "other"))
    desk.write(TWO % (FAILS, ""))
    run = Run(sequence, desk, budget=0.0)
    await run.shoot()
    monkeypatch.setenv("STORYREEL_VAULT", here)
    _, elsewhere = await run.shoot()
    bought = Run(sequence, desk)
    monkeypatch.setenv("STORYREEL_VAULT", there)
    _, first = await bought.shoot()
    monkeypatch.setenv("STORYREEL_VAULT", here)
    stopped, second = await bought.shoot()
    monkeypatch.setenv("STORYREEL_VAULT", there)
    _, third = await bought.shoot()

    assert [] == elsewhere
    assert ["A lighthouse", "An iron door"] == sorted(first)
    assert stopped.is_failed()
    assert all(vault in (stopped.message or "") for vault in (there, here))
    assert [] == second
    assert ["A lighthouse"] == third
