"""
The stems of a film: what is heard of it, taken apart so that it can be put together again.
"""

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from storyreel.errors import MediaError
from storyreel.media import STEMS, GivenSound, Programme, SoundPiece, produce, produce_stems
from storyreel.media.mixing import write_wav
from storyreel.model.sound import Kind, PlacedSound
from tests.media.filming import ffmpeg
from tests.media.sounds import RATE, tone, written_sound
from tests.media.structures import FPS, HEIGHT, HOUSE, WIDTH

FRAME = RATE // FPS
LSB = 1 / (1 << 23)


def samples_of(file: Path) -> np.ndarray:
    """Return the samples of a WAV of 24 bits in stereo."""
    with wave.open(str(file)) as reader:
        assert (2, 3, RATE) == reader.getparams()[:3]
        return in_24_bits(reader.readframes(reader.getnframes()))


def in_24_bits(content: bytes) -> np.ndarray:
    padded = np.zeros((len(content) // 3, 4), "u1")
    padded[:, 1:] = np.frombuffer(content, "u1").reshape(-1, 3)
    return (padded.view("<i4").reshape(-1, 2) >> 8) * LSB


def laid(kind: Kind, first: int, frames: int, **options: object) -> PlacedSound:
    return PlacedSound(
        kind=kind, sha256=kind, name=kind, scene="a", first=first * FRAME, samples=frames * FRAME, **options
    )


@pytest.mark.parametrize("limits", [True, False], ids=["mixed", "as it is"])
async def test_the_stems_of_a_film_together_are_its_sound_before_it_is_encoded(tmp_path: Path, limits: bool):
    """
    Two shots that cross over, a voice, an effect, and music that goes down under the voice: sample by sample, as far as 24 bits tell.
    """
    sound = written_sound(tmp_path / "hum.wav", tone(1000, 2, 0.1))
    clip = tmp_path / "hum.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=s={WIDTH}x{HEIGHT}:r={FPS}:d=2", "-i", str(sound)),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", str(clip)),
    )
    given = (
        GivenSound(sound, laid("voiceover", 6, 20, gain_db=-6)),
        GivenSound(sound, laid("sounds", 10, 4, fade_out=FRAME)),
        GivenSound(sound, laid("music", 0, 36, start=999, repeats=True, gain_db=-3, duck_db=-10)),
    )
    programme = Programme(
        (
            SoundPiece(clip, 0, 24, fall=6, cut_within=True),
            SoundPiece(clip, 18, 18, skipped=Fraction(1, 2), rise=6, cut_within=True),
        ),
        36,
        given=given if limits else (),
        ducked=((6 * FRAME, 26 * FRAME),) if limits else (),
        limits=limits,
    )
    await produce(programme, HOUSE, tmp_path / "sound.m4a", bus=tmp_path / "bus")

    beyond = await produce_stems(programme, HOUSE, {stem: tmp_path / f"{stem}.wav" for stem in STEMS})

    stems = {stem: samples_of(tmp_path / f"{stem}.wav") for stem in STEMS}
    assert {(36 * FRAME, 2)} == {stem.shape for stem in stems.values()}
    bus = in_24_bits((tmp_path / "bus").read_bytes())
    # Each of four is rounded to the nearest; where nothing is laid over them shots are mixed in 16 bits.
    assert np.abs(sum(stems.values()) - bus).max() <= (2 if limits else 129) * LSB
    assert dict.fromkeys(STEMS, 0.0) == beyond
    assert limits == bool(np.abs(stems["music"]).max() > 0)


def test_a_stem_that_is_too_loud_for_itself_is_as_loud_as_can_be_and_says_by_how_much(tmp_path: Path):
    """
    A bed at twice full scale: nothing turns over, and 6 dB are told.
    """
    loud = np.array([[2.0, -2.0]], np.float32)

    beyond = write_wav([loud], tmp_path / "music.wav", 1)

    assert 6.02 == pytest.approx(beyond, abs=0.01)
    assert [[1 - LSB, -1.0]] == samples_of(tmp_path / "music.wav").tolist()


def test_a_film_that_is_longer_than_a_wav_is_told_so(tmp_path: Path):
    """
    A WAV says its length in 32 bits; nothing is begun that could not be read.
    """
    with pytest.raises(MediaError, match=r"lasts 4\.2 h, and a WAV holds 4\.1 h"):
        write_wav([], tmp_path / "own.wav", int(4.2 * 3600 * RATE))

    assert not (tmp_path / "own.wav").exists()
