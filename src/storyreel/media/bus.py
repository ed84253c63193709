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
from storyreel.media.bus_args import SoundTake, bus_args
from storyreel.media.ffmpeg import run_ffmpeg, side_by_side
from storyreel.media.format import House
from storyreel.media.probe import Measured
from storyreel.media.survey import Survey

BYTES_A_SAMPLE = 4  # 16 bit, stereo
LOUDEST = 32767
RAMP_S = 0.005  # over which sound that is cut in its midst rises and falls
MOST_AT_ONCE = 16
"""How many clips one ffmpeg has open to take their sounds."""
MOST_S = 600  # that a clip's sound may take


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


async def lay(
    sounds: Sequence[SoundPiece], frames: int, house: House, bus: Path, bench: Path, survey: Survey | None = None
) -> None:
    """
    Write the bus.

    Args:
        sounds: In the order in which they begin; each may overlap the next.
        frames: Of the film.
        bus: Bare stereo samples of 16 bits come here.
        bench: A folder to work in.
        survey: What is known of clips already.

    Raises:
        MediaError: A sound cannot be taken out of its clip; its command has that clip alone.
    """
    takes = await asyncio.to_thread(_takes, sounds, house, bench, survey or Survey())
    workers = max(2, os.cpu_count() or 2)
    turn = asyncio.Semaphore(workers)

    async def take_out(batch: Sequence[SoundTake]) -> None:
        async with turn:
            try:
                await run_ffmpeg(bus_args(batch, house), timeout_s=MOST_S * len(batch))
            except MediaError:
                if len(batch) == 1:
                    raise
                for each in batch:
                    await run_ffmpeg(bus_args([each], house), timeout_s=MOST_S)

    heard = [take for take in takes if take is not None]
    await side_by_side([take_out(batch) for batch in batches(heard, min(MOST_AT_ONCE, -(-len(heard) // workers)))])
    laid = [(sound, None if take is None else take.to) for sound, take in zip(sounds, takes, strict=True)]
    await asyncio.to_thread(_mix, laid, house.samples(frames), house, bus)


def _takes(sounds: Sequence[SoundPiece], house: House, bench: Path, survey: Survey) -> list[SoundTake | None]:
    """Return what is taken for each sound; None where its clip is silent."""
    return [
        _take(sound, measured, house, bench / f"{number:05}.s16")
        if (measured := survey.measured(sound.clip)).has_audio
        else None
        for number, sound in enumerate(sounds)
    ]


def _take(sound: SoundPiece, measured: Measured, house: House, to: Path) -> SoundTake:
    first, last = _edges(sound, house)
    ramp = round(house.sample_rate * RAMP_S) if sound.cut_within else 0
    return SoundTake(
        sound.clip,
        measured,
        to,
        samples=last - first,
        skipped=sound.skipped,
        speed=sound.speed,
        rise=house.samples(sound.rise) or ramp,
        fall=house.samples(sound.fall) or ramp,
    )


def batches(takes: Sequence[SoundTake], most: int) -> list[list[SoundTake]]:
    """Return sounds in their order, at most so many together, and no clip twice among them."""
    gathered: list[list[SoundTake]] = []
    clips: set[Path] = set()
    for take in takes:
        if not gathered or len(gathered[-1]) >= most or take.clip in clips:
            gathered.append([])
            clips = set()
        gathered[-1].append(take)
        clips.add(take.clip)
    return gathered


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
