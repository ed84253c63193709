"""Pauses: as long as was told, longer each time, and never all at once."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from storyreel.imagine.rate import LONGEST_HOLD_S, Pace, backoff, jittered, told_to_wait

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        pytest.param(None, {}, id="nothing"),
        pytest.param(7.0, {"retry-after": "7"}, id="seconds"),
        pytest.param(0.5, {"retry-after": " 0.5 "}, id="parts-of-a-second"),
        pytest.param(0.0, {"retry-after": "-3"}, id="negative"),
        pytest.param(90.0, {"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT", "date": NOON}, id="date"),
        pytest.param(0.0, {"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": NOON}, id="date-in-the-past"),
        pytest.param(0.0, {"retry-after": "Sat, 01 Jan 2000 00:00:00 GMT"}, id="date-by-our-clock"),
        pytest.param(None, {"retry-after": "soon"}, id="nonsense"),
        pytest.param(None, {"retry-after": "nan"}, id="not-a-number"),
        pytest.param(math.inf, {"retry-after": "inf"}, id="endless"),
        pytest.param(math.inf, {"retry-after": "1e400"}, id="beyond-numbers"),
        pytest.param(0.0, {"retry-after": "-inf"}, id="endless-ago"),
        pytest.param(None, {"retry-after": f"Sun, 22 Nov {'9' * 30} 12:00:00 GMT"}, id="a-huge-year"),
        pytest.param(None, {"retry-after": "Sun, 22 Nov 99999 12:00:00 GMT"}, id="a-year-too-many"),
        pytest.param(None, {"retry-after": f"{'9' * 30} Nov 2026 12:00:00 GMT"}, id="a-huge-day"),
        pytest.param(None, {"retry-after": "Sun, 99 Nov 2026 99:99:99 GMT"}, id="no-such-day"),
        pytest.param(None, {"retry-after": f"Sun, 22 Nov 2026 12:00:00 +{'9' * 30}"}, id="a-huge-zone"),
        pytest.param(90.0, {"retry-after": "Sun, 22 Nov 2026 12:01:30", "date": NOON}, id="a-date-without-a-zone"),
        pytest.param(None, {"retry-after": "\x00\xff, ,"}, id="noise"),
        pytest.param(86_400.0, {"retry-after": "5, 86400, 7"}, id="told-several-times"),
        pytest.param(7.0, {"retry-after": "nan, 7,"}, id="told-several-times-and-once-well"),
        pytest.param(
            150.0,
            {"retry-after": "Sun, 22 Nov 2026 12:02:30 GMT, Sun, 22 Nov 2026 12:01:30 GMT, 5", "date": NOON},
            id="dates-told-several-times",
        ),
        pytest.param(90.0, {"retry-after": "Sunday, 22-Nov-26 12:01:30 GMT", "date": NOON}, id="a-date-of-1985"),
        pytest.param(90.0, {"retry-after": "Sun Nov 22 12:01:30 2026", "date": NOON}, id="a-date-as-c-writes-it"),
        pytest.param(90.0, {"retry-after": "2026-11-22T12:01:30Z", "date": NOON}, id="a-date-as-json-has-it"),
        pytest.param(None, {"retry-after": "2026-99-99T12:01:30Z", "date": NOON}, id="no-such-month"),
        pytest.param(60.0, {"retry-after": "60s"}, id="with-a-unit"),
        pytest.param(0.0, {"retry-after": "0", "date": "9" * 400}, id="seconds-beside-an-odd-date"),
    ],
)
def test_a_retry_after_is_read(expected: float | None, headers: dict[str, str]) -> None:
    """
    A pause that the service asks for is understood as seconds and as a date.
    """
    assert told_to_wait(headers) == expected


def test_pauses_double_up_to_a_bound() -> None:
    """
    Each pause is about twice the last, give or take a fifth, and none is without end.
    """
    pauses = [backoff(tries, 1.0) for tries in (1, 2, 3, 100)]

    assert all(0.8 * about <= pause <= 1.2 * about for about, pause in zip((1, 2, 4, 30), pauses, strict=True))
    assert backoff(1, 1.0, told_s=20.0) == 20.0
    assert backoff(1, 1.0, told_s=86_400.0) == LONGEST_HOLD_S
    assert backoff(1, 1.0, told_s=math.inf) == LONGEST_HOLD_S


def test_questions_spread_out() -> None:
    """
    Takes that were submitted together do not ask together.
    """
    pauses = {jittered(5.0) for _ in range(50)}

    assert len(pauses) > 40
    assert min(pauses) >= 4.0
    assert max(pauses) <= 6.0


async def test_a_hold_delays_those_who_already_wait() -> None:
    """
    After a refusal nobody submits before the pause is over, not even who stood in line.
    """
    pace = Pace(20)
    await pace.turn()
    before = time.monotonic()
    waiting = asyncio.create_task(pace.turn())
    await asyncio.sleep(0.01)

    pace.hold_back(0.15)
    await waiting

    assert time.monotonic() - before > 0.15


async def test_refusals_in_a_row_hold_longer_and_success_forgets_them() -> None:
    """
    The pause grows while the service says no, and starts small again afterwards.
    """
    pace = Pace(1000, first_hold_s=0.02)
    for _ in range(3):
        pace.refused(None)
    grown, _ = pace.held()
    await pace.turn()
    pace.accepted()
    pace.refused(None)
    first, _ = pace.held()

    assert grown > 0.05
    assert first < 0.03


async def test_who_gives_up_takes_no_turn() -> None:
    """
    A cancelled step leaves its turn to the next.
    """
    pace = Pace(2)
    await pace.turn()
    given_up = asyncio.create_task(pace.turn())
    await asyncio.sleep(0.01)
    given_up.cancel()
    before = time.monotonic()

    await pace.turn()

    assert time.monotonic() - before < 0.9
