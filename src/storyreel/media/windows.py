"""
Windows: the frames of a film that are encoded anew, and no others.

Where a shot begins or ends within a group of pictures, runs at another speed, or is mixed with the next, its clip's own
packets cannot be shown. What is rendered in their place stands in one track with them (see `track`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from storyreel.model.words import LETTERED, Lettering


@dataclass(frozen=True)
class Stretch:
    """
    Frames of a clip as a film shows them: its frame k is the clip's `origin + floor((skip + k) * speed)`.

    `origin` is the clip's frame that is shown first but for handles, `skip` how many frames of the film after it (before
    it, if negative) the stretch begins.
    """

    clip: Path
    origin: int
    frames: int
    skip: int = 0
    speed: Fraction = Fraction(1)

    @property
    def first(self) -> int:
        """The first frame of the clip that is shown."""
        return self.origin + floor(self.skip * self.speed)

    @property
    def end(self) -> int:
        """The frame of the clip before which it ends."""
        return self.origin + floor((self.skip + self.frames - 1) * self.speed) + 1


@dataclass(frozen=True)
class Mix:
    """A transition between two stretches, by ffmpeg's name for it: the last frames of one and the first of the next."""

    name: str
    frames: int


@dataclass(frozen=True)
class Fade:
    """A fade from or to a colour: black or white."""

    colour: str
    frames: int


@dataclass(frozen=True)
class Window:
    """
    Stretches that are mixed into one another, rendered as one: there is a mix between each and the next.

    `opens` and `closes` are fades at its beginning and its end; `words` are laid over it, counted from its first frame. They go
    with a fade, and stand over a mix.
    """

    stretches: tuple[Stretch, ...]
    mixes: tuple[Mix, ...] = ()
    opens: Fade | None = None
    closes: Fade | None = None
    words: tuple[Lettering, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return sum(each.frames for each in self.stretches) - sum(mix.frames for mix in self.mixes)

    @property
    def clips(self) -> set[Path]:
        """The clips that it shows."""
        return {each.clip for each in self.stretches}

    def recipe(self, contents: Mapping[Path, str]) -> dict[str, Any]:
        """
        Return all that makes it what it is, but for the house format, fit for a digest.

        Args:
            contents: What tells each clip from others, wherever it lies.
        """
        lettered = {"lettered": LETTERED, "words": [each.model_dump() for each in self.words]} if self.words else {}
        return {
            "stretches": [
                [contents[each.clip], each.origin, each.frames, each.skip, str(each.speed)] for each in self.stretches
            ],
            "mixes": [[mix.name, mix.frames] for mix in self.mixes],
            "fades": [None if fade is None else [fade.colour, fade.frames] for fade in (self.opens, self.closes)],
            **lettered,
        }
