"""
Draw what carries: boats, ships, cars, trains, bicycles, planes, rockets, balloons. All look to the right.
"""

from __future__ import annotations

import math
import random

from PIL import Image

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.dress import Cast, Look
from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Colour, glow, lay, rimmed, shade, strip
from storyreel.sandbox.stage.pen import Pen

GLASS = (150, 190, 210)


def boat(subject: Subject, air: Air, long: float) -> Cast:
    """Paint a boat, a sailing boat or a ship; its waterline is `foot`."""
    kind = subject.kind
    unit = long / 100
    hull = subject.colour()
    high = {"boat": 46, "sailboat": 112, "ship": 62}[kind]
    pen = Pen(104, high, unit, air.tint, finer=2 if long > 150 else 3)
    low = high - 4
    if kind == "sailboat":
        cloth = subject.colour() or (246, 242, 230)
        hull = (118, 62, 48)
        pen.line([(50, 4), (50, low - 10)], (94, 70, 54), 1.8)
        pen.shape([(52, 6), (60, 40), (86, low - 20), (52, low - 17)], cloth, soft=False)
        pen.shape([(52, 6), (57, 40), (64, low - 18), (52, low - 17)], shade(cloth, -0.1))
        pen.shape([(48, 10), (44, 46), (18, low - 18), (48, low - 17)], shade(cloth, -0.18))
        pen.shape([(50, 3), (58, 6), (50, 9)], (206, 56, 52))
        pen.shape([(10, low - 13), (94, low - 14), (84, low), (22, low)], hull)
        pen.shape([(10, low - 13), (94, low - 14), (92, low - 11), (12, low - 10)], shade(hull, 0.5))
    elif kind == "ship":
        hull = hull or (54, 74, 104)
        white = (238, 236, 228)
        pen.box(26, low - 34, 30, 16, white)
        pen.box(30, low - 44, 18, 12, white)
        pen.box(38, low - 58, 9, 16, (196, 62, 52))
        pen.box(38, low - 58, 9, 4, (40, 40, 48))
        for x in range(28, 54, 5):
            pen.box(x, low - 30, 3, 4, (255, 214, 128) if air.lamps else GLASS, lit=not air.lamps)
        pen.box(32, low - 41, 14, 4, (255, 214, 128) if air.lamps else GLASS, lit=not air.lamps)
        pen.line([(74, low - 48), (74, low - 16)], (70, 66, 70), 1.4)
        pen.line([(74, low - 46), (96, low - 20)], (70, 66, 70), 0.7)
        pen.line([(74, low - 46), (56, low - 30)], (70, 66, 70), 0.7)
        pen.shape([(2, low - 19), (58, low - 18), (80, low - 20), (102, low - 25), (92, low), (10, low)], hull)
        pen.shape([(8, low - 5), (94, low - 5), (92, low), (10, low)], (164, 52, 46))
        pen.line([(3, low - 16.6), (80, low - 17.4), (100, low - 21.6)], shade(hull, 0.5), 1.1)
    else:
        hull = hull or (196, 76, 60)
        pen.line([(40, 4), (40, low - 16)], (94, 70, 54), 1.8)
        pen.line([(40, 6), (90, low - 16)], (70, 66, 70), 0.6)
        pen.line([(40, 6), (10, low - 15)], (70, 66, 70), 0.6)
        pen.box(46, low - 29, 22, 15, (240, 236, 226), round_by=1)
        pen.box(44, low - 31, 26, 3, shade(hull, -0.2), round_by=1)
        pen.box(50, low - 26, 6, 6, (255, 214, 128) if air.lamps else GLASS, lit=not air.lamps)
        pen.box(59, low - 26, 6, 6, (255, 214, 128) if air.lamps else GLASS, lit=not air.lamps)
        pen.shape([(3, low - 16), (40, low - 13), (78, low - 14), (101, low - 20), (90, low), (14, low)], hull)
        pen.shape(
            [
                (3, low - 16),
                (40, low - 13),
                (78, low - 14),
                (101, low - 20),
                (99, low - 16),
                (78, low - 10.6),
                (40, low - 9.6),
                (5, low - 12),
            ],
            (244, 240, 230),
        )
        pen.shape([(11, low - 4), (92, low - 4), (90, low), (14, low)], shade(hull, -0.45))
    picture = rimmed(pen.done(), air.orb, 0.4, -1, 1)
    return Cast(picture, 1, 3, low * unit, long / 2)


def _wheel(pen: Pen, x: float, y: float, r: float, turn: float) -> None:
    pen.disc(x, y, r, (30, 30, 36))
    pen.disc(x, y, r * 0.58, (186, 190, 198))
    for k in range(5):
        a = turn + k * 2 * math.pi / 5
        pen.line([(x, y), (x + r * 0.52 * math.cos(a), y + r * 0.52 * math.sin(a))], (96, 100, 110), r * 0.14)
    pen.disc(x, y, r * 0.16, (60, 62, 70))


def road_car(subject: Subject, air: Air, long: float) -> Cast:
    """Paint a car or a bus on turning wheels; with its lamps on where it is dark."""
    bus = subject.kind == "bus"
    paint = subject.colour() or ((222, 176, 60) if bus else (196, 48, 46))
    unit = long / 120
    high = 66 if bus else 46
    cells, base = 4, high - 4
    drawn = []
    window = (255, 226, 160) if bus and air.lamps else (92, 122, 146)
    for k in range(cells):
        pen = Pen(150 if air.lamps else 122, high, unit, air.tint, finer=2)
        if bus:
            pen.box(2, 4, 116, base - 14, paint, round_by=6)
            pen.box(2, base - 26, 116, 4, shade(paint, 0.5))
            for x in range(8, 100, 16):
                pen.box(x, 12, 13, 17, window, round_by=2, lit=not air.lamps)
            pen.box(103, 11, 13, 24, window, round_by=3, lit=not air.lamps)
            pen.box(2, base - 14, 116, 5, shade(paint, -0.35), round_by=2)
            axles, r = (28, 94), 9.5
        else:
            pen.shape(
                [(22, 22), (34, 7), (48, 4), (72, 4), (84, 9), (96, 21), (60, 27)], shade(paint, -0.12), soft=True
            )
            pen.shape([(31, 20), (39, 9.4), (54, 7.6), (54, 20.4)], (92, 122, 146))
            pen.shape([(58, 7.6), (72, 8), (80, 11), (89, 20.4), (58, 20.4)], (92, 122, 146))
            pen.shape(
                [
                    (2, 24),
                    (8, 19.6),
                    (30, 18.4),
                    (60, 19.6),
                    (94, 19.6),
                    (112, 23),
                    (119, 28),
                    (118, 36),
                    (110, 38),
                    (10, 38),
                    (2, 34),
                ],
                paint,
                soft=True,
            )
            pen.shape([(3, 31), (118, 31), (117, 37), (110, 39), (10, 39), (3, 36)], shade(paint, -0.32))
            pen.line([(8, 22), (60, 21.6), (108, 23.4)], shade(paint, 0.4), 1)
            pen.box(60, 24, 6, 1.4, shade(paint, -0.4), round_by=0.6)
            axles, r = (27, 94), 9.2
        pen.disc(116, base - (17 if bus else 15), 2.3, (255, 246, 206), lit=False)
        pen.box(2, base - (19 if bus else 17), 3, 4, (230, 44, 40), lit=False)
        for x in axles:
            _wheel(pen, x, base - r + 3, r, k * 2 * math.pi / 5 / cells)
        if air.lamps:
            pen.shape(
                [(117, base - 16), (150, base - 24), (150, base + 2)],
                (255, 244, 200),
                alpha=66,
                lit=False,
                inside=False,
            )
        drawn.append(rimmed(pen.done(), air.orb, 0.35, -1, 1))
    return Cast(strip(drawn), cells, 1, (base + 3) * unit, 60 * unit)


def train(subject: Subject, air: Air, long: float) -> Cast:
    """Paint an engine and three carriages on the same rail."""
    unit = long / 300
    cells = 4
    drawn = []
    paint = subject.colour() or (34, 92, 84)
    for k in range(cells):
        pen = Pen(304, 56, unit, air.tint, finer=2)
        for c in range(3):
            x = 2 + c * 72
            pen.box(x, 12, 68, 30, paint, round_by=3)
            pen.box(x - 1, 10, 70, 5, shade(paint, -0.4), round_by=2)
            pen.box(x, 33, 68, 3, (232, 196, 110))
            for w in range(5):
                pen.box(
                    x + 5 + w * 12.4,
                    18,
                    9,
                    10,
                    (255, 222, 150) if air.lamps else (176, 206, 220),
                    round_by=1,
                    lit=not air.lamps,
                )
            pen.box(x + 66, 38, 8, 2, (40, 40, 46))
            for wx in (x + 12, x + 24, x + 46, x + 58):
                _wheel(pen, wx, 46, 5, k * math.pi / 5)
        x = 220
        pen.box(x, 6, 22, 36, shade(paint, -0.25), round_by=2)
        pen.box(x - 2, 4, 27, 4, (40, 40, 46), round_by=1)
        pen.box(x + 4, 12, 13, 11, (255, 222, 150) if air.lamps else (176, 206, 220), lit=not air.lamps)
        pen.box(x + 20, 18, 50, 20, (44, 46, 54), round_by=6)
        pen.box(x + 20, 18, 50, 5, (82, 86, 98), round_by=2)
        for dx in (30, 46):
            pen.box(x + dx, 17, 3, 22, (200, 166, 90))
        pen.box(x + 56, 4, 8, 16, (44, 46, 54))
        pen.shape([(x + 53, 4), (x + 67, 4), (x + 64, 9), (x + 56, 9)], (196, 62, 52))
        pen.shape([(x + 66, 40), (x + 82, 50), (x + 66, 50)], (166, 52, 46))
        pen.disc(x + 71, 25, 3, (255, 244, 206), lit=False)
        for wx, r in ((x + 10, 7.4), (x + 28, 7.4), (x + 46, 7.4), (x + 62, 5)):
            _wheel(pen, wx, 51 - r, r, k * math.pi / 5)
        s = math.sin(k * math.pi / 2) * 2.4
        pen.line([(x + 10 + s, 44 + s), (x + 46 + s, 44 + s)], (210, 212, 216), 1.8)
        drawn.append(rimmed(pen.done(), air.orb, 0.35, -1, 1))
    return Cast(strip(drawn), cells, 1, 51.5 * unit, 150 * unit)


def bicycle(subject: Subject, air: Air, tall: float, look: Look) -> Cast:
    """Paint a rider on a bicycle, pedalling."""
    unit = tall / 100
    cells = 8
    frame = subject.colour() or (206, 62, 52)
    drawn = []
    for k in range(cells):
        phase = 2 * math.pi * k / cells
        pen = Pen(110, 108, unit, air.tint, finer=2)
        back, front, pedal = (26, 84), (86, 84), (52, 84)
        for x, y in (back, front):
            pen.ring(x, y, 19.5, (36, 36, 42), 2.4)
            for s in range(6):
                a = phase + s * math.pi / 6
                pen.line(
                    [(x - 18 * math.cos(a), y - 18 * math.sin(a)), (x + 18 * math.cos(a), y + 18 * math.sin(a))],
                    (150, 154, 164),
                    0.4,
                )
        seat, bar = (44, 54), (78, 50)
        hip, shoulder = (44, 50), (64, 26)

        def leg(
            turn: float, dim: float, pen: Pen = pen, hip: tuple[float, float] = hip, pedal: tuple[float, float] = pedal
        ) -> None:
            foot = (pedal[0] + 7.5 * math.cos(turn), pedal[1] + 7.5 * math.sin(turn) - 2)
            dx, dy = foot[0] - hip[0], foot[1] - hip[1]
            reach = min(41.0, math.hypot(dx, dy))
            bend = math.acos(max(-1.0, min(1.0, reach / 42)))
            a = math.atan2(dy, dx) - bend
            knee = (hip[0] + 21 * math.cos(a), hip[1] + 21 * math.sin(a))
            pen.limb([hip, knee, foot], shade(look.trousers, -dim), [9, 7, 5])
            pen.limb([(foot[0] - 2, foot[1] + 1.4), (foot[0] + 5, foot[1] + 1.4)], (40, 36, 38), [4, 3])

        leg(phase + math.pi, 0.35)
        for start, end in (
            (back, pedal),
            (pedal, (74, 60)),
            (seat, (74, 58)),
            (seat, back),
            (seat, pedal),
            ((76, 52), front),
        ):
            pen.line([start, end], frame, 2.6)
        pen.line([(76, 52), bar, (84, 50)], (50, 50, 56), 2.2)
        pen.box(38, 52, 12, 3, (50, 40, 38), round_by=1.4)
        leg(phase, 0.0)
        pen.shape([(38, 50), (48, 32), (60, 22), (69, 26), (64, 38), (54, 54), (42, 56)], look.coat, soft=True)
        pen.limb([shoulder, (70, 40), bar], shade(look.coat, 0.12), [6.4, 5.4, 4])
        pen.disc(70, 14, 7, look.skin, 7.6)
        pen.shape([(62, 13), (63, 6), (70, 4), (78, 9), (77, 12)], look.hat or (240, 232, 220), soft=True)
        pen.disc(74.4, 13.6, 0.9, (34, 28, 34))
        drawn.append(rimmed(pen.done(), air.orb, 0.35, -1, 1))
    return Cast(strip(drawn), cells, 2, 104 * unit, 55 * unit)


def flyer(subject: Subject, air: Air, size: float) -> Cast:
    """Paint a plane, a rocket, a balloon or a saucer."""
    kind, paint = subject.kind, subject.colour()
    drawn = []
    if kind == "balloon":
        unit = size / 100
        pen = Pen(84, 120, unit, air.tint, finer=2)
        bands = [paint or (214, 66, 58), (250, 222, 150), shade(paint or (214, 66, 58), -0.2), (244, 236, 220)]
        for k in range(9):
            a, b = -1 + 2 * k / 9, -1 + 2 * (k + 1) / 9
            top = [(42 + 40 * math.sin(a * math.pi / 2), 42), (42 + 40 * math.sin(b * math.pi / 2), 42)]
            pen.shape(
                [
                    (42, 2),
                    (42 + 30 * math.sin(a * 1.57), 12),
                    top[0],
                    (42 + 24 * a, 72),
                    (42 + 7 * a, 92),
                    (42 + 7 * b, 92),
                    (42 + 24 * b, 72),
                    top[1],
                    (42 + 30 * math.sin(b * 1.57), 12),
                ],
                bands[k % 4],
            )
        pen.shape(
            [(2, 42), (12, 12), (42, 2), (22, 20), (18, 44), (30, 80), (35, 92), (20, 72)],
            (20, 16, 40),
            alpha=50,
            soft=True,
        )
        for x in (36, 48):
            pen.line([(x, 92), (42 + (x - 42) * 0.9, 106)], (70, 56, 50), 0.8)
        pen.box(36, 105, 12, 10, (148, 104, 66), round_by=2)
        return Cast(pen.done(), 1, 3, 60 * unit, 42 * unit)
    if kind == "rocket":
        unit = size / 100
        for k in range(3):
            pen = Pen(60, 150, unit, air.tint, finer=2)
            flame = 30 + 7 * (k % 3)
            pen.shape([(23, 98), (30, 104 + flame), (37, 98)], (255, 150, 50), lit=False)
            pen.shape([(26, 98), (30, 98 + flame * 0.6), (34, 98)], (255, 240, 180), lit=False)
            body = (236, 236, 240)
            pen.shape([(18, 70), (6, 98), (20, 92)], paint or (206, 56, 52))
            pen.shape([(42, 70), (54, 98), (40, 92)], shade(paint or (206, 56, 52), -0.25))
            pen.shape([(30, 2), (40, 24), (43, 60), (38, 98), (22, 98), (17, 60), (20, 24)], body, soft=True)
            pen.shape([(30, 3), (38, 22), (22, 22)], paint or (206, 56, 52))
            pen.shape([(19, 40), (24, 30), (24, 96), (21, 96)], (20, 20, 50), alpha=46)
            pen.disc(30, 42, 6.4, (90, 96, 110))
            pen.disc(30, 42, 4.6, (136, 206, 232))
            drawn.append(pen.done())
        return Cast(strip(drawn), 3, 2, 98 * unit, 30 * unit)
    if kind == "ufo":
        unit = size / 100
        for k in range(4):
            pen = Pen(104, 60, unit, air.tint, finer=2)
            pen.disc(52, 20, 20, (150, 226, 240), 18, alpha=200)
            pen.disc(52, 30, 48, paint or (150, 158, 176), 13)
            pen.disc(52, 26, 46, shade(paint or (150, 158, 176), 0.25), 9)
            for i in range(6):
                on = (i + k) % 4 == 0
                pen.disc(14 + i * 15.2, 33, 2.6, (255, 230, 120) if on else (120, 80, 90), lit=False)
            drawn.append(pen.done())
        return Cast(strip(drawn), 4, 3, 30 * unit, 52 * unit)
    unit = size / 140
    pen = Pen(140, 56, unit, air.tint, finer=3 if size < 200 else 2)
    body, trim = (240, 242, 244), paint or (52, 108, 176)
    pen.shape([(10, 6), (20, 6), (34, 26), (18, 28)], trim)
    pen.shape(
        [(8, 26), (24, 21), (96, 20), (122, 23), (134, 30), (126, 36), (96, 39), (36, 38), (14, 32)], body, soft=True
    )
    pen.shape([(10, 29), (134, 31), (126, 36), (96, 39), (36, 38), (14, 32)], shade(body, -0.2))
    pen.line([(26, 30), (128, 31)], trim, 1.8)
    for x in range(40, 110, 7):
        pen.box(x, 24, 3, 3.4, (255, 220, 140) if air.lamps else (96, 128, 156), round_by=1, lit=not air.lamps)
    pen.shape([(116, 24), (124, 24.4), (128, 28), (116, 27.6)], (60, 86, 112))
    pen.shape([(62, 32), (84, 32), (56, 54), (46, 54)], shade(body, -0.32))
    pen.box(60, 40, 16, 6, trim, round_by=3)
    pen.shape([(12, 26), (26, 26), (10, 33), (4, 33)], shade(body, -0.3))
    return Cast(rimmed(pen.done(), air.orb, 0.4, -1, 1), 1, 3, 30 * unit, 70 * unit)


def plume(tall: float, rng: random.Random, colour: Colour) -> Image.Image:
    """Paint the smoke of a chimney, rising."""
    trail = Image.new("RGBA", (max(2, round(tall * 0.7)), max(2, round(tall))), (*colour, 0))
    for k in range(14):
        t = k / 14
        puff = glow(tall * (0.05 + 0.13 * t), colour, 0.75 * (1 - t) + 0.08, 1.1)
        x = tall * (0.35 + 0.16 * t * t + rng.uniform(-0.02, 0.02))
        lay(puff, trail, x - puff.width / 2, tall * (0.95 - 0.85 * t) - puff.height / 2)
    return trail


def smoke(size: float, rng: random.Random, colour: Colour) -> Image.Image:
    """Paint a trail of smoke, rising to the left."""
    trail = Image.new("RGBA", (round(size * 4), round(size * 1.6)))
    for k in range(16):
        t = k / 16
        puff = glow(size * (0.14 + 0.34 * t), colour, 0.75 * (1 - t) + 0.1, 1.2)
        lay(
            puff,
            trail,
            size * (3.7 - 3.4 * t) - puff.width / 2,
            size * (1.35 - 0.9 * t + rng.uniform(-0.06, 0.06)) - puff.height / 2,
        )
    return trail
