"""Parameter sets of clips that clash get other numbers, no picture is touched, and the way back gives the same bytes."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyreel.media import scan
from storyreel.media.h264 import IDR, PPS, SEI, SLICE, SPS, Bits, escaped, kind_of, unescaped, units
from storyreel.media.parameter_sets import ParameterSets
from storyreel.media.set_numbers import Numbering, number_of, together
from tests.media.structures import STRUCTURES, contents, decoded

MOVED = Numbering(sps={0: 16}, pps={0: 15})


def golomb(*numbers: int) -> str:
    return "".join("0" * (len(code) - 1) + code for code in (f"{number + 1:b}" for number in numbers))


def nal(kind: int, bits: str, rest: bytes = b"") -> bytes:
    """Return a NAL unit of these bits and bytes, escaped as an encoder does it, which never ends in a zero."""
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    return escaped(bytes([0x60 | kind]) + int(bits, 2).to_bytes(len(bits) // 8, "big") + rest + b"\x80")


def clip_with(sps: int = 0, pps: int = 0, content: int = 7) -> ParameterSets:
    """Return the sets of a made-up clip: one of each, whose numbers are given, told from others by its content."""
    sequence = nal(SPS, f"{100:08b}{0:08b}{31:08b}{golomb(sps)}", b"same")
    return ParameterSets(100, 0, 31, (sequence,), (nal(PPS, golomb(pps, sps, content)),))


@pytest.mark.parametrize("structure", STRUCTURES)
def test_renumbered_packets_decode_as_they_were_and_come_back_to_the_byte(structures: dict[str, Path], structure: str):
    """
    With either way of coding, several slices, marks and buffering messages, only the numbers change.
    """
    own = scan(structures[structure]).in_force[0].sets
    before = contents(structures[structure])
    after = [MOVED.packet(packet) for packet in before]
    moved = replace(own, sps=tuple(map(MOVED.unit, own.sps)), pps=tuple(map(MOVED.unit, own.pps)))

    assert ([16], [15]) == ([number_of(unit) for unit in moved.sps], [number_of(unit) for unit in moved.pps])
    assert decoded(before, own.box()) == decoded(after, moved.box())
    assert before == [MOVED.back().packet(packet) for packet in after]
    assert [*own.sps, *own.pps] == [MOVED.back().unit(unit) for unit in (*moved.sps, *moved.pps)]
    # A byte for each slice, and one for each message that names a sequence set.
    grown = len(b"".join(after)) - len(b"".join(before))
    slices = [unit for packet in before for unit in units(packet) if kind_of(unit) in (SLICE, IDR)]
    assert len(slices) <= grown <= len(slices) + len(before)


@given(
    first=st.integers(0, 9000),
    old=st.integers(0, 255),
    new=st.integers(0, 255),
    rest=st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 128, 255]), max_size=40).map(bytes),
    zeros=st.booleans(),
)
def test_whatever_follows_the_number_stays(first: int, old: int, new: int, rest: bytes, zeros: bool):
    """
    Escaped bytes at the seam, zeros at the end: a number of as many bits, or of whole bytes more, leaves all else alone.
    """
    unit = nal(SLICE, golomb(first, 7, old, 3), rest)
    if zeros:
        unit += b"\0\0\3"
    numbering = Numbering(pps={old: new})
    if (len(golomb(new)) - len(golomb(old))) % 8:
        return

    moved = numbering.unit(unit)

    bits = Bits(unescaped(moved), 8)
    assert [first, 7, new, 3] == [bits.golomb() for _ in range(4)]
    assert unescaped(moved).endswith(rest + (b"\x80\0\0" if zeros else b"\x80"))
    assert not any(code in moved for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert unit == numbering.back().unit(moved)


def test_a_buffering_message_names_the_set_by_its_new_number():
    """
    A stream that says how it is buffered names its sequence set in a message; messages beside it stay.
    """
    others = bytes([6, 1, 0xC4]), bytes([5, 255, 1]) + bytes(256)
    buffering = bytes([0, 2, 0b10100000, 0x37])
    unit = escaped(bytes([SEI]) + others[0] + buffering + others[1] + b"\x80")

    moved = MOVED.unit(unit)

    assert others[0] + bytes([0, 3, 0b00001000, 0b10100000, 0x37]) + others[1] == unescaped(moved)[1:-1]
    assert unit == MOVED.back().unit(moved)


def test_sets_that_do_not_clash_keep_their_numbers():
    """
    Clips of one encoder, and of another with numbers of its own: every packet stays as it is.
    """
    clips = [clip_with(), clip_with(3, 3), clip_with(), clip_with(pps=1, content=9)]

    fit = together([(clip, False) for clip in clips])

    assert [False] * 4 == [numbering.moves for numbering in fit.numberings if numbering]
    assert fit.sets is not None
    assert ([0, 3], [0, 3, 1]) == ([*map(number_of, fit.sets.sps)], [*map(number_of, fit.sets.pps)])


def test_nineteen_clips_that_all_say_nought_are_one_too_many():
    """
    Eighteen find numbers, and share the sequence set that they have in common; what finds none has to be conformed.
    """
    fit = together([(clip_with(content=content), True) for content in range(19)])

    assert [*range(15, 31), 255] == [numbering.pps[0] for numbering in fit.numberings[1:-1] if numbering]
    assert fit.numberings[0] is not None
    assert not fit.numberings[0].moves
    assert fit.numberings[-1] is None
    assert fit.sets is not None
    assert (1, 18) == (len(fit.sets.sps), len(fit.sets.pps))


def test_packets_that_are_not_understood_are_not_renumbered():
    """
    What may name a set in a way we do not know is conformed where its sets clash, and copied where they do not.
    """
    fit = together([(clip_with(), True), (clip_with(content=9), False), (clip_with(1, 1, 9), False)])

    assert [True, False, True] == [numbering is not None for numbering in fit.numberings]


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 255), st.integers(0, 5)), min_size=1, max_size=6))
def test_no_two_sets_share_a_number(clips: list[tuple[int, int, int]]):
    """
    Whatever the numbers of clips are, each set of the track has one of its own, and what keeps its number keeps its bytes.
    """
    sets = [clip_with(*clip) for clip in clips]

    fit = together([(each, True) for each in sets])

    assert fit.sets is not None
    for kind in (fit.sets.sps, fit.sets.pps):
        assert len(kind) == len({*map(number_of, kind)})
    for own, numbering in zip(sets, fit.numberings, strict=True):
        if numbering is not None:
            assert {*map(numbering.unit, own.sps)} <= {*fit.sets.sps}
            assert {*map(numbering.unit, own.pps)} <= {*fit.sets.pps}


def test_a_clip_goes_on_repeating_its_sets_only_where_there_are_no_others():
    """
    Beside other clips the sets among its pictures go, since players take them for another stream.
    """
    own, other = clip_with(), clip_with(3, 3)
    packet = b"".join(
        struct.pack(">I", len(unit)) + unit for unit in (*own.sps, *own.pps, nal(IDR, golomb(0, 7, 0, 0)))
    )

    alone, beside = (together([(clip, True) for clip in clips]).numberings[0] for clips in ([own], [own, other]))

    assert alone is not None
    assert packet == alone.packet(packet)
    assert beside is not None
    assert [IDR] == [kind_of(unit) for unit in units(beside.packet(packet))]
