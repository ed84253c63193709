"""
A small paint box over Pillow: colours, gradients, glows, ridges, and how one picture is laid over another.

All of it paints large areas at their own size, from few strokes; figures are drawn with `pen`. All colours are RGB from
0 to 255.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """Return the colour that lies from a to b by t."""
    return (round(a[0] + (b[0] - a[0]) * t), round(a[1] + (b[1] - a[1]) * t), round(a[2] + (b[2] - a[2]) * t))


def shade(colour: Colour, by: float) -> Colour:
    """Return a colour lighter (by > 0, towards white) or darker (by < 0, towards black)."""
    return mix(colour, (255, 255, 255), by) if by > 0 else mix(colour, (0, 0, 0), -by)


def times(colour: Colour, tint: tuple[float, float, float]) -> Colour:
    """Return a colour under a light of this tint."""
    return (
        min(255, round(colour[0] * tint[0])),
        min(255, round(colour[1] * tint[1])),
        min(255, round(colour[2] * tint[2])),
    )


def gradient(width: int, height: int, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """Return a vertical gradient in RGB. `stops` are (place from 0 at the top to 1, colour), in order."""
    height = max(1, height)
    pixels = bytearray()
    for y in range(height):
        at = y / max(1, height - 1)
        below = next((k for k, (place, _) in enumerate(stops) if place >= at), len(stops) - 1)
        (a, low), (b, high) = stops[max(0, below - 1)], stops[below]
        pixels += bytes(mix(low, high, min(1.0, max(0.0, (at - a) / (b - a))) if b > a else 1.0))
    return Image.frombytes("RGB", (1, height), bytes(pixels)).resize((width, height), Image.Resampling.NEAREST)


@lru_cache(maxsize=128)
def _falloff(power: float, strength: int) -> Image.Image:
    # Pillow's radial gradient is 0 in the middle and 255 at the rim of the circle.
    fall = [min(255, round(255 * max(0.0, 1 - v / 255 * 1.42) ** power * strength / 24)) for v in range(256)]
    return Image.radial_gradient("L").point(fall)


def glow(radius: float, colour: Colour, strength: float = 1.0, power: float = 2.0) -> Image.Image:
    """Return a round glow in RGBA, `2 * radius` wide. It may be shared: do not paint on it."""
    return _glow(max(2, 2 * round(radius)), colour, round(strength * 24), power)


@lru_cache(maxsize=1024)
def _glow(size: int, colour: Colour, strength: int, power: float) -> Image.Image:
    mask = _falloff(power, strength).resize((size, size), Image.Resampling.BILINEAR)
    light = Image.new("RGBA", (size, size), colour)
    light.putalpha(mask)
    return light


def lay(picture: Image.Image, over: Image.Image, x: float, y: float) -> None:
    """Lay one RGBA picture over another at this corner, in place; parts outside are lost."""
    left, top = round(x), round(y)
    box = (
        max(0, -left),
        max(0, -top),
        min(over.width, picture.width + left) - left,
        min(over.height, picture.height + top) - top,
    )
    box = (box[0], box[1], min(over.width - left, picture.width), min(over.height - top, picture.height))
    if box[2] <= box[0] or box[3] <= box[1]:
        return
    piece = picture if box == (0, 0, *picture.size) else picture.crop(box)
    if over.mode == "RGB":
        over.paste(piece, (left + box[0], top + box[1]), piece)
    else:
        over.alpha_composite(piece, (left + box[0], top + box[1]))


def stencil(mask: Image.Image, fill: Image.Image | Colour) -> Image.Image:
    """Return an RGBA picture of this fill, cut out by a mask in L."""
    picture = Image.new("RGB", mask.size, fill) if isinstance(fill, tuple) else fill.copy()
    picture.putalpha(mask)
    return picture


class Brush(ImageDraw.ImageDraw):
    """Pillow's drawing, except that a box too small to have an inside is left out where Pillow would refuse it."""

    def rectangle(self, xy: Any, fill: Any = None, outline: Any = None, width: float = 1) -> None:
        """Draw a rectangle from left, top to right, low."""
        if xy[2] >= xy[0] and xy[3] >= xy[1]:
            super().rectangle(xy, fill, outline, round(width))

    def rounded_rectangle(
        self,
        xy: Any,
        radius: float = 0,
        fill: Any = None,
        outline: Any = None,
        width: float = 1,
        *,
        corners: Any = None,
    ) -> None:
        """Draw a rectangle with round corners."""
        if xy[2] >= xy[0] and xy[3] >= xy[1]:
            super().rounded_rectangle(xy, radius, fill, outline, round(width), corners=corners)

    def ellipse(self, xy: Any, fill: Any = None, outline: Any = None, width: float = 1) -> None:
        """Draw an ellipse in the box left, top, right, low."""
        if xy[2] >= xy[0] and xy[3] >= xy[1]:
            super().ellipse(xy, fill, outline, round(width))


@contextmanager
def veiled(picture: Image.Image) -> Iterator[Brush]:
    """Draw on an RGBA picture so that half-transparent ink tints what is there; its outline stays what it was."""
    alpha, colours = picture.getchannel("A"), picture.convert("RGB")
    yield Brush(colours, "RGBA")
    picture.paste(colours)
    picture.putalpha(alpha)


def silhouette(width: int, height: int, outline: Sequence[Point], stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """
    Return the ground below an outline, filled with a vertical gradient.

    Args:
        width, height: In pixels.
        outline: Points from left to right; the ground reaches from them to the lower edge.
        stops: As `gradient` takes them.
    """
    mask = Image.new("L", (width, 2 * height))
    points = [(x, 2 * y) for x, y in outline] + [(width + 2, 2 * height), (-2, 2 * height)]
    Brush(mask).polygon(points, fill=255)
    return stencil(mask.resize((width, height), Image.Resampling.BOX), gradient(width, height, stops))


def hills(
    width: int,
    height: int,
    rng: random.Random,
    *,
    roll: float,
    rough: float = 0.0,
    step: float = 6.0,
    top: float = 0.05,
) -> list[Point]:
    """
    Return the outline of a landscape from left to right.

    Args:
        width, height: Of the field that it fills, in pixels; the outline keeps off the upper `top` of it.
        rng: Where chance comes from.
        roll: Length of the longest waves, in pixels.
        rough: 0 for dunes to 1 for rocks.
        step: Distance between two points, in pixels.
        top: Part of the height.
    """
    waves = []
    length, reach = roll, 1.0
    while length > 3 * step and reach > 0.02:
        waves.append((2 * math.pi / length, rng.uniform(0, 6.283), reach))
        length, reach = length * rng.uniform(0.42, 0.56), reach * (0.36 + 0.22 * rough)
    whole = sum(w[2] for w in waves) or 1.0
    count = math.ceil((width + 4 * step) / step)
    points = []
    for k in range(count + 1):
        x = k * step - 2 * step
        v = 0.0
        for f, p, a in waves:
            s = math.sin(f * x + p)
            v += a * (s + rough * (abs(math.sin(f * x * 0.5 + p)) * 1.6 - 1.0) * 0.8)
        v = 0.5 + 0.5 * max(-1.0, min(1.0, v / whole * 1.25))
        points.append((x, height * (top + (1 - top) * 0.86 * (1 - v))))
    return points


def peaks(
    width: int, height: int, rng: random.Random, *, spacing: float, rough: float = 0.5
) -> tuple[list[Point], list[Point]]:
    """Return the outline of a mountain range, unequal and broken, and its summits. Arguments as for `hills`."""
    x, points, summits = -spacing, [], []
    while x < width + spacing:
        points.append((x, height * rng.uniform(0.58, 0.9)))
        summits.append((x + spacing * rng.uniform(0.35, 0.65), height * rng.uniform(0.05, 0.46)))
        points.append(summits[-1])
        x += spacing * rng.uniform(0.75, 1.3)
    points.append((x, height * 0.8))
    for _ in range(4):
        finer: list[Point] = []
        for (ax, ay), (bx, by) in pairwise(points):
            span = bx - ax
            mid = (
                (ax + bx) / 2 + rng.uniform(-0.1, 0.1) * span,
                (ay + by) / 2 + rng.uniform(-0.17, 0.17) * rough * abs(span),
            )
            finer += [(ax, ay), mid]
        points = [*finer, points[-1]]
    return points, summits


def smooth(points: Sequence[Point], pieces: int = 6, *, closed: bool = True) -> list[Point]:
    """Return a soft curve through these points (Catmull-Rom)."""
    count = len(points)
    curve: list[Point] = []
    for k in range(count if closed else count - 1):
        p0, p1, p2, p3 = (
            (points[(k + j) % count] for j in (-1, 0, 1, 2))
            if closed
            else (points[min(max(k + j, 0), count - 1)] for j in (-1, 0, 1, 2))
        )
        for i in range(pieces):
            t = i / pieces
            curve.append(
                (
                    0.5
                    * (
                        2 * p1[0]
                        + (p2[0] - p0[0]) * t
                        + (2 * p0[0] - 5 * p1[0] + 4 * p2[0] - p3[0]) * t * t
                        + (3 * p1[0] - p0[0] - 3 * p2[0] + p3[0]) * t**3
                    ),
                    0.5
                    * (
                        2 * p1[1]
                        + (p2[1] - p0[1]) * t
                        + (2 * p0[1] - 5 * p1[1] + 4 * p2[1] - p3[1]) * t * t
                        + (3 * p1[1] - p0[1] - 3 * p2[1] + p3[1]) * t**3
                    ),
                )
            )
    if not closed:
        curve.append(points[-1])
    return curve


def rimmed(figure: Image.Image, light: Colour, strength: float, dx: int, dy: int) -> Image.Image:
    """Return a figure with a rim of light on the side that is turned to (-dx, -dy)."""
    if strength <= 0:
        return figure
    alpha = figure.getchannel("A")
    rim = ImageChops.subtract(alpha, ImageChops.offset(alpha, dx, dy)).point([round(v * strength) for v in range(256)])
    edge = Image.new("RGB", figure.size, light)
    lit = Image.composite(edge, figure.convert("RGB"), rim)
    lit.putalpha(alpha)
    return lit


def strip(cells: Sequence[Image.Image]) -> Image.Image:
    """Return pictures of one size side by side."""
    width, height = cells[0].size
    row = Image.new("RGBA", (width * len(cells), height))
    for k, cell in enumerate(cells):
        row.paste(cell, (k * width, 0))
    return row
