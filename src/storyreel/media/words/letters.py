"""
Where the lines of a text stand on a picture, and the letters themselves as light on dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.fonts.face import begins_right, opened_face
from storyreel.fonts.typeset import SAFE, Setting
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
    width, height = size
    font = opened_face(setting.face, setting.pixels)
    left, top = width * (1 - SAFE) / 2, height * (1 - SAFE) / 2
    match place:
        case "top":
            begins = top
        case "bottom":
            begins = height - top - setting.height
        case "center":
            begins = (height - setting.height) / 2
        case "lower-third":
            # The block stands in the middle of the lower third, and goes up where it is higher.
            begins = min(height * 5 / 6 - setting.height / 2, height - top - setting.height)
    places = []
    for number, line in enumerate(setting.lines):
        free = width - font.getlength(line)
        x = free / 2
        if place == "lower-third":
            x = free - left if begins_right(" ".join(setting.lines)) else left
        # A letter's body is about four fifths above its base line.
        places.append((x, begins + number * setting.leading + 0.8 * setting.pixels))
    return places
