"""
Draw people (and those who walk like them: astronauts, robots) from the side, standing or in the phases of a stride.

Every figure is 100 units tall from its soles to its crown and looks to the right.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace

from PIL import Image

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.dress import Cast, Look, dressed, swung
from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Colour, Point, glow, lay, rimmed, shade, strip
from storyreel.sandbox.stage.pen import Pen

STRIDE = 8


def _leg(pen: Pen, hip: Point, phase: float, reach: float, trousers: Colour, boot: Colour, thick: float = 8.4) -> None:
    thigh = reach * math.sin(phase)
    # The shin folds back while the leg comes forward.
    fold = max(0.0, math.cos(phase)) * reach * 1.5
    knee = swung(hip, 21, thigh)
    foot = swung(knee, 20, thigh - fold)
    pen.limb([hip, knee, foot], trousers, [thick, thick * 0.8, thick * 0.62])
    tilt = thigh - fold
    toe = (foot[0] + 6.5 * math.cos(tilt * 0.6), foot[1] + 1.6 - 6.5 * math.sin(tilt * 0.6) * 0.7)
    pen.limb(
        [(foot[0] - 1, foot[1] - 6), (foot[0] - 0.5, foot[1] + 1.4), toe],
        boot,
        [thick * 0.72, thick * 0.62, thick * 0.44],
    )


def _head(pen: Pen, x: float, y: float, look: Look) -> None:
    if look.long_hair:
        pen.shape(
            [
                (x - 7, y - 5),
                (x + 2, y - 8),
                (x + 4, y - 2),
                (x - 1, y + 5),
                (x - 3, y + 13),
                (x - 10, y + 12),
                (x - 9, y + 2),
            ],
            look.hair,
            soft=True,
        )
    pen.box(x - 3, y + 4, 6, 8, shade(look.skin, -0.18), round_by=2)
    pen.disc(x, y, 7.2, look.skin, 7.8)
    pen.shape([(x + 6.4, y - 1), (x + 8.9, y + 2.2), (x + 6.2, y + 3)], look.skin)
    pen.disc(x + 4.2, y - 0.4, 0.85, (34, 28, 34))
    pen.shape(
        [
            (x - 7.6, y + 3),
            (x - 8.2, y - 4),
            (x - 3, y - 9.2),
            (x + 4, y - 8.6),
            (x + 7.2, y - 4),
            (x + 2, y - 4.4),
            (x - 2.4, y - 2.4),
            (x - 3.4, y + 3),
        ],
        look.hair,
        soft=True,
    )
    if look.beard:
        pen.shape(
            [(x - 2.4, y + 1.6), (x + 3, y + 3.6), (x + 7.4, y + 3), (x + 6.4, y + 9), (x + 1, y + 11), (x - 3, y + 7)],
            look.beard,
            soft=True,
        )
    if look.hat:
        pen.shape(
            [(x - 8.4, y - 2.6), (x - 8, y - 8), (x - 1, y - 12.4), (x + 6.4, y - 9), (x + 8, y - 3.4)],
            look.hat,
            soft=True,
        )
        pen.line([(x - 8, y - 3.2), (x + 7.8, y - 4)], shade(look.hat, 0.22), 3.0)


def _lantern(pen: Pen, hand: Point) -> Point:
    x, y = hand[0], hand[1] + 3
    pen.line([(x, y - 4), (x, y)], (60, 54, 50), 0.9)
    pen.shape([(x - 3.6, y + 1.6), (x, y - 1.6), (x + 3.6, y + 1.6)], (66, 56, 48))
    pen.box(x - 3.2, y + 1.6, 6.4, 8.6, (255, 214, 120), lit=False, round_by=1)
    pen.disc(x, y + 6, 1.7, (255, 250, 220), 2.8, lit=False)
    for dx in (-3.2, 2.4):
        pen.box(x + dx, y + 1.4, 0.8, 9, (66, 56, 48))
    pen.box(x - 4, y + 10, 8, 1.8, (66, 56, 48), round_by=0.6)
    return (x, y + 6)


def _walker(pen: Pen, x: float, phase: float, look: Look, stride: float, lantern: bool, lean: float) -> Point | None:
    bob = -1.0 * abs(math.sin(phase)) * (1 if stride else 0)
    hip = (x, 60 + bob)
    dark = shade(look.trousers, -0.35)
    boot = (46, 38, 38)
    rest = 0.10 if not stride else 0.0
    _leg(pen, (hip[0] - 1, hip[1]), phase + math.pi, stride or rest, dark, shade(boot, -0.3))
    shoulder = (x + lean * 30, 28 + bob)
    back = -stride * 0.9 * math.sin(phase + math.pi)
    elbow = swung(shoulder, 15, -back if stride else -0.12)
    pen.limb([shoulder, elbow, swung(elbow, 13, -back + 0.35 if stride else 0.1)], shade(look.coat, -0.35), [7, 6, 4.6])
    _leg(pen, hip, phase, stride or -rest, look.trousers, boot)
    g = look.girth
    sway = 2.0 * math.sin(phase) if stride else 0.0
    top = x + lean * 34
    coat = [
        (top - 8.5 * g, 25 + bob), (top, 21.5 + bob), (top + 7.5 * g, 25 + bob), (x + 8.6 * g + lean * 14, 38 + bob),
        (x + 7.4 * g, 50 + bob), (x + 11 * g + sway, look.hem + bob), (x - 11 * g + sway * 0.6, look.hem + 1 + bob),
        (x - 8.4 * g, 50 + bob), (x - 9 * g + lean * 16, 38 + bob),
    ]  # fmt: skip
    pen.shape(coat, look.coat, soft=True)
    # The side away from the light.
    pen.shape(
        [
            (top - 8 * g, 26 + bob),
            (top - 3, 25 + bob),
            (x - 3, 50 + bob),
            (x - 4 + sway, look.hem + bob),
            (x - 10.4 * g + sway * 0.6, look.hem + bob),
            (x - 8 * g, 48 + bob),
        ],
        shade(look.coat, -0.16),
        soft=True,
    )
    pen.line(
        [(top + 3.4, 27 + bob), (x + 4.4, 48 + bob), (x + 5.6 + sway, look.hem - 1 + bob)], shade(look.coat, -0.3), 0.9
    )
    pen.line([(x - 8.4 * g, 50 + bob), (x + 8 * g, 50 + bob)], shade(look.coat, -0.28), 1.6)
    _head(pen, top + 0.5, 12.5 + bob, look)
    if look.scarf:
        pen.line([(top - 6, 22.5 + bob), (top + 5.5, 22.5 + bob)], look.scarf, 4.6)
        pen.shape(
            [(top - 5, 22 + bob), (top - 12 - 2 * math.sin(phase), 33 + bob), (top - 8, 36 + bob), (top - 2, 25 + bob)],
            look.scarf,
        )
    if lantern:
        elbow = swung(shoulder, 14, 0.5)
        hand = swung(elbow, 13, 1.25 + 0.08 * math.sin(phase))
        pen.limb([shoulder, elbow, hand], shade(look.coat, 0.1), [7.4, 6.4, 5])
        pen.disc(hand[0], hand[1], 2.7, look.skin)
        return _lantern(pen, hand)
    front = stride * 0.95 * math.sin(phase + math.pi)
    elbow = swung(shoulder, 15, front if stride else 0.1)
    hand = swung(elbow, 13, front + (0.4 if stride else 0.22))
    pen.limb([shoulder, elbow, hand], shade(look.coat, 0.1), [7.4, 6.4, 5])
    pen.disc(hand[0], hand[1], 2.7, look.skin)
    return None


def _runner(pen: Pen, x: float, phase: float, look: Look) -> None:
    bob = -2.5 * abs(math.sin(phase))
    hip = (x - 3, 57 + bob)
    shorts, shoe = (38, 42, 56), look.coat
    for lag, dim in ((math.pi, 0.3), (0.0, 0.0)):
        p = phase + lag
        thigh = 0.78 * math.sin(p) + 0.1
        fold = max(0.0, math.cos(p)) * 1.7 + 0.2
        knee = swung(hip, 22, thigh)
        foot = swung(knee, 21, thigh - fold)
        pen.limb([hip, knee, foot], shade(look.skin, -dim), [9, 7, 4.6])
        pen.limb([hip, swung(hip, 12, thigh)], shade(shorts, -dim), [10.5, 9.5])
        pen.limb(
            [(foot[0] - 1.5, foot[1]), (foot[0] + 6, foot[1] + 1.5 - 3 * math.sin(thigh - fold))],
            shade(shoe, -dim),
            [5, 3.6],
        )
    shoulder = (x + 6, 27 + bob)
    for lag, dim in ((0.0, 0.25), (math.pi, 0.0)):
        if lag:
            pen.shape(
                [
                    (x - 8, 57 + bob),
                    (x - 4, 38 + bob),
                    (x - 1, 25 + bob),
                    (x + 8, 23 + bob),
                    (x + 11, 30 + bob),
                    (x + 7, 44 + bob),
                    (x + 5, 58 + bob),
                ],
                look.coat,
                soft=True,
            )
            pen.shape(
                [(x - 7, 56 + bob), (x - 3, 38 + bob), (x, 27 + bob), (x + 2, 40 + bob), (x - 1, 57 + bob)],
                shade(look.coat, -0.2),
                soft=True,
            )
            _head(pen, x + 10, 12 + bob, look)
        a = 0.9 * math.sin(phase + lag + math.pi)
        elbow = swung(shoulder, 14, a)
        pen.limb([shoulder, elbow, swung(elbow, 13, a + 1.45)], shade(look.skin, -dim), [6, 5, 4])


def _astronaut(pen: Pen, x: float, phase: float, look: Look, stride: float) -> None:
    suit, joint = (232, 234, 238), (176, 182, 194)
    bob = -2.0 * abs(math.sin(phase)) * (1 if stride else 0)
    hip = (x, 60 + bob)
    for lag, dim in ((math.pi, 0.22), (0.0, 0.0)):
        thigh = (stride * math.sin(phase + lag)) if stride else (0.1 if lag else -0.1)
        knee = swung(hip, 20, thigh)
        foot = swung(knee, 19, thigh - max(0.0, math.cos(phase + lag)) * stride)
        pen.limb([hip, knee, foot], shade(suit, -dim), [14, 12, 10])
        pen.limb([(foot[0] - 2, foot[1]), (foot[0] + 6, foot[1] + 1)], shade(joint, -dim - 0.2), [8, 7])
    pen.box(x - 19, 24 + bob, 14, 32, shade(joint, -0.12), round_by=3)
    pen.shape(
        [
            (x - 11, 27 + bob),
            (x, 23 + bob),
            (x + 11, 27 + bob),
            (x + 12, 46 + bob),
            (x + 9, 64 + bob),
            (x - 9, 64 + bob),
            (x - 12, 46 + bob),
        ],
        suit,
        soft=True,
    )
    pen.box(x - 1, 36 + bob, 9, 8, joint, round_by=1.5)
    pen.disc(x + 2, 39 + bob, 1.2, look.coat, lit=False)
    pen.disc(x + 5.4, 39 + bob, 1.2, (250, 190, 70), lit=False)
    pen.line([(x - 9, 52 + bob), (x + 9, 52 + bob)], look.coat, 2)
    shoulder = (x + 1, 31 + bob)
    a = stride * 0.8 * math.sin(phase + math.pi) + 0.15
    elbow = swung(shoulder, 15, a)
    pen.limb([shoulder, elbow, swung(elbow, 13, a + 0.4)], shade(suit, -0.07), [12, 11, 8])
    pen.disc(x + 1, 13 + bob, 13.4, suit)
    pen.disc(x + 4.6, 13 + bob, 9.6, (38, 46, 74), 8.6)
    pen.shape(
        [(x + 1, 8 + bob), (x + 6, 6 + bob), (x + 11, 9 + bob), (x + 6, 10 + bob)],
        (150, 186, 230),
        soft=True,
        alpha=190,
    )


def _robot(pen: Pen, x: float, phase: float, look: Look, stride: float) -> None:
    steel, dark, eye = look.coat, shade(look.coat, -0.4), (120, 240, 255)
    bob = -1.2 * abs(math.sin(phase)) * (1 if stride else 0)
    hip = (x, 62 + bob)
    for lag, dim in ((math.pi, 0.35), (0.0, 0.0)):
        thigh = stride * 0.8 * math.sin(phase + lag) if stride else (0.1 if lag else -0.1)
        knee = swung(hip, 19, thigh)
        foot = swung(knee, 18, thigh - max(0.0, math.cos(phase + lag)) * stride)
        pen.limb([hip, knee], shade(dark, -dim), [6, 6])
        pen.limb([knee, foot], shade(steel, -dim), [10, 8])
        pen.disc(knee[0], knee[1], 4, shade(dark, -dim))
        pen.box(foot[0] - 6, foot[1] - 1, 15, 5, shade(dark, -dim), round_by=1.5)
    shoulder = (x, 33 + bob)
    back = swung(shoulder, 15, -stride * 0.7 * math.sin(phase + math.pi))
    pen.limb([shoulder, back, (back[0] + 4, back[1] + 12)], shade(dark, -0.3), [6, 5, 5])
    pen.box(x - 14, 26 + bob, 28, 30, steel, round_by=5)
    pen.box(x - 14, 26 + bob, 9, 30, shade(steel, -0.2), round_by=4)
    pen.box(x - 9, 56 + bob, 18, 7, dark, round_by=2)
    pen.disc(x + 5, 38 + bob, 4.6, dark)
    pen.disc(x + 5, 38 + bob, 3, eye, lit=False)
    pen.line([(x - 2, 48 + bob), (x + 11, 48 + bob)], dark, 1.4)
    front = swung(shoulder, 15, stride * 0.7 * math.sin(phase + math.pi) + 0.1)
    pen.limb([shoulder, front, (front[0] + 5, front[1] + 12)], shade(steel, 0.12), [8, 6, 7])
    pen.disc(shoulder[0], shoulder[1], 6, dark)
    pen.box(x - 3, 20 + bob, 6, 7, dark)
    pen.box(x - 11, 3 + bob, 24, 18, steel, round_by=6)
    pen.box(x - 2, 7 + bob, 15, 8, (24, 28, 40), round_by=3.6)
    pen.disc(x + 3, 11 + bob, 2.1, eye, lit=False)
    pen.disc(x + 9, 11 + bob, 2.1, eye, lit=False)
    pen.line([(x - 3, 4 + bob), (x - 5, -3 + bob)], dark, 1.3)
    pen.disc(x - 5, -2 + bob, 2.2, (255, 96, 96), lit=False)


def person(
    subject: Subject,
    words: str,
    air: Air,
    tall: float,
    rng: random.Random,
    *,
    moving: bool,
    fast: bool = False,
    lantern: bool = False,
) -> Cast:
    """
    Paint one figure of the kind `subject` names.

    Args:
        subject: A kind of PEOPLE, and its colours.
        words: The prompt, for hats, beards and years.
        air: The light.
        tall: Height in pixels.
        rng: Where skin, hair and unnamed clothes come from.
        moving: Whether it walks, else it stands.
        fast: Whether it hurries.
        lantern: Whether it carries one.
    """
    look = dressed(subject, words, rng)
    kind = subject.kind
    if kind == "robot":
        look = replace(look, coat=subject.colour() or (176, 186, 198))
    if kind == "astronaut":
        look = replace(look, coat=subject.colour("coat") or subject.colour() or (226, 84, 48))
    wide, reach = (104.0, 0.38) if lantern else (74.0, 0.42)
    middle = wide * 0.42 if lantern else wide / 2
    cells = STRIDE if moving or kind == "runner" else 1
    shade_of = air.tint
    if lantern and air.lamps:
        # Whoever holds a light stands in it.
        shade_of = (min(1.0, air.tint[0] + 0.30), min(1.0, air.tint[1] + 0.16), air.tint[2])
    drawn: list[Image.Image] = []
    lights: list[Point | None] = []
    lift = 6.0
    for k in range(cells):
        phase = 2 * math.pi * k / cells
        pen = Pen(wide, 112, tall / 100, shade_of, finer=2 if tall > 130 else 3, lift=lift)
        light: Point | None = None
        stride = (0.7 if fast else reach) if moving else 0.0
        if kind == "runner" or (fast and moving and kind in ("woman", "man", "child") and not lantern):
            _runner(pen, middle, phase, look)
        elif kind == "astronaut":
            _astronaut(pen, middle, phase, look, stride)
        elif kind == "robot":
            _robot(pen, middle, phase, look, stride)
        else:
            light = _walker(pen, middle, phase, look, stride, lantern, 0.05 if moving else 0.0)
        drawn.append(rimmed(pen.done(), air.orb, 0.42, -max(1, round(tall / 160)), max(1, round(tall / 220))))
        lights.append(light)
    unit = tall / 100
    if lantern:
        halo = glow(34 * unit, (255, 196, 96), 0.8 if air.lamps else 0.4)
        for picture, light in zip(drawn, lights, strict=True):
            if light:
                lay(halo, picture, light[0] * unit - halo.width / 2, (light[1] + lift) * unit - halo.height / 2)
    return Cast(strip(drawn), cells, 2 if fast else 4, (103 + lift) * unit, middle * unit)


def crowd(words: str, air: Air, tall: float, rng: random.Random, *, moving: bool) -> Cast:
    """Paint a handful of people side by side, each in step with nobody."""
    cells = STRIDE if moving else 1
    count = 6
    gap = 36.0
    wide = gap * (count + 1) + 20
    unit = tall / 100
    looks = [dressed(Subject(rng.choice(("woman", "man"))), words, rng) for _ in range(count)]
    starts = [rng.uniform(0, 6.28) for _ in range(count)]
    tops = [rng.uniform(-3, 4) for _ in range(count)]
    drawn = []
    for k in range(cells):
        pen = Pen(wide, 112, unit, air.tint, finer=2, lift=6)
        for i, look in enumerate(looks):
            pen.lift = 6 + tops[i]
            _walker(pen, gap * (i + 1), 2 * math.pi * k / cells + starts[i], look, 0.42 if moving else 0.0, False, 0.03)
        drawn.append(rimmed(pen.done(), air.orb, 0.35, -1, 1))
    return Cast(strip(drawn), cells, 4, 110 * unit, wide / 2 * unit)
