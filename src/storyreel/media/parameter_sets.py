"""
The parameter sets of H.264 clips: read them, and lay those of several clips together so that all decode in one track.

A decoder needs a clip's parameter sets (SPS, PPS) before its first picture. An MP4 track keeps them in one box for all
of its pictures. Sets of different clips live there side by side as long as no two of them share a number and differ:
then every packet stays as it is. Where two do share a number, each clip's own sets go in front of its key frames.
Pictures themselves are never touched.

Source: ISO/IEC 14496-15:2022, 5.3.3.1 (the box, avcC); ITU-T H.264 (08/2021), 7.3.1 and 7.3.2 (NAL units, parameter sets).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

IDR, SPS, PPS, DELIMITER = 5, 7, 8, 9


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

    def in_band(self) -> bytes:
        """Return the sets as they stand in front of a key frame."""
        return b"".join(struct.pack(">I", len(unit)) + unit for unit in (*self.sps, *self.pps))


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


def units(packet: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a packet that uses lengths of four bytes."""
    at = 0
    while at + 4 < len(packet):
        (length,) = struct.unpack_from(">I", packet, at)
        yield packet[at + 4 : at + 4 + length]
        at += 4 + length


def is_idr(packet: bytes, box: bytes) -> bool:
    """Whether a packet holds an IDR picture, from which decoding may begin whatever came before."""
    return read_box(box) is not None and any(unit[0] & 31 == IDR for unit in units(packet) if unit)


def stray_sets(packet: bytes, sets: ParameterSets) -> bool:
    """Whether a packet brings parameter sets that its clip's box does not have."""
    known = {*sets.sps, *sets.pps}
    return any(unit[0] & 31 in (SPS, PPS) and unit not in known for unit in units(packet) if unit)


def together(clips: Iterable[ParameterSets]) -> ParameterSets | None:
    """Return the sets of all clips as one; None if two of them share a number and differ."""
    sps: dict[int, bytes] = {}
    pps: dict[int, bytes] = {}
    merged: ParameterSets | None = None
    for sets in clips:
        for unit in sets.sps:
            if sps.setdefault(_number(unit, skip=4), unit) != unit:
                return None
        for unit in sets.pps:
            if pps.setdefault(_number(unit, skip=1), unit) != unit:
                return None
        merged = (
            sets
            if merged is None
            else replace(
                merged,
                compatibility=merged.compatibility & sets.compatibility,
                level=max(merged.level, sets.level),
            )
        )
    if merged is None or len(sps) > 31 or len(pps) > 255:
        return None
    return replace(merged, sps=tuple(sps.values()), pps=tuple(pps.values()))


def with_sets(packet: bytes, sets: ParameterSets) -> bytes:
    """Return a key frame with its clip's sets before it; an access unit delimiter stays first."""
    first = next(units(packet), b"")
    cut = 4 + len(first) if first and first[0] & 31 == DELIMITER else 0
    return packet[:cut] + sets.in_band() + packet[cut:]


def _number(unit: bytes, *, skip: int) -> int:
    """Return the number of a parameter set: the Exp-Golomb value after `skip` bytes (and, in an SPS, profile and level)."""
    bits = "".join(f"{byte:08b}" for byte in unit[skip : skip + 8].replace(b"\0\0\3", b"\0\0"))
    zeros = len(bits) - len(bits.lstrip("0"))
    return int(bits[zeros : 2 * zeros + 1] or "1", 2) - 1
