"""
Set the places under the open sky on dry land: mountains, forests, deserts, fields, and a lake among hills.
"""

from __future__ import annotations

import math

from PIL import Image, ImageFilter

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.figures.plants import pine, tree
from storyreel.sandbox.stage.paint import (
    Brush,
    Colour,
    Point,
    hills,
    lay,
    mix,
    peaks,
    shade,
    silhouette,
    veiled,
)

SNOW: Colour = (244, 248, 252)


def is_snowy(t: Tableau) -> bool:
    """Whether the words speak of snow or ice."""
    return t.cues.says("snow|winter|blizzard|frost|ice\\b|icy|arctic|glacier")


def mountains(
    t: Tableau, base: float, high: float, colour: Colour, distance: float, speed: float, *, caps: bool, spacing: float
) -> None:
    """Lay a range of mountains whose foot is at `base`, with a dark side each, and snow where `caps`."""
    wide = t.width + t.travel(speed)
    deep = round(high * 1.25)
    points, summits = peaks(wide, round(high), t.rng, spacing=spacing)
    rock = t.air.lit(colour, distance)
    snow = t.air.lit(SNOW, distance * 0.3)
    stops = (
        ((0, snow), (0.24, snow), (0.36, rock), (1, mix(rock, t.air.haze, 0.55)))
        if caps
        else ((0, rock), (1, mix(rock, t.air.haze, 0.5)))
    )
    picture = silhouette(wide, deep, points, stops)
    alpha = picture.getchannel("A")
    dark = Image.new("RGBA", picture.size)
    draw = Brush(dark)
    way = -1 if t.orb_x > t.width / 2 else 1
    ink = (*mix(t.air.deep, rock, 0.35), 120)
    for x, y in summits:
        # The side away from the light, with a broken edge.
        edge, px, py = [(x, y)], x, y
        while py < deep:
            py += high * t.rng.uniform(0.08, 0.16)
            px += t.rng.uniform(-0.04, 0.13) * spacing * way * 0.9
            edge.append((px, py))
        draw.polygon([*edge, (x + way * spacing * 1.1, deep), (x + way * spacing * 0.5, y + high * 0.5)], fill=ink)
    picture = Image.alpha_composite(picture, dark)
    picture.putalpha(alpha)
    t.layers.append(Layer(picture, Track(0, -speed), Track(round(base - deep))))


def rolling(
    t: Tableau,
    top: float,
    high: float,
    colour: Colour,
    distance: float,
    speed: float,
    *,
    roll: float = 0.8,
    rough: float = 0.2,
    relief: float = 0.6,
) -> tuple[Image.Image, list[Point]]:
    """Lay hills from `top` down; return their picture and outline, so that something may grow on them."""
    wide = t.width + t.travel(speed)
    points = hills(wide, round(high * relief), t.rng, roll=roll * t.width, rough=rough, top=0.05)
    near = t.air.lit(colour, distance)
    deep = round(max(high, 8))
    picture = silhouette(
        wide, deep, points, ((0, shade(near, 0.10)), (0.5, near), (1, mix(near, t.air.haze, 0.35 * (distance > 0.1))))
    )
    t.layers.append(Layer(picture, Track(0, -speed), Track(round(top))))
    return picture, points


def planted(
    t: Tableau,
    picture: Image.Image,
    points: list[Point],
    count: int,
    paint: list[Image.Image],
    *,
    sink: float = 0.04,
) -> Image.Image:
    """Return a higher picture: the hill with plants standing on its outline."""
    lift = max(p.height for p in paint)
    taller = Image.new("RGBA", (picture.width, picture.height + lift))
    step = picture.width / max(1, count)
    spots = sorted(
        (
            points[min(len(points) - 1, int((k + t.rng.uniform(0, 0.9)) * step / (points[1][0] - points[0][0])))]
            for k in range(count)
        ),
        key=lambda p: p[1],
    )
    for x, y in spots:
        plant = t.rng.choice(paint)
        lay(plant, taller, x - plant.width / 2, lift + y - plant.height * (1 - sink))
    lay(picture, taller, 0, lift)
    return taller


def regrown(t: Tableau, plants: Image.Image, lift: int) -> None:
    """Put a picture with plants, `lift` pixels higher, in the place of the hills laid last."""
    last = t.layers.pop()
    t.layers.append(Layer(plants, last.x, Track(last.y.start - lift)))


def pines(t: Tableau, tall: float, colour: Colour, distance: float, kinds: int = 3) -> list[Image.Image]:
    """Return some firs in the colour of this distance."""
    lit = t.air.lit(colour, distance)
    return [
        pine(
            t.air,
            tall * t.rng.uniform(0.7, 1.1),
            t.rng,
            shade(lit, t.rng.uniform(-0.08, 0.06)),
            snow=is_snowy(t) and distance < 0.5,
        )
        for _ in range(kinds)
    ]


def trees(t: Tableau, tall: float) -> list[Image.Image]:
    """Return some leafy trees, in the colour of the season that the words name."""
    leaf: Colour = (96, 146, 72)
    if t.cues.says("autumn|fall\\b|leaves"):
        leaf = (214, 122, 46)
    if t.cues.says("cherry|blossom|spring"):
        leaf = (244, 170, 194)
    return [
        tree(t.air, tall * t.rng.uniform(0.8, 1.1), t.rng, shade(leaf, t.rng.uniform(-0.12, 0.1))) for _ in range(3)
    ]


def near_ground(
    t: Tableau, colour: Colour, *, high: float = 0.24, tufts: Colour | None = None, roll: float = 1.2
) -> None:
    """Lay the ground that people stand on, and grass or stones in front of it."""
    wide = t.width + t.travel(t.pace)
    deep = round(high * t.height)
    points = [(x, y * 0.25) for x, y in hills(wide, deep, t.rng, roll=roll * t.width, rough=0.1)]
    lit = t.air.lit(colour)
    picture = silhouette(wide, deep, points, ((0, shade(lit, 0.12)), (0.3, lit), (1, shade(lit, -0.4))))
    with veiled(picture) as draw:
        for _ in range(round(wide / 8)):
            x, y = t.rng.uniform(0, wide), t.rng.uniform(deep * 0.3, deep)
            w = t.rng.uniform(8, 40) * t.u * (0.4 + y / deep)
            tone = t.rng.choice(((0, 0, 20, 34), (255, 250, 236, 24), (0, 0, 20, 24)))
            draw.ellipse((x, y, x + w, y + w * 0.16), fill=tone)
    t.layers.append(Layer(picture, Track(0, -t.pace), Track(t.height - deep)))
    t.floor = t.height - deep * 0.60
    if tufts:
        _tufts(t, tufts)


def _tufts(t: Tableau, colour: Colour) -> None:
    speed = t.pace * 2 if t.pace else 0.0
    wide, high = t.width + t.travel(speed), round(0.12 * t.height)
    picture = Image.new("RGBA", (wide, high), (*colour, 0))
    draw = Brush(picture)
    for _ in range(round(wide / (26 * t.u))):
        x = t.rng.uniform(0, wide)
        for _ in range(7):
            lean, tall = t.rng.uniform(-0.5, 0.5), high * t.rng.uniform(0.35, 0.95)
            w = 3.2 * t.u
            draw.polygon(
                [(x - w, high), (x + lean * tall, high - tall), (x + w, high)],
                fill=(*shade(colour, t.rng.uniform(-0.3, 0.05)), 255),
            )
            x += t.rng.uniform(-7, 7) * t.u
    if t.cues.says("flower|meadow|garden|rose|tulip|spring|bloom|poppy|poppies"):
        named = t.cues.colour
        for _ in range(round(wide / (34 * t.u))):
            x, y, r = t.rng.uniform(0, wide), high * t.rng.uniform(0.2, 0.7), t.rng.uniform(4, 8) * t.u
            petal = t.air.lit(named or t.rng.choice(((236, 84, 88), (250, 206, 84), (240, 240, 246), (180, 120, 220))))
            draw.line([(x, y), (x, high)], fill=(*shade(colour, -0.2), 255), width=max(1, round(2 * t.u)))
            for a in range(5):
                cx, cy = x + r * 0.7 * math.cos(a * 1.257), y + r * 0.7 * math.sin(a * 1.257)
                draw.ellipse((cx - r * 0.6, cy - r * 0.6, cx + r * 0.6, cy + r * 0.6), fill=(*petal, 255))
            draw.ellipse((x - r * 0.4, y - r * 0.4, x + r * 0.4, y + r * 0.4), fill=(*t.air.lit((250, 210, 90)), 255))
    t.front.append(Layer(picture, Track(0, -speed), Track(t.height - round(high * 0.72))))


def mountain(t: Tableau) -> None:
    """Ranges with snow on them, hills with firs, and ground to walk on."""
    t.sky(0.66)
    t.clouds(4, low=0.5)
    mountains(
        t,
        t.horizon + 0.05 * t.height,
        0.46 * t.height,
        (96, 108, 134),
        0.56,
        t.speed(0.5),
        caps=True,
        spacing=0.34 * t.width,
    )
    mountains(
        t,
        t.horizon + 0.09 * t.height,
        0.30 * t.height,
        (74, 88, 112),
        0.30,
        t.speed(0.5),
        caps=t.cues.seed % 2 == 0 or is_snowy(t),
        spacing=0.26 * t.width,
    )
    colour: Colour = (222, 230, 240) if is_snowy(t) else (70, 112, 84)
    picture, points = rolling(t, t.horizon - 0.02 * t.height, 0.30 * t.height, colour, 0.16, t.speed(1), roll=0.9)
    plants = pines(t, 0.15 * t.height, (40, 86, 74), 0.12)
    regrown(t, planted(t, picture, points, 46, plants), max(p.height for p in plants))
    near_ground(
        t, (232, 238, 246) if is_snowy(t) else (92, 116, 76), tufts=None if is_snowy(t) else t.air.lit((50, 82, 58))
    )


def forest(t: Tableau) -> None:
    """Firs in four depths, with shafts of light between them."""
    t.sky(0.72)
    t.sound = "night" if t.air.moon else "forest"
    green: Colour = (38, 92, 70)
    if t.cues.says("autumn"):
        green = (150, 88, 44)
    for depth, (distance, tall, count, base) in enumerate(
        ((0.74, 0.36, 26, 0.50), (0.46, 0.50, 15, 0.56), (0.14, 0.72, 7, 0.62))
    ):
        picture, points = rolling(
            t,
            base * t.height,
            0.46 * t.height,
            (46, 84, 66) if not is_snowy(t) else (214, 224, 236),
            distance,
            t.drift(depth),
            roll=0.7,
        )
        plants = pines(t, tall * t.height, green, distance)
        regrown(
            t,
            planted(t, picture, points, round(count * picture.width / t.width), plants),
            max(p.height for p in plants),
        )
        if depth == 1:
            light_shafts(t)
    ground: Colour = (232, 238, 246) if is_snowy(t) else ((128, 92, 56) if t.cues.says("autumn") else (72, 98, 62))
    near_ground(t, ground, tufts=None if is_snowy(t) else t.air.lit((34, 70, 50)))
    _trunks(t)


def light_shafts(t: Tableau) -> None:
    """Lay shafts of light that fall from the sun or moon."""
    if t.cues.hour in ("storm", "neon"):
        return
    small = 4
    w, h = t.width // small, t.height // small
    mask = Image.new("L", (w, h))
    draw = Brush(mask)
    x0 = t.orb_x / small
    for k in range(5):
        a = (k - 2) * 0.26 + t.rng.uniform(-0.06, 0.06) + (0.22 if x0 < w / 2 else -0.22)
        spread = t.rng.uniform(0.03, 0.07)
        draw.polygon(
            [(x0, -0.1 * h), (x0 + math.tan(a - spread) * h, h), (x0 + math.tan(a + spread) * h, h)],
            fill=t.rng.randint(26, 50),
        )
    fade = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((w, h))
    light = Image.new("RGBA", (w, h), (*mix(t.air.orb, (255, 255, 255), 0.2), 0))
    light.putalpha(Image.composite(mask.filter(ImageFilter.BoxBlur(3)), Image.new("L", (w, h)), fade))
    t.layers.append(
        Layer(light.resize((w * small, h * small), Image.Resampling.BILINEAR), Track(0, swing=10 * t.u, period=170))
    )


def _trunks(t: Tableau) -> None:
    """Lay dark trunks in front, so that the forest is around us."""
    speed = t.pace * 1.5 if t.pace else t.speed(0.5)
    dark = (*mix(t.air.deep, (10, 16, 14), 0.4), 255)
    x = 0.02 * t.width
    while x < t.width + t.travel(speed):
        w, reach = t.rng.uniform(26, 44) * t.u, round(100 * t.u)
        picture = Image.new("RGBA", (2 * reach, t.height))
        draw = Brush(picture)
        bark = ((-0.8, 0), (0.7, 0), (1, 0.8), (1.9, 1), (-1.8, 1), (-1, 0.8))
        draw.polygon([(reach + w * across, t.height * down) for across, down in bark], fill=dark)
        for side in (-1, 1):
            y = t.height * t.rng.uniform(0.08, 0.4)
            draw.line([(reach, y + 40 * t.u), (reach + side * 90 * t.u, y)], fill=dark, width=max(2, round(9 * t.u)))
        t.front.append(Layer(picture, Track(round(x - reach), -speed)))
        x += t.width * t.rng.uniform(0.75, 1.0)


def desert(t: Tableau) -> None:
    """Dunes with a lit and a dark side."""
    t.sky(0.60)
    t.clouds(2, low=0.5)
    sand: Colour = (226, 168, 98)
    if t.cues.says("pyramid"):
        speed = t.speed(0.5)
        picture = Image.new("RGBA", (t.width + t.travel(speed), round(0.30 * t.height)))
        draw = Brush(picture)
        h = picture.height
        for x, k in ((0.30, 1.0), (0.52, 0.66), (0.14, 0.5)):
            cx, tall = x * t.width, h * 0.96 * k
            draw.polygon(
                [(cx, h - tall), (cx - tall * 0.95, h), (cx + tall * 0.2, h)], fill=(*t.air.lit(sand, 0.4), 255)
            )
            draw.polygon(
                [(cx, h - tall), (cx + tall * 0.2, h), (cx + tall * 0.95, h)],
                fill=(*t.air.lit(shade(sand, -0.35), 0.35), 255),
            )
        t.layers.append(Layer(picture, Track(0, -speed), Track(round(t.horizon - h + 6))))
    for k, (top, high, distance) in enumerate(((0.50, 0.24, 0.52), (0.56, 0.28, 0.28), (0.64, 0.30, 0.08))):
        pace = t.drift(k)
        wide, deep = t.width + t.travel(pace), round(high * t.height)
        points = hills(wide, round(deep * 0.62), t.rng, roll=(0.5 + 0.25 * k) * t.width, rough=0.0, top=0.05)
        near = t.air.lit(sand, distance)
        picture = silhouette(wide, deep, points, ((0, shade(near, 0.16)), (0.5, near), (1, mix(near, t.air.haze, 0.2))))
        alpha = picture.getchannel("A")
        dark = Image.new("RGBA", picture.size)
        draw = Brush(dark)
        crests = [p for a, p, b in zip(points, points[1:], points[2:], strict=False) if p[1] <= a[1] and p[1] < b[1]]
        for x, y in crests:
            # A dune's lee: a soft S from its crest to its foot.
            reach = deep * 1.6
            edge = [
                (x + reach * (0.34 * s + 0.14 * math.sin(s * 5.0)), y + (deep - y) * s)
                for s in (i / 14 for i in range(15))
            ]
            lee = [p for p in points if x <= p[0] <= x + reach * 1.3]
            draw.polygon(
                [*edge, (x + reach * 1.3, deep), *reversed(lee)],
                fill=(*mix(t.air.lit(shade(sand, -0.5), distance), t.air.deep, 0.25), 105),
            )
        picture = Image.alpha_composite(picture, dark)
        picture.putalpha(alpha)
        t.layers.append(Layer(picture, Track(0, -pace), Track(round(top * t.height))))
    near_ground(t, (214, 150, 84), roll=2.0)
