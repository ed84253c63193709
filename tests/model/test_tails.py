"""
Where the new part of a clip begins that came back with the end of the one before.
"""

from fractions import Fraction

import pytest

from storyreel.model.tails import ClipPart, Length, begins_at, is_as_asked, tail_frames

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


def test_of_a_clip_that_went_in_whole_all_frames_are_left_out() -> None:
    """
    The first part of a scene is all of its clip, and nothing of that is fed.
    """
    assert begins_at(ClipPart("a", 16), clip(16), clip(16)) == 0
    assert begins_at(ClipPart("c", 4, fed=None), clip(16.5), clip(12.5)) == 300


@pytest.mark.parametrize(
    ("seconds", "alone", "first"),
    [
        pytest.param(8, False, 192, id="nothing-but-what-was-fed"),
        pytest.param(5, False, 120, id="less-than-was-fed"),
        pytest.param(8.5, False, 192, id="half-a-second-that-is-new"),
        pytest.param(12, True, 0, id="longer-than-asked-and-without-what-was-fed"),
    ],
)
def test_a_clip_of_another_length_is_what_it_was_seen_to_be(seconds: float, alone: bool, first: int) -> None:
    """
    Lengths do not tell whether it came with what was fed; where it did nothing of that is shown again, and where not nothing is lost.
    """
    part, came = ClipPart("ride/extend-2", 8, fed=8.0), clip(seconds)

    assert not is_as_asked(part, came, BEFORE)
    assert begins_at(part, came, BEFORE, alone=alone) == first
