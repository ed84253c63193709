"""
Find where the new part of a clip begins that came back with the end of the one before.

Where it is as long as was asked for, that is counted. Any other length may mean either: a clip that came with what was fed and less
or more than was to be added, as an older take of another length does, or one that came without. There pictures tell: whether it
begins as what was fed begins, or goes on where that ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storyreel.errors import StoryreelError
from storyreel.media.frames import show_small
from storyreel.media.probe import A_HAIR_S
from storyreel.model.shot import StepClip
from storyreel.model.tails import ClipPart, Length, begins_at, is_as_asked, tail_frames, with_own
from storyreel.vault import Vault

SIDE = 32
"""Pictures are compared as small as this."""
ALIKE = 2.0
"""Levels of 256: two pictures that differ from a third one by less are the same picture, and tell nothing."""
STRANGE = 16.0
"""Levels by which no picture differs from itself, however often it was encoded."""
NEARER = 0.6
"""A picture is like one of two where it differs from that one by less than this share of what it differs from the other."""


@dataclass(frozen=True)
class Came:
    """A clip that came: its content, and how long it is."""

    sha256: str
    length: Length


async def begin_at(clip: StepClip, came: Sequence[Came], vault: Vault) -> tuple[list[Length], list[int]]:
    """
    Return how long the clip of each part of a scene is, and the frame of it with which that part begins.

    Args:
        came: The clip of each step.
    """
    lengths = with_own(clip.parts, [each.length for each in came])
    shas = [None] * (len(lengths) - len(came)) + [each.sha256 for each in came]
    firsts = [0]
    for at in range(1, len(lengths)):
        part, length, before = clip.parts[at], lengths[at], lengths[at - 1]
        sha256, former, own = shas[at], shas[at - 1], clip.own
        assert sha256 is not None, "only the first part may be a person's own"
        alone = None
        if not is_as_asked(part, length, before):
            with suppress(StoryreelError, OSError):
                if former is not None:
                    ends, path = float(before.seconds), await vault.clips.local(former)
                else:
                    assert own is not None, "what no step made is a person's own"
                    ends, path = own.end, own.footage.path
                alone = await _came_alone(path, ends, fed_seconds(part, before), await vault.clips.local(sha256))
        firsts.append(begins_at(part, length, before, alone=alone))
    return lengths, firsts


async def first_new_frame(part: ClipPart, clip: Came, before: Came, vault: Vault) -> int:
    """Return the frame of a step's clip with which its new part begins; `before` is the clip of the step before."""
    _, (_, first) = await begin_at(StepClip(part.step, part.seconds, (ClipPart("", 0.0), part)), (before, clip), vault)
    return first


def fed_seconds(part: ClipPart, before: Length) -> float:
    """Return how many seconds of a clip went in."""
    frames = before.frames if part.fed is None else tail_frames(before.frames, before.rate, part.fed)
    return float(frames / before.rate)


async def _came_alone(before: Path, ends: float, fed: float, clip: Path) -> bool | None:
    """Return whether a clip goes on where the one before it ends, and does not begin as the end of that one does; None if neither shows."""
    from PIL import ImageChops, ImageStat

    begun, fed_first, fed_last = [
        (await show_small(path, max(0.0, seconds), (SIDE, SIDE))).convert("L").resize((SIDE, SIDE))
        for path, seconds in ((clip, 0.0), (before, ends - fed + A_HAIR_S), (before, ends - A_HAIR_S))
    ]
    as_begun, as_ended = (ImageStat.Stat(ImageChops.difference(begun, each)).mean[0] for each in (fed_first, fed_last))
    if as_begun >= STRANGE or (as_begun >= ALIKE and as_ended < NEARER * as_begun):
        return True
    return False if as_ended >= ALIKE and as_begun < NEARER * as_ended else None
