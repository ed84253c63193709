"""
Limit what would be too loud: for a moment, softly, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from math import exp, log10
from typing import TYPE_CHECKING

from storyreel.model.sound import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from storyreel.media.mixing.layers import Block

    Gains = NDArray[np.float64]

STEP = SAMPLE_RATE // 1000
"""Samples over which one gain is reckoned: a millisecond."""
AHEAD = 5
"""Steps over which it goes down, before what is too loud."""
RELEASE_S = 0.1
"""After so long it has come up again by two thirds."""
OVERSAMPLED = 4
"""Of so many points for each sample the largest is the true peak (ITU-R BS.1770-4, annex 2)."""
REACH = 12
"""Samples on either side that a point between two samples is reckoned from."""
NEAR = 0.5
"""Only where samples reach this share of the ceiling is it looked for what lies between them."""


class Limiter:
    """
    A limiter that looks ahead.

    Args:
        gain: What all samples are multiplied with before.
        ceiling: How far they may be from zero then; 1.0 is full scale.
        true_peak: Whether what lies between samples counts.
    """

    def __init__(self, gain: float, ceiling: float, *, true_peak: bool) -> None:
        self._gain = gain
        self._ceiling = ceiling
        self._true_peak = true_peak
        self._least = 1.0

    @property
    def most_db(self) -> float:
        """By how much it has turned something down at most, in dB; 0 where it had nothing to do."""
        return 0.0 if self._least >= 1 else -20 * log10(self._least)

    def over(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the same samples with nothing among them beyond the ceiling, in blocks that begin a little later."""
        import numpy as np

        self._least = 1.0
        waiting = np.zeros((0, 2), np.float32)
        seam = np.zeros((2 * REACH, 2), np.float32)
        needed, before = np.ones(0), 1.0
        trail: Gains | None = None
        for block in chain(blocks, [None]):
            if block is not None:
                louder = block * np.float32(self._gain)
                waiting = np.concatenate([waiting, louder])
                own, late = self._needed(louder, seam)
                needed[-1:] = np.minimum(needed[-1:], late)
                needed = np.concatenate([needed, own])
                seam = np.concatenate([seam, louder])[-2 * REACH :]
            else:
                needed = np.concatenate([needed, np.ones(AHEAD + 1)])
            ready = len(needed) - AHEAD - 1
            if ready < 1:
                continue
            edges = np.minimum(np.concatenate([[before], needed[:-1]]), needed)
            released = self._released(edges, ready, 1.0 if trail is None else trail[-1])
            if trail is None:
                trail = np.full(AHEAD, released[0])  # what begins too loud begins turned down
            trailing = np.concatenate([trail, released])
            if trailing.min() < 1:
                nodes = np.convolve(trailing, np.full(AHEAD + 1, 1 / (AHEAD + 1)), "valid")
                self._least = min(self._least, float(nodes.min()))
                yield waiting[: ready * STEP] * _sloped(nodes)[: len(waiting)]
            else:
                yield waiting[: ready * STEP]
            waiting, before, needed, trail = (
                waiting[ready * STEP :],
                needed[ready - 1],
                needed[ready:],
                trailing[ready : ready + AHEAD],
            )

    def _needed(self, block: Block, seam: Block) -> tuple[Gains, float]:
        """
        Return the gain that each step of a block needs, and the one that the last step before it needs, which can only be told now.
        """
        import numpy as np

        peaks = np.abs(block).max(axis=1)
        late = 0.0
        both = np.concatenate([seam, block])
        if self._true_peak and np.abs(both).max() > NEAR * self._ceiling:
            # What lies between its last samples is told with the next block.
            between = _between(both)
            late = float(between[: REACH + 1].max())
            known = len(between) - REACH - 1
            peaks[:known] = np.maximum(peaks[:known], between[REACH + 1 :])
        steps = np.zeros(-(-len(peaks) // STEP) * STEP, np.float64)
        steps[: len(peaks)] = peaks
        loudest = steps.reshape(-1, STEP).max(axis=1)
        needed: Gains = self._ceiling / np.maximum(loudest, self._ceiling)
        return needed, self._ceiling / max(late, self._ceiling)

    def _released(self, edges: Gains, ready: int, before: float) -> Gains:
        """Return gains that are down in time, and come up slowly."""
        import numpy as np

        down: Gains = np.lib.stride_tricks.sliding_window_view(edges, AHEAD + 1).min(axis=1)[: ready + 1]
        if down.min() >= 1 and before >= 1:
            return down
        share = 1 - exp(-1 / (RELEASE_S * 1000))
        released = np.empty(len(down))
        for at, gain in enumerate(down.tolist()):
            before = min(gain, before + (1 - before) * share)
            released[at] = before
        return released


def _sloped(nodes: Gains) -> Block:
    """Return a gain for each sample, straight from one edge of a step to the next."""
    import numpy as np

    slopes = np.diff(nodes)[:, None] * (np.arange(STEP) / STEP)
    return (nodes[:-1, None] + slopes).reshape(-1, 1).astype(np.float32)


def _between(samples: Block) -> Gains:
    """Return the largest of what lies between each sample and the next one, in either channel; `REACH` too few on each side."""
    import numpy as np

    taps = np.arange(-REACH + 1, REACH + 1)
    most = np.zeros(len(samples) - 2 * REACH + 1)
    for part in range(1, OVERSAMPLED):
        away = taps - part / OVERSAMPLED
        weights = np.sinc(away) * np.cos(np.pi * away / (2 * REACH + 1)) ** 2
        for channel in (0, 1):
            points = np.convolve(samples[:, channel].astype(np.float64), weights[::-1], "valid")
            most = np.maximum(most, np.abs(points))
    return most
