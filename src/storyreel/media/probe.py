"""
Say what a clip is, by reading its packets: nothing is decoded beyond what opening it takes, nothing is believed.

The container is recognised by its first bytes and opened as that and nothing else, so a playlist that calls itself
`.mp4` is refused and never opens what it names.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import open_plain, reason_of
from storyreel.media.look import Look, look_of
from storyreel.media.parameter_sets import is_idr

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"}
TS_PACKETS = (188, 192, 204)
"""Sizes of the packets of an MPEG transport stream: bare, with a time in front (AVCHD, Blu-ray), with a checksum behind."""
HEAD = 204 * 6
A_HAIR_S = Fraction(1, 1000)  # times written in decimals are a little before the frame they mean
MOST_LEAP_S = 10
REORDERED = 64
"""Among so many packets is the frame that is shown first: H.264 and H.265 reorder 16 frames at most."""


@dataclass(frozen=True)
class Signature(Look):
    """What makes two clips alike or not."""

    codec: str
    profile: str
    fps: Fraction
    time_base: Fraction
    vfr: bool


@dataclass(frozen=True)
class Measured:
    """
    A clip, measured.

    `frames` are those a player shows; `hidden` are in the file and cut away by an edit list. `declared` is what the
    header promises (0: nothing). `start` is when the first frame is shown, in seconds of the file's own clock, `whole_from`
    when the first key frame is: what is shown before it lacks what it refers to.
    `clean_start`: the first packet stands alone and is the first frame shown, so the clip may follow any other.
    `parameters` is what a decoder needs before the first packet, as it stands in the file. `times` are when frames are
    shown, in ticks of the file's clock.
    """

    signature: Signature
    frames: int
    seconds: float
    has_audio: bool
    audio_codec: str
    audio_rate: int
    audio_channels: int
    container: str
    start: Fraction
    whole_from: Fraction
    declared: int
    hidden: int
    corrupt: int
    clean_start: bool
    video_index: int
    audio_index: int
    parameters: bytes = field(repr=False)
    times: tuple[int, ...] = field(repr=False)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in square pixels, as a player shows them."""
        return self.signature.shown

    def begins(self, seconds: float, rate: Fraction) -> Fraction:
        """
        Return when, in seconds of the file's own clock, a part begins so that at this rate it begins with the frame that a player
        shows at a time of the clip: when that frame does, if not later. A frame may stand for long, and sound goes on meanwhile.
        """
        base = self.signature.time_base
        wanted = self.start + Fraction(seconds).limit_denominator(1_000_000)
        number = max(1, bisect_right(self.times, (wanted + A_HAIR_S) / base))
        own = self.times[number - 1] * base
        if wanted - own <= 1 / rate:
            return own
        after = self.times[number] * base - Fraction(3, 4) / rate if number < len(self.times) else wanted
        return min(wanted, max(own, after))


def container_of(path: Path) -> str:
    """
    Return the name of the one demuxer that a file may be opened with, told by its first bytes.

    Raises:
        MediaError: It cannot be read, or is no container that we open.
    """
    try:
        with open_plain(path) as file:
            head = file.read(HEAD)
    except OSError as error:
        raise MediaError(f"{path.name} {reason_of(error)}") from error
    if head[4:8] in MOV_BOXES:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if _is_transport_stream(head):
        return "mpegts"
    if not head:
        raise MediaError(f"{path.name} is empty")
    if not head.strip(b"\0"):
        raise MediaError(f"{path.name} is no clip: it begins with zeros")
    if head.lstrip()[:1] in (b"<", b"{", b"#") or head.startswith(b"ffconcat"):
        raise MediaError(f"{path.name} is no clip: it is text (a web page, a message or a playlist)")
    raise MediaError(f"{path.name} is no clip that can be read; MP4, MOV, MKV, WebM, AVI and MPEG-TS can")


def _is_transport_stream(head: bytes) -> bool:
    """Whether bytes are a piece of a transport stream, which may begin within a packet; each packet begins with the same byte."""
    for size in TS_PACKETS:
        for first in range(size):
            marks = head[first::size]
            if len(marks) > 1 and not marks.strip(b"\x47") and (first in (0, 4) or len(marks) > 4):
                return True
    return False


@contextlib.contextmanager
def opened(path: Path, container: str | None = None, **options: str) -> Iterator[tuple[InputContainer, VideoStream]]:
    """
    Open a clip and hand out its container and its video.

    Args:
        path: The clip.
        container: The demuxer to use; told by the content if it is not given.
        options: Further ones for it.

    Raises:
        MediaError: It is no clip, or has no video. Also for what the reader says while the block runs.
    """
    import av

    name = container or container_of(path)
    try:
        with av.open(
            str(path.absolute()),
            format=name,
            metadata_errors="ignore",
            options={**options, "protocol_whitelist": "file"},
        ) as reader:
            yield reader, _video_of(reader.streams.video, path)
    except MediaError:
        raise
    except Exception as error:
        # What a damaged or an unheard-of file does to a reader is not to be listed, and the file may be paid for.
        raise MediaError(f"{path.name} cannot be read as a clip: {_reason(error)}") from error


def probe(path: Path, *, container: str | None = None) -> Measured:
    """
    Measure a clip: one pass over its packets, a few milliseconds for ten seconds.

    Args:
        path: The clip, of whatever origin.
        container: The demuxer it must be of (`mov` for what was downloaded); told by the content if not given.

    Raises:
        MediaError: It is no clip, has no video, or no frame of it can be found.
    """
    name = container or container_of(path)
    with opened(path, name) as (reader, video):
        context = video.codec_context
        context.thread_count = 1  # one frame is decoded: waking threads for it costs more than it saves
        times: list[int] = []
        hidden = corrupt = latest = last_duration = 0
        first: tuple[int, bytes] | None = None
        key: int | None = None
        before: int | None = None
        frame: VideoFrame | None = None
        for packet in reader.demux(video):
            if frame is None:
                frame = _decoded(packet)
            time = time_of(packet)
            if packet.size == 0 or time is None:
                continue
            corrupt += packet.is_corrupt
            if key is None and packet.is_keyframe:
                key = time
            if packet.dts is not None:
                _one_clock(path, name, before, packet.dts, video.time_base)
                before = packet.dts
            if packet.is_discard:
                hidden += 1
                continue
            if first is None:
                first = (time, bytes(packet) if packet.is_keyframe else b"")
            if not times or time > latest:
                latest, last_duration = time, packet.duration or 0
            times.append(time)
        if first is None or video.time_base is None:
            raise MediaError(f"{path.name} has no frame")
        times.sort()
        base, parameters = video.time_base, context.extradata or b""
        fps, vfr = rate_of(times, base, (video.average_rate, video.guessed_rate, video.base_rate))
        audio = next(iter(reader.streams.audio), None)
        if audio is not None:
            _codec_known(audio, path, "sound")
        signature = Signature(
            **look_of(video, frame),
            codec=context.name,
            profile=video.profile or "",
            fps=fps,
            time_base=base,
            vfr=vfr,
        )
        ticks = (times[-1] - times[0] + (last_duration or round(1 / (fps * base)))) if vfr else 0
        return Measured(
            signature=signature,
            frames=len(times),
            seconds=float(ticks * base if vfr else len(times) / fps),
            has_audio=audio is not None,
            audio_codec=audio.codec_context.name if audio else "",
            audio_rate=(audio.codec_context.sample_rate or 0) if audio else 0,
            audio_channels=audio.codec_context.layout.nb_channels if audio else 0,
            container=name,
            start=times[0] * base,
            whole_from=(times[0] if key is None else key) * base,
            declared=video.frames,
            hidden=hidden,
            corrupt=corrupt,
            clean_start=first[0] == times[0] and is_idr(first[1], parameters),
            video_index=video.index,
            audio_index=audio.index if audio else -1,
            parameters=parameters,
            times=tuple(times),
        )


def _one_clock(path: Path, container: str, before: int | None, dts: int, base: Fraction | None) -> None:
    """
    Refuse what was joined end to end as it was: two clocks in one file, by which no time is one frame's.

    Source: of a transport stream ffmpeg takes a leap of ten seconds for a new clock (`-dts_delta_threshold`).
    """
    leap = (dts - before) * base if before is not None and base is not None else 0
    if leap < -1 or (container == "mpegts" and leap > MOST_LEAP_S):
        raise MediaError(
            f"{path.name} is several recordings in one, and its clock leaps by {float(leap):.1f} s; "
            f"give it one clock: ffmpeg -i {path.name} -c copy {path.stem}.mkv"
        )


def opening(reader: InputContainer, video: VideoStream) -> tuple[int, Look]:
    """
    Read the beginning of a clip, and no more: return when its first frame is shown, in ticks, and how it looks.

    Raises:
        MediaError: There is no frame.
    """
    video.codec_context.thread_count = 1
    times: list[int] = []
    frame: VideoFrame | None = None
    for packet in islice(reader.demux(video), REORDERED):
        frame = frame or _decoded(packet)
        time = time_of(packet)
        if packet.size and time is not None and not packet.is_discard:
            times.append(time)
            if frame and packet.dts is not None and packet.dts >= min(times):
                break  # nothing that comes later is shown earlier
    if not times:
        raise MediaError(f"{Path(reader.name).name} has no frame")
    return min(times), Look(**look_of(video, frame))


def time_of(packet: Packet[VideoStream]) -> int | None:
    """
    Return when the frame of a packet is shown, in ticks. AVI knows no such times, and what is told for it is a guess: its frames
    are shown in turn, one for each packet; which of them is which only the decoder knows.
    """
    return packet.dts if in_turn(packet.stream) else packet.pts


def in_turn(video: VideoStream) -> bool:
    """Whether frames are shown in turn, and no time says when."""
    return video.container.format.name == "avi"


def shown(packets: Iterable[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
    """Leave out what brings no picture to the screen: the mark of the end, and what an edit list hides."""
    return (packet for packet in packets if packet.size and packet.pts is not None and not packet.is_discard)


def _video_of(streams: Sequence[VideoStream], path: Path) -> VideoStream:
    """Return the first video that is not a cover picture."""
    from av.stream import Disposition

    for stream in streams:
        if not stream.disposition & Disposition.attached_pic:
            _codec_known(stream, path, "video")
            return stream
    raise MediaError(f"{path.name} has no video")


def _codec_known(stream: Stream, path: Path, what: str) -> None:
    # Typed as if there always were one; of a codec that this ffmpeg has no name for there is none.
    if getattr(stream, "codec_context", None) is None:
        raise MediaError(f"{path.name} has its {what} in a codec that is not known here; convert it to H.264 and AAC")


def _decoded(packet: Packet[VideoStream]) -> VideoFrame | None:
    """Return the frame that comes out with this packet, if one does. Damage is not judged here."""
    import av

    with contextlib.suppress(av.error.FFmpegError):
        return next(iter(packet.decode()), None)
    return None


def rate_of(shown: Sequence[int], base: Fraction, declared: Sequence[Fraction | None]) -> tuple[Fraction, bool]:
    """
    Return the rate at which frames are shown, and whether it varies.

    A rate is believed if every frame is shown where it says, within one tick of the clip's clock: what a header tells
    is an average, and some clocks are too coarse to tell the rate themselves.
    """
    own: list[Fraction] = []
    if len(shown) > 1:
        steps = sorted(b - a for a, b in pairwise(shown))
        if steps[len(steps) // 2] > 0:
            own = [1 / (steps[len(steps) // 2] * base)]
    candidates = [Fraction(rate) for rate in declared if rate] + own
    for rate in candidates:
        ticks = 1 / (rate * base)
        if ticks >= 1 and all(abs(at - shown[0] - n * ticks) <= 1 for n, at in enumerate(shown)):
            return rate, False
    if len(shown) == 1:
        return (candidates or [Fraction(24)])[0], False
    average = Fraction(len(shown) - 1, 1) / ((shown[-1] - shown[0]) * base) if shown[-1] > shown[0] else Fraction(24)
    return average.limit_denominator(1001), True


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
