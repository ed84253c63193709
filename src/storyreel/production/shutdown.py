"""
Stop a run without losing an answer: what is on its way may be billed, so its answer is waited for and written down first.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

ANSWER_PATIENCE_S = 25.0
"""How long a stopped run still waits for the answers to requests that are already on their way."""

T = TypeVar("T")

_under_way: set[asyncio.Future[Any]] = set()


async def to_its_end(work: Awaitable[T]) -> T:
    """Await something that must not be broken off: a cancellation is passed on only once it has ended (25 s at most)."""
    task = asyncio.ensure_future(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=ANSWER_PATIENCE_S)
        raise


async def answered() -> None:
    """Wait until nothing is under way that must not be broken off (25 s at most)."""
    if _under_way:
        await asyncio.wait(set(_under_way), timeout=ANSWER_PATIENCE_S)


def pass_on_sigterm() -> None:
    """Have whoever handles a SIGTERM otherwise handle it now."""
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def answers_first(stop: Callable[[], None] | None = None, pass_on: Callable[[], None] | None = None) -> Iterator[None]:
    """
    Have a SIGTERM cancel the task that runs inside, and be passed on when that has come to its end.

    Whoever handled it before - Prefect does, by an exception out of nowhere - meets a run that has nothing under way.
    A second one is passed on at once.

    Args:
        stop: Called instead of cancelling the task, in the event loop; nothing is passed on then.
        pass_on: Called at the end in place of whoever handles a SIGTERM otherwise.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, former, held_back = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM), False

    def ended(*_: object) -> None:
        nonlocal held_back
        if stop is None:
            held_back = True
            signal.signal(signal.SIGTERM, former)
        loop.call_soon_threadsafe(stop or task.cancel)

    signal.signal(signal.SIGTERM, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)
        if held_back:
            (pass_on or pass_on_sigterm)()
