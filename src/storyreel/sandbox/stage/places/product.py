"""
Set the studio of an advertisement: one thing on a plinth, in the best light.
"""

from __future__ import annotations

import math

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.cues import PRODUCTS, Subject
from storyreel.sandbox.stage.figures.products import steam, thing
from storyreel.sandbox.stage.paint import Brush, Colour, glow, gradient, lay, mix, shade, stencil, strip
from storyreel.sandbox.stage.pen import Pen


def _complement(colour: Colour) -> Colour:
    return mix((255 - colour[0], 255 - colour[1], 255 - colour[2]), (120, 128, 146), 0.42)


def product(t: Tableau) -> None:
    """An advertisement's studio: a coloured sweep, a disc of light, a round plinth, the thing on it and its mirror image."""
    w, h = t.width, t.height
    hero = t.cues.subject(*PRODUCTS) or t.cues.subject("lantern") or Subject("bottle")
    dark = t.cues.says("dark|night|black background|moody|noir|luxur")
    own = hero.colour() or {
        "cup": (196, 120, 72),
        "shoe": (232, 84, 56),
        "bottle": (36, 110, 92),
        "watch": (110, 66, 42),
    }.get(hero.kind, (96, 100, 170))
    wall_tone = mix(_complement(own), (16, 16, 26), 0.80 if dark else 0.0)
    disc_tone = mix(own, (20, 18, 26), 0.55) if dark else mix(own, (255, 244, 226), 0.45)
    if hero.kind == "cup":
        wall_tone, disc_tone = ((44, 32, 30), (120, 74, 48)) if dark else ((126, 78, 56), (238, 190, 132))
    t.sound = "room"
    base = 0.66 * h
    t.backdrop = gradient(
        w,
        h,
        (
            (0, shade(wall_tone, -0.30)),
            (0.5, wall_tone),
            (0.66, shade(wall_tone, 0.12)),
            (0.70, shade(wall_tone, -0.05)),
            (1, shade(wall_tone, -0.46)),
        ),
    )
    for _ in range(16):
        r = t.rng.uniform(0.02, 0.065) * t.size
        soft = glow(r, shade(disc_tone, 0.35), t.rng.uniform(0.25, 0.5), 0.55)
        lay(soft, t.backdrop, t.rng.uniform(0, w), t.rng.uniform(0, 0.5) * h)
    r = 0.34 * t.size
    side = 2 * round(r)
    big = Image.new("L", (2 * side, 2 * side))
    Brush(big).ellipse((0, 0, 2 * side - 1, 2 * side - 1), fill=255)
    round_light = stencil(big.reduce(2), gradient(side, side, ((0, shade(disc_tone, 0.22)), (1, disc_tone))))
    halo = glow(0.62 * t.size / 4, shade(disc_tone, 0.4), 0.5, 1.5)
    halo = halo.resize((halo.width * 4, halo.height * 4), Image.Resampling.BILINEAR)
    lay(halo, t.backdrop, w / 2 - halo.width / 2, 0.40 * h - halo.height / 2)
    lay(round_light, t.backdrop, w / 2 - r, 0.40 * h - r)
    stand = mix(wall_tone, (246, 238, 226), 0.62) if not dark else mix(wall_tone, (150, 146, 150), 0.4)
    pen = Pen(10, 3, t.size / 10, finer=2)
    pen.disc(5, 2.15, 4.0, shade(wall_tone, -0.5), 0.7, alpha=255)
    rim = shade(stand, -0.34)
    for k in range(24):
        x0 = 5 - 3.4 * math.cos(math.pi * k / 24)
        x1 = 5 - 3.4 * math.cos(math.pi * (k + 1) / 24)
        tone = shade(rim, 0.24 * math.sin(math.pi * (k + 0.5) / 24) - 0.1)
        depth = [0.56 * math.sin(math.pi * j / 24) for j in (k, k + 1)]
        pen.shape([(x0, 0.9), (x1 + 0.02, 0.9), (x1 + 0.02, 1.7 + depth[1]), (x0, 1.7 + depth[0])], tone)
    pen.disc(5, 0.9, 3.4, shade(stand, 0.12), 0.56)
    pen.disc(5, 0.9, 3.26, shade(stand, 0.34), 0.51)
    plinth = pen.done()
    top = base + 0.09 * t.size
    t.layers.append(Layer(plinth, Track(round(w / 2 - plinth.width / 2)), Track(round(top - 0.09 * t.size))))
    tall = (0.50 if hero.kind != "shoe" else 0.60) * t.size
    item = thing(hero, (1.0, 0.99, 0.97), tall)
    mirror = item.picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    cut = round(item.picture.height - item.foot)
    mirror = mirror.crop((0, cut, mirror.width, cut + round(0.06 * tall)))
    fade = (
        Image.linear_gradient("L")
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .resize(mirror.size)
        .point([round(v * 0.30) for v in range(256)])
    )
    mirror.putalpha(Image.composite(fade, Image.new("L", mirror.size), mirror.getchannel("A")))
    foot = top + 0.012 * t.size
    t.layers.append(Layer(mirror, Track(round(w / 2 - item.middle)), Track(round(foot))))
    t.put(item, w / 2, foot, shadow=tall * 0.95)
    _sheen(t, item.picture, w / 2 - item.middle, foot - item.foot)
    if hero.kind == "cup":
        t.put(steam(0.34 * t.size), w / 2, foot - item.foot + 0.44 * tall)
        _beans(t, foot)
    t.floor, t.tall, t.horizon = foot + 0.1 * h, 0.4 * t.size, base


def _beans(t: Tableau, foot: float) -> None:
    """Lay coffee beans around the cup."""
    u = t.u
    pen = Pen(8, 2, t.size / 10, finer=2)
    for _ in range(16):
        x, y = t.rng.uniform(0.3, 7.7), t.rng.uniform(0.9, 1.8)
        if abs(x - 4) < 2.0 and y < 1.5:
            continue
        pen.disc(x, y, 0.17, (74, 42, 28), 0.11)
        pen.line([(x - 0.13, y + 0.02), (x, y - 0.02), (x + 0.13, y + 0.01)], (44, 24, 18), 0.03)
    picture = pen.done()
    t.layers.append(
        Layer(picture, Track(round(t.width / 2 - picture.width / 2)), Track(round(foot - 0.08 * t.size - 4 * u)))
    )


def _sheen(t: Tableau, item: Image.Image, left: float, top: float) -> None:
    """Lay a band of light that passes over the thing and never beside it."""
    cells = 16
    alpha = item.getchannel("A")
    w, h = item.size
    band = Image.new("L", (w, h))
    drawn = []
    white = Image.new("RGBA", (w, h), (255, 255, 255, 0))
    for k in range(cells):
        if k >= 10:
            drawn.append(white)
            continue
        band = Image.new("L", (w // 4, h // 4))
        x = (-0.3 + 1.6 * k / 9) * w / 4
        draw = Brush(band)
        for spread, ink in ((0.12, 26), (0.07, 54), (0.03, 84)):
            s = w / 4 * spread
            draw.polygon(
                [
                    (x - s + 0.2 * w / 4, 0),
                    (x + s + 0.2 * w / 4, 0),
                    (x + s - 0.1 * w / 4, h / 4),
                    (x - s - 0.1 * w / 4, h / 4),
                ],
                fill=ink,
            )
        cell = Image.new("RGBA", (w, h), (255, 255, 255, 0))
        cell.putalpha(Image.composite(band.resize((w, h), Image.Resampling.BILINEAR), Image.new("L", (w, h)), alpha))
        drawn.append(cell)
    t.layers.append(Layer(strip(drawn), Track(round(left)), Track(round(top)), cells=cells, hold=2))
