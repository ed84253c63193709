"""
What is said stands at the frames at which it is said, in the shot that shows them.
"""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyreel.model.captions import (
    Caption,
    CaptionFile,
    Say,
    SpokenShot,
    TimedLines,
    apart,
    columns_within,
    letters_percent,
    of_file,
    shared,
    spoken,
    too_fast,
)

RATE = Fraction(24)
LONG = "Nobody waits for a tram like this, and nobody ever did. Where are we going, my friend, in all this rain?"


def shot(scene: str, first: int, frames: int, *say: Say, begins: float = 0.0, speed: str = "1") -> SpokenShot:
    return SpokenShot(scene, first, frames, Fraction(str(begins)), Fraction(speed), say)


def places(*captions: Caption) -> list[tuple[str, int, int]]:
    """Return whose words captions have, the frame with which each begins, and before which it ends."""
    return [(each.lines[0], each.first_frame, each.end) for each in captions]


def test_a_text_stands_over_the_whole_first_shot_of_its_scene():
    """
    A second shot of the scene has nothing of it.
    """
    shots = [shot("a", 0, 48, Say("Look!")), shot("b", 48, 24), shot("a", 72, 24, Say("Look!"))]

    assert [("Look!", 0, 48)] == places(*spoken(shots, RATE))


def test_what_has_to_be_broken_shares_the_seconds_by_its_letters():
    """
    55 letters and 48 share 103 frames so.
    """
    captions = spoken([shot("a", 10, 103, Say(LONG))], RATE)

    assert [("Nobody waits for a tram like this,", 10, 65), ("Where are we going,", 65, 113)] == [
        (each.lines[0], each.first_frame, each.end) for each in captions
    ]


def test_words_with_seconds_go_with_them_into_the_first_shot_that_shows_any():
    """
    They count in the clip, before speed; the shot's edges cut them off, and what no shot shows is left out.
    """
    say = (Say("early", 0.0, 0.5), Say("edge", 0.5, 1.5), Say("late", 2.0, 3.0), Say("never", 9.0, 10.0))
    shots = [shot("a", 0, 12, *say, begins=1.0, speed="2"), shot("b", 12, 24), shot("a", 36, 24, *say, begins=0.0)]

    assert [("edge", 0, 6), ("early", 36, 48)] == places(*spoken(shots, RATE))
    assert [("late", 12, 24)] == places(*spoken([shot("a", 0, 24, Say("late", 2.0, 3.0), begins=1.0, speed="2")], RATE))


def test_a_slow_shot_shows_them_for_longer():
    """
    A second of the clip at a quarter of the speed is four of the film.
    """
    assert [("now", 48, 144)] == places(*spoken([shot("a", 0, 144, Say("now", 0.5, 1.5), speed="1/4")], RATE))


def test_where_shots_cross_over_the_next_words_stand():
    """
    One caption is seen at a time.
    """
    shots = [shot("a", 0, 48, Say("before")), shot("b", 36, 48, Say("after"))]

    assert [("before", 0, 36), ("after", 36, 84)] == places(*spoken(shots, RATE))


@pytest.mark.parametrize(
    ("first", "second", "captions"),
    [
        pytest.param((0, 48), (24, 48), [("a", 0, 24), ("b", 24, 72)], id="overlapping"),
        pytest.param((0, 24), (0, 48), [("a", 0, 48)], id="together"),
        pytest.param((24, 24), (0, 24), [("b", 0, 24), ("a", 24, 48)], id="out of order"),
    ],
)
def test_captions_are_seen_one_at_a_time(first: tuple[int, int], second: tuple[int, int], captions: list[object]):
    """
    Each ends where the next begins; two that begin together are one, in lines.
    """
    row = [
        Caption(first_frame=at, frames=frames, lines=(name,))
        for name, (at, frames) in zip("ab", (first, second), strict=True)
    ]

    assert captions == places(*apart(row))
    assert {"a", "b"} == {line for each in apart(row) for line in each.lines}


def test_captions_of_a_file_end_with_the_film():
    """
    Seconds are of the film, at any rate.
    """
    file = CaptionFile(
        Path("x.srt"), "x", (TimedLines(0.5, 1.0, ("a",)), TimedLines(1.5, 9.0, ("b",)), TimedLines(9, 10, ("c",)))
    )

    assert [("a", 12, 24), ("b", 36, 48)] == places(*of_file(file, RATE, 48))
    assert [("a", 15, 30), ("b", 45, 60)] == places(*of_file(file, Fraction(30000, 1001), 60))


@pytest.mark.parametrize(
    ("size", "percent", "wide"),
    [((1280, 720), 5.0, 42), ((720, 720), 4.29, 42), ((720, 1280), 3.62, 28), ((1680, 720), 5.0, 42)],
)
def test_letters_in_the_picture_are_as_large_as_a_line_of_them_lets_them_be(
    size: tuple[int, int], percent: float, wide: int
):
    """
    So many columns of half a letter each are within nine tenths of its width; in one that stands upright they are fewer.
    """
    assert (percent, wide) == (letters_percent(size), columns_within(size))
    assert wide * percent / 100 * size[1] / 2 <= 0.9 * size[0] + 1


def test_what_nobody_can_read_is_known_by_its_pace():
    """
    Twenty letters a second can be read, wide ones half as many.
    """
    quick = [Caption(first_frame=0, frames=24, lines=(words,)) for words in ("x" * 20, "x" * 30, "あ" * 12)]

    assert [30.0, 24.0] == [pace for _, pace in too_fast(quick, RATE)]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), max_size=12),
)
def test_no_two_captions_are_at_one_frame(spans: list[tuple[int, int]]):
    """
    However they come.
    """
    row = apart(Caption(first_frame=first, frames=frames, lines=(str(at),)) for at, (first, frames) in enumerate(spans))

    assert all(each.frames > 0 for each in row)
    assert all(each.end <= after.first_frame for each, after in itertools.pairwise(row))
    assert {str(at) for at in range(len(spans))} == {line for each in row for line in each.lines}


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.integers(0, 500), st.integers(0, 500))
def test_captions_that_share_seconds_fill_them(texts: list[str], first: int, frames: int):
    """
    One after the other, without a gap.
    """
    row = list(shared([(text,) for text in texts], first, first + frames))

    assert frames == sum(each.frames for each in row)
    assert all(each.end == after.first_frame for each, after in itertools.pairwise(row))
