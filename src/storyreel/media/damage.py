"""
Does a clip give what it says? Decoded to its end once, the frames that come out are held against the packets that are shown.

ffmpeg goes on after damage and ends well, with the frame before the damage standing still; so what comes out is counted.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storyreel.errors import MediaError
from storyreel.media.container import in_turn, opened, time_of
from storyreel.media.probe import Measured, probe
from storyreel.media.seek import Landing, landing

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

MOST_LOST = 0.1
"""The share of frames that may be lost. A player gets over as much."""
LONGEST_HOLE_S = 0.5
"""For how long nothing may come out where something was. Longer, and it is seen as a picture that stands."""
FEW = 2
"""How many frames in a row may be lost or broken. A player gets over a frame or two; more, and a person sees it."""

SKIPPING = ("matroska", "avi")
"""Containers in which a packet is found by what stands before it; others have an index, or count."""
WRAPPING, SKIPPED_LEAST = 64, 1024
"""Bytes that a container puts about a packet, at most, and bytes that are more than an empty place."""


@dataclass(frozen=True)
class Place:
    """Where a packet stands in its file, in bytes, and when its frame is shown, if it is one of the picture."""

    pos: int
    size: int
    time: int | None


@dataclass(frozen=True)
class Decoded:
    """What came out of a decoder: the times of the frames, of those that are broken, and those at which something was found damaged."""

    times: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    damage: list[int] = field(default_factory=list)


def check_frames(path: Path, *, start: float | None = None, end: float | None = None) -> None:
    """
    Decode the picture of a clip, or the part of it that is used, and see that nearly all of it comes out.

    Frames from before the first key frame are not counted, which no player shows; nor is what a decoder leaves out of a clip
    that is not damaged: some packets only prepare a frame, or bring half of one.

    Args:
        start: First second of the clip that is used; its beginning if not given.
        end: Where the part ends, in seconds of the clip; its end if not given.

    Raises:
        MediaError: It cannot be read, or more of it is lost than a player gets over; the text says how much.
    """
    measured = probe(path)
    base, times = measured.signature.time_base, measured.times
    near = None
    if start and measured.container != "avi":  # an AVI's frames are counted from its start
        with contextlib.suppress(MediaError):  # of some a reader cannot seek: they are read from their start
            near = landing(
                path, times[max(0, bisect_right(times, (measured.start + Fraction(start)) / base) - 1)] * base
            )
    # What a part is decoded from belongs to it: damage goes on to the next key frame.
    first = bisect_left(times, max(measured.whole_from, near.key if near is not None else measured.whole_from) / base)
    last = len(times) if end is None else bisect_left(times, (measured.start + Fraction(end)) / base) + 1
    shown = times[first:last]
    if not shown:
        return
    output = _decode(path, measured, near, shown[0], shown[-1])
    lost = len(shown) - len(output.times)
    if output.damage and lost > MOST_LOST * len(shown):
        raise MediaError(f"{path.name} is damaged: {lost} of {len(shown)} frames cannot be decoded")
    stands = max(1, round(LONGEST_HOLE_S / base))
    few = min(stands, round((FEW + 1.5) * _step(shown)))
    for begin, stop in chain(_holes(shown, output, stands), _skipped(path, measured, shown, few)):
        at, until = (float(time * base - measured.start) for time in (begin, stop))
        raise MediaError(f"{path.name} is damaged: nothing can be seen of it from {at:.2f} s to {until:.2f} s")
    for begin, stop in _broken(shown, output, few) if measured.container != "avi" else ():
        at, until = (float(time * base - measured.start) for time in (begin, stop))
        raise MediaError(f"{path.name} is damaged: its frames are lost or broken from {at:.2f} s to {until:.2f} s")


def _holes(shown: Sequence[int], output: Decoded, stands: int) -> Iterator[tuple[int, int]]:
    """Yield when nothing comes out for longer than a frame may stand: packets were there and failed, or damage stands beside."""
    damage = sorted(output.damage)
    times = [shown[0], *sorted(time for time in output.times if time > shown[0])]
    for begin, stop in pairwise([*times, shown[-1]]):
        if stop - begin > stands:
            fails = bool(damage) and bisect_left(shown, stop) > bisect_right(shown, begin)
            # Frames are shown in another order than they come in, so damage may be found a little beside.
            if fails or bisect_right(damage, stop + stands) > bisect_left(damage, begin - stands):
                yield begin, stop


def _broken(shown: Sequence[int], output: Decoded, few: int) -> Iterator[tuple[int, int]]:
    """
    Yield when more than a few frames in a row are lost or broken.

    Broken ones alone do not count: that is how a clip begins that was joined midway, and becomes whole slice by slice.
    """
    damage, broken, step = sorted(output.damage), set(output.broken), _step(shown)
    whole = [time for time in sorted(output.times) if time > shown[0] and time not in broken]
    for begin, stop in pairwise([shown[0], *whole, shown[-1]]):
        near = bisect_right(damage, stop + few) > bisect_left(damage, begin - few)
        if (
            stop - begin > few
            and near
            and round((stop - begin) / step) - 1 > sum(begin < time < stop for time in broken)
        ):
            yield begin, stop


def _step(shown: Sequence[int]) -> int:
    """Return for how long most frames stand, in ticks."""
    steps = sorted(stop - begin for begin, stop in pairwise(shown))
    return max(1, steps[len(steps) // 2]) if steps else 1


def _skipped(path: Path, measured: Measured, shown: Sequence[int], stands: int) -> Iterator[tuple[int, int]]:
    """
    Yield when a picture stands because what a reader cannot make out it skips without a word, to the next packet that it can.

    Where a picture is meant to stand, next to nothing lies in the file between its packet and the next.
    """
    stills = [(begin, stop) for begin, stop in pairwise(shown) if stop - begin > stands]
    if measured.container not in SKIPPING or not stills:
        return
    packets = _places(path, measured.container)
    place = {packet.time: packet for packet in packets if packet.time is not None}
    for begin, stop in stills:
        if begin not in place or stop not in place:
            continue
        before, after = place[begin], place[stop]
        # What can be seen through has a second picture behind the first.
        if _unread(packets, before.pos, after.pos) > max(SKIPPED_LEAST, 2 * before.size):
            yield begin, stop


def unread(path: Path, container: str) -> int:
    """Return how many bytes behind a clip's first packet are in no packet, and are more than what stands about packets."""
    packets = _places(path, container)
    return _unread(packets, min((packet.pos for packet in packets), default=0), path.stat().st_size)


def _unread(packets: Sequence[Place], begin: int, end: int) -> int:
    return end - begin - sum(packet.size + WRAPPING for packet in packets if begin <= packet.pos < end)


def _places(path: Path, container: str) -> list[Place]:
    with opened(path, container) as (reader, video):
        return [
            Place(
                packet.pos,
                packet.size,
                time_of(cast("Packet[VideoStream]", packet)) if packet.stream is video else None,
            )
            for packet in reader.demux()
            if packet.size and packet.pos is not None
        ]


def _decode(path: Path, measured: Measured, near: Landing | None, first: int, last: int) -> Decoded:
    import av

    output = Decoded()
    with opened(path, measured.container) as (reader, video):
        video.thread_type = "AUTO"
        if near is not None:
            reader.seek(int(near.ask / measured.signature.time_base), stream=video)
        for packet in chain(_until(reader.demux(video), last), [None]):
            time = last if packet is None else time_of(packet)
            inside = time is not None and first <= time <= last
            if packet is not None and packet.is_corrupt and inside and time is not None:
                output.damage.append(time)
            try:
                frames = video.codec_context.decode(packet)
            except av.error.FFmpegError:
                if inside and time is not None:
                    output.damage.append(time)
                continue
            for frame in frames:
                at = frame.pts if frame.pts is not None else frame.dts
                if at is None or not (in_turn(video) or first <= at <= last):
                    continue
                output.times.append(at)
                if frame.is_corrupt:
                    output.damage.append(at)
                    output.broken.append(at)
    return output


def _until(packets: Iterable[Packet[VideoStream]], last: int) -> Iterator[Packet[VideoStream]]:
    """Yield packets as long as what comes may be shown at or before `last`."""
    return takewhile(
        lambda packet: packet.is_discard or packet.dts is None or packet.dts <= last,
        (packet for packet in packets if packet.size),
    )
