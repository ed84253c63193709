"""
All that is heard of a film: nothing drifts, and nothing clicks where it begins, ends, crosses over or goes down.
"""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from storyreel.media import GivenSound, House, Programme, SoundPiece, produce
from storyreel.model.sound import PlacedSound
from tests.media.filming import ffmpeg
from tests.media.sounds import RATE, tone, written_sound
from tests.media.structures import FPS, HEIGHT, HOUSE, WIDTH

FRAME = RATE // FPS
HEIGHT_OF_TONE = 0.25


def clip_of(folder: Path, name: str, sound: np.ndarray, rate: str = str(FPS)) -> Path:
    """Return a clip in one colour with this sound, as it is."""
    heard = written_sound(folder / f"{name}.wav", sound)
    clip = folder / f"{name}.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=s={WIDTH}x{HEIGHT}:r={rate}:d={len(sound) / RATE}", "-i", str(heard)),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", str(clip)),
    )
    return clip


@pytest.fixture(scope="module")
def hum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return four seconds of a tone of 1 kHz."""
    return clip_of(tmp_path_factory.mktemp("hum"), "hum", tone(1000, 4, HEIGHT_OF_TONE))


async def heard(programme: Programme, to: Path, house: House = HOUSE) -> np.ndarray:
    """Return the left channel of a programme, decoded."""
    await produce(programme, house, to)
    with av.open(str(to)) as reader:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in reader.decode(audio=0)])
    assert len(sound) >= house.samples(programme.frames)
    return sound[: house.samples(programme.frames)]


def piece(clip: Path, at: int, frames: int, *, skipped: Fraction = Fraction(1, 2), **options: object) -> SoundPiece:
    return SoundPiece(clip, at, frames, skipped=skipped, cut_within=True, **options)


def placed(name: str, first: int, samples: int, **options: object) -> PlacedSound:
    return PlacedSound(kind="music", sha256=name, name=name, scene="a", first=first, samples=samples, **options)


JOINTS = {
    "a trim": lambda clip: Programme((piece(clip, 0, 24), piece(clip, 24, 24, skipped=Fraction(5, 3))), 48),
    "a dissolve": lambda clip: Programme((piece(clip, 0, 30, fall=12), piece(clip, 18, 30, rise=12, skipped=Fraction(7, 5))), 48),
    "a fade": lambda clip: Programme((piece(clip, 0, 24, fall=12), piece(clip, 24, 24, rise=12)), 48),
    "another speed": lambda clip: Programme((piece(clip, 0, 24), piece(clip, 24, 24, speed=Fraction(3, 2))), 48),
    "fades of its own": lambda clip: Programme(
        (piece(clip, 0, 30, begins=3, fade_in=6, ends=27, fade_out=6), piece(clip, 30, 18, begins=0, fade_in=1, ends=18, fade_out=1)), 48
    ),
    "another gain": lambda clip: Programme((piece(clip, 0, 24, gain_db=-12), piece(clip, 24, 24, gain_db=0.0)), 48),
    "music that begins and ends in its midst": lambda clip: Programme(
        (), 48, given=(GivenSound(clip, placed("hum", FRAME, 40 * FRAME, start=3333, cut_at_its_end=True)),), limits=True
    ),
    "music that goes round": lambda clip: Programme(
        (), 96, given=(GivenSound(clip, placed("hum", 0, 96 * FRAME, start=2 * RATE, repeats=True)),), limits=True
    ),
    "music that goes down": lambda clip: Programme(
        (), 48, given=(GivenSound(clip, placed("hum", 0, 48 * FRAME, duck_db=-20)),), ducked=((RATE // 2, RATE),), limits=True
    ),
}  # fmt: skip


@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.some(4)
async def test_a_tone_makes_no_step_larger_than_its_own_at_any_joint(hum: Path, tmp_path: Path, joint: str):
    """
    Its own are those of the same tone from end to end, encoded and decoded alike. Two of it that cross over add up to 3 dB more at
    the most: then they are those of so loud a tone.
    """
    sound = await heard(JOINTS[joint](hum), tmp_path / "film.m4a")
    steady = await heard(Programme((SoundPiece(hum, 0, 96),), 96), tmp_path / "steady.m4a")
    own = np.abs(np.diff(steady)).max()
    together = np.sqrt(2) if joint == "a dissolve" else 1.0

    assert np.abs(sound).max() > 0.9 * HEIGHT_OF_TONE
    assert np.abs(np.diff(sound)).max() < 1.03 * own * together


async def begins_on_its_frame(folder: Path, clips: int, frames: int, house: House, overlap: int) -> float:
    """Return by how many milliseconds, at most, beeps are off in a film of so many clips, each of which beeps from its frame 6 on."""
    first = house.samples(6)
    sound = np.zeros(house.samples(frames))
    sound[first : first + RATE // 50] = tone(2000, 0.02, 0.5)
    clip = clip_of(folder, "beep", sound, rate=str(house.fps))
    every = frames - overlap
    pieces = tuple(
        piece(clip, at * every, frames, skipped=Fraction(0), rise=overlap * (at > 0), fall=overlap * (at < clips - 1))
        for at in range(clips)
    )
    film = await heard(Programme(pieces, (clips - 1) * every + frames), folder / "film.m4a", house)
    off = []
    for at in range(clips):
        wanted = house.samples(at * every + 6)
        near = np.abs(film[wanted - RATE // 50 : wanted + RATE // 50])
        off.append(abs(int(np.argmax(near > 0.2)) - RATE // 50))
    return max(off) / RATE * 1000


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001)])
async def test_beeps_stay_on_their_frames(tmp_path: Path, fps: Fraction):
    """
    With transitions, at a rate that divides samples and at one that does not: within a millisecond.
    """
    assert await begins_on_its_frame(tmp_path, 25, 12, House(WIDTH, HEIGHT, fps=fps), 4) < 1


@pytest.mark.long
async def test_beeps_stay_on_their_frames_for_ten_minutes(tmp_path: Path):
    """
    Sixty joints between clips of ten seconds.
    """
    assert await begins_on_its_frame(tmp_path, 61, 240, HOUSE, 12) < 1
