"""
Plan which frames of a clip are copied and which are rendered, when a part of it is to be shown as it is.

Pure: a clip's scan and a range of frames go in, ranges come out. They are half open, as Python's are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from storyreel.media.packets import Scan

NOTHING = range(0)


@dataclass(frozen=True)
class Cover:
    """
    A range of a clip's frames as segments, in their order: rendered, copied, rendered. Each may be empty.

    The copied one begins at an IDR picture and has every frame that it shows before its last packet, so its own packets
    are all that it takes.
    """

    before: range
    copied: range
    after: range


def wait(scan: Scan, first: int, end: int) -> int:
    """Return how many of the frames from `first` to before `end` come before the first that a copy may begin with."""
    return next(iter(scan.starts[bisect_left(scan.starts, first) :]), end) - first


def cover(scan: Scan, first: int, end: int, *, least: int) -> Cover:
    """
    Cover the frames from `first` to before `end` with as much of the clip's own packets as can be.

    Args:
        least: A copy of fewer frames than this is not worth its joints and is rendered with what is beside it; a range
            that needs no rendering at all is copied whatever its length.

    Raises:
        ValueError: The clip has no such frames.
    """
    if not 0 <= first < end <= scan.frames:
        raise ValueError(f"frames {first} to {end} are no part of {scan.frames}")
    start = next(iter(scan.starts[bisect_left(scan.starts, first) :]), end)
    stop = scan.ends[bisect_right(scan.ends, end) - 1] if scan.ends[0] <= end else first
    whole = (start, stop) == (first, end)
    if stop <= start or (stop - start < least and not whole):
        return Cover(range(first, end), NOTHING, NOTHING)
    return Cover(range(first, start), range(start, stop), range(stop, end))
