"""
What a film has otherwise than it was asked for, in words.
"""

from fractions import Fraction

from storyreel.delivery.remarks import remarks
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import MeasuredSource, Timeline, resolve


def shot(scene: str, start: float = 0.0, end: float | None = None, into: Transition | None = None) -> Shot:
    return Shot(scene, StepClip(f"{scene}/video", 6.0), start, end, (Credit(f"{scene}/video", 0.0, 6.0),), into)


def remarked(*shots: Shot, seconds: float, close: Transition | None = None) -> tuple[str, ...]:
    """Return what is remarked on a film whose clips all turned out this long."""
    film = Timeline((848, 480), shots, close)
    measured = [MeasuredSource("a" * 64, round(seconds * 24), seconds, joins=True) for _ in shots]
    return remarks(film, resolve(film, measured, rate=Fraction(24), size=(848, 480)))


def test_nothing_is_remarked_on_a_film_that_is_as_it_was_asked_for():
    """
    Not on a whole clip that is a little shorter either: its take says so.
    """
    dissolve = Transition("dissolve", 0.5)

    assert () == remarked(shot("sea"), shot("lamp", 1, 5, dissolve), shot("door", -3, -1, dissolve), seconds=6.0)
    assert () == remarked(shot("sea"), seconds=5.5)


def test_an_end_beyond_the_clip_that_came_is_remarked():
    """
    The shot ends with its clip.
    """
    (remark,) = remarked(shot("sea", 1, 5.8), shot("lamp", 0, 4), seconds=5.0)

    assert "'sea' ends at 5.00 s of its clip, where that ends; it was to be shown to 5.8 s" == remark


def test_an_end_that_counts_from_the_clip_s_own_is_where_it_was_to_be():
    """
    However long the clip turned out.
    """
    assert () == remarked(shot("sea", 1, -0.5), shot("lamp", -3, -1), seconds=5.0)


def test_a_transition_that_had_to_be_shortened_is_remarked():
    """
    With the frames that it has and those that it was to have.
    """
    long, fade = Transition("dissolve", 4.0), Transition("fade-black", 3.0)

    (remark,) = remarked(shot("sea"), shot("lamp", into=long), seconds=3.0)
    assert remark.startswith("the dissolve between 'sea' and 'lamp' has 72 of its 96 frames")

    (close,) = remarked(shot("sea"), close=fade, seconds=2.0)
    assert close.startswith("the fade-black of 'sea' has 48 of its 72 frames")
