"""
Is a TIFF all there? What reads it would complain on the terminal in words of its own, or go on with what is left.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type; TIFF 6.0, section 2, and BigTIFF."""
PLACES, LENGTHS = (273, 324), (279, 325)
"""The tags of where the strips or tiles of the picture begin, and of how long they are."""
NEEDED = (*PLACES, *LENGTHS, 258, 277, 320, 347)
"""Tags without whose values nothing can be decoded: those, bits, channels, palette, and the tables of JPEG. Others may be as they like."""
NUMBERS = {3: "H", 4: "I", 16: "Q"}


def is_whole(data: bytes) -> bool:
    """Whether what the first picture of a TIFF is made of lies within the file; also where nothing tells."""
    try:
        places: list[int] = []
        lengths: list[int] = []
        for tag, numbers, end in _fields(data):
            if tag in NEEDED and end > len(data):
                return False
            if tag in PLACES:
                places = numbers
            elif tag in LENGTHS:
                lengths = numbers
    except struct.error:
        return False
    return all(place + length <= len(data) for place, length in zip(places, lengths, strict=False))


def _fields(data: bytes) -> Iterator[tuple[int, list[int], int]]:
    """Yield the tag of each field of the first picture, its numbers if it has such, and where its values end."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count, entry, room = ("Q", "HHQ", 8) if big else ("H", "HHI", 4)
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    (fields,) = struct.unpack_from(order + count, data, at)
    at += struct.calcsize(order + count)
    for _ in range(fields):
        tag, kind, many = struct.unpack_from(order + entry, data, at)
        here = at + struct.calcsize(order + entry)
        at = here + room
        size = SIZES.get(kind, 1) * many
        if size > room:
            (here,) = struct.unpack_from(order + ("Q" if big else "I"), data, here)
        numbers: list[int] = []
        if tag in (*PLACES, *LENGTHS) and kind in NUMBERS and here + size <= len(data):
            numbers = list(struct.unpack_from(f"{order}{many}{NUMBERS[kind]}", data, here))
        yield tag, numbers, max(here + size, at)
