"""
Draw a card: words on a colour or a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.fonts import FACE
from storyreel.fonts.face import begins_right, opened_face
from storyreel.fonts.typeset import SAFE, Setting, letters, typeset_to_fit
from storyreel.media.words.ground import framed
from storyreel.model.drawn import PLAIN, Card, Framing, Place

if TYPE_CHECKING:
    from PIL.Image import Image

SHADOW = 0.09
"""How far the shadow reaches behind letters on a picture, in sizes of a letter."""


def draw_card(card: Card, size: tuple[int, int], ground: Image | None = None, framing: Framing = PLAIN) -> Image:
    """
    Draw a card.

    Words are in the safe area: in smaller letters than asked for where they would not be else.

    Args:
        card: What is written on it, in what.
        size: Width and height in pixels.
        ground: The picture that it is written on, in RGB; needed where its background is one.
        framing: How that picture fills the card.

    Returns:
        A picture in RGB.
    """
    from PIL import Image

    if ground is not None:
        drawn = framed(ground, size, framing)
    else:
        drawn = Image.new("RGB", size, card.background if isinstance(card.background, str) else "#000000")
    if card.text.strip():
        face = FACE if card.font is None else card.font.path
        setting = typeset_to_fit(card.text, face, letters(card.size, size[1]), size)
        _write(drawn, setting, card.place, card.color, shadow=ground is not None)
    return drawn


def _write(picture: Image, setting: Setting, place: Place, color: str, *, shadow: bool) -> None:
    """Write words on a picture, with a soft dark shadow or without."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    mask = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(mask)
    font = opened_face(setting.face, setting.pixels)
    for line, (x, y) in zip(setting.lines, _origins(setting, place, picture.size), strict=True):
        pen.text((x, y), line, font=font, fill=255, anchor="ls")
    if shadow:
        reach = max(1.0, SHADOW * setting.pixels)
        dark = mask.filter(ImageFilter.GaussianBlur(reach)).point(lambda light: min(255, light * 2))
        dark = ImageChops.multiply(dark, Image.new("L", dark.size, 190))
        picture.paste("black", (0, 0, *picture.size), dark)
    picture.paste(color, (0, 0, *picture.size), mask)


def _origins(setting: Setting, place: Place, size: tuple[int, int]) -> list[tuple[float, float]]:
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
    origins = []
    for number, line in enumerate(setting.lines):
        free = width - font.getlength(line)
        x = free / 2
        if place == "lower-third":
            x = free - left if begins_right(" ".join(setting.lines)) else left
        # A letter's body is about four fifths above its base line.
        origins.append((x, begins + number * setting.leading + 0.8 * setting.pixels))
    return origins
