"""
Take single frames out of clips, as pictures: the true first and last one, or the one shown at a time.

Which frame it is, `seek` finds by decoding; how it looks, `picture` says, as it does for films. So a film, a contact sheet and
what the next scene begins with show the same.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
from storyreel.media import ffmpeg_args, picture_filters
from storyreel.media.container import opened, opening
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.look import Look
from storyreel.media.picture_filters import Filter
from storyreel.media.probe import A_HAIR_S
from storyreel.media.seek import Timed, frames_from, sole_frame

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from PIL.Image import Image


@dataclass(frozen=True)
class _Decoded:
    """A frame as it is stored, the ones before and after it, of which deinterlacing is made, and how it is to look."""

    look: Look
    frames: Sequence[VideoFrame]
    number: int


async def last_frame(clip: Path, to: Path) -> None:
    """
    Write the last frame that a clip shows as PNG, as a player shows it.

    Raises:
        MediaError: The clip cannot be read, or has no frame.
    """
    await keep(await asyncio.to_thread(_png, await show_last(clip)), to)


async def first_frame(clip: Path, to: Path) -> None:
    """Write the first frame that a clip shows as PNG, as `last_frame` does."""
    await keep(await asyncio.to_thread(_png, await show_at(clip, 0.0)), to)


async def frame_at(clip: Path, seconds: float, to: Path, width: int | None = None) -> None:
    """
    Write the frame that a clip shows at a time as PNG; after its end, its last one.

    Args:
        seconds: From the clip's first frame on.
        width: Scale the picture to this many pixels; its own size if not given.

    Raises:
        MediaError: The clip cannot be read, or has no frame.
    """
    await keep(await asyncio.to_thread(_png, _scaled(await show_at(clip, seconds), width)), to)


async def frame_near(clip: Path, seconds: float, to: Path) -> None:
    """
    Write the frame of a clip that is nearest to a time as PNG, the later of two that are as near; after its end, its last one.

    What stands longer than a frame of the clip's rate is shown until half of one before the next.

    Args:
        seconds: From the clip's first frame on.

    Raises:
        MediaError: The clip cannot be read, or has no frame.
    """
    decoded = await asyncio.to_thread(_decode, clip, seconds, nearest=True)
    await keep(await asyncio.to_thread(_png, await _developed(decoded)), to)


async def show_last(clip: Path) -> Image:
    """Return the frame with the highest time. Decodes the last group of pictures; the whole clip if need be."""
    return await _developed(await asyncio.to_thread(_decode, clip, None))


async def show_small(clip: Path, seconds: float, within: tuple[int, int]) -> Image:
    """Return the same frame as `show_at`, as large as fits into `within`: at a fraction of the cost."""
    return await _developed(await asyncio.to_thread(_decode_alone, clip, seconds), within)


async def show_at(clip: Path, seconds: float) -> Image:
    """Return the frame shown `seconds` after the first one; the last one if that is after the end."""
    return await _developed(await asyncio.to_thread(_decode, clip, seconds))


def size_of(clip: Path) -> tuple[int, int]:
    """Return width and height of what a clip shows, in square pixels. Reads its beginning only."""
    with opened(clip) as (reader, video):
        return opening(reader, video)[1].shown


def _decode_alone(clip: Path, seconds: float) -> _Decoded:
    sole = sole_frame(clip, Fraction(seconds).limit_denominator(1_000_000) + A_HAIR_S)
    return _decode(clip, seconds) if sole is None else _Decoded(sole[0], [sole[1].frame], 0)


def _decode(clip: Path, seconds: float | None, *, nearest: bool = False) -> _Decoded:
    with opened(clip) as (reader, video):
        assert video.time_base is not None
        start, look = opening(reader, video)
        base, rate = video.time_base, video.average_rate or Fraction(24)
        # A clip of changing rate has fewer frames on average, and half of one would be long.
        half_a_frame = 1 / (2 * (video.guessed_rate or rate))
    if seconds is None:
        near = _last(frames_from(clip, None))
    else:
        later = half_a_frame if nearest else 0
        wanted = int(start + (Fraction(seconds).limit_denominator(1_000_000) + later + A_HAIR_S) / base)
        before = max(start, wanted - round(2 / (rate * base))) if look.interlaced else wanted
        near = _at(frames_from(clip, before), wanted)
    if near is None:
        raise MediaError(f"{clip.name} has no frame that can be decoded")
    frames, number = near
    return _Decoded(look, [timed.frame for timed in frames], number)


def _at(frames: Iterable[Timed], wanted: int) -> tuple[list[Timed], int] | None:
    """Return the frame shown at a time, or the first one if that is later, with its neighbours; and its place among them."""
    latest: list[Timed] = []
    for timed in frames:
        if latest and timed.time > wanted:
            return [*latest, timed], len(latest) - 1
        latest = [*latest[-1:], timed]
    return (latest, len(latest) - 1) if latest else None


def _last(frames: Iterable[Timed]) -> tuple[list[Timed], int] | None:
    latest: list[Timed] = []
    for timed in frames:
        if not latest or timed.time >= latest[-1].time:
            latest = [*latest[-1:], timed]
    return (latest, len(latest) - 1) if latest else None


async def _developed(decoded: _Decoded, within: tuple[int, int] | None = None) -> Image:
    """Return a frame as a player shows it, in RGB and square pixels; as large as fits into `within`, if that is given."""
    stored = decoded.frames[decoded.number]
    look = replace(decoded.look, width=stored.width, height=stored.height)  # which may change within a clip
    upright = [*picture_filters.deinterlaced(look), *picture_filters.turned(look), *picture_filters.on_black(look)]
    # The frame's own conversion takes untagged HD for bt601, and colours of quarter size without smoothing.
    scaling = {"flags": f"{picture_filters.SCALER}+full_chroma_inp", **picture_filters.read_as(look)}
    width, height = look.shown if within is None else _fitting(look.shown, within)
    in_rgb = [Filter("scale", {"w": width, "h": height, **scaling}), Filter("format", {"pix_fmts": "rgb24"})]
    tones = list(picture_filters.tone_mapped(look))
    if not tones:
        frame = await asyncio.to_thread(_filtered, decoded, [*upright, *in_rgb])
        return cast("Image", await asyncio.to_thread(frame.to_image))
    # PyAV comes without the library that this takes.
    frame = await asyncio.to_thread(_filtered, decoded, upright)
    return await _filtered_by_ffmpeg(frame, [*tones, *in_rgb], (width, height))


def _filtered(decoded: _Decoded, filters: Sequence[Filter]) -> VideoFrame:
    """Run filters of PyAV's over a frame; over its neighbours too where it is made of fields."""
    import av

    number, frames = decoded.number, decoded.frames
    if not filters:
        return frames[number]
    if not decoded.look.interlaced:
        number, frames = 0, frames[number : number + 1]
    graph = av.filter.Graph()
    stored = frames[0]
    graph.link_nodes(
        graph.add_buffer(width=stored.width, height=stored.height, format=stored.format, time_base=stored.time_base),
        *(graph.add(each.name, each.arguments) for each in filters),
        graph.add("buffersink"),
    ).configure()
    for frame in frames:
        graph.push(frame)
    graph.push(None)
    return [cast("VideoFrame", graph.pull()) for _ in range(number + 1)][-1]


async def _filtered_by_ffmpeg(frame: VideoFrame, filters: Sequence[Filter], size: tuple[int, int]) -> Image:
    """Hand a frame to ffmpeg as it is stored, and return what its filters make of it."""
    from PIL import Image

    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        pixels = Path(folder) / "frame.rgb"
        stored = await asyncio.to_thread(_stored, frame)
        await run_ffmpeg(ffmpeg_args.develop_args(filters, pixels), stdin=stored)
        return Image.frombytes("RGB", size, pixels.read_bytes())


def _fitting(size: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """Return a size of the same shape that is as large as fits into another; that one, where they differ by a rounding."""
    scale = min(within[0] / size[0], within[1] / size[1])
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    return within if abs(width - within[0]) <= 2 and abs(height - within[1]) <= 2 else (width, height)


def _stored(frame: VideoFrame) -> bytes:
    """Return a frame as a file of its own, in which its pixels are as they are."""
    import av

    with io.BytesIO() as file:
        with av.open(file, "w", format="nut") as writer:
            track = writer.add_stream("rawvideo", rate=1)
            track.width, track.height, track.pix_fmt = frame.width, frame.height, frame.format.name
            frame.pts, frame.time_base = 0, Fraction(1)
            writer.mux(track.encode(frame))
            writer.mux(track.encode(None))
        return file.getvalue()


def _scaled(picture: Image, width: int | None) -> Image:
    from PIL import Image

    if width is None or width == picture.width:
        return picture
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)


def _png(picture: Image) -> bytes:
    with io.BytesIO() as file:
        picture.save(file, "PNG", compress_level=4)
        return file.getvalue()


async def keep(content: bytes, to: Path) -> None:
    """Write a file so that it is whole once it is there. Nothing waits here, so cancellation leaves nothing behind."""
    place_bytes(content, to)
