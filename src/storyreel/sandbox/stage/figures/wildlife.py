"""
Draw what flies and what swims: flocks of birds, whales, shoals of fish.
"""

from __future__ import annotations

import math
import random

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.dress import Cast
from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Colour, rimmed, shade, strip
from storyreel.sandbox.stage.pen import Pen


def flock(air: Air, span: float, rng: random.Random, *, count: int = 6, colour: Colour = (250, 250, 248)) -> Cast:
    """Paint birds in loose order, beating their wings; `span` is the wing's span of the nearest, in pixels."""
    # Birds are seen against the sky: they keep some white where the light is dim.
    pale = (0.55 + 0.45 * air.tint[0], 0.55 + 0.45 * air.tint[1], 0.55 + 0.45 * air.tint[2])
    cells = 8
    wide, high = 5.2, 2.6
    birds = [
        (rng.uniform(0.6, wide - 0.6), rng.uniform(0.5, high - 0.5), rng.uniform(0.45, 1.0), rng.uniform(0, 6.28))
        for _ in range(count)
    ]
    drawn = []
    for k in range(cells):
        pen = Pen(wide, high, span, pale, finer=3)
        for x, y, size, start in birds:
            beat = math.sin(2 * math.pi * k / cells + start)
            s = size * 0.5
            tip = y - s * (0.10 + 0.52 * beat)
            bend = y - s * (0.28 + 0.14 * beat)
            for way in (-1, 1):
                pen.shape(
                    [
                        (x, y - 0.03 * s),
                        (x + way * s * 0.46, bend),
                        (x + way * s * 1.0, tip),
                        (x + way * s * 0.5, bend + 0.15 * s),
                        (x, y + 0.12 * s),
                    ],
                    shade(colour, 0.0 if way < 0 else -0.12),
                )
                pen.shape(
                    [
                        (x + way * s * 0.82, tip + (bend - tip) * 0.34),
                        (x + way * s, tip),
                        (x + way * s * 0.8, tip + (bend - tip) * 0.34 + 0.07 * s),
                    ],
                    (70, 74, 84),
                )
            pen.shape(
                [
                    (x - 0.36 * s, y + 0.05 * s),
                    (x - 0.05 * s, y - 0.09 * s),
                    (x + 0.30 * s, y - 0.06 * s),
                    (x + 0.42 * s, y),
                    (x + 0.28 * s, y + 0.08 * s),
                    (x - 0.1 * s, y + 0.13 * s),
                ],
                colour,
                soft=True,
            )
            pen.shape(
                [(x + 0.38 * s, y - 0.03 * s), (x + 0.5 * s, y + 0.02 * s), (x + 0.37 * s, y + 0.04 * s)],
                (240, 170, 60),
            )
        drawn.append(pen.done())
    return Cast(strip(drawn), cells, 2, high * span, wide * span / 2)


def whale(subject: Subject, air: Air, long: float) -> Cast:
    """Paint a whale's back with its spout, for the sea to cover the rest."""
    coat = subject.colour() or (58, 78, 104)
    cells = 6
    drawn = []
    for k in range(cells):
        pen = Pen(120, 62, long / 120, air.tint, finer=2)
        for j in range(5):
            rise = 10 + 3 * math.sin(k + j)
            for way in (-1, 1):
                pen.line(
                    [
                        (92, 34),
                        (92 + way * (2 + j * 1.6), 34 - rise - 6 + j * 2),
                        (92 + way * (5 + j * 2.6), 34 - rise + j * 4),
                    ],
                    (236, 244, 250),
                    1.6,
                    soft=True,
                    alpha=150,
                )
        pen.shape(
            [
                (2, 18),
                (10, 24),
                (18, 38),
                (34, 44),
                (60, 34),
                (88, 32),
                (108, 40),
                (116, 54),
                (110, 70),
                (20, 70),
                (22, 50),
                (8, 34),
                (-3, 30),
            ],
            coat,
            soft=True,
        )
        pen.shape([(2, 18), (10, 24), (12, 34), (4, 32), (-6, 26)], shade(coat, -0.2), soft=True)
        pen.shape([(60, 35), (70, 27), (73, 34)], coat, soft=True)
        pen.shape([(84, 62), (100, 54), (116, 56), (112, 70)], shade(coat, 0.5), soft=True)
        pen.disc(103, 48, 1.2, (16, 18, 22))
        drawn.append(rimmed(pen.done(), air.orb, 0.4, -1, 2))
    return Cast(strip(drawn), cells, 4, 58 * long / 120, long / 2)


def fish(subject: Subject | None, long: float, rng: random.Random, *, count: int = 9) -> Cast:
    """Paint a shoal, `long` pixels for one fish."""
    base = (subject.colour() if subject else None) or (244, 156, 66)
    cells = 6
    wide, high = 6.5, 3.6
    shoal = [
        (rng.uniform(0.7, wide - 0.7), rng.uniform(0.4, high - 0.4), rng.uniform(0.5, 1.0), rng.uniform(0, 6.28))
        for _ in range(count)
    ]
    drawn = []
    for k in range(cells):
        pen = Pen(wide, high, long, (0.95, 1.0, 1.0), finer=2)
        for x, y, s, start in shoal:
            w = 0.09 * s * math.sin(2 * math.pi * k / cells + start)
            coat = shade(base, (s - 0.75) * 0.6)
            pen.shape(
                [
                    (x - 0.26 * s, y),
                    (x - 0.52 * s, y - 0.2 * s + w),
                    (x - 0.44 * s, y + w),
                    (x - 0.52 * s, y + 0.2 * s + w),
                ],
                shade(coat, -0.2),
            )
            pen.shape(
                [
                    (x - 0.32 * s, y),
                    (x, y - 0.2 * s),
                    (x + 0.34 * s, y - 0.06 * s),
                    (x + 0.4 * s, y + 0.02 * s),
                    (x + 0.3 * s, y + 0.1 * s),
                    (x, y + 0.2 * s),
                ],
                coat,
                soft=True,
            )
            pen.shape(
                [
                    (x - 0.08 * s, y - 0.18 * s),
                    (x + 0.02 * s, y - 0.19 * s),
                    (x - 0.02 * s, y + 0.18 * s),
                    (x - 0.1 * s, y + 0.16 * s),
                ],
                (250, 244, 234),
            )
            pen.shape(
                [(x - 0.14 * s, y - 0.17 * s), (x + 0.02 * s, y - 0.3 * s), (x + 0.12 * s, y - 0.17 * s)],
                shade(coat, -0.15),
            )
            pen.disc(x + 0.24 * s, y - 0.03 * s, 0.035 * s, (24, 24, 30))
        drawn.append(pen.done())
    return Cast(strip(drawn), cells, 4, high * long, wide * long / 2)
