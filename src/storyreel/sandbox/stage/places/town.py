"""
Set small places that people built: a harbour, a village.
"""

from __future__ import annotations

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.buildings import house
from storyreel.sandbox.stage.figures.vehicles import boat, plume
from storyreel.sandbox.stage.paint import Brush, Colour, lay, mix, shade
from storyreel.sandbox.stage.pen import Pen
from storyreel.sandbox.stage.places.land import SNOW, is_snowy, mountains, near_ground, pines, planted, regrown, rolling
from storyreel.sandbox.stage.places.shore import far_water, glitter, waves


def village(t: Tableau) -> None:
    """Houses on a hillside with lit windows and a church, mountains behind."""
    t.sky(0.58)
    t.clouds(4, low=0.6)
    snow = is_snowy(t)
    mountains(
        t,
        t.horizon + 0.06 * t.height,
        0.40 * t.height,
        (98, 112, 142),
        0.5,
        t.speed(0.5),
        caps=True,
        spacing=0.34 * t.width,
    )
    green: Colour = (226, 234, 244) if snow else (92, 134, 82)
    picture, points = rolling(t, t.horizon - 0.05 * t.height, 0.36 * t.height, green, 0.26, t.speed(0.5), roll=0.8)
    plants = pines(t, 0.13 * t.height, (44, 88, 76), 0.2)
    regrown(t, planted(t, picture, points, round(44 * picture.width / t.width), plants), max(p.height for p in plants))
    for row, (top, wide, count) in enumerate(((0.60, 0.15, 6), (0.67, 0.22, 4))):
        pace = t.drift(row + 1)
        picture, points = rolling(
            t, top * t.height, 0.38 * t.height, green, 0.12 * (1 - row), pace, roll=1.1, relief=0.22
        )
        lift = round(0.36 * t.size)
        taller = Image.new("RGBA", (picture.width, picture.height + lift))
        spots = max(2, round(count * picture.width / t.width))
        for k in range(spots):
            x = (k + 0.5 + t.rng.uniform(-0.2, 0.2)) * picture.width / spots
            y = lift + points[min(len(points) - 1, int(x / (points[1][0] - points[0][0])) + 2)][1]
            steeple = row == 0 and k % 5 == 2
            home = house(t.air, wide * t.size * t.rng.uniform(0.85, 1.15), t.rng, snow=snow, church=steeple)
            lay(home.picture, taller, x - home.middle, y - home.foot + 9 * t.u)
            if not steeple and row:
                trail = plume(0.20 * t.size, t.rng, mix(t.air.lit((236, 236, 240)), t.air.haze, 0.4))
                lay(trail, taller, x + home.middle * 0.41 - trail.width / 2, y - home.foot * 0.86 - trail.height)
        for k in range(spots * 2):
            x = (k + t.rng.uniform(0, 1)) * picture.width / spots / 2
            y = lift + points[min(len(points) - 1, int(x / (points[1][0] - points[0][0])) + 2)][1]
            leaf = t.rng.choice(pines(t, (0.13 + 0.07 * row) * t.height, (44, 92, 78), 0.1, 1))
            lay(leaf, taller, x - leaf.width / 2, y - leaf.height * 0.92)
        lay(picture, taller, 0, lift)
        regrown(t, taller, lift)
    near_ground(t, (234, 240, 248) if snow else (104, 138, 82), high=0.22)
    t.sound = "wind" if snow else "forest"


def _town_row(t: Tableau, base: float, size: float, distance: float) -> Layer:
    """Return a row of old narrow houses, shoulder to shoulder, along a waterfront."""
    speed = t.speed(0.5)
    wide, high = t.width + t.travel(speed), round(size * 1.7)
    picture = Image.new("RGBA", (wide, high))
    draw = Brush(picture)
    x = -10.0
    walls = (
        (214, 150, 110),
        (232, 206, 164),
        (190, 110, 92),
        (224, 224, 214),
        (158, 176, 178),
        (226, 184, 118),
        (176, 132, 120),
    )
    while x < wide:
        w, h = size * t.rng.uniform(0.42, 0.66), size * t.rng.uniform(0.85, 1.3)
        wall = t.air.lit(t.rng.choice(walls), distance)
        roof = t.air.lit(t.rng.choice(((150, 74, 58), (110, 70, 66), (92, 82, 92))), distance)
        top = high - h
        if t.rng.random() < 0.5:
            draw.polygon([(x - 2, top), (x + w / 2, top - w * 0.55), (x + w + 2, top)], fill=(*roof, 255))
        else:
            draw.rectangle((x - 2, top - w * 0.26, x + w + 2, top), fill=(*roof, 255))
        if is_snowy(t):
            draw.line(
                [(x - 2, top - w * 0.1), (x + w / 2, top - w * 0.5), (x + w + 2, top - w * 0.1)],
                fill=(*t.air.lit(SNOW, distance), 255),
                width=max(2, round(5 * t.u)),
            )
        draw.rectangle((x, top, x + w, high), fill=(*wall, 255))
        draw.rectangle((x, top, x + w * 0.2, high), fill=(*shade(wall, -0.12), 255))
        rows, cols = max(2, round(h / (size * 0.32))), 2 if w < size * 0.56 else 3
        for r in range(rows):
            for c in range(cols):
                wx, wy = x + w * (c + 0.5) / cols, top + h * (r + 0.45) / rows
                ww, wh = w * 0.5 / cols, h * 0.42 / rows
                on = t.air.lamps and t.rng.random() < 0.6
                draw.rectangle(
                    (wx - ww / 2, wy - wh / 2, wx + ww / 2, wy + wh / 2),
                    fill=(*(t.air.lamp if on else shade(wall, -0.5)), 255),
                )
        x += w + t.rng.choice((0, 0, 3)) * t.u
    return Layer(picture, Track(0, -speed), Track(round(base - high)))


def harbour(t: Tableau) -> None:
    """A quay, moored boats that bob, old houses along the water, gulls."""
    t.sky(0.56)
    t.sound = "sea"
    t.clouds(4)
    far_water(t, t.horizon)
    rolling(t, t.horizon - 0.15 * t.height, 0.16 * t.height, (92, 112, 118), 0.5, t.speed(0.5), roll=0.9)
    t.layers.append(_town_row(t, t.horizon + 4, 0.17 * t.size, 0.25))
    waves(t, t.horizon, t.height, range(2), 5, 0.12)
    glitter(t, t.horizon)
    colours: tuple[Colour, ...] = ((196, 76, 60), (48, 96, 140), (230, 226, 214), (58, 122, 96), (222, 164, 62))
    count = 4 if t.width >= t.height else 3
    for k in range(count):
        kind = ("boat", "sailboat", "boat", "sailboat")[k % 4]
        d = (k % 2) * 0.5 + 0.1
        vessel = boat(
            Subject(kind, (("", t.rng.choice(colours) if kind == "boat" else (244, 240, 228)),)),
            t.air,
            (0.24 + 0.16 * d) * t.size,
        )
        t.put(
            vessel,
            (k + 0.5 + t.rng.uniform(-0.12, 0.12)) * t.width / count,
            t.horizon + (0.10 + 0.13 * d) * t.height,
            swing=3 * t.u,
            sway=3 * t.u,
            period=70 + 9 * k,
        )
        if k % 2 == 0:
            waves(t, t.horizon, t.height, range(2, 3), 5, 0.1)
    t.water = t.horizon + 0.17 * t.height
    t.nearer = lambda: _quay(t)
    t.floor = 0.865 * t.height


def _quay(t: Tableau) -> None:
    waves(t, t.horizon, t.height, range(3, 4), 5, 0.12)
    speed = t.pace
    wide, high = t.width + t.travel(speed), round(0.22 * t.height)
    picture = Image.new("RGBA", (wide, high + round(0.10 * t.height)))
    lift = picture.height - high
    stone = t.air.lit(SNOW if is_snowy(t) else (132, 124, 118))
    draw = Brush(picture)
    draw.rectangle((0, lift, wide, picture.height), fill=(*shade(stone, -0.25), 255))
    draw.rectangle((0, lift, wide, lift + high * 0.45), fill=(*stone, 255))
    draw.rectangle((0, lift, wide, lift + 5 * t.u), fill=(*shade(stone, 0.28), 255))
    for row in range(4):
        y = lift + high * (0.12 + 0.11 * row)
        draw.line([(0, y), (wide, y)], fill=(*shade(stone, -0.14), 255), width=1)
        x = t.rng.uniform(0, 60)
        while x < wide:
            draw.line([(x, y), (x - 14 * t.u, y + high * 0.11)], fill=(*shade(stone, -0.14), 255), width=1)
            x += t.rng.uniform(50, 120) * t.u
    for x in range(round(40 * t.u), wide, round(560 * t.u) or 90):
        _cargo(t, picture, x, lift + 30 * t.u)
    for x in range(round(330 * t.u), wide, round(560 * t.u) or 90):
        iron = (*t.air.lit((58, 56, 64)), 255)
        draw.rounded_rectangle(
            (x - 12 * t.u, lift - 34 * t.u, x + 12 * t.u, lift + 12 * t.u), radius=5 * t.u, fill=iron
        )
        draw.rounded_rectangle(
            (x - 17 * t.u, lift - 38 * t.u, x + 17 * t.u, lift - 26 * t.u), radius=5 * t.u, fill=iron
        )
    t.layers.append(Layer(picture, Track(0, -speed), Track(t.height - picture.height)))


def _cargo(t: Tableau, quay: Image.Image, x: float, foot: float) -> None:
    """Paint crates, barrels and a coil of rope on the quay."""
    pen = Pen(200, 90, t.u, t.air.tint, finer=2)
    wood, iron = (166, 120, 76), (74, 70, 74)
    for bx, by, s in ((4, 42, 46), (52, 50, 38), (14, 8, 34)):
        pen.box(bx, by, s, s, wood)
        pen.box(bx, by, s, s * 0.14, shade(wood, 0.18))
        pen.box(bx, by + s * 0.86, s, s * 0.14, shade(wood, -0.22))
        pen.line([(bx + 3, by + s - 4), (bx + s - 3, by + 4)], shade(wood, -0.22), s * 0.12)
    for bx in (100, 128):
        pen.shape(
            [(bx, 46), (bx + 24, 46), (bx + 27, 66), (bx + 24, 88), (bx, 88), (bx - 3, 66)], (136, 88, 60), soft=True
        )
        for y in (54, 78):
            pen.box(bx - 2, y, 28, 3.4, iron)
    for k in range(3):
        pen.disc(176, 82 - 4 * k, 18 - k, (206, 184, 140), 5)
        pen.disc(176, 82 - 4 * k, 10 - k, (150, 128, 92), 2.6)
    pile = pen.done()
    lay(pile, quay, x, foot - pile.height)
