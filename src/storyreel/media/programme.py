"""
The programme: all that is heard of a film, in one track as long as its picture.

What its shots sound like, what a person has laid over them, and music are layers of one mix, in samples; it is encoded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from storyreel.media.bus import RAMP_S, SoundPiece, own_layers
from storyreel.media.ffmpeg import to_its_end, workbench
from storyreel.media.format import House
from storyreel.media.mixing import Finished, Layer, Level, encode_whole, finish, in_whole_numbers, mixed, write_wav
from storyreel.media.sound_files import decode_sound
from storyreel.media.survey import Survey
from storyreel.model.sound import SAMPLE_RATE, Kind, PlacedSound

Stem = Literal["own", "voiceover", "effects", "music"]
"""What of a film is heard by itself: its shots' own sound, and what a person gave, by what it is."""
STEMS: tuple[Stem, ...] = get_args(Stem)
_STEM_OF: Mapping[Kind, Stem] = {"voiceover": "voiceover", "sounds": "effects", "music": "music"}


@dataclass(frozen=True)
class GivenSound:
    """A sound of a person's own: its file, and where it is heard."""

    file: Path
    placed: PlacedSound


@dataclass(frozen=True)
class Programme:
    """
    What is heard of a film of `frames` frames: the sounds of its shots, in the order in which they begin, each of which may overlap
    the next; what a person gave; stretches under which music is down; and a loudness in LUFS.

    `limits`: what would clip is limited. Else it is as loud as can be, as in a film in which nothing is asked for.
    """

    sounds: tuple[SoundPiece, ...]
    frames: int
    given: tuple[GivenSound, ...] = ()
    ducked: tuple[tuple[int, int], ...] = ()
    loudness: float | None = None
    limits: bool = False


async def produce(
    programme: Programme,
    house: House,
    to: Path,
    survey: Survey | None = None,
    ready: Mapping[SoundPiece, Path] = MappingProxyType({}),
    bus: Path | None = None,
) -> Finished:
    """
    Mix and encode what is heard of a film.

    Args:
        to: An MP4 with sound alone; whole once it is there.
        survey: What is known of clips already.
        ready: Where the samples of some shots' sounds lie already, as `take_sound` has written them.
        bus: Gets what is heard before it is encoded: bare samples of 24 bits in stereo, as many as the frames last.

    Raises:
        MediaError: A sound cannot be decoded, or ffmpeg failed.
    """
    samples = house.samples(programme.frames)
    async with workbench(to) as bench:
        own = await own_layers(programme.sounds, house, bench, survey, ready)
        layers = [*own, *await _given_layers(programme.given, bench)]
        film = bench / "film.m4a"
        seconds = samples / SAMPLE_RATE
        if programme.limits or programme.loudness is not None:
            mix = partial(mixed, layers, samples, ducked=programme.ducked)
            finished = await finish(mix, film, loudness=programme.loudness, seconds=seconds, bus=bus)
        else:
            finished = Finished()
            await encode_whole(in_whole_numbers(layers, samples), film, seconds=seconds, bus=bus)
        film.replace(to)
    return finished


async def produce_stems(
    programme: Programme,
    house: House,
    to: Mapping[Stem, Path],
    survey: Survey | None = None,
    ready: Mapping[SoundPiece, Path] = MappingProxyType({}),
) -> dict[Stem, float]:
    """
    Mix what is heard of a film as stems, each as long as it: together they are the mix as it is before anything is turned up or limited.

    Args:
        to: The WAV of each stem, 24 bits in stereo.
        survey: What is known of clips already.
        ready: Where the samples of some shots' sounds lie already, as `take_sound` has written them.

    Returns:
        By how many dB each stem is too loud to be written down; 0 where it is not.

    Raises:
        MediaError: A sound cannot be decoded, ffmpeg failed, or the film is longer than a WAV.
    """
    samples = house.samples(programme.frames)
    async with workbench(next(iter(to.values()))) as bench:
        layers: dict[Stem, list[Layer]] = {stem: [] for stem in to}
        layers["own"] = await own_layers(programme.sounds, house, bench, survey, ready)
        for each, layer in zip(programme.given, await _given_layers(programme.given, bench), strict=True):
            layers[_STEM_OF[each.placed.kind]].append(layer)
        beyond: dict[Stem, float] = {}
        for stem, path in to.items():
            mix = mixed(layers[stem], samples, ducked=programme.ducked)
            beyond[stem] = await to_its_end(partial(write_wav, mix, path, samples))
    return beyond


async def _given_layers(given: Iterable[GivenSound], bench: Path) -> list[Layer]:
    """Decode each file once, however often it is heard."""
    decoded: dict[Path, Path] = {}
    layers: list[Layer] = []
    for each in given:
        if each.file not in decoded:
            to = decoded[each.file] = bench / f"given-{len(decoded):03}.f32"
            await to_its_end(partial(decode_sound, each.file, to))
        layers.append(_layer(decoded[each.file], each.placed))
    return layers


def _layer(path: Path, placed: PlacedSound) -> Layer:
    """Return a sound as it is heard. Where it begins or ends in its midst it is ramped, or it would click."""
    ramp = round(RAMP_S * SAMPLE_RATE)
    level = Level(
        gain_db=placed.gain_db,
        fade_in=placed.fade_in or ramp * (placed.start > 0),
        ends=placed.samples,
        fade_out=placed.fade_out or ramp * placed.cut_at_its_end,
    )
    return Layer(
        path,
        placed.first,
        placed.samples,
        level,
        duck_db=placed.duck_db,
        start=placed.start,
        repeats=placed.repeats,
        bits="<f4",
    )
