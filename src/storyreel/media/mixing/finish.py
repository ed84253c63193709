"""
Finish the sound of a film: bring it to its loudness, keep it from clipping, and encode it once.

Loudness is reached on the film as it is decoded: the mix is measured, turned up or down, limited where that alone would be too
loud, encoded, decoded and measured again; what the encoder has changed is made good in another pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.mixing.bus_file import written_down
from storyreel.media.mixing.limiter import Limiter
from storyreel.media.mixing.meter import Loudness, measured

if TYPE_CHECKING:
    from storyreel.media.mixing.layers import Block

TRUE_PEAK_DB = -1.0
"""What the true peak of a film that has a loudness stays under, in dBTP (EBU R 128)."""
ENCODED_DB = 0.3
"""How much further down the mix is kept at first: an encoder brings peaks that were not there."""
FULL_SCALE = 32767 / 32768
NEAR_LU = 0.1
"""From so near the mix is not turned up or down again."""
NEAR_ENOUGH_LU = 0.3
"""From so near a film is not encoded again."""
MOST_PASSES = 4
MOST_LIMITED_DB = 40.0
"""Further a peak is not turned up beyond the ceiling: of what is nearly nothing but peaks no gain makes a loud programme."""
LEAST_THROUGH = 0.1
"""Of a gain of 1 dB at least so much is reckoned with to come through a limiter."""
PATIENCE_S = 600.0


@dataclass(frozen=True)
class Finished:
    """
    What was done to a film's sound, and how loud it came out: `loudness` in LUFS and `true_peak` in dBTP are None where they were
    not measured, or it is silent. `gain_db` is how far all of it was turned up, `limited_db` how far a moment was turned down at most.
    """

    loudness: float | None = None
    true_peak: float | None = None
    gain_db: float = 0.0
    limited_db: float = 0.0


async def finish(
    mix: Callable[[], Iterable[Block]], to: Path, *, loudness: float | None, seconds: float, bus: Path | None = None
) -> Finished:
    """
    Encode the sound of a film; what would be beyond full scale is limited.

    Args:
        mix: Begins the mix from the start: it may be asked for several times.
        to: An MP4 with sound alone.
        loudness: In LUFS; None changes no level.
        seconds: How long it is, for patience with ffmpeg.
        bus: Gets the samples that are encoded, in 24 bits.

    Raises:
        MediaError: ffmpeg failed.
    """
    patience = max(PATIENCE_S, seconds)
    if loudness is None:
        limiter = Limiter(1.0, FULL_SCALE, true_peak=False)
        await _encode(limiter.over(mix()), to, patience, bus)
        return Finished(limited_db=limiter.most_db)
    before = await measured(mix(), patience)
    if before.integrated is None or before.true_peak is None:
        # Silent, or too short to be measured: then it may be loud all the same.
        limiter = Limiter(1.0, FULL_SCALE, true_peak=False)
        await _encode(limiter.over(mix()), to, patience, bus)
        return Finished(limited_db=limiter.most_db)
    return await _brought_to(mix, to, loudness, before.integrated, before.true_peak, patience, bus)


async def encode_whole(samples: Iterable[bytes], to: Path, *, seconds: float, bus: Path | None = None) -> None:
    """
    Encode the sound of a film as it is.

    Args:
        samples: In 16 bits, stereo.
        to: An MP4 with sound alone.
        seconds: How long it is, for patience with ffmpeg.
        bus: Gets the same samples, in 24 bits.

    Raises:
        MediaError: ffmpeg failed.
    """
    args = ffmpeg_args.encode_sound_args(to, "s16le")
    pieces = samples if bus is None else written_down(samples, "<i2", bus)
    await run_ffmpeg(args, timeout_s=max(PATIENCE_S, seconds), stdin=pieces)


async def _brought_to(
    mix: Callable[[], Iterable[Block]],
    to: Path,
    wanted: float,
    integrated: float,
    peak: float,
    patience: float,
    bus: Path | None,
) -> Finished:
    gain, ceiling = wanted - integrated, TRUE_PEAK_DB - ENCODED_DB
    passes = 0
    while True:
        passes += 1
        limiter = Limiter(10 ** (gain / 20), 10 ** (ceiling / 20), true_peak=True)
        if peak + gain > ceiling:
            gain, limiter = await _limited(mix, wanted, gain, ceiling, peak, patience)
        await _encode(limiter.over(mix()), to, patience, bus)
        film = await measured(to, patience)
        off = wanted - (film.integrated if film.integrated is not None else wanted)
        over = (film.true_peak if film.true_peak is not None else ceiling) - TRUE_PEAK_DB
        as_far_as_it_goes = off > 0 and gain >= ceiling - peak + MOST_LIMITED_DB
        if passes == MOST_PASSES or ((abs(off) <= NEAR_ENOUGH_LU or as_far_as_it_goes) and over <= 0):
            return _finished(film, gain, limiter)
        gain = min(gain + off, ceiling - peak + MOST_LIMITED_DB)
        ceiling -= max(0.0, over) * 1.2 + (0.05 if over > 0 else 0.0)


async def _limited(
    mix: Callable[[], Iterable[Block]], wanted: float, gain: float, ceiling: float, peak: float, patience: float
) -> tuple[float, Limiter]:
    """Return the gain with which the mix has the loudness that is wanted although it is limited, or that which is as near as it gets."""
    most = ceiling - peak + MOST_LIMITED_DB
    gain = min(gain, most)
    limiter = Limiter(10 ** (gain / 20), 10 ** (ceiling / 20), true_peak=True)
    before: tuple[float, float] | None = None
    for _ in range(MOST_PASSES):
        limited = await measured(limiter.over(mix()), patience)
        off = wanted - (limited.integrated if limited.integrated is not None else wanted)
        if abs(off) <= NEAR_LU or (off > 0 and gain >= most):
            break
        # The harder it is limited, the less of a gain comes through: by as much as it did before, more is given.
        came = 1.0 if before is None or gain == before[0] else (before[1] - off) / (gain - before[0])
        before = gain, off
        gain = min(most, gain + off / min(1.0, max(LEAST_THROUGH, came)))
        limiter = Limiter(10 ** (gain / 20), 10 ** (ceiling / 20), true_peak=True)
    return gain, limiter


def _finished(film: Loudness, gain: float, limiter: Limiter) -> Finished:
    return Finished(
        loudness=None if film.integrated is None else round(film.integrated, 2),
        true_peak=None if film.true_peak is None else round(film.true_peak, 2),
        gain_db=round(gain, 2),
        limited_db=round(limiter.most_db, 2),
    )


async def _encode(blocks: Iterable[Block], to: Path, patience: float, bus: Path | None) -> None:
    pieces: Iterable[bytes] = (block.tobytes() for block in blocks)
    if bus is not None:
        pieces = written_down(pieces, "<f4", bus)
    await run_ffmpeg(ffmpeg_args.encode_sound_args(to, "f32le"), timeout_s=patience, stdin=pieces)
