"""
Draw a card: words on a colour or a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.fonts import FACE
from storyreel.fonts.typeset import Setting, letters, typeset_to_fit
from storyreel.media.words.ground import framed
from storyreel.media.words.letters import inked
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
    from PIL import Image, ImageChops, ImageFilter

    mask = inked(setting, place, picture.size)
    if shadow:
        reach = max(1.0, SHADOW * setting.pixels)
        dark = mask.filter(ImageFilter.GaussianBlur(reach)).point(lambda light: min(255, light * 2))
        dark = ImageChops.multiply(dark, Image.new("L", dark.size, 190))
        picture.paste("black", (0, 0, *picture.size), dark)
    picture.paste(color, (0, 0, *picture.size), mask)
