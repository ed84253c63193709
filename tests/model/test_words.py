"""
Titles in frames: their moments are rounded by themselves, and no two stand at one place at one time.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.model.drawn import FontFile
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.timeline import MeasuredSource, ResolvedTimeline, Timeline, resolve
from storyreel.model.words import Lettering, Title, one_at_a_place

RATE = Fraction(24)
NTSC = Fraction(24000, 1001)


def shot(scene: str, *titles: Title, **options: object) -> Shot:
    step = f"{scene}/video"
    return Shot(scene, StepClip(step, 6.0), 0.0, None, (Credit(step, 0.0, 6.0),), titles=titles, **options)  # type: ignore[arg-type]


def film(*shots: Shot, seconds: float = 6.0, rate: Fraction = RATE) -> ResolvedTimeline:
    """Return a film whose clips all turned out this long."""
    measured = [MeasuredSource("a" * 64, round(seconds * rate), seconds, joins=True) for _ in shots]
    return resolve(Timeline((848, 480), shots), measured, rate=rate, size=(848, 480))


def spans(found: ResolvedTimeline) -> list[tuple[str, int, int]]:
    return [(each.text, each.first_frame, each.end) for each in found.words]


@pytest.mark.parametrize(
    ("title", "rate", "span"),
    [
        (Title("A", 1.0, 2.5), RATE, (24, 84)),
        (Title("A"), RATE, (0, 144)),
        (Title("A", 5.0, 9.0), RATE, (120, 144)),
        (Title("A", 0.1, 0.1), RATE, (2, 5)),
        (Title("A", 0.0625, 0.0625), RATE, (2, 3)),  # halves go up: 1.5 and 3 frames
        (Title("A", 0.01, 0.01), RATE, (0, 1)),  # a frame at least
        (Title("A", 1.0, 1.0), NTSC, (24, 48)),
        (Title("A", 0.7, 0.7), Fraction(10), (7, 14)),  # 0.7 is seven tenths, which no float is
        (Title("A", 6.0, 1.0), RATE, (144, 144)),
        (Title("A", 60.0), RATE, (144, 144)),
    ],
)
def test_both_moments_of_a_title_are_rounded_to_frames(title: Title, rate: Fraction, span: tuple[int, int]):
    """
    From the nearest frame of the one to the nearest of the other, within its shot; empty where it would begin after that.
    """
    assert span == title.span(144, rate)


@pytest.mark.parametrize("rate", [RATE, NTSC, Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_one_that_begins_as_another_ends_meets_it_at_no_rate(rate: Fraction):
    """
    Whatever frames their seconds fall on, no frame has both and none between them has neither.
    """
    for tenths in range(1, 55):
        first, second = Title("A", 0.0, tenths / 10), Title("B", tenths / 10, 0.3)
        assert first.span(1000, rate)[1] == second.span(1000, rate)[0]


def test_titles_count_from_the_first_frame_of_their_shot():
    """
    Wherever in the film it begins.
    """
    found = film(shot("sea"), shot("pier", Title("Late", 3.0, 1.0), Title("Early", 1.0, 1.0)))

    assert [("Early", 168, 192), ("Late", 216, 240)] == spans(found)


def test_a_title_of_a_clip_that_came_back_shorter_ends_with_it_or_is_not_seen():
    """
    No frame that another shot shows has it.
    """
    found = film(shot("sea", Title("Cut", 4.0, 2.0), Title("Gone", 5.5, 0.5, "top")), shot("pier"), seconds=5.0)

    assert [("Cut", 96, 120)] == spans(found)


def test_two_that_short_clips_bring_together_follow_one_another():
    """
    Each place has one at a time, and other places are free.
    """
    sea, pier = Title("Sea", 0.0, 5.0), Title("Pier", 0.0, 2.0)
    lettering = [
        Lettering(text=each.text, place=place, size=5, color="#ffffff", font=None, first_frame=first, frames=frames)
        for each, place, first, frames in (
            (sea, "top", 0, 100),
            (pier, "top", 90, 20),
            (sea, "bottom", 0, 100),
            (pier, "center", 90, 20),
            (sea, "center", 90, 20),
        )
    ]

    assert {("Sea", "top", 0, 90), ("Pier", "top", 90, 110), ("Sea", "bottom", 0, 100), ("Sea", "center", 90, 110)} == {
        (each.text, each.place, each.first_frame, each.end) for each in one_at_a_place(lettering)
    }


def test_what_stands_in_a_part_is_counted_from_its_beginning():
    """
    And is nothing where none of it does.
    """
    words = Lettering(text="A", place="top", size=5, color="#ffffff", font=None, first_frame=10, frames=10)

    assert [(0, 5), (2, 10), None] == [
        part and (part.first_frame, part.frames)
        for part in (words.within(15, 30), words.within(8, 40), words.within(20, 30))
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "B"},
        {"at": 1.5},
        {"duration": 2.0},
        {"place": "top"},
        {"size": 6.0},
        {"color": "#ff0000"},
        {"font": FontFile(Path("a.ttf"), "f" * 64)},
    ],
)
def test_whatever_is_seen_of_a_title_makes_another_film(other: dict[str, object]):
    """
    The name of its font's file is not seen.
    """
    title = Title("A", 1.0, 1.0)
    changed = replace(title, **other)  # type: ignore[arg-type]
    one, two = (Timeline((848, 480), (shot("sea", each),)).identity({"sea/video": "a"}) for each in (title, changed))

    assert one != two
    if changed.font is not None:
        again = replace(changed, font=FontFile(Path("b.ttf"), "f" * 64))
        assert two == Timeline((848, 480), (shot("sea", again),)).identity({"sea/video": "a"})
