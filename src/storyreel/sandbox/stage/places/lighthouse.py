"""
Set the inside of a lighthouse and its like: a door in a stone wall, the winding stairs, the lamp room on top.
"""

from __future__ import annotations

import math

from PIL import Image

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.products import thing
from storyreel.sandbox.stage.light import HOURS
from storyreel.sandbox.stage.paint import Brush, Colour, Point, glow, gradient, lay, mix, shade, strip
from storyreel.sandbox.stage.pen import Pen
from storyreel.sandbox.stage.places.rooms import flicker, warm


def stones(
    t: Tableau, width: int, height: int, colour: Colour, course: float, *, lit_at: Point | None = None
) -> Image.Image:
    """Paint a wall of rough stones in courses; brighter around a light."""
    rng = t.rng
    wall = Image.new("RGB", (width, height), shade(colour, -0.42))
    draw = Brush(wall)
    y = 0.0
    while y < height:
        h = course * rng.uniform(0.8, 1.15)
        x = -rng.uniform(0, course * 2)
        while x < width:
            w = course * rng.uniform(1.1, 2.4)
            tone = shade(colour, rng.uniform(-0.2, 0.14))
            r = course * 0.16
            draw.rounded_rectangle((x + 2, y + 2, x + w - 2, y + h - 2), radius=r, fill=shade(tone, -0.16))
            draw.rounded_rectangle((x + 2, y + 2, x + w - 3, y + h - 4), radius=r, fill=tone)
            if rng.random() < 0.4:
                draw.line(
                    [(x + w * 0.2, y + h * 0.3), (x + w * 0.5, y + h * 0.26)],
                    fill=shade(tone, 0.14),
                    width=max(1, round(course * 0.05)),
                )
            x += w
        y += h
    if lit_at:
        dark = Image.new("RGB", wall.size, mix((8, 9, 18), colour, 0.1))
        small = Image.radial_gradient("L").resize((128, 128))
        span = max(width, height) * 2.1
        fall = small.resize((round(span), round(span)), Image.Resampling.BILINEAR)
        left, top = round(span / 2 - lit_at[0]), round(span / 2 - lit_at[1])
        mask = fall.crop((left, top, left + width, top + height)).point([min(215, round(v * 1.75)) for v in range(256)])
        wall = Image.composite(dark, wall, mask)
    return wall


def wall(t: Tableau) -> None:
    """A stone wall with a door in it, a lantern on each side; the door opens where the words say so."""
    warm(t)
    t.sound = "room"
    w, h, u = t.width, t.height, t.u
    door = t.cues.subject("door")
    colour = (door.colour() if door else None) or ((96, 100, 108) if t.cues.says("iron|steel|metal") else (122, 78, 48))
    iron = t.cues.says("iron|steel|metal|rust")
    cx, base = w * 0.5, 0.86 * h
    dw, dh = 0.30 * t.size, 0.60 * t.size
    stone: Colour = (112, 112, 122) if not t.cues.says("brick") else (150, 86, 68)
    t.backdrop = stones(t, w, h, stone, 46 * u, lit_at=(cx, h * 0.46))
    frame = Image.new("RGBA", (w, h))
    draw = Brush(frame)
    arch = 0.5 * dw
    # Voussoirs around the arch, then the dark opening.
    for k in range(11):
        a, b = math.pi + math.pi * k / 11 + 0.02, math.pi + math.pi * (k + 1) / 11 - 0.02
        r0, r1 = arch * 1.02, arch * 1.38
        y0 = base - dh + arch
        draw.polygon(
            [
                (cx + r0 * math.cos(a), y0 + r0 * math.sin(a)),
                (cx + r1 * math.cos(a), y0 + r1 * math.sin(a)),
                (cx + r1 * math.cos(b), y0 + r1 * math.sin(b)),
                (cx + r0 * math.cos(b), y0 + r0 * math.sin(b)),
            ],
            fill=(*shade(stone, t.rng.uniform(-0.12, 0.14)), 255),
        )
    for k in range(5):
        for side in (-1, 1):
            y = base - dh + arch + k * (dh - arch) / 5
            x0 = cx + side * arch * 1.02
            x1 = cx + side * arch * (1.3 + 0.1 * (k % 2))
            draw.rounded_rectangle(
                (min(x0, x1), y + 2, max(x0, x1), y + (dh - arch) / 5 - 2),
                radius=4 * u,
                fill=(*shade(stone, t.rng.uniform(-0.12, 0.12)), 255),
            )
    lay(frame, t.backdrop, 0, 0)
    _cobbles(t, base)
    opens = t.cues.says("open|push|enter|through|creak|ajar|swing")
    cells = 16 if opens else 1
    drawn = [_door(t, dw, dh, colour, k / max(1, cells - 1) if opens else 0.0, iron=iron) for k in range(cells)]
    hold = max(2, 2 * math.ceil(max(1, t.frames) / cells / 2))
    t.layers.append(
        Layer(
            strip(drawn),
            Track(round(cx - drawn[0].width / 2)),
            Track(round(base - drawn[0].height)),
            cells=cells,
            hold=hold,
        )
    )
    for side in (-1, 1):
        x, y = cx + side * dw * 1.15, base - dh * 0.66
        lamp = thing(Subject("lantern"), (0.8, 0.7, 0.66), 0.16 * t.size)
        flicker(t, x, y, 0.34 * t.size)
        t.put(lamp, x, y + lamp.foot / 2)
    t.floor, t.tall = base + 0.04 * h, 0.44 * t.size
    t.horizon = base


def _door(t: Tableau, dw: float, dh: float, colour: Colour, opened: float, *, iron: bool) -> Image.Image:
    w, h = round(dw), round(dh)
    fine = 2
    arch = w / 2
    mask = Image.new("L", (w * fine, h * fine))
    draw = Brush(mask)
    draw.ellipse((0, 0, w * fine - 1, w * fine - 1), fill=255)
    draw.rectangle((0, arch * fine, w * fine, h * fine), fill=255)
    mask = mask.resize((w, h), Image.Resampling.BOX)
    inside = gradient(w, h, ((0, (74, 44, 30)), (0.55, (214, 138, 62)), (1, (255, 206, 116))))
    leaf = Image.new("RGB", (w, h), colour)
    pen = Brush(leaf)
    planks = 6
    for k in range(planks):
        tone = shade(colour, (-0.10, 0.04, -0.04)[k % 3])
        pen.rectangle((w * k / planks, 0, w * (k + 1) / planks - 2, h), fill=tone)
    band = shade(colour, -0.42) if iron else (58, 56, 62)
    for y in (0.20, 0.52, 0.84):
        pen.rectangle((0, h * y, w, h * y + h * 0.055), fill=band)
        for k in range(9):
            x, r = w * (k + 0.5) / 9, max(1.5, w * 0.014)
            pen.ellipse((x - r, h * (y + 0.027) - r, x + r, h * (y + 0.027) + r), fill=shade(band, 0.34))
    if iron:
        for k in range(planks + 1):
            for y in range(10):
                x, r = w * k / planks, max(1.0, w * 0.009)
                pen.ellipse((x - r, h * y / 10 - r, x + r, h * y / 10 + r), fill=shade(colour, 0.22))
        for _ in range(14):
            x, y = t.cues.seed % 97 / 97 * w, 0
            x, y = (x * 7.3 + _ * 31) % w, (_ * 53) % h
            pen.line(
                [(x, y), (x + 2, y + h * 0.05)], fill=mix(colour, (150, 84, 48), 0.5), width=max(1, round(w * 0.012))
            )
    ring = w * 0.05
    pen.ellipse(
        (w * 0.82 - ring, h * 0.62 - ring, w * 0.82 + ring, h * 0.62 + ring),
        outline=(206, 178, 110),
        width=max(2, round(w * 0.014)),
    )
    shaded = Image.composite(
        leaf,
        Image.new("RGB", leaf.size, (6, 6, 12)),
        Image.linear_gradient("L").rotate(90).resize((w, h)).point([min(255, 150 + v // 2) for v in range(256)]),
    )
    width = max(3, round(w * (1 - 0.74 * opened)))
    inside.paste(shaded.resize((width, h), Image.Resampling.BILINEAR), (0, 0))
    if opened > 0.02:
        Brush(inside).rectangle((width - 3, 0, width, h), fill=shade(colour, -0.5))
    picture = inside
    picture.putalpha(mask)
    if opened <= 0.02:
        return picture
    # What shines out falls on the frame.
    halo = glow(h * 0.62, (255, 196, 104), 0.5 * opened, 1.6)
    whole = Image.new("RGBA", (w, h))
    lay(picture, whole, 0, 0)
    lay(halo, whole, w * 0.72 - halo.width / 2, h * 0.6 - halo.height / 2)
    whole.putalpha(Image.composite(Image.new("L", mask.size, 255), Image.new("L", mask.size), mask))
    whole.putalpha(mask)
    return whole


def _cobbles(t: Tableau, base: float) -> None:
    high = t.height - round(base)
    ground = Image.new("RGB", (t.width, high), (34, 34, 42))
    draw = Brush(ground)
    y, row = 0.0, 0
    while y < high:
        h = (9 + 6 * row) * t.u
        w = h * 2.6
        x = -w * (row % 2) / 2 - w
        while x < t.width:
            near = 1 - min(1.0, abs(x + w / 2 - t.width / 2) / (t.width * 0.5))
            tone = mix((40, 40, 50), (150, 124, 96), near * 0.75 * t.rng.uniform(0.7, 1.0))
            draw.rounded_rectangle((x + 2, y + 1, x + w - 2, y + h - 2), radius=h * 0.4, fill=tone)
            x += w
        y, row = y + h, row + 1
    t.backdrop.paste(ground, (0, round(base)))


def stairs(t: Tableau) -> None:
    """A round tower from inside: a flight that winds past us while somebody climbs it."""
    warm(t)
    t.sound = "room"
    w, h = t.width, t.height
    speed = t.speed(2) if t.cues.moving else t.speed(0.5)
    stone: Colour = (124, 112, 106)
    lit = (w * 0.5, h * 0.42)
    # The wall goes down as we go up; its light does not, so the shade is a layer of its own.
    period = round(0.5 * h / 2) * 2
    course = stones(t, w, period, stone, period / 8)
    tall = Image.new("RGB", (w, period * (math.ceil(h / period) + 1)))
    for k in range(tall.height // period):
        tall.paste(course, (0, k * period))
    t.backdrop = Image.new("RGB", (w, h), shade(stone, -0.5))
    whole = tall.convert("RGBA")
    for k in range(tall.height // period):
        for x in (0.10, 0.84):
            lay(_slit(t, 0.11 * t.size), whole, w * x, period * (k + (0.2 if x < 0.5 else 0.6)))
    rise = max(0.5, round(speed * 0.62 * 2) / 2)
    t.layers.append(Layer(whole, Track(0), Track(-period, rise, wrap=period)))
    t.layers.append(_round_shade(w, h, lit))
    t.layers.append(_flight(t, back=True, speed=speed, rise=rise, stone=stone))
    column = Image.new("RGB", (round(0.16 * t.size), h))
    for x in range(column.width):
        d = x / column.width
        column.paste(shade(mix(stone, (206, 150, 96), 0.4), -0.1 - 0.62 * abs(d - 0.4) * 1.4), (x, 0, x + 1, h))
    t.layers.append(Layer(column.convert("RGBA"), Track(round(w * 0.64 - column.width / 2))))
    t.layers.append(_flight(t, back=False, speed=speed, rise=rise, stone=stone))
    t.floor, t.tall, t.horizon = t.flight_floor, 0.42 * t.size, h
    t.pace = 0.0


def _slit(t: Tableau, tall: float) -> Image.Image:
    w, h = round(tall * 0.36), round(tall)
    fine = Pen(0.6, 1.2, tall, finer=2)
    fine.box(0.04, 0.02, 0.52, 1.12, (70, 64, 64), round_by=0.24)
    outside = HOURS[t.cues.hour if t.cues.hour in ("night", "dusk", "storm", "day", "dawn") else "dusk"].sky
    fine.box(0.13, 0.10, 0.34, 0.96, mix(outside[1][1], outside[2][1], 0.5), round_by=0.16, lit=False)
    fine.box(0.13, 0.56, 0.34, 0.5, outside[2][1], round_by=0.16, lit=False)
    return fine.done() if w and h else Image.new("RGBA", (2, 2))


def _round_shade(w: int, h: int, lit: Point) -> Layer:
    small = 8
    mask = Image.radial_gradient("L").resize((round(w * 1.5 / small), round(h * 1.9 / small)))
    left, top = round(mask.width / 2 - lit[0] / small), round(mask.height / 2 - lit[1] / small)
    mask = mask.crop((left, top, left + w // small, top + h // small)).point(
        [min(232, round(v * 1.5)) for v in range(256)]
    )
    dark = Image.new("RGBA", mask.size, (10, 8, 16, 0))
    dark.putalpha(mask)
    return Layer(dark.resize((w, h), Image.Resampling.BILINEAR))


def _flight(t: Tableau, *, back: bool, speed: float, rise: float, stone: Colour) -> Layer:
    """Return one flight of steps, repeating: the near one climbs to the right, the far one, behind the column, to the left."""
    w, h = t.width, t.height
    ratio = rise / speed
    step_w = 2 * round((66 if not back else 46) * t.u / 2)
    step_w = max(4, step_w)
    step_h = step_w * ratio
    thick = (86 if not back else 54) * t.u
    count = math.ceil(w / step_w) + 4
    high = round(count * step_h + thick + 8)
    picture = Image.new("RGBA", (count * step_w, high))
    draw = Brush(picture)
    tone = shade(mix(stone, (220, 160, 100), 0.34), -0.05) if not back else shade(stone, -0.5)
    for k in range(count):
        x = k * step_w
        y = high - thick - (k + 1) * step_h
        draw.polygon(
            [(x, y + step_h), (x + step_w, y), (x + step_w, y + thick * 0.72), (x, y + step_h + thick * 0.72)],
            fill=(*shade(tone, -0.55), 255),
        )
        draw.rectangle((x, y, x + step_w - 1, y + thick * 0.42), fill=(*shade(tone, -0.22), 255))
        draw.rectangle((x, y, x + step_w - 1, y + max(2.0, thick * 0.12)), fill=(*shade(tone, 0.16), 255))
        draw.line([(x, y), (x, y + thick * 0.42)], fill=(*shade(tone, -0.5), 255), width=max(1, round(2 * t.u)))
    if back:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    # The middle of the near flight passes under the climber's feet.
    top = (
        round(0.86 * h - (high - thick - (w * 0.5 / step_w + 1) * step_h))
        if not back
        else round(0.34 * h - (high - thick - (w * 0.5 / step_w + 1) * step_h))
    )
    if not back:
        t.flight_floor = 0.86 * h + 4 * t.u
    wrap = step_w
    across = Track(-step_w, speed, wrap=wrap) if back else Track(0, -speed, wrap=wrap)
    return Layer(picture, across, Track(top - (step_h if back else 0), rise, wrap=wrap * ratio))


def lamp_room(t: Tableau) -> None:
    """The glass room on top of a lighthouse: the great lens turns, night and sea are outside."""
    t.sky(0.62)
    t.sound = "storm" if "storm" in t.cues.weathers else "wind"
    t.clouds(4)
    from storyreel.sandbox.stage.places.shore import far_water, waves

    far_water(t, t.horizon)
    waves(t, t.horizon, t.height, range(2), 4, 0.3)
    w, h, u = t.width, t.height, t.u
    warm(t)
    room = Image.new("RGBA", (w, h))
    draw = Brush(room)
    dark = (34, 30, 38)
    panes = 7
    for k in range(panes + 1):
        a = -1.15 + 2.3 * k / panes
        x = w / 2 + math.sin(a) * w * 0.54
        thick = (9 + 9 * abs(math.sin(a))) * u
        draw.rectangle((x - thick / 2, 0.08 * h, x + thick / 2, 0.80 * h), fill=(*shade(dark, 0.05), 255))
    for y in (0.30, 0.55):
        draw.line([(0, y * h), (w, y * h)], fill=(*dark, 255), width=max(2, round(6 * u)))
    draw.rectangle((0, 0, w, 0.09 * h), fill=(*dark, 255))
    draw.polygon(
        [(0, 0.09 * h), (w, 0.09 * h), (w * 0.8, 0.12 * h), (w * 0.2, 0.12 * h)], fill=(*shade(dark, 0.1), 255)
    )
    floor = gradient(w, round(0.24 * h) + 2, ((0, (112, 78, 54)), (0.1, (92, 62, 46)), (1, (40, 28, 28)))).convert(
        "RGBA"
    )
    lines = Brush(floor)
    for k in range(-8, 9):
        lines.line(
            [(w / 2 + k * w * 0.07, 0), (w / 2 + k * w * 0.16, floor.height)],
            fill=(48, 34, 30, 255),
            width=max(1, round(2 * u)),
        )
    room.paste(floor, (0, round(0.77 * h)))
    draw.rectangle((0, 0.75 * h, w, 0.785 * h), fill=(*shade(dark, 0.12), 255))
    t.layers.append(Layer(room))
    x, y, r = w * 0.5, 0.42 * h, 0.20 * t.size
    flicker(t, x, y, 0.62 * t.size, (255, 226, 150), 0.9)
    cells = 12
    drawn = []
    for k in range(cells):
        pen = Pen(3.0, 4.4, r, finer=2)
        pen.box(0.9, 3.3, 1.2, 1.1, (60, 54, 58), round_by=0.08)
        pen.box(0.7, 3.1, 1.6, 0.3, (176, 134, 70), round_by=0.06)
        pen.disc(1.5, 1.75, 1.05, (255, 244, 206), 1.4)
        for j in range(5):
            rr = 1.05 * math.sin(math.pi * (j + 1) / 6)
            yy = 1.75 - 1.4 * math.cos(math.pi * (j + 1) / 6)
            pen.box(1.5 - rr, yy - 0.03, 2 * rr, 0.06, (196, 150, 78))
        for j in range(4):
            a = math.pi * (j / 4 + k / cells / 4 * 1.0)
            xx = 1.5 + 0.86 * math.cos(a)
            pen.line([(1.5, 0.36), (xx, 1.25), (xx, 2.25), (1.5, 3.14)], (206, 160, 84), 0.05, soft=True)
        flash = 0.5 + 0.5 * math.cos(2 * math.pi * k / cells)
        pen.disc(1.5, 1.75, 0.34 + 0.1 * flash, (255, 255, 246), 0.5 + 0.14 * flash)
        drawn.append(pen.done())
    t.layers.append(Layer(strip(drawn), Track(round(x - 1.5 * r)), Track(round(y - 1.75 * r)), cells=cells, hold=4))
    t.floor, t.tall = 0.90 * h, 0.46 * t.size
