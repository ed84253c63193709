"""
Pictures that carry a number, and eyes for it: nine boxes on blue, the first one white, the others the number's bits.

Whatever becomes of such a picture - bars, another size, another codec - its number, its place and its colours can be read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GROUND = (60, 140, 210)
"""A blue whose light is that of mid grey."""
WHITE, BLACK = 235, 16
BITS = 8
INNER = 0.1
"""The part of the picture's width and height that is blue on each side; the boxes' cells share what is between."""
BOX = 0.64
"""The part of its cell that a box takes, in both directions."""

Pixels = NDArray[np.uint8]
"""Rows of pixels of red, green and blue."""
Colour = tuple[float, ...]


def draw(number: int, width: int, height: int) -> Pixels:
    """Return a picture that carries a number of eight bits."""
    pixels = np.full((height, width, 3), GROUND, np.uint8)
    for place, (left, top, right, low) in enumerate(_boxes((0, 0, width, height))):
        lit = place == 0 or number >> (BITS - place) & 1
        pixels[top:low, left:right] = WHITE if lit else BLACK
    return pixels


def picture(number: int, width: int = 320, height: int = 180) -> Image.Image:
    """Return such a picture for Pillow."""
    return Image.fromarray(draw(number, width, height))


@dataclass(frozen=True)
class Seen:
    """
    What is read of a picture: its number, None where its boxes are neither dark nor light, the colour of its ground, and the
    light of its white box.
    """

    number: int | None
    ground: Colour
    white: float

    def like(self, other: Seen, within: float) -> bool:
        """Whether the colours are those of another picture."""
        return alike(self.ground, other.ground, within) and abs(self.white - other.white) <= within


def alike(one: Colour, other: Colour, within: float) -> bool:
    """Whether two colours are the same but for so much in each of red, green and blue."""
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def read(pixels: Pixels, shown: tuple[int, int]) -> Seen:
    """
    Read a picture of which another one, of the size `shown`, is to fill as much as it can.

    A picture that is turned, mirrored, cut off or stretched lacks the white box where it should be, or has another number.
    """
    high, wide = pixels.shape[:2]
    scale = min(wide / shown[0], high / shown[1])
    width, height = shown[0] * scale, shown[1] * scale
    area = ((wide - width) / 2, (high - height) / 2, (wide + width) / 2, (high + height) / 2)
    means = [sum(_mean(pixels, box)) / 3 for box in _boxes(area, inside=0.5)]
    left, top, right, low = area
    edge = INNER * (right - left)
    middle = (top + low) / 2
    ground = _mean(pixels, (left + 0.3 * edge, middle - height / 10, left + 0.8 * edge, middle + height / 10))
    bits = [None if 85 < mean < 160 else mean > 120 for mean in means]
    if None in bits or not bits[0]:
        return Seen(None, ground, means[0])
    return Seen(sum(1 << (BITS - place) for place in range(1, BITS + 1) if bits[place]), ground, means[0])


def _boxes(area: tuple[float, float, float, float], inside: float = 1.0) -> list[tuple[int, int, int, int]]:
    """Return the nine boxes of a picture that lies in this area, row by row; `inside` is the part of each that is wanted."""
    left, top, right, low = area
    width, height = right - left, low - top
    cell_w, cell_h = width * (1 - 2 * INNER) / 3, height * (1 - 2 * INNER) / 3
    found = []
    for row in range(3):
        for column in range(3):
            x = left + INNER * width + (column + 0.5) * cell_w
            y = top + INNER * height + (row + 0.5) * cell_h
            w, h = cell_w * BOX * inside / 2, cell_h * BOX * inside / 2
            found.append((round(x - w), round(y - h), round(x + w), round(y + h)))
    return found


def _mean(pixels: Pixels, box: tuple[float, float, float, float]) -> Colour:
    left, top, right, low = (round(edge) for edge in box)
    return tuple(map(float, pixels[top : max(low, top + 1), left : max(right, left + 1)].mean(axis=(0, 1))))
