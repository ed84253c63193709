"""
Open a clip's container as what its first bytes say it is, and read its packets.

It is opened as that and nothing else, so a playlist that calls itself `.mp4` is refused and never opens what it names.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import open_plain, reason_of
from storyreel.media.kinds import NAME_A_CLIP, SOUND_ALONE
from storyreel.media.look import Look, look_of

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
PACKETS_ALONE = {"skip_frame": "all"}
"""Options for reading a clip of which nothing is to be decoded: else opening it decodes a frame, half of what reading ten seconds costs."""
REORDERED = 64
"""Among so many packets is the frame that is shown first: H.264 and H.265 reorder 16 frames at most."""


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
    with reading(path, container or container_of(path), "clip", **options) as reader:
        yield reader, _video_of(reader, path)


@contextlib.contextmanager
def reading(path: Path, container: str, what: str, **options: str) -> Iterator[InputContainer]:
    """
    Open a file with the one demuxer that it may be opened with.

    Args:
        what: It is to people.
        options: Of the demuxer.

    Raises:
        MediaError: It cannot be read. Also for what the reader says while the block runs.
    """
    import av

    try:
        with av.open(
            str(path.absolute()),
            format=container,
            metadata_errors="ignore",
            options={**options, "protocol_whitelist": "file"},
        ) as reader:
            yield reader
    except MediaError:
        raise
    except Exception as error:
        # What a damaged or an unheard-of file does to a reader is not to be listed, and the file may be paid for.
        raise MediaError(f"{path.name} cannot be read as a {what}: {_reason(error)}") from error


def beginning(reader: InputContainer, video: VideoStream) -> int:
    """
    Read the beginning of a clip, and decode nothing of it: return when its first frame is shown, in ticks.

    Raises:
        MediaError: There is no frame.
    """
    times: list[int] = []
    for packet in islice(shown(reader.demux(video)), REORDERED):
        assert packet.pts is not None
        times.append(packet.pts)
        if packet.dts is not None and packet.dts >= min(times):
            break  # nothing that comes later is shown earlier
    if not times:
        raise MediaError(f"{Path(reader.name).name} has no frame")
    return min(times)


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
        frame = frame or decoded(packet)
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


def _video_of(reader: InputContainer, path: Path) -> VideoStream:
    """Return the first video that is not a cover picture."""
    from av.stream import Disposition

    for stream in reader.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            check_codec(stream, path, "video")
            return stream
    what = SOUND_ALONE if reader.streams.audio else "has no video"
    raise MediaError(f"{path.name} {what}; {NAME_A_CLIP}")


def check_codec(stream: Stream, path: Path, what: str) -> None:
    """Refuse a stream in a codec that nothing here can decode; `what` it is to people."""
    # Typed as if there always were one; of a codec that this ffmpeg has no name for there is none.
    if getattr(stream, "codec_context", None) is None:
        raise MediaError(
            f"{path.name} has its {what} in a codec that is not known here; convert it to H.264 and AAC with what made it"
        )


def decoded(packet: Packet[VideoStream]) -> VideoFrame | None:
    """Return the frame that comes out with this packet, if one does. Damage is not judged here."""
    import av

    with contextlib.suppress(av.error.FFmpegError):
        return next(iter(packet.decode()), None)
    return None


def at_once(packet: Packet[VideoStream]) -> VideoFrame | None:
    """
    Return the frame of the first packet of H.264 or HEVC, which has just gone to the decoder: it need not be waited for until those
    have come that might be shown before it, which costs decoding them.
    """
    import av

    context = packet.stream.codec_context
    if packet.is_discard or context.codec.canonical_name not in ("h264", "hevc"):
        return None
    frames: list[VideoFrame] = []
    with contextlib.suppress(av.error.FFmpegError):
        frames = context.decode(None)
    context.flush_buffers()
    # Without it what leans on it could not be decoded.
    return frames[0] if frames else decoded(packet)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
