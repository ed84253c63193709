"""
The box of an MP4 track in which H.264 keeps its parameter sets (avcC): read it, and write it.

A decoder needs a clip's parameter sets (SPS, PPS) before its first picture, and a track has one box for all of its
pictures. Sets of different clips live there side by side as long as no two of them share a number (see `set_numbers`).

Source: ISO/IEC 14496-15:2022, 5.3.3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from storyreel.media.h264 import IDR, kind_of, units


@dataclass(frozen=True)
class ParameterSets:
    """The content of an avcC box. `tail` is what High profiles add to it."""

    profile: int
    compatibility: int
    level: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    tail: bytes = b""

    def box(self) -> bytes:
        """Return the box's content: lengths of four bytes, as `read_box` demands them."""

        def sized(units: Sequence[bytes]) -> bytes:
            return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)

        head = bytes([1, self.profile, self.compatibility, self.level, 0xFF, 0xE0 | len(self.sps)])
        return head + sized(self.sps) + bytes([len(self.pps)]) + sized(self.pps) + self.tail


def read_box(box: bytes) -> ParameterSets | None:
    """Return the sets of an avcC box; None if it is none, or packets do not use lengths of four bytes."""
    try:
        if box[0] != 1 or box[4] & 3 != 3:
            return None
        at, parameter_sets = 5, []
        for mask in (0x1F, 0xFF):
            count, at = box[at] & mask, at + 1
            units = []
            for _ in range(count):
                (length,) = struct.unpack_from(">H", box, at)
                units.append(box[at + 2 : at + 2 + length])
                at += 2 + length
            parameter_sets.append(tuple(units))
    except (IndexError, struct.error):
        return None
    sps, pps = parameter_sets
    return ParameterSets(box[1], box[2], box[3], sps, pps, box[at:]) if sps and pps and at <= len(box) else None


def is_idr(packet: bytes, box: bytes) -> bool:
    """Whether a packet holds an IDR picture, from which decoding may begin whatever came before."""
    return read_box(box) is not None and any(kind_of(unit) == IDR for unit in units(packet))
