"""
Draw words that are laid over a picture, whatever it shows: letters with an outline and a soft shadow, and nothing round them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.fonts import FACE
from storyreel.fonts.typeset import SAFE, letters, typeset_to_fit
from storyreel.media.words.letters import inked
from storyreel.model.words import Lettering

if TYPE_CHECKING:
    from PIL.Image import Image

OUTLINE, SHADOW = 0.045, 0.10
"""How far the outline and the shadow reach beyond letters, in sizes of a letter."""
SHADOW_STRENGTH = 0.6
"""How dark the shadow is where it is darkest."""
DARK = 90
"""Letters that are darker than this, of 255, have a light outline."""


@dataclass(frozen=True)
class Inlay:
    """A picture in RGBA that is laid over another one with its upper left corner at `x` and `y`, which are even."""

    picture: Image
    x: int
    y: int


def draw_lettering(words: Lettering, size: tuple[int, int], fonts: Mapping[str, Path]) -> Inlay:
    """
    Draw words as they are laid over a picture.

    They are in the safe area: in smaller letters than asked for where they would not be else, and moved a little where the feet of
    letters are longer than most. Where others are in their way they stand above these.

    Args:
        words: What is written, where, in what.
        size: Width and height of the picture in pixels; both are even.
        fonts: The file of each font, by its content.
    """
    from PIL import Image, ImageColor, ImageFilter

    face = FACE if words.font is None else fonts[words.font]
    setting = typeset_to_fit(words.text, face, letters(words.size, size[1]), size)
    ink = inked(setting, words.place, size)
    edge = inked(setting, words.place, size, stroke=max(1, round(OUTLINE * setting.pixels)))
    shade = edge.filter(ImageFilter.GaussianBlur(max(1.0, SHADOW * setting.pixels)))
    ground = ImageColor.getrgb("white" if _light(words.color) < DARK else "black")
    # What cannot be seen has the colour of the outline, too: colours are stored for four pixels together.
    laid = Image.new("RGBA", size, (*ground, 0))
    for colour, mask in (
        (ground, shade.point(lambda light: min(255, round(2 * light * SHADOW_STRENGTH)))),
        (ground, edge),
        (ImageColor.getrgb(words.color)[:3], ink),
    ):
        layer = Image.new("RGB", size, colour)
        layer.putalpha(mask)
        laid = Image.alpha_composite(laid, layer)
    left, top, right, bottom = laid.getchannel("A").getbbox() or (0, 0, 2, 2)
    left, top, right, bottom = left // 2 * 2, top // 2 * 2, -(-right // 2) * 2, -(-bottom // 2) * 2
    x, y = _inward(ink.getbbox(), size)
    picture = laid.crop((left, top, right, bottom))
    lowest = min((draw_lettering(each, size, fonts).y for each in words.above), default=size[1])
    return Inlay(picture, max(0, left + x), max(0, min(top + y, lowest - picture.height)))


def _inward(ink: tuple[int, int, int, int] | None, size: tuple[int, int]) -> tuple[int, int]:
    """Return how far letters are to be moved, to the right and down, to be in the safe area: even numbers of pixels."""
    if ink is None:
        return 0, 0
    moves = []
    for first, end, length in ((ink[0], ink[2], size[0]), (ink[1], ink[3], size[1])):
        margin = length * (1 - SAFE) / 2
        before, behind = max(0.0, margin - first), max(0.0, end - (length - margin))
        # What is longer than the safe area stands as it is.
        moves.append(2 * ceil(before / 2) - 2 * ceil(behind / 2) if not (before and behind) else 0)
    return moves[0], moves[1]


def _light(color: str) -> float:
    """Return how light a colour is, from 0 to 255; ITU-R BT.709, without its curve."""
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(color)[:3]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
