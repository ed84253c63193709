"""
What a film is as a value: what makes it this one, and what its frames are once its clips are measured.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.errors import MediaError
from storyreel.model.drawn import Card, Drawn, FontFile, Framing, HeldPicture
from storyreel.model.footage import Footage
from storyreel.model.joints import Joint
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.spans import reach_of, span_of
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import MeasuredSource, Timeline, resolve

CARD = Footage(Path("card.mp4"), "c" * 64, 848, 480, seconds=4.0, fps=24.0, frames=96)
COAST = Shot("coast", StepClip("coast/video", 6.0), 0.0, None, (Credit("coast/video", 0.0, 6.0),))
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
        pytest.param(replace(FILM, close=Transition("fade-black", 1.0)), id="close"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, framing=Framing("crop")))), id="fit"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, source=Drawn(Card("Fim"), 2.0)))), id="card"),
        pytest.param(replace(FILM, picture=(replace(COAST, end=5.0), END)), id="trim"),
        pytest.param(replace(FILM, picture=(replace(COAST, start=-2.0), END)), id="from the end"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, speed=Fraction(2)))), id="speed"),
        pytest.param(replace(FILM, picture=(COAST, replace(END, joint=Transition("dissolve", 0.5)))), id="transition"),
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


def test_a_film_of_whole_clips_is_known_by_what_former_versions_called_it():
    """
    Fields that a shot does not use are no part of what the film is.
    """
    assert "5e54a28d9b47" == FILM.identity(CLIPS)[:12]


def test_names_do_not_make_a_film():
    """
    A scene that is called otherwise, or footage that lies elsewhere, is the same film.
    """
    renamed = replace(FILM, picture=(replace(COAST, scene="shore"), replace(END, source=replace(CARD, path=Path("x")))))

    assert FILM.identity(CLIPS) == renamed.identity(CLIPS)


def test_bars_are_what_a_film_has_where_nothing_is_asked_for():
    """
    Whoever writes `fit: pad`, with whatever focus, has the film that they had.
    """
    bars = replace(FILM, picture=(COAST, replace(END, framing=Framing("pad", (0.2, 0.8)))))

    assert FILM.identity(CLIPS) == bars.identity(CLIPS)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Drawn(Card("Ende"), 2.0), id="words"),
        pytest.param(Drawn(Card("Fim"), 2.5), id="seconds"),
        pytest.param(Drawn(Card("Fim", "#ff0000"), 2.0), id="ground"),
        pytest.param(Drawn(Card("Fim", place="top"), 2.0), id="place"),
        pytest.param(Drawn(Card("Fim", size=6.0), 2.0), id="size"),
        pytest.param(Drawn(Card("Fim", font=FontFile(Path("a.ttf"), "f" * 64)), 2.0), id="font"),
        pytest.param(Drawn(HeldPicture(CARD), 2.0), id="picture"),
        pytest.param(Drawn(HeldPicture(CARD), 2.0, Framing("blur")), id="fit"),
        pytest.param(Drawn(HeldPicture(CARD, "left"), 2.0, Framing("crop")), id="move"),
        pytest.param(Drawn(HeldPicture(CARD, "left"), 2.0, Framing("crop", (0.0, 0.0))), id="focus"),
    ],
)
def test_what_is_drawn_is_known_by_all_that_is_seen_of_it(other: Drawn):
    """
    No two of these are taken for one another; what its files are called makes no difference.
    """
    card = Drawn(Card("Fim"), 2.0)
    named = Drawn(Card("Fim", replace(CARD, path=Path("a.png"))), 2.0)

    assert card.sha256 != other.sha256
    assert Drawn(Card("Fim", CARD), 2.0).sha256 == named.sha256


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


def cut(*shots: Shot, close: Transition | None = None) -> Timeline:
    return Timeline((848, 480), shots, close)


def places(timeline: Timeline, *seconds: float) -> list[tuple[int, int, int]]:
    """Return where the shots of a film lie: first frame, frames, and the clip's first frame; of clips this long."""
    film = resolve(timeline, [measured(each) for each in seconds], rate=Fraction(24), size=(848, 480))
    return [(shot.first_frame, shot.frames, shot.clip_first_frame) for shot in film.picture]


@pytest.mark.parametrize(
    ("start", "end", "frames", "first"),
    [
        pytest.param(1.0, 2.5, 36, 24, id="seconds"),
        pytest.param(0.0, 2.0, 48, 0, id="head"),
        pytest.param(0.0, 6.0, 144, 0, id="as long as was asked for, of a clip that came longer"),
        pytest.param(2.0, None, 102, 48, id="to the end that was measured"),
        pytest.param(-2.0, None, 48, 102, id="from the end"),
        pytest.param(1.0, -0.5, 114, 24, id="before the end"),
        pytest.param(5.0, 9.0, 30, 120, id="beyond the end"),
        pytest.param(0.0, 1.0 / 48, 1, 0, id="half a frame is one"),
    ],
)
def test_a_shot_shows_the_frames_that_its_seconds_mean(start: float, end: float | None, frames: int, first: int):
    """
    To the nearest frame of the film; a negative second counts from the end of the clip that came.
    """
    assert [(0, frames, first)] == places(cut(replace(COAST, start=start, end=end)), 6.25)


def test_a_clip_that_ends_before_its_shot_begins_stops_the_cut():
    """
    The scene is named, and where to mend it.
    """
    with pytest.raises(MediaError, match=r"scene 'coast'.*2 s long.*`trim`"):
        places(cut(replace(COAST, start=3.0, end=5.0)), 2.0)


def test_a_scene_may_stand_in_a_film_more_than_once():
    """
    Each time with seconds of its own; its clip is one.
    """
    film = cut(replace(COAST, end=2.0), END, replace(COAST, start=4.0))

    assert ("coast/video",) == film.steps
    assert [(0, 48, 0), (48, 48, 24), (96, 48, 96)] == places(film, 6.0, 4.0, 6.0)


@pytest.mark.parametrize(("speed", "frames"), [("2", 72), ("0.5", 288), ("1.5", 96), ("0.7", 206)])
def test_speed_changes_how_many_frames_there_are(speed: str, frames: int):
    """
    Seconds by speed, to the nearest frame.
    """
    assert [(0, frames, 0)] == places(cut(replace(COAST, speed=Fraction(speed))), 6.0)


def test_a_dissolve_keeps_the_film_s_length_where_the_clips_have_handles():
    """
    A trim leaves frames behind the one shot and before the other; whole clips have none, and the shots overlap.
    """
    dissolve = Transition("dissolve", 0.5)
    trimmed = cut(replace(COAST, end=5.0), replace(COAST, start=1.0, joint=dissolve))
    whole = cut(COAST, replace(COAST, joint=dissolve))

    assert [(0, 120, 0), (120, 120, 24)] == places(trimmed, 6.0, 6.0)
    assert [(0, 144, 0), (132, 144, 0)] == places(whole, 6.0, 6.0)
    assert (10.0, 11.5) == (trimmed.seconds, whole.seconds)


def test_what_lies_beyond_the_trim_of_own_footage_is_encoded_for_its_transitions():
    """
    The file has it, so the film keeps its length. Whole seconds are, so that a longer one wants no other clip.
    """
    film = cut(
        COAST, replace(END, joint=Transition("dissolve", 0.5)), replace(COAST, joint=Transition("dissolve", 1.0))
    )
    card = resolve(film, [measured(6.0), measured(4.0), measured(6.0)], rate=Fraction(24), size=(848, 480)).picture[1]

    assert Joint(kind="dissolve", frames=12, handle_out=0, handle_in=6) == card.joint
    assert (0.0, 4.0) == card.source_range


@pytest.mark.parametrize(
    ("start", "end", "seconds", "rate", "beyond"),
    [(0.1, 0.9, 1.4, 24, (2, 12)), (0.7, 2.0, 4.0, 30, (21, 60)), (0.3, 0.8, 1.1, 30, (9, 9))],
)
def test_no_frame_that_own_footage_has_beyond_the_cut_is_lost(
    start: float, end: float, seconds: float, rate: int, beyond: tuple[int, int]
):
    """
    Seconds are written in tenths, of which no computer's number is exactly one.
    """
    shot = replace(END, source=replace(CARD, seconds=seconds), start=start, end=end)
    far = reach_of(shot, span_of(shot, seconds, None, Fraction(rate)))

    assert beyond == (far.before, far.after)


def test_a_transition_is_shortened_where_a_clip_came_too_short():
    """
    Nothing of this stops a film.
    """
    film = cut(COAST, replace(COAST, joint=Transition("dissolve", 2.0)), close=Transition("fade-black", 1.0))
    resolved = resolve(film, [measured(6.0), measured(1.5)], rate=Fraction(24), size=(848, 480))

    assert resolved.close is not None
    assert isinstance(resolved.picture[1].joint, Joint)
    assert 36 >= resolved.picture[1].joint.of_incoming + resolved.close.frames
