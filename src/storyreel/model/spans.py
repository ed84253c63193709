"""
Shots in frames of the film: which of their clips' frames they show, and how far they reach beyond.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from storyreel.errors import MediaError
from storyreel.model.joints import Joint, Reach, boundless, half_up, reach
from storyreel.model.shot import Shot


@dataclass(frozen=True)
class Span:
    """A range of a clip in frames of the film, and how many the clip has."""

    start: int
    end: int
    frames: int


def span_of(shot: Shot, seconds: float, counted: int | None, rate: Fraction) -> Span:
    """
    Return the frames of a source that a shot shows.

    Args:
        seconds: How long the source is.
        counted: How many frames it has, where its packets can go into the film as they are.
    """
    encoded = max(1, to_frames(seconds, rate)) if shot.drawn is not None else encoded_frames(seconds, rate)
    frames = encoded if counted is None else counted
    if shot.start == 0 and (shot.end is None or shot.is_whole):
        return Span(0, frames, frames)
    start, end = shot.within(seconds)
    if end <= start:
        message = f"scene '{shot.scene}': its clip turned out {seconds:g} s long, and nothing is left of it"
        raise MediaError(f"{message} from {start:g} s on; change its `trim`, or its item in `cut.order`")
    if shot.is_part_of_footage:
        # It is encoded from its very second on, and not from the nearest frame of a grid that the file does not have.
        before, shown = _whole_frames(start, rate), encoded_frames(end - start, rate)
        return Span(before, before + shown, before + shown + _whole_frames(seconds - end, rate))
    first = min(to_frames(start, rate), frames - 1)
    return Span(first, min(max(first + 1, to_frames(end, rate)), frames), frames)


def reach_of(shot: Shot, span: Span) -> Reach:
    """Return how far a shot reaches: what is drawn goes on before it and after it."""
    far = reach(span.start, span.end, span.frames, shot.speed)
    return far if shot.drawn is None else boundless(far.shown)


def drawn_beyond(span: Span, speed: Fraction, into: Joint | None, out: Joint | None, rate: Fraction) -> tuple[int, int]:
    """
    Return how many frames more than its own are drawn of a card or a picture, before and after, for the handles of a shot.

    Whole seconds of them: so a transition that is a little longer wants no other clip, and begins at one of its key frames.
    """
    ahead, behind = _handles(speed, into, out)
    return _whole_seconds(ahead - span.start, rate), _whole_seconds(span.end + behind - span.frames, rate)


def filmed_beyond(
    span: Span, speed: Fraction, into: Joint | None, out: Joint | None, rate: Fraction
) -> tuple[int, int]:
    """
    Return how many frames more than its own are encoded of a part of own footage, before and after, for the handles of a shot.

    Whole seconds of them, as of what is drawn, or all that its file has.
    """
    ahead, behind = _handles(speed, into, out)
    before = min(_whole_seconds(ahead, rate), span.start)
    return before, min(_whole_seconds(behind, rate), max(behind, span.frames - span.end))


def _handles(speed: Fraction, into: Joint | None, out: Joint | None) -> tuple[int, int]:
    """Return how many frames of its clip the handles of a shot take."""
    return (
        ceil((0 if into is None else into.handle_in) * speed),
        ceil((0 if out is None else out.handle_out) * speed),
    )


def _whole_seconds(frames: int, rate: Fraction) -> int:
    """Return frames as as many as make whole seconds; 0 of none, or fewer."""
    return max(0, ceil(Fraction(frames, round(rate)))) * round(rate)


def encoded_frames(seconds: float, rate: Fraction) -> int:
    """Return how many frames footage is encoded to: one at least, and of two numbers that are as near the even one, as ever."""
    return max(1, round(seconds * rate))


def to_frames(seconds: float, rate: Fraction) -> int:
    """Return seconds as frames, to the nearest one, halves up."""
    return half_up(_exact(seconds) * rate)


def _whole_frames(seconds: float, rate: Fraction) -> int:
    """Return how many frames there are in so many seconds, none of them in part."""
    return floor(_exact(seconds) * rate)


def _exact(seconds: float) -> Fraction:
    """Return the seconds that a person wrote, or reckoned from such: 0.7 is seven tenths, which no float is."""
    return Fraction(seconds).limit_denominator(1_000_000)
