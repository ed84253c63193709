"""
Where decoding may begin: what readers call a key frame may be a mere recovery point, from which on a picture becomes whole
slice by slice, over seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from storyreel.media.h264 import IDR, SEI, kind_of, unescaped

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

RECOVERY_POINT = 6
"""Type of the message of that; ITU-T H.264 (08/2021), D.1.8."""
HEVC_RANDOM_ACCESS = range(16, 22)
"""Types of NAL units: BLA, IDR and CRA pictures; ITU-T H.265 (08/2021), table 7-1."""
LENGTHS = {"h264": 4, "hevc": 21}
"""Where the box before the first packet says how long lengths are; ISO/IEC 14496-15:2022, 5.3.3.1 and 8.3.3.1."""


def is_random_access(packet: Packet[VideoStream]) -> bool:
    """Whether the frame of a packet, and all that are shown after it, are certain when decoding begins with it."""
    context = packet.stream.codec_context
    if not packet.is_keyframe or not packet.size:
        return False
    codec = context.codec.canonical_name
    if codec not in LENGTHS:
        return True
    return stands_alone(bytes(packet), codec, context.extradata or b"")


def stands_alone(packet: bytes, codec: str, box: bytes) -> bool:
    """
    Whether decoding may begin with a packet of H.264 or HEVC. An open group of pictures may, if it says that it is whole at once.

    Args:
        box: What a decoder needs before the first packet, as it stands in the file.
    """
    for unit in _units(packet, codec, box):
        if codec == "hevc":
            if unit[0] >> 1 & 63 in HEVC_RANDOM_ACCESS:
                return True
        elif kind_of(unit) == IDR or (kind_of(unit) == SEI and _is_whole_at_once(unescaped(unit[1:]))):
            return True
    return False


def _units(packet: bytes, codec: str, box: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a packet, with lengths or start codes between them."""
    if box[:1] != b"\1":
        yield from (unit for unit in packet.split(b"\0\0\1")[1:] if unit)
        return
    size = (box[LENGTHS[codec]] & 3) + 1 if len(box) > LENGTHS[codec] else 4
    at = 0
    while at + size < len(packet):
        length = int.from_bytes(packet[at : at + size], "big")
        if length:
            yield packet[at + size : at + size + length]
        at += size + length


def _is_whole_at_once(messages: bytes) -> bool:
    """Whether one of the messages in a unit of them is a recovery point from which no frame has to be waited for."""
    at = 0
    while at + 2 < len(messages):
        kind, at = _number(messages, at)
        size, at = _number(messages, at)
        if kind == RECOVERY_POINT:
            return (
                bool(messages[at : at + 1]) and messages[at] >= 0x80
            )  # a nought is written as a single bit that is set
        at += size
    return False


def _number(messages: bytes, at: int) -> tuple[int, int]:
    """Return a number that is written as the sum of its bytes up to the first that is less than 255, and what is behind it."""
    start = at
    while messages[at : at + 1] == b"\xff":
        at += 1
    return sum(messages[start : at + 1]), at + 1
