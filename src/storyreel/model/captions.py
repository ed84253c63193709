"""
Captions: what is said in a film, broken into lines, each at its frames.

Seconds where they are asked for: of a scene's clip, before speed, or of the film where a file brings them. Frames of the film
once it is resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from storyreel.model.drawn import LETTERS_PERCENT, FontFile
from storyreel.model.joints import half_up
from storyreel.model.line_breaks import COLUMNS, Lines, broken, columns
from storyreel.model.recipe import Frozen

MOST_COLUMNS_A_SECOND = 20
"""What is read without haste; Netflix, Timed Text Style Guide, English, adult programmes, read 2026-11-28."""

SAFE_WIDTH = 0.9
"""How much of a picture's width letters may take: the safe title area of SMPTE ST 2046-1 (2009)."""
UPRIGHT_COLUMNS = 28
"""So that letters on a telephone are as large as print: 42 columns of its width would be smaller."""
BURNING = 2
"""Raised when captions are broken or placed otherwise than before, so that a film with older ones in its picture is not taken for it."""


@dataclass(frozen=True)
class Say:
    """
    What is said in a scene: all of its first shot long, or from `at` to `end`, in seconds of its clip, before speed.
    """

    text: str
    at: float | None = None
    end: float | None = None

    @property
    def identity(self) -> list[Any]:
        """All that makes a difference to what is read."""
        return [self.text, self.at, self.end]


@dataclass(frozen=True)
class TimedLines:
    """A caption of a file, in seconds of the film."""

    start: float
    end: float
    lines: Lines


@dataclass(frozen=True)
class CaptionFile:
    """Captions that a person gave, in their order; no two at one time."""

    path: Path
    sha256: str
    captions: tuple[TimedLines, ...]


@dataclass(frozen=True)
class Captioning:
    """
    How a film is captioned: with a soft track or, `burn`, in its picture; from what its scenes say or, where there is one, from a
    `file`. `language` is BCP 47, empty where none was named; `font` is that of captions in the picture, None the package's own.
    """

    burn: bool = False
    language: str = ""
    file: CaptionFile | None = None
    font: FontFile | None = None


AS_USUAL = Captioning()


class Caption(Frozen):
    """A caption: `frames` frames of the film from `first_frame` on. `scene` is whose words it has; empty of a file's."""

    first_frame: int
    frames: int
    lines: tuple[str, ...]
    scene: str = ""

    @property
    def end(self) -> int:
        """The frame before which it ends."""
        return self.first_frame + self.frames

    @property
    def columns(self) -> int:
        """How many columns are to be read."""
        return sum(map(columns, self.lines))

    @property
    def text(self) -> str:
        """Its lines, one below the other."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class SpokenShot:
    """
    A shot as captions have to know it: its place in frames of the film, the second of its clip that it begins with, how fast
    that is shown, and what is said in its scene.
    """

    scene: str
    first_frame: int
    frames: int
    begins: Fraction
    speed: Fraction = Fraction(1)
    say: tuple[Say, ...] = ()


def spoken(shots: Sequence[SpokenShot], rate: Fraction) -> tuple[Caption, ...]:
    """
    Return the captions of what scenes say.

    Words without times stand over the whole first shot of their scene. Others go with their seconds, in the first shot that shows
    any part of them, and are cut off at its edges; where none does they are left out.

    Args:
        shots: In the film's order.
        rate: Frames a second of the film.
    """
    return apart(each for captions in placed(shots, rate).values() for each in captions)


def placed(shots: Sequence[SpokenShot], rate: Fraction) -> dict[tuple[str, int], list[Caption]]:
    """
    Return the captions of each of the things that scenes say, by its scene and its number there; of what no shot shows there is none.

    Args:
        shots: In the film's order.
        rate: Frames a second of the film.
    """
    captions: dict[tuple[str, int], list[Caption]] = {}
    for shot in shots:
        for number, say in enumerate(shot.say):
            if (shot.scene, number) in captions:
                continue
            span = _span(shot, say, rate)
            here = list(_within(shot, shared(broken(say.text), *span, shot.scene)))
            if here:
                captions[shot.scene, number] = here
    return captions


def of_file(file: CaptionFile, rate: Fraction, frames: int) -> tuple[Caption, ...]:
    """Return the captions of a file, as far as the film lasts: `frames` frames, `rate` of them a second."""
    captions = [_at_frames(each, rate) for each in file.captions]
    shown = [ended(each, min(each.end, frames)) for each in captions if each.first_frame < frames]
    return apart(each for each in shown if each.frames > 0)


def shared(texts: Sequence[Lines], first: int, end: int, scene: str = "") -> Iterator[Caption]:
    """
    Yield captions that stand one after the other, each as long as it has a share of the columns.

    Args:
        texts: The lines of each.
        first: The frame with which the first one begins.
        end: The frame before which the last one ends.
        scene: Whose words they are.
    """
    # One column at least: what has none, such as a mark by itself, is to be seen all the same.
    ends = list(accumulate((max(1, sum(map(columns, lines))) for lines in texts), initial=0))
    for lines, (before, after) in zip(texts, pairwise(ends), strict=True):
        starts, stops = (first + half_up(Fraction((end - first) * part, ends[-1])) for part in (before, after))
        if stops > starts:
            yield Caption(first_frame=starts, frames=stops - starts, lines=lines, scene=scene)


def apart(captions: Iterable[Caption]) -> tuple[Caption, ...]:
    """Return captions in their order, each ended where the next one begins; those that begin together are one, in lines."""
    row: list[Caption] = []
    for each in sorted(captions, key=lambda caption: caption.first_frame):
        if row and row[-1].first_frame == each.first_frame:
            before = row.pop()
            end = max(before.end, each.end)
            row.append(ended(before.model_copy(update={"lines": (*before.lines, *each.lines)}), end))
            continue
        if row and row[-1].end > each.first_frame:
            row[-1] = ended(row[-1], each.first_frame)
        row.append(each)
    return tuple(row)


def ended(caption: Caption, end: int) -> Caption:
    """Return a caption that ends before this frame."""
    return caption.model_copy(update={"frames": end - caption.first_frame})


def letters_percent(size: tuple[int, int]) -> float:
    """
    Return the size of the letters of captions in a picture, in percent of its height: as large as titles are, and smaller where a line
    would not be within its safe area. A column is half as wide as a letter is high.
    """
    width, height = size
    return min(float(LETTERS_PERCENT), round(100 * SAFE_WIDTH * width / (columns_within(size) / 2) / height, 2))


def columns_within(size: tuple[int, int]) -> int:
    """Return how many columns a line of captions in a picture may have: in a picture that stands upright there are more lines."""
    return UPRIGHT_COLUMNS if size[0] < size[1] else COLUMNS


def too_fast(captions: Sequence[Caption], rate: Fraction) -> list[tuple[Caption, float]]:
    """Return the captions that cannot be read without haste, each with its columns a second."""
    speeds = [(each, float(each.columns * rate / each.frames)) for each in captions]
    return [(each, speed) for each, speed in speeds if speed > MOST_COLUMNS_A_SECOND + 0.5]


def _span(shot: SpokenShot, say: Say, rate: Fraction) -> tuple[int, int]:
    """Return the frames of the film that something said takes, whether or not a shot shows all of them."""
    if say.at is None or say.end is None:
        return shot.first_frame, shot.first_frame + shot.frames

    def frame(second: float) -> int:
        return shot.first_frame + half_up((_exact(second) - shot.begins) / shot.speed * rate)

    return frame(say.at), frame(say.end)


def _within(shot: SpokenShot, captions: Iterable[Caption]) -> Iterator[Caption]:
    """Yield what a shot shows of captions."""
    for each in captions:
        first, end = max(each.first_frame, shot.first_frame), min(each.end, shot.first_frame + shot.frames)
        if end > first:
            yield each.model_copy(update={"first_frame": first, "frames": end - first})


def _at_frames(caption: TimedLines, rate: Fraction) -> Caption:
    first, end = (half_up(_exact(second) * rate) for second in (caption.start, caption.end))
    return Caption(first_frame=first, frames=max(1, end - first), lines=caption.lines)


def _exact(seconds: float) -> Fraction:
    return Fraction(seconds).limit_denominator(1_000_000)
