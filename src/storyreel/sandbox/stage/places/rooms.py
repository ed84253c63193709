"""
Set a room with a window: the sky of the hour outside, and the warm light inside that other places borrow.
"""

from __future__ import annotations

import math
from dataclasses import replace

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.light import HOURS
from storyreel.sandbox.stage.paint import Brush, Colour, glow, gradient, lay, mix, shade, strip, times
from storyreel.sandbox.stage.pen import Pen


def warm(t: Tableau) -> None:
    """Turn the light to that of a lamp, whatever the hour outside."""
    tint = (0.98, 0.88, 0.76) if t.air.lamps else (1.0, 0.97, 0.93)
    t.air = replace(t.air, tint=tint, orb=(255, 214, 150), orb_size=0.05)


def flicker(
    t: Tableau, x: float, y: float, reach: float, colour: Colour = (255, 190, 96), strength: float = 0.75
) -> None:
    """Lay a light that flickers like a flame, behind what comes after."""
    cells, small = 5, 4
    side = round(2 * reach / small)
    drawn = []
    for k in range(cells):
        cell = Image.new("RGBA", (side, side), (*colour, 0))
        r = side / 2 * (0.88 + 0.12 * math.sin(k * 2.4))
        lay(glow(r, colour, strength * (0.85 + 0.15 * math.cos(k * 1.9)), 1.7), cell, side / 2 - r, side / 2 - r)
        drawn.append(cell.resize((side * small, side * small), Image.Resampling.BILINEAR))
    t.layers.append(
        Layer(strip(drawn), Track(round(x - side * small / 2)), Track(round(y - side * small / 2)), cells=cells, hold=4)
    )


def room(t: Tableau) -> None:
    """A room with a window: the sky of the hour outside, a lamp, a shelf, a plant, a table."""
    w, h, u = t.width, t.height, t.u
    t.sky(0.52)
    outside = t.backdrop.copy()
    warm(t)
    t.sound = "rain" if "rain" in t.cues.weathers else "room"
    paper = (
        t.cues.colour
        if t.cues.colour and t.cues.says("wall|room")
        else t.rng.choice(((150, 108, 92), (92, 116, 124), (136, 124, 96), (112, 98, 128)))
    )
    wall_tone = times(paper, (0.62, 0.58, 0.62) if t.air.lamps else (1.02, 1.0, 0.98))
    base = 0.77 * h
    t.backdrop = gradient(w, h, ((0, shade(wall_tone, -0.3)), (0.6, wall_tone), (1, wall_tone)))
    board = (
        gradient(w, h - round(base), ((0, (120, 82, 58)), (1, (64, 44, 38))))
        if t.air.lamps
        else gradient(w, h - round(base), ((0, (186, 136, 96)), (1, (128, 90, 66))))
    )
    t.backdrop.paste(board, (0, round(base)))
    draw = Brush(t.backdrop, "RGBA")
    for k in range(-9, 10):
        draw.line(
            [(w / 2 + k * w * 0.08, base), (w / 2 + k * w * 0.15, h)], fill=(40, 26, 22, 70), width=max(1, round(2 * u))
        )
    draw.rectangle((0, base - 16 * u, w, base), fill=(*shade(wall_tone, 0.25), 255))
    # The window with what is outside.
    ww, wh = 0.40 * t.size * 1.25, 0.44 * t.size
    wx, wy = w * 0.60 - ww / 2 if w >= h else w * 0.5 - ww / 2, 0.12 * h
    pane = outside.resize((round(w * 0.62), round(h * 0.62))).crop(
        (round(w * 0.1), round(h * 0.02), round(w * 0.1) + round(ww), round(h * 0.02) + round(wh))
    )
    view = Brush(pane)
    far = t.air.lit((70, 84, 100), 0.4)
    x = 0.0
    while x < ww:
        bw, bh = t.rng.uniform(0.08, 0.2) * ww, t.rng.uniform(0.1, 0.36) * wh
        view.rectangle((x, wh - bh, x + bw, wh), fill=mix(HOURS[t.cues.hour].deep, far, 0.4))
        if HOURS[t.cues.hour].lamps:
            for _ in range(6):
                px, py = x + t.rng.uniform(0.1, 0.8) * bw, wh - bh + t.rng.uniform(0.1, 0.9) * bh
                view.rectangle((px, py, px + 4 * u, py + 5 * u), fill=(255, 210, 130))
        x += bw
    t.backdrop.paste(pane, (round(wx), round(wy)))
    frame = shade(wall_tone, 0.5)
    bar = max(3, round(9 * u))
    for box in ((wx - bar, wy - bar, wx + ww + bar, wy + wh + bar),):
        draw.rectangle(box, outline=(*frame, 255), width=bar)
    draw.rectangle((wx + ww / 2 - bar / 3, wy, wx + ww / 2 + bar / 3, wy + wh), fill=(*frame, 255))
    draw.rectangle((wx, wy + wh * 0.45 - bar / 3, wx + ww, wy + wh * 0.45 + bar / 3), fill=(*frame, 255))
    draw.rectangle(
        (wx - bar * 2, wy + wh + bar, wx + ww + bar * 2, wy + wh + bar * 2.4), fill=(*shade(frame, -0.15), 255)
    )
    for side in (-1, 1):
        x0 = wx - bar * 2 if side < 0 else wx + ww + bar * 2
        cloth = shade(mix(paper, (150, 60, 56), 0.5), -0.2 if t.air.lamps else 0.1)
        draw.polygon(
            [
                (x0, wy - bar * 3),
                (x0 - side * -0.0 + side * 0.10 * ww * -1 * -1, wy - bar * 3),
                (x0 + side * 0.15 * ww, wy + wh * 1.2),
                (x0 - side * 0.03 * ww, wy + wh * 1.2),
            ],
            fill=(*cloth, 255),
        )
    _furniture(t, base)
    t.floor, t.tall, t.horizon = base + 0.075 * h, 0.50 * t.size, base


def _furniture(t: Tableau, base: float) -> None:
    w, h, u = t.width, t.height, t.u
    pen = Pen(w / u, h / u, u, t.air.tint if not t.air.lamps else (0.72, 0.62, 0.56), finer=1)
    floor = base / u
    # A shelf of books on the left.
    x, wide = w / u * 0.05, min(230.0, w / u * 0.24)
    pen.box(x, floor - 330, wide, 334, (96, 66, 48), round_by=3)
    for k in range(4):
        y = floor - 318 + k * 82
        pen.box(x + 9, y, wide - 18, 70, (54, 38, 32))
        bx = x + 13
        while bx < x + wide - 26:
            bw, bh = t.rng.uniform(9, 19), t.rng.uniform(42, 62)
            pen.box(
                bx,
                y + 70 - bh,
                bw,
                bh,
                t.rng.choice(
                    ((168, 62, 54), (54, 94, 112), (206, 164, 84), (84, 108, 76), (122, 82, 118), (214, 202, 178))
                ),
                round_by=1,
            )
            bx += bw + (1.5 if t.rng.random() < 0.9 else 16)
    # A plant on the right.
    px = w / u * 0.93
    for k in range(9):
        a = -2.7 + k * 0.29
        pen.shape(
            [
                (px, floor - 66),
                (px + 50 * math.cos(a), floor - 96 + 58 * math.sin(a)),
                (px + 84 * math.cos(a), floor - 66 + 116 * math.sin(a)),
                (px + 40 * math.cos(a) + 9, floor - 74 + 46 * math.sin(a)),
            ],
            shade((70, 132, 84), -0.1 * (k % 3)),
            soft=True,
        )
    pen.shape(
        [(px - 32, floor - 70), (px + 32, floor - 70), (px + 24, floor + 8), (px - 24, floor + 8)], (190, 112, 78)
    )
    lay(pen.done(), t.backdrop, 0, 0)
    if t.air.lamps:
        lx, ly = w * 0.34, base - 0.33 * t.size
        lamp = Pen(1, 3.4, 0.11 * t.size, (0.9, 0.8, 0.7), finer=3)
        lamp.line([(0.5, 0.8), (0.5, 3.3)], (60, 50, 46), 0.07)
        lamp.box(0.2, 3.26, 0.6, 0.1, (60, 50, 46), round_by=0.04)
        lamp.shape([(0.28, 0.1), (0.72, 0.1), (0.95, 0.86), (0.05, 0.86)], (255, 226, 164), lit=False)
        picture = lamp.done()
        flicker(t, lx, ly, 0.55 * t.size, (255, 200, 120), 0.6)
        t.layers.append(
            Layer(picture, Track(round(lx - picture.width / 2)), Track(round(base + 0.02 * h - picture.height)))
        )
