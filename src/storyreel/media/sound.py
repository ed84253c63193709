"""
Decode a clip's sound to bare samples that begin with its picture: stereo, as loud as it is, whatever becomes of it midway.

Sound is decoded apart from the picture and within this process: a filter chain of ffmpeg's begins anew where a stream
changes its rate or its channels, and then loses what it knew of time (5.1), or fails (7.0).
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from storyreel.errors import MediaError
from storyreel.media.channels import Channels, channels_of
from storyreel.media.container import opened
from storyreel.media.ffmpeg import to_its_end
from storyreel.media.ffmpeg_args import BYTES_A_BUS_SAMPLE, Sound, stereo_filters
from storyreel.media.probe import Measured

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.filter.graph import Graph

SEEK_LEAD_S = 3
"""Decoding starts this much before the first sample that is wanted, so that the decoder has settled."""
JITTER_S = Fraction(3, 100)
"""How far sound may be from where it says before it is moved there: less than a frame of film, and more than clocks err."""


async def lay_sound(clip: Path, measured: Measured, to: Path, *, first: Fraction, samples: int, rate: int) -> Sound:
    """
    Write a clip's sound as 32 bit floats, stereo, exactly `samples` of them, with silence where there is none.

    What a mix of several channels brings beyond full scale is still in it.

    Args:
        measured: Of the clip, which has sound.
        first: The time on the clip's clock at which the first sample is heard.
        rate: Samples a second of what is written.

    Raises:
        MediaError: The clip cannot be read, or most of this sound cannot be decoded.
    """
    return await to_its_end(lambda stop: _lay(clip, measured, to, first=first, samples=samples, rate=rate, stop=stop))


def _lay(
    clip: Path, measured: Measured, to: Path, *, first: Fraction, samples: int, rate: int, stop: threading.Event
) -> Sound:
    written, mixed = 0, False
    packets: Counter[bool] = Counter()
    with opened(clip, measured.container) as (reader, _), to.open("wb") as file:
        audio = next(stream for stream in reader.streams.audio if stream.index == measured.audio_index)
        for at, sound, channels in stereo_of(reader, audio, first, rate, packets):
            if stop.is_set() or written >= samples:
                break
            place = written if at is None else round((at - first) * rate)
            if abs(place - written) > JITTER_S * rate or not written:
                _silence(file, min(max(0, place - written), samples - written))
                written = min(max(written, place), samples)
                sound = sound[max(0, written - place) * BYTES_A_BUS_SAMPLE :]
            sound = sound[: (samples - written) * BYTES_A_BUS_SAMPLE]
            file.write(sound)
            written += len(sound) // BYTES_A_BUS_SAMPLE
            mixed = mixed or channels > 2
        _silence(file, samples - written)
    if packets[False] > packets[True]:
        raise MediaError(
            f"{clip.name} has sound of which most cannot be decoded ({audio.codec_context.name}); "
            "convert its sound to AAC with what made it, or take it out"
        )
    return Sound(to, mixed)


def _silence(file: BinaryIO, samples: int) -> None:
    second = bytes(48000 * BYTES_A_BUS_SAMPLE)
    left = samples * BYTES_A_BUS_SAMPLE
    while left > 0:
        left -= file.write(second[:left])


def stereo_of(
    reader: InputContainer, audio: AudioStream, first: Fraction, rate: int, packets: Counter[bool]
) -> Iterator[tuple[Fraction | None, bytes, int]]:
    """
    Decode from `first` on, or from before it: samples, their time where they have one, and how many channels they come from.

    Args:
        packets: Is told of how many there are whether they could be decoded.
    """
    graph: Graph | None = None
    kind: tuple[object, ...] = ()
    channels = 0
    for frame, its in _frames(reader, audio, first, packets):
        now = (frame.format.name, its, frame.sample_rate)
        if graph is None or now != kind:
            if graph is not None:
                yield from ((at, sound, channels) for at, sound in _pulled(graph, last=True))
            graph, kind, channels = _graph(frame, its, rate), now, its.count
        graph.push(frame)
        yield from ((at, sound, channels) for at, sound in _pulled(graph))
    if graph is not None:
        yield from ((at, sound, channels) for at, sound in _pulled(graph, last=True))


def _frames(
    reader: InputContainer, audio: AudioStream, first: Fraction, packets: Counter[bool]
) -> Iterator[tuple[AudioFrame, Channels]]:
    """Decode from a little before `first`, or from the beginning where seeking leads beyond it."""
    import av

    assert audio.time_base is not None
    lead = int((first - Fraction(SEEK_LEAD_S)) / audio.time_base)
    if lead > (audio.start_time or 0):
        with contextlib.suppress(av.error.FFmpegError):
            reader.seek(lead, stream=audio)
            ahead = next(_decoded(reader, audio, packets), None)
            if ahead is not None and ahead[0].pts is not None and ahead[0].pts * audio.time_base <= first:
                yield ahead
                yield from _decoded(reader, audio, packets)
                return
        reader.seek(audio.start_time or 0, stream=audio)
    yield from _decoded(reader, audio, packets)


def _decoded(
    reader: InputContainer, audio: AudioStream, packets: Counter[bool]
) -> Iterator[tuple[AudioFrame, Channels]]:
    """Decode what can be decoded: where sound is damaged there is silence."""
    import av

    for packet in reader.demux(audio):
        packets[False] += bool(packet.size)
        with contextlib.suppress(av.error.FFmpegError):
            frames = [(frame, channels_of(frame.layout)) for frame in packet.decode()]
            packets.update({True: bool(packet.size), False: -bool(packet.size)})
            yield from ((frame, channels) for frame, channels in frames if frame.sample_rate and frame.samples)


def _graph(frame: AudioFrame, channels: Channels, rate: int) -> Graph:
    """Return a chain that brings frames like this one to stereo of `rate`."""
    import av

    chain = av.filter.Graph()
    source = chain.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=channels.order,
        time_base=frame.time_base or Fraction(1, frame.sample_rate),
    )
    filters = [chain.add(name, **options) for name, options in stereo_filters(channels.count)]
    rated = chain.add("aformat", sample_rates=str(rate))
    chain.link_nodes(source, *filters, rated, chain.add("abuffersink")).configure()
    return chain


def _pulled(graph: Graph, *, last: bool = False) -> Iterator[tuple[Fraction | None, bytes]]:
    import av

    if last:
        graph.push(None)
    with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):
        while True:
            frame = cast("AudioFrame", graph.pull())
            at = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            yield at, bytes(frame.planes[0])[: frame.samples * BYTES_A_BUS_SAMPLE]
