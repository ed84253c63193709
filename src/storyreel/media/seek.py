"""
Decode a clip from near a time on, so that what comes out is certain: one rule for films and for single frames.

Containers seek to different places: to a key frame, or to a time and whatever lies there; some know the times of decoding
only, some nothing. So no seek is believed. Reading begins where it was asked to, everything before the first frame at which
decoding may begin is left out, and what then comes out has to begin at or before what is wanted; else it is asked for earlier,
and at last the clip is read from its start.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storyreel.media.container import beginning, in_turn, opened, time_of
from storyreel.media.look import Look, hidden_alpha, look_of
from storyreel.media.random_access import is_random_access

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

EARLIER_S = (0, 1, 4, 16, 64)
"""How much before what is wanted reading begins, until a key frame is found. Most are within seconds of each other."""
LEAVES_OUT = {"h264", "hevc"}
"""Codecs whose decoders can leave out frames on which no others lean, from one packet to the next."""
PALETTE = "pal8"
"""How pictures of 256 colours are stored: of each pixel the number of its colour."""


@dataclass(frozen=True)
class Timed:
    """A decoded frame, and when it is shown: in ticks of its clip's clock."""

    time: int
    frame: VideoFrame


@dataclass(frozen=True)
class Landing:
    """Where to begin reading, and the key frame from which on everything is certain then: seconds of the clip's own clock."""

    ask: Fraction
    key: Fraction


def landing(clip: Path, wanted: Fraction) -> Landing | None:
    """
    Return from where to read so that the frame shown at `wanted`, in seconds of the clip's own clock, and all after it are
    certain; None if that is the clip's start.

    Raises:
        MediaError: The clip cannot be read.
    """
    with opened(clip) as (reader, video):
        assert video.time_base is not None
        for ask in _asks(video, int(wanted / video.time_base)):
            landed = _land(reader, video, ask, int(wanted / video.time_base))
            if landed is not None:
                return Landing(ask * video.time_base, landed[0] * video.time_base)
    return None


def frames_from(clip: Path, wanted: int | None) -> Iterator[Timed]:
    """
    Decode a clip to its end, from the frame shown at `wanted` or one before it; in the order in which frames are shown.

    Args:
        wanted: In ticks of the clip's clock; from near its end if not given.

    Raises:
        MediaError: The clip cannot be read.
    """
    with opened(clip) as (reader, video):
        near = _end(reader, video) if wanted is None else wanted
        for ask in _asks(video, near) if near is not None else ():
            landed = _land(reader, video, ask, wanted)
            if landed is not None:
                yield from landed[1]
                return
    with opened(clip) as (reader, video):
        packets, key = _from_the_first(_is_key_frame, reader.demux(video), None)
        if key is not None:
            yield from _decoded(packets, video, key)
            return
    with opened(clip) as (reader, video):
        yield from _decoded(reader.demux(video), video, None)


def sole_frame(clip: Path, since_first: Fraction) -> tuple[Look, Timed] | None:
    """
    Decode one frame and no others but those that it leans on: of H.264 and HEVC alone, where nobody else is wanted.

    Args:
        since_first: Seconds after the clip's first frame. The frame shown then is meant; after the end it is the last one.

    Returns:
        How the clip looks, and the frame; None where it takes more than that to be certain, see `frames_from`.

    Raises:
        MediaError: The clip cannot be read.
    """
    with opened(clip) as (reader, video):
        if video.codec_context.codec.canonical_name not in LEAVES_OUT or in_turn(video) or video.time_base is None:
            return None
        wanted = int(beginning(reader, video) + since_first / video.time_base)
        for ask in _asks(video, wanted):
            packets, key = _from_the_first(is_random_access, _read_from(ask, reader, video), wanted)
            if key is None:
                continue
            until = list(_until(packets, wanted))
            target = max(
                time for packet in until if packet.size and (time := packet.pts) is not None and time <= wanted
            )
            frame = _alone(until, video, target)
            if frame is not None and not frame.interlaced_frame:
                frame.time_base = video.time_base  # one that comes out at the end has none
                return Look(**look_of(video, frame)), Timed(target, frame)
            return None
    return None


def _until(packets: Iterable[Packet[VideoStream]], wanted: int) -> Iterator[Packet[VideoStream]]:
    """Yield packets until nothing that comes later is shown at a time or before it."""
    for packet in packets:
        if packet.dts is not None and packet.dts > wanted:
            return
        yield packet


def _alone(packets: Iterable[Packet[VideoStream]], video: VideoStream, target: int) -> VideoFrame | None:
    """Decode the frame shown at a time, and of those that come before it the ones that others lean on."""
    import av

    decoder = video.codec_context
    decoder.thread_count = 1
    with contextlib.suppress(av.error.FFmpegError):
        for packet in packets:
            decoder.skip_frame = "DEFAULT" if packet.pts == target else "NONREF"
            for frame in decoder.decode(packet):
                if frame.pts == target:
                    return frame
            if packet.pts == target:
                break
        return next((frame for frame in decoder.decode(None) if frame.pts == target), None)
    return None


def _asks(video: VideoStream, near: int) -> Iterator[int]:
    assert video.time_base is not None
    start = video.start_time or 0
    if video.codec_context.pix_fmt == PALETTE:
        return  # its colours may have been told once, before the first frame, and are lost on the way elsewhere
    if in_turn(video):
        if video.codec_context.codec.intra_only:  # else which frame comes first after a key frame cannot be told
            yield near
        return
    for seconds in EARLIER_S:
        ask = near - round(seconds / video.time_base)
        if ask < start:
            return
        yield ask


def _land(
    reader: InputContainer, video: VideoStream, ask: int, wanted: int | None
) -> tuple[int, Iterator[Timed]] | None:
    """
    Begin to read where it is asked to; return the time of the frame from which on all is certain, and the frames. None if they begin
    too late, or reader or decoder fail at it.
    """
    import av

    with contextlib.suppress(av.error.FFmpegError):
        packets, key = _from_the_first(is_random_access, _read_from(ask, reader, video), wanted)
        frames = _begin(_decoded(packets, video, key), wanted) if key is not None else None
        if key is not None and frames is not None:
            return key, frames
    return None


def _read_from(ask: int, reader: InputContainer, video: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Read from a time on. Of AVI everything before it is read as well: frames that were dropped are lost count of in a seek."""
    if in_turn(video):
        return _from_the_latest(reader.demux(video), ask)
    reader.seek(ask, stream=video)
    return reader.demux(video)


def _from_the_latest(packets: Iterator[Packet[VideoStream]], until: int) -> Iterator[Packet[VideoStream]]:
    """Leave out what comes before the last packet at a time or before it."""
    latest: list[Packet[VideoStream]] = []
    for packet in packets:
        time = time_of(packet)
        if time is None or time > until:
            return chain(latest, [packet], packets)
        if packet.size:
            latest = [packet]
    return iter(latest)


def _from_the_first(
    begins: Callable[[Packet[VideoStream]], bool], packets: Iterator[Packet[VideoStream]], wanted: int | None
) -> tuple[Iterator[Packet[VideoStream]], int | None]:
    """Leave out what comes before a packet that begins; return its time too, None if there is none that is early enough."""
    for packet in packets:
        time = time_of(packet)
        if wanted is not None and packet.dts is not None and packet.dts > wanted:
            break
        if packet.size and time is not None and begins(packet):
            return chain([packet], packets), None if wanted is not None and time > wanted else time
    return packets, None


def _is_key_frame(packet: Packet[VideoStream]) -> bool:
    """Whether a clip begins to be shown with a packet; a film takes no better one either, see `whole_from`."""
    return packet.is_keyframe


def _begin(frames: Iterator[Timed], wanted: int | None) -> Iterator[Timed] | None:
    """Return the frames if the first of them is early enough. From some key frames on it takes time until a picture is whole."""
    first = next(frames, None)
    if first is None or (wanted is not None and first.time > wanted):
        return None
    return chain([first], frames)


def _decoded(packets: Iterable[Packet[VideoStream]], video: VideoStream, key: int | None) -> Iterator[Timed]:
    """Decode; from a key frame on without the frames shown before it, which lack what they refer to."""
    import av

    decoder = _decoder(video)
    counted = in_turn(video)
    times: deque[int] = deque()
    for packet in packets:
        time = time_of(packet)
        if counted and packet.size and time is not None:
            times.append(time)
        with contextlib.suppress(av.error.FFmpegError):  # ffmpeg goes on, too; damage is judged elsewhere
            for frame in decoder.decode(packet):
                time = (
                    (times.popleft() if times else None)
                    if counted
                    else frame.pts
                    if frame.pts is not None
                    else frame.dts
                )
                if time is not None and (key is None or time >= key):
                    yield Timed(time, frame)


def _decoder(video: VideoStream) -> VideoCodecContext:
    """Return what decodes a clip. Only the library of VP8 and VP9 itself decodes their transparency."""
    import av

    if library := hidden_alpha(video):
        return cast("VideoCodecContext", av.CodecContext.create(library, "r"))
    if not video.codec_context.is_open:
        video.thread_type = "AUTO"
    return video.codec_context


def _end(reader: InputContainer, video: VideoStream) -> int | None:
    """Return a time at or after the last frame, in the video's ticks, if the header tells one."""
    assert video.time_base is not None
    if video.duration is not None:
        return (video.start_time or 0) + video.duration
    if reader.duration is not None:
        return int(((reader.start_time or 0) + reader.duration) / (1_000_000 * video.time_base))
    return None
