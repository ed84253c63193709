"""
What is read of a film beside its picture follows the film: as it is to be, and as it was cut.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.model.captions import AS_USUAL, CaptionFile, Captioning, Say, TimedLines
from storyreel.model.film_words import captions_asked, captions_of, chapters_asked, chapters_of, unsaid
from storyreel.model.footage import Footage
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.tags import tags_of
from storyreel.model.timeline import MeasuredSource, ResolvedTimeline, Timeline, resolve

SIZE = (96, 64)
OWN = Footage(Path("own.mov"), "own", 96, 64, seconds=5.0, fps=25, frames=125)
FILE = CaptionFile(Path("pt.srt"), "srt", (TimedLines(1.0, 2.0, ("Olha!",)),))


def shot(scene: str, start: float = 0.0, end: float | None = None, **more: object) -> Shot:
    return Shot(scene, StepClip(f"{scene}/video", 3.0), start, end, (Credit(f"{scene}/video", 0.0, 3.0),), **more)  # type: ignore[arg-type]


def film(*shots: Shot, **more: object) -> Timeline:
    return Timeline(SIZE, shots, **more)  # type: ignore[arg-type]


def cut(timeline: Timeline, *seconds: float) -> ResolvedTimeline:
    """Return a film as it comes out where clips are so long, 24 frames a second."""
    measured = [
        MeasuredSource("x", round(each * 24), each, joins=shown.footage is None)
        for each, shown in zip(seconds, timeline.picture, strict=True)
    ]
    return resolve(timeline, measured, rate=Fraction(24), size=SIZE)


def test_captions_stand_where_the_film_came_out():
    """
    Clips of another length than they were asked for move what comes after them.
    """
    timeline = film(shot("a", say=(Say("one"),)), shot("b", say=(Say("two", 0.5, 1.0),)))

    assert [("one", 0, 72), ("two", 84, 96)] == [(c.text, c.first_frame, c.end) for c in captions_asked(timeline)]
    came_out = captions_of(timeline, cut(timeline, 2.0, 3.0))
    assert [("one", 0, 48), ("two", 60, 72)] == [(c.text, c.first_frame, c.end) for c in came_out]


def test_what_a_clip_came_out_too_short_for_is_known_one_by_one():
    """
    Another thing that is said in the same scene is in a caption all the same.
    """
    look, listen = Say("Look!", 0.5, 1.0), Say("Listen!", 2.5, 3.0)
    asked = film(shot("sea", say=(look, listen)), shot("pier", say=(Say("Yes."),)))

    assert [] == list(unsaid(asked, cut(asked, 3.0, 3.0)))
    assert [("sea", listen)] == list(unsaid(asked, cut(asked, 2.0, 3.0)))


def test_seconds_of_own_footage_count_in_its_part():
    """
    The shot counts in the file: half a second after 1.3 s of it is half a second after its first frame.
    """
    own = Shot("own", OWN, 1.3, 3.3, (Credit(None, 0.0, 2.0),), say=(Say("now", 1.8, 2.3),))
    timeline = film(own)

    assert [(12, 24)] == [(each.first_frame, each.end) for each in captions_asked(timeline)]
    assert [(12, 24)] == [(each.first_frame, each.end) for each in captions_of(timeline, cut(timeline, 5.0))]


def test_a_file_stands_in_the_place_of_what_scenes_say():
    """
    In seconds of the film.
    """
    timeline = film(shot("a", say=(Say("Look!"),)), captions=Captioning(file=FILE))

    assert [("Olha!", 24, 48)] == [(each.text, each.first_frame, each.end) for each in captions_asked(timeline)]


def test_a_chapter_is_a_scene_from_its_first_shot_on():
    """
    A scene that comes back begins none anew; the last chapter ends with the film.
    """
    shots = shot("a", 0.0, 1.0), shot("b", 0.0, 1.0), shot("a", 1.0, 2.0)
    timeline = film(*shots, chapters=True)

    assert [("a", 0, 24), ("b", 24, 72)] == [(c.name, c.first_frame, c.end) for c in chapters_asked(timeline)]
    assert chapters_asked(timeline) == chapters_of(timeline, cut(timeline, 3.0, 3.0, 3.0))
    assert () == chapters_asked(film(*shots))


def test_a_transition_moves_chapters_with_their_shots():
    """
    A chapter begins where its scene is first to be seen.
    """
    shots = shot("a"), shot("b", joint=Transition("dissolve", 0.5))

    assert [("a", 0, 60), ("b", 60, 132)] == [
        (each.name, each.first_frame, each.end) for each in chapters_asked(film(*shots, chapters=True))
    ]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        pytest.param({"captions": Captioning(language="pt")}, True, id="language"),
        pytest.param({"captions": Captioning(file=FILE)}, True, id="a file for a track"),
        pytest.param({"chapters": True}, True, id="chapters"),
        pytest.param({"captions": Captioning(burn=True)}, False, id="burnt"),
        pytest.param({"captions": Captioning(burn=True, file=FILE)}, False, id="burnt from a file"),
    ],
)
def test_only_what_is_in_the_picture_makes_it_another_film(changes: dict[str, object], same: bool):
    """
    All else is in the copy that people get.
    """
    bare = film(shot("a"))
    spoken = replace(bare, picture=(shot("a", say=(Say("Look!"),)),))
    sources = {"a/video": "c"}

    assert bare.identity(sources) == spoken.identity(sources)
    assert same is (spoken.identity(sources) == replace(spoken, **changes).identity(sources))  # type: ignore[arg-type]


def test_burnt_words_and_the_content_of_a_burnt_file_are_what_a_film_is():
    """
    Another word is another film; the file's name is nothing to it.
    """
    sources = {"a/video": "c"}

    def identity(words: str, file: CaptionFile | None = None) -> str:
        captions = Captioning(burn=True, file=file)
        return film(shot("a", say=(Say(words),)), captions=captions).identity(sources)

    assert identity("Look!") != identity("Look.")
    assert identity("a", FILE) == identity("b", replace(FILE, path=Path("other.srt")))
    assert identity("a", FILE) != identity("a", replace(FILE, sha256="else"))


def test_a_film_says_what_it_is_in_its_language():
    """
    What scenes say is spoken in that of their captions; a file may be a translation. What is in the picture is no track.
    """
    spoken = film(shot("a", say=(Say("Olha!"),)), captions=Captioning(language="pt"), chapters=True)
    tags = tags_of("Tram", spoken, cut(spoken, 3.0))
    assert ("Tram", "pt", "pt", 1, 1) == (
        tags.title,
        tags.language,
        tags.spoken,
        len(tags.captions),
        len(tags.chapters),
    )

    translated = replace(spoken, captions=Captioning(language="pt", file=FILE))
    assert ("pt", "") == (lambda tags: (tags.language, tags.spoken))(tags_of("", translated, cut(translated, 3.0)))

    burnt = replace(spoken, captions=Captioning(burn=True, language="pt"), chapters=False)
    assert ("pt", ()) == (lambda tags: (tags.spoken, tags.captions))(tags_of("", burnt, cut(burnt, 3.0)))

    silent = replace(film(shot("a")), captions=replace(AS_USUAL, language="pt"))
    assert tags_of("Tram", silent, cut(silent, 3.0)).is_plain
