"""
Prove that a film is what it was to be: read back, nothing believed.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.media import parameter_sets
from storyreel.media.format import House
from storyreel.media.probe import opened, shown
from storyreel.media.splice import Piece

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class Verified:
    """A film that holds. `av_offset_ms` is the larger of how far sound and picture are apart at start and end."""

    path: Path
    frames: int
    seconds: float
    av_offset_ms: float


async def verify(film: Path, pieces: Sequence[Piece], house: House) -> Verified:
    """
    Read a film back and compare it with what it was made of.

    It must have one H.264 and one AAC track, start at 0, show every frame of every piece at its place on the grid in
    packets that end with the piece's own bytes, with decoding times that only grow, and sound that begins and ends
    with the picture to less than a frame.

    Raises:
        MediaError: It is not so; the text says where.
    """
    return await asyncio.to_thread(_verify, film, pieces, house)


def _verify(film: Path, pieces: Sequence[Piece], house: House) -> Verified:
    frames = sum(piece.frames for piece in pieces)
    with opened(film, "mov") as (reader, video):
        kinds = sorted(stream.type for stream in reader.streams)
        codecs = (video.codec_context.name, *(stream.codec_context.name for stream in reader.streams.audio))
        if kinds != ["audio", "video"] or codecs != ("h264", "aac"):
            raise MediaError(f"{film.name} has {' and '.join(codecs)} in {len(kinds)} tracks, not h264 and aac in two")
        assert video.time_base is not None
        size = (video.codec_context.width, video.codec_context.height)
        if size != (house.width, house.height):
            raise MediaError(f"{film.name} is {size[0]}x{size[1]}, not {house.width}x{house.height}")
        places = _compare(film, shown(reader.demux(video)), pieces, house)
        if sorted(places) != list(range(frames)):
            raise MediaError(f"{film.name} shows {len(places)} frames, not {frames} from the first on")
        _look_at_joints(film, reader, video, pieces, house)
    return Verified(film, frames, float(frames / house.fps), _apart(film, frames / house.fps, house))


def _compare(
    film: Path, packets: Iterable[Packet[VideoStream]], pieces: Sequence[Piece], house: House
) -> Sequence[int]:
    """Compare each packet of the film with the clip's it came from; return where on the grid each is shown."""
    own = _own_packets(pieces)
    places: list[int] = []
    before: int | None = None
    for packet in packets:
        number = len(places)
        assert packet.pts is not None
        if packet.dts is None or (before is not None and packet.dts <= before):
            raise MediaError(f"{film.name}: decoding times do not grow at packet {number}")
        before = packet.dts
        place = packet.pts * packet.time_base * house.fps
        if place.denominator != 1:
            raise MediaError(f"{film.name}: packet {number} is off the grid of frames")
        places.append(int(place))
        name, content, sets = next(own, ("no clip", b"", None))
        is_now = bytes(packet)
        if is_now != content and (sets is None or is_now != parameter_sets.with_sets(content, sets)):
            raise MediaError(f"{film.name}: packet {number} is not that of {name}")
    return places


def _own_packets(pieces: Sequence[Piece]) -> Iterator[tuple[str, bytes, parameter_sets.ParameterSets | None]]:
    for piece in pieces:
        with opened(piece.path) as (reader, video):
            sets = parameter_sets.read_box(video.codec_context.extradata or b"")
            for packet in shown(reader.demux(video)):
                yield piece.called, bytes(packet), sets


def _look_at_joints(
    film: Path, reader: InputContainer, video: VideoStream, pieces: Sequence[Piece], house: House
) -> None:
    """
    Decode the first frame of every piece in the film and in its clip: they are the same, or the wrong parameter sets
    are in force. Same packets under other parameters give other pictures, and often no error.
    """
    assert video.time_base is not None
    known: dict[Path, bytes] = {}
    at = 0
    for piece in pieces:
        if piece.path not in known:
            with opened(piece.path) as (clip, own):
                known[piece.path] = _pixels(clip, own, own.start_time or 0)
        if _pixels(reader, video, int(at / house.fps / video.time_base)) != known[piece.path]:
            raise MediaError(f"{film.name}: the first frame of {piece.called}, frame {at}, decodes to another picture")
        at += piece.frames


def _pixels(reader: InputContainer, video: VideoStream, at: int) -> bytes:
    """Return a digest of the frame shown at `at` ticks, at which a key frame is."""
    reader.seek(at, stream=video)
    for frame in reader.decode(video):
        if frame.pts is not None and frame.pts >= at:
            digest = hashlib.blake2b()
            for plane in frame.planes:
                digest.update(bytes(plane))
            return digest.digest()
    return b""


def _apart(film: Path, seconds: Fraction, house: House) -> float:
    """Return by how many milliseconds, at most, sound and picture begin and end apart."""
    with opened(film, "mov") as (reader, _):
        times = [
            (packet.pts * packet.time_base, (packet.pts + (packet.duration or 0)) * packet.time_base)
            for packet in reader.demux(reader.streams.audio[0])
            if packet.size and packet.pts is not None and not packet.is_discard
        ]
    if not times:
        raise MediaError(f"{film.name} has no sound")
    apart = max(abs(times[0][0]), abs(times[-1][1] - seconds))
    if apart >= 1 / house.fps:
        raise MediaError(f"{film.name}: sound and picture are {float(apart) * 1000:.0f} ms apart")
    return round(float(apart) * 1000, 3)
