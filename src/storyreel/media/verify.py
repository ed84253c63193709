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
from storyreel.media.container import opened, shown
from storyreel.media.ffmpeg_args import AS_WRITTEN
from storyreel.media.format import House
from storyreel.media.parameter_sets import read_box
from storyreel.media.survey import Survey
from storyreel.media.track import Layout, Piece, lay_out

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


async def verify(film: Path, pieces: Sequence[Piece], house: House, survey: Survey | None = None) -> Verified:
    """
    Read a film back and compare it with what it was made of.

    It must have one H.264 and one AAC track, start at 0, show every frame of every piece at its place on the grid in
    the clip's own packets (with the numbers that its parameter sets have in the film), mark IDR pictures and no others
    as key frames, have decoding times that only grow, and sound that begins and ends with the picture to less than a
    frame.

    Args:
        survey: What is known of the pieces' clips already; of the film nothing is.

    Raises:
        MediaError: It is not so; the text says where.
    """
    return await asyncio.to_thread(_verify, film, pieces, house, survey or Survey())


def _verify(film: Path, pieces: Sequence[Piece], house: House, survey: Survey) -> Verified:
    frames = sum(piece.frames for piece in pieces)
    layout = lay_out(pieces, survey)
    with opened(film, "mov", fflags=AS_WRITTEN) as (reader, video):
        kinds = sorted(stream.type for stream in reader.streams)
        codecs = (video.codec_context.name, *(stream.codec_context.name for stream in reader.streams.audio))
        if kinds != ["audio", "video"] or codecs != ("h264", "aac"):
            raise MediaError(f"{film.name} has {' and '.join(codecs)} in {len(kinds)} tracks, not h264 and aac in two")
        assert video.time_base is not None
        size = (video.codec_context.width, video.codec_context.height)
        if size != (house.width, house.height):
            raise MediaError(f"{film.name} is {size[0]}x{size[1]}, not {house.width}x{house.height}")
        places = _compare(film, shown(reader.demux(video)), pieces, layout, house, video.time_base)
        if sorted(places) != list(range(frames)):
            raise MediaError(f"{film.name} shows {len(places)} frames, not {frames} from the first on")
        _look_at_joints(film, reader, video, _doubtful(video, pieces, layout), house)
    return Verified(film, frames, float(frames / house.fps), _apart(film, frames / house.fps, house))


def _compare(
    film: Path,
    packets: Iterable[Packet[VideoStream]],
    pieces: Sequence[Piece],
    layout: Layout,
    house: House,
    base: Fraction,
) -> Sequence[int]:
    """Compare each packet of the film with the clip's it came from; return where on the grid each is shown."""
    own = ((piece.called, *packet) for piece in pieces for packet in layout.packets(piece))
    places: list[int] = []
    before: int | None = None
    frames_a_tick = base * house.fps
    for packet in packets:
        number = len(places)
        assert packet.pts is not None
        if packet.dts is None or (before is not None and packet.dts <= before):
            raise MediaError(f"{film.name}: decoding times do not grow at packet {number}")
        before = packet.dts
        place, beside = divmod(packet.pts * frames_a_tick.numerator, frames_a_tick.denominator)
        if beside:
            raise MediaError(f"{film.name}: packet {number} is off the grid of frames")
        places.append(place)
        name, content, _, is_idr = next(own, ("no clip", b"", 0, False))
        if bytes(packet) != content:
            raise MediaError(f"{film.name}: packet {number} is not that of {name}")
        if packet.is_keyframe != is_idr:
            raise MediaError(f"{film.name}: packet {number} is {'not ' * is_idr}marked as a key frame")
    return places


def _doubtful(video: VideoStream, pieces: Sequence[Piece], layout: Layout) -> Iterator[tuple[int, Piece]]:
    """
    Yield the pieces of which the same packets might show other pictures in the film than in their clip, and where they begin.

    The same packets under the same parameter sets decode alike. So it is whose sets have other numbers than in the clip, or
    change within it, that has to be looked at; and everything, where the film's header is not what was laid out.
    """
    as_laid_out = read_box(video.codec_context.extradata or b"") == layout.sets
    at = 0
    for piece in pieces:
        if not (as_laid_out and layout.keeps_sets(piece.path)):
            yield at, piece
        at += piece.frames


def _look_at_joints(
    film: Path, reader: InputContainer, video: VideoStream, pieces: Iterable[tuple[int, Piece]], house: House
) -> None:
    """
    Decode the first frame of pieces in the film and in their clips: they are the same, or the wrong parameter sets
    are in force. Same packets under other parameters give other pictures, and often no error.
    """
    assert video.time_base is not None
    known: dict[tuple[Path, int], bytes] = {}
    for at, piece in pieces:
        first = piece.path, piece.first
        if first not in known:
            with opened(piece.path) as (clip, own):
                assert own.time_base is not None
                # A clock may be so coarse that a frame's time is rounded to the tick after it.
                known[first] = _pixels(clip, own, (own.start_time or 0) + int(piece.first / house.fps / own.time_base))
        if _pixels(reader, video, int(at / house.fps / video.time_base)) != known[first]:
            raise MediaError(f"{film.name}: the first frame of {piece.called}, frame {at}, decodes to another picture")


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
        track = reader.streams.audio[0]
        assert track.time_base is not None
        base = track.time_base
        times = [
            (packet.pts, packet.pts + (packet.duration or 0))
            for packet in reader.demux(track)
            if packet.size and packet.pts is not None and not packet.is_discard
        ]
    if not times:
        raise MediaError(f"{film.name} has no sound")
    apart = max(abs(times[0][0] * base), abs(times[-1][1] * base - seconds))
    if apart >= 1 / house.fps:
        raise MediaError(f"{film.name}: sound and picture are {float(apart) * 1000:.0f} ms apart")
    return round(float(apart) * 1000, 3)
