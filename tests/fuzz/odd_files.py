"""
Media files that are not quite right, by the dice: bytes, boxes, sizes, numbers, halves and names.

Pure but for the dice that is handed in: the same seed and the same files give the same files.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from random import Random

CONTAINERS = (
    b"moov",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"edts",
    b"moof",
    b"traf",
    b"meta",
    b"iprp",
    b"ipco",
    b"dinf",
    b"mvex",
)
NUMBERS = (
    b"mvhd",
    b"tkhd",
    b"mdhd",
    b"stts",
    b"stsz",
    b"stsc",
    b"stco",
    b"ctts",
    b"elst",
    b"stss",
    b"trun",
    b"tfhd",
    b"tfdt",
)
FIELDS = (
    b"ispe",
    b"iloc",
    b"pasp",
    b"clap",
    b"colr",
    b"avcC",
    b"hvcC",
    b"av1C",
    b"esds",
    b"avc1",
    b"hvc1",
    b"mp4a",
    b"ipma",
    b"infe",
)
TAGS = (
    b"avih",
    b"strh",
    b"strf",
    b"idx1",
    b"LIST",
    b"movi",
    b"RIFF",
    b"VP8 ",
    b"VP8L",
    b"VP8X",
    b"ANMF",
    b"IHDR",
    b"IDAT",
    b"eXIf",
)
EXTREMES = (0, 1, 2, 255, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
STARTS = (
    b"\xff\xc0",
    b"\xff\xc2",
    b"\xff\xe1",
    b"\xff\xdb",
    b"\xff\xda",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"\x1a\x45\xdf\xa3",
    b"\x44\x89",
    b"\xb0",
    b"\xba",
    b"\x23\xe3\x83",
)
"""Marks behind which formats keep sizes and lengths: of JPEG, GIF, BMP, TIFF and Matroska."""
NAMES = ("{stem}{suffix}", "{stem}{suffix}", "{stem}{suffix}", "{stem}", "{stem}.mp4", "{stem}.png", "{stem}.jpg", "{stem}.mkv", "{stem}.MOV", "{stem}.txt", "é {stem}{suffix}")  # fmt: skip


def odd_file(dice: Random, files: Sequence[tuple[str, str, bytes]]) -> tuple[str, bytes]:
    """
    Return a name and a content that is not quite a file's.

    Args:
        dice: What decides.
        files: Right ones: stem, suffix, content.
    """
    stem, suffix, content = dice.choice(files)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
        content = dice.choice(WAYS)(dice, content, dice.choice(files)[2])
    return dice.choice(NAMES).format(stem=stem, suffix=suffix), content


def boxes(data: bytes, begin: int = 0, end: int | None = None) -> list[tuple[int, int, bytes]]:
    """Return place, size and kind of each box of an MP4, those inside of others too."""
    found: list[tuple[int, int, bytes]] = []
    at, end = begin, len(data) if end is None else end
    while at + 8 <= end:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size < 8 or at + size > end:
            break
        found.append((at, size, kind))
        if kind in CONTAINERS:
            found += boxes(data, at + (12 if kind == b"meta" else 8), at + size)
        at += size
    return found


def _bits(dice: Random, data: bytes, _: bytes) -> bytes:
    """Turn bits over, in the head or anywhere."""
    changed = bytearray(data)
    reach = dice.choice((64, 1024, len(data), len(data))) or 1
    for _ in range(dice.choice((1, 3, 20, 200))):
        if changed:
            changed[dice.randrange(min(reach, len(changed)))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut(dice: Random, data: bytes, _: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    length = dice.choice((1, 16, 188, 1000, len(data) // 3))
    return dice.choice(
        (data[:at], data[:-1], data[:-length], data[at:], data[:at] + data[at + length :], data[: dice.randrange(600)])
    )


def _run(dice: Random, data: bytes, _: bytes) -> bytes:
    """Lay a run of one byte, of chance, or of itself over a part."""
    at, length = dice.randrange(len(data) + 1), dice.choice((4, 64, 512, 4096, len(data) // 2))
    other = dice.randrange(len(data) + 1)
    run = dice.choice((bytes(length), b"\xff" * length, dice.randbytes(length), data[other : other + length]))
    return data[:at] + run + data[at + length :]


def _box(dice: Random, data: bytes, _: bytes) -> bytes:
    """Lie about a box of an MP4: its size, its kind, its place, that it is there, or how often."""
    found = boxes(data)
    if not found:
        return _number(dice, data, b"")
    at, size, _kind = dice.choice(found)
    whole = data[at : at + size]
    match dice.randrange(6):
        case 0:
            return data[:at] + dice.choice(EXTREMES).to_bytes(4, "big") + data[at + 4 :]
        case 1:
            kinds = (
                *CONTAINERS,
                *NUMBERS,
                *FIELDS,
                b"free",
                b"mdat",
                b"\0\0\0\0",
                b"brxq",
                b"apac",
                b"hev1",
                b"raw ",
                b"jpeg",
            )
            return data[: at + 4] + dice.choice(kinds) + data[at + 8 :]
        case 2:
            return data[:at] + data[at + size :]
        case 3:
            return data[:at] + whole + data[at:]
        case 4:
            other, length, _kind = dice.choice(found)
            if other >= at + size:
                between, last = data[at + size : other], data[other : other + length]
                return data[:at] + last + between + whole + data[other + length :]
            return (
                data[:at] + (size + dice.choice((-8, -1, 1, 8, 100))).to_bytes(4, "big", signed=True) + data[at + 4 :]
            )
        case _:
            return data[:at] + b"\0\0\0\1" + data[at + 4 : at + 8] + dice.randbytes(8) + data[at + 8 :]


def _number(dice: Random, data: bytes, _: bytes) -> bytes:
    """Put an extreme number where a format keeps a length, a duration, a size or a count."""
    marks = [(at + 8, size - 8) for at, size, kind in boxes(data) if kind in NUMBERS or kind in FIELDS]
    marks += [
        (match.end(), 32) for tag in (*TAGS, *STARTS) for match in list(re.finditer(re.escape(tag), data[:65536]))[:8]
    ]
    if not marks or dice.random() < 0.1:
        marks = [(0, min(len(data), 600))]
    at, length = dice.choice(marks)
    at += dice.randrange(max(1, length))
    width = dice.choice((1, 2, 4, 4, 8))
    value = dice.choice(EXTREMES) & ((1 << 8 * width) - 1)
    changed = data[:at] + value.to_bytes(width, dice.choice(("big", "little"))) + data[at + width :]
    return _with_sums(changed) if changed[:4] == b"\x89PNG" and dice.random() < 0.8 else changed


def _with_sums(data: bytes) -> bytes:
    """Make the sums of a PNG right, so that it is read on."""
    at, parts = 8, [data[:8]]
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + size > len(data):
            break
        parts.append(data[at : at + 8 + size] + zlib.crc32(data[at + 4 : at + 8 + size]).to_bytes(4, "big"))
        at += 12 + size
    return b"".join(parts) + data[at:]


def _joined(dice: Random, data: bytes, other: bytes) -> bytes:
    """Join two halves, or two whole files."""
    half = data[: len(data) * dice.choice((1, 2, 3)) // 4]
    return dice.choice(
        (
            half + other[len(other) // 2 :],
            data + other,
            half + other,
            other[:600] + data[600:],
            data[:600] + other[600:],
        )
    )


def _packets(dice: Random, data: bytes, _: bytes) -> bytes:
    """Drop, double or shuffle packets of 188 bytes."""
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    match dice.randrange(3):
        case 0:
            packets = [packet for packet in packets if dice.random() > 0.1]
        case 1:
            first, last = sorted((dice.randrange(len(packets) + 1), dice.randrange(len(packets) + 1)))
            middle = packets[first:last]
            dice.shuffle(middle)
            packets[first:last] = middle
        case _:
            at = dice.randrange(len(packets) + 1)
            packets = packets[at:] + packets[:at]
    return b"".join(packets)


WAYS: tuple[Callable[[Random, bytes, bytes], bytes], ...] = (
    *(_bits, _bits, _bits, _cut, _cut, _run, _run, _box, _box, _box, _box, _number, _number, _number, _number, _joined, _packets),
)  # fmt: skip
