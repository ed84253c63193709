"""
Join the clip of a scene with tails: what came back before the first tail, and of each clip after it what follows the frames that were fed.

It is a film of its own, cut as any: what can be copied is copied. From there on it is a clip like any other. Where the new parts
begin follows from how long the clips are, so what it is is known by what it is made of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from storyreel.delivery.cutting_room import CuttingRoom, about
from storyreel.model.recipe import Clip, digest
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.tails import Length, OwnPart, begin_at, with_own
from storyreel.model.timeline import Timeline, source_identity
from storyreel.vault import Take


def joined_name(clip: StepClip, clips: Mapping[str, Clip]) -> str:
    """Return what tells the clip of a scene with tails from others."""
    return digest(source_identity(clip, {step: clips[step].sha256 for step in clip.steps}))


async def reel_of(scene: str, clip: StepClip, clips: Mapping[str, Clip], room: CuttingRoom) -> Timeline:
    """
    Return the clip of a scene with tails as a film of its own: of the size of its first part, and from there on as it is.

    Raises:
        MediaError: A clip cannot be read.
        VaultError: A clip is missing.
    """
    measured = []
    for step in clip.steps:
        path = await room.vault.clips.local(clips[step].sha256)
        with about(scene, step):
            measured.append(await asyncio.to_thread(room.survey.measured, path))
    lengths = with_own(clip.parts, [Length(each.frames, each.signature.fps) for each in measured])
    shots = tuple(
        Shot(scene, StepClip(part.step, float(length.seconds)), float(first / length.rate), None, ())
        if part.own is None
        else own_shot(scene, part.own)
        for part, length, first in zip(clip.parts, lengths, begin_at(clip.parts, lengths), strict=True)
    )
    return Timeline(native_size(clip.own) if clip.own else _even(*measured[0].shown), shots)


def own_shot(scene: str, own: OwnPart) -> Shot:
    """Return the person's own clip with which a scene begins, as a shot of the film that its clip is."""
    return Shot(scene, own.footage, own.start, own.end, (Credit(None, 0.0, own.end - own.start),))


def native_size(own: OwnPart) -> tuple[int, int]:
    """Return in which size that film is made: the person's own."""
    return _even(own.footage.width, own.footage.height)


def part_ends(clip: StepClip, takes: Mapping[str, Take | None]) -> list[float] | None:
    """Return the second of its scene's clip at which each part ends, as clips were measured when they came; None if one was not."""
    came: list[Length] = []
    for step in clip.steps:
        take = takes.get(step)
        if take is None or not take.frames or not take.fps:
            return None
        came.append(Length(take.frames, Fraction(take.fps).limit_denominator(1001)))
    lengths = with_own(clip.parts, came)
    return _ends(lengths, list(begin_at(clip.parts, lengths)))


async def joined_seconds(clip: StepClip, files: Sequence[Path], room: CuttingRoom) -> float:
    """
    Return how long the clip of a scene with tails is, without joining it.

    Args:
        files: The clip of each step.
    """
    measured = [await asyncio.to_thread(room.survey.measured, file) for file in files]
    lengths = with_own(clip.parts, [Length(each.frames, each.signature.fps) for each in measured])
    return _ends(lengths, list(begin_at(clip.parts, lengths)))[-1]


def _ends(lengths: Sequence[Length], begins: Sequence[int]) -> list[float]:
    ends, at = [], Fraction(0)
    for length, first in zip(lengths, begins, strict=True):
        at += (length.frames - first) / length.rate
        ends.append(float(at))
    return ends


def _even(width: int, height: int) -> tuple[int, int]:
    return width - width % 2, height - height % 2
