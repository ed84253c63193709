"""
H.264 as bytes: NAL units, and what sequence parameter sets say of colours and of the frames a decoder has to keep.

Nothing is decoded, and pictures are not looked into: what is read here is what decides whether packets of several
clips can stand in one track.

Source: ITU-T H.264 (08/2021), 7.3.1 (NAL units), 7.3.2.1.1 (sequence parameter sets), E.1.1 (their VUI), 9.1 (Exp-Golomb).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

SLICE, IDR, SEI, SPS, PPS = 1, 5, 6, 7, 8
"""Types of NAL units."""

UNSPECIFIED = 2  # of primaries, transfer and matrix alike; ITU-T H.273 (07/2021), tables 2 to 4

HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
"""Profiles whose sequence parameter sets say how colours are sampled, and may bring scaling lists."""

UNKNOWN_COLOURS = (UNSPECIFIED, UNSPECIFIED, UNSPECIFIED)
EXTENDED_SAR = 255


@dataclass(frozen=True)
class SequenceSet:
    """
    What a sequence parameter set says.

    `references` are the frames that a decoder keeps to predict from, `reorder` those that it holds back until they are
    to be shown; None where that is left to the level. `colours` are primaries, transfer and matrix as H.273 numbers
    them (2: not said).
    """

    number: int
    profile: int
    level: int
    references: int
    reorder: int | None
    colours: tuple[int, int, int]
    full_range: bool


def kind_of(unit: bytes) -> int:
    """Return the type of a NAL unit."""
    return unit[0] & 31


def units(packet: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a packet that uses lengths of four bytes."""
    at = 0
    while at + 4 < len(packet):
        (length,) = struct.unpack_from(">I", packet, at)
        if length:
            yield packet[at + 4 : at + 4 + length]
        at += 4 + length


def packed(units: Iterable[bytes]) -> bytes:
    """Return NAL units as one packet, the reverse of `units`."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def unescaped(unit: bytes) -> bytes:
    """Return a NAL unit without the bytes that keep it from looking like a start code."""
    return unit.replace(b"\0\0\3", b"\0\0")


def escaped(unit: bytes) -> bytes:
    """Put the bytes that `unescaped` has taken out back in; so behind zeros at the end."""
    return re.sub(rb"\0\0(?=[\0-\3]|\Z)", b"\0\0\3", unit)


class Bits:
    """
    Bytes, read bit by bit from the bit `at` on.

    Raises:
        ValueError: They end before what is asked for does.
    """

    def __init__(self, content: bytes, at: int = 0) -> None:
        self.text = "".join(f"{byte:08b}" for byte in content)
        self.at = at

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        self.at += count
        if self.at > len(self.text):
            raise ValueError("it ends too early")
        return int(self.text[self.at - count : self.at], 2)

    def golomb(self) -> int:
        """Return the next number that is written in as many bits as it needs: ue(v)."""
        zeros = self.text.index("1", self.at) - self.at
        self.at += zeros
        return self.take(zeros + 1) - 1

    def signed(self) -> int:
        """Return the next such number with a sign: se(v)."""
        number = self.golomb()
        return (number + 1) // 2 if number % 2 else -number // 2

    def skip(self, numbers: int) -> None:
        """Pass by that many numbers, with a sign or without: both are as long."""
        for _ in range(numbers):
            self.golomb()


@lru_cache(maxsize=256)
def read_sps(unit: bytes) -> SequenceSet:
    """
    Read a sequence parameter set.

    Raises:
        ValueError: It is cut short.
    """
    content = unescaped(unit)[:512]
    bits = Bits(content, at=32)
    number = bits.golomb()
    profile, level = content[1], content[3]
    if profile in HIGH_PROFILES:
        _skip_sampling(bits)
    bits.skip(1)
    order = bits.golomb()
    if order == 0:
        bits.skip(1)
    elif order == 1:
        bits.take(1)
        bits.skip(2)
        bits.skip(bits.golomb())
    references = bits.golomb()
    bits.take(1)
    bits.skip(2)
    if not bits.take(1):  # fields may be coded
        bits.take(1)
    bits.take(1)
    if bits.take(1):  # what is cut off at the edges
        bits.skip(4)
    colours, full_range, reorder = _read_vui(bits) if bits.take(1) else (UNKNOWN_COLOURS, False, None)
    return SequenceSet(number, profile, level, references, reorder, colours, full_range)


def _skip_sampling(bits: Bits) -> None:
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    bits.skip(2)
    bits.take(1)
    if bits.take(1):
        for size in (16,) * 6 + (64,) * (6 if chroma == 3 else 2):
            if bits.take(1):
                _skip_scaling_list(bits, size)


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _read_vui(bits: Bits) -> tuple[tuple[int, int, int], bool, int | None]:
    """Return colours, whether they use the full range, and how many frames are held back."""
    colours, full_range = UNKNOWN_COLOURS, False
    if bits.take(1) and bits.take(8) == EXTENDED_SAR:
        bits.take(32)
    if bits.take(1):  # overscan
        bits.take(1)
    if bits.take(1):
        bits.take(3)
        full_range = bool(bits.take(1))
        if bits.take(1):
            colours = (bits.take(8), bits.take(8), bits.take(8))
    if bits.take(1):  # where colour lies between the pixels
        bits.skip(2)
    if bits.take(1):  # the clock
        bits.take(65)
    buffered = 0
    for _ in range(2):
        if bits.take(1):
            _skip_buffering(bits)
            buffered = 1
    bits.take(1 + buffered)
    if not bits.take(1):
        return colours, full_range, None
    bits.take(1)
    bits.skip(4)
    return colours, full_range, bits.golomb()


def _skip_buffering(bits: Bits) -> None:
    count = bits.golomb() + 1
    bits.take(8)
    for _ in range(count):
        bits.skip(2)
        bits.take(1)
    bits.take(20)
