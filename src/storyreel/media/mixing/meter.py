"""
Measure how loud sound is, as broadcasters do: ITU-R BS.1770-4 and EBU R 128, by ffmpeg's filter `ebur128`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.media.bus_args import measure_args
from storyreel.media.ffmpeg import run_ffmpeg

if TYPE_CHECKING:
    from storyreel.media.mixing.layers import Block

SILENT_LUFS = -70.0
"""What is below is silence to the measurement: its absolute gate (EBU Tech 3341, 2016)."""
TAIL = 4096
"""Bytes at the end of what ffmpeg writes down in which the last value is."""


@dataclass(frozen=True)
class Loudness:
    """
    How loud sound is: integrated, in LUFS, None where it is silent; and its true peak in dBTP, None where there is no sample
    other than zero.
    """

    integrated: float | None
    true_peak: float | None


async def measured(sound: Path | Iterable[Block], patience_s: float) -> Loudness:
    """
    Measure samples that go by, or a film or its sound alone as it is decoded.

    Args:
        patience_s: Seconds that it may take.

    Raises:
        MediaError: It cannot be decoded.
    """
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        loudness, peak = Path(folder) / "loudness", Path(folder) / "peak"
        stdin = None if isinstance(sound, Path) else (block.tobytes() for block in sound)
        film = sound if isinstance(sound, Path) else None
        await run_ffmpeg(measure_args(film, loudness=loudness, peak=peak), timeout_s=patience_s, stdin=stdin)
        integrated, highest = _last(loudness, SILENT_LUFS), _last(peak, 0.0)
    return Loudness(
        integrated if integrated > SILENT_LUFS else None,
        20 * log10(highest) if highest > 0 else None,
    )


def _last(written: Path, nothing: float) -> float:
    """Return the last value of what ffmpeg has written down."""
    with written.open("rb") as file:
        file.seek(max(0, written.stat().st_size - TAIL))
        lines = file.read().decode().splitlines()
    values = [line.partition("=")[2] for line in lines if line.startswith("lavfi.")]
    return float(values[-1]) if values else nothing
