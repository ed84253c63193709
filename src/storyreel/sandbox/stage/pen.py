"""
The pen that figures are drawn with: its edges are smooth.

A figure is small, so it is drawn at a multiple of its size and then reduced; large areas are painted with `paint`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from PIL import Image, ImageChops

from storyreel.sandbox.stage.paint import Brush, Colour, Point, smooth, times


class Pen:
    """
    Draw a figure in units of its own: x and y count from the left upper corner, `unit` pixels each.

    The figure is drawn larger than it is shown, so that its edges come out smooth. `light` tints every colour. With
    `lift` all is drawn that much lower, to leave room above zero for what stands out of a figure.
    """

    def __init__(
        self,
        width: float,
        height: float,
        unit: float,
        light: tuple[float, float, float] = (1.0, 1.0, 1.0),
        *,
        finer: int = 3,
        lift: float = 0.0,
    ) -> None:
        self.lift = lift
        self.size = (max(2, round(width * unit)), max(2, round(height * unit)))
        self.size = (self.size[0] + self.size[0] % 2, self.size[1] + self.size[1] % 2)
        self.finer = finer
        self.scale = unit * finer
        self.light = light
        self._canvas = Image.new("RGBA", (self.size[0] * finer, self.size[1] * finer))
        self._draw = Brush(self._canvas)

    def _ink(self, colour: Colour, alpha: int, lit: bool) -> tuple[int, int, int, int]:
        return (*(times(colour, self.light) if lit else colour), alpha)

    def _at(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.scale, (y + self.lift) * self.scale) for x, y in points]

    def shape(
        self,
        points: Sequence[Point],
        colour: Colour,
        *,
        soft: bool = False,
        alpha: int = 255,
        lit: bool = True,
        inside: bool = True,
    ) -> None:
        """Fill a polygon; `soft` rounds it through its points. With `alpha` it is a veil over what is there."""
        path = self._at(smooth(points) if soft else points)
        if alpha == 255:
            self._draw.polygon(path, fill=self._ink(colour, alpha, lit))
            return
        left, top = max(0, math.floor(min(x for x, _ in path))), max(0, math.floor(min(y for _, y in path)))
        right = min(self._canvas.width, math.ceil(max(x for x, _ in path)) + 1)
        low = min(self._canvas.height, math.ceil(max(y for _, y in path)) + 1)
        if right <= left or low <= top:
            return
        veil = Image.new("RGBA", (right - left, low - top), (*self._ink(colour, 0, lit)[:3], 0))
        Brush(veil).polygon([(x - left, y - top) for x, y in path], fill=self._ink(colour, alpha, lit))
        if inside:
            under = self._canvas.getchannel("A").crop((left, top, right, low))
            veil.putalpha(ImageChops.multiply(veil.getchannel("A"), under))
        self._canvas.alpha_composite(veil, (left, top))

    def disc(
        self,
        x: float,
        y: float,
        rx: float,
        colour: Colour,
        ry: float | None = None,
        *,
        alpha: int = 255,
        lit: bool = True,
    ) -> None:
        """Fill an ellipse around x, y."""
        ry = rx if ry is None else ry
        y += self.lift
        s = self.scale
        self._draw.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill=self._ink(colour, alpha, lit))

    def ring(self, x: float, y: float, r: float, colour: Colour, thick: float, *, lit: bool = True) -> None:
        """Draw a circle."""
        y += self.lift
        s = self.scale
        box = ((x - r) * s, (y - r) * s, (x + r) * s, (y + r) * s)
        self._draw.ellipse(box, outline=self._ink(colour, 255, lit), width=max(1, round(thick * s)))

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: Colour,
        *,
        round_by: float = 0,
        alpha: int = 255,
        lit: bool = True,
    ) -> None:
        """Fill a rectangle."""
        y += self.lift
        s = self.scale
        area = (x * s, y * s, (x + w) * s - 1, (y + h) * s - 1)
        if area[2] < area[0] or area[3] < area[1]:
            return
        self._draw.rounded_rectangle(area, radius=round_by * s, fill=self._ink(colour, alpha, lit))

    def line(
        self,
        points: Sequence[Point],
        colour: Colour,
        thick: float,
        *,
        soft: bool = False,
        alpha: int = 255,
        lit: bool = True,
    ) -> None:
        """Draw a line with round ends and joints."""
        ink = self._ink(colour, alpha, lit)
        path = self._at(smooth(points, closed=False) if soft else points)
        wide = max(1, round(thick * self.scale))
        self._draw.line(path, fill=ink, width=wide, joint="curve")
        r = wide / 2
        if r > 1:
            for x, y in (path[0], path[-1], *(() if soft else path[1:-1])):
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)

    def limb(self, points: Sequence[Point], colour: Colour, thick: Sequence[float]) -> None:
        """Draw a tapering limb: each joint has a thickness of its own."""
        for (a, b), (ta, tb) in zip(pairwise(points), pairwise(thick), strict=True):
            length = math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0
            nx, ny = -(b[1] - a[1]) / length / 2, (b[0] - a[0]) / length / 2
            self.shape(
                [
                    (a[0] + nx * ta, a[1] + ny * ta),
                    (b[0] + nx * tb, b[1] + ny * tb),
                    (b[0] - nx * tb, b[1] - ny * tb),
                    (a[0] - nx * ta, a[1] - ny * ta),
                ],
                colour,
            )
        for (x, y), t in zip(points, thick, strict=True):
            self.disc(x, y, t / 2, colour)

    def done(self) -> Image.Image:
        """Return the figure in RGBA at its own size."""
        return self._canvas.reduce(self.finer) if self.finer > 1 else self._canvas
