"""
The sound of a film's shots: each clip's is taken out of it, as long as what is shown of it, and laid at its place.

Where two shots are mixed both are heard, at equal power. What is not heard of any clip is silent.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from storyreel.errors import MediaError
from storyreel.media.bus_args import SoundTake, bus_args
from storyreel.media.ffmpeg import run_ffmpeg, side_by_side
from storyreel.media.format import House
from storyreel.media.mixing.layers import Layer, Level
from storyreel.media.probe import Measured
from storyreel.media.survey import Survey

BYTES_A_SAMPLE = 4  # 16 bit, stereo
RAMP_S = 0.005  # over which sound that is cut in its midst rises and falls
MOST_AT_ONCE = 8
"""How many clips one ffmpeg has open to take their sounds."""
MOST_S = 600  # that a clip's sound may take


@dataclass(frozen=True)
class SoundPiece:
    """
    What is heard of a clip: from `skipped` seconds after its first frame on, for `frames` frames from the film's frame
    `at` on, `speed` times as fast and at its own pitch.

    It rises over its first `rise` frames and falls over its last `fall`. `cut_within`: where it does not, it begins and
    ends within the clip's sound, and is ramped over a few milliseconds, or it would click.

    It is `gain_db` louder than it is, and rises over `fade_in` frames from its frame `begins` on, before which it is then silent,
    and falls over `fade_out` to before its frame `ends`, after which it is.
    """

    clip: Path
    at: int
    frames: int
    skipped: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    rise: int = 0
    fall: int = 0
    cut_within: bool = False
    gain_db: float = 0.0
    begins: int = 0
    fade_in: int = 0
    ends: int = 0
    fade_out: int = 0

    @property
    def recipe(self) -> dict[str, Any]:
        """All that makes a difference to what is heard, other than the clip."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self) if each.name != "clip"}


async def own_layers(
    sounds: Sequence[SoundPiece],
    house: House,
    bench: Path,
    survey: Survey | None = None,
    ready: Mapping[SoundPiece, Path] = MappingProxyType({}),
) -> list[Layer]:
    """
    Take the sounds of shots out of their clips, and return them as they are heard; those that have none are left out.

    Args:
        bench: A folder to work in; the samples of what is returned lie there.
        survey: What is known of clips already.
        ready: Where the samples of some lie already, as `take_sound` has written them.

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

    takes = [
        take if take is None or sound not in ready else replace(take, to=ready[sound])
        for sound, take in zip(sounds, takes, strict=True)
    ]
    heard = [take for sound, take in zip(sounds, takes, strict=True) if take is not None and sound not in ready]
    await side_by_side([take_out(batch) for batch in batches(heard, min(MOST_AT_ONCE, -(-len(heard) // workers)))])
    return [
        _layer(number, sound, take, house)
        for number, (sound, take) in enumerate(zip(sounds, takes, strict=True), start=1)
        if take is not None
    ]


async def take_sound(sound: SoundPiece, house: House, to: Path, survey: Survey) -> bool:
    """
    Take the sound of a shot out of its clip, and say whether there is any.

    Args:
        to: Bare stereo samples of 16 bits come here.

    Raises:
        MediaError: It cannot be taken out.
    """
    measured = await asyncio.to_thread(survey.measured, sound.clip)
    if measured.has_audio:
        await run_ffmpeg(bus_args([_take(sound, measured, house, to)], house), timeout_s=MOST_S)
    return measured.has_audio


def taking(sound: SoundPiece, house: House) -> dict[str, Any]:
    """Return all that makes a difference to the samples that are taken out of a clip, other than the clip."""
    first, last = _edges(sound, house)
    rise, fall = _slopes(sound, house)
    return {
        "samples": last - first,
        "skipped": str(sound.skipped),
        "speed": str(sound.speed),
        "rise": rise,
        "fall": fall,
    }


def is_whole_sound(path: Path, sound: SoundPiece, house: House) -> bool:
    """Whether a file has as many samples as the sound of a shot."""
    first, last = _edges(sound, house)
    return path.stat().st_size == (last - first) * BYTES_A_SAMPLE


def _slopes(sound: SoundPiece, house: House) -> tuple[int, int]:
    """Return over how many samples it rises and falls."""
    ramp = round(house.sample_rate * RAMP_S) if sound.cut_within else 0
    return house.samples(sound.rise) or ramp, house.samples(sound.fall) or ramp


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Fraction) else value


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
    rise, fall = _slopes(sound, house)
    return SoundTake(
        sound.clip,
        measured,
        to,
        samples=last - first,
        skipped=sound.skipped,
        speed=sound.speed,
        rise=rise,
        fall=fall,
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


def _layer(number: int, sound: SoundPiece, take: SoundTake, house: House) -> Layer:
    first, last = _edges(sound, house)
    got = take.to.stat().st_size // BYTES_A_SAMPLE
    if got != last - first:
        raise MediaError(f"the sound of shot {number} has {got} samples, not {last - first}")
    level = Level(
        gain_db=sound.gain_db,
        begins=house.samples(sound.at + sound.begins) - first,
        fade_in=house.samples(sound.fade_in),
        ends=house.samples(sound.at + sound.ends) - first,
        fade_out=house.samples(sound.fade_out),
    )
    return Layer(take.to, first, last - first, level)
