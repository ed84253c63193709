"""
A picture as phones take it: HEVC in tiles that are put together by its header. ISO/IEC 23008-12 (2022), 6.6.2.3.
"""

import struct
from pathlib import Path

import av
from PIL import ImageColor

from tests.media.filming import ffmpeg

TILE = 64


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box that has a version."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def tiles(folder: Path, colours: list[str]) -> tuple[bytes, list[bytes]]:
    """Return the header of a decoder, and a frame of each colour that stands alone."""
    raw, film = folder / "tiles.rgb", folder / "tiles.mp4"
    raw.write_bytes(b"".join(bytes(ImageColor.getrgb(colour)) * TILE * TILE for colour in colours))
    ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{TILE}x{TILE}", "-i", str(raw)),
        *("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p"),
        *("-x265-params", "keyint=1:log-level=none", str(film)),
    )
    with av.open(str(film)) as reader:
        (video,) = reader.streams.video
        frames = [bytes(packet) for packet in reader.demux(video) if packet.size]
        return bytes(video.codec_context.extradata or b""), frames


def heic(folder: Path, colours: list[str], *, across: int, turned: int = 0) -> bytes:
    """
    Return a HEIC whose tiles have these colours, row by row.

    Args:
        across: Tiles in a row.
        turned: Quarter turns to the left by which it is to be shown.
    """
    header, frames = tiles(folder, colours)
    down = len(frames) // across
    width, height = across * TILE, down * TILE
    grid = struct.pack(">BBBBHH", 0, 0, down - 1, across - 1, width, height)
    number = len(frames) + 1  # of the item that puts the others together
    names = [(n + 1, b"hvc1", 1) for n in range(len(frames))] + [(number, b"grid", 0)]
    infos = b"".join(
        full(b"infe", struct.pack(">HH4sx", n, 0, kind), version=2, flags=hidden) for n, kind, hidden in names
    )
    parts = box(
        b"dimg", struct.pack(">HH", number, len(frames)), *(struct.pack(">H", n + 1) for n in range(len(frames)))
    )
    properties = box(
        b"ipco",
        box(b"hvcC", header),
        full(b"ispe", struct.pack(">II", TILE, TILE)),
        full(b"ispe", struct.pack(">II", width, height)),
        box(b"irot", bytes([turned])),
    )
    linked = [struct.pack(">HBBB", n + 1, 2, 0x81, 2) for n in range(len(frames))]
    linked.append(struct.pack(">HBBB", number, 2, 3, 0x84))
    associations = full(b"ipma", struct.pack(">I", len(linked)), *linked)
    contents = [*frames, grid]

    def meta(start: int) -> bytes:
        at, places = start, []
        for n, content in enumerate(contents, 1):
            places.append(struct.pack(">HHHII", n, 0, 1, at, len(content)))
            at += len(content)
        return full(
            b"meta",
            full(b"hdlr", struct.pack(">I4s12xx", 0, b"pict")),
            full(b"pitm", struct.pack(">H", number)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(contents)), *places),
            full(b"iinf", struct.pack(">H", len(names)), infos),
            full(b"iref", parts),
            box(b"iprp", properties, associations),
        )

    brand = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return brand + meta(len(brand) + len(meta(0)) + 8) + box(b"mdat", *contents)
