"""
What a film is as a value: what makes it this one, and what its frames are once its clips are measured.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.model.storyboard import Footage
from storyreel.model.timeline import Credit, MeasuredSource, Shot, StepClip, Timeline, resolve

CARD = Footage(Path("card.mp4"), "c" * 64, 848, 480, seconds=4.0, fps=24.0, frames=96)
COAST = Shot("coast", StepClip("coast/video", 6.0), 0.0, 6.0, (Credit("coast/video", 0.0, 6.0),))
END = Shot("end", CARD, 1.0, 3.0, (Credit(None, 0.0, 2.0),))
FILM = Timeline((848, 480), (COAST, END))
CLIPS = {"coast/video": "a" * 64}


def measured(seconds: float, *, joins: bool = True, sha256: str = "a" * 64) -> MeasuredSource:
    return MeasuredSource(sha256, round(seconds * 24), seconds, joins)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(FILM, picture=(END, COAST)), id="order"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, start=1.5))), id="start"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, end=2.5))), id="end"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, source=replace(CARD, sha256="d" * 64)))), id="footage"),
        pytest.param(replace(FILM, picture=(COAST,)), id="one less"),
        pytest.param(replace(FILM, size=(480, 848)), id="size"),
    ],
)
def test_what_a_film_shows_makes_it_this_one(other: Timeline):
    """
    Another order, another second, another file or another size is another film.
    """
    assert FILM.identity(CLIPS) != other.identity(CLIPS)


def test_another_clip_makes_another_film():
    """
    A step that was made again has another clip, and the film is another one.
    """
    assert FILM.identity(CLIPS) != FILM.identity({"coast/video": "b" * 64})


def test_names_do_not_make_a_film():
    """
    A scene that is called otherwise, or footage that lies elsewhere, is the same film.
    """
    renamed = replace(FILM, picture=(replace(COAST, scene="shore"), replace(END, source=replace(CARD, path=Path("x")))))

    assert FILM.identity(CLIPS) == renamed.identity(CLIPS)


def test_a_clip_that_joins_gives_the_frames_that_it_has():
    """
    What came is shown whole, however long it was to be; the next shot begins where it ends.
    """
    film = resolve(FILM, [measured(6.25), measured(4.0, sha256="c" * 64)], rate=Fraction(24), size=(848, 480))

    assert [(0, 150), (150, 48)] == [(shot.first_frame, shot.frames) for shot in film.picture]
    assert [None, (1.0, 3.0)] == [shot.source_range for shot in film.picture]
    assert (198, 8.25) == (film.frames, film.seconds)


def test_a_clip_that_does_not_join_is_encoded_for_as_long_as_it_is():
    """
    Its seconds are rounded to frames of the film, and never to none.
    """
    strange = Timeline((848, 480), (COAST,))
    rate = Fraction(30000, 1001)

    assert 187 == resolve(strange, [measured(6.25, joins=False)], rate=rate, size=(848, 480)).frames
    assert 1 == resolve(strange, [measured(0.001, joins=False)], rate=rate, size=(848, 480)).frames


def test_own_footage_that_is_shown_whole_is_copied_if_it_joins():
    """
    A trim encodes; the same file without one goes in as it is.
    """
    whole = Timeline((848, 480), (replace(END, start=0.0, end=4.0),))

    assert resolve(whole, [measured(4.0)], rate=Fraction(24), size=(848, 480)).picture[0].source_range is None
