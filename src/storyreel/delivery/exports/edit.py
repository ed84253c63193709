"""
An edit: a film's shots in frames, with the files that they show, as all formats are written from it.

Pure. Where a transition stands is told by the frame at which the shot before it ends and the next one begins; formats want that
frame at different places within it, so each says how many of its frames come before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from storyreel.model.joints import Joint

Facts = Mapping[str, str | int | None]
"""What is known of a take: scene, step, take, prompt, model and request id."""


@dataclass(frozen=True)
class MediaFile:
    """
    A file of the exported folder, by its place there: how many frames it has, `rate` of them a second, and whether it has sound. `ahead` are
    the seconds that it begins before another one, of which it shows the same from there on.
    """

    place: str
    frames: int
    rate: Fraction
    has_sound: bool = False
    ahead: Fraction = Fraction(0)

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.place.rpartition("/")[2]


@dataclass(frozen=True)
class EditShot:
    """
    A shot: `frames` are shown from `first_frame` of the film on, its frame k is `media`'s frame `start + floor(k * speed)`.

    `retimed` is a file that has the same frames at speed 1, from its frame `retimed_start` on, with those that transitions take beyond;
    None where the speed is 1. `others` are the other takes, and what it was before it was fitted to the film, by what they are called; `called` is
    what the one that is shown is called among them. `reel` is a name of at most eight letters and digits, the same for each shot of a file and for no other.
    """

    scene: str
    first_frame: int
    frames: int
    into: Joint | None
    media: MediaFile
    start: int
    called: str
    speed: Fraction = Fraction(1)
    retimed: MediaFile | None = None
    retimed_start: int = 0
    others: Mapping[str, tuple[MediaFile, Facts]] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    reel: str = ""


@dataclass(frozen=True)
class EditNote:
    """What somebody wrote at a frame of the film; `by` and `scene` are empty where nobody said so."""

    frame: int
    text: str
    by: str = ""
    scene: str = ""


@dataclass(frozen=True)
class Edit:
    """
    A film of `frames` frames, `rate` of them a second, `size` in pixels: its shots in order, the transition in which it ends,
    its stems by name, and what people wrote on it. `name` is what its files are called, `title` what people read.
    """

    name: str
    title: str
    rate: Fraction
    size: tuple[int, int]
    frames: int
    shots: tuple[EditShot, ...]
    close: Joint | None = None
    stems: Mapping[str, MediaFile] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    notes: tuple[EditNote, ...] = ()

    @property
    def joints(self) -> tuple[Joint | None, ...]:
        """The joint into each shot, and the one at the end."""
        return (*(shot.into for shot in self.shots), self.close)


@dataclass(frozen=True)
class PlacedShot:
    """A shot between two cuts of a track: `frames` of `media` from its frame `start` on, from frame `at` of the film on."""

    shot: EditShot
    at: int
    frames: int
    media: MediaFile
    start: int
    speed: Fraction


def first_shown(joint: Joint) -> int:
    """Return how many frames of a transition come before the frame that the next shot is to begin with: its handle."""
    return joint.handle_in


def middle(joint: Joint) -> int:
    """Return how many frames of a transition come before its middle."""
    return joint.frames // 2


def beginning(_: Joint) -> int:
    """Return how many frames of a transition come before its beginning: none."""
    return 0


def placed(
    edit: Edit, before: Callable[[Joint], int] = first_shown, *, retimed: bool = False
) -> tuple[PlacedShot, ...]:
    """
    Return the shots of a film one after the other, none over another: of two that overlap the first is cut off.

    Args:
        before: How many frames of a transition come before the cut.
        retimed: Whether a shot of another speed shows the file in which it is at speed 1.
    """
    moved = [0 if (into := shot.into) is None or into.is_fade else before(into) - into.handle_in for shot in edit.shots]
    begins = [shot.first_frame + by for shot, by in zip(edit.shots, moved, strict=True)]
    ends = [*begins[1:], edit.frames]
    return tuple(
        _placed(shot, by, at, end - at, retimed)
        for shot, by, at, end in zip(edit.shots, moved, begins, ends, strict=True)
    )


def _placed(shot: EditShot, moved: int, at: int, frames: int, retimed: bool) -> PlacedShot:
    if retimed and shot.retimed is not None:
        return PlacedShot(shot, at, frames, shot.retimed, shot.retimed_start + moved, Fraction(1))
    return PlacedShot(shot, at, frames, shot.media, shot.start + floor(moved * shot.speed), shot.speed)


def reels(names: Sequence[str]) -> dict[str, str]:
    """
    Return a reel for each name of a file: eight letters and digits at most, of which editors tell files apart.

    Args:
        names: Each once, in their order.
    """
    return {name: f"R{number:03d}" for number, name in enumerate(names, start=1)}
