"""
Measure how loud sound is, as broadcasters do: ITU-R BS.1770-4 and EBU R 128, by ffmpeg's `ebur128`, within this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.media.container import reading
from storyreel.model.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import threading

    from av.audio.frame import AudioFrame
    from av.filter.graph import Graph

    from storyreel.media.mixing.layers import Block

SILENT_LUFS = -70.0
"""What is below is silence to the measurement: its absolute gate (EBU Tech 3341, 2016)."""


@dataclass(frozen=True)
class Loudness:
    """
    How loud sound is: integrated, in LUFS, None where it is silent; and its true peak in dBTP, None where there is no sample
    other than zero.
    """

    integrated: float | None
    true_peak: float | None


def measured(blocks: Iterable[Block], stop: threading.Event) -> Loudness:
    """Measure samples that go by; what is measured means nothing once it was told to stop."""
    import av
    import numpy as np

    def frames() -> Iterator[AudioFrame]:
        at = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), "flt", "stereo")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
            at += len(block)
            yield frame

    return _read(frames(), "flt", stop)


def measured_film(film: Path, stop: threading.Event) -> Loudness:
    """
    Measure the sound of a film, or a film's sound alone, as it is decoded.

    Raises:
        MediaError: It cannot be read.
    """
    with reading(film, "mov", "film") as reader:
        return _read(reader.decode(reader.streams.audio[0]), "fltp", stop)


def _read(frames: Iterable[AudioFrame], kind: str, stop: threading.Event) -> Loudness:
    graph = _meter(kind)
    last: dict[str, str] = {}
    for frame in frames:
        if stop.is_set():
            break
        graph.push(frame)
        last = _pulled(graph) or last
    graph.push(None)
    last = _pulled(graph) or last
    integrated = float(last.get("lavfi.r128.I", "-inf"))
    peak = float(last.get("lavfi.r128.true_peak", "0"))
    return Loudness(
        integrated if integrated > SILENT_LUFS else None,
        20 * log10(peak) if peak > 0 else None,
    )


def _meter(kind: str) -> Graph:
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format=kind, layout="stereo", time_base=Fraction(1, SAMPLE_RATE)
    )
    meter = graph.add("ebur128", metadata="1", peak="true", framelog="quiet")
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    return graph


def _pulled(graph: Graph) -> dict[str, str]:
    """Return what was measured so far, where something new was."""
    import av

    last: dict[str, str] = {}
    while True:
        try:
            last = graph.pull().metadata
        except (av.error.BlockingIOError, av.error.EOFError):
            return last
