"""
Draw what stands for a scene that has no clip: its id, and why, on a ground that nobody takes for a card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyreel.fonts import FACE, divided
from storyreel.fonts.face import opened_face
from storyreel.fonts.typeset import SAFE, letters, typeset_to_fit
from storyreel.model.drawn import Placeholder

if TYPE_CHECKING:
    from PIL.Image import Image

GROUND, LINES, AMBER, WHITE, GREY = "#1b1d22", "#2e323b", "#e0a03c", "#f2f2ee", "#b4b9c2"
HEAD_PERCENT, NAME_PERCENT, WHY_PERCENT = 3.5, 10.0, 4.5
"""The size of letters, in percent of the shorter side."""
GAP = 0.8
"""What is free between two blocks of words, in sizes of a letter of the lower one."""


def draw_placeholder(what: Placeholder, size: tuple[int, int]) -> Image:
    """
    Draw a placeholder in RGB. It never fails for its words: a sign that the face lacks is left out.

    Args:
        size: Width and height in pixels.
    """
    from PIL import Image, ImageDraw

    width, height = size
    picture = Image.new("RGB", size, GROUND)
    pen = ImageDraw.Draw(picture)
    thick = max(1, min(size) // 240)
    left, top = round(width * (1 - SAFE) / 2), round(height * (1 - SAFE) / 2)
    corners = (left, top, width - 1 - left, height - 1 - top)
    pen.line((left, top, width - 1 - left, height - 1 - top), fill=LINES, width=thick)
    pen.line((left, height - 1 - top, width - 1 - left, top), fill=LINES, width=thick)
    pen.rectangle(corners, outline=AMBER, width=thick)
    room = (round(width * SAFE * SAFE), height // 3)
    blocks = [
        (typeset_to_fit(divided(text)[0], FACE, letters(percent, min(size)), room), colour)
        for text, percent, colour in (
            ("placeholder", HEAD_PERCENT, AMBER),
            (what.scene, NAME_PERCENT, WHITE),
            (what.why, WHY_PERCENT, GREY),
        )
        if text.strip()
    ]
    free = [GAP * setting.pixels if number else 0.0 for number, (setting, _) in enumerate(blocks)]
    y = (height - sum(free) - sum(setting.height for setting, _ in blocks)) / 2
    for (setting, colour), above in zip(blocks, free, strict=True):
        y += above
        font = opened_face(setting.face, setting.pixels)
        for number, line in enumerate(setting.lines):
            # A letter's body is about four fifths above its base line.
            base = y + number * setting.leading + 0.8 * setting.pixels
            pen.text((width / 2, base), line, font=font, fill=colour, anchor="ms")
        y += setting.height
    return picture
