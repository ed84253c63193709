"""
Draw what grows: firs, leafy trees, palms.
"""

from __future__ import annotations

import math
import random

from PIL import Image

from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Colour, shade, times
from storyreel.sandbox.stage.pen import Pen


def pine(air: Air, tall: float, rng: random.Random, colour: Colour, *, snow: bool = False) -> Image.Image:
    """Paint a fir of this colour (already lit)."""
    pen = Pen(0.56, 1.02, tall, finer=2)
    pen.box(0.26, 0.86, 0.04, 0.16, shade(colour, -0.4))
    tiers = 5
    for k in range(tiers):
        top = 0.0 + k * 0.155
        low = top + 0.27
        w = 0.085 + 0.045 * k + rng.uniform(-0.01, 0.01)
        pen.shape(
            [
                (0.28, top),
                (0.28 + w, low),
                (0.28 + w * 0.45, low - 0.025),
                (0.28, low + 0.012),
                (0.28 - w * 0.45, low - 0.025),
                (0.28 - w, low),
            ],
            shade(colour, 0.06 * (tiers - k) / tiers),
        )
        pen.shape(
            [(0.28, top), (0.28, low + 0.012), (0.28 - w * 0.45, low - 0.025), (0.28 - w, low)], shade(colour, -0.16)
        )
        if snow:
            pen.shape(
                [
                    (0.28, top - 0.002),
                    (0.28 + w * 0.62, low - 0.07),
                    (0.28 + w * 0.2, low - 0.10),
                    (0.28, low - 0.07),
                    (0.28 - w * 0.3, low - 0.10),
                    (0.28 - w * 0.6, low - 0.07),
                ],
                times((244, 248, 252), air.tint),
            )
    return pen.done()


def tree(air: Air, tall: float, rng: random.Random, leaf: Colour) -> Image.Image:
    """Paint a leafy tree; the leaf's colour is tinted by the light."""
    pen = Pen(0.9, 1.02, tall, air.tint, finer=2)
    bark = (92, 68, 54)
    pen.limb([(0.45, 1.02), (0.445, 0.7), (0.46, 0.45)], bark, [0.085, 0.06, 0.035])
    pen.limb([(0.45, 0.72), (0.32, 0.5)], bark, [0.035, 0.02])
    pen.limb([(0.45, 0.68), (0.6, 0.48)], bark, [0.035, 0.02])
    blobs = [
        (0.45, 0.2, 0.19),
        (0.28, 0.34, 0.17),
        (0.63, 0.33, 0.17),
        (0.45, 0.40, 0.2),
        (0.22, 0.48, 0.12),
        (0.69, 0.48, 0.12),
    ]
    for x, y, r in blobs:
        pen.disc(x + rng.uniform(-0.02, 0.02), y + 0.025, r, shade(leaf, -0.24), r * 0.92)
    for x, y, r in blobs:
        pen.disc(x + 0.018, y - 0.01, r * 0.9, leaf, r * 0.82)
    for x, y, r in blobs[:4]:
        pen.disc(x + 0.05, y - 0.05, r * 0.55, shade(leaf, 0.16), r * 0.48)
    return pen.done()


def palm(air: Air, tall: float, rng: random.Random) -> Image.Image:
    """Paint a palm."""
    pen = Pen(1.0, 1.02, tall, air.tint, finer=2)
    bend = rng.uniform(-0.12, 0.12)
    top = (0.5 + bend, 0.38)
    pen.limb([(0.46, 1.02), (0.47 + bend * 0.3, 0.65), top], (122, 92, 66), [0.06, 0.045, 0.032])
    for k, a in enumerate((-2.9, -2.4, -1.9, -1.2, -0.7, -0.2, 0.25, 2.85)):
        reach = 0.37
        mid = (top[0] + reach * 0.55 * math.cos(a), top[1] + reach * 0.55 * math.sin(a) - 0.06)
        tip = (top[0] + reach * math.cos(a), top[1] + reach * math.sin(a) + 0.13)
        leaf = shade((58, 128, 78), -0.25 if k % 2 else 0.0)
        pen.shape([top, (mid[0], mid[1] - 0.035), tip, (mid[0], mid[1] + 0.045)], leaf, soft=True)
    for dx in (-0.025, 0.025):
        pen.disc(top[0] + dx, top[1] + 0.02, 0.026, (110, 74, 46))
    return pen.done()
