"""
What a film is: its shots in their order, as one frozen value.

Planning writes a `Timeline` in asked seconds. Once its clips are measured it is resolved, once, and from then on
everything is in frames: whoever cuts, proves, lists or shows the film reads that value and no other. The words are
OpenTimelineIO's (timeline, clip, source range), but for the joint into a shot, which will one day be more than a cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from storyreel.model.recipe import Frozen, digest
from storyreel.model.storyboard import Footage

Joint = Literal["cut"]
"""How a shot follows the one before it."""

CUTTING = 3
"""Raised when the way a film is cut changes, so that older films are not taken for it."""


@dataclass(frozen=True)
class StepClip:
    """The clip that a step of the plan makes. All of it is shown."""

    step: str


@dataclass(frozen=True)
class Credit:
    """Whose work the seconds from `start` to `end` of a shot are: a step's id, or None for a person's own footage."""

    step: str | None
    start: float
    end: float


@dataclass(frozen=True)
class Shot:
    """
    One scene of the film: its source from `start` to `end`, in asked seconds of that source.

    An extension comes back as its input and the new part in one clip, so a scene is always one clip: that of its last
    step. `credits` say which step made which of its seconds.
    """

    scene: str
    source: StepClip | Footage
    start: float
    end: float
    credits: tuple[Credit, ...]
    joint: Joint = "cut"

    @property
    def step(self) -> str | None:
        """The step whose clip is shown; None for own footage."""
        return self.source.step if isinstance(self.source, StepClip) else None

    @property
    def footage(self) -> Footage | None:
        """The own footage that is shown; None for a step's clip."""
        return self.source if isinstance(self.source, Footage) else None

    @property
    def shows(self) -> str:
        """What is shown, for people: a step's id, or the name of a file."""
        return self.source.step if isinstance(self.source, StepClip) else self.source.path.name

    @property
    def is_whole(self) -> bool:
        """Whether all of the source is shown."""
        return isinstance(self.source, StepClip) or (self.start == 0 and self.end >= self.source.seconds)

    @property
    def seconds(self) -> float:
        """How long the shot is to last."""
        return self.end - self.start


@dataclass(frozen=True)
class Timeline:
    """
    A film in asked seconds: its size in pixels, and its shots. Each brings its own sound, as long as its picture.
    """

    size: tuple[int, int]
    picture: tuple[Shot, ...]

    @property
    def seconds(self) -> float:
        """How long the film is to last."""
        return sum(shot.seconds for shot in self.picture)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps whose clips the film shows, in its order."""
        return tuple(shot.step for shot in self.picture if shot.step is not None)

    def identity(self, sources: Mapping[str, str]) -> str:
        """
        Return what the film is: sha256 (hex) over its shots, the content of their sources, and the way we cut.

        What it resolves to follows from these, so a film is known before anything is measured.

        Args:
            sources: The sha256 of each step's clip.
        """
        shots = [
            {"sha256": sources[shot.source.step]}
            if isinstance(shot.source, StepClip)
            else {"sha256": shot.source.sha256, "start": shot.start, "end": shot.end}
            for shot in self.picture
        ]
        return digest({"v": CUTTING, "size": list(self.size), "shots": shots})


@dataclass(frozen=True)
class MeasuredSource:
    """
    What resolving has to know of a source: its content, and how long it was found to be.

    `joins` says that its packets can go into the film as they are.
    """

    sha256: str
    frames: int
    seconds: float
    joins: bool


class ResolvedShot(Frozen):
    """
    A shot in frames: `frames` of them are shown from `first_frame` of the film on.

    `source_range` are the seconds of the source that are encoded for it; None where its packets are copied.
    """

    scene: str
    sha256: str
    first_frame: int
    frames: int
    source_range: tuple[float, float] | None
    joint: Joint = "cut"


class ResolvedTimeline(Frozen):
    """A film in frames, `rate` (numerator and denominator) of them a second; `size` in pixels as it is."""

    rate: tuple[int, int]
    size: tuple[int, int]
    picture: tuple[ResolvedShot, ...]

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return Fraction(*self.rate)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return sum(shot.frames for shot in self.picture)

    @property
    def seconds(self) -> float:
        """How long the film is."""
        return float(self.frames / self.fps)


def resolve(
    timeline: Timeline, measured: Sequence[MeasuredSource], *, rate: Fraction, size: tuple[int, int]
) -> ResolvedTimeline:
    """
    Turn a timeline into frames.

    A source that joins as it is and is shown whole gives the frames that it has; any other is encoded for its asked
    seconds, which are rounded to frames of the film.

    Args:
        measured: The source of each shot.
        rate: Frames a second of the film.
        size: Width and height of the film in pixels, where its clips agree on one that is nearly the asked one.
    """
    shots: list[ResolvedShot] = []
    at = 0
    for shot, source in zip(timeline.picture, measured, strict=True):
        start, end = (0.0, source.seconds) if shot.is_whole else (shot.start, shot.end)
        copied = shot.is_whole and source.joins
        frames = source.frames if copied else max(1, round((end - start) * rate))
        shots.append(
            ResolvedShot(
                scene=shot.scene,
                sha256=source.sha256,
                first_frame=at,
                frames=frames,
                source_range=None if copied else (start, end),
                joint=shot.joint,
            )
        )
        at += frames
    return ResolvedTimeline(rate=(rate.numerator, rate.denominator), size=size, picture=tuple(shots))
