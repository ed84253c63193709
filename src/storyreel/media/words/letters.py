"""
Where the lines of a text stand on a picture, and the letters themselves as light on dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.fonts.face import begins_right, opened_face
from storyreel.fonts.typeset import Setting, standing_at
from storyreel.model.drawn import Place

if TYPE_CHECKING:
    from PIL.Image import Image


def inked(setting: Setting, place: Place, size: tuple[int, int], *, stroke: float = 0.0) -> Image:
    """
    Return words as a picture of light: 255 where a letter is, 0 where none is.

    Args:
        size: Width and height in pixels.
        stroke: How many pixels each letter reaches beyond itself.
    """
    from PIL import Image, ImageDraw

    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    font = opened_face(setting.face, setting.pixels)
    for line, (x, y) in zip(setting.lines, origins(setting, place, size), strict=True):
        pen.text((x, y), line, font=font, fill=255, anchor="ls", stroke_width=stroke)
    return mask


def origins(setting: Setting, place: Place, size: tuple[int, int]) -> list[tuple[float, float]]:
    """Return where each line begins on its base line."""
    font = opened_face(setting.face, setting.pixels)
    left, top, right, _ = standing_at(setting, place, size)
    from_right = begins_right(" ".join(setting.lines))
    places = []
    for number, line in enumerate(setting.lines):
        x = (size[0] - font.getlength(line)) / 2
        if place == "lower-third":
            x = right - font.getlength(line) if from_right else left
        # A letter's body is about four fifths above its base line.
        places.append((x, top + number * setting.leading + 0.8 * setting.pixels))
    return places
