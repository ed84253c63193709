"""
How fast, how long, and after which pause: submits are spaced, all of them after a 429, questions are repeated.

Everything is measured on the monotonic clock, so that a corrected system clock neither hurries nor stalls anything.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_HOLD_S = 300.0  # no single answer holds submits back for longer; the next refusal tells again

BORNE_IN_LINE_S = 2.0  # a longer hold is waited for elsewhere, since who stands in line holds a place among the jobs


_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(?:s|secs?|seconds?)", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]", re.ASCII)
_BETWEEN = re.compile(
    "".join(f"(?<!{day})" for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "day"]) + ",", re.IGNORECASE
)


def jittered(seconds: float) -> float:
    """Return a pause give or take a fifth, so that takes submitted together do not ask together."""
    return seconds * random.uniform(0.8, 1.2)


def backoff(tries: int, first_s: float, *, told_s: float | None = None, most_s: float = 30.0) -> float:
    """
    Return the pause before the next try: doubled each time, jittered, never shorter than was told.

    Args:
        tries: How many tries went wrong so far, from 1.
        first_s: The pause after the first, in seconds.
        told_s: What a Retry-After asked for, in seconds.
        most_s: The longest pause of our own.
    """
    own = jittered(min(most_s, first_s * 2 ** min(tries - 1, 16)))
    return own if told_s is None else max(own, min(told_s, LONGEST_HOLD_S))


def told_to_wait(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds that a Retry-After asks for, given as a number or as a date; None if it asks for nothing.

    Where it is told several times, the longest counts. A date is counted from the answer's own Date where it has one: two clocks seldom agree, and theirs wrote both. It may
    be any length, endless included: whoever waits has a bound of its own.
    """
    delays = headers.get("retry-after", "").strip()
    if not delays:
        return None
    parts = [_seconds(part.strip(), headers) for part in _BETWEEN.split(delays)]
    return max((seconds for seconds in parts if seconds is not None), default=None)


def _seconds(delay: str, headers: Mapping[str, str]) -> float | None:
    number = _NUMBER.fullmatch(delay)
    try:
        seconds = float(number[1] if number else delay)
    except ValueError:
        until = _date(delay)
        if until is None:
            return None
        seconds = (until - (_date(headers.get("date", "")) or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if seconds == seconds else None  # NaN is nobody's pause


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):  # a year of twenty digits is no ValueError
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


class Pace:
    """
    Spaces what goes out, for all who share it.

    Turns are handed out in the order of asking, one each `1 / per_second` seconds; a hold moves the next one, and all
    that wait for theirs, into the future. Nobody stands in line through a long hold: whoever does is sent away.
    """

    def __init__(self, per_second: float, *, first_hold_s: float = 2.0) -> None:
        self._gap_s = 1 / per_second if per_second > 0 else 0.0
        self._first_hold_s = first_hold_s
        self._open_at = 0.0
        self._held_until = 0.0
        self._why = ""
        self._refusals = 0
        self._door = asyncio.Lock()

    async def turn(self) -> bool:
        """Wait for a turn, and return whether it was given. A caller who is cancelled while waiting takes none."""
        async with self._door:
            # A hold may move the opening while we sleep towards it.
            while (left := self._open_at - time.monotonic()) > 0:
                if self.held()[0] > BORNE_IN_LINE_S:
                    return False
                await asyncio.sleep(min(left, BORNE_IN_LINE_S / 2))
            self._open_at = time.monotonic() + self._gap_s
            return True

    def held(self) -> tuple[float, str]:
        """Return for how many seconds nobody is given a turn any more, and why."""
        return max(0.0, self._held_until - time.monotonic()), self._why

    def hold_back(self, seconds: float, why: str = "") -> None:
        """Give nobody a turn for so many seconds from now (300 at most)."""
        until = time.monotonic() + min(seconds, LONGEST_HOLD_S)
        if until > self._held_until:
            self._held_until, self._why = until, why
        self._open_at = max(self._open_at, until)

    def refused(self, told_s: float | None, why: str = "") -> None:
        """Hold back after a refusal: as long as was told, or twice as long as the last time."""
        self._refusals += 1
        self.hold_back(backoff(self._refusals, self._first_hold_s, told_s=told_s, most_s=60.0), why)

    def accepted(self) -> None:
        """Forget former refusals."""
        self._refusals = 0
