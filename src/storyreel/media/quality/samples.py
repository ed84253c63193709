"""
Measure pictures and sound that are in memory. Pure: arrays go in, numbers come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from storyreel.media.quality.inspection import SILENCE_DB, Bars

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLACK = 32
"""
Luma up to which a sample is black. Black is 16 in video; an encoder leaves a few levels of noise on it, and a night sky is
brighter. A lamp in the dark, or a star, makes a frame that is not black.
"""
NOISE = 2
"""Levels by which a sample may differ and be the same: what an encoder does to a picture that stands."""
CLEAR = 12
"""Levels by which a picture is brighter than the bar beside it."""
EDGE = 0.6
"""The share of a bar's length along which the picture beside it is clearly brighter, at some time."""
FULL = 32_700
"""What is at its limit, of 32767: codecs move a flat top a little."""
UNEVEN = 2
"""Samples by which two bars of the same width may differ: where they end within a sample, and how the picture was made small."""
EACH = 2
"""Of how many frames one is held against what was shown before."""
SPARSE = 4
"""Of how many samples of sound one is measured."""
RUN = 3
"""Samples at the limit in a row that are no single peak."""


def brightest(frames: NDArray[np.uint8]) -> list[int]:
    """Return the brightest sample of each frame; `frames` are lumas, (count, down, across)."""
    return [int(each) for each in frames.reshape(len(frames), -1).max(axis=1)]


def moved(frames: NDArray[np.uint8], before: Sequence[int]) -> list[int]:
    """
    Return how many samples of each frame differ from those of an earlier one, of which `before` has the number.

    Only each second frame is held against another; those after it are taken to be like it.
    """
    import numpy as np

    earlier = frames[np.asarray(before[::EACH], dtype=np.intp)]
    here = frames[::EACH]
    apart = np.maximum(here, earlier) - np.minimum(here, earlier)
    counts = np.count_nonzero((apart > NOISE).reshape(len(here), -1), axis=1)
    return [int(each) for each in np.repeat(counts, EACH)[: len(frames)]]


def stepped(frames: NDArray[np.uint8]) -> list[int]:
    """Return how much each frame differs from the one before, in tenths of a level; the first from none."""
    import numpy as np

    if len(frames) < 2:
        return [0] * len(frames)
    few = np.ascontiguousarray(frames[:, ::2, ::2])
    apart = np.maximum(few[1:], few[:-1]) - np.minimum(few[1:], few[:-1])
    sums = apart.reshape(len(apart), -1).sum(axis=1, dtype=np.uint32)
    return [0, *(round(10 * int(each) / few[0].size) for each in sums)]


def bars(frames: NDArray[np.uint8]) -> Bars:
    """
    Return the black bars at the edges, on two sides that face each other, of the same width, and with a straight edge to the picture.

    A dark sky is none: it goes over into what is below it.
    """
    lit = frames.max(axis=0)
    top, bottom = _facing(lit)
    left, right = _facing(lit.T)
    return Bars(top=top, bottom=bottom, left=left, right=right)


def _facing(lit: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the shares of two bars across all columns; `lit` is how bright each sample ever was."""
    import numpy as np

    dark = lit.max(axis=1) <= BLACK
    if bool(dark.all()) or not (dark[0] and dark[-1]):
        return 0.0, 0.0
    first, last = int(np.argmin(dark)), int(np.argmin(dark[::-1]))
    if abs(first - last) > UNEVEN or not (_edged(lit, first) and _edged(lit[::-1], last)):
        return 0.0, 0.0
    return round(first / len(dark), 3), round(last / len(dark), 3)


def _edged(lit: NDArray[np.uint8], rows: int) -> bool:
    """Whether the picture begins all at once below so many rows; the row at the edge may be half of each."""
    import numpy as np

    inside = lit[rows : rows + 2].max(axis=0)
    beside = int(lit[rows - 1].max())
    return float(np.mean(inside.astype(np.int16) > beside + CLEAR)) >= EDGE


def loudness_db(samples: NDArray[np.int16], window: int) -> list[int]:
    """Return the RMS of each window in dBFS, of the loudest channel; `samples` are (count, channels). Each fourth of them is enough."""
    import numpy as np

    starts = range(0, len(samples), window)
    squares = np.square(samples[::SPARSE].astype(np.float32))
    edges = [-(-start // SPARSE) for start in starts]
    if not edges or edges[-1] >= len(squares):
        edges = [edge for edge in edges if edge < len(squares)]
    sums = np.add.reduceat(squares, edges, axis=0).max(axis=1) if edges else np.zeros(0, dtype=np.float32)
    counts = np.diff([*edges, len(squares)])
    power = sums / counts / np.float32(32768.0**2)
    levels = 10 * np.log10(np.maximum(power, 1e-30))
    return [max(SILENCE_DB, round(float(level))) for level in levels]


def at_limit(samples: NDArray[np.int16], window: int) -> list[int]:
    """Return how many samples of each window stand at full scale in a row, per mille, of the worst channel."""
    import numpy as np

    if not len(samples) or (int(samples.max()) < FULL and int(samples.min()) > -FULL):
        return [0 for _ in _windows(samples, window)]
    flat = np.zeros(samples.shape, dtype=bool)
    for full in (samples >= FULL, samples <= -FULL):
        run = full[: len(full) - RUN + 1].copy()
        for place in range(1, RUN):
            run &= full[place : len(full) - RUN + 1 + place]
        for place in range(RUN):
            flat[place : place + len(run)] |= run
    return [round(1000 * float(block.mean(axis=0).max())) for block in _windows(flat, window)]


def _windows(samples: NDArray[np.generic], window: int) -> list[NDArray[np.generic]]:
    return [samples[at : at + window] for at in range(0, len(samples), window)]
