"""
How long ago something was, with all the time in it that this process or its machine slept.
"""

from __future__ import annotations

import time


def now() -> tuple[float, ...]:
    """Return the clocks that go on through a sleep, in seconds: one that nobody sets, or two of which neither is sure."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return (time.clock_gettime(boot),) if boot is not None else (time.monotonic(), time.time())


class Since:
    """A moment, from when it was made."""

    def __init__(self) -> None:
        self._then = now()

    def seconds(self) -> float:
        """Return how long ago it was. Where clocks disagree the longest counts: a closed lid stops one, a person sets another."""
        return max(later - sooner for later, sooner in zip(now(), self._then, strict=True))
