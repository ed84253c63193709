"""
The sound of a film is brought to its loudness as it is decoded, and what would be too loud is limited.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.media.mixing import Finished, finish
from storyreel.media.mixing.meter import measured
from tests.media.sounds import RATE, tone

SECONDS = 6


def noise(height: float) -> np.ndarray:
    return height * np.random.default_rng(7).normal(0, 0.3, SECONDS * RATE)


def clicks(height: float) -> np.ndarray:
    """Return a soft tone with a hard beat twice a second: its peaks are 30 dB above the rest."""
    sound = tone(220, SECONDS, 0.02)
    for at in range(0, len(sound), RATE // 2):
        sound[at : at + 2400] += height * np.hanning(2400) * np.sin(np.arange(2400) * 0.9)
    return sound


PROGRAMMES = {
    "quiet": (tone(1000, SECONDS, 0.005), -14),
    "loud": (noise(1.0), -23),
    "peaky": (clicks(0.95), -14),
    "far beyond full scale": (noise(4.0), -14),
}


async def finished(sound: np.ndarray, to: Path, loudness: float | None) -> Finished:
    block = np.repeat(sound.astype(np.float32)[:, None], 2, axis=1)

    def mix() -> Iterator[np.ndarray]:
        yield from (block[at : at + RATE] for at in range(0, len(block), RATE))

    return await finish(mix, to, loudness=loudness, seconds=len(block) / RATE)


def decoded(film: Path) -> np.ndarray:
    with av.open(str(film)) as reader:
        return np.concatenate([frame.to_ndarray()[0] for frame in reader.decode(audio=0)])[
            : reader.streams.audio[0].duration
        ]


@pytest.mark.parametrize("kind", PROGRAMMES)
@pytest.mark.some(2)
async def test_every_programme_comes_to_its_loudness(tmp_path: Path, kind: str):
    """
    Within half a unit, and under -1 dBTP, measured on what a player decodes; what is told of it is what it measures.
    """
    sound, wanted = PROGRAMMES[kind]
    done = await finished(sound, tmp_path / "film.m4a", wanted)
    film = await measured(tmp_path / "film.m4a", 60)

    assert wanted == pytest.approx(film.integrated, abs=0.5)
    assert film.true_peak <= -1
    assert (done.loudness, done.true_peak) == pytest.approx((film.integrated, film.true_peak), abs=0.01)


async def test_a_gain_that_is_enough_limits_nothing(tmp_path: Path):
    """
    And the gain is told.
    """
    done = await finished(tone(1000, SECONDS, 0.005), tmp_path / "film.m4a", -23)

    assert 0 == done.limited_db
    assert 23 == pytest.approx(done.gain_db, abs=0.3)


async def test_what_is_nothing_but_peaks_comes_as_near_as_it_can(tmp_path: Path):
    """
    A click a second is limited however far it is turned up: it is heard as loud as that goes, under its ceiling.
    """
    sound = np.zeros(2 * RATE)
    for at in range(0, len(sound), RATE):
        sound[at : at + 48] = 0.9
    done = await finished(sound, tmp_path / "film.m4a", -14)

    assert done.loudness is not None
    assert done.true_peak is not None
    assert done.loudness < -14.5
    assert -4 < done.true_peak <= -1


async def test_what_is_silent_stays_silent(tmp_path: Path):
    """
    Noise that nobody hears is not brought up.
    """
    done = await finished(np.zeros(2 * RATE), tmp_path / "film.m4a", -14)

    assert Finished() == done
    assert not decoded(tmp_path / "film.m4a").any()


async def test_what_is_too_short_to_have_a_loudness_is_as_loud_as_it_was_and_does_not_clip(tmp_path: Path):
    """
    Loudness is measured over 0.4 s; what is heard together in less may be beyond full scale.
    """
    done = await finished(tone(440, 0.3, 1.5), tmp_path / "film.m4a", -14)

    assert done.loudness is None
    assert 3.5 == pytest.approx(done.limited_db, abs=0.1)


async def test_without_a_loudness_only_what_would_clip_is_changed(tmp_path: Path):
    """
    A moment of it is turned down, and how far is told; before and after it levels are what they were.
    """
    sound = tone(440, 3, 0.4)
    sound[RATE : RATE + RATE // 10] *= 4
    done = await finished(sound, tmp_path / "film.m4a", None)
    film = decoded(tmp_path / "film.m4a")

    assert 20 * np.log10(1.6) == pytest.approx(done.limited_db, abs=0.1)
    assert np.abs(film).max() < 1.1
    assert 0.4 == pytest.approx(np.abs(film[: RATE - RATE // 20]).max(), abs=0.01)
    assert 0.4 == pytest.approx(np.abs(film[2 * RATE :]).max(), abs=0.01)
