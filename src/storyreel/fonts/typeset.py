"""
Set words for a picture: the lines that they are broken into, how large they come out, and whether they can be set at all.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

from storyreel.diagnostics.codes import Code
from storyreel.fonts import FACE
from storyreel.fonts.face import begins_right, can_join, first_lacking, is_joined, opened_face
from storyreel.fonts.lines import broken

SAFE = 0.9
"""How much of width and height words may take: the safe title area of SMPTE ST 2046-1 (2009)."""
LEADING = 1.25
"""From one line to the next, in sizes of a letter."""
LEAST_PIXELS = 6
LEAST_OF_WIDTH = 0.9
"""Of the width of words in one line that of their parts is at least so much: letters draw near to each other over a blank."""
MOST_QUOTED = 60
"""Signs of a word that a message has."""


@dataclass(frozen=True)
class Setting:
    """Words as they are set: lines from the top, in a face of `pixels`, each `leading` pixels below the other; what room they take."""

    lines: tuple[str, ...]
    face: Path
    pixels: int
    leading: float
    width: float
    height: float


@dataclass(frozen=True)
class Unset:
    """Why words cannot be set, and what to do. `character` is the one that a face lacks, where that is why."""

    code: Code
    message: str
    remedy: str
    character: str | None = None


def letters(percent: float, height: int) -> int:
    """Return the size of letters in pixels."""
    return max(LEAST_PIXELS, round(percent / 100 * height))


def typeset(text: str, face: Path, pixels: int, size: tuple[int, int]) -> Setting:
    """
    Set words in lines that are no wider than the safe area of a picture, but for a word that is wider by itself.

    Args:
        pixels: The size of its letters.
        size: Width and height of the picture.
    """
    width_of = cache(opened_face(face, pixels).getlength)
    lines = broken(unicodedata.normalize("NFC", text), SAFE * size[0], width_of)
    leading = pixels * LEADING
    width = max(map(width_of, lines))
    return Setting(tuple(lines), face, pixels, leading, width, leading * (len(lines) - 1) + pixels)


def fits(setting: Setting, size: tuple[int, int]) -> bool:
    """Whether words are within the safe area of a picture."""
    return setting.width <= SAFE * size[0] and setting.height <= SAFE * size[1]


def typeset_to_fit(text: str, face: Path, pixels: int, size: tuple[int, int]) -> Setting:
    """Set words as `typeset` does, in letters that are as much smaller as it takes for all of them to be in the safe area."""
    setting = typeset(text, face, pixels, size)
    while not fits(setting, size) and pixels > LEAST_PIXELS:
        pixels = _next_smaller(pixels)
        while pixels > LEAST_PIXELS and _is_surely_too_high(text, face, pixels, size):
            pixels = _next_smaller(pixels)
        setting = typeset(text, face, pixels, size)
    return setting


def _next_smaller(pixels: int) -> int:
    return max(LEAST_PIXELS, min(pixels - 1, round(pixels * 0.95)))


def _is_surely_too_high(text: str, face: Path, pixels: int, size: tuple[int, int]) -> bool:
    """Whether words take more lines than there is room for, however they are broken: which is known long before they are broken."""
    font = opened_face(face, pixels)
    blank, most = font.getlength(" "), SAFE * size[0]
    lines = 0
    for paragraph in unicodedata.normalize("NFC", text).split("\n"):
        whole = LEAST_OF_WIDTH * font.getlength(" ".join(paragraph.split()))
        # Between lines there is no blank.
        lines += max(1, ceil((whole + blank) / (most + blank)))
    return pixels * (LEADING * (lines - 1) + 1) > SAFE * size[1]


def standing_at(setting: Setting, place: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """
    Return where words stand on a picture: left, top, right and bottom, in pixels.

    Args:
        place: `top`, `bottom` and `center` are in the middle of the width; `lower-third` begins where its script does.
        size: Width and height of the picture.
    """
    width, height = size
    margin_x, margin_y = width * (1 - SAFE) / 2, height * (1 - SAFE) / 2
    left = (width - setting.width) / 2
    match place:
        case "top":
            top = margin_y
        case "bottom":
            top = height - margin_y - setting.height
        case "center":
            top = (height - setting.height) / 2
        case _:
            # The block stands in the middle of the lower third, and goes up where it is higher.
            top = min(height * 5 / 6 - setting.height / 2, height - margin_y - setting.height)
            left = width - setting.width - margin_x if begins_right(" ".join(setting.lines)) else margin_x
    return left, top, left + setting.width, top + setting.height


def unset(text: str, face: Path, percent: float, size: tuple[int, int]) -> Unset | None:
    """
    Return why words cannot be set on a picture; None where they can.

    Args:
        percent: The size of its letters, in percent of the picture's height.
    """
    if (wrong := unwritable(text, face)) is not None:
        return wrong
    pixels = letters(percent, size[1])
    setting = typeset(text, face, pixels, size)
    font = opened_face(face, pixels)
    wide = next((line for line in setting.lines if font.getlength(line) > SAFE * size[0]), None)
    if wide is not None:
        called = wide if len(wide) <= MOST_QUOTED else f"{wide[: MOST_QUOTED - 1]}…"
        message = f"'{called}' is wider than the picture at size {percent:g}"
        return Unset("words-too-large", message, _smaller(text, face, pixels, percent, size))
    if not fits(setting, size):
        message = (
            f"these words take {len(setting.lines)} lines, and that is higher than the picture at size {percent:g}"
        )
        return Unset("words-too-large", message, _smaller(text, face, pixels, percent, size))
    return None


def unwritable(text: str, face: Path) -> Unset | None:
    """Return why words cannot be written in a face, however large; None where they can."""
    lacking = first_lacking(text, face)
    if lacking is not None:
        name = unicodedata.name(lacking, "a character without a name")
        font_name = "the package's own font" if face == FACE else f"the font {face.name}"
        message = f"{font_name} has no sign for '{lacking}' (U+{ord(lacking):04X}, {name.lower()})"
        return Unset(
            "missing-glyph",
            message,
            "name a font that has it, a file beside the storyboard: font: fonts/....ttf",
            lacking,
        )
    if is_joined(text) and not can_join():
        message = "these letters are joined or written from right to left, and this machine has nothing that does so"
        return Unset("joined-letters", message, "install FriBiDi (Debian: libfribidi0, Homebrew: fribidi)")
    return None


def _smaller(text: str, face: Path, pixels: int, percent: float, size: tuple[int, int]) -> str:
    setting = typeset_to_fit(text, face, pixels, size)
    fitting = int(10 * percent * setting.pixels / pixels) / 10
    possible = fits(setting, size) and fitting > 0
    return f"write size: {fitting:g}, or fewer words" if possible else "write fewer words"
