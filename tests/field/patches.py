"""
What ffmpeg does not write, changed in the bytes of a file: display matrices, codecs nobody knows, files that are cut off.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

Patch = Callable[[bytes], bytes]


def matrix(a: int, b: int, c: int, d: int, x: int = 0, y: int = 0) -> Patch:
    """Write the matrix of the first track: a point p, q is shown at ap + cq + x, bp + dq + y."""
    one = 1 << 16

    def patch(film: bytes) -> bytes:
        place = film.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2: a track header of version 0
        words = struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, x * one, y * one, 1 << 30)
        return film[:place] + words + film[place + 36 :]

    return patch


def renamed(old: bytes, new: bytes) -> Patch:
    """Call the last entry of this codec by another name."""

    def patch(film: bytes) -> bytes:
        place = film.rindex(old)
        return film[:place] + new + film[place + len(old) :]

    return patch


def cut_to(part: float) -> Patch:
    """Keep this part of a file, as a download does that breaks off."""
    return lambda film: film[: int(len(film) * part)]


def without_index(film: bytes) -> bytes:
    """Leave out the box that says where the frames are, as a camera does whose battery is taken out."""
    return film[: film.rindex(b"moov") - 4]
