"""Decoding begins where a picture is whole, and not wherever a reader marks a key frame."""

import pytest

from storyreel.media.random_access import stands_alone

AVCC, HVCC = b"\1\x64\0\x0a\xff", b"\1" + bytes(20) + b"\3"
PARAMETERS, IDR, SLICE = b"\x67\x64", b"\x65\x88", b"\x41\x9a"
TIMING = b"\1\1\x10"
AT_ONCE, SLOWLY = b"\x06" + TIMING + b"\6\1\xc4\x80", b"\x06" + TIMING + b"\6\2\x11\x10\x80"
CRA, TRAIL = b"\x2a\1\x80", b"\2\1\x80"


@pytest.mark.parametrize("box", [AVCC, b"", b"\0\0\0\1\x67"], ids=["lengths", "bare", "start-codes"])
@pytest.mark.parametrize(
    ("units", "alone"),
    [
        pytest.param([PARAMETERS, IDR], True, id="idr"),
        pytest.param([PARAMETERS, AT_ONCE, SLICE], True, id="open-group"),
        pytest.param([PARAMETERS, SLOWLY, SLICE], False, id="refreshed"),
        pytest.param([PARAMETERS, SLICE], False, id="slice"),
        pytest.param([b"\x06\6"], False, id="cut-short"),
    ],
)
def test_h264_is_begun_with_what_is_whole_at_once(box, units, alone):
    """
    An IDR picture is, and a recovery point that has nothing to wait for; not one whose picture is refreshed over seconds.
    """
    assert alone == stands_alone(packet(units, box), "h264", box)


@pytest.mark.parametrize("box", [HVCC, b""], ids=["lengths", "start-codes"])
def test_hevc_is_begun_with_a_picture_of_random_access(box):
    """
    It is told by its type, whatever a container marks.
    """
    assert [True, False] == [stands_alone(packet([unit], box), "hevc", box) for unit in (CRA, TRAIL)]


def packet(units, box):
    """Return a packet of NAL units as its track has them."""
    if box[:1] == b"\1":
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    return b"".join(b"\0\0\0\1" + unit for unit in units)
