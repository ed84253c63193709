"""
Draw things as an advertisement shows them: bottle, cup, shoe, telephone, watch, headphones, book, and lamps for rooms.

Every thing stands on `foot`, and is drawn a hundred units tall or wide.
"""

from __future__ import annotations

import math

from PIL import Image

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.dress import Cast
from storyreel.sandbox.stage.paint import Colour, glow, lay, mix, shade, strip
from storyreel.sandbox.stage.pen import Pen

Tint = tuple[float, float, float]


def _bottle(pen: Pen, colour: Colour) -> None:
    glass = colour
    pen.shape(
        [
            (40, 22),
            (60, 22),
            (61, 34),
            (72, 46),
            (74, 54),
            (74, 96),
            (70, 100),
            (30, 100),
            (26, 96),
            (26, 54),
            (28, 46),
            (39, 34),
        ],
        glass,
    )
    pen.shape(
        [(26, 54), (28, 46), (39, 34), (40, 24), (45, 24), (45, 36), (36, 48), (35, 98), (30, 100), (26, 96)],
        shade(glass, -0.3),
    )
    pen.shape([(64, 46), (70, 52), (70, 94), (66, 96)], shade(glass, 0.5), alpha=150)
    pen.box(40, 6, 20, 17, (38, 36, 42), round_by=2)
    pen.box(40, 6, 6, 17, (70, 68, 76), round_by=2)
    pen.box(39, 20, 22, 3, (214, 176, 96))
    pen.box(30, 60, 40, 26, (246, 240, 226), round_by=2)
    pen.line([(36, 68), (64, 68)], shade(glass, -0.2), 2)
    pen.line([(42, 75), (58, 75)], (190, 160, 96), 1.3)
    pen.line([(45, 80), (55, 80)], (190, 160, 96), 1.0)


def _cup(pen: Pen, colour: Colour) -> None:
    pen.disc(50, 93, 46, shade(colour, -0.14), 7)
    pen.disc(50, 91, 46, colour, 6.4)
    pen.disc(50, 90.6, 30, shade(colour, -0.2), 3.6)
    pen.ring(80, 62, 13, colour, 5.4)
    pen.shape([(20, 40), (80, 40), (78, 62), (70, 82), (60, 90), (40, 90), (30, 82), (22, 62)], colour)
    pen.shape([(20, 40), (34, 40), (36, 64), (44, 88), (40, 90), (30, 82), (22, 62)], shade(colour, -0.18))
    pen.shape([(68, 44), (75, 44), (73, 62), (66, 78), (64, 76), (69, 60)], shade(colour, 0.5), alpha=170)
    pen.disc(50, 40, 30, shade(colour, 0.25), 7)
    pen.disc(50, 40.6, 27, (74, 44, 30), 5.6)
    pen.disc(50, 41, 22, (160, 108, 66), 3.9)
    pen.shape([(42, 40.6), (50, 38.4), (58, 40.6), (50, 43.8)], (236, 212, 176), soft=True)


def _shoe(pen: Pen, colour: Colour) -> None:
    white = (246, 244, 240)
    pen.shape(
        [(5, 74), (30, 77), (64, 79), (95, 78), (99, 83), (96, 89), (84, 92), (12, 92), (4, 87)], white, soft=True
    )
    pen.shape([(4, 86), (98, 86), (95, 90), (84, 93), (12, 93), (5, 89)], shade(colour, -0.3))
    for x in range(12, 92, 8):
        pen.box(x, 91, 4.5, 2.6, (60, 58, 64))
    pen.shape(
        [
            (6, 75),
            (7, 58),
            (12, 46),
            (20, 42),
            (28, 50),
            (40, 50),
            (47, 42),
            (54, 42),
            (64, 56),
            (78, 63),
            (92, 67),
            (98, 75),
            (96, 80),
            (60, 80),
            (26, 78),
        ],
        colour,
        soft=True,
    )
    pen.shape([(6, 75), (7, 58), (12, 46), (18, 43), (22, 58), (20, 77)], shade(colour, -0.24), soft=True)
    pen.shape([(76, 63), (92, 67), (98, 75), (96, 79), (82, 79), (74, 72)], shade(colour, 0.28), soft=True)
    pen.shape([(24, 72), (44, 62), (66, 60), (52, 68), (40, 76), (30, 78)], white, soft=True)
    pen.shape([(40, 50), (47, 42), (54, 42), (62, 53), (57, 57)], shade(colour, -0.4), soft=True)
    for k in range(4):
        left, top = 44 + k * 5.2, 45 + k * 4.4
        pen.line([(left, top + 4.8), (left + 7, top)], white, 1.9)
    pen.line([(12, 46), (20, 43), (28, 50)], shade(colour, 0.3), 1.4, soft=True)


def _phone(pen: Pen, colour: Colour) -> None:
    pen.box(28, 2, 45, 96, shade(colour, 0.3), round_by=7)
    pen.box(29, 2.6, 43, 95, (28, 30, 36), round_by=6.4)
    for k in range(40):
        t = k / 39
        pen.box(31.4, 6 + k * 2.2, 38.2, 2.4, mix(mix((64, 36, 120), colour, 0.5), (255, 176, 120), t), lit=False)
    pen.disc(50.5, 34, 9, (255, 240, 214), lit=False)
    pen.shape(
        [(31.4, 70), (42, 54), (52, 66), (60, 58), (69.6, 70), (69.6, 94), (31.4, 94)], shade(colour, -0.4), lit=False
    )
    pen.box(44, 8, 13, 3, (20, 20, 24), round_by=1.5)
    pen.shape([(31.4, 6), (50, 6), (31.4, 60)], (255, 255, 255), alpha=34)


def _watch(pen: Pen, colour: Colour) -> None:
    strap = colour
    pen.shape([(37, 0), (63, 0), (66, 26), (34, 26)], strap)
    pen.shape([(34, 74), (66, 74), (63, 100), (37, 100)], strap)
    pen.shape([(37, 0), (43, 0), (41, 26), (34, 26)], shade(strap, -0.3))
    pen.shape([(34, 74), (41, 74), (43, 100), (37, 100)], shade(strap, -0.3))
    pen.box(76, 46, 6, 8, (170, 174, 182), round_by=1.5)
    pen.disc(50, 50, 28, (176, 180, 188))
    pen.disc(50, 50, 26, (228, 230, 234))
    pen.disc(50, 50, 23.5, (24, 30, 46))
    for k in range(12):
        a = k * math.pi / 6
        far, near = 21.5, 18.4 if k % 3 else 16.5
        pen.line(
            [(50 + near * math.sin(a), 50 - near * math.cos(a)), (50 + far * math.sin(a), 50 - far * math.cos(a))],
            (236, 226, 196),
            1.2,
        )
    pen.line([(50, 50), (41, 41)], (240, 240, 240), 2.2)
    pen.line([(50, 50), (61, 37)], (240, 240, 240), 1.6)
    pen.line([(46, 56), (58, 34)], (226, 70, 60), 0.7)
    pen.disc(50, 50, 1.8, (226, 70, 60))
    pen.shape([(30, 44), (44, 29), (58, 27), (40, 48)], (255, 255, 255), alpha=40, soft=True)


def _headphones(pen: Pen, colour: Colour) -> None:
    band = [(16, 62), (16, 36), (30, 14), (50, 8), (70, 14), (84, 36), (84, 62)]
    pen.line(band, shade(colour, -0.35), 7.5, soft=True)
    pen.line(band, colour, 4.5, soft=True)
    for way in (-1, 1):
        x = 50 + way * 33
        pen.shape(
            [(x - 8, 54), (x - 4, 47), (x + 5, 47), (x + 9, 56), (x + 9, 82), (x + 5, 91), (x - 4, 91), (x - 8, 84)],
            shade(colour, -0.5),
            soft=True,
        )
        pen.shape(
            [
                (x + way * 2 - 6, 54),
                (x + way * 2 + 5, 52),
                (x + way * 2 + 7, 70),
                (x + way * 2 + 5, 88),
                (x + way * 2 - 6, 86),
            ],
            colour,
            soft=True,
        )
        pen.disc(x + way * 2, 70, 5, shade(colour, 0.4))


def _book(pen: Pen, colour: Colour) -> None:
    pen.shape([(12, 92), (12, 30), (50, 36), (88, 30), (88, 92), (50, 98)], shade(colour, -0.2))
    pen.shape([(15, 88), (15, 27), (34, 26), (50, 33), (50, 94), (34, 88)], (246, 240, 226))
    pen.shape([(50, 33), (66, 26), (85, 27), (85, 88), (66, 88), (50, 94)], (232, 224, 206))
    for k in range(8):
        y = 38 + k * 6
        pen.line([(20, y), (45, y + 4)], (150, 142, 130), 0.9)
        pen.line([(55, y + 4), (80, y)], (150, 142, 130), 0.9)


def _lantern(pen: Pen, colour: Colour) -> None:
    pen.ring(50, 12, 9, colour, 2.2)
    pen.shape([(34, 30), (42, 20), (58, 20), (66, 30)], colour)
    pen.box(34, 30, 32, 56, (255, 206, 112), round_by=4, lit=False)
    pen.shape([(50, 44), (57, 62), (55, 72), (45, 72), (43, 62)], (255, 250, 220), soft=True, lit=False)
    for x in (33, 48.4, 64):
        pen.box(x, 29, 3, 58, colour)
    pen.box(30, 85, 40, 8, colour, round_by=2)
    pen.box(26, 92, 48, 6, shade(colour, -0.2), round_by=2)


_DRAWN = {
    "bottle": (_bottle, (36, 110, 92)),
    "cup": (_cup, (240, 234, 222)),
    "shoe": (_shoe, (232, 84, 56)),
    "phone": (_phone, (86, 96, 190)),
    "watch": (_watch, (110, 66, 42)),
    "headphones": (_headphones, (52, 58, 72)),
    "book": (_book, (150, 52, 48)),
    "lantern": (_lantern, (70, 58, 50)),
}


def thing(subject: Subject, tint: Tint, tall: float) -> Cast:
    """Paint a thing, `tall` pixels high, under a light of this tint."""
    draw, own = _DRAWN[subject.kind]
    pen = Pen(100, 102, tall / 100, tint, finer=2)
    draw(pen, subject.colour() or own)
    return Cast(pen.done(), 1, 3, (94 if subject.kind in ("shoe", "cup") else 99.5) * tall / 100, tall / 2)


def steam(tall: float) -> Cast:
    """Paint the steam over something hot, in the phases of its rising."""
    cells = 16
    drawn = []
    wide = 0.6 * tall
    for k in range(cells):
        cell = Image.new("RGBA", (round(wide), round(tall)), (255, 255, 255, 0))
        for trail in range(2):
            for j in range(10):
                t = (j + k / cells) / 10
                x = wide * (0.42 + 0.16 * trail) + wide * 0.14 * math.sin(t * 6.3 + trail * 2.4) * (0.3 + t)
                puff = glow(
                    wide * (0.07 + 0.13 * t), (255, 250, 244), 0.34 * math.sin(math.pi * min(1.0, t * 1.02)), 1.3
                )
                lay(puff, cell, x - puff.width / 2, tall * (0.95 - 0.9 * t) - puff.height / 2)
        drawn.append(cell)
    return Cast(strip(drawn), cells, 2, tall, wide / 2)


def desk(tint: Tint, wide: float) -> Cast:
    """Paint a desk with papers and a cup on it, to stand before somebody."""
    unit = wide / 200
    pen = Pen(200, 96, unit, tint, finer=2)
    wood = (128, 84, 54)
    pen.box(12, 34, 10, 62, shade(wood, -0.3))
    pen.box(178, 34, 10, 62, shade(wood, -0.3))
    pen.box(120, 34, 58, 46, shade(wood, -0.16))
    for y in (38, 53, 68):
        pen.box(124, y, 50, 11, shade(wood, 0.04), round_by=1)
        pen.disc(149, y + 5.5, 1.8, (222, 184, 110))
    pen.box(4, 26, 192, 9, wood, round_by=2)
    pen.box(4, 26, 192, 3, shade(wood, 0.2), round_by=1)
    pen.shape([(48, 26), (52, 15), (76, 20), (98, 15), (102, 26)], (244, 238, 222))
    pen.line([(76, 20), (76, 26)], (190, 180, 160), 1)
    pen.box(150, 15, 13, 11, (206, 84, 66), round_by=2)
    pen.ring(164, 20, 4, (206, 84, 66), 1.6)
    for k, colour in enumerate(((62, 98, 120), (214, 168, 84), (150, 64, 58))):
        pen.box(14 + k, 20.6 - 5 * k, 28 - 2 * k, 5, colour, round_by=0.6)
    return Cast(pen.done(), 1, 3, 95 * unit, 100 * unit)
