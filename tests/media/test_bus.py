"""The sound bus: every clip is heard at its place, as long as it is shown, and crosses over where pictures are mixed."""

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from storyreel.media import bus as bus_of
from storyreel.media.bus import SoundPiece, own_layers
from storyreel.media.mixing import mixed
from tests.media.filming import ffmpeg
from tests.media.structures import FPS, HOUSE

RATE = 48000
FRAME = RATE // FPS


@pytest.fixture(scope="session")
def steps(reels: Path) -> Path:
    """Return two seconds whose sound is another level in each quarter: 1000, 2000, ... of 32767."""
    clip = reels / "steps.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=s={HOUSE.width}x{HOUSE.height}:r={FPS}:d=2"),
        *("-f", "lavfi", "-i", f"aevalsrc='(1+floor(t*4))*1000/32768|(1+floor(t*4))*1000/32768':s={RATE}:d=2"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", str(clip)),
    )
    return clip


async def laid(folder: Path, frames: int, *sounds: SoundPiece) -> np.ndarray:
    """Return the left channel of a bus."""
    layers = await own_layers(sounds, HOUSE, folder)
    samples = np.concatenate(list(mixed(layers, HOUSE.samples(frames))))
    assert len(samples) == frames * FRAME
    return np.clip(np.rint(samples[:, 0] * 32768), -32768, 32767).astype(int)


async def test_a_piece_is_heard_at_its_place_from_its_second_on(steps: Path, tmp_path: Path):
    """
    To the sample; what no clip is heard in is silent.
    """
    bus = await laid(tmp_path, 48, SoundPiece(steps, at=12, frames=18, skipped=Fraction(1, 2)))

    assert not bus[: 12 * FRAME].any()
    assert not bus[30 * FRAME :].any()
    assert {3000} == {*bus[12 * FRAME : 18 * FRAME]}
    assert {4000} == {*bus[18 * FRAME : 24 * FRAME]}
    assert {5000} == {*bus[24 * FRAME : 30 * FRAME]}


async def test_two_pieces_cross_over_at_equal_power(steps: Path, tmp_path: Path):
    """
    Where their pictures are mixed: one falls as the other rises, and neither is heard outside.
    """
    one = SoundPiece(steps, at=0, frames=6, fall=4)
    other = SoundPiece(steps, at=2, frames=10, rise=4)
    bus = await laid(tmp_path, 12, one, other)
    middle = bus[4 * FRAME]

    assert {1000} == {*bus[: 2 * FRAME]}
    assert {1000} == {*bus[6 * FRAME : 8 * FRAME]}
    assert 2000 * np.sqrt(0.5) == pytest.approx(middle, rel=0.01)


async def test_what_begins_within_a_clip_does_not_click(steps: Path, tmp_path: Path):
    """
    It rises and falls over five milliseconds; a clip that is whole is left alone to the sample.
    """
    bus = await laid(tmp_path, 12, SoundPiece(steps, at=0, frames=12, skipped=Fraction(1), cut_within=True))
    ramp = RATE * 5 // 1000

    assert (0, 5000) == (bus[0], bus[ramp + 1])
    assert [*bus[: ramp + 1]] == sorted(bus[: ramp + 1])
    assert abs(bus[-1]) < 100


@pytest.mark.parametrize("speed", ["2", "0.5", "4", "0.25", "1.5"])
async def test_speed_changes_how_long_sound_lasts_and_not_what_it_is(steps: Path, tmp_path: Path, speed: str):
    """
    The middle of each quarter is heard where that quarter's picture is.
    """
    frames = round(48 / float(speed))
    bus = await laid(tmp_path, frames, SoundPiece(steps, at=0, frames=frames, speed=Fraction(speed)))
    middles = [bus[round((quarter + 0.5) * len(bus) / 8)] for quarter in range(8)]

    assert [1000 * (quarter + 1) for quarter in range(8)] == pytest.approx(middles, abs=350)


async def test_too_loud_together_is_as_loud_as_can_be(tmp_path: Path, reels: Path):
    """
    Nothing wraps around.
    """
    loud = reels / "loud.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=s={HOUSE.width}x{HOUSE.height}:r={FPS}:d=1"),
        *("-f", "lavfi", "-i", f"aevalsrc=0.9|0.9:s={RATE}:d=1", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-c:a", "pcm_s16le", str(loud)),
    )
    bus = await laid(tmp_path, 20, SoundPiece(loud, at=0, frames=12, fall=4), SoundPiece(loud, at=8, frames=12, rise=4))

    assert 32767 == bus[10 * FRAME]
    assert bus.min() >= 0


@pytest.mark.parametrize("speed", ["2", "0.5", "4", "0.25", "1.5", "0.8"])
async def test_a_beep_is_heard_where_its_picture_is_at_every_speed(reels: Path, tmp_path: Path, speed: str):
    """
    Within half a frame of the film.
    """
    clip = reels / "beep.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=s={HOUSE.width}x{HOUSE.height}:r={FPS}:d=2"),
        *("-f", "lavfi", "-i", f"aevalsrc='if(between(t,0.98,1.02),0.5*sin(2*PI*880*t),0)':s={RATE}:d=2:c=stereo"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", "-ac", "2", str(clip)),
    )
    frames = round(48 / float(speed))
    bus = await laid(tmp_path, frames, SoundPiece(clip, at=0, frames=frames, speed=Fraction(speed)))
    loud = np.flatnonzero(np.abs(bus) > 4000)

    assert RATE / float(speed) == pytest.approx((loud[0] + loud[-1]) / 2, abs=FRAME / 2)


async def test_sounds_are_taken_out_of_many_clips_at_once(steps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    Two ffmpegs do for a dozen clips, and what is heard is the same; a clip that comes twice is heard twice.
    """
    log = tmp_path / "log"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))
    monkeypatch.setattr(bus_of.os, "cpu_count", lambda: 2)
    clips = [Path(shutil.copy(steps, tmp_path / f"{number}.mov")) for number in range(12)]
    pieces = [
        SoundPiece(clip, at=number * 12, frames=12, skipped=Fraction(number % 4, 2))
        for number, clip in enumerate([*clips, clips[-1]])
    ]
    heard = await laid(tmp_path, 13 * 12, *pieces)

    assert [1000 + number % 4 * 2000 for number in range(12)] == [*heard[: 12 * 12 * FRAME : 12 * FRAME]][:12]
    assert 3 == len(log.read_text(encoding="utf-8").splitlines())
