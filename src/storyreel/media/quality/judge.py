"""
From what was measured of a clip, and what was asked for, to what is wrong with it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from storyreel.mark_limits import USUAL, MarkLimits
from storyreel.media.quality.inspect import LAG_S
from storyreel.media.quality.inspection import WINDOW_S, Inspection
from storyreel.media.quality.samples import BLACK
from storyreel.model.marks import Mark, MarkKind

STILL_SAMPLES = 3
"""So many samples of a frame may be other than a second before, of 9216, and nothing moves: an encoder's noise."""
SETTLES_S = 0.4
"""What an encoder takes, in seconds, until it repeats a picture as it is: a third of a second with the busiest of the sandbox's."""
FLAT_PER_MILLE = 10
"""From which share of a window's samples at full scale on it is heard as clipped, and not as a peak."""
NEAR_S = 0.5
"""How far around a seam other frames are looked at: where all of them leap, so may the seam."""
SLACK_S = 0.1
"""By how much seconds may be off: a frame or two, and a packet of sound."""
LEAPS = 3.0
"""By how much a jump is larger than what is usual around it."""


@dataclass(frozen=True)
class Asked:
    """
    What was asked of a clip or still; what is None was not, and anything will do.

    Args:
        seconds: How long it was to be.
        rate: Frames a second.
        ratio: Width by height.
        short_side: Pixels of its shorter side, or of a still the square root of its pixels.
        sound: Whether it was to have sound.
        seams: Seconds at which an extension begins.
        begins: From when on the clip is new: what is wrong before that is wrong with the clip that it goes on from, and told of that one.
    """

    seconds: float | None = None
    rate: float | None = None
    ratio: float | None = None
    short_side: float | None = None
    sound: bool = False
    seams: tuple[float, ...] = ()
    begins: float = 0.0


NOTHING = Asked()


def judge(inspection: Inspection, asked: Asked = NOTHING, limits: MarkLimits = USUAL) -> tuple[Mark, ...]:
    """Return what is wrong with a clip, in the order of its seconds."""
    begins = asked.begins
    marks = [
        *_black(inspection, limits, begins),
        *_frozen(inspection, limits, begins),
        *(_silent(inspection, limits, begins) if asked.sound else ()),
        *_clipped(inspection, limits, begins),
        *_bars(inspection, limits),
        *_length(inspection, asked, limits),
        *_rate(inspection, asked, limits),
        *_size(inspection, asked, limits),
        *_seams(inspection, asked, limits),
    ]
    return tuple(sorted(marks, key=lambda mark: mark.start))


def _black(inspection: Inspection, limits: MarkLimits, begins: float) -> Iterator[Mark]:
    if limits.black is None:
        return
    dark = [level <= BLACK for level in inspection.brightest]
    if inspection.seconds == 0:
        if all(dark) and dark:
            yield _of_all("black", inspection)
        return
    yield from _long_enough("black", _spans(dark, _frame_times(inspection)), limits.black, inspection, begins)


def _frozen(inspection: Inspection, limits: MarkLimits, begins: float) -> Iterator[Mark]:
    """Mark where nothing moves. What is black does not move either, and is told as that alone."""
    if limits.frozen is None or inspection.seconds == 0:
        return
    times = _frame_times(inspection)
    still = [
        number > 0 and moved <= STILL_SAMPLES and bright > BLACK
        for number, (moved, bright) in enumerate(zip(inspection.moved, inspection.brightest, strict=True))
    ]
    # A frame that is as it was a second before says that nothing has moved since.
    spans = [(max(0.0, start - LAG_S), end) for start, end in _spans(still, times) if end - start > 0]
    # What stands from so soon on to the clip's end has stood from its beginning.
    settled, over = begins + SETTLES_S, inspection.seconds - SLACK_S
    spans = [(min(start, begins) if start <= settled and end >= over else start, end) for start, end in spans]
    yield from _long_enough("frozen", spans, limits.frozen, inspection, begins)


def _silent(inspection: Inspection, limits: MarkLimits, begins: float) -> Iterator[Mark]:
    if limits.silent is None:
        return
    if not inspection.heard or not inspection.loudness_db:
        yield _of_all("silent", inspection)
        return
    quiet = [level < limits.silent_db for level in inspection.loudness_db]
    times = [number * WINDOW_S for number in range(len(quiet) + 1)]
    yield from _long_enough("silent", _spans(quiet, times), limits.silent, inspection, begins)


def _clipped(inspection: Inspection, limits: MarkLimits, begins: float) -> Iterator[Mark]:
    if limits.clipped is None:
        return
    flat = [share >= FLAT_PER_MILLE and number * WINDOW_S >= begins for number, share in enumerate(inspection.at_limit)]
    if sum(flat) * WINDOW_S < max(limits.clipped, WINDOW_S):
        return
    # What is clipped is clipped at its peaks, so one mark goes from the first to the last.
    first, last = flat.index(True), len(flat) - flat[::-1].index(True)
    yield _mark("clipped", first * WINDOW_S, last * WINDOW_S, inspection)


def _bars(inspection: Inspection, limits: MarkLimits) -> Iterator[Mark]:
    across, down = inspection.bars, inspection.bars
    if limits.bars is not None and (
        min(across.top, across.bottom) * 100 >= limits.bars or min(down.left, down.right) * 100 >= limits.bars
    ):
        yield _of_all("bars", inspection)


def _length(inspection: Inspection, asked: Asked, limits: MarkLimits) -> Iterator[Mark]:
    if limits.length is None or asked.seconds is None:
        return
    if abs(inspection.seconds - asked.seconds) > limits.length:
        yield _of_all("length", inspection)


def _rate(inspection: Inspection, asked: Asked, limits: MarkLimits) -> Iterator[Mark]:
    if limits.rate is None or asked.rate is None:
        return
    if abs(inspection.rate / asked.rate - 1) * 100 > limits.rate:
        yield _of_all("rate", inspection)


def _size(inspection: Inspection, asked: Asked, limits: MarkLimits) -> Iterator[Mark]:
    if limits.size is None:
        return
    width, height = inspection.width, inspection.height
    is_still = inspection.seconds == 0
    short = (width * height) ** 0.5 if is_still else min(width, height)
    wrong = asked.ratio is not None and abs(width / height / asked.ratio - 1) * 100 > limits.size
    # Services round the pixels of a picture up and down; one of a quarter less is another size.
    least = 25.0 if is_still else limits.size
    wrong |= asked.short_side is not None and abs(short / asked.short_side - 1) * 100 > max(least, limits.size)
    if wrong:
        yield _of_all("size", inspection)


def _seams(inspection: Inspection, asked: Asked, limits: MarkLimits) -> Iterator[Mark]:
    if limits.seam is None:
        return
    times = [at / 1000 for at in inspection.at_ms]
    steps = [step / 10 for step in inspection.stepped]
    for seam in asked.seams:
        if not 0 < seam < inspection.seconds:
            continue
        # Where exactly it is, is known to a frame or two.
        at = [number for number, second in enumerate(times) if number and abs(second - seam) < SLACK_S]
        if not at:
            continue
        here = max(at, key=lambda number: steps[number])
        around = [
            steps[number]
            for number, second in enumerate(times)
            if number and abs(second - times[here]) <= NEAR_S and number != here
        ]
        usual = median(around) if around else 0.0
        if steps[here] >= limits.seam and steps[here] >= LEAPS * usual and steps[here] > max(around, default=0.0):
            yield _mark("seam", times[here - 1], times[here], inspection)


def _frame_times(inspection: Inspection) -> list[float]:
    """Return when each frame begins, and when the last one ends."""
    return [*(at / 1000 for at in inspection.at_ms), inspection.seconds]


def _spans(holds: Sequence[bool], times: Sequence[float]) -> list[tuple[float, float]]:
    """Return from when to when something holds; `times` are the beginnings, and the end of the last."""
    edges = [number for number, (before, here) in enumerate(pairwise([False, *holds, False])) if before != here]
    return [(times[first], times[last]) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _long_enough(
    kind: MarkKind, spans: Sequence[tuple[float, float]], least: float, inspection: Inspection, begins: float
) -> Iterator[Mark]:
    """Mark what lasts, from where the clip is new; of one that is shorter, all of it."""
    for start, end in spans:
        first = max(start, begins)
        if end - first >= min(least, inspection.seconds - begins) - 0.02 and end > first:
            yield _mark(kind, first, end, inspection)


def _of_all(kind: MarkKind, inspection: Inspection) -> Mark:
    return _mark(kind, 0.0, inspection.seconds, inspection)


def _mark(kind: MarkKind, start: float, end: float, inspection: Inspection) -> Mark:
    longest = inspection.seconds or end
    return Mark(kind=kind, start=round(max(0.0, start), 2), end=round(min(end, longest), 2))
