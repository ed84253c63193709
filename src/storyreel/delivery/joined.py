"""
Join the clip of a scene with tails: what came back before the first tail, and of each clip after it what follows the frames that were fed.

It is a film of its own, cut as any: what can be copied is copied. From there on it is a clip like any other. Where the new parts
begin follows from how long the clips are, so what it is is known by what it is made of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from fractions import Fraction

from storyreel.delivery.cutting_room import CuttingRoom, about
from storyreel.delivery.new_part import Came, begin_at
from storyreel.model.recipe import Clip, digest
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.tails import Length, OwnPart
from storyreel.model.timeline import Timeline, source_identity
from storyreel.vault import Take, Vault


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
    lengths, firsts = await begin_at(
        clip,
        [
            Came(clips[step].sha256, Length(each.frames, each.signature.fps))
            for step, each in zip(clip.steps, measured, strict=True)
        ],
        room.vault,
    )
    shots = tuple(
        Shot(scene, StepClip(part.step, float(length.seconds)), float(first / length.rate), None, ())
        if part.own is None
        else own_shot(scene, part.own, clip.parts[1].fed)
        for part, length, first in zip(clip.parts, lengths, firsts, strict=True)
        if first < length.frames
    )
    return Timeline(native_size(clip.own) if clip.own else _even(*measured[0].shown), shots)


def own_shot(scene: str, own: OwnPart, fed: float | None) -> Shot:
    """Return the person's own clip with which a scene begins, as a shot of the film that its clip is; `fed` seconds of it went in."""
    end = own.ends(fed or 0.0)
    return Shot(scene, own.footage, own.start, end, (Credit(None, 0.0, end - own.start),))


def native_size(own: OwnPart) -> tuple[int, int]:
    """Return in which size that film is made: the person's own."""
    return _even(own.footage.width, own.footage.height)


async def part_ends(
    shots: Sequence[Shot], takes: Mapping[str, Take | None], vault: Vault
) -> dict[StepClip, tuple[float, ...]]:
    """
    Return the second of its scene's clip at which each part ends, as clips were measured when they came.

    Returns:
        By clip that is joined; without those that have a part which was not measured.
    """
    ends: dict[StepClip, tuple[float, ...]] = {}
    for clip in {shot.source for shot in shots if isinstance(shot.source, StepClip) and shot.source.parts}:
        came = [
            Came(take.sha256, Length(take.frames, Fraction(take.fps).limit_denominator(1001)))
            for step in clip.steps
            if (take := takes.get(step)) is not None and take.frames and take.fps and take.sha256
        ]
        if len(came) == len(clip.steps):
            ends[clip] = _ends(*await begin_at(clip, came, vault))
    return ends


async def joined_seconds(clip: StepClip, clips: Sequence[Clip], room: CuttingRoom) -> float:
    """
    Return how long the clip of a scene with tails is, without joining it.

    Args:
        clips: The clip of each step.
    """
    came = []
    for each in clips:
        measured = await asyncio.to_thread(room.survey.measured, await room.vault.clips.local(each.sha256))
        came.append(Came(each.sha256, Length(measured.frames, measured.signature.fps)))
    return _ends(*await begin_at(clip, came, room.vault))[-1]


def _ends(lengths: Sequence[Length], begins: Sequence[int]) -> tuple[float, ...]:
    ends, at = [], Fraction(0)
    for length, first in zip(lengths, begins, strict=True):
        at += (length.frames - first) / length.rate
        ends.append(float(at))
    return tuple(ends)


def _even(width: int, height: int) -> tuple[int, int]:
    return width - width % 2, height - height % 2
