"""
Stopping: what is on its way comes to its end first.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from storyreel.production.shutdown import answered, answers_first, to_its_end


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Return what happens, in order; a SIGTERM that is passed on is noted in it."""
    said: list[str] = []
    former = signal.signal(signal.SIGTERM, lambda *_: said.append("passed on"))
    yield said
    signal.signal(signal.SIGTERM, former)


async def send(heard: list[str]) -> None:
    """Be a request: begun, and answered a moment later."""
    heard.append("sent")
    await asyncio.sleep(0.2)
    heard.append("answered")


async def run(heard: list[str], **doors: Any) -> None:
    """Be a run that sends one request."""
    with answers_first(**doors):
        await to_its_end(send(heard))
        heard.append("went on")


async def ended(heard: list[str], **doors: Any) -> "asyncio.Task[None]":
    """Begin a run, end the process once the request is out, and wait for the run."""
    task = asyncio.create_task(run(heard, **doors))
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait({task})
    return task


async def test_a_process_that_is_to_end_takes_down_the_answer_first(heard: list[str]):
    """
    SIGTERM is passed on when the answer is there, and nothing new is begun.
    """
    task = await ended(heard)

    assert task.cancelled()
    assert ["sent", "answered", "passed on"] == heard


async def test_whoever_wants_to_be_told_is_told_instead(heard: list[str]):
    """
    The command line ends a run in its own way.
    """
    await ended(heard, stop=lambda: heard.append("told"))

    assert ["sent", "told", "answered", "went on"] == heard


async def test_what_is_passed_on_may_be_left_to_somebody(heard: list[str]):
    """
    Who can tell a cancelled run from a machine that is shut down decides what becomes of the signal.
    """
    task = await ended(heard, pass_on=lambda: heard.append("left to them"))

    assert task.cancelled()
    assert ["sent", "answered", "left to them"] == heard


async def test_one_may_wait_for_all_answers(heard: list[str]):
    """
    A run that is broken off leaves its request under way; it is waited for.
    """
    task = asyncio.create_task(run(heard))
    await asyncio.sleep(0.05)
    task.cancel()
    await answered()

    assert ["sent", "answered"] == heard
