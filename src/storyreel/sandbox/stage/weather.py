"""
Weather and what drifts in the air, as layers over a scene: rain, snow, fog, lightning, leaves, petals, embers, stars.

Each is a pattern that repeats, so that it can fall for as long as a clip lasts.
"""

from __future__ import annotations

import math
import random

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.paint import Brush, Colour, glow, lay
from storyreel.sandbox.stage.pen import Pen


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def _tile(width: int, height: int, fall: int, drift: int) -> tuple[Image.Image, int, int]:
    """Return an empty picture that covers the frame plus one period of the pattern, and the period."""
    return Image.new("RGBA", (width + drift, height + fall), (255, 255, 255, 0)), fall, drift


def rain(width: int, height: int, rng: random.Random, *, heavy: bool) -> list[Layer]:
    """Return slanting streaks: a far sheet and a near one, which fall at every second frame."""
    layers = []
    u = height / 720
    slant = 0.34 if heavy else 0.18
    for sheet in range(2):
        speed = _even((22, 32)[sheet] * u)
        fall = speed * 2 * max(1, round((220, 300)[sheet] * u / speed / 2))
        picture = Image.new("RGBA", (width, height + fall), (214, 228, 246, 0))
        draw = Brush(picture)
        long, thick = (34, 60)[sheet] * u, max(1, round((1.0, 1.7)[sheet] * u))
        for _ in range(round((30, 11)[sheet] * (1.5 if heavy else 1.0) * width / 1280)):
            x, y = rng.uniform(0, width), rng.uniform(0, fall)
            for row in range(math.ceil(height / fall) + 2):
                # Each row is shifted against the one above, so that a streak falls along its own slant.
                left, top = (x - slant * fall * row) % width, y + (row - 1) * fall
                draw.line(
                    [(left, top), (left - slant * long, top + long)],
                    fill=(214, 228, 246, (96, 128)[sheet]),
                    width=thick,
                )
        layers.append(Layer(picture, Track(0), Track(-fall, speed, wrap=fall, step=2)))
    return layers


def snow(width: int, height: int, rng: random.Random, *, heavy: bool = False) -> list[Layer]:
    """Return flakes of three sizes, the near ones larger, quicker and softer."""
    layers = []
    u = height / 720
    for depth in range(3):
        size = (1.7, 3.0, 5.6)[depth] * max(0.5, u)
        speed = (2, 4, 6)[depth] * u * (1.5 if heavy else 1.0)
        fall = _even((240, 300, 420)[depth] * u)
        picture = Image.new("RGBA", (width + _even(80 * u), height + fall), (255, 255, 255, 0))
        flake = glow(size * 1.5, (255, 255, 255), (0.95, 1.1, 0.8)[depth], 0.8)
        count = round((80, 46, 20)[depth] * (1.6 if heavy else 1.0) * width / 1280)
        for _ in range(count):
            x, y = rng.uniform(0, picture.width), rng.uniform(0, fall)
            for row in range(math.ceil(picture.height / fall) + 1):
                lay(flake, picture, x - flake.width / 2, y + row * fall - flake.height / 2)
        sway = Track(-40 * u, swing=(10, 18, 30)[depth] * u, period=(110, 90, 120)[depth])
        layers.append(Layer(picture, sway, Track(-fall, speed, wrap=fall, step=1 if depth == 2 else 2)))
    return layers


def fog(
    width: int, height: int, rng: random.Random, *, colour: Colour = (226, 232, 238), thick: float = 1.0
) -> list[Layer]:
    """Return two banks of fog that pass each other."""
    layers = []
    for bank in range(2):
        # Fog has no detail: it is painted at a tenth and enlarged.
        w, h = round(width * 1.7 / 10), round(height * 0.62 / 10)
        small = Image.new("RGBA", (w, h), (*colour, 0))
        for _ in range(26):
            puff = glow(rng.uniform(0.16, 0.4) * h, colour, 0.42 * thick, 1.1)
            puff = puff.resize((round(puff.width * 2.6), puff.height))
            lay(puff, small, rng.uniform(-0.1, 1.0) * w - puff.width / 2, h * rng.uniform(0.35, 0.75) - puff.height / 2)
        picture = small.resize((w * 10, h * 10), Image.Resampling.BICUBIC)
        # So slowly that it moves in every fourth frame only: all of it is new to the encoder whenever it moves.
        speed = 0.5 * height / 720
        way = Track(0, -speed) if bank else Track(-0.6 * width, speed)
        layers.append(Layer(picture, way, Track(height * (0.42 if bank else 0.26))))
    return layers


def lightning(width: int, height: int, rng: random.Random) -> list[Layer]:
    """Return two bolts that strike now and then, each with its flash over the sky."""
    layers = []
    small = 2
    w, h = width // small, round(height * 0.62 / small)
    flash = (
        Image.linear_gradient("L")
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .resize((w, h))
        .point([v * 72 // 255 for v in range(256)])
    )
    for at, first in ((0.24, 20), (0.78, 58)):
        sky = Image.new("RGBA", (w, h), (206, 220, 255, 0))
        sky.putalpha(flash)
        draw = Brush(sky)
        x, y = w * at + rng.uniform(-4, 4), 0.0
        path = [(x, y)]
        while y < h * 0.86:
            x, y = x + rng.uniform(-0.05, 0.05) * w, y + rng.uniform(0.06, 0.13) * h
            path.append((x, y))
        fork = path[len(path) // 2]
        branch = [fork, (fork[0] + 0.06 * w, fork[1] + 0.12 * h), (fork[0] + 0.05 * w, fork[1] + 0.24 * h)]
        thin = max(1, round(height / 720))
        draw.line(path, fill=(206, 220, 255, 170), width=4 * thin)
        draw.line(branch, fill=(226, 234, 255, 210), width=thin)
        draw.line(path, fill=(255, 255, 255, 255), width=2 * thin)
        layers.append(
            Layer(sky.resize((w * small, h * small), Image.Resampling.BILINEAR), rhythm=(84, first, first + 3))
        )
    return layers


def drifting(
    width: int, height: int, rng: random.Random, colours: tuple[Colour, ...], *, rise: bool, shape: str, count: int = 26
) -> list[Layer]:
    """Return leaves, petals, embers or sparks that fall or rise across the frame."""
    layers = []
    u = height / 720
    for depth in range(2):
        period = _even((380, 520)[depth] * u)
        speed = (2, 4)[depth] * u
        picture = Image.new("RGBA", (width + _even(160 * u), height + period))
        for _ in range(round(count * (0.6, 0.4)[depth] * max(0.5, width / 1280))):
            size = (5, 9)[depth] * u * rng.uniform(0.7, 1.2)
            colour = rng.choice(colours)
            if shape == "spark":
                piece = glow(size * 0.9, colour, 1.3, 1.6)
            else:
                pen = Pen(2.2, 2.2, max(2.0, size), finer=3)
                a = rng.uniform(0, 6.28)
                ca, sa = math.cos(a), math.sin(a)
                leaf = [(-1, 0), (-0.3, -0.42), (0.5, -0.34), (1, 0), (0.5, 0.34), (-0.3, 0.42)]
                pen.shape([(1.1 + x * ca - y * sa, 1.1 + x * sa + y * ca) for x, y in leaf], colour, soft=True)
                piece = pen.done()
            x, y = rng.uniform(0, picture.width), rng.uniform(0, period)
            for row in range(math.ceil(picture.height / period) + 1):
                lay(piece, picture, x - piece.width / 2, y + row * period - piece.height / 2)
        # It drifts slowly over the whole frame: at half the rate it looks the same and costs half.
        fall = Track(0, -speed, wrap=period, step=2) if rise else Track(-period, speed, wrap=period, step=2)
        sway = Track(-80 * u, swing=(40, 64)[depth] * u, period=(84, 120)[depth], step=2)
        layers.append(Layer(picture, sway, fall))
    return layers


def fireflies(width: int, height: int, rng: random.Random) -> list[Layer]:
    """Return lights that hover low and pulse."""
    cells, w, h = 8, width, _even(height * 0.5)
    spots = [
        (rng.uniform(0, w), rng.uniform(0, h), rng.uniform(0, 6.28)) for _ in range(round(20 * max(0.5, width / 1280)))
    ]
    row = Image.new("RGBA", (w * cells, h))
    size = height / 720
    for k in range(cells):
        cell = Image.new("RGBA", (w, h))
        for x, y, start in spots:
            bright = 0.5 + 0.5 * math.sin(2 * math.pi * k / cells + start)
            spot = glow((5 + 9 * bright) * size, (226, 255, 130), 0.4 + 0.8 * bright, 1.8)
            lay(spot, cell, x - spot.width / 2 + 5 * math.sin(start + k * 0.78) * size, y - spot.height / 2)
        row.paste(cell, (k * w, 0))
    return [
        Layer(
            row,
            Track(0, swing=12 * size, period=100),
            Track(height * 0.42, swing=8 * size, period=76),
            cells=cells,
            hold=4,
        )
    ]


def stars(width: int, height: int, rng: random.Random) -> list[Layer]:
    """Return stars that twinkle in the upper half, for a clip that is to become night."""
    cells, h = 3, _even(height * 0.55)
    row = Image.new("RGBA", (width * cells, h), (255, 255, 255, 0))
    draw = Brush(row)
    size = max(1.0, height / 720)
    for _ in range(round(110 * max(0.4, width / 1280))):
        x, y, r = rng.uniform(0, width), h * rng.random() ** 1.5, rng.uniform(0.6, 1.5) * size
        for k in range(cells):
            draw.ellipse(
                (k * width + x - r, y - r, k * width + x + r, y + r), fill=(255, 255, 244, rng.choice((120, 200, 250)))
            )
    return [Layer(row, cells=cells, hold=4)]


def _flare(width: int, height: int, colour: Colour, across: float, down: float, reach: float, strength: float) -> Layer:
    # A glow of this size has no detail; it is painted small.
    light = glow(reach * height / 6, colour, strength, 1.5)
    light = light.resize((light.width * 6, light.height * 6), Image.Resampling.BILINEAR)
    return Layer(
        light, Track(width * across - light.width / 2), Track(height * down - light.height / 2, swing=2, period=90)
    )


def weather(kind: str, width: int, height: int, seed: int) -> list[Layer]:
    """
    Return the layers of one kind of weather for a frame of this size; none for a kind that has none.
    """
    rng = random.Random(seed * 31 + len(kind))
    match kind:
        case "rain":
            return rain(width, height, rng, heavy=False)
        case "storm":
            return [*lightning(width, height, rng), *rain(width, height, rng, heavy=True)]
        case "snow":
            return snow(width, height, rng)
        case "fog":
            return fog(width, height, rng)
        case "leaves":
            return drifting(
                width, height, rng, ((206, 120, 44), (226, 168, 62), (176, 76, 40)), rise=False, shape="leaf"
            )
        case "petals":
            return drifting(
                width, height, rng, ((250, 196, 214), (255, 226, 234), (240, 160, 190)), rise=False, shape="leaf"
            )
        case "embers":
            return drifting(
                width,
                height,
                rng,
                ((255, 190, 90), (255, 130, 50), (255, 226, 150)),
                rise=True,
                shape="spark",
                count=34,
            )
        case "dust":
            return drifting(width, height, rng, ((255, 244, 220),), rise=True, shape="spark", count=22)
        case "bubbles":
            return drifting(width, height, rng, ((210, 240, 250),), rise=True, shape="spark", count=40)
        case "fireflies":
            return fireflies(width, height, rng)
        case "stars":
            return stars(width, height, rng)
        case "sun":
            return [_flare(width, height, (255, 190, 96), 0.72, 0.30, 0.62, 0.85)]
        case "neon":
            return [
                _flare(width, height, (255, 40, 170), 0.14, 0.5, 0.72, 0.62),
                _flare(width, height, (40, 210, 255), 0.86, 0.44, 0.72, 0.6),
            ]
    return []
