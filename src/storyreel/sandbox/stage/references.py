"""
Show the reference pictures of a request in its clip: framed prints that hang before the scene, each with its number.

Each print is large enough for its picture to be told at a glance, with one reference as with many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.caption import face
from storyreel.sandbox.stage.paint import Brush

PAPER = (248, 244, 234, 255)


def opened(picture: Path) -> Image.Image:
    """Return the picture upright, in RGB, with transparency laid on paper."""
    with Image.open(picture) as image:
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            seen = upright.convert("RGBA")
            paper = Image.new("RGBA", seen.size, PAPER)
            return Image.alpha_composite(paper, seen).convert("RGB")
        return upright.convert("RGB")


def _rows(count: int, wide: bool) -> list[int]:
    rows = 1 if count <= (4 if wide else 1) else 2 if count <= (16 if wide else 4) else 3
    if not wide:
        rows = max(rows, math.ceil(count / 3))
    return [count // rows + (k < count % rows) for k in range(rows)]


def _print(picture: Image.Image, number: int, width: int, height: int) -> Image.Image:
    mat = max(2, round(min(width, height) * 0.035))
    foot = max(mat, round(min(width, height) * 0.09))
    shadow = max(2, mat)
    seen = ImageOps.fit(picture, (width - 2 * mat, height - mat - foot), Image.Resampling.BILINEAR)
    card = Image.new("RGBA", (width + 2 * shadow, height + 2 * shadow), (0, 0, 0, 0))
    Brush(card).rectangle((shadow, 2 * shadow, width + shadow, height + 2 * shadow - 2), fill=(0, 0, 0, 110))
    card = card.filter(ImageFilter.BoxBlur(shadow * 0.6))
    draw = Brush(card)
    draw.rectangle((shadow, shadow, shadow + width - 1, shadow + height - 1), fill=PAPER)
    card.paste(seen, (shadow + mat, shadow + mat))
    size = max(7, round(foot * 0.72))
    draw.text(
        (shadow + width - mat, shadow + height - foot / 2),
        str(number),
        font=face(size),
        fill=(96, 92, 84, 255),
        anchor="rm",
    )
    return card


def hang(references: Sequence[Path], width: int, height: int) -> list[Layer]:
    """
    Return the references as prints for a frame of this size, the first left and above.

    A few of them hang in one row over the upper part of the scene; many cover most of the frame.
    """
    if not references:
        return []
    rows = _rows(len(references), width >= height)
    layers: list[Layer] = []
    top, bottom = height * 0.05, height * (0.58 if len(references) <= 4 else 0.88)
    gap = min(width, height) * (0.03 if len(references) <= 4 else 0.015)
    row_high = (bottom - top - gap * (len(rows) - 1)) / len(rows)
    number = 0
    for row, in_row in enumerate(rows):
        wide = min((width * 0.97 - gap * (in_row - 1)) / in_row, row_high * 0.92)
        high = min(row_high, wide * (1.25 if len(references) <= 4 else 1.7))
        left = (width - wide * in_row - gap * (in_row - 1)) / 2
        for column in range(in_row):
            card = _print(opened(references[number]), number, round(wide), round(high))
            y = top + row * (row_high + gap) + (row_high - high) / 2
            sway = Track(y, swing=height * 0.006, period=96 + 14 * (number % 3))
            layers.append(Layer(card, Track(left + column * (wide + gap)), sway))
            number += 1
    return layers
