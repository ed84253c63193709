"""
Windows: the frames of a film that are encoded anew, and no others.

Where a shot begins or ends within a group of pictures, runs at another speed, or is mixed with the next, its clip's own
packets cannot be shown. What is rendered in their place stands in one track with them (see `track`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

from storyreel.errors import MediaError
from storyreel.media.conform import landed
from storyreel.media.ffmpeg import run_ffmpeg, workbench
from storyreel.media.format import House, matches
from storyreel.media.packets import Scan, scan
from storyreel.media.probe import Measured, probe
from storyreel.media.seek import landing
from storyreel.media.window_args import Source, window_args


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

    `opens` and `closes` are fades at its beginning and its end.
    """

    stretches: tuple[Stretch, ...]
    mixes: tuple[Mix, ...] = ()
    opens: Fade | None = None
    closes: Fade | None = None

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return sum(each.frames for each in self.stretches) - sum(mix.frames for mix in self.mixes)

    def recipe(self, contents: Mapping[Path, str]) -> dict[str, Any]:
        """
        Return all that makes it what it is, but for the house format, fit for a digest.

        Args:
            contents: The sha256 of each clip.
        """
        return {
            "stretches": [
                [contents[each.clip], each.origin, each.frames, each.skip, str(each.speed)] for each in self.stretches
            ],
            "mixes": [[mix.name, mix.frames] for mix in self.mixes],
            "fades": [None if fade is None else [fade.colour, fade.frames] for fade in (self.opens, self.closes)],
        }


async def render(window: Window, house: House, to: Path) -> Measured:
    """
    Render a window, so that it can stand in one track with packets of its clips.

    The picture alone: sound is laid for a film as a whole. The same window gives the same bytes with the same ffmpeg.

    Args:
        to: An MP4; whole once it is there.

    Raises:
        MediaError: A clip does not match the house or has no such frames, or ffmpeg failed.
    """
    known = await asyncio.to_thread(
        lambda: {clip: (probe(clip), scan(clip)) for clip in dict.fromkeys(each.clip for each in window.stretches)}
    )
    for each in window.stretches:
        measured, structure = known[each.clip]
        if differences := matches(measured, house):
            raise MediaError(f"{each.clip.name} is not in the house format: {'; '.join(differences)}")
        if not 0 <= each.first < each.end <= structure.frames:
            raise MediaError(f"{each.clip.name} has {structure.frames} frames, not {each.first} to {each.end}")
    like = max((structure.sequences[0] for _, structure in known.values()), key=lambda sequence: sequence.references)
    furthest = max(each.end for each in window.stretches)
    timeout_s = max(300.0, 60.0 * float((furthest + window.frames) / house.fps))
    async with workbench(to) as bench:
        output = bench / "rendered.mp4"
        sources = [
            await asyncio.to_thread(_source, each, *known[each.clip], house, bench / f"{number}.txt")
            for number, each in enumerate(window.stretches)
        ]
        await run_ffmpeg(window_args(window, sources, house, output, like=like), timeout_s=timeout_s)
        if not all(
            source.proof is None or landed(source.proof, source.landing) for source in sources if source.landing
        ):
            whole = [Source(source.measured) for source in sources]
            await run_ffmpeg(window_args(window, whole, house, output, like=like), timeout_s=timeout_s)
        result = await asyncio.to_thread(probe, output, container="mov")
        if result.frames != window.frames:
            names = ", ".join(clip.name for clip in known)
            raise MediaError(f"{names}: {result.frames} frames were rendered, not {window.frames}")
        output.replace(to)
    return result


def _source(stretch: Stretch, measured: Measured, structure: Scan, house: House, proof: Path) -> Source:
    """Return how a stretch is read: from the last IDR picture before it, from which on everything is certain."""
    start = max((start for start in structure.starts if start <= stretch.first), default=0)
    near = landing(stretch.clip, measured.start + start / house.fps) if start else None
    return Source(measured) if near is None else Source(measured, near, proof)
