"""
Set the tended country: fields with a road or rails, a lake among hills.
"""

from __future__ import annotations

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.paint import (
    Brush,
    gradient,
    lay,
    mix,
)
from storyreel.sandbox.stage.places.land import (
    SNOW,
    is_snowy,
    mountains,
    near_ground,
    pines,
    planted,
    regrown,
    rolling,
    trees,
)


def meadow(t: Tableau) -> None:
    """Rolling fields with trees; a road or rails where something drives."""
    t.sky(0.60)
    t.clouds(5, low=0.7)
    mountains(
        t,
        t.horizon + 0.02 * t.height,
        0.18 * t.height,
        (98, 116, 142),
        0.6,
        t.speed(0.5),
        caps=False,
        spacing=0.3 * t.width,
    )
    snow = is_snowy(t)
    for k, (top, distance, colour) in enumerate(
        ((0.50, 0.40, (122, 160, 92)), (0.57, 0.20, (104, 152, 78)), (0.64, 0.06, (120, 160, 72)))
    ):
        pace = t.drift(k)
        picture, points = rolling(
            t, top * t.height, 0.34 * t.height, SNOW if snow else colour, distance, pace, roll=0.8 + 0.2 * k
        )
        if k:
            plants = (
                trees(t, (0.10 + 0.09 * k) * t.height)
                if not snow
                else pines(t, (0.1 + 0.09 * k) * t.height, (50, 92, 80), distance)
            )
            regrown(
                t,
                planted(t, picture, points, round((12 if k == 1 else 6) * picture.width / t.width), plants),
                max(p.height for p in plants),
            )
    near_ground(t, SNOW if snow else (116, 160, 76), tufts=None if snow else t.air.lit((74, 124, 62)))
    if t.cues.subject("car", "bus", "bicycle", "train"):
        _road(t, rails=t.cues.subject("train") is not None)
    t.sound = "forest"


def _road(t: Tableau, *, rails: bool) -> None:
    speed = max(t.pace, t.speed(2))
    wide, high = t.width + t.travel(speed), round(0.13 * t.height)
    picture = Image.new("RGBA", (wide, high), (*t.air.lit((86, 88, 98)), 255))
    draw = Brush(picture)
    if rails:
        picture.paste((*t.air.lit((124, 112, 100)), 255), (0, 0, wide, high))
        for x in range(0, wide, round(30 * t.u) or 8):
            draw.polygon(
                [(x, high * 0.2), (x + 13 * t.u, high * 0.2), (x + 8 * t.u, high * 0.74), (x - 8 * t.u, high * 0.74)],
                fill=(*t.air.lit((92, 66, 50)), 255),
            )
        for y in (0.26, 0.62):
            draw.rectangle((0, high * y, wide, high * y + 5 * t.u), fill=(*t.air.lit((190, 194, 202)), 255))
    else:
        draw.rectangle((0, 0, wide, 4 * t.u), fill=(*t.air.lit((224, 220, 206)), 255))
        for x in range(0, wide, round(120 * t.u) or 20):
            draw.rectangle(
                (x, high * 0.52, x + 60 * t.u, high * 0.52 + 6 * t.u), fill=(*t.air.lit((244, 226, 150)), 255)
            )
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
    mountains(
        t, t.horizon + 0.02 * t.height, 0.40 * t.height, (96, 110, 138), 0.46, 0.0, caps=True, spacing=0.36 * t.width
    )
    picture, points = rolling(
        t, t.horizon - 0.10 * t.height, 0.12 * t.height, (62, 100, 82) if not is_snowy(t) else SNOW, 0.22, 0.0, roll=0.9
    )
    plants = pines(t, 0.13 * t.height, (38, 84, 72), 0.16)
    regrown(t, planted(t, picture, points, 50, plants), max(p.height for p in plants))
    whole = t.backdrop.convert("RGBA")
    for layer in t.layers[first:]:
        lay(layer.picture, whole, layer.x.start, layer.y.start)
    top = round(t.horizon)
    mirror = whole.crop((0, max(0, 2 * top - t.height), t.width, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    own = t.air.lit((26, 92, 118))
    water = gradient(t.width, t.height - top, ((0, mix(t.air.sky[-1][1], own, 0.5)), (1, own)))
    mirror = Image.blend(mirror.convert("RGB").resize((t.width, t.height - top)), water, 0.48)
    t.backdrop.paste(mirror, (0, top))
    ripple = Image.new("RGBA", (t.width + 120, t.height - top))
    draw = Brush(ripple)
    for _ in range(90):
        y = (t.height - top) * t.rng.random() ** 1.4
        x, w = t.rng.uniform(0, ripple.width), t.rng.uniform(30, 220) * t.u * (0.4 + y / (t.height - top))
        draw.line([(x, y), (x + w, y)], fill=(255, 255, 255, t.rng.randint(16, 52)), width=max(1, round(2 * t.u)))
    t.layers.append(Layer(ripple, Track(-60, swing=44 * t.u, period=150), Track(top)))
    t.water = t.horizon + 0.16 * t.height
    t.nearer = lambda: near_ground(
        t, SNOW if is_snowy(t) else (92, 124, 78), high=0.17, tufts=None if is_snowy(t) else t.air.lit((44, 84, 58))
    )
    t.floor = t.height * 0.9
    t.sound = "forest"
