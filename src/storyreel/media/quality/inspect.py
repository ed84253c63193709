"""
Look at a clip in the decode that proves it whole: beside being decoded it is written out small, and its sound bare.

Measured in frames of 128 x 72, of which ffmpeg takes few samples, and not by its own filters for black, frozen and silent: those cost more at
full size, judge a lamp in the night to be black, tell nothing from which other limits could be applied, and differ between versions.
`bench/marks.py` has the numbers.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from storyreel.errors import MediaError
from storyreel.media import ffmpeg_args
from storyreel.media.ffmpeg import run_ffmpeg
from storyreel.media.integrity import check_decodes, counted, patience_s
from storyreel.media.probe import Measured
from storyreel.media.quality import samples
from storyreel.media.quality.inspection import ACROSS, DOWN, WINDOW_S, Inspection
from storyreel.media.quality.whole_file import read_if_small

LAG_S = 1.0
"""What nothing moves for is held against what was shown this long before: slow moves are seen so, and not from frame to frame."""


async def check_and_inspect(path: Path) -> tuple[Measured, Inspection | None]:
    """
    Make sure that a downloaded clip is whole - every frame that its header promises is there, and all of it decodes - and look at it
    in the same decode: about one second of processor time for ten seconds of 720p.

    That it cannot be looked at is no fault of the clip's: then there is no inspection.

    Raises:
        MediaError: It is not whole, or is no MP4 at all; the text says what is broken.
    """
    measured = await counted(path)
    inspection = await _inspected(path, measured)
    if inspection is None:
        await check_decodes(path, measured, strictly=True)
    return measured, inspection


async def inspect(path: Path, measured: Measured) -> Inspection | None:
    """Look at a clip that is known to be whole; None where it cannot be looked at."""
    return await _inspected(path, measured)


async def _inspected(path: Path, measured: Measured) -> Inspection | None:
    try:
        with tempfile.TemporaryDirectory(prefix="storyreel-", ignore_cleanup_errors=True) as folder:
            picture, sound = Path(folder) / "picture", Path(folder) / "sound"
            args = ffmpeg_args.inspect_args(path, measured, picture, sound, across=ACROSS, down=DOWN)
            await run_ffmpeg(args, timeout_s=patience_s(measured))
            return await asyncio.to_thread(_measured, measured, picture, sound if measured.has_audio else None)
    except (MediaError, OSError, ValueError, MemoryError):
        return None


def _measured(measured: Measured, picture: Path, sound: Path | None) -> Inspection | None:
    import numpy as np

    small = read_if_small(picture)
    if small is None or len(small) < ACROSS * DOWN:
        return None
    frames = np.frombuffer(small, dtype=np.uint8)
    frames = frames[: len(frames) - len(frames) % (ACROSS * DOWN)].reshape(-1, DOWN, ACROSS)
    at = _times(measured, len(frames))
    before = [max(0, bisect_right(at, second - LAG_S + 0.001) - 1) for second in at]
    width, height = measured.shown
    levels: list[int] = []
    limits: list[int] = []
    if sound is not None and (bare := read_if_small(sound)) is not None:
        channels, window = max(1, measured.audio_channels), max(1, round(WINDOW_S * measured.audio_rate))
        heard = np.frombuffer(bare, dtype="<i2", count=len(bare) // (2 * channels) * channels).reshape(-1, channels)
        levels, limits = samples.loudness_db(heard, window), samples.at_limit(heard, window)
    return Inspection(
        seconds=round(measured.seconds, 3),
        rate=0.0 if measured.signature.vfr else round(float(measured.signature.fps), 3),
        width=width,
        height=height,
        at_ms=tuple(round(second * 1000) for second in at),
        brightest=tuple(samples.brightest(frames)),
        moved=tuple(samples.moved(frames, before)),
        stepped=tuple(samples.stepped(frames)),
        bars=samples.bars(frames),
        heard=sound is not None,
        loudness_db=tuple(levels),
        at_limit=tuple(limits),
    )


def _times(measured: Measured, count: int) -> Sequence[float]:
    """Return when each frame that was looked at is shown, in seconds from the clip's beginning: every second one is."""
    base = measured.signature.time_base
    looked_at = sorted(measured.times)[::2]
    if count == len(looked_at):
        return [float(time * base - measured.start) for time in looked_at]
    rate = float(measured.signature.fps) or 24.0
    return [2 * number / rate for number in range(count)]


def inspect_still(content: bytes) -> Inspection | None:
    """Look at a picture; None where it cannot be looked at."""
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as picture:
            upright = ImageOps.exif_transpose(picture)
            width, height = upright.size
            small = upright.convert("RGB").resize((ACROSS, DOWN), Image.Resampling.BOX).convert("L")
    except Exception:
        # Whatever it did to its reader: the mark is lost, and nothing else.
        return None
    # Video's black is 16 and its white 235; a picture's are 0 and 255.
    luma = np.asarray(small, dtype=np.float32) * (219 / 255) + 16
    frames = np.rint(luma).astype(np.uint8)[np.newaxis]
    return Inspection(
        seconds=0,
        rate=0,
        width=width,
        height=height,
        at_ms=(0,),
        brightest=tuple(samples.brightest(frames)),
        moved=(0,),
        stepped=(0,),
        bars=samples.bars(frames),
    )
