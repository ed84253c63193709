"""
A bound of true time for one case in this process.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tests.fuzz.clock import Hung


@contextmanager
def within(true_s: float) -> Iterator[None]:
    """
    Have what runs in here end in time. What hangs in a library's own code is ended by whoever started this process.

    Raises:
        Hung: It did not.
    """

    def late(_: int, __: FrameType | None) -> None:
        raise Hung(f"no end after {true_s:g} true seconds")

    former = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, true_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
