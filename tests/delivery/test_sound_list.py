"""
What a cut list says of a film's sound, and what is remarked.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.delivery.film_sound import SoundRecord
from storyreel.delivery.sound_list import cut_sound, sound_remarks
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.sound import LaidSound, SoundFile
from storyreel.model.timeline import MeasuredSource, ResolvedTimeline, Timeline, resolve

BELL = SoundFile(Path("media/bell.wav"), "b", 2.0)


def film(
    *, at: float = 1.5, loudness: float | None = None, measured: float = 3.0, laid: bool = True
) -> tuple[Timeline, ResolvedTimeline]:
    """Return a film of one shot of three seconds with a bell over it, as it is asked for and in frames."""
    bells = (LaidSound("sounds", BELL, at=at),) if laid else ()
    shot = Shot("sea", StepClip("sea/video", 3.0), 0.0, None, (Credit("sea/video", 0.0, 3.0),), laid=bells)
    timeline = Timeline((848, 480), (shot,), loudness=loudness)
    source = MeasuredSource("a", round(measured * 24), measured, joins=True)
    return timeline, resolve(timeline, [source], rate=Fraction(24), size=(848, 480))


def test_what_was_laid_over_is_listed_in_seconds_of_the_film():
    """
    Cut off where the film ends.
    """
    listed = cut_sound(film()[1].sound, SoundRecord(sha256="a", limited_db=1.5))

    assert listed is not None
    assert [("sounds", "bell.wav", "sea", 1.5, 3.0)] == [
        (each.kind, each.file, each.scene, each.start, each.end) for each in listed.given
    ]
    assert 1.5 == listed.limited_db


def test_a_sound_is_listed_by_the_name_that_it_has_now():
    """
    A film that was cut when scene and file were called otherwise is the same film.
    """
    timeline, before = film()
    [shot] = timeline.picture
    bell = replace(BELL, path=Path("media/sino.wav"))
    now = replace(timeline, picture=(replace(shot, scene="mar", laid=(LaidSound("sounds", bell, at=1.5),)),))
    listed = cut_sound(now.named(before).sound, SoundRecord(sha256="a"))

    assert timeline.identity({"sea/video": "a"}) == now.identity({"sea/video": "a"})
    assert listed is not None
    assert [("sino.wav", "mar")] == [(each.file, each.scene) for each in listed.given]
    assert ["mar"] == [each.scene for each in now.named(before).picture]


def test_a_film_that_is_heard_as_it_is_has_no_list_and_no_remark():
    """
    Nor has one that was cut before films were asked for it.
    """
    timeline, resolved = film(laid=False)

    assert cut_sound(resolved.sound, SoundRecord(sha256="a")) is None
    assert cut_sound(film()[1].sound, None) is None
    assert [] == list(sound_remarks(timeline, resolved, SoundRecord(sha256="a")))


@pytest.mark.parametrize(
    ("loudness", "record", "words"),
    [
        (None, SoundRecord(sha256="a", limited_db=3.25), "turned down by 3.2 dB"),
        (-14, SoundRecord(sha256="a"), "the film is silent, and stays so: no loudness of -14 LUFS"),
        (-9, SoundRecord(sha256="a", loudness=-10.2), "the film came out at -10.2 LUFS, and -9 were asked for"),
    ],
)
def test_what_is_otherwise_than_asked_is_remarked(loudness: float | None, record: SoundRecord, words: str):
    """
    In a sentence.
    """
    (remark,) = sound_remarks(*film(loudness=loudness), record)

    assert words in remark


def test_a_film_too_short_to_have_a_loudness_is_not_called_silent():
    """
    It stays as loud as it is.
    """
    (remark,) = sound_remarks(*film(loudness=-14, measured=0.25, laid=False), SoundRecord(sha256="a"))

    assert "0.25 s long, and loudness is measured over 0.4 s: its level is as it was" in remark


def test_what_would_begin_after_the_end_of_a_shorter_clip_is_remarked():
    """
    A clip that was to be three seconds long came back with one.
    """
    (remark,) = sound_remarks(*film(measured=1.0), SoundRecord(sha256="a"))

    assert "'bell.wav' would begin 1.5 s into 'sea', after the film's end" in remark


def test_a_loudness_that_is_reached_is_not_remarked():
    """
    Nor is what was limited for it: the list says it.
    """
    record = SoundRecord(sha256="a", loudness=-14.2, true_peak=-1.1, limited_db=6)

    assert [] == list(sound_remarks(*film(loudness=-14), record))
