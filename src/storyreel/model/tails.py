"""
Scenes whose clip lies in several clips: what was extended was too long to go in whole, so only its end went in.

What comes back begins with as many frames as were fed; what follows them is the new part. Lengths are measured when clips come, so
where a new part begins is known only then. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from storyreel.model.footage import Footage

SURE_S = 0.5
"""By how many seconds a clip may be another length than was asked for and yet be taken for what it is the length of."""

A_HAIR = 0.001
"""A part of a frame by which a second may be rounded away from where that begins."""


@dataclass(frozen=True)
class OwnPart:
    """The seconds from `start` to `end` of a person's own clip."""

    footage: Footage
    start: float
    end: float

    def ends(self, fed: float) -> float:
        """
        Return the second before which what is shown of it ends, so that its last frame is the last that was fed.

        What is fed begins with the frame that is shown at its first second, and what is shown with the one that is nearest to it; where
        seconds lie between frames these ends may be a frame apart, which would be shown twice or not at all.

        Args:
            fed: How many seconds of its end go in.
        """
        rate = Fraction(self.footage.fps).limit_denominator(1001)
        frames = math.floor((self.end - fed) * rate + A_HAIR) + round(fed * rate) - round(self.start * rate)
        return self.start + float(frames / rate) if rate and 0 < frames else self.end


@dataclass(frozen=True)
class ClipPart:
    """
    A part of a scene's clip that lies in the clip of a step: `seconds` is how long it was asked to be.

    `fed` are the seconds of the end of the clip before that went in, None where that went in whole, 0 of the first part, which is
    all of its step's clip. Where the first part is a person's own it has no step: `own` is what is shown of their file.
    """

    step: str
    seconds: float
    fed: float | None = 0.0
    own: OwnPart | None = None

    @property
    def identity(self) -> list[Any]:
        """What it is, but for the content of its step's clip."""
        return [self.seconds, self.fed, *([self.own.footage.sha256, self.own.start, self.own.end] if self.own else [])]


@dataclass(frozen=True)
class Length:
    """How long a clip is: its frames, and how many of them are shown in a second."""

    frames: int
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        """How long it is shown."""
        return self.frames / self.rate


def tail_frames(frames: int, rate: Fraction, seconds: float) -> int:
    """Return how many frames the last seconds of a clip are: all of them of one that is no longer."""
    return min(frames, round(Fraction(max(0.0, seconds)).limit_denominator(1_000_000) * rate))


def is_as_asked(part: ClipPart, clip: Length, before: Length) -> bool:
    """Whether a step's clip is as long as what was fed and what was to be added; then nobody has to look at it."""
    return part.fed == 0 or abs(float(clip.seconds - _fed(part, before).seconds) - part.seconds) <= SURE_S


def begins_at(part: ClipPart, clip: Length, before: Length, *, alone: bool | None = None) -> int:
    """
    Return the frame of a step's clip with which its new part begins: all of its frames, where nothing came but what was fed.

    It is 0 where the clip did not come with what was fed.

    Args:
        clip: How long the step's clip is.
        before: How long the clip of the step before is.
        alone: Whether it was seen to have come without what was fed. Where that is not known its length tells: it is as long as what
            was to be added, or no longer than what was fed.
    """
    if part.fed == 0:
        return 0
    fed = _fed(part, before)
    first = fed.frames if fed.rate == clip.rate else round(fed.seconds * clip.rate)
    if alone is None and not is_as_asked(part, clip, before):
        alone = first >= clip.frames or abs(float(clip.seconds) - part.seconds) <= SURE_S
    return 0 if alone else min(first, clip.frames)


def _fed(part: ClipPart, before: Length) -> Length:
    return before if part.fed is None else Length(tail_frames(before.frames, before.rate, part.fed), before.rate)


def with_own(parts: Sequence[ClipPart], clips: Sequence[Length]) -> list[Length]:
    """
    Return how long the clip of each part is. Of a person's own the frames are counted at the rate of the clip that goes on from it.

    Args:
        clips: Of the clips that were made, in their order.
    """
    own = parts[0].own
    if own is None:
        return list(clips)
    seconds = own.ends(parts[1].fed or 0.0) - own.start
    return [Length(round(seconds * clips[0].rate), clips[0].rate), *clips]
