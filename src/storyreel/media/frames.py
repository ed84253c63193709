"""
Take single frames out of clips, as pictures: the true first and last one, or the one shown at a time.

A frame is found by decoding, never by asking for a time near the end: sound may outlast the picture, and headers err.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg_args import assumed_matrix
from storyreel.media.probe import FULL_RANGE, opened

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from PIL.Image import Image

A_HAIR_S = 0.001  # times written in decimals are a little before the frame they mean


async def last_frame(clip: Path, to: Path) -> None:
    """
    Write the last frame that a clip shows as PNG, turned as a player turns it.

    Raises:
        MediaError: The clip cannot be read, or has no frame.
    """
    await keep(await asyncio.to_thread(lambda: _png(show_last(clip))), to)


async def first_frame(clip: Path, to: Path) -> None:
    """Write the first frame that a clip shows as PNG, as `last_frame` does."""
    await keep(await asyncio.to_thread(lambda: _png(show_at(clip, 0.0))), to)


async def frame_at(clip: Path, seconds: float, to: Path, width: int | None = None) -> None:
    """
    Write the frame that a clip shows at a time as PNG; after its end, its last one.

    Args:
        seconds: From the clip's first frame on.
        width: Scale the picture to this many pixels; its own size if not given.

    Raises:
        MediaError: The clip cannot be read, or has no frame.
    """
    await keep(await asyncio.to_thread(lambda: _png(_scaled(show_at(clip, seconds), width))), to)


def show_last(clip: Path) -> Image:
    """Return the frame with the highest time. Decodes the last group of pictures; the whole clip if need be."""
    with opened(clip) as (reader, video):
        video.thread_type = "AUTO"
        end = _end(reader, video)
        for seek_first in (True, False) if end is not None else (False,):
            reader.seek(end if seek_first and end is not None else video.start_time or 0, stream=video)
            last: VideoFrame | None = None
            for frame in reader.decode(video):
                if last is None or (frame.pts is not None and last.pts is not None and frame.pts >= last.pts):
                    last = frame
            if last is not None:
                return _image(last)
    raise MediaError(f"{clip.name} has no frame that can be decoded")


def show_at(clip: Path, seconds: float) -> Image:
    """Return the frame shown `seconds` after the first one; the last one if that is after the end."""
    with opened(clip) as (reader, video):
        assert video.time_base is not None
        video.thread_type = "AUTO"
        start = video.start_time or 0
        wanted = start + (seconds + A_HAIR_S) / video.time_base
        if seconds > 0:
            reader.seek(int(wanted), stream=video)
        best: VideoFrame | None = None
        for frame in reader.decode(video):
            if best is not None and frame.pts is not None and frame.pts > wanted:
                break
            best = frame
        if best is not None:
            return _image(best)
    raise MediaError(f"{clip.name} has no frame that can be decoded")


def _end(reader: InputContainer, video: VideoStream) -> int | None:
    """Return a time at or after the last frame, in the video's ticks, if the header tells one."""
    assert video.time_base is not None
    if video.duration is not None:
        return (video.start_time or 0) + video.duration
    if reader.duration is not None:
        return int(((reader.start_time or 0) + reader.duration) / (1_000_000 * video.time_base))
    return None


def _image(frame: VideoFrame) -> Image:
    """Return a frame as an upright RGB picture, its colours read as they were meant."""
    import av

    matrix = assumed_matrix(int(frame.colorspace), frame.width, frame.height)
    reach = "full" if int(frame.color_range) == FULL_RANGE else "limited"
    # The frame's own conversion takes untagged HD for bt601, and colours of quarter size without smoothing.
    chain = av.filter.Graph()
    chain.link_nodes(
        chain.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base),
        chain.add("scale", f"flags={ffmpeg_args.SCALER}+full_chroma_inp:in_color_matrix={matrix}:in_range={reach}"),
        chain.add("format", "rgb24"),
        chain.add("buffersink"),
    ).configure()
    chain.push(frame)
    picture: Image = cast("VideoFrame", chain.pull()).to_image()  # type: ignore[no-untyped-call]
    # Pillow and the display matrix agree: degrees counter-clockwise.
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


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
