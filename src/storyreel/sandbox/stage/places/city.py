"""
Set a city: its skyline, and its streets with shop fronts, signs and lamps.
"""

from __future__ import annotations

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.caption import face
from storyreel.sandbox.stage.paint import Brush, Colour, glow, gradient, lay, mix, shade
from storyreel.sandbox.stage.pen import Pen


def _towers(
    t: Tableau, base: float, size: float, distance: float, speed: float, colour: Colour, *, lit_part: float
) -> None:
    """Lay a row of tower blocks with their windows."""
    wide, high = t.width + t.travel(speed), round(size)
    picture = Image.new("RGBA", (wide, high))
    draw = Brush(picture)
    x = -20.0 * t.u
    while x < wide:
        w, h = size * t.rng.uniform(0.16, 0.30), size * t.rng.uniform(0.34, 0.94)
        wall = t.air.lit(shade(colour, t.rng.uniform(-0.12, 0.14)), distance)
        top = high - h
        draw.rectangle((x, top, x + w, high), fill=(*wall, 255))
        draw.rectangle((x, top, x + w * 0.28, high), fill=(*shade(wall, -0.16), 255))
        style = t.rng.random()
        if style < 0.3:
            draw.rectangle((x + w * 0.2, top - h * 0.05, x + w * 0.7, top), fill=(*wall, 255))
        elif style < 0.45:
            draw.polygon([(x, top), (x + w * 0.5, top - w * 0.6), (x + w, top)], fill=(*wall, 255))
        elif style < 0.6:
            draw.line([(x + w / 2, top), (x + w / 2, top - h * 0.14)], fill=(*wall, 255), width=max(1, round(3 * t.u)))
            if t.air.lamps:
                r = 3 * t.u
                draw.ellipse(
                    (x + w / 2 - r, top - h * 0.14 - r, x + w / 2 + r, top - h * 0.14 + r), fill=(255, 80, 90, 255)
                )
        pitch = max(5.0, 15 * t.u * (1 - 0.45 * distance))
        on = mix(t.air.lamp, wall, 0.15 + 0.5 * distance)
        warm = mix((255, 206, 130), wall, 0.15 + 0.5 * distance)
        off = shade(wall, -0.22) if t.air.lamps else mix(shade(wall, 0.3), t.air.sky[1][1], 0.4)
        columns = max(1, int((w - pitch * 0.6) / pitch))
        for r in range(int((h - pitch * 0.6) / pitch)):
            y = top + pitch * (0.6 + r)
            for c in range(columns):
                wx = x + (w - columns * pitch) / 2 + c * pitch + pitch * 0.2
                lit = t.air.lamps and t.rng.random() < lit_part
                ink = (warm if t.rng.random() < 0.6 else on) if lit else off
                draw.rectangle((wx, y, wx + pitch * 0.55, y + pitch * 0.6), fill=(*ink, 255))
        x += w + t.rng.choice((0, 2, 8, 16)) * t.u
    t.layers.append(Layer(picture, Track(0, -speed), Track(round(base - high))))


def city(t: Tableau) -> None:
    """A skyline in three depths; at street level where somebody is there, with neon and wet asphalt at night."""
    t.sound = "rain" if "rain" in t.cues.weathers else "city"
    t.sky(0.74)
    t.clouds(3, low=0.55)
    body: Colour = (92, 104, 130) if not t.air.lamps else (52, 54, 92)
    _towers(t, 0.80 * t.height, 0.56 * t.height, 0.62, t.speed(0.5), body, lit_part=0.34)
    _towers(
        t,
        0.82 * t.height,
        0.46 * t.height,
        0.30,
        t.drift(1),
        body,
        lit_part=0.42,
    )
    _facades(t, 0.50 if t.cues.hour == "neon" else 0.36)


def street(t: Tableau) -> None:
    """A row of shop fronts and a pavement with lamps."""
    t.sound = "rain" if "rain" in t.cues.weathers else "city"
    t.sky(0.60)
    t.clouds(3, low=0.6)
    body: Colour = (104, 112, 134) if not t.air.lamps else (58, 60, 96)
    _towers(t, 0.80 * t.height, 0.70 * t.height, 0.5, t.speed(0.5), body, lit_part=0.3)
    _facades(t, 0.62)


NEON: tuple[Colour, ...] = ((255, 60, 150), (60, 230, 255), (255, 214, 70), (150, 90, 255), (90, 255, 170))
SIGNS = ("HOTEL", "RAMEN", "BAR", "CINEMA", "24 H", "JAZZ", "OPEN", "CAFE", "ARCADE", "NOODLES", "TAXI", "BOOKS")


def _sign(words: str, size: float, colour: Colour, *, upright: bool) -> Image.Image:
    font = face(max(8, round(size)))
    if upright:
        w, h = round(size * 1.5), round(size * 1.12 * len(words) + size * 0.7)
    else:
        w, h = round(font.getlength(words) + size * 1.0), round(size * 1.6)
    plate = Image.new("RGBA", (w, h))
    draw = Brush(plate)
    draw.rounded_rectangle(
        (0, 0, w - 1, h - 1),
        radius=size * 0.25,
        fill=(16, 12, 30, 235),
        outline=(*colour, 255),
        width=max(1, round(size * 0.1)),
    )
    ink = (*mix(colour, (255, 255, 255), 0.45), 255)
    if upright:
        for k, letter in enumerate(words):
            draw.text((w / 2, size * (0.9 + 1.12 * k)), letter, font=font, fill=ink, anchor="mm")
    else:
        draw.text((w / 2, h / 2), words, font=font, fill=ink, anchor="mm")
    halo = glow(max(w, h) * 0.26, colour, 0.75, 1.3).resize((round(w * 2.0), round(h * 2.0)))
    whole = Image.new("RGBA", halo.size)
    lay(halo, whole, 0, 0)
    lay(plate, whole, w * 0.5, h * 0.5)
    return whole


def _facades(t: Tableau, part: float) -> None:
    speed = t.pace
    night, neon = t.air.lamps, t.cues.hour in ("neon", "night")
    wide, base = t.width + t.travel(speed), round(0.80 * t.height)
    high = round(part * t.height)
    picture = Image.new("RGBA", (wide, high))
    draw = Brush(picture)
    walls: tuple[Colour, ...] = (
        (172, 98, 80),
        (206, 180, 146),
        (120, 128, 142),
        (150, 120, 110),
        (96, 110, 124),
        (190, 150, 104),
    )
    signs: list[tuple[Image.Image, float, float]] = []
    lamps: list[tuple[float, Colour]] = []
    x = -30.0 * t.u
    while x < wide:
        w, h = t.rng.uniform(190, 300) * t.u, high * t.rng.uniform(0.74, 0.98)
        wall = t.air.lit(t.rng.choice(walls), 0.06)
        if neon:
            wall = shade(mix(wall, t.air.deep, 0.5), -0.1)
        top = high - h
        draw.rectangle((x, top, x + w, high), fill=(*wall, 255))
        draw.rectangle((x, top, x + w, top + 9 * t.u), fill=(*shade(wall, 0.2), 255))
        draw.rectangle((x, top, x + 12 * t.u, high), fill=(*shade(wall, -0.2), 255))
        shop = min(118 * t.u, h * 0.5)
        columns = max(2, round(w / (62 * t.u)))
        for r in range(max(0, int((h - shop - 24 * t.u) / (66 * t.u)))):
            for c in range(columns):
                wx, wy = x + w * (c + 0.5) / columns, top + (46 + 66 * r) * t.u
                on = night and t.rng.random() < 0.5
                ink = (
                    mix((255, 208, 136), wall, 0.12)
                    if on
                    else (shade(wall, -0.34) if night else mix(t.air.sky[1][1], wall, 0.4))
                )
                draw.rectangle(
                    (wx - 15 * t.u, wy - 22 * t.u, wx + 15 * t.u, wy + 22 * t.u), fill=(*shade(wall, 0.28), 255)
                )
                draw.rectangle((wx - 12 * t.u, wy - 19 * t.u, wx + 12 * t.u, wy + 19 * t.u), fill=(*ink, 255))
        cloth = (
            t.rng.choice(NEON)
            if neon
            else t.air.lit(t.rng.choice(((196, 62, 56), (44, 110, 100), (222, 170, 70), (60, 84, 140))))
        )
        glass = mix((255, 220, 150), cloth, 0.22) if night else mix(t.air.sky[1][1], (220, 230, 236), 0.4)
        y = high - shop
        draw.rectangle((x + 16 * t.u, y + 16 * t.u, x + w - 12 * t.u, high - 8 * t.u), fill=(*shade(wall, -0.45), 255))
        for k, (a, b) in enumerate(((0.10, 0.46), (0.66, 0.92))):
            draw.rectangle((x + w * a, y + 30 * t.u, x + w * b, high - 26 * t.u), fill=(*shade(glass, -0.06 * k), 255))
        draw.rectangle((x + w * 0.50, y + 30 * t.u, x + w * 0.62, high - 6 * t.u), fill=(*shade(cloth, -0.4), 255))
        stripes = 8
        for k in range(stripes):
            a, b = x + 12 * t.u + (w - 22 * t.u) * k / stripes, x + 12 * t.u + (w - 22 * t.u) * (k + 1) / stripes
            tone = cloth if k % 2 else mix(cloth, t.air.lit((244, 240, 232)), 0.75)
            if neon:
                tone = shade(cloth, -0.5 if k % 2 else -0.62)
            draw.polygon([(a + 4 * t.u, y), (b + 4 * t.u, y), (b, y + 24 * t.u), (a, y + 24 * t.u)], fill=(*tone, 255))
        if neon:
            upright = t.rng.random() < 0.6
            words = t.rng.choice(SIGNS)
            colour = t.rng.choice(NEON)
            sign = _sign(words, (27 if upright else 30) * t.u, colour, upright=upright)
            signs.append(
                (
                    sign,
                    x + (w * 0.82 if upright else w * 0.5) - sign.width / 2,
                    y - sign.height * (0.80 if upright else 0.74),
                )
            )
            lamps.append((x + w * 0.5, colour))
        elif night:
            lamps.append((x + w * 0.3, (255, 210, 140)))
        x += w + t.rng.choice((0, 0, 10)) * t.u
    for sign, sx, sy in signs:
        lay(sign, picture, sx, sy)
    t.layers.append(Layer(picture, Track(0, -speed), Track(base - high)))
    _pavement(t, picture, base, wide, speed, lamps)


def _pavement(
    t: Tableau, facades: Image.Image, base: int, wide: int, speed: float, lamps: list[tuple[float, Colour]]
) -> None:
    wet = "rain" in t.cues.weathers or t.cues.hour == "neon"
    high = t.height - base
    tone = t.air.lit((108, 108, 118)) if not wet else t.air.lit((52, 50, 74))
    ground = gradient(wide, high, ((0, shade(tone, 0.16)), (0.25, tone), (1, shade(tone, -0.5))))
    draw = Brush(ground, "RGBA")
    draw.rectangle((0, 0, wide, 5 * t.u), fill=(*shade(tone, 0.32), 255))
    if wet:
        low = facades.crop((0, max(0, facades.height - round(high * 1.5)), wide, facades.height)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        # Blurred downwards more than across, as wet asphalt does.
        soft = low.resize((max(1, wide // 8), 7), Image.Resampling.BOX).resize((wide, high), Image.Resampling.BILINEAR)
        soft.putalpha(soft.getchannel("A").point([round(v * 0.42) for v in range(256)]))
        lay(soft, ground, 0, 4 * t.u)
        for x, colour in lamps:
            streak = glow(30 * t.u, colour, 0.8, 1.2).resize((round(90 * t.u), round(high * 1.7)))
            lay(streak, ground, x - streak.width / 2, -high * 0.55)
        for _ in range(round(wide / (30 * t.u))):
            x, y = t.rng.uniform(0, wide), t.rng.uniform(high * 0.15, high)
            w = t.rng.uniform(10, 70) * t.u
            draw.line([(x, y), (x + w, y)], fill=(255, 255, 255, t.rng.randint(14, 46)), width=max(1, round(2 * t.u)))
    else:
        for x in range(0, wide, round(90 * t.u) or 30):
            draw.line([(x, 5 * t.u), (x - 40 * t.u, high * 0.5)], fill=(*shade(tone, -0.2), 255), width=1)
        draw.rectangle((0, high * 0.5, wide, high * 0.5 + 6 * t.u), fill=(*shade(tone, 0.25), 255))
        draw.rectangle((0, high * 0.5 + 6 * t.u, wide, high), fill=(*shade(t.air.lit((70, 72, 82)), -0.1), 255))
    t.layers.append(Layer(ground.convert("RGBA"), Track(0, -speed), Track(base)))
    _street_lamps(t, base, wide, speed)
    t.floor = base + high * 0.34


def _street_lamps(t: Tableau, base: int, wide: int, speed: float) -> None:
    tall = 0.44 * t.size
    pen = Pen(0.9, 1.05, tall, t.air.tint, finer=2)
    iron = (46, 46, 56)
    pen.limb([(0.45, 1.04), (0.45, 0.5), (0.45, 0.18)], iron, [0.045, 0.026, 0.02])
    pen.line([(0.45, 0.2), (0.45, 0.12)], iron, 0.02)
    pen.shape([(0.37, 0.14), (0.45, 0.05), (0.53, 0.14)], iron)
    pen.shape(
        [(0.385, 0.14), (0.515, 0.14), (0.49, 0.24), (0.41, 0.24)],
        (255, 236, 190) if t.air.lamps else (206, 214, 220),
        lit=not t.air.lamps,
    )
    lamp = pen.done()
    if t.air.lamps:
        halo = glow(0.30 * tall, (255, 216, 150), 0.7, 1.6)
        lay(halo, lamp, 0.45 * tall - halo.width / 2, 0.19 * tall - halo.height / 2)
    gap = round(420 * t.u)
    row = Image.new("RGBA", (wide, lamp.height))
    for x in range(round(gap * 0.3), wide, gap):
        lay(lamp, row, x - lamp.width / 2, 0)
    t.layers.append(Layer(row, Track(0, -speed), Track(round(base + 0.03 * t.height - lamp.height))))
