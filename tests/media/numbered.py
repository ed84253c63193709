"""
Clips whose frames carry their number, made within this process: eight bars, each a bit; read back from whatever shows a frame.

And clips of four colours, one in each corner, by which it can be told how a picture stands and how it looks.
"""

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

BITS, WIDTH, HEIGHT = 8, 64, 48
FRAMES, RATE = 60, 5
"""Twelve seconds: far enough that decoding a part begins in the middle, and few enough frames to be made at once."""

COLOURS = {"red": (200, 40, 40), "green": (40, 180, 40), "blue": (40, 40, 200), "grey": (150, 150, 150)}
ONE = 1 << 16
MATRICES = {
    "mirrored": (-ONE, 0, 0, ONE),
    "flipped": (ONE, 0, 0, -ONE),
    "upside-down": (-ONE, 0, 0, -ONE),
    "right": (0, ONE, -ONE, 0),
    "left": (0, -ONE, ONE, 0),
    "transposed": (0, ONE, ONE, 0),
    "antitransposed": (0, -ONE, -ONE, 0),
    "aslant": (56756, 32768, -32768, 56756),
}
"""What a track's header says of how its picture stands (a, b, c, d of ISO/IEC 14496-12, 8.3.2); the last one is 30 degrees."""


def numbered(
    to: Path,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    container: str | None = None,
    muxing: Mapping[str, str] | None = None,
    rate: int = RATE,
    start: int = 0,
) -> Path:
    """Make a clip of numbered frames; `start` is in seconds of its clock."""
    pictures = []
    for number in range(FRAMES):
        bars = np.full((HEIGHT, WIDTH), 40, np.uint8)
        for bit in range(BITS):
            if number >> bit & 1:
                bars[:, bit * WIDTH // BITS : (bit + 1) * WIDTH // BITS] = 200
        pictures.append(av.VideoFrame.from_ndarray(bars, "gray"))
    return written(to, pictures, codec, pix_fmt, options, container, muxing, rate=rate, start=start)


def coloured(
    to: Path,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    alpha: bool = False,
    shape: Fraction = Fraction(1),
    full: bool = False,
) -> Path:
    """Make a clip of four colours; with `alpha` the upper right one cannot be seen, and the lower left one half."""
    width, height = size
    picture = np.zeros((height, width, 4), np.uint8)
    (red, green), (blue, grey) = ([*COLOURS.values()][:2], [*COLOURS.values()][2:])
    for top, left, colour, opaque in ((0, 0, red, 255), (0, 1, green, 0), (1, 0, blue, 128), (1, 1, grey, 255)):
        rows, columns = (
            slice(top * height // 2, (top + 1) * height // 2),
            slice(left * width // 2, (left + 1) * width // 2),
        )
        picture[rows, columns] = (*colour, opaque if alpha else 255)
    frame = av.VideoFrame.from_ndarray(picture, "rgba").reformat(
        format=pix_fmt, dst_color_range="JPEG" if full else "MPEG", dst_colorspace="ITU601"
    )
    return written(to, [frame] * 3, codec, pix_fmt, options, None, None, rate=RATE, shape=shape)


def written(
    to: Path,
    pictures: Sequence[av.VideoFrame],
    codec: str,
    pix_fmt: str,
    options: Mapping[str, str] | None,
    container: str | None,
    muxing: Mapping[str, str] | None,
    *,
    rate: int,
    start: int = 0,
    shape: Fraction = Fraction(1),
) -> Path:
    """Encode pictures."""
    with av.open(str(to), "w", format=container, options=dict(muxing or {})) as writer:
        track = writer.add_stream(codec, rate=rate, options=dict(options or {}))
        track.width, track.height, track.pix_fmt = pictures[0].width, pictures[0].height, pix_fmt
        track.codec_context.sample_aspect_ratio = shape
        for number, picture in enumerate(pictures):
            frame = picture.reformat(format=pix_fmt)
            frame.pts, frame.time_base = number + start * rate, Fraction(1, rate)
            writer.mux(track.encode(frame))
        writer.mux(track.encode(None))
    return to


def standing(clip: Path, matrix: tuple[int, int, int, int], to: Path) -> Path:
    """Copy an MP4 or MOV with another matrix in its track's header."""
    film = bytearray(clip.read_bytes())
    place = film.index(b"tkhd") + 44
    a, b, c, d = matrix
    film[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    to.write_bytes(film)
    return to


def number(picture: Image.Image) -> int:
    """Read the number of a frame off a picture."""
    light = np.asarray(picture.convert("L").resize((WIDTH, HEIGHT)))
    middles = [light[HEIGHT // 2, bit * WIDTH // BITS + WIDTH // BITS // 2] for bit in range(BITS)]
    return sum(1 << bit for bit, middle in enumerate(middles) if middle > 120)


def film(clip: Path) -> list[Image.Image]:
    """Return the frames of a film in bt709, as pictures."""
    with av.open(str(clip)) as reader:
        # Both are named, since PyAV before 17 looks at no tag, and takes every clip for BT.601.
        rgb = {"format": "rgb24", "src_colorspace": "ITU709", "dst_colorspace": "DEFAULT"}
        frames = [each.reformat(**rgb) for each in reader.decode(video=0)]
        return [each.to_image() for each in frames]


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours of a picture, from the upper left corner on, row by row."""
    width, height = picture.size
    return [
        picture.convert("RGB").getpixel((x, y))
        for y in (height // 4, -height // 4 % height)
        for x in (width // 4, -width // 4 % width)
    ]
