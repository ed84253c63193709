"""
What is heard, in samples: where it begins and ends, and when music is down.
"""

from fractions import Fraction
from pathlib import Path

import pytest

from storyreel.model.sound import (
    AS_IT_IS,
    SAMPLE_RATE,
    HeardShot,
    LaidSound,
    Music,
    OwnSound,
    ResolvedSound,
    SoundFile,
    resolve_sound,
)

SECOND = SAMPLE_RATE
RATE = Fraction(24)


def file(seconds: float) -> SoundFile:
    return SoundFile(Path("a.wav"), "a", seconds)


def film(*shots: tuple[str, int], **options: OwnSound) -> list[HeardShot]:
    """Return shots of so many frames, one after the other; `options` say how a scene is heard."""
    at, heard = 0, []
    for scene, frames in shots:
        heard.append(HeardShot(scene, at, frames, own=options.get(scene, AS_IT_IS)))
        at += frames
    return heard


def resolved(
    shots: list[HeardShot], *music: Music, laid: dict[int, tuple[LaidSound, ...]] | None = None
) -> ResolvedSound:
    each = [HeardShot(s.scene, s.first_frame, s.frames, s.own, (laid or {}).get(at, ())) for at, s in enumerate(shots)]
    sound = resolve_sound(each, music, None, rate=RATE)
    assert sound is not None
    return sound


def places(sound: ResolvedSound) -> list[tuple[float, float]]:
    return [(each.first / SECOND, (each.first + each.samples) / SECOND) for each in sound.placed]


def test_nothing_is_resolved_where_nothing_is_asked_for():
    """
    Such a film is what it was.
    """
    assert resolve_sound(film(("a", 24), ("b", 24)), (), None, rate=RATE) is None


def test_a_voice_runs_on_to_its_own_end_or_that_of_the_film():
    """
    Wherever its shot ends; it begins on the nearest frame.
    """
    laid = {0: (LaidSound("voiceover", file(1.5), at=0.26), LaidSound("sounds", file(9), at=0.5))}
    sound = resolved(film(("a", 24), ("b", 24)), laid=laid)

    assert [(0.25, 1.75), (0.5, 2.0)] == places(sound)
    assert [False, True] == [each.cut_at_its_end for each in sound.placed]


@pytest.mark.parametrize(
    ("music", "begins", "ends"),
    [
        (Music(file(60)), 0, 4),
        (Music(file(60), first="b"), 1, 4),
        (Music(file(60), first="b", last="b"), 1, 4),
        (Music(file(60), first="a", last="c"), 0, 3),
        (Music(file(1.5), first="b"), 1, 2.5),
        (Music(file(2), first="b", start=1.5), 1, 1.5),
        (Music(file(2), first="b", start=1.5, loop=True), 1, 4),
    ],
)
def test_music_is_from_the_first_shot_of_one_scene_to_the_last_of_another(music: Music, begins: float, ends: float):
    """
    Or to the end of its file.
    """
    sound = resolved(film(("a", 24), ("b", 24), ("c", 24), ("b", 24)), music)

    assert [(begins, ends)] == places(sound)


@pytest.mark.parametrize(("between", "stretches"), [(0.9, 1), (1.0, 2)])
def test_music_stays_down_between_voices_that_are_near(between: float, stretches: int):
    """
    Less than a second apart.
    """
    laid = {0: (LaidSound("voiceover", file(1)), LaidSound("voiceover", file(1), at=1 + between))}

    assert stretches == len(resolved(film(("a", 96)), Music(file(60)), laid=laid).ducked)


def test_music_goes_down_under_a_whole_shot_that_ducks_and_under_no_effect():
    """
    And under no voice where there is no music.
    """
    shots = film(("a", 24), ("b", 48), ("c", 24), b=OwnSound(duck=True))
    laid = {2: (LaidSound("sounds", file(1)),)}

    assert ((SECOND, 3 * SECOND),) == resolved(shots, Music(file(60)), laid=laid).ducked
    assert () == resolved(shots, laid=laid).ducked


def test_samples_of_a_rate_that_does_not_divide_are_those_of_the_films_grid():
    """
    29.97 frames a second have 1601.6 samples each: nothing adds up.
    """
    shots = [HeardShot("a", 0, 100), HeardShot("b", 100, 100, laid=(LaidSound("sounds", file(1), at=0.5),))]
    sound = resolve_sound(shots, (), None, rate=Fraction(30000, 1001))

    assert sound is not None
    assert round(115 * SECOND * 1001 / 30000) == sound.placed[0].first
