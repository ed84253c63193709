"""
Draw what is burnt into every picture of a film: its timecode, and what is shown and which request made it, on a dark strip.

In grey, a byte a pixel. What stays the same from frame to frame is drawn once; each frame has signs of its own only in its timecode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from storyreel.fonts import FACE, divided
from storyreel.fonts.face import opened_face
from storyreel.fonts.typeset import LEADING, letters
from storyreel.model.finish import Shown
from storyreel.model.rates import frame_shown, timecode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

PERCENT = 10 / 3
"""The size of its letters, in percent of the shorter side: a line of them takes what is free below the safe area of a wide film."""
AIR = 0.25
"""How much higher the strip is than its lines, in sizes of a letter."""
GAP = 0.9
"""What is free between two words and at either end, in sizes of a letter."""
GROUND, INK = 16, 235
"""How light the strip and its letters are, of 255."""
FIGURES = "0123456789"
FRAMES_AT_ONCE = 25
"""So many strips are handed on together."""


@dataclass(frozen=True)
class Strip:
    """A strip along the lower edge of a picture: `height` pixels high, an even number, with one line of words or two."""

    width: int
    height: int
    pixels: int
    lines: int

    @property
    def gap(self) -> int:
        """What is free between two words, in pixels."""
        return round(GAP * self.pixels)

    def base(self, line: int) -> float:
        """Return where a line's letters stand."""
        # A letter's body is about four fifths above its base line.
        return (AIR / 2 + LEADING * line + (LEADING - 1) / 2 + 0.8) * self.pixels


def strip_for(shown: Sequence[Shown], size: tuple[int, int]) -> Strip:
    """
    Return the strip of a film: of one line where there is room for all that is ever written in it, else of two.

    Args:
        size: Width and height of the film in pixels.
    """
    pixels = letters(PERCENT, min(size))
    font = opened_face(FACE, pixels)
    gap = round(GAP * pixels)
    words = max((sum(font.getlength(text) + gap for text in _words(each)) for each in shown), default=0.0)
    lines = 1 if 2 * gap + sum(_cells(pixels)) + words <= size[0] else 2
    height = 2 * round((lines * LEADING + AIR) * pixels / 2)
    return Strip(size[0], min(size[1], height), pixels, lines)


def burnt_in(shown: Sequence[Shown], strip: Strip, frames: int, film_rate: Fraction, rate: Fraction) -> Iterator[bytes]:
    """
    Yield the strips of a film, some frames at a time.

    Args:
        shown: What the film shows, each from its first frame on, in that order; the first is shown from the film's first frame on.
        frames: How many the film has at `rate`.
        film_rate: That in whose frames `shown` is told.
        rate: That in which the timecode counts.
    """
    signs = {sign: _sign(sign, strip) for sign in (*FIGURES, ":")}
    cells = _cells(strip.pixels)
    ground, number = _written(None, strip), -1
    several: list[bytes] = []
    for frame in range(frames):
        film_frame = frame_shown(frame, film_rate, rate)
        while number + 1 < len(shown) and shown[number + 1].first_frame <= film_frame:
            number += 1
            ground = _written(shown[number], strip)
        picture = ground.copy()
        left = strip.gap
        for sign, cell in zip(timecode(frame, rate), cells, strict=True):
            part = picture[: signs[sign].shape[0], left : left + cell]
            part[:] = signs[sign][:, : part.shape[1]]
            left += cell
        several.append(picture.tobytes())
        if len(several) == FRAMES_AT_ONCE or frame == frames - 1:
            yield b"".join(several)
            several.clear()


def _cells(pixels: int) -> list[int]:
    """Return how wide the place of each sign of a timecode is: that of figures the same for all of them, or it would dance."""
    font = opened_face(FACE, pixels)
    figure, colon = ceil(max(map(font.getlength, FIGURES))), ceil(font.getlength(":"))
    return [colon if sign == ":" else figure for sign in "00:00:00:00"]


def _words(shown: Shown) -> list[str]:
    return [words for text in (shown.what, shown.source) if (words := divided(text)[0].strip())]


def _written(shown: Shown | None, strip: Strip) -> Grey:
    """Return the strip with all but the timecode."""
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.new("L", (strip.width, strip.height), GROUND)
    pen = ImageDraw.Draw(picture)
    font = opened_face(FACE, strip.pixels)
    x, line = strip.gap * 2 + sum(_cells(strip.pixels)), 0
    for number, words in enumerate([] if shown is None else _words(shown)):
        if number and strip.lines > 1:
            x, line = strip.gap, 1
        short = _shortened(words, strip.width - strip.gap - x, strip.pixels)
        pen.text((x, strip.base(line)), short, font=font, fill=INK, anchor="ls")
        x += ceil(font.getlength(short)) + strip.gap
    return np.asarray(picture)


def _sign(sign: str, strip: Strip) -> Grey:
    """Return a sign of the timecode, in the middle of its place."""
    import numpy as np
    from PIL import Image, ImageDraw

    cell = _cells(strip.pixels)[2 if sign == ":" else 0]
    picture = Image.new("L", (cell, min(strip.height, round(LEADING * strip.pixels))), GROUND)
    font = opened_face(FACE, strip.pixels)
    ImageDraw.Draw(picture).text((cell / 2, strip.base(0)), sign, font=font, fill=INK, anchor="ms")
    return np.asarray(picture)


def _shortened(words: str, room: float, pixels: int) -> str:
    """Return words with as much of their middle left out as it takes for them to have room."""
    font = opened_face(FACE, pixels)
    if font.getlength(words) <= room:
        return words
    for letters_left in range(len(words) - 1, 0, -1):
        shorter = f"{words[: -(-letters_left // 2)]}…{words[len(words) - letters_left // 2 :]}"
        if font.getlength(shorter) <= room:
            return shorter
    return ""
