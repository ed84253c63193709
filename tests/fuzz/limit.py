"""
A bound of time for one case in this process.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tests.fuzz.clock import Hung

TIMES = 8
"""How much longer than its own work a case may take, on a machine on which others work, too."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """
    Have what runs in here end in time. What hangs in a library's own code is ended by whoever started this process.

    Args:
        seconds: How long this process may work on it. Where it waits for others, it may take several times as long.

    Raises:
        Hung: It did not.
    """

    def late(_: int, __: FrameType | None) -> None:
        raise Hung(f"no end after {seconds:g} s of work or {TIMES * seconds:g} s of waiting")

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, TIMES * seconds))
    former = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, length in timers:
        signal.setitimer(timer, length)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, former, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)
