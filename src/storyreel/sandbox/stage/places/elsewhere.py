"""
Set the places that nobody walks in without a suit: space, the moon, the bottom of the sea.
"""

from __future__ import annotations

import math

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.paint import (
    Brush,
    Colour,
    glow,
    gradient,
    lay,
    mix,
    shade,
)
from storyreel.sandbox.stage.places.land import light_shafts, near_ground, rolling


def space(t: Tableau) -> None:
    """Stars, a nebula and a planet."""
    rng = t.rng
    t.backdrop.paste(gradient(t.width, t.height, ((0, (6, 6, 20)), (0.6, (16, 12, 42)), (1, (26, 16, 54)))), (0, 0))
    draw = Brush(t.backdrop, "RGBA")
    for colour in ((120, 50, 160), (36, 90, 180), (190, 70, 120), (60, 120, 200)):
        cloud = glow(0.06 * t.width, colour, 0.5, 1.3)
        cloud = cloud.resize((cloud.width * 8, cloud.height * 5), Image.Resampling.BILINEAR)
        lay(cloud, t.backdrop, rng.uniform(-0.2, 0.8) * t.width, rng.uniform(-0.1, 0.6) * t.height)
    for _ in range(round(320 * t.width / 1280)):
        x, y, r = rng.uniform(0, t.width), rng.uniform(0, t.height), rng.choice((0.6, 0.8, 1.2, 1.8)) * max(0.7, t.u)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 250, rng.randint(120, 250)))
    r = 0.34 * t.size
    _planet(
        t,
        t.width * 0.80,
        t.height * 0.34,
        r,
        t.cues.colour or rng.choice(((66, 130, 190), (206, 130, 84), (120, 170, 140))),
    )
    t.horizon, t.floor, t.sound = t.height, t.height * 0.72, "night"
    t.air = type(t.air)(
        **{**t.air.__dict__, "tint": (0.92, 0.92, 1.0), "orb": (255, 246, 226), "haze": (40, 30, 70), "lamps": True}
    )
    t.orb_x = 0.0


def _planet(t: Tableau, x: float, y: float, r: float, colour: Colour) -> None:
    size = round(2 * r)
    halo = glow(r * 1.5 / 4, shade(colour, 0.4), 0.5, 1.6)
    halo = halo.resize((halo.width * 4, halo.height * 4), Image.Resampling.BILINEAR)
    lay(halo, t.backdrop, x - halo.width / 2, y - halo.height / 2)
    face = Image.new("RGB", (size, size), colour)
    draw = Brush(face)
    for k in range(9):
        cy = size * (k + t.rng.uniform(0.2, 0.8)) / 9
        h = size * t.rng.uniform(0.02, 0.07)
        tone = shade(colour, t.rng.uniform(-0.3, 0.35))
        for j in range(3):
            cx = size * t.rng.uniform(0, 1)
            draw.ellipse((cx - size * 0.4, cy - h + j * h, cx + size * 0.4, cy + h + j * h), fill=tone)
    night = (
        Image.radial_gradient("L")
        .resize((round(size * 2.3), round(size * 2.3)))
        .crop((round(size * 0.95), round(size * 0.80), round(size * 0.95) + size, round(size * 0.80) + size))
    )
    face = Image.composite(
        Image.new("RGB", face.size, (6, 6, 20)), face, night.point([min(255, round(v * 1.25)) for v in range(256)])
    )
    mask = Image.new("L", (size * 2, size * 2))
    Brush(mask).ellipse((0, 0, size * 2 - 1, size * 2 - 1), fill=255)
    face.putalpha(mask.resize((size, size), Image.Resampling.BOX))
    lay(face, t.backdrop, x - r, y - r)


def moon(t: Tableau) -> None:
    """Grey ground with craters under a black sky; the earth hangs there. Red ground on Mars."""
    mars = t.cues.says("mars|red planet")
    space(t)
    ground: Colour = (196, 104, 66) if mars else (158, 160, 172)
    for top, distance, speed in ((0.60, 0.5, 0.5), (0.68, 0.25, 0.5)):
        pace = t.speed(speed) if not t.pace else t.speed(1.0)
        rolling(t, top * t.height, 0.36 * t.height, mix(ground, (20, 18, 40), distance), 0.0, pace, roll=0.6, rough=0.5)
    near_ground(t, ground, high=0.24)
    picture = t.layers[-1].picture
    draw = Brush(picture)
    for _ in range(round(picture.width / (190 * t.u))):
        x, y = t.rng.uniform(0, picture.width), t.rng.uniform(0.42, 0.95) * picture.height
        w = t.rng.uniform(20, 70) * t.u
        draw.ellipse((x - w, y - w * 0.22, x + w, y + w * 0.22), fill=(*shade(ground, 0.2), 255))
        draw.ellipse((x - w * 0.9, y - w * 0.19, x + w * 0.9, y + w * 0.14), fill=(*shade(ground, -0.45), 255))


def underwater(t: Tableau) -> None:
    """Blue depth with shafts of light, weed and coral."""
    top: Colour = (60, 176, 200) if not t.air.moon else (24, 70, 110)
    t.backdrop.paste(gradient(t.width, t.height, ((0, shade(top, 0.3)), (0.3, top), (1, (8, 40, 84)))), (0, 0))
    t.orb_x, t.horizon, t.sound = t.width * 0.4, t.height, "room"
    t.air = type(t.air)(
        **{
            **t.air.__dict__,
            "tint": (0.72, 0.94, 1.0),
            "orb": (220, 250, 255),
            "haze": (40, 130, 170),
            "deep": (6, 30, 60),
        }
    )
    light_shafts(t)
    for top_at, colour, distance in ((0.70, (60, 100, 130), 0.5), (0.80, (52, 80, 96), 0.15)):
        rolling(t, top_at * t.height, 0.34 * t.height, colour, distance, t.speed(0.5), roll=0.5, rough=0.6)
    cells = 8
    wide, high = t.width, round(0.36 * t.height)
    row = Image.new("RGBA", (wide * cells, high))
    stems = [
        (
            t.rng.uniform(0, wide),
            t.rng.uniform(0.4, 1.0) * high,
            t.rng.uniform(0, 6.28),
            t.rng.choice(((60, 150, 96), (210, 96, 110), (240, 160, 90), (50, 128, 110))),
        )
        for _ in range(round(34 * t.width / 1280))
    ]
    for k in range(cells):
        cell = Image.new("RGBA", (wide, high))
        draw = Brush(cell)
        for x, tall, start, colour in stems:
            path = [
                (x + 16 * t.u * (s / 10) * math.sin(2 * math.pi * k / cells + start + s * 0.5), high - tall * s / 10)
                for s in range(11)
            ]
            for s in range(10):
                draw.line(path[s : s + 2], fill=(*t.air.lit(colour, 0.12), 255), width=max(1, round((13 - s) * t.u)))
        row.paste(cell, (k * wide, 0))
    t.front.append(Layer(row, Track(0), Track(t.height - high), cells=cells, hold=4))
    t.floor = 0.84 * t.height
