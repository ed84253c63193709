"""
Draw what stands: lighthouses, houses, churches, castles, mills, bridges, tents and fires.
"""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageFilter

from storyreel.sandbox.stage.figures.dress import Cast
from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Brush, Colour, glow, lay, mix, rimmed, shade, strip
from storyreel.sandbox.stage.pen import Pen

LAMP_AT = 0.132  # of a lighthouse's height, from its top


def lighthouse(air: Air, tall: float, band: Colour) -> Cast:
    """Paint a lighthouse with bands of this colour; its lamp is at LAMP_AT of the height."""
    unit = tall / 100
    pen = Pen(44, 102, unit, air.tint, finer=2 if tall > 200 else 3)
    white, dark = (242, 238, 230), (52, 54, 66)

    def edge(y: float, side: int) -> float:
        return 22 + side * (4.8 + (y - 20) * 0.075)

    for k in range(6):
        top, low = 20 + k * 13.2, 20 + (k + 1) * 13.2
        pen.shape(
            [(edge(top, -1), top), (edge(top, 1), top), (edge(low, 1), low), (edge(low, -1), low)],
            band if k % 2 else white,
        )
    # Round: the side away from the light is darker in two steps.
    pen.shape([(edge(20, -1), 20), (20.6, 20), (18.4, 99.2), (edge(99.2, -1), 99.2)], (10, 12, 34), alpha=58)
    pen.shape([(edge(20, -1), 20), (18.8, 20), (15, 99.2), (edge(99.2, -1), 99.2)], (10, 12, 34), alpha=48)
    for y in (34, 54, 74):
        pen.box(21, y, 3, 5.6, (255, 214, 128) if air.lamps else dark, round_by=1.4, lit=not air.lamps)
    pen.box(18.6, 89, 7, 10.4, dark, round_by=3)
    pen.box(14, 18, 16, 2.4, dark, round_by=0.6)
    pen.line([(14.2, 14.6), (29.8, 14.6)], dark, 0.7)
    for x in (14.6, 18.2, 25.8, 29.4):
        pen.line([(x, 14.8), (x, 18.4)], dark, 0.6)
    pen.box(17.6, 9, 8.8, 9, (255, 236, 176) if air.lamps else (190, 214, 222), lit=not air.lamps)
    for x in (17.6, 20.4, 23.2, 25.6):
        pen.box(x, 9, 0.8, 9, dark)
    pen.shape([(15.8, 9.4), (17.4, 5.4), (22, 2.6), (26.6, 5.4), (28.2, 9.4)], band)
    pen.line([(22, 0.6), (22, 3)], dark, 0.8)
    pen.shape([(13, 99), (31, 99), (34, 102), (10, 102)], shade(white, -0.35))
    return Cast(rimmed(pen.done(), air.orb, 0.4, -2, 1), 1, 3, 100.5 * unit, 22 * unit)


def beam(reach: float) -> Cast:
    """
    Paint the light that turns: two opposite rays, in the phases of half a turn. The lamp is in the middle.

    Args:
        reach: Of a ray, in pixels.
    """
    # Painted small and enlarged: a ray has no detail.
    small, cells = 6, 10
    half_w, half_h = round(reach / small), round(reach * 0.14 / small)
    fall = Image.linear_gradient("L").rotate(-90).point([round(215 * (v / 255) ** 1.3) for v in range(256)])
    drawn = []
    for k in range(cells):
        turn = math.pi * k / cells
        across, toward = math.cos(turn), math.sin(turn)
        mask = Image.new("L", (4 * half_w, 4 * half_h))
        fade = Image.new("L", (2 * half_w, 2 * half_h))
        draw = Brush(mask)
        for way in (-1, 1):
            # The ray that comes towards us opens and drops a little, the other one closes and rises.
            length = max(2, round(half_w * abs(across)))
            right = way * across > 0
            ray = fall if right else fall.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            fade.paste(ray.resize((length, 2 * half_h)), (half_w if right else half_w - length, 0))
            tip = half_w + (length if right else -length)
            spread = half_h * (0.24 + 0.40 * max(0.0, 1 + way * toward) * (1 - 0.4 * abs(across)))
            y = half_h + way * toward * half_h * 0.34
            points = [(half_w, half_h - 1), (tip, y - spread), (tip, y + spread), (half_w, half_h + 1)]
            draw.polygon([(2 * px, 2 * py) for px, py in points], fill=round(255 * (0.35 + 0.65 * abs(across))))
        light = Image.new("RGBA", (2 * half_w, 2 * half_h), (255, 240, 190, 0))
        light.putalpha(ImageChops.multiply(mask.reduce(2).filter(ImageFilter.BoxBlur(1)), fade))
        drawn.append(light.resize((2 * half_w * small, 2 * half_h * small), Image.Resampling.BICUBIC))
        halo = glow(half_h * small * (0.5 + 0.5 * max(0.0, toward) ** 12), (255, 240, 196), 0.9)
        lay(halo, drawn[-1], drawn[-1].width / 2 - halo.width / 2, drawn[-1].height / 2 - halo.height / 2)
    return Cast(strip(drawn), cells, 4, half_h * small, half_w * small)


def house(
    air: Air, wide: float, rng: random.Random, *, snow: bool, wall: Colour | None = None, church: bool = False
) -> Cast:
    """Paint a house, or a church with its steeple."""
    unit = wide / 100
    tall = 150 if church else 100
    pen = Pen(100, tall, unit, air.tint, finer=2 if wide > 120 else 3)
    wall = wall or rng.choice(
        ((226, 206, 176), (196, 120, 92), (214, 188, 150), (168, 132, 112), (232, 228, 218), (150, 168, 172))
    )
    roof = rng.choice(((110, 54, 48), (84, 66, 66), (66, 70, 86), (126, 78, 54)))
    base = tall - 4
    lit, unlit = (255, 206, 116), (92, 108, 124)
    top = base - rng.uniform(44, 52)
    ridge = top - rng.uniform(28, 36)
    if church:
        pen.box(8, 46, 24, base - 46, shade(wall, 0.08))
        pen.box(8, 46, 8, base - 46, shade(wall, -0.12))
        pen.shape([(5, 47), (20, 6), (35, 47)], roof)
        pen.line([(20, -1), (20, 8)], (60, 56, 60), 1.4)
        pen.line([(17, 3), (23, 3)], (60, 56, 60), 1.4)
        pen.box(16, 56, 8, 14, lit if air.lamps else unlit, round_by=4, lit=not air.lamps)
        if snow:
            pen.shape([(9, 38), (20, 6), (31, 38), (26, 35), (20, 39), (14, 35)], (244, 248, 252))
    else:
        pen.box(66, ridge + 4, 9, 22, shade(roof, -0.25))
        if snow:
            pen.box(64.6, ridge + 2, 12, 4, (244, 248, 252), round_by=2)
    pen.box(12, top, 76, base - top, wall)
    pen.box(12, top, 20, base - top, shade(wall, -0.1))
    pen.shape([(5, top + 3), (24, ridge), (76, ridge), (95, top + 3)], roof)
    pen.shape([(5, top + 3), (95, top + 3), (93.6, top + 0.4), (6.6, top + 0.4)], shade(roof, -0.3))
    if snow:
        pen.shape(
            [
                (4, top + 3),
                (23, ridge - 3),
                (77, ridge - 3),
                (96, top + 3),
                (90, top + 1),
                (82, top + 4),
                (70, top),
                (58, top + 3),
                (44, top),
                (30, top + 4),
                (18, top),
                (10, top + 4),
            ],
            (242, 247, 252),
        )
    for x in (22, 40, 66) if not church else (44, 62):
        w = 12
        on = air.lamps and rng.random() < 0.8
        pen.box(x - 1.4, top + 12.6, w + 2.8, 17.8, shade(wall, 0.4), round_by=5 if church else 1)
        pen.box(x, top + 14, w, 15, lit if on else unlit, round_by=5 if church else 0.6, lit=not on)
        pen.line([(x + w / 2, top + 14), (x + w / 2, top + 29)], shade(roof, -0.2), 1)
        pen.line([(x, top + 21), (x + w, top + 21)], shade(roof, -0.2), 1)
    pen.box(53, base - 21, 11, 21, shade(roof, 0.06), round_by=1)
    if snow:
        pen.shape(
            [(0, base + 4), (6, base - 3), (30, base - 1), (60, base - 2.5), (94, base - 3), (100, base + 4)],
            (236, 243, 250),
            soft=False,
        )
    picture = pen.done()
    if air.lamps:
        warm = glow(20 * unit, air.lamp if air.lamp[0] > 200 else lit, 0.45)
        canvas = Image.new("RGBA", picture.size)
        lay(warm, canvas, 46 * unit - warm.width / 2, (top + 21) * unit - warm.height / 2)
        lay(picture, canvas, 0, 0)
        lay(glow(17 * unit, lit, 0.4), canvas, 46 * unit - 17 * unit, (top + 21) * unit - 17 * unit)
        picture = canvas
    return Cast(picture, 1, 3, base * unit, 50 * unit)


def castle(air: Air, wide: float) -> Cast:
    """Paint a castle on its own rock."""
    unit = wide / 140
    pen = Pen(140, 120, unit, air.tint, finer=2)
    wall, roof = (168, 160, 156), (86, 70, 104)

    def tower(x: float, w: float, top: float, spire: float) -> None:
        pen.box(x, top, w, 116 - top, wall)
        pen.box(x, top, w * 0.34, 116 - top, shade(wall, -0.16))
        for k in range(4):
            pen.box(x - 1 + k * (w + 2) / 4, top - 4, (w + 2) / 8 + 0.6, 5, wall)
        if spire:
            pen.shape([(x - 2, top - 2), (x + w / 2, top - spire), (x + w + 2, top - 2)], roof)
            pen.shape(
                [(x + w / 2, top - spire - 7), (x + w / 2 + 8, top - spire - 4.6), (x + w / 2, top - spire - 2)],
                (206, 60, 56),
            )
            pen.line([(x + w / 2, top - spire - 7), (x + w / 2, top - spire + 1)], (60, 56, 64), 0.8)
        pen.box(
            x + w / 2 - 1.4,
            top + 9,
            2.8,
            7,
            (255, 206, 116) if air.lamps else (60, 62, 76),
            round_by=1.3,
            lit=not air.lamps,
        )

    tower(58, 24, 34, 26)
    tower(20, 16, 56, 20)
    tower(100, 16, 50, 22)
    pen.box(28, 72, 82, 46, shade(wall, 0.06))
    for k in range(10):
        pen.box(28 + k * 8.4, 67, 4.4, 6, shade(wall, 0.06))
    tower(42, 13, 62, 0)
    pen.box(63, 92, 15, 26, (70, 52, 44), round_by=7)
    return Cast(rimmed(pen.done(), air.orb, 0.4, -2, 1), 1, 3, 116 * unit, 70 * unit)


def windmill(air: Air, tall: float) -> Cast:
    """Paint a windmill in the phases of a quarter turn."""
    unit = tall / 110
    cells = 12
    drawn = []
    for k in range(cells):
        pen = Pen(110, 112, unit, air.tint, finer=2)
        pen.shape([(42, 46), (68, 46), (76, 110), (34, 110)], (226, 216, 196))
        pen.shape([(42, 46), (50, 46), (46, 110), (34, 110)], (190, 178, 160))
        pen.shape([(39, 47), (46, 34), (55, 30), (64, 34), (71, 47)], (126, 66, 52), soft=True)
        pen.box(50, 92, 11, 18, (92, 62, 48), round_by=4)
        pen.box(51, 62, 8, 9, (255, 206, 116) if air.lamps else (84, 96, 110), lit=not air.lamps)
        for arm in range(4):
            a = math.pi / 2 * (arm + k / cells) + 0.3
            dx, dy = math.cos(a), math.sin(a)
            nx, ny = -dy, dx
            hub = (55, 43)
            pen.shape(
                [
                    (hub[0] + dx * 10, hub[1] + dy * 10),
                    (hub[0] + dx * 46, hub[1] + dy * 46),
                    (hub[0] + dx * 46 + nx * 9, hub[1] + dy * 46 + ny * 9),
                    (hub[0] + dx * 12 + nx * 7, hub[1] + dy * 12 + ny * 7),
                ],
                (246, 240, 226),
                alpha=225,
            )
            pen.line([hub, (hub[0] + dx * 48, hub[1] + dy * 48)], (96, 70, 56), 2)
        pen.disc(55, 43, 3.6, (96, 70, 56))
        drawn.append(pen.done())
    return Cast(strip(drawn), cells, 4, 109 * unit, 55 * unit)


def fire(tall: float, rng: random.Random) -> Cast:
    """Paint a camp fire in the phases of its flicker, with its glow."""
    cells = 6
    drawn = []
    for k in range(cells):
        pen = Pen(3.0, 2.6, tall, finer=2)
        cx, base = 1.5, 2.3
        picture = Image.new("RGBA", pen.size)
        halo = glow(1.3 * tall * (1 + 0.05 * math.sin(k * 2.1)), (255, 150, 60), 0.55)
        lay(halo, picture, 1.5 * tall - halo.width / 2, 1.7 * tall - halo.height / 2)
        for a, b in (((1.1, 2.42), (1.9, 2.26)), ((1.9, 2.42), (1.1, 2.26))):
            pen.line([a, b], (82, 54, 40), 0.12)
        for size, colour in ((1.0, (240, 96, 36)), (0.72, (255, 160, 50)), (0.42, (255, 230, 140))):
            j = [rng.uniform(-0.07, 0.07) for _ in range(4)]
            pen.shape(
                [
                    (cx - 0.34 * size, base - 0.1),
                    (cx - 0.3 * size + j[0], base - 0.5 * size),
                    (cx + j[1], base - 1.15 * size - j[2]),
                    (cx + 0.2 * size + j[3], base - 0.62 * size),
                    (cx + 0.34 * size, base - 0.1),
                    (cx, base + 0.04),
                ],
                colour,
                soft=True,
            )
        lay(pen.done(), picture, 0, 0)
        drawn.append(picture)
    return Cast(strip(drawn), cells, 4, 2.42 * tall, 1.5 * tall)


def tent(air: Air, wide: float, colour: Colour) -> Cast:
    """Paint a tent, lit from inside where it is dark."""
    pen = Pen(100, 62, wide / 100, air.tint, finer=2)
    if air.lamps:
        colour = mix(colour, (255, 190, 90), 0.45)
    pen.shape(
        [(4, 60), (38, 6), (62, 6), (96, 60)],
        colour,
    )
    pen.shape([(62, 6), (96, 60), (70, 60)], shade(colour, -0.3))
    pen.shape([(38, 60), (50, 20), (62, 60)], (255, 214, 140) if air.lamps else shade(colour, -0.5), lit=not air.lamps)
    pen.line([(38, 6), (62, 6)], shade(colour, 0.3), 1.4)
    return Cast(pen.done(), 1, 3, 60 * wide / 100, wide / 2)


def bridge(air: Air, wide: float) -> Cast:
    """Paint a suspension bridge."""
    unit = wide / 300
    pen = Pen(300, 100, unit, air.tint, finer=2)
    steel = (176, 72, 58)
    for x in (82, 218):
        for dx in (-5, 3):
            pen.box(x + dx, 8, 3, 88, steel)
        for y in (14, 34, 54):
            pen.box(x - 5, y, 11, 3, steel)

    def cable(x: float) -> float:
        return (
            10 + 50 * (1 - ((x - 150) / 68) ** 2)
            if 82 <= x <= 218
            else 10 + 58 * min(1.0, abs(x - (82 if x < 82 else 218)) / 82)
        )

    pen.line([(x, cable(x)) for x in range(0, 301, 6)], steel, 1.6)
    for x in range(4, 300, 8):
        pen.line([(x, cable(x)), (x, 70)], shade(steel, -0.1), 0.5)
    pen.box(0, 68, 300, 5, shade(steel, -0.2))
    if air.lamps:
        for x in range(10, 300, 20):
            pen.disc(x, 66, 1.3, (255, 220, 140), lit=False)
    return Cast(pen.done(), 1, 3, 96 * unit, wide / 2)
