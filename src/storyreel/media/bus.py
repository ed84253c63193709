"""
The sound bus of a film: one run of samples, as long as the picture, in which every clip is heard at its place.

Each clip's sound is exactly as long as what is shown of it; where two shots are mixed both are heard, at equal power. What
is not heard of any clip is silent.
"""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg, side_by_side
from storyreel.media.format import House
from storyreel.media.probe import Measured, probe

BYTES_A_SAMPLE = 4  # 16 bit, stereo
LOUDEST = 32767


@dataclass(frozen=True)
class SoundPiece:
    """
    What is heard of a clip: from `skipped` seconds after its first frame on, for `frames` frames from the film's frame
    `at` on, `speed` times as fast and at its own pitch.

    It rises over its first `rise` frames and falls over its last `fall`. `cut_within`: where it does not, it begins and
    ends within the clip's sound, and is ramped over a few milliseconds, or it would click.
    """

    clip: Path
    at: int
    frames: int
    skipped: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    rise: int = 0
    fall: int = 0
    cut_within: bool = False


async def lay(sounds: Sequence[SoundPiece], frames: int, house: House, bus: Path, bench: Path) -> None:
    """
    Write the bus.

    Args:
        sounds: In the order in which they begin; each may overlap the next.
        frames: Of the film.
        bus: Bare stereo samples of 16 bits come here.
        bench: A folder to work in.
    """
    measured = await asyncio.to_thread(
        lambda: {clip: probe(clip) for clip in dict.fromkeys(one.clip for one in sounds)}
    )
    turn = asyncio.Semaphore(max(2, os.cpu_count() or 2))

    async def take(number: int) -> Path | None:
        sound = sounds[number]
        if not measured[sound.clip].has_audio:
            return None
        to = bench / f"{number:05}.s16"
        async with turn:
            await run_ffmpeg(_arguments(sound, measured[sound.clip], house, to))
        return to

    takes = await side_by_side([take(number) for number in range(len(sounds))])
    await asyncio.to_thread(_mix, list(zip(sounds, takes, strict=True)), house.samples(frames), house, bus)


def _arguments(sound: SoundPiece, measured: Measured, house: House, to: Path) -> list[str]:
    """Return how ffmpeg takes one sound out of its clip."""
    first, last = _edges(sound, house)
    ramp = round(house.sample_rate * ffmpeg_args.RAMP_S) if sound.cut_within else 0
    return ffmpeg_args.sound_args(
        sound.clip,
        measured,
        house,
        to,
        samples=last - first,
        skipped=sound.skipped,
        speed=sound.speed,
        rise=house.samples(sound.rise) or ramp,
        fall=house.samples(sound.fall) or ramp,
    )


def _edges(sound: SoundPiece, house: House) -> tuple[int, int]:
    return house.samples(sound.at), house.samples(sound.at + sound.frames)


def _mix(takes: Sequence[tuple[SoundPiece, Path | None]], samples: int, house: House, bus: Path) -> None:
    """Lay sounds into a bus of silence, one over the end of the other where they overlap."""
    with bus.open("w+b") as file:
        file.truncate(samples * BYTES_A_SAMPLE)
        laid = 0
        for number, (sound, take) in enumerate(takes):
            first, last = _edges(sound, house)
            if take is not None:
                content = take.read_bytes()
                if len(content) != (last - first) * BYTES_A_SAMPLE:
                    got = len(content) // BYTES_A_SAMPLE
                    raise MediaError(f"the sound of shot {number + 1} has {got} samples, not {last - first}")
                file.seek(first * BYTES_A_SAMPLE)
                under = file.read(max(0, min(laid, last) - first) * BYTES_A_SAMPLE)
                file.seek(first * BYTES_A_SAMPLE)
                file.write(_sum(under, content[: len(under)]) + content[len(under) :])
                take.unlink()
            laid = max(laid, last)


def _sum(one: bytes, other: bytes) -> bytes:
    """Add up samples of 16 bits; what would be too loud is as loud as can be."""
    pairs = zip(array("h", one), array("h", other), strict=True)
    return array("h", [max(-LOUDEST, min(LOUDEST, a + b)) for a, b in pairs]).tobytes()
