"""
Joints: where a transition takes its frames from, and what that does to the length of a film.
"""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.joints import FADES, AskedJoint, Joint, Reach, TooShort, joined, reach, shortened, too_short

speeds = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3, 2), Fraction(1, 4), Fraction(7, 10)])


@st.composite
def shots(draw: st.DrawFn) -> tuple[int, int, int, Fraction]:
    """Return first frame, end, frames of the clip, and speed."""
    frames = draw(st.integers(2, 300))
    start = draw(st.integers(0, frames - 1))
    return start, draw(st.integers(start + 1, frames)), frames, draw(speeds)


@given(shots())
def test_a_shot_reaches_as_far_as_its_clip_has_frames(shot: tuple[int, int, int, Fraction]):
    """
    Its frame k is the clip's first and as many after it as k times the speed has whole ones, handles included.
    """
    start, end, frames, speed = shot
    found = reach(start, end, frames, speed)

    def shown(number: int) -> int:
        return start + floor(number * speed)

    assert found.shown == floor((end - start) / speed + Fraction(1, 2))
    assert shown(-found.before) >= 0 > shown(-found.before - 1)
    assert shown(found.shown + found.after - 1) < frames
    assert found.after == 0 or shown(found.shown + found.after) >= frames


@pytest.mark.parametrize(
    ("frames", "after", "before", "handles"),
    [
        pytest.param(12, 99, 99, (6, 6), id="all"),
        pytest.param(13, 99, 99, (7, 6), id="odd: the larger half behind the end"),
        pytest.param(12, 0, 0, (0, 0), id="none"),
        pytest.param(12, 3, 99, (3, 6), id="few behind"),
        pytest.param(12, 99, 3, (6, 3), id="few before"),
        pytest.param(1, 99, 99, (1, 0), id="one frame"),
    ],
)
def test_a_transition_takes_its_frames_from_beyond_the_cut(
    frames: int, after: int, before: int, handles: tuple[int, int]
):
    """
    By what is missing there the film is shorter, and by nothing else.
    """
    pair = [Reach(48, 0, after), Reach(48, before, 0)]
    joint = joined(pair, [None, AskedJoint("dissolve", frames), None])[1]

    assert joint is not None
    assert handles == (joint.handle_out, joint.handle_in)
    assert frames - sum(handles) == joint.overlap
    assert frames == joint.handle_out + joint.of_outgoing == joint.handle_in + joint.of_incoming


@pytest.mark.parametrize("kind", FADES)
def test_a_fade_moves_nothing(kind: str):
    """
    It goes through its colour: the larger half on the shot before it, the rest on the next.
    """
    joint = joined([Reach(48, 9, 9), Reach(48, 9, 9)], [None, AskedJoint(kind, 13), None])[1]

    assert joint == Joint(kind=kind, frames=13)
    assert (0, 7, 6) == (joint.overlap, joint.of_outgoing, joint.of_incoming)


def test_a_fade_at_the_film_s_ends_takes_all_of_its_frames_there():
    """
    There is nothing on the other side to share them with.
    """
    short = [Reach(20, 0, 0)]

    assert not [*too_short(short, joined(short, [AskedJoint("fade-black", 10), AskedJoint("fade-black", 10)]))]
    asked = [AskedJoint("fade-black", 11), AskedJoint("fade-black", 10)]
    assert [TooShort(0, shown=20, into=11, out=10)] == [*too_short(short, joined(short, asked))]


@given(st.data())
def test_transitions_are_shortened_until_every_shot_has_what_they_take(data: st.DataObject):
    """
    Whatever was measured: the film is cut, and where nothing was too short nothing is changed.
    """
    count = data.draw(st.integers(1, 5))
    numbers = st.integers(0, 40)
    pieces = [Reach(data.draw(st.integers(1, 40)), data.draw(numbers), data.draw(numbers)) for _ in range(count)]
    kinds = st.sampled_from(["dissolve", *FADES])
    ends = [data.draw(st.none() | st.builds(AskedJoint, st.sampled_from(FADES), st.integers(1, 40))) for _ in range(2)]
    middle = [data.draw(st.none() | st.builds(AskedJoint, kinds, st.integers(1, 40))) for _ in range(count - 1)]
    asked = [ends[0], *middle, ends[1]]
    joints = shortened(pieces, asked)

    assert not [*too_short(pieces, joints)]
    if not [*too_short(pieces, joined(pieces, asked))]:
        assert joints == joined(pieces, asked)
    assert all((new is None) <= (old is None or new is None) for old, new in zip(asked, joints, strict=True))
