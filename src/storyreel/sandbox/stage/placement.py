"""
Place figures in a scene: buildings on their ground, craft in the sky, ships on the water, all others on their marks.

Where the ground, the water and the horizon are is known from the place, which is painted before.
"""

from __future__ import annotations

from storyreel.sandbox.stage.camera import Layer, Track
from storyreel.sandbox.stage.canvas import Tableau
from storyreel.sandbox.stage.cues import INDOORS, PEOPLE, PRODUCTS, Subject
from storyreel.sandbox.stage.figures.animals import BEASTS, beast
from storyreel.sandbox.stage.figures.buildings import (
    LAMP_AT,
    beam,
    bridge,
    castle,
    fire,
    house,
    lighthouse,
    tent,
    windmill,
)
from storyreel.sandbox.stage.figures.dress import dressed
from storyreel.sandbox.stage.figures.people import crowd, person
from storyreel.sandbox.stage.figures.products import steam, thing
from storyreel.sandbox.stage.figures.vehicles import bicycle, boat, flyer, road_car, smoke, train
from storyreel.sandbox.stage.figures.wildlife import fish, flock, whale
from storyreel.sandbox.stage.paint import mix

AFLOAT = ("boat", "sailboat", "ship")
ALOFT = ("plane", "balloon", "ufo", "rocket")
ON_WHEELS = ("car", "bus", "train", "bicycle")


def place_landmark(t: Tableau) -> None:
    """Stand a building in the scene: on the headland, or far off on the land."""
    light = t.cues.subject("lighthouse")
    if t.landmark:
        x, y = t.landmark
        tall = 0.50 * t.size
        tower = lighthouse(t.air, tall, (light.colour() if light else None) or (196, 58, 50))
        if t.cues.hour in ("dusk", "night", "storm", "neon", "dawn", "pale") or t.cues.says("beam|light turns|lamp"):
            t.put(beam(0.46 * t.width), x, y - tower.foot + LAMP_AT * tall)
        t.put(tower, x, y)
        if t.cover:
            t.layers.append(t.cover)
        return
    if t.cues.place in INDOORS:
        return
    far = t.horizon + 0.06 * t.height
    spots = iter((0.70, 0.26, 0.5))
    for s in t.cues.subjects:
        x = (
            next(spots, 0.5) * t.width
            if s.kind in ("lighthouse", "castle", "tower", "windmill", "church", "bridge")
            else 0
        )
        if s.kind == "lighthouse":
            tower = lighthouse(t.air, 0.36 * t.size, s.colour() or (196, 58, 50))
            t.put(tower, x, far)
        elif s.kind in ("castle", "tower"):
            t.put(castle(t.air, 0.52 * t.size), x, far)
        elif s.kind == "windmill":
            t.put(windmill(t.air, 0.40 * t.size), x, far + 0.05 * t.height)
        elif s.kind == "church" and t.cues.place != "village":
            t.put(house(t.air, 0.26 * t.size, t.rng, snow=t.cues.says("snow"), church=True), x, far + 0.04 * t.height)
        elif s.kind == "bridge":
            t.put(bridge(t.air, 0.9 * t.width), t.width * 0.5, far)
        elif s.kind == "house" and t.cues.place not in ("village", "city", "street", "harbour"):
            home = house(t.air, 0.36 * t.size, t.rng, snow=t.cues.says("snow|winter"), wall=s.colour())
            t.put(home, t.width * 0.68, t.floor - 0.01 * t.height, speed=-t.pace)


def place_aloft(t: Tableau) -> None:
    """Let things cross the sky."""
    if t.cues.place in ("wall", "stairs", "product", "room", "underwater"):
        return
    for k, s in enumerate(s for s in t.cues.subjects if s.kind in ALOFT):
        if s.kind == "rocket":
            ship = flyer(s, t.air, 0.30 * t.size)
            start = t.height * 0.62
            t.layers.append(
                Layer(
                    ship.picture,
                    Track(round(t.width * 0.6 - ship.middle)),
                    Track(start, -max(0.5, start / max(1, t.frames))),
                    cells=3,
                    hold=2,
                )
            )
            continue
        size = {"plane": 0.32, "balloon": 0.24, "ufo": 0.26}[s.kind] * t.size
        for again in range(3 if s.several or (s.kind == "balloon" and s.several) else 1):
            craft = flyer(Subject(s.kind, s.colours if not again else ()), t.air, size * (1 - 0.28 * again))
            speed = {"plane": 3.0, "balloon": 0.5, "ufo": 1.5}[s.kind] * t.height / 720
            x = t.width * (0.30 + 0.26 * again) if s.kind != "plane" else t.width * 0.5 - speed * t.frames / 2
            y = t.horizon * (0.40 - 0.12 * again + 0.16 * k)
            t.put(craft, x, y, speed=speed, swing=t.height * (0.02 if s.kind != "plane" else 0.004), period=110)
    birds = t.cues.subject("gull")
    if birds or (t.cues.place in ("harbour", "cliff", "beach") and t.cues.hour not in ("night", "neon")):
        many = 7 if birds else 4
        for row in range(2 if birds else 1):
            cast = flock(
                t.air,
                (0.115 if birds else 0.065) * t.size * (1 - 0.3 * row),
                t.rng,
                count=many,
                colour=(birds.colour() if birds else None) or (250, 250, 248),
            )
            speed = (1.6, 1.0)[row] * t.height / 720
            way = 1 if row == 0 else -1
            x = t.width * (0.34 if row == 0 else 0.72) - way * speed * min(t.frames, 120) * 0.5
            t.put(
                cast,
                x,
                t.horizon * (0.62 - 0.26 * row) + cast.foot * 0.5,
                speed=way * speed,
                swing=0.012 * t.height,
                period=84,
                step=2,
            )


def place_afloat(t: Tableau) -> None:
    """Let ships float and whales rise."""
    assert t.water is not None
    vessels = [s for s in t.cues.subjects if s.kind in AFLOAT]
    rough = t.cues.hour == "storm" or "storm" in t.cues.weathers
    if t.cues.place == "harbour":
        vessels = vessels[:0] if not t.cues.says("arriv|leav|sail|enter|depart") else vessels[:1]
    for k, s in enumerate(vessels):
        count = 3 if s.several else 1
        for j in range(count):
            long = {"boat": 0.34, "sailboat": 0.36, "ship": 0.52}[s.kind] * t.size * (1 - 0.26 * j)
            if t.cues.place in ("cliff", "beach", "lake"):
                long *= 0.62
            vessel = boat(Subject(s.kind, s.colours if j == 0 else ()), t.air, long)
            x = t.width * (0.40 + 0.24 * j + 0.2 * k)
            t.put(
                vessel,
                x,
                t.water + 0.02 * t.height * (1 - j),
                speed=0.4 * t.height / 720,
                swing=(10 if rough else 4) * t.u,
                sway=3 * t.u,
                period=62 + 8 * j,
            )
    if t.cues.subject("whale"):
        t.put(
            whale(t.cues.subject("whale") or Subject("whale"), t.air, 0.62 * t.size),
            t.width * 0.52,
            t.water + 0.10 * t.height,
            swing=22 * t.u,
            period=120,
            speed=0.5 * t.height / 720,
        )
    elif t.cues.place == "sea" and not vessels and not t.cues.says("wave|storm") and not t.cues.subjects:
        t.put(boat(Subject("sailboat"), t.air, 0.20 * t.size), t.width * 0.66, t.water, swing=4 * t.u, period=66)


def place_on_the_ground(t: Tableau) -> None:
    """Stand or walk people, animals, vehicles and things on their marks, from left to right by their order."""
    cues = t.cues
    lantern = cues.subject("lantern")
    people = [s for s in cues.subjects if s.kind in PEOPLE and s.kind != "crowd"]
    beasts = [s for s in cues.subjects if s.kind in BEASTS]
    wheels = [s for s in cues.subjects if s.kind in ON_WHEELS]
    others = [s for s in cues.subjects if s.kind in PRODUCTS | {"campfire", "tent"} or (s is lantern and not people)]
    if t.cues.place == "sea" and not cues.says("walk|stand"):
        people, beasts = [], []
    if t.cues.place == "underwater":
        t.put(
            fish(cues.subject("fish"), 0.17 * t.size, t.rng),
            t.width * 0.36,
            t.height * 0.80,
            speed=1.2 * t.height / 720,
            swing=10 * t.u,
            period=80,
        )
        t.put(
            fish(None, 0.09 * t.size, t.rng, count=14),
            t.width * 0.70,
            t.height * 0.46,
            speed=0.8 * t.height / 720,
            swing=8 * t.u,
            period=66,
        )
        if cues.subject("whale"):
            t.put(
                whale(cues.subject("whale") or Subject("whale"), t.air, 0.7 * t.size),
                t.width * 0.5,
                t.height * 0.5,
                speed=0.6,
                swing=12 * t.u,
                period=140,
            )
        people = []
    moving = cues.moving or bool(wheels)
    staying = -t.pace if not moving and t.cues.place not in INDOORS else 0.0
    lone = len(people) + len(beasts) == 1
    cast = [*wheels, *people, *beasts]
    marks = _marks(len(cast) + len(others), t)
    if cues.subject("crowd"):
        group = crowd(cues.words, t.air, t.tall * 0.92, t.rng, moving=moving)
        t.put(group, t.width * 0.46, t.floor - 0.012 * t.height, speed=staying)
    for s in others:
        x = marks.pop()
        _thing(t, s, x, staying)
    for s, x in zip(cast, marks, strict=False):
        if s.kind in ON_WHEELS:
            _drive(t, s, t.width * 0.46)
            continue
        small = s.kind in ("fox", "cat", "dog", "sheep", "wolf")
        if s.kind in BEASTS:
            larger = 1.0 if not small else (2.3 if lone else 1.15)
            figure = beast(s, t.air, t.tall, moving=moving, fast=cues.fast, larger=larger)
            reps = 3 if s.several else 1
        else:
            tall = t.tall * (0.64 if s.kind == "child" else 1.0) * (1.12 if lone else 1.0)
            figure = person(
                s,
                cues.words,
                t.air,
                tall,
                t.rng,
                moving=moving,
                fast=cues.fast,
                lantern=lantern is not None and s.kind in ("woman", "man", "child"),
            )
            reps = 2 if s.several else 1
        wide = figure.width * 0.62 if s.kind in BEASTS else t.tall * 0.34
        for j in reversed(range(reps)):
            at = x - j * min(figure.width * 0.92, t.width * 0.27) + (figure.width * 0.7 if reps > 1 else 0)
            foot = t.floor - j * 0.012 * t.height
            shade = wide if t.cues.place != "stairs" else 0.0
            drift = 0.014 * t.width if moving and t.pace else 0.0
            if moving and not t.pace and t.cues.place in ("wall", "harbour", "cliff", "lamproom", "room", "lake"):
                # The camera stands still: they cross the frame, and slow walks do not leave it.
                speed = min(t.speed(2), 0.42 * t.width / max(1, t.frames))
                t.put(figure, at - 0.24 * t.width, foot, speed=speed, shadow=shade)
            elif t.cues.place == "space":
                t.put(figure, at, t.height * 0.62, swing=20 * t.u, sway=16 * t.u, period=110)
            else:
                bob = 3 * t.u if cues.fast and s.kind in BEASTS else 0.0
                t.put(
                    figure,
                    at,
                    foot,
                    speed=staying,
                    sway=0.0 if bob else drift,
                    swing=bob,
                    period=16 if bob else 150,
                    shadow=shade,
                )


def _marks(count: int, t: Tableau) -> list[float]:
    if count <= 1:
        spot = {"stairs": 0.5, "wall": 0.36, "lamproom": 0.28, "room": 0.44}.get(t.cues.place, 0.44)
        if t.landmark:
            spot = 0.30 if t.landmark[0] > t.width / 2 else 0.70
        return [t.width * spot]
    left, right = (0.30, 0.72) if t.width >= t.height else (0.24, 0.76)
    return [t.width * (left + (right - left) * k / (count - 1)) for k in range(count)]


def _drive(t: Tableau, s: Subject, x: float) -> None:
    if s.kind == "train":
        engine = train(s, t.air, 1.25 * t.size)
        trail = smoke(0.20 * t.size, t.rng, mix((236, 236, 240), t.air.haze, 0.45))
        t.put(engine, x, t.floor, sway=6 * t.u)
        nose = x + engine.width * 0.30
        t.layers.append(
            Layer(
                trail,
                Track(round(nose - trail.width), swing=4),
                Track(round(t.floor - engine.foot - trail.height * 0.84), swing=4, period=40),
            )
        )
        return
    if s.kind == "bicycle":
        rider = bicycle(
            s,
            t.air,
            t.tall * 1.05,
            dressed(t.cues.subject("woman", "man", "child") or Subject("man"), t.cues.words, t.rng),
        )
        t.put(rider, x, t.floor, sway=0.02 * t.width, period=90, shadow=t.tall * 0.9)
        return
    car = road_car(s, t.air, (0.62 if s.kind == "car" else 0.72) * t.size)
    t.put(car, x, t.floor, sway=0.02 * t.width, period=90, shadow=0.7 * t.size)


def _thing(t: Tableau, s: Subject, x: float, staying: float) -> None:
    if s.kind == "campfire":
        t.put(fire(0.13 * t.size, t.rng), x, t.floor + 0.01 * t.height, speed=staying)
    elif s.kind == "tent":
        t.put(tent(t.air, 0.42 * t.size, s.colour() or (222, 120, 54)), x, t.floor, speed=staying)
    elif s.kind in PRODUCTS | {"lantern"}:
        tall = 0.22 * t.size
        item = thing(s, t.air.tint, tall)
        foot = t.floor + 0.02 * t.height
        t.put(item, x, foot, speed=staying, shadow=tall)
        if s.kind == "cup":
            t.put(steam(0.2 * t.size), x, foot - item.foot + 0.42 * tall, speed=staying)
