"""
A film at another rate: which of its frames each frame of that shows, and how frames are counted in timecode.

Frames are repeated or dropped evenly. What is heard is not touched, so a second stays a second.
"""

from __future__ import annotations

from fractions import Fraction


def frame_shown(frame: int, old: Fraction, new: Fraction) -> int:
    """Return the frame of a film of `old` frames a second that a frame shows at `new`: the last that has begun when it does."""
    return frame * old // new


def frames_at(frames: int, old: Fraction, new: Fraction) -> int:
    """
    Return how many frames the first `frames` of a film take at another rate, rounded up. So it is also the frame at which the
    film's frame `frames` is first shown.
    """
    return -(-frames * new // old)


def timecode(frame: int, rate: Fraction) -> str:
    """
    Return a frame as hours, minutes, seconds and frames, counted without dropping any.

    It counts whole frames a second, 24 for 23.976 and 30 for 29.97, so that over an hour of these it is 3.6 seconds behind the clock.

    Source: SMPTE ST 12-1 (2014), 5.2: non-drop-frame.
    """
    nominal = max(1, int(rate + Fraction(1, 2)))
    seconds, left = divmod(frame, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}:{left:02}"
