"""
The numbers of H.264 parameter sets: those of several clips get distinct ones, and no picture is touched.

Encoders number their sets 0 unless they are told otherwise, so sets of different clips clash. A slice names its picture
parameter set, a picture set its sequence set, a buffering message that one too: each by a number that takes as many bits
as it needs. Where the new number takes as many bits as the old one, or whole bytes more, nothing behind it moves within
its byte, so neither arithmetic coding nor the padding at the end notices. 0 becomes 15 to 30 so, and the way back gives
the same bytes.

Source: ITU-T H.264 (08/2021), 7.3.2, 7.3.3 (slice header), 9.1 (Exp-Golomb), D.1.2 (buffering period); ISO/IEC
14496-15:2022, 5.3.3.1 (how many sets a box holds).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from storyreel.media.h264 import IDR, PPS, SEI, SLICE, SPS, Bits, escaped, kind_of, packed, unescaped, units
from storyreel.media.parameter_sets import ParameterSets

UNDERSTOOD = frozenset({SLICE, IDR, SEI, SPS, PPS, *range(9, 13)})
"""Types of NAL units of which it is known whether and where they name a set. 9 to 12 are marks and filling."""

SPS_NUMBERS, PPS_NUMBERS = range(32), range(256)
MOST_SPS, MOST_PPS = 31, 255
BUFFERING_PERIOD = 0

Taken = dict[tuple[int, int], bytes]
"""The sets of a track, by their kind and number."""

PAST_NUMBERS = 16
"""By this byte of a NAL unit its numbers have ended, however long they are."""


@dataclass(frozen=True)
class Numbering:
    """
    What the sets of a clip are called in a track: old numbers to new ones, of sequence and of picture sets.

    `alone`: the track has no other sets, so a clip may go on repeating them among its pictures. Beside others they go:
    players take a set among pictures for the beginning of another stream, and Firefox ends while it seeks.

    Source: Firefox ESR 153, 2026-11, every frame of a film sought in random order.
    """

    sps: Mapping[int, int] = field(default_factory=dict)
    pps: Mapping[int, int] = field(default_factory=dict)
    alone: bool = False

    @property
    def moves(self) -> bool:
        """Whether any set has another number than before."""
        return any(old != new for numbers in (self.sps, self.pps) for old, new in numbers.items())

    def naming(self, kind: int, old: int, new: int) -> Numbering:
        """Return the same with one more number, of a sequence set or a picture set."""
        if kind == SPS:
            return replace(self, sps={**self.sps, old: new})
        return replace(self, pps={**self.pps, old: new})

    def back(self) -> Numbering:
        """Return the numbering that undoes this one."""
        sps, pps = ({new: old for old, new in numbers.items()} for numbers in (self.sps, self.pps))
        return Numbering(sps, pps, self.alone)

    def packet(self, content: bytes) -> bytes:
        """Return a packet as it stands in the track. Where nothing has to change, it is the same."""
        if self.alone and not self.moves:
            return content
        before = list(units(content))
        after = [self.unit(unit) for unit in before if self.alone or kind_of(unit) not in (SPS, PPS)]
        return content if after == before else packed(after)

    def unit(self, unit: bytes) -> bytes:
        """Return a NAL unit with the new numbers of the sets that it is, or names."""
        if not self.moves:
            return unit
        kind = kind_of(unit)
        if kind in (SLICE, IDR):
            return _renumbered(unit, 1, ({}, {}, self.pps))
        if kind == PPS:
            return _renumbered(unit, 1, (self.pps, self.sps))
        if kind == SPS:
            return _renumbered(unit, 4, (self.sps,))
        return _renumbered_messages(unit, self.sps) if kind == SEI else unit


@dataclass(frozen=True)
class Together:
    """
    The sets of several clips as those of one track, and what they are called there, clip by clip.

    A numbering is None where no number is left for a clip's sets, or its packets hold what is not understood; `sets`
    are then without that clip's.
    """

    numberings: tuple[Numbering | None, ...]
    sets: ParameterSets | None


def together(clips: Sequence[tuple[ParameterSets, bool]]) -> Together:
    """
    Find numbers for the sets of clips, so that no two sets that differ share one.

    Sets that do not clash keep their numbers; of those that do, the first ones.

    Args:
        clips: The sets of each, and whether all of its packets are understood, so that they can be renumbered.
    """
    distinct = list(dict.fromkeys(clips))
    own = {(kind_of(unit), number_of(unit)) for sets, _ in distinct for unit in (*sets.sps, *sets.pps)}
    taken: Taken = {}
    merged: ParameterSets | None = None
    numberings: dict[tuple[ParameterSets, bool], Numbering | None] = {}
    for sets, understood in distinct:
        numbering, with_it = _fit(sets, taken, own)
        if numbering is None or (numbering.moves and not understood):
            numberings[sets, understood] = None
            continue
        numberings[sets, understood], taken = numbering, with_it
        merged = merged or sets
        merged = replace(
            merged, compatibility=merged.compatibility & sets.compatibility, level=max(merged.level, sets.level)
        )
    if merged is None:
        return Together((None,) * len(clips), None)
    sps, pps = (tuple(unit for (kind, _), unit in taken.items() if kind == wanted) for wanted in (SPS, PPS))
    for (sets, understood), numbering in numberings.items():
        if numbering is not None and {*sets.sps, *sets.pps} == {*sps, *pps}:
            numberings[sets, understood] = replace(numbering, alone=True)
    return Together(tuple(numberings[clip] for clip in clips), replace(merged, sps=sps, pps=pps))


def _fit(sets: ParameterSets, taken: Taken, own: Collection[tuple[int, int]]) -> tuple[Numbering | None, Taken]:
    """
    Find numbers beside those that are taken; return them, and what is taken then.

    Args:
        own: Numbers that clips have by themselves: they are left to them while there are others.
    """
    with_it, numbering = dict(taken), Numbering()
    for unit in dict.fromkeys((*sets.sps, *sets.pps)):
        kind, old = kind_of(unit), number_of(unit)
        if old in (numbering.sps if kind == SPS else numbering.pps):
            return None, with_it
        tries = {new: numbering.naming(kind, old, new) for new in _as_long(old, kind)}
        contents = {new: named.unit(unit) for new, named in tries.items()}
        free = [new for new, content in contents.items() if with_it.get((kind, new), content) == content]
        if not free:
            return None, with_it
        best = min(free, key=lambda new: (new != old, (kind, new) not in with_it, (kind, new) in own, new))
        numbering, with_it[kind, best] = tries[best], contents[best]
    most = {SPS: MOST_SPS, PPS: MOST_PPS}
    fits = all(sum(of == kind for of, _ in with_it) <= most[kind] for kind in most)
    return numbering if fits else None, with_it


@lru_cache(maxsize=512)
def _as_long(number: int, kind: int) -> tuple[int, ...]:
    """Return the numbers that are written in as many bits, or in whole bytes more or less."""
    others = SPS_NUMBERS if kind == SPS else PPS_NUMBERS
    return tuple(other for other in others if (len(_golomb(other)) - len(_golomb(number))) % 8 == 0)


def number_of(unit: bytes) -> int:
    """Return the number of a parameter set."""
    return Bits(unescaped(unit[:PAST_NUMBERS]), at=32 if kind_of(unit) == SPS else 8).golomb()


def _golomb(number: int) -> str:
    code = f"{number + 1:b}"
    return "0" * (len(code) - 1) + code


def _renumbered(unit: bytes, at: int, numbers: Sequence[Mapping[int, int]]) -> bytes:
    """
    Exchange the numbers that follow each other from byte `at` on, each by its own table.

    Only as much is rewritten as the numbers reach, to a byte after which no zeros are being counted.
    """
    end = next((end for end in range(PAST_NUMBERS, len(unit)) if unit[end - 1] > 3), len(unit))
    return escaped(_exchanged(unescaped(unit[:end]), at, numbers)) + unit[end:]


def _exchanged(content: bytes, at: int, numbers: Sequence[Mapping[int, int]]) -> bytes:
    bits = Bits(content, at * 8)
    for table in numbers:
        start = bits.at
        number = bits.golomb()
        code = _golomb(table.get(number, number))
        bits.text, bits.at = bits.text[:start] + code + bits.text[bits.at :], start + len(code)
    return int(bits.text, 2).to_bytes(len(bits.text) // 8, "big")


def _renumbered_messages(unit: bytes, sps: Mapping[int, int]) -> bytes:
    """Exchange the number in a buffering period message; all others stay."""
    content = unescaped(unit)
    at, result = 1, content[:1]
    while at + 2 < len(content):
        kind, at = _read_sized(content, at)
        size, at = _read_sized(content, at)
        payload = content[at : at + size]
        at += size
        if kind == BUFFERING_PERIOD:
            payload = _exchanged(payload, 0, (sps,))
        result += _sized(kind) + _sized(len(payload)) + payload
    return escaped(result + content[at:])


def _read_sized(content: bytes, at: int) -> tuple[int, int]:
    """Return a kind or a size of a message, and where it ends."""
    end = next(end for end in range(at, len(content)) if content[end] != 255)
    return (end - at) * 255 + content[end], end + 1


def _sized(number: int) -> bytes:
    return b"\xff" * (number // 255) + bytes([number % 255])
