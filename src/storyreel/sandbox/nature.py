"""
Set the places under the open sky: sea and shore, mountains, forests, deserts, fields, and what is off this earth.
"""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from storyreel.sandbox.buildings import palm, pine, tree
from storyreel.sandbox.camera import Layer, Track
from storyreel.sandbox.paint import Colour, Point, glow, gradient, hills, lay, mix, peaks, shade, silhouette, times
from storyreel.sandbox.tableau import Tableau

SNOW: Colour = (244, 248, 252)


def _snowy(t: Tableau) -> bool:
    return t.cues.says("snow|winter|blizzard|frost|ice\\b|icy|arctic|glacier")


# --- water ---------------------------------------------------------------------------------------------------------


def _wave(t: Tableau, long: float, high: float, deep: int, wide: int, face: Colour, crest: Colour, foam: float) -> Image.Image:
    """Paint one row of waves: a lighter lip on each crest, foam where it is rough."""
    rng = t.rng
    phase, points, x = rng.uniform(0, 6.28), [], -8.0
    while x <= wide + 12:
        swell = 0.55 + 0.45 * math.sin(x / long * 0.83 + phase * 2.1)
        s = abs(math.sin(math.pi * x / long + phase + 0.5 * math.sin(x / long * 1.7)))
        points.append((x, 3 + high * (1 - swell * (1 - s) ** 1.25)))
        x += 6
    picture = silhouette(wide, deep, points, ((0, mix(face, crest, 0.55)), (min(0.9, 0.1 + high / deep), face), (1, shade(face, -0.22))))
    draw = ImageDraw.Draw(picture, "RGBA")
    thick = max(1, round(2 * t.u))
    lip: list[Point] = []
    for x, y in points:
        if y < 3 + high * 0.62:
            lip.append((x, y + thick / 2))
        elif lip:
            if len(lip) > 2:
                draw.line(lip, fill=(*mix(crest, (255, 255, 255), 0.35), 210), width=thick)
                if foam:
                    for fx, fy in lip[1:-1]:
                        r = rng.uniform(1.0, 4.2) * foam * t.u
                        draw.ellipse((fx - r * 1.7, fy - r * 0.7, fx + r * 1.7, fy + r * 0.9), fill=(244, 250, 252, 225))
            lip = []
    for _ in range(round(wide * deep / 9000)):
        x, y = rng.uniform(0, wide), rng.uniform(high + 6, deep)
        w = rng.uniform(14, 60) * t.u
        draw.line([(x, y), (x + w, y)], fill=(*mix(face, crest, 0.5), 90), width=thick)
    return picture


def _water_colour(t: Tableau) -> Colour:
    own: Colour = (28, 104, 134) if t.cues.hour in ("day", "dawn", "sunset") else (26, 78, 110)
    if t.cues.says("tropical|lagoon|turquoise"):
        own = (36, 160, 172)
    return t.air.lit(own)


def far_water(t: Tableau, top: float) -> None:
    """Paint water from `top` down into the backdrop, with the light's path on it."""
    air, deep = t.air, t.height - round(top)
    face = _water_colour(t)
    t.backdrop.paste(gradient(t.width, deep, ((0, mix(air.sky[-1][1], face, 0.42)), (0.22, mix(face, air.haze, 0.28)), (1, face))), (0, round(top)))
    if not air.orb_size:
        return
    # The path of light: dashes that open towards us, in three phases.
    cells, wide, high = 3, round(0.34 * t.width), round(min(deep, 0.34 * t.height))
    row = Image.new("RGBA", (wide * cells, high), (*air.orb, 0))
    draw = ImageDraw.Draw(row)
    for k in range(cells):
        y = 1.0
        while y < high:
            d = y / high
            half = wide * (0.05 + 0.34 * d)
            for _ in range(3):
                x = wide / 2 + t.rng.gauss(0, 0.4) * half
                w = t.rng.uniform(0.10, 0.5) * half + 3
                left, right = max(0.0, x - w), min(wide - 1.0, x + w)
                draw.line([(k * wide + left, y), (k * wide + right, y)], fill=(*air.orb, round((206 - 120 * d) * (0.8 if air.moon else 1))), width=max(1, round(1 + 2.4 * d * t.u)))
            y += 3 + 9 * d * t.u
    t.layers.append(Layer(row, Track(round(t.orb_x - wide / 2)), Track(round(top)), cells=cells, hold=5))


def waves(t: Tableau, top: float, bottom: float, rows: range, of: int, rough: float) -> None:
    """Lay some of `of` rows of waves between two heights; nearer ones are larger and move more."""
    face = _water_colour(t)
    crest = mix(t.air.lit((206, 236, 240)), t.air.orb, 0.25)
    for k in rows:
        d = (k + 1) / of
        y = top + (bottom - top) * (0.03 + 0.97 * (d**1.5) * 0.92) - 10 * t.u
        high = (4 + 22 * d) * (1 + 2.2 * rough) * t.u
        long = (60 + 190 * d) * (1 + 0.5 * rough) * t.u
        deep = round(max(12.0, min(t.height - y + 8, (bottom - top) * 0.5 + high + 30)))
        speed = t.speed((0.5, 0.5, 1.0, 1.0, 2.0, 2.0)[min(5, k)] * (1.5 if rough > 0.5 else 1.0))
        picture = _wave(t, long, high, deep, t.width + t.travel(speed) + round(80 * t.u), mix(face, t.air.haze, 0.34 * (1 - d)), mix(crest, t.air.haze, 0.3 * (1 - d)), (0.9 + rough) if rough > 0.3 else 0.0)
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
    points = [(x, min(high + 2.0, y + high * (0.24 + 0.5 * math.sin(x / t.width * 3.1 + t.cues.seed % 7)))) for x, y in points]
    land = t.air.lit((74, 88, 104), 0.52)
    t.layers.append(Layer(silhouette(wide, high, points, ((0, land), (1, mix(land, t.air.haze, 0.5)))), Track(0, -speed), Track(round(top - high + 1))))


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
    t.water = top + (t.height - top) * 0.34
    t.floor = t.height * 0.80
    t.nearer = lambda: waves(t, t.horizon, t.height, range(3, 6), 6, rough)


def _rock(t: Tableau, outline: list[Point], wide: int, high: int, colour: Colour) -> Image.Image:
    """Paint a mass of rock with lit and dark facets below an outline."""
    rng = t.rng
    picture = silhouette(wide, high, outline, ((0, shade(colour, 0.12)), (1, shade(colour, -0.45))))
    facets = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(facets)
    for _ in range(round(wide * high / 5200)):
        x, y = rng.uniform(0, wide), rng.uniform(0, high)
        s = rng.uniform(14, 56) * t.u
        ink = (255, 236, 214, rng.randint(10, 32)) if rng.random() < 0.45 else (0, 0, 14, rng.randint(16, 60))
        draw.polygon([(x, y), (x + s * rng.uniform(0.3, 0.9), y + s * rng.uniform(0.1, 0.6)), (x + s * rng.uniform(-0.1, 0.4), y + s * rng.uniform(0.9, 1.9)), (x - s * rng.uniform(0.2, 0.6), y + s * rng.uniform(0.4, 1.0))], fill=ink)
    whole = Image.alpha_composite(picture, facets)
    whole.putalpha(picture.getchannel("A"))
    return whole


def _spray(t: Tableau, x: float, y: float, size: float) -> None:
    """Lay a burst of spray that rises and falls where waves meet rock."""
    cells, w = 12, round(size * 1.6)
    row = Image.new("RGBA", (w * cells, round(size)), (255, 255, 255, 0))
    drops = [(t.rng.uniform(-0.7, 0.7), t.rng.uniform(0.35, 1.0), t.rng.uniform(0.04, 0.11)) for _ in range(26)]
    for k in range(cells):
        p = k / cells
        cell = Image.new("RGBA", (w, round(size)), (255, 255, 255, 0))
        for drift, force, r in drops:
            rise = force * (2.9 * p - 3.0 * p * p) * 1.25
            drop = glow(size * r * (0.7 + 0.9 * p), (246, 250, 252), max(0.0, 1.15 * (1 - p)), 0.9)
            lay(drop, cell, w / 2 + drift * size * p * 0.8 - drop.width / 2, size * (0.98 - rise) - drop.height / 2)
        row.paste(cell, (k * w, 0))
    t.layers.append(Layer(row, Track(round(x - w / 2)), Track(round(y - size)), cells=cells, hold=3))


def cliff(t: Tableau) -> None:
    """A headland over the sea; the lighthouse stands on it. `floor` is a ledge in front, for people."""
    rough = max(0.35, _rough(t))
    t.sky(0.60 if t.width >= t.height else 0.56)
    t.sound = "storm" if rough == 1.0 else "sea"
    t.clouds(5 if rough < 1 else 7, heavy=rough == 1.0)
    far_water(t, t.horizon)
    _islands(t, t.horizon)
    waves(t, t.horizon, t.height, range(2), 5, rough)
    right = t.orb_x < t.width / 2
    wide, high = round(0.50 * t.width), round(0.50 * t.height)
    top: list[Point] = []
    for k in range(41):
        x = k / 40
        slope = 0.10 + 0.14 * (1 - x) + (0.74 * max(0.0, (0.30 - x) / 0.30) ** 0.75 if x < 0.30 else 0.0)
        top.append((x * wide, high * slope + t.rng.uniform(-4, 4) * t.u))
    colour = t.air.lit((112, 92, 84), 0.06)
    rock = _rock(t, top, wide, high, colour)
    grass = ImageDraw.Draw(rock)
    turf = t.air.lit(SNOW if _snowy(t) else (86, 122, 76), 0.05)
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
    if any(s.kind not in ("lighthouse", "gull", "boat", "ship", "sailboat", "whale", "lantern", "bridge", "plane") for s in t.cues.subjects):
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
    t.water = t.horizon + 0.1 * t.height
    pace = t.pace
    wide = t.width + t.travel(pace)
    high = round(0.32 * t.height)
    points = [(x, high * (0.10 + 0.05 * math.sin(x / t.width * 4) + 0.02 * math.sin(x / t.width * 17))) for x in range(-8, wide + 16, 12)]
    sand = t.air.lit(SNOW if _snowy(t) else (236, 208, 156))
    for shift, colour in ((-9, t.air.lit((244, 250, 250))), (0, mix(sand, t.air.lit((120, 96, 80)), 0.45)), (12, sand)):
        t.ground([(x, y + shift * t.u + 9 * t.u) for x, y in points], t.height - high, high, ((0, shade(colour, 0.06)), (1, shade(colour, -0.2))), pace, wide)
    if not _snowy(t):
        picture = Image.new("RGBA", (wide, round(0.74 * t.height)))
        for k in range(max(1, round(wide / t.width * 2))):
            tall = t.rng.uniform(0.5, 0.68) * t.height
            leaf = palm(t.air, tall, t.rng)
            lay(leaf, picture, (k + 0.62 + t.rng.uniform(-0.1, 0.1)) * t.width * 0.55 - leaf.width / 2, picture.height - leaf.height)
        t.layers.append(Layer(picture, Track(0, -pace), Track(round(0.10 * t.height))))
    t.floor = 0.87 * t.height


# --- land ----------------------------------------------------------------------------------------------------------


def _range(t: Tableau, base: float, high: float, colour: Colour, distance: float, speed: float, *, caps: bool, spacing: float) -> None:
    wide = t.width + t.travel(speed)
    deep = round(high * 1.25)
    points, summits = peaks(wide, round(high), t.rng, spacing=spacing)
    rock = t.air.lit(colour, distance)
    snow = t.air.lit(SNOW, distance * 0.7)
    stops = ((0, snow), (0.20, snow), (0.34, rock), (1, mix(rock, t.air.haze, 0.55))) if caps else ((0, rock), (1, mix(rock, t.air.haze, 0.5)))
    picture = silhouette(wide, deep, points, stops)
    alpha = picture.getchannel("A")
    dark = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(dark)
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


def _hill(t: Tableau, top: float, high: float, colour: Colour, distance: float, speed: float, *, roll: float = 0.8, rough: float = 0.2) -> tuple[Image.Image, list[Point]]:
    wide = t.width + t.travel(speed)
    points = hills(wide, round(high * 0.6), t.rng, roll=roll * t.width, rough=rough, top=0.05)
    near = t.air.lit(colour, distance)
    deep = round(max(high, 8))
    picture = silhouette(wide, deep, points, ((0, shade(near, 0.10)), (0.5, near), (1, mix(near, t.air.haze, 0.35 * (distance > 0.1)))))
    t.layers.append(Layer(picture, Track(0, -speed), Track(round(top))))
    return picture, points


def _plant(t: Tableau, picture: Image.Image, points: list[Point], count: int, paint: list[Image.Image], *, sink: float = 0.04, above: Image.Image | None = None) -> Image.Image:
    """Return a higher picture: the hill with plants standing on its outline."""
    lift = max(p.height for p in paint)
    taller = Image.new("RGBA", (picture.width, picture.height + lift))
    step = picture.width / max(1, count)
    spots = sorted((points[min(len(points) - 1, int((k + t.rng.uniform(0, 0.9)) * step / (points[1][0] - points[0][0])))] for k in range(count)), key=lambda p: p[1])
    for x, y in spots:
        plant = t.rng.choice(paint)
        lay(plant, taller, x - plant.width / 2, lift + y - plant.height * (1 - sink))
    lay(picture, taller, 0, lift)
    return taller


def _regrown(t: Tableau, plants: Image.Image, lift: int) -> None:
    last = t.layers.pop()
    t.layers.append(Layer(plants, last.x, Track(last.y.start - lift)))


def _pines(t: Tableau, tall: float, colour: Colour, distance: float, kinds: int = 3) -> list[Image.Image]:
    lit = t.air.lit(colour, distance)
    return [pine(t.air, tall * t.rng.uniform(0.7, 1.1), t.rng, shade(lit, t.rng.uniform(-0.08, 0.06)), snow=_snowy(t) and distance < 0.5) for _ in range(kinds)]


def _trees(t: Tableau, tall: float) -> list[Image.Image]:
    leaf: Colour = (96, 146, 72)
    if t.cues.says("autumn|fall\\b|leaves"):
        leaf = (214, 122, 46)
    if t.cues.says("cherry|blossom|spring"):
        leaf = (244, 170, 194)
    return [tree(t.air, tall * t.rng.uniform(0.8, 1.1), t.rng, shade(leaf, t.rng.uniform(-0.12, 0.1))) for _ in range(3)]


def _near_ground(t: Tableau, colour: Colour, *, high: float = 0.24, tufts: Colour | None = None, roll: float = 1.2) -> None:
    """Lay the ground that people stand on, and grass or stones in front of it."""
    wide = t.width + t.travel(t.pace)
    deep = round(high * t.height)
    points = [(x, y * 0.25) for x, y in hills(wide, deep, t.rng, roll=roll * t.width, rough=0.1)]
    lit = t.air.lit(colour)
    picture = silhouette(wide, deep, points, ((0, shade(lit, 0.12)), (0.3, lit), (1, shade(lit, -0.4))))
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(round(wide / 8)):
        x, y = t.rng.uniform(0, wide), t.rng.uniform(deep * 0.3, deep)
        w = t.rng.uniform(8, 40) * t.u * (0.4 + y / deep)
        tone = (*shade(lit, t.rng.choice((-0.18, 0.10, -0.1))), 90)
        draw.ellipse((x, y, x + w, y + w * 0.16), fill=tone)
    t.layers.append(Layer(picture, Track(0, -t.pace), Track(t.height - deep)))
    t.floor = t.height - deep * 0.60
    if tufts:
        _tufts(t, tufts)


def _tufts(t: Tableau, colour: Colour) -> None:
    speed = t.pace * 2 if t.pace else 0.0
    wide, high = t.width + t.travel(speed), round(0.12 * t.height)
    picture = Image.new("RGBA", (wide, high), (*colour, 0))
    draw = ImageDraw.Draw(picture)
    for _ in range(round(wide / (26 * t.u))):
        x = t.rng.uniform(0, wide)
        for _ in range(7):
            lean, tall = t.rng.uniform(-0.5, 0.5), high * t.rng.uniform(0.35, 0.95)
            w = 3.2 * t.u
            draw.polygon([(x - w, high), (x + lean * tall, high - tall), (x + w, high)], fill=(*shade(colour, t.rng.uniform(-0.3, 0.05)), 255))
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
    _range(t, t.horizon + 0.05 * t.height, 0.46 * t.height, (96, 108, 134), 0.56, t.speed(0.5), caps=True, spacing=0.34 * t.width)
    _range(t, t.horizon + 0.09 * t.height, 0.30 * t.height, (74, 88, 112), 0.30, t.speed(0.5), caps=t.cues.seed % 2 == 0 or _snowy(t), spacing=0.26 * t.width)
    colour: Colour = (222, 230, 240) if _snowy(t) else (70, 112, 84)
    picture, points = _hill(t, t.horizon - 0.02 * t.height, 0.30 * t.height, colour, 0.16, t.speed(1), roll=0.9)
    plants = _pines(t, 0.15 * t.height, (40, 86, 74), 0.12)
    _regrown(t, _plant(t, picture, points, 46, plants), max(p.height for p in plants))
    _near_ground(t, (232, 238, 246) if _snowy(t) else (92, 116, 76), tufts=None if _snowy(t) else t.air.lit((50, 82, 58)))


def forest(t: Tableau) -> None:
    """Firs in four depths, with shafts of light between them."""
    t.sky(0.72)
    t.sound = "night" if t.air.moon else "forest"
    green: Colour = (38, 92, 70)
    if t.cues.says("autumn"):
        green = (150, 88, 44)
    for depth, (distance, tall, count, speed, base) in enumerate(
        ((0.62, 0.42, 30, 0.5, 0.52), (0.38, 0.56, 22, 0.5, 0.56), (0.16, 0.74, 14, 1.0, 0.62))
    ):
        picture, points = _hill(t, base * t.height, 0.46 * t.height, (46, 84, 66) if not _snowy(t) else (214, 224, 236), distance, t.speed(speed) if not t.pace else max(t.speed(0.5), t.pace * (0.15, 0.3, 0.5)[depth]), roll=0.7)
        plants = _pines(t, tall * t.height, green, distance)
        _regrown(t, _plant(t, picture, points, round(count * picture.width / t.width), plants), max(p.height for p in plants))
        if depth == 1:
            _shafts(t)
    ground: Colour = (232, 238, 246) if _snowy(t) else ((128, 92, 56) if t.cues.says("autumn") else (72, 98, 62))
    _near_ground(t, ground, tufts=None if _snowy(t) else t.air.lit((34, 70, 50)))
    _trunks(t)


def _shafts(t: Tableau) -> None:
    if t.cues.hour in ("storm", "neon"):
        return
    small = 4
    w, h = t.width // small, t.height // small
    mask = Image.new("L", (w, h))
    draw = ImageDraw.Draw(mask)
    x0 = t.orb_x / small
    for k in range(5):
        a = (k - 2) * 0.26 + t.rng.uniform(-0.06, 0.06) + (0.22 if x0 < w / 2 else -0.22)
        spread = t.rng.uniform(0.03, 0.07)
        draw.polygon([(x0, -0.1 * h), (x0 + math.tan(a - spread) * h, h), (x0 + math.tan(a + spread) * h, h)], fill=t.rng.randint(26, 50))
    fade = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((w, h))
    light = Image.new("RGBA", (w, h), (*mix(t.air.orb, (255, 255, 255), 0.2), 0))
    light.putalpha(Image.composite(mask, Image.new("L", (w, h)), fade))
    t.layers.append(Layer(light.resize((w * small, h * small), Image.Resampling.BILINEAR), Track(0, swing=10 * t.u, period=170)))


def _trunks(t: Tableau) -> None:
    """Lay two dark trunks in front, so that the forest is around us."""
    speed = t.pace * 1.5 if t.pace else t.speed(0.5)
    wide = t.width + t.travel(speed)
    picture = Image.new("RGBA", (wide, t.height))
    draw = ImageDraw.Draw(picture)
    dark = mix(t.air.deep, (10, 16, 14), 0.4)
    spots, x = [], 0.02 * t.width
    while x < wide:
        spots.append(x)
        x += t.width * t.rng.uniform(0.75, 1.0)
    for x in spots:
        w = t.rng.uniform(26, 44) * t.u
        draw.polygon([(x - w * 0.8, -2), (x + w * 0.7, -2), (x + w, t.height * 0.8), (x + w * 1.9, t.height), (x - w * 1.8, t.height), (x - w, t.height * 0.8)], fill=(*dark, 255))
        for side in (-1, 1):
            y = t.height * t.rng.uniform(0.08, 0.4)
            draw.line([(x, y + 40 * t.u), (x + side * 90 * t.u, y)], fill=(*dark, 255), width=max(2, round(9 * t.u)))
    t.front.append(Layer(picture, Track(0, -speed)))


def desert(t: Tableau) -> None:
    """Dunes with a lit and a dark side."""
    t.sky(0.60)
    t.clouds(2, low=0.5)
    sand: Colour = (226, 168, 98)
    if t.cues.says("pyramid"):
        speed = t.speed(0.5)
        picture = Image.new("RGBA", (t.width + t.travel(speed), round(0.30 * t.height)))
        draw = ImageDraw.Draw(picture)
        h = picture.height
        for x, k in ((0.30, 1.0), (0.52, 0.66), (0.14, 0.5)):
            cx, tall = x * t.width, h * 0.96 * k
            draw.polygon([(cx, h - tall), (cx - tall * 0.95, h), (cx + tall * 0.2, h)], fill=(*t.air.lit(sand, 0.4), 255))
            draw.polygon([(cx, h - tall), (cx + tall * 0.2, h), (cx + tall * 0.95, h)], fill=(*t.air.lit(shade(sand, -0.35), 0.35), 255))
        t.layers.append(Layer(picture, Track(0, -speed), Track(round(t.horizon - h + 6))))
    for k, (top, high, distance, speed) in enumerate(((0.50, 0.24, 0.52, 0.5), (0.56, 0.28, 0.28, 0.5), (0.64, 0.30, 0.08, 1.0))):
        pace = t.speed(speed) if not t.pace else max(t.speed(0.5), t.pace * (0.12, 0.25, 0.5)[k])
        wide, deep = t.width + t.travel(pace), round(high * t.height)
        points = hills(wide, round(deep * 0.62), t.rng, roll=(0.5 + 0.25 * k) * t.width, rough=0.0, top=0.05)
        near = t.air.lit(sand, distance)
        picture = silhouette(wide, deep, points, ((0, shade(near, 0.16)), (0.5, near), (1, mix(near, t.air.haze, 0.2))))
        alpha = picture.getchannel("A")
        dark = Image.new("RGBA", picture.size)
        draw = ImageDraw.Draw(dark)
        crests = [p for a, p, b in zip(points, points[1:], points[2:], strict=False) if p[1] <= a[1] and p[1] < b[1]]
        for x, y in crests:
            # A dune's lee: a soft S from its crest to its foot.
            reach = deep * 1.6
            edge = [(x + reach * (0.34 * s + 0.14 * math.sin(s * 5.0)), y + (deep - y) * s) for s in (i / 14 for i in range(15))]
            lee = [p for p in points if x <= p[0] <= x + reach * 1.3]
            draw.polygon([*edge, (x + reach * 1.3, deep), *reversed(lee)], fill=(*mix(t.air.lit(shade(sand, -0.5), distance), t.air.deep, 0.25), 105))
        picture = Image.alpha_composite(picture, dark)
        picture.putalpha(alpha)
        t.layers.append(Layer(picture, Track(0, -pace), Track(round(top * t.height))))
    _near_ground(t, (214, 150, 84), roll=2.0)
    t.tree = (96, 120, 70)


def meadow(t: Tableau) -> None:
    """Rolling fields with trees; a road or rails where something drives."""
    t.sky(0.60)
    t.clouds(5, low=0.7)
    _range(t, t.horizon + 0.02 * t.height, 0.18 * t.height, (98, 116, 142), 0.6, t.speed(0.5), caps=False, spacing=0.3 * t.width)
    snow = _snowy(t)
    for k, (top, distance, speed, colour) in enumerate(((0.50, 0.40, 0.5, (122, 160, 92)), (0.57, 0.20, 0.5, (104, 152, 78)), (0.64, 0.06, 1.0, (120, 160, 72)))):
        pace = t.speed(speed) if not t.pace else max(t.speed(0.5), t.pace * (0.12, 0.25, 0.5)[k])
        picture, points = _hill(t, top * t.height, 0.34 * t.height, SNOW if snow else colour, distance, pace, roll=0.8 + 0.2 * k)
        if k:
            plants = _trees(t, (0.10 + 0.09 * k) * t.height) if not snow else _pines(t, (0.1 + 0.09 * k) * t.height, (50, 92, 80), distance)
            _regrown(t, _plant(t, picture, points, round((12 if k == 1 else 6) * picture.width / t.width), plants), max(p.height for p in plants))
    _near_ground(t, SNOW if snow else (116, 160, 76), tufts=None if snow else t.air.lit((74, 124, 62)))
    if t.cues.subject("car", "bus", "bicycle", "train"):
        _road(t, rails=t.cues.subject("train") is not None)
    t.sound = "forest"


def _road(t: Tableau, *, rails: bool) -> None:
    speed = max(t.pace, t.speed(2))
    wide, high = t.width + t.travel(speed), round(0.13 * t.height)
    picture = Image.new("RGBA", (wide, high), (*t.air.lit((86, 88, 98)), 255))
    draw = ImageDraw.Draw(picture)
    if rails:
        picture.paste((*t.air.lit((124, 112, 100)), 255), (0, 0, wide, high))
        for x in range(0, wide, round(30 * t.u) or 8):
            draw.polygon([(x, high * 0.2), (x + 13 * t.u, high * 0.2), (x + 8 * t.u, high * 0.74), (x - 8 * t.u, high * 0.74)], fill=(*t.air.lit((92, 66, 50)), 255))
        for y in (0.26, 0.62):
            draw.rectangle((0, high * y, wide, high * y + 5 * t.u), fill=(*t.air.lit((190, 194, 202)), 255))
    else:
        draw.rectangle((0, 0, wide, 4 * t.u), fill=(*t.air.lit((224, 220, 206)), 255))
        for x in range(0, wide, round(120 * t.u) or 20):
            draw.rectangle((x, high * 0.52, x + 60 * t.u, high * 0.52 + 6 * t.u), fill=(*t.air.lit((244, 226, 150)), 255))
        draw.rectangle((0, high - 4 * t.u, wide, high), fill=(*t.air.lit((224, 220, 206)), 255))
    top = round(t.height * 0.795)
    t.layers.append(Layer(picture, Track(0, -speed), Track(top)))
    t.floor = top + high * (0.5 if rails else 0.62)
    t.pace = speed


def lake(t: Tableau) -> None:
    """Mountains and firs, and their picture in still water."""
    t.sky(0.52)
    t.clouds(4, low=0.6)
    first = len(t.layers)
    _range(t, t.horizon + 0.02 * t.height, 0.40 * t.height, (96, 110, 138), 0.46, 0.0, caps=True, spacing=0.36 * t.width)
    picture, points = _hill(t, t.horizon - 0.10 * t.height, 0.12 * t.height, (62, 100, 82) if not _snowy(t) else SNOW, 0.22, 0.0, roll=0.9)
    plants = _pines(t, 0.13 * t.height, (38, 84, 72), 0.16)
    _regrown(t, _plant(t, picture, points, 50, plants), max(p.height for p in plants))
    whole = t.backdrop.convert("RGBA")
    for layer in t.layers[first:]:
        lay(layer.picture, whole, layer.x.start, layer.y.start)
    top = round(t.horizon)
    mirror = whole.crop((0, max(0, 2 * top - t.height), t.width, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    water = gradient(t.width, t.height - top, ((0, mix(t.air.sky[-1][1], _water_colour(t), 0.5)), (1, _water_colour(t))))
    mirror = Image.blend(mirror.convert("RGB").resize((t.width, t.height - top)), water, 0.48)
    t.backdrop.paste(mirror, (0, top))
    ripple = Image.new("RGBA", (t.width + 120, t.height - top))
    draw = ImageDraw.Draw(ripple)
    for _ in range(90):
        y = (t.height - top) * t.rng.random() ** 1.4
        x, w = t.rng.uniform(0, ripple.width), t.rng.uniform(30, 220) * t.u * (0.4 + y / (t.height - top))
        draw.line([(x, y), (x + w, y)], fill=(255, 255, 255, t.rng.randint(16, 52)), width=max(1, round(2 * t.u)))
    t.layers.append(Layer(ripple, Track(-60, swing=44 * t.u, period=150), Track(top)))
    t.water = t.horizon + 0.16 * t.height
    t.nearer = lambda: _near_ground(t, SNOW if _snowy(t) else (92, 124, 78), high=0.17, tufts=None if _snowy(t) else t.air.lit((44, 84, 58)))
    t.floor = t.height * 0.9
    t.sound = "forest"


# --- elsewhere -----------------------------------------------------------------------------------------------------


def space(t: Tableau) -> None:
    """Stars, a nebula and a planet."""
    rng = t.rng
    t.backdrop.paste(gradient(t.width, t.height, ((0, (6, 6, 20)), (0.6, (16, 12, 42)), (1, (26, 16, 54)))), (0, 0))
    draw = ImageDraw.Draw(t.backdrop, "RGBA")
    for colour in ((120, 50, 160), (36, 90, 180), (190, 70, 120), (60, 120, 200)):
        cloud = glow(0.06 * t.width, colour, 0.5, 1.3)
        cloud = cloud.resize((cloud.width * 8, cloud.height * 5), Image.Resampling.BILINEAR)
        lay(cloud, t.backdrop, rng.uniform(-0.2, 0.8) * t.width, rng.uniform(-0.1, 0.6) * t.height)
    for _ in range(round(320 * t.width / 1280)):
        x, y, r = rng.uniform(0, t.width), rng.uniform(0, t.height), rng.choice((0.6, 0.8, 1.2, 1.8)) * max(0.7, t.u)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 250, rng.randint(120, 250)))
    r = 0.34 * t.size
    _planet(t, t.width * 0.80, t.height * 0.34, r, t.cues.colour or rng.choice(((66, 130, 190), (206, 130, 84), (120, 170, 140))))
    t.horizon, t.floor, t.sound = t.height, t.height * 0.72, "night"
    t.air = type(t.air)(**{**t.air.__dict__, "tint": (0.92, 0.92, 1.0), "orb": (255, 246, 226), "haze": (40, 30, 70), "lamps": True})
    t.orb_x = 0.0


def _planet(t: Tableau, x: float, y: float, r: float, colour: Colour) -> None:
    size = round(2 * r)
    halo = glow(r * 1.5 / 4, shade(colour, 0.4), 0.5, 1.6)
    halo = halo.resize((halo.width * 4, halo.height * 4), Image.Resampling.BILINEAR)
    lay(halo, t.backdrop, x - halo.width / 2, y - halo.height / 2)
    face = Image.new("RGB", (size, size), colour)
    draw = ImageDraw.Draw(face)
    for k in range(9):
        cy = size * (k + t.rng.uniform(0.2, 0.8)) / 9
        h = size * t.rng.uniform(0.02, 0.07)
        tone = shade(colour, t.rng.uniform(-0.3, 0.35))
        for j in range(3):
            cx = size * t.rng.uniform(0, 1)
            draw.ellipse((cx - size * 0.4, cy - h + j * h, cx + size * 0.4, cy + h + j * h), fill=tone)
    night = Image.radial_gradient("L").resize((round(size * 2.3), round(size * 2.3))).crop((round(size * 0.95), round(size * 0.80), round(size * 0.95) + size, round(size * 0.80) + size))
    face = Image.composite(Image.new("RGB", face.size, (6, 6, 20)), face, night.point([min(255, round(v * 1.25)) for v in range(256)]))
    mask = Image.new("L", (size * 2, size * 2))
    ImageDraw.Draw(mask).ellipse((0, 0, size * 2 - 1, size * 2 - 1), fill=255)
    face.putalpha(mask.resize((size, size), Image.Resampling.BOX))
    lay(face, t.backdrop, x - r, y - r)


def moon(t: Tableau) -> None:
    """Grey ground with craters under a black sky; the earth hangs there. Red ground on Mars."""
    mars = t.cues.says("mars|red planet")
    space(t)
    ground: Colour = (196, 104, 66) if mars else (158, 160, 172)
    for top, distance, speed in ((0.60, 0.5, 0.5), (0.68, 0.25, 0.5)):
        pace = t.speed(speed) if not t.pace else max(t.speed(0.5), t.pace * speed * 0.5)
        _hill(t, top * t.height, 0.36 * t.height, mix(ground, (20, 18, 40), distance), 0.0, pace, roll=0.6, rough=0.5)
    _near_ground(t, ground, high=0.24)
    picture = t.layers[-1].picture
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(round(picture.width / (90 * t.u))):
        x, y = t.rng.uniform(0, picture.width), t.rng.uniform(0.42, 0.95) * picture.height
        w = t.rng.uniform(20, 70) * t.u
        draw.ellipse((x - w, y - w * 0.22, x + w, y + w * 0.22), fill=(*shade(ground, 0.2), 255))
        draw.ellipse((x - w * 0.9, y - w * 0.19, x + w * 0.9, y + w * 0.14), fill=(*shade(ground, -0.45), 255))


def underwater(t: Tableau) -> None:
    """Blue depth with shafts of light, weed and coral."""
    top: Colour = (60, 176, 200) if not t.air.moon else (24, 70, 110)
    t.backdrop.paste(gradient(t.width, t.height, ((0, shade(top, 0.3)), (0.3, top), (1, (8, 40, 84)))), (0, 0))
    t.orb_x, t.horizon, t.sound = t.width * 0.4, t.height, "room"
    t.air = type(t.air)(**{**t.air.__dict__, "tint": (0.72, 0.94, 1.0), "orb": (220, 250, 255), "haze": (40, 130, 170), "deep": (6, 30, 60)})
    _shafts(t)
    for top_at, colour, distance in ((0.70, (60, 100, 130), 0.5), (0.80, (52, 80, 96), 0.15)):
        _hill(t, top_at * t.height, 0.34 * t.height, colour, distance, t.speed(0.5), roll=0.5, rough=0.6)
    cells = 8
    wide, high = t.width, round(0.36 * t.height)
    row = Image.new("RGBA", (wide * cells, high))
    stems = [(t.rng.uniform(0, wide), t.rng.uniform(0.4, 1.0) * high, t.rng.uniform(0, 6.28), t.rng.choice(((60, 150, 96), (210, 96, 110), (240, 160, 90), (50, 128, 110)))) for _ in range(round(34 * t.width / 1280))]
    for k in range(cells):
        cell = Image.new("RGBA", (wide, high))
        draw = ImageDraw.Draw(cell)
        for x, tall, start, colour in stems:
            path = [(x + 16 * t.u * (s / 10) * math.sin(2 * math.pi * k / cells + start + s * 0.5), high - tall * s / 10) for s in range(11)]
            for s in range(10):
                draw.line(path[s : s + 2], fill=(*t.air.lit(colour, 0.12), 255), width=max(1, round((13 - s) * t.u)))
        row.paste(cell, (k * wide, 0))
    t.front.append(Layer(row, Track(0), Track(t.height - high), cells=cells, hold=5))
    t.floor = 0.84 * t.height

