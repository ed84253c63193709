"""
Where the new part of a clip begins that came back with the end of the one before.
"""

from fractions import Fraction

import pytest

from storyreel.model.tails import ClipPart, Length, begin_at, begins_at, tail_frames

RATE = Fraction(24)
BEFORE = Length(384, RATE)


def clip(seconds: float, rate: Fraction = RATE) -> Length:
    """Return how long a clip of so many seconds is."""
    return Length(round(seconds * rate), rate)


@pytest.mark.parametrize(
    ("came", "first"),
    [
        pytest.param(clip(16), 192, id="as-asked"),
        pytest.param(clip(15.2), 192, id="shorter-than-asked"),
        pytest.param(clip(11), 192, id="much-shorter-than-asked"),
        pytest.param(clip(16, Fraction(30)), 240, id="of-another-rate"),
        pytest.param(clip(16, Fraction(24000, 1001)), 192, id="of-nearly-the-rate"),
        pytest.param(clip(8), 0, id="without-what-was-fed"),
        pytest.param(clip(8.3), 0, id="without-it-and-a-little-longer"),
        pytest.param(clip(5), 0, id="shorter-than-what-was-fed"),
    ],
)
def test_a_new_part_begins_behind_the_frames_that_were_fed(came: Length, first: int) -> None:
    """
    What comes back begins with as many frames as went in; where it cannot have them, all of it is new, and none of it is lost.
    """
    assert begins_at(ClipPart("ride/extend-2", 8, fed=8.0), came, BEFORE) == first


def test_a_clip_that_came_shorter_than_a_tail_went_in_whole() -> None:
    """
    Of a clip of five seconds the last eight are all that it has.
    """
    assert tail_frames(120, RATE, 8.0) == 120
    assert begins_at(ClipPart("ride/extend-2", 8, fed=8.0), clip(13), clip(5)) == 120


def test_the_parts_of_a_clip_follow_each_other() -> None:
    """
    The first part is all of its clip; of one that went in whole all frames are left out that it had.
    """
    parts = [ClipPart("a", 16), ClipPart("b", 5, fed=8.0), ClipPart("c", 4, fed=None)]

    assert list(begin_at(parts, [clip(16), clip(12.5), clip(16.5)])) == [0, 192, 300]
