"""
Prove that what is handed over is the film: read back, and held against the film that it was made from.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import inf, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.errors import MediaError
from storyreel.media.container import PACKETS_ALONE, reading
from storyreel.media.ffmpeg_args import AS_WRITTEN
from storyreel.media.handover.args import PIXELS, TAGGED
from storyreel.model.finish import Codec
from storyreel.model.rates import frame_shown

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""A part of a picture: left, top, right and bottom, in pixels."""

DECODERS: dict[Codec, str] = {"h264": "h264", "h265": "hevc", "prores": "prores"}
BT709, LIMITED = 1, 1
"""bt709 in ITU-T H.273 (07/2021), tables 2 to 4; AVCOL_RANGE_MPEG of libavutil."""
LEAST_DB = 28.0
"""How near a frame is to the film's, as PSNR of its luma: grain at the edge of what is seen comes out at 35, another picture below 20."""
BLOCK = 1 << 20
AS_IT_IS = {**PACKETS_ALONE, "fflags": AS_WRITTEN}


@dataclass(frozen=True)
class Expected:
    """
    What a film is to be once it is handed over: `frames` of them at `rate`, made from a film of `film_rate`. What lies over the
    boxes of `covered` is not the film's.
    """

    codec: Codec
    size: tuple[int, int]
    film_rate: Fraction
    rate: Fraction
    frames: int
    covered: tuple[Box, ...] = ()


def check_handed_over(
    handed: Path, film: Path, expected: Expected, bus: Path | None, stop: threading.Event | None = None
) -> None:
    """
    Read what is handed over back.

    It has one picture and one sound, the codecs, the size, the colours and exactly the frames that it is to have, each at its place;
    its first and its last frame are the film's; what is heard is the film's packets, or the bus sample by sample.

    Args:
        bus: The samples that are heard, of 24 bits; None where they are the film's packets.

    Raises:
        MediaError: It is not so; the text says where.
    """
    with reading(handed, "mov", "film", **AS_IT_IS) as reader:
        if (kinds := sorted(stream.type for stream in reader.streams)) != ["audio", "video"]:
            raise MediaError(f"{handed.name} has the tracks {', '.join(kinds)}, not one picture and one sound")
        _check_looks(handed.name, reader.streams.video[0], expected)
        _check_grid(handed.name, reader, expected, stop)
        if bus is not None:
            _check_samples(handed.name, reader, bus, stop)
    if bus is None:
        _check_packets(handed, film, stop)
    _check_pictures(handed, film, expected, stop)


def _check_looks(name: str, video: VideoStream, expected: Expected) -> None:
    context = video.codec_context
    for what, here, there in (
        ("codec", context.name, DECODERS[expected.codec]),
        ("codec's tag", context.codec_tag, TAGGED[expected.codec]),
        ("size", (context.width, context.height), expected.size),
        ("primaries, curve, matrix and range", _colours(context), (BT709, BT709, BT709, LIMITED)),
    ):
        if here != there:
            raise MediaError(f"{name}: its {what} is {here}, not {there}")


def _colours(context: Any) -> tuple[int, int, int, int]:
    return context.color_primaries, context.color_trc, context.colorspace, context.color_range


def _check_grid(name: str, reader: InputContainer, expected: Expected, stop: threading.Event | None) -> None:
    """See that every frame stands at its place, and that there are no others."""
    video = reader.streams.video[0]
    assert video.time_base is not None
    frames_a_tick = video.time_base * expected.rate
    places = set()
    count = 0
    for packet in reader.demux(video):
        if stop is not None and stop.is_set():
            return
        if packet.size and not packet.is_discard:
            assert packet.pts is not None
            place, beside = divmod(packet.pts * frames_a_tick.numerator, frames_a_tick.denominator)
            if beside:
                raise MediaError(f"{name}: packet {count} is off the grid of frames")
            places.add(place)
            count += 1
    if count != expected.frames or places != set(range(expected.frames)):
        raise MediaError(f"{name} has {count} frames, not {expected.frames} from the first on")


def _check_samples(name: str, reader: InputContainer, bus: Path, stop: threading.Event | None) -> None:
    """See that what is heard are the samples of the bus: all of them, and no others."""
    sound = reader.streams.audio[0]
    if sound.codec_context.name != "pcm_s24le":
        raise MediaError(f"{name}: its sound is {sound.codec_context.name}, not pcm_s24le")
    reader.seek(0, stream=sound)
    at = 0
    with bus.open("rb") as samples:
        for packet in reader.demux(sound):
            if stop is not None and stop.is_set():
                return
            content = bytes(packet)
            if content != samples.read(len(content)):
                raise MediaError(f"{name}: from byte {at} on what is heard is not what was mixed")
            at += len(content)
        if samples.read(1):
            raise MediaError(f"{name}: its sound ends after {at} bytes, before what was mixed does")


def _check_packets(handed: Path, film: Path, stop: threading.Event | None) -> None:
    """See that what is heard are the film's own packets, at its times."""
    with reading(handed, "mov", "film", **AS_IT_IS) as one, reading(film, "mov", "film", **AS_IT_IS) as other:
        for number, (packet, again) in enumerate(zip_longest(_heard(one), _heard(other))):
            if stop is not None and stop.is_set():
                return
            if packet != again:
                raise MediaError(f"{handed.name}: packet {number} of its sound is not the film's")


def _heard(reader: InputContainer) -> Iterator[tuple[Any, ...]]:
    for packet in reader.demux(reader.streams.audio[0]):
        if packet.size:
            yield packet.pts, packet.duration, packet.time_base, packet.is_discard, bytes(packet)


def _check_pictures(handed: Path, film: Path, expected: Expected, stop: threading.Event | None) -> None:
    """See that all of it can be decoded, and that its first and its last frame are the film's."""
    first = last = None
    count = 0
    with reading(handed, "mov", "film") as reader:
        video = reader.streams.video[0]
        video.thread_type = "AUTO"
        for frame in reader.decode(video):
            if stop is not None and stop.is_set():
                return
            first, last, count = first or frame, frame, count + 1
    if first is None or last is None or count != expected.frames:
        raise MediaError(f"{handed.name}: {count} frames can be decoded, not {expected.frames}")
    for number, frame in ((0, first), (count - 1, last)):
        if frame.format.name != PIXELS[expected.codec]:
            raise MediaError(f"{handed.name}: its pixel format is {frame.format.name}, not {PIXELS[expected.codec]}")
        own = _frame(film, frame_shown(number, expected.film_rate, expected.rate), expected.film_rate)
        near = _near(_luma(frame), _luma(own), expected.covered)
        if near < LEAST_DB:
            raise MediaError(f"{handed.name}: frame {number} is not the film's (PSNR {near:.1f} dB)")


def _frame(film: Path, number: int, rate: Fraction) -> VideoFrame:
    """Return a frame of a film, by its number."""
    with reading(film, "mov", "film") as reader:
        video = reader.streams.video[0]
        assert video.time_base is not None
        at = int(number / rate / video.time_base)
        reader.seek(at, stream=video)
        for frame in reader.decode(video):
            if frame.pts is not None and frame.pts >= at:
                return frame
    raise MediaError(f"{film.name}: frame {number} cannot be decoded")


def _luma(frame: VideoFrame) -> NDArray[np.float32]:
    """Return how light the pixels of a frame are, of 255."""
    import numpy as np

    deep = frame.format.components[0].bits > 8
    plane = frame.planes[0]
    kind = np.dtype("<u2" if deep else "u1")
    rows = np.frombuffer(bytes(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
    return rows[:, : frame.width].astype(np.float32) / np.float32(4 if deep else 1)


def _near(one: NDArray[np.float32], other: NDArray[np.float32], covered: tuple[Box, ...]) -> float:
    """Return how near two pictures are beside what is covered, in dB; infinitely, where all of it is."""
    import numpy as np

    seen = np.ones(one.shape, bool)
    for left, top, right, bottom in covered:
        seen[top:bottom, left:right] = False
    apart = float(np.mean((one - other)[seen] ** 2)) if seen.any() else 0.0
    return 10 * log10(255**2 / apart) if apart else inf
