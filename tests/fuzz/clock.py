"""
A clock on which pauses take no time: while nothing happens but waiting, it is set forward to the end of the pause.

So a case that waits for minutes, as it should, is over in milliseconds; and one that waits for days, as it should not,
is seen by how far the clock has come.
"""

from __future__ import annotations

import asyncio
import selectors
import signal
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


class Hung(BaseException):
    """A case came to no end. It is no Exception, so that nothing takes it for a fault that was thought of."""


class Clock:
    """The clock of one process: the true one, and how far it was set forward."""

    def __init__(self) -> None:
        self._true = time.monotonic
        self.ahead_s = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self._true() + self.ahead_s


class _Hasty(selectors.DefaultSelector):
    """A selector that waits for nothing but threads."""

    clock: Clock
    threads = 0
    until: float

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self.threads:
            # What a thread does takes true time.
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.clock.ahead_s += timeout
            if self.clock() > self.until:
                raise Hung("it waits and waits")
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop on such a clock."""

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self._hasty = _Hasty()
        self._hasty.clock, self._hasty.until = clock, clock() + patience_s
        super().__init__(self._hasty)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """Run something in a thread, during which the clock is the true one."""
        self._hasty.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._back)
        return future

    async def shutdown_default_executor(self, *limit: Any) -> None:
        """Wait for the threads' end, by the true clock: since Python 3.12 there is a limit to it, which would be jumped to."""
        self._hasty.threads += 1
        await super().shutdown_default_executor(*limit)
        self._hasty.threads -= 1

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        """Start a process, during which the clock is the true one, too."""
        transport, protocol = await super().subprocess_exec(*args, **kwargs)
        self._hasty.threads += 1
        self._watched = self.create_task(self._until_gone(transport))
        return transport, protocol

    async def _until_gone(self, transport: asyncio.SubprocessTransport) -> None:
        try:
            while transport.get_returncode() is None:
                await asyncio.sleep(0.005)
        finally:
            self._back(transport)

    def _back(self, _: object) -> None:
        self._hasty.threads -= 1


@contextmanager
def hasty() -> Iterator[Clock]:
    """Have all of this process go by such a clock."""
    clock = Clock()
    true, time.monotonic = time.monotonic, clock
    try:
        yield clock
    finally:
        time.monotonic = true


def run(case: Coroutine[Any, Any, T], clock: Clock, *, patience_s: float = 7200.0, true_s: float = 20.0) -> T:
    """
    Run a case to its end.

    Raises:
        Hung: It took longer than `patience_s` by its own clock, or `true_s` by the true one.
    """

    def late(_: int, __: FrameType | None) -> None:
        raise Hung(f"no end after {true_s:g} true seconds")

    former = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, true_s)
    try:
        with asyncio.Runner(loop_factory=lambda: Loop(clock, patience_s)) as runner:
            return runner.run(case)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
