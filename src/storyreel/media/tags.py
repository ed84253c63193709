"""
Put a film's title, captions and chapters into a copy of it: its pictures and its sound go over packet by packet.

A film is cut once, and what it says of itself changes more often. So nothing of that is in the film that is kept; it is written into
the copy that people get, which is read back before anybody does.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import merge
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyreel.errors import MediaError
from storyreel.media.container import PACKETS_ALONE, reading
from storyreel.media.ffmpeg import to_its_end
from storyreel.media.ffmpeg_args import AS_WRITTEN
from storyreel.model.captions import Caption
from storyreel.model.film_words import Chapter
from storyreel.model.sound import SAMPLE_RATE
from storyreel.model.tags import Tags

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.subtitles.stream import SubtitleStream
    from av.video.stream import VideoStream

AS_IT_IS = {**PACKETS_ALONE, "fflags": AS_WRITTEN}
"""Options for reading a film: else a copy of it would mark key frames that the film does not."""
LONGEST_SAMPLE = 65535
"""Bytes of a caption: its length has 16 bits; 3GPP TS 26.245, 5.17."""

LOOK = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,18,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""  # fmt: skip
"""How captions look where a player does not know better; the writer makes the header of their track from it."""


async def tag_film(
    film: Path, tags: Tags, to: Path, *, rate: Fraction, label: Callable[[], Awaitable[None]] | None = None
) -> None:
    """
    Write a copy of a film that says what it is, and read it back.

    The same film with the same tags gives the same copy, byte for byte; no date is in it.

    Args:
        film: An MP4 with a picture and a sound, as `splice` makes it, or a MOV.
        tags: What it says. Captions are a track that players may show, in the frames of the film.
        to: A file of the same kind. Half of it may be there if this fails.
        rate: Frames a second of the film.
        label: Writes into the copy, before it is read back, how the film was made.

    Raises:
        MediaError: It cannot be written, or what came out is not the same film.
    """
    await to_its_end(lambda stop: _written(film, tags, to, rate, stop))
    if label is not None:
        await label()
    await to_its_end(lambda stop: check_same(film, to, stop))


def check_same(film: Path, copy: Path, stop: threading.Event | None = None) -> None:
    """
    See that a copy has the picture and the sound of a film: the same packets, at the same times, behind the same headers.

    Raises:
        MediaError: It has not; the text says from where on.
    """
    with reading(film, "mov", "film", **AS_IT_IS) as one, reading(copy, "mov", "film", **AS_IT_IS) as other:
        if _headers(one) != _headers(other):
            raise MediaError(f"{copy.name} has not the headers of {film.name}")
        for number, (packet, again) in enumerate(zip_longest(_packets(one), _packets(other))):
            if stop is not None and stop.is_set():
                return
            if packet != again:
                raise MediaError(f"{copy.name}: packet {number} is not that of {film.name}")


def _headers(reader: InputContainer) -> list[tuple[Any, ...]]:
    """Return what a decoder is told of picture and sound, and in which time they reckon."""
    return [
        (context.name, context.codec_tag, context.extradata, each.time_base, each.start_time)
        for each in _streams(reader)
        for context in (each.codec_context,)
    ]


def _packets(reader: InputContainer) -> Iterator[tuple[Any, ...]]:
    # By one track after the other: which comes first in the file is no matter of what is shown.
    for stream in _streams(reader):
        reader.seek(0, stream=stream)
        for packet in reader.demux(stream):
            if packet.size:
                times = packet.pts, packet.dts, packet.duration
                yield (*times, packet.is_keyframe, packet.is_discard, bytes(packet))


def _written(film: Path, tags: Tags, to: Path, rate: Fraction, stop: threading.Event) -> None:
    import av

    try:
        _write(film, tags, to, rate, stop)
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise MediaError(f"{to.name} cannot be written: {error.strerror or error}") from error


def _write(film: Path, tags: Tags, to: Path, rate: Fraction, stop: threading.Event) -> None:
    import av

    with reading(film, "mov", "film", **AS_IT_IS) as reader:
        base = reader.streams.video[0].time_base
    assert base is not None
    options = {"fflags": "+bitexact", "movflags": "+faststart", "video_track_timescale": str(base.denominator)}
    with av.open(str(to.absolute()), "w", format=_container(film), options=options) as writer:
        writer.metadata["title"] = tags.title
        writer.set_chapters(_chapters(tags.chapters, rate))
        with reading(film, "mov", "film", **AS_IT_IS) as reader:
            streams = _streams(reader)
            tracks = {each.index: writer.add_stream_from_template(each) for each in streams}
            # It would be left to the writer, which calls H.265 by the one of its names that QuickTime does not play.
            tracks[streams[0].index].codec_context.codec_tag = streams[0].codec_context.codec_tag
            if tags.spoken:
                tracks[streams[1].index].metadata["language"] = _language(tags.spoken)
        rows = [_copied(film, tracks)]
        if tags.captions:
            rows.append(_captions(writer, tags.captions, _language(tags.language), rate, base))
        for packet in merge(*rows, key=_when):
            if stop.is_set():
                return
            writer.mux(packet)


def _container(film: Path) -> str:
    return "mov" if film.suffix == ".mov" else "mp4"


def _streams(reader: InputContainer) -> tuple[VideoStream, AudioStream]:
    return reader.streams.video[0], reader.streams.audio[0]


def _copied(film: Path, tracks: Mapping[int, Any]) -> Iterator[Packet[Any]]:
    # What is opened here is closed here, so what goes wrong with the copy is not taken for what is wrong with the film.
    with reading(film, "mov", "film", **AS_IT_IS) as reader:
        for packet in reader.demux(*_streams(reader)):
            if packet.size:
                packet.stream = tracks[packet.stream.index]
                yield packet


def _captions(
    writer: OutputContainer, captions: Sequence[Caption], language: str, rate: Fraction, base: Fraction
) -> Iterator[Packet[SubtitleStream]]:
    """
    Add a track of captions, and return its packets. Its clock is a multiple of the picture's, so a caption stands at its very frames,
    and no slower than the sound's: the writer compares the bare numbers to know whether one has ended, and would end each at once.
    """
    track: SubtitleStream = writer.add_stream("mov_text")
    track.codec_context.subtitle_header = LOOK
    track.time_base = base = base / ceil(SAMPLE_RATE * base)
    track.metadata["language"] = language
    return _samples(track, captions, int(1 / (rate * base)), base)


def _samples(
    track: SubtitleStream, captions: Sequence[Caption], tick: int, base: Fraction
) -> Iterator[Packet[SubtitleStream]]:
    import av

    for each in captions:
        words = each.text.encode()[:LONGEST_SAMPLE].decode("utf-8", "ignore").encode()
        # It is kept until the packet is written: not every PyAV keeps it.
        sample = len(words).to_bytes(2, "big") + words
        packet: Packet[Any] = av.Packet(sample)
        packet.time_base, packet.is_keyframe = base, True
        packet.pts = packet.dts = each.first_frame * tick
        packet.duration = each.frames * tick
        packet.stream = track
        yield packet


def _chapters(chapters: Sequence[Chapter], rate: Fraction) -> list[Any]:
    return [
        {
            "id": number,
            "start": each.first_frame,
            "end": each.end,
            "time_base": 1 / rate,
            "metadata": {"title": each.name},
        }
        for number, each in enumerate(chapters)
    ]


def _language(tag: str) -> str:
    """Return a language as MP4 has it, in the three letters of ISO 639-2/T; ISO/IEC 14496-12, 8.4.2."""
    import langcodes

    return langcodes.Language.get(tag).to_alpha3() if tag else "und"


def _when(packet: Packet[Any]) -> float:
    assert packet.dts is not None
    assert packet.time_base is not None
    return float(packet.dts * packet.time_base)
