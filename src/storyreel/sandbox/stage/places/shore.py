"""
Set the places by the water: the open sea, a headland with its lighthouse, a beach.
"""

from __future__ import annotations

import math

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.figures.plants import palm
from storyreel.sandbox.stage.paint import (
    Brush,
    Colour,
    Point,
    glow,
    gradient,
    hills,
    lay,
    mix,
    shade,
    silhouette,
    veiled,
)
from storyreel.sandbox.stage.places.land import SNOW, is_snowy


def _wave(
    t: Tableau, long: float, high: float, deep: int, wide: int, face: Colour, crest: Colour, foam: float
) -> Image.Image:
    """Paint one row of waves: a lighter lip on each crest, foam where it is rough."""
    rng = t.rng
    phase, points, x = rng.uniform(0, 6.28), [], -8.0
    while x <= wide + 12:
        swell = 0.55 + 0.45 * math.sin(x / long * 0.83 + phase * 2.1)
        s = abs(math.sin(math.pi * x / long + phase + 0.5 * math.sin(x / long * 1.7)))
        points.append((x, 3 + high * (1 - swell * (1 - s) ** 1.25)))
        x += 6
    picture = silhouette(
        wide, deep, points, ((0, mix(face, crest, 0.55)), (min(0.9, 0.1 + high / deep), face), (1, shade(face, -0.22)))
    )
    thick = max(1, round(2 * t.u))
    lips: list[list[Point]] = [[]]
    for x, y in points:
        if y < 3 + high * 0.62:
            lips[-1].append((x, y + thick / 2))
        elif lips[-1]:
            lips.append([])
    with veiled(picture) as draw:
        for lip in lips:
            if len(lip) > 3:
                draw.line(lip, fill=(*mix(crest, (255, 255, 255), 0.35), 210), width=thick)
                for fx, fy in lip[1:-1] if foam else ():
                    r = rng.uniform(0.8, 2.9) * foam * t.u
                    draw.ellipse((fx - r * 1.7, fy - r * 0.2, fx + r * 1.7, fy + r * 1.4), fill=(244, 250, 252, 225))
        for _ in range(round(wide * deep / 9000)):
            x, y = rng.uniform(0, wide), rng.uniform(high + 6, deep)
            w = rng.uniform(14, 60) * t.u
            draw.line([(x, y), (x + w, y)], fill=(*mix(face, crest, 0.5), 90), width=thick)
    return picture


def water_colour(t: Tableau) -> Colour:
    """Return the colour of the water in this light."""
    own: Colour = (28, 104, 134) if t.cues.hour in ("day", "dawn", "sunset") else (26, 78, 110)
    if t.cues.says("tropical|lagoon|turquoise"):
        own = (36, 160, 172)
    return t.air.lit(own)


def far_water(t: Tableau, top: float) -> None:
    """Paint water from `top` down into the backdrop, with the light's path on it."""
    air, deep = t.air, t.height - round(top)
    face = water_colour(t)
    t.backdrop.paste(
        gradient(t.width, deep, ((0, mix(air.sky[-1][1], face, 0.42)), (0.22, mix(face, air.haze, 0.28)), (1, face))),
        (0, round(top)),
    )


def glitter(t: Tableau, top: float) -> None:
    """Lay the path of sun or moon on the water, as dashes that open towards us."""
    air, deep = t.air, t.height - round(top)
    if not air.orb_size:
        return
    cells, wide, high = 3, round(0.34 * t.width), round(min(deep, 0.34 * t.height))
    row = Image.new("RGBA", (wide * cells, high), (*air.orb, 0))
    draw = Brush(row)
    for k in range(cells):
        y = 1.0
        while y < high:
            d = y / high
            half = wide * (0.05 + 0.34 * d)
            for _ in range(3):
                x = wide / 2 + t.rng.gauss(0, 0.4) * half
                w = t.rng.uniform(0.10, 0.5) * half + 3
                left, right = max(0.0, x - w), min(wide - 1.0, x + w)
                draw.line(
                    [(k * wide + left, y), (k * wide + right, y)],
                    fill=(*air.orb, round((206 - 120 * d) * (0.8 if air.moon else 1))),
                    width=max(1, round(1 + 2.4 * d * t.u)),
                )
            y += 3 + 9 * d * t.u
    t.layers.append(Layer(row, Track(round(t.orb_x - wide / 2)), Track(round(top)), cells=cells, hold=4))


def waves(t: Tableau, top: float, bottom: float, rows: range, of: int, rough: float) -> None:
    """Lay some of `of` rows of waves between two heights; nearer ones are larger and move more."""
    face = water_colour(t)
    crest = mix(t.air.lit((206, 236, 240)), t.air.orb, 0.25)
    for k in rows:
        d = (k + 1) / of
        y = top + (bottom - top) * (0.03 + 0.97 * (d**1.5) * 0.92) - 10 * t.u
        high = (4 + 22 * d) * (1 + 3.0 * rough * rough) * t.u
        long = (60 + 190 * d) * (1 + 0.5 * rough) * t.u
        deep = round(max(12.0, min(t.height - y + 8, (bottom - top) * 0.5 + high + 30)))
        speed = t.speed((0.5, 0.5, 1.0, 1.0, 2.0, 2.0)[min(5, k)] * (1.5 if rough > 0.5 else 1.0))
        picture = _wave(
            t,
            long,
            high,
            deep,
            t.width + t.travel(speed) + round(80 * t.u),
            mix(face, t.air.haze, 0.34 * (1 - d)),
            mix(crest, t.air.haze, 0.3 * (1 - d)),
            (0.5 + rough) if rough > 0.3 else 0.0,
        )
        t.layers.append(
            Layer(
                picture,
                Track(-60 * t.u, -speed if k % 2 else -speed * 0.5, swing=14 * d * t.u, period=90 + 12 * k),
                Track(round(y - high * 0.5), swing=(1.5 + 5 * d) * (1 + 1.8 * rough) * t.u, period=50 + 9 * k),
            )
        )


def _rough(t: Tableau) -> float:
    if "storm" in t.cues.weathers or t.cues.hour == "storm" or t.cues.says("crash|break over|giant wave|tempest|rough"):
        return 1.0
    return 0.45 if t.cues.says("wind|waves|surf|swell") else 0.15


def _islands(t: Tableau, top: float) -> None:
    speed = t.speed(0.5)
    wide = t.width + t.travel(speed)
    high = round(0.10 * t.height)
    points = hills(wide, high, t.rng, roll=0.55 * t.width, rough=0.4, top=0.1)
    points = [
        (x, min(high + 2.0, y + high * (0.24 + 0.5 * math.sin(x / t.width * 3.1 + t.cues.seed % 7)))) for x, y in points
    ]
    land = t.air.lit((74, 88, 104), 0.52)
    t.layers.append(
        Layer(
            silhouette(wide, high, points, ((0, land), (1, mix(land, t.air.haze, 0.5)))),
            Track(0, -speed),
            Track(round(top - high + 1)),
        )
    )


def sea(t: Tableau) -> None:
    """Open water with rows of waves; ships float between them."""
    rough = _rough(t)
    t.sky(0.52 if t.width >= t.height else 0.48)
    t.sound = "storm" if rough == 1.0 else "sea"
    t.clouds(5 if rough < 1 else 7, heavy=rough == 1.0)
    top = t.horizon
    far_water(t, top)
    if t.cues.says("island|coast|bay|fjord|headland") or t.cues.seed % 2:
        _islands(t, top)
    waves(t, top, t.height, range(3), 6, rough)
    glitter(t, top)
    t.water = top + (t.height - top) * 0.34
    t.floor = t.height * 0.80
    t.nearer = lambda: waves(t, t.horizon, t.height, range(3, 6), 6, rough)


def _rock(t: Tableau, outline: list[Point], wide: int, high: int, colour: Colour) -> Image.Image:
    """Paint a mass of rock with lit and dark facets below an outline."""
    rng = t.rng
    picture = silhouette(wide, high, outline, ((0, shade(colour, 0.12)), (1, shade(colour, -0.45))))
    facets = Image.new("RGBA", picture.size)
    draw = Brush(facets)
    for _ in range(round(wide * high / 5200)):
        x, y = rng.uniform(0, wide), rng.uniform(0, high)
        s = rng.uniform(14, 56) * t.u
        ink = (255, 236, 214, rng.randint(10, 32)) if rng.random() < 0.45 else (0, 0, 14, rng.randint(16, 60))
        draw.polygon(
            [
                (x, y),
                (x + s * rng.uniform(0.3, 0.9), y + s * rng.uniform(0.1, 0.6)),
                (x + s * rng.uniform(-0.1, 0.4), y + s * rng.uniform(0.9, 1.9)),
                (x - s * rng.uniform(0.2, 0.6), y + s * rng.uniform(0.4, 1.0)),
            ],
            fill=ink,
        )
    whole = Image.alpha_composite(picture, facets)
    whole.putalpha(picture.getchannel("A"))
    return whole


def _spray(t: Tableau, x: float, y: float, size: float) -> None:
    """Lay a burst of spray that rises and falls where waves meet rock."""
    cells, w = 12, round(size * 1.6)
    row = Image.new("RGBA", (w * cells, round(size)), (255, 255, 255, 0))
    drops = [(t.rng.uniform(-0.7, 0.7), t.rng.uniform(0.35, 1.0), t.rng.uniform(0.02, 0.07)) for _ in range(34)]
    for k in range(cells):
        p = k / cells
        cell = Image.new("RGBA", (w, round(size)), (255, 255, 255, 0))
        for drift, force, r in drops:
            rise = force * (2.9 * p - 3.0 * p * p) * 1.25
            drop = glow(size * r * (0.7 + 0.9 * p), (246, 250, 252), min(1.0, 8 * p) * 1.15 * (1 - p), 0.9)
            lay(drop, cell, w / 2 + drift * size * p * 0.8 - drop.width / 2, size * (0.98 - rise) - drop.height / 2)
        row.paste(cell, (k * w, 0))
    t.layers.append(Layer(row, Track(round(x - w / 2)), Track(round(y - size)), cells=cells, hold=2))


def cliff(t: Tableau) -> None:
    """A headland over the sea; the lighthouse stands on it. `floor` is a ledge in front, for people."""
    rough = max(0.35, _rough(t))
    t.sky(0.60 if t.width >= t.height else 0.56)
    t.sound = "storm" if rough == 1.0 else "sea"
    t.clouds(5 if rough < 1 else 7, heavy=rough == 1.0)
    far_water(t, t.horizon)
    _islands(t, t.horizon)
    waves(t, t.horizon, t.height, range(2), 5, rough)
    glitter(t, t.horizon)
    right = t.orb_x < t.width / 2
    wide, high = round(0.50 * t.width), round(0.50 * t.height)
    top: list[Point] = []
    for k in range(41):
        x = k / 40
        slope = 0.10 + 0.14 * (1 - x) + (0.74 * max(0.0, (0.30 - x) / 0.30) ** 0.75 if x < 0.30 else 0.0)
        top.append((x * wide, high * slope + t.rng.uniform(-4, 4) * t.u))
    colour = t.air.lit((112, 92, 84), 0.06)
    rock = _rock(t, top, wide, high, colour)
    grass = Brush(rock)
    turf = t.air.lit(SNOW if is_snowy(t) else (86, 122, 76), 0.05)
    edge = [(x, y) for x, y in top if x >= 0.27 * wide]
    grass.polygon([*edge, *[(x, y + (8 + 7 * math.sin(x * 0.05)) * t.u) for x, y in reversed(edge)]], fill=(*turf, 255))
    if not right:
        rock = rock.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left = t.width - wide if right else 0
    t.landmark = (left + wide * (0.56 if right else 0.44), 0.445 * t.height + high * 0.165)
    t.cover = Layer(rock, Track(left), Track(round(0.445 * t.height)))
    foot = left + wide * (0.06 if right else 0.94)
    t.nearer = lambda: _cliff_front(t, foot, rough)
    t.tall = 0.34 * t.size
    t.floor = t.height * 0.86


def _cliff_front(t: Tableau, foot: float, rough: float) -> None:
    waves(t, t.horizon, t.height, range(2, 4), 5, rough)
    _spray(t, foot, t.height * 0.86, t.height * (0.17 + 0.16 * rough))
    waves(t, t.horizon, t.height, range(4, 5), 5, rough)
    if any(
        s.kind not in ("lighthouse", "gull", "boat", "ship", "sailboat", "whale", "lantern", "bridge", "plane")
        for s in t.cues.subjects
    ):
        high = round(0.20 * t.height)
        points = hills(t.width, high, t.rng, roll=0.9 * t.width, rough=0.7, top=0.1)
        points = [(x, high * 0.16 + (y - high * 0.5) * 0.16) for x, y in points]
        ledge = _rock(t, points, t.width, high, t.air.lit((92, 80, 80)))
        t.layers.append(Layer(ledge, Track(0), Track(t.height - high)))
        t.floor = t.height - high * 0.74


def beach(t: Tableau) -> None:
    """Sand before the sea, palms where it is warm."""
    t.sky(0.46)
    t.sound = "sea"
    t.clouds(4)
    far_water(t, t.horizon)
    _islands(t, t.horizon)
    waves(t, t.horizon, t.height * 0.84, range(4), 4, 0.25)
    glitter(t, t.horizon)
    t.water = t.horizon + 0.1 * t.height
    pace = t.pace
    wide = t.width + t.travel(pace)
    high = round(0.32 * t.height)
    points = [
        (x, high * (0.10 + 0.05 * math.sin(x / t.width * 4) + 0.02 * math.sin(x / t.width * 17)))
        for x in range(-8, wide + 16, 12)
    ]
    sand = t.air.lit(SNOW if is_snowy(t) else (236, 208, 156))
    for shift, colour in ((-9, t.air.lit((244, 250, 250))), (0, mix(sand, t.air.lit((120, 96, 80)), 0.45)), (12, sand)):
        t.ground(
            [(x, y + shift * t.u + 9 * t.u) for x, y in points],
            t.height - high,
            high,
            ((0, shade(colour, 0.06)), (1, shade(colour, -0.2))),
            pace,
            wide,
        )
    if not is_snowy(t):
        picture = Image.new("RGBA", (wide, round(0.74 * t.height)))
        for k in range(max(1, round(wide / t.width * 2))):
            tall = t.rng.uniform(0.5, 0.68) * t.height
            leaf = palm(t.air, tall, t.rng)
            lay(
                leaf,
                picture,
                (k + 0.62 + t.rng.uniform(-0.1, 0.1)) * t.width * 0.55 - leaf.width / 2,
                picture.height - leaf.height,
            )
        t.layers.append(Layer(picture, Track(0, -pace), Track(round(0.10 * t.height))))
    t.floor = 0.87 * t.height
