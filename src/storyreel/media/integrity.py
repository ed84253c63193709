"""
Is a file that came from outside whole? Pictures are decoded at once; clips are counted, then decoded to their end.

ffmpeg's exit code alone proves nothing about a file that is cut short, and counting packets nothing about one whose
bits have changed, so a clip has to pass both.
"""

from __future__ import annotations

import asyncio
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.errors import MediaError
from storyreel.files.regular import open_plain
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.probe import Measured, container_of, probe

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURES = (
    ("PNG", 0, b"\x89PNG\r\n\x1a\n", ".png"),
    ("JPEG", 0, b"\xff\xd8\xff", ".jpg"),
    ("WEBP", 8, b"WEBP", ".webp"),
)
"""Pillow's name, the place and the bytes that tell it, the suffix of its files."""

OTHERS = (
    (4, b"ftypavif", "avif"),
    (4, b"ftypavis", "avif"),
    (4, b"ftypheic", "heic"),
    (4, b"ftypmif1", "heic"),
    (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"\xff\x0a", "jxl"),
    (4, b"JXL ", "jxl"),
)
"""Pictures that we do not open: the place and the bytes that tell them, and their suffix."""


async def check_clip(path: Path) -> Measured:
    """
    Make sure that a downloaded clip is whole: every frame that its header promises is there, and all of it decodes.

    Costs one decode, about one second of processor time for ten seconds of 720p.

    Raises:
        MediaError: It is not, or is no MP4 at all; the text says what is broken.
    """
    if await asyncio.to_thread(container_of, path) != "mov":
        raise MediaError(f"{path.name} is no MP4")
    measured = await asyncio.to_thread(probe, path, container="mov")
    present = measured.frames + measured.hidden
    if measured.corrupt or present < measured.declared:
        lost = f"{present} of {measured.declared} frames are there"
        raise MediaError(f"{path.name} is cut short: {lost}, {measured.corrupt} of them damaged")
    try:
        await run_ffmpeg(ffmpeg_args.decode_args(path, measured))
    except MediaError as error:
        raise MediaError(
            f"{path.name} is damaged: {str(error).removeprefix('ffmpeg failed: ')}",
            command=error.command,
            tail=error.tail,
        ) from error
    return measured


def check_picture(data: bytes) -> tuple[int, int, str]:
    """
    Make sure that a picture decodes to its last row.

    Returns:
        Width and height as shown, and the suffix of its kind (`.png`, `.jpg`, `.webp`).

    Raises:
        MediaError: It is none of these three, or broken.
    """
    return open_picture(data, name="the picture")


def open_picture(data: bytes, *, name: str) -> tuple[int, int, str]:
    """Decode a picture; return its size as shown and its suffix. `name` is what an error calls it."""
    picture = upright(data, name=name)
    kind = next(suffix for _, at, magic, suffix in PICTURES if data[at : at + len(magic)] == magic)
    return picture.width, picture.height, kind


def seems(data: bytes) -> str:
    """Return the suffix of what begins so, whether or not we open such pictures; `bin` where nothing tells."""
    known = ((at, magic, suffix.removeprefix(".")) for _, at, magic, suffix in PICTURES)
    return next((suffix for at, magic, suffix in (*known, *OTHERS) if data[at : at + len(magic)] == magic), "bin")


def is_picture(path: Path) -> bool:
    """Whether a file begins as a picture does that we open."""
    with open_plain(path) as file:
        head = file.read(16)
    return any(head[at : at + len(magic)] == magic for _, at, magic, _ in PICTURES)


def upright(data: bytes, *, name: str) -> Image:
    """Decode a picture to its last row, turned as its EXIF data say, in RGB."""
    from PIL import Image, ImageOps

    if not any(data[at : at + len(magic)] == magic for _, at, magic, _ in PICTURES):
        kind = seems(data)
        raise MediaError(f"{name} is no PNG, JPEG or WebP" + ("" if kind == "bin" else f", but {kind.upper()}"))
    try:
        with warnings.catch_warnings():
            # A small file that unpacks to hundreds of megapixels is an attack or a mistake, not a picture.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind for kind, *_ in PICTURES]) as picture:
                picture.load()
                return ImageOps.exif_transpose(picture).convert("RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise MediaError(f"{name} is too large to be opened safely") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise MediaError(f"{name} is broken: {error}") from error
