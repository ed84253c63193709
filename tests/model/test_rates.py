"""
A film at another rate: frames are repeated or dropped evenly, and counted as a second goes by.
"""

from fractions import Fraction

import pytest

from storyreel.model.rates import frame_shown, frames_at, timecode

NTSC = Fraction(30000, 1001)
FILM_NTSC = Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("new", "shows"),
    [
        (25, [0, 0, 1, 2, 3, 4, 5, 6, 7]),
        (30, [0, 0, 1, 2, 3, 4, 4, 5, 6, 7]),
        (48, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]),
        (12, [0, 2, 4, 6]),
        (FILM_NTSC, [0, 1, 2, 3, 4, 5, 6, 7]),
        (24, [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_frame_shows_what_has_begun_last(new: int | Fraction, shows: list[int]):
    """
    Of eight frames at 24; their number is rounded up.
    """
    frames = frames_at(8, Fraction(24), Fraction(new))
    assert shows == [frame_shown(frame, Fraction(24), Fraction(new)) for frame in range(frames)]


@pytest.mark.parametrize("new", [Fraction(12), Fraction(25), NTSC, Fraction(50), FILM_NTSC])
def test_a_frame_of_the_film_is_first_shown_where_its_number_says(new: Fraction):
    """
    No frame before that shows it, at any rate.
    """
    old = Fraction(24)
    for frame in range(1, 500):
        first = frames_at(frame, old, new)
        assert frame_shown(first, old, new) >= frame > frame_shown(first - 1, old, new)


@pytest.mark.parametrize(
    ("frame", "rate", "shown"),
    [
        (0, Fraction(24), "00:00:00:00"),
        (23, Fraction(24), "00:00:00:23"),
        (24 * 3725 + 5, Fraction(24), "01:02:05:05"),
        (1800, NTSC, "00:01:00:00"),
        (24, FILM_NTSC, "00:00:01:00"),
        (59, Fraction(60), "00:00:00:59"),
        (24 * 86400, Fraction(24), "00:00:00:00"),
    ],
)
def test_a_timecode_counts_every_frame(frame: int, rate: Fraction, shown: str):
    """
    None is dropped, 29.97 counts to 30, and after a day it begins anew.
    """
    assert shown == timecode(frame, rate)
