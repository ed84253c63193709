"""
Joints between shots: how many frames a transition takes, and where it takes them from. All in frames of the film.

A transition mixes the end of one shot with the beginning of the next. It takes its frames from beyond the cut, where the
clips have them (*handles*), and the rest from what was to be seen: by so many frames the two shots then overlap, and the
film is shorter. A fade goes through a colour: nothing is mixed, and the film keeps its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from storyreel.model.recipe import Frozen

FADES = ("fade-black", "fade-white")
"""Kinds of transition that go through a colour."""

BOUNDLESS = 1_000_000
"""More frames than any transition takes."""


@dataclass(frozen=True)
class Reach:
    """
    How far a shot reaches in frames of the film: `shown` of them are to be seen, and its clip has `before` and `after`
    these as many more.
    """

    shown: int
    before: int
    after: int


@dataclass(frozen=True)
class AskedJoint:
    """A transition as it is asked for: its kind, and how many frames it is to last."""

    kind: str
    frames: int


class Joint(Frozen):
    """
    A transition of `frames` frames: `handle_out` of them come from behind the end of the shot before it, `handle_in` from
    before the beginning of the shot that it leads to.
    """

    kind: str
    frames: int
    handle_out: int = 0
    handle_in: int = 0

    @property
    def is_fade(self) -> bool:
        """Whether it goes through a colour."""
        return self.kind in FADES

    @property
    def overlap(self) -> int:
        """By how many frames it makes the film shorter."""
        return 0 if self.is_fade else self.frames - self.handle_out - self.handle_in

    @property
    def of_outgoing(self) -> int:
        """How many frames of what was to be seen of the shot before it it covers."""
        return ceil(self.frames / 2) if self.is_fade else self.frames - self.handle_out

    @property
    def of_incoming(self) -> int:
        """How many frames of what was to be seen of the shot that it leads to it covers."""
        return self.frames // 2 if self.is_fade else self.frames - self.handle_in


@dataclass(frozen=True)
class TooShort:
    """
    A shot of which two transitions take more frames than it shows: `at` is its place in the film, `into` is what the one that
    leads to it takes, `out` what the next one takes.
    """

    at: int
    shown: int
    into: int
    out: int


def reach(start: int, end: int, frames: int, speed: Fraction = Fraction(1)) -> Reach:
    """
    Return how far a shot reaches: its frame k is the clip's frame `start + floor(k * speed)`.

    Args:
        start: First frame of the clip that is shown.
        end: The frame of the clip before which it ends.
        frames: How many the clip has.
        speed: 2 shows every other frame, 1/2 each twice.
    """
    shown = max(1, half_up((end - start) / speed))
    return Reach(shown, floor(start / speed), max(0, ceil((frames - start) / speed) - shown))


def boundless(shown: int) -> Reach:
    """Return how far a shot reaches that goes on before and after what is to be seen of it for as long as is wanted."""
    return Reach(shown, BOUNDLESS, BOUNDLESS)


def joined(shots: Sequence[Reach], asked: Sequence[AskedJoint | None]) -> tuple[Joint | None, ...]:
    """
    Return the joints into each shot, and, as the last, the one in which the film ends.

    Half of a transition, the larger one where it is odd, comes from behind the end of the shot before it, and the other
    half from before the beginning of the next, each as far as there are frames. One into the first shot, and one at the
    end, takes all of its frames from there.

    Args:
        asked: The joint into each shot, None for a cut; and the one at the end.
    """
    joints: list[Joint | None] = []
    for at, each in enumerate(asked):
        if each is None or each.frames < 1:
            joints.append(None)
        elif each.kind in FADES:
            joints.append(Joint(kind=each.kind, frames=each.frames))
        else:
            half = ceil(each.frames / 2)
            out, into = min(half, shots[at - 1].after), min(each.frames - half, shots[at].before)
            joints.append(Joint(kind=each.kind, frames=each.frames, handle_out=out, handle_in=into))
    return tuple(joints)


def too_short(shots: Sequence[Reach], joints: Sequence[Joint | None]) -> Iterator[TooShort]:
    """Yield each shot of which its two transitions take more than it shows."""
    for at, shot in enumerate(shots):
        into, out = _taken(at, len(shots), joints)
        if into + out > shot.shown:
            yield TooShort(at, shot.shown, into, out)


def shortened(shots: Sequence[Reach], asked: Sequence[AskedJoint | None]) -> tuple[Joint | None, ...]:
    """Return the joints as `joined` does, the longer one of two made shorter wherever a shot has too few frames."""
    asked = list(asked)
    while (short := next(too_short(shots, joints := joined(shots, asked)), None)) is not None:
        longer = max((short.at + 1, short.at), key=lambda at: each.frames if (each := asked[at]) else 0)
        now = asked[longer]
        assert now is not None, "a shot of which something is taken has a transition"
        asked[longer] = AskedJoint(now.kind, now.frames - 1)
    return joints


def _taken(at: int, count: int, joints: Sequence[Joint | None]) -> tuple[int, int]:
    """
    Return how many frames of a shot the transition into it takes, and the one out of it. At the film's ends a fade takes all
    of its frames there.
    """
    into, out = joints[at], joints[at + 1]
    first = 0 if into is None else into.frames if at == 0 else into.of_incoming
    last = 0 if out is None else out.frames if at == count - 1 else out.of_outgoing
    return first, last


def half_up(value: Fraction) -> int:
    """Return the nearest whole number, the larger one of two that are as near."""
    return floor(value + Fraction(1, 2))
