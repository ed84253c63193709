"""
Draw animals on four legs from the side, looking right, in the phases of a gait. Birds and fish are in `wildlife`; the words
that call for each are in `cues`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.figures.dress import Cast
from storyreel.sandbox.stage.light import Air
from storyreel.sandbox.stage.paint import Colour, Point, mix, rimmed, shade, strip
from storyreel.sandbox.stage.pen import Pen

GAIT = 8


@dataclass(frozen=True)
class Beast:
    """
    How one kind is drawn on a canvas of `width` x `height` units.

    Args:
        width, height: Of the canvas.
        tall: Height in the scene; a person is 1.
        coat: Its own colour.
        hind, fore: Where the legs begin.
        thick: Of the legs, at the top.
        stride: Half the angle of a step.
        sock: Colour of the lower legs, or None.
        body: Draws all but the legs; gets the pen, the phase, the coat.
    """

    width: float
    height: float
    tall: float
    coat: Colour
    hind: Point
    fore: Point
    thick: float
    stride: float
    sock: Colour | None
    body: Callable[[Pen, float, Colour], None]


def _leg(
    pen: Pen, at: Point, ground: float, phase: float, beast: Beast, coat: Colour, *, hind: bool, stride: float
) -> None:
    length = ground - at[1] - beast.thick * 0.2
    swing = stride * math.sin(phase)
    fold = max(0.0, math.cos(phase)) * stride * 1.6
    bend = 0.28 if hind else -0.05
    knee = (at[0] + length * 0.5 * math.sin(swing + bend), at[1] + length * 0.5 * math.cos(swing + bend))
    lower = swing - fold - bend * 0.9
    foot = (knee[0] + length * 0.5 * math.sin(lower), knee[1] + length * 0.5 * math.cos(lower))
    pen.limb([at, knee], coat, [beast.thick, beast.thick * 0.62])
    pen.limb([knee, foot], beast.sock or coat, [beast.thick * 0.62, beast.thick * 0.46])
    pen.limb(
        [foot, (foot[0] + beast.thick * 0.4, foot[1])],
        beast.sock or shade(coat, -0.35),
        [beast.thick * 0.5, beast.thick * 0.4],
    )


def _fox(pen: Pen, phase: float, coat: Colour) -> None:
    wag = 2.2 * math.sin(phase)
    white, dark = (246, 238, 226), (46, 34, 34)
    pen.shape(
        [
            (46, 38),
            (32, 33 + wag * 0.4),
            (14, 34 + wag),
            (1, 42 + wag),
            (4, 49 + wag),
            (20, 51 + wag),
            (36, 48),
            (46, 48),
        ],
        coat,
        soft=True,
    )
    pen.shape([(12, 35 + wag), (0.5, 42.5 + wag), (4, 48.6 + wag), (13, 49.4 + wag), (9, 42 + wag)], white, soft=True)
    pen.shape(
        [(38, 42), (44, 35), (60, 34), (78, 32), (92, 30), (97, 38), (94, 48), (82, 53), (64, 51), (48, 55), (39, 51)],
        coat,
        soft=True,
    )
    pen.shape([(50, 53), (66, 49.6), (82, 50), (92, 46), (86, 53), (66, 53)], shade(coat, -0.22), soft=True)
    pen.shape([(84, 36), (94, 22), (106, 24), (104, 36), (96, 48)], coat, soft=True)
    pen.shape([(98, 34), (106, 31), (104, 40), (96, 51), (91, 49)], white, soft=True)
    pen.shape([(96, 19), (95.5, 4), (104, 14)], dark)
    pen.shape([(103, 15), (107, 2.5), (111.5, 16)], coat)
    pen.shape([(105, 14), (107.2, 6.5), (109.6, 15)], shade(coat, -0.45))
    pen.shape(
        [(94, 22), (100, 14.6), (110, 15.6), (115, 21), (124.5, 27), (124, 29.6), (113, 32), (101, 33)], coat, soft=True
    )
    pen.shape([(104, 31), (111, 27), (123, 28.6), (122, 30.4), (112, 33.4)], white, soft=True)
    pen.disc(110.6, 21.6, 1.5, dark)
    pen.disc(124, 27.8, 1.9, dark)


def _canine(pen: Pen, phase: float, coat: Colour) -> None:
    wag = 5 * math.sin(phase * 2)
    pale, dark = shade(coat, 0.4), (38, 32, 34)
    pen.line([(40, 40), (28, 30), (20 + wag, 16)], coat, 6, soft=True)
    pen.shape(
        [(36, 42), (44, 34), (62, 34), (80, 31), (94, 32), (97, 42), (90, 52), (74, 52), (60, 49), (46, 53), (38, 50)],
        coat,
        soft=True,
    )
    pen.shape([(74, 51), (90, 44), (96, 42), (91, 53)], pale, soft=True)
    pen.shape([(82, 36), (92, 20), (106, 22), (104, 34), (96, 46)], coat, soft=True)
    pen.shape([(92, 18), (98, 11), (108, 11), (113, 17), (124, 21), (125, 27), (112, 30), (98, 30)], coat, soft=True)
    pen.shape([(112, 25), (125, 23), (124.6, 27.4), (112, 30.4)], pale, soft=True)
    pen.shape([(95, 12), (103, 12), (101, 26), (95, 28), (92, 20)], shade(coat, -0.32), soft=True)
    pen.disc(109.4, 17.4, 1.5, dark)
    pen.disc(124.6, 22, 2.2, dark)
    pen.line([(90, 35), (102, 37)], (200, 52, 52), 2.6)


def _wolf(pen: Pen, phase: float, coat: Colour) -> None:
    _fox(pen, phase, coat)


def _cat(pen: Pen, phase: float, coat: Colour) -> None:
    wag = 3 * math.sin(phase)
    dark = (34, 30, 34)
    pen.line([(40, 42), (26, 36), (20 + wag, 20), (28 + wag, 8)], coat, 5, soft=True)
    pen.shape(
        [(38, 44), (46, 37), (64, 37), (82, 35), (92, 38), (92, 48), (80, 52), (60, 52), (44, 54)], coat, soft=True
    )
    for x in (54, 62, 70):
        pen.line([(x, 37.6), (x - 2, 44)], shade(coat, -0.3), 2)
    pen.disc(97, 29, 11.5, coat, 10.6)
    pen.shape([(87, 25), (87, 11), (96, 19)], coat)
    pen.shape([(98, 19), (106, 11), (107.4, 25)], coat)
    pen.shape([(101, 19), (105.4, 14), (106, 21)], (226, 150, 150))
    pen.disc(101, 28, 1.9, (120, 190, 90))
    pen.disc(101.4, 28, 0.9, dark, 1.7)
    pen.disc(106.6, 32, 1.2, (226, 130, 130))
    pen.disc(102, 34.5, 5, shade(coat, 0.4), 3.4)


def _horse(pen: Pen, phase: float, coat: Colour) -> None:
    mane = shade(coat, -0.55)
    wag = 3 * math.sin(phase)
    pen.shape([(30, 44), (20, 46), (12 + wag, 62), (10 + wag, 78), (18 + wag, 72), (24, 58), (34, 52)], mane, soft=True)
    pen.shape(
        [(28, 48), (36, 38), (54, 40), (74, 38), (90, 34), (100, 42), (98, 56), (86, 64), (62, 63), (42, 66), (30, 60)],
        coat,
        soft=True,
    )
    pen.shape([(84, 42), (92, 28), (102, 12), (113, 12), (110, 28), (104, 46), (96, 54)], coat, soft=True)
    pen.shape(
        [(100, 12), (107, 5), (114, 6), (122, 16), (131, 27), (127, 33), (120, 31), (110, 24), (103, 22)],
        coat,
        soft=True,
    )
    pen.shape([(124, 23), (131, 27), (127, 33), (121, 30)], shade(coat, -0.3), soft=True)
    pen.shape([(104, 7), (106, -1), (110, 6)], coat)
    pen.shape([(106, 3), (98, 8), (92, 22), (82, 36), (78, 42), (88, 40), (96, 28), (103, 14)], mane, soft=True)
    pen.disc(114.4, 14, 1.6, (24, 20, 24))


def _camel(pen: Pen, phase: float, coat: Colour) -> None:
    pen.line([(28, 48), (22, 58), (23 + math.sin(phase), 68)], shade(coat, -0.25), 2.6, soft=True)
    pen.shape(
        [
            (26, 50),
            (34, 40),
            (44, 36),
            (53, 20),
            (60, 18),
            (67, 22),
            (76, 38),
            (90, 40),
            (98, 48),
            (94, 60),
            (78, 66),
            (54, 64),
            (36, 66),
            (27, 60),
        ],
        coat,
        soft=True,
    )
    pen.shape([(44, 38), (53, 22), (60, 19), (66, 23), (72, 36), (58, 42)], shade(coat, -0.16), soft=True)
    pen.shape([(46, 38), (72, 37), (75, 54), (45, 56)], (156, 48, 52))
    pen.line([(46, 52), (74.6, 50.6)], (236, 190, 84), 2.2)
    pen.line([(47, 42), (72.6, 41)], (44, 86, 110), 2.2)
    pen.line([(92, 50), (104, 54), (113, 44), (114, 26), (120, 14)], coat, 9.6, soft=True)
    pen.shape([(112, 14), (117, 7), (125, 7), (136, 13), (139, 18), (133, 21), (122, 20)], coat, soft=True)
    pen.shape([(114, 9), (113, 3), (118, 7)], shade(coat, -0.2))
    pen.disc(124, 11, 1.4, (30, 24, 24))
    pen.line([(121, 9), (122, 20)], (156, 48, 52), 1.4)


def _deer(pen: Pen, _phase: float, coat: Colour) -> None:
    pale, horn = shade(coat, 0.55), (150, 118, 84)
    pen.shape([(30, 46), (24, 44), (24, 52), (31, 54)], pale, soft=True)
    pen.shape(
        [(29, 48), (38, 42), (58, 43), (76, 40), (88, 40), (94, 48), (88, 58), (68, 60), (46, 62), (32, 58)],
        coat,
        soft=True,
    )
    pen.shape([(46, 61), (68, 58), (86, 56), (76, 62), (56, 63)], pale, soft=True)
    pen.shape([(78, 44), (90, 28), (96, 18), (105, 20), (102, 34), (94, 52)], coat, soft=True)
    pen.shape([(94, 17), (101, 12), (108, 15), (119, 22), (118, 26), (106, 27), (97, 25)], coat, soft=True)
    pen.shape([(96, 16), (88, 10), (95, 11), (100, 14)], coat)
    pen.disc(107, 18.4, 1.4, (28, 22, 22))
    pen.disc(118.6, 23.4, 1.7, (28, 22, 22))
    for way in (-1, 1):
        top = [(101, 13), (99 + 3 * way, 4), (94 + 7 * way, -6), (98 + 10 * way, -14)]
        pen.line(top, horn, 2.2, soft=True)
        pen.line([(97.6 + 4.6 * way, 0), (104 + 5 * way, -6)], horn, 1.8)
        pen.line([(95 + 6.5 * way, -5), (89 + 7 * way, -12)], horn, 1.7)


def _bear(pen: Pen, _phase: float, coat: Colour) -> None:
    pen.shape(
        [(22, 42), (34, 26), (56, 22), (78, 18), (96, 24), (102, 38), (94, 54), (70, 58), (44, 58), (26, 54)],
        coat,
        soft=True,
    )
    pen.shape([(88, 24), (100, 16), (114, 18), (124, 28), (132, 34), (129, 40), (114, 43), (98, 42)], coat, soft=True)
    pen.disc(103, 17, 4.6, coat)
    pen.shape([(120, 31), (131, 34), (129, 39.6), (118, 40)], shade(coat, 0.35), soft=True)
    pen.disc(131, 34.6, 2.3, (22, 18, 20))
    pen.disc(117, 27, 1.5, (22, 18, 20))


def _sheep(pen: Pen, _phase: float, coat: Colour) -> None:
    dark = (58, 50, 54)
    for x, y in ((36, 40), (46, 33), (58, 31), (70, 33), (80, 39), (78, 48), (66, 52), (52, 52), (40, 49), (58, 42)):
        pen.disc(x, y, 10.5, coat)
    pen.shape([(82, 32), (90, 28), (100, 34), (103, 41), (97, 44), (86, 42)], dark, soft=True)
    pen.shape([(84, 33), (78, 36), (84, 38)], dark)
    pen.disc(86, 29, 6, coat)
    pen.disc(94, 35, 1.3, (240, 236, 220))


def _cow(pen: Pen, _phase: float, coat: Colour) -> None:
    patch = (62, 46, 44)
    pen.line([(24, 36), (17, 44), (16, 58)], coat, 2.2, soft=True)
    pen.shape(
        [(22, 38), (30, 31), (60, 31), (88, 29), (98, 36), (96, 52), (80, 58), (46, 58), (26, 56)], coat, soft=True
    )
    pen.shape([(38, 31.4), (54, 31.4), (58, 42), (46, 48), (36, 42)], patch, soft=True)
    pen.shape([(72, 34), (84, 32), (86, 46), (76, 48)], patch, soft=True)
    pen.shape([(92, 34), (100, 24), (112, 24), (122, 36), (122, 44), (112, 46), (100, 44)], coat, soft=True)
    pen.disc(119, 41, 5, (232, 178, 168), 4.6)
    pen.shape([(101, 24), (94, 26), (101, 30)], patch)
    pen.line([(104, 24), (104, 17), (109, 15)], (224, 212, 186), 2)
    pen.disc(110, 31, 1.5, (24, 20, 22))


def _elephant(pen: Pen, phase: float, coat: Colour) -> None:
    s = 2 * math.sin(phase)
    pen.line([(20, 34), (14, 44), (15, 56)], shade(coat, -0.2), 2.4, soft=True)
    pen.shape(
        [(18, 40), (28, 22), (52, 15), (78, 16), (96, 24), (100, 44), (92, 58), (60, 60), (32, 60), (20, 54)],
        coat,
        soft=True,
    )
    pen.shape([(90, 20), (102, 12), (116, 16), (122, 30), (118, 42), (104, 46), (92, 40)], coat, soft=True)
    pen.line([(117, 32), (125, 48), (127 + s, 64), (134 + s, 74)], coat, 7.4, soft=True)
    pen.shape([(90, 18), (100, 16), (106, 28), (102, 46), (92, 48), (85, 34)], shade(coat, -0.22), soft=True)
    pen.line([(116, 42), (124, 48), (133, 46)], (244, 238, 220), 3, soft=True)
    pen.disc(111, 25, 1.5, (24, 22, 26))


BEASTS: dict[str, Beast] = {
    "fox": Beast(128, 82, 0.46, (204, 96, 40), (46, 47), (89, 46), 9.0, 0.5, (54, 38, 36), _fox),
    "wolf": Beast(128, 84, 0.58, (124, 128, 138), (46, 47), (89, 46), 9.0, 0.46, (92, 94, 104), _wolf),
    "dog": Beast(130, 80, 0.46, (196, 148, 92), (44, 46), (89, 46), 9.0, 0.5, None, _canine),
    "cat": Beast(116, 74, 0.30, (120, 112, 112), (46, 48), (86, 47), 7.0, 0.4, None, _cat),
    "horse": Beast(136, 108, 1.05, (126, 78, 48), (37, 56), (92, 54), 11.0, 0.5, None, _horse),
    "camel": Beast(142, 112, 1.15, (206, 156, 98), (36, 58), (90, 57), 9.0, 0.34, None, _camel),
    "deer": Beast(124, 104, 0.92, (166, 110, 66), (37, 54), (86, 53), 7.0, 0.42, None, _deer),
    "bear": Beast(136, 84, 0.80, (104, 70, 48), (36, 48), (90, 47), 16.0, 0.3, None, _bear),
    "sheep": Beast(108, 76, 0.46, (240, 236, 226), (44, 52), (76, 52), 5.0, 0.3, (58, 50, 54), _sheep),
    "cow": Beast(128, 84, 0.80, (240, 234, 226), (32, 52), (90, 51), 9.0, 0.3, None, _cow),
    "elephant": Beast(142, 92, 1.5, (128, 126, 136), (34, 50), (90, 50), 17.0, 0.25, None, _elephant),
}
_LIFT = {"deer": 16.0, "horse": 2.0}


def beast(
    subject: Subject, air: Air, person_tall: float, *, moving: bool, fast: bool = False, larger: float = 1.0
) -> Cast:
    """
    Paint an animal on four legs.

    Args:
        subject: A kind of BEASTS, and its colours.
        air: The light.
        person_tall: How many pixels a person measures in this scene.
        moving: Whether it walks, else it stands.
        fast: Whether it runs.
        larger: Than life: a small animal that has the scene to itself comes nearer.
    """
    how = BEASTS[subject.kind]
    coat = subject.colour() or how.coat
    unit = person_tall * how.tall * larger / how.height
    lift = _LIFT.get(subject.kind, 2.0)
    cells = GAIT if moving else 1
    drawn = []
    for k in range(cells):
        phase = 2 * math.pi * k / cells
        pen = Pen(how.width, how.height + lift, unit, air.tint, finer=2 if unit > 1.2 else 3)
        stride = how.stride * (1.5 if fast else 1.0) if moving else 0.0
        bob = -1.4 * abs(math.sin(phase)) if moving else 0.0
        pen.lift = lift + bob
        lag = 0.6 if fast else math.pi
        ground = how.height - 3 - bob
        far = shade(coat, -0.3)
        _leg(pen, how.hind, ground, phase + lag, how, far, hind=True, stride=stride)
        _leg(pen, how.fore, ground, phase + lag + (math.pi if not fast else 2.6), how, far, hind=False, stride=stride)
        how.body(pen, phase, coat)
        near = mix(coat, shade(coat, -0.12), 0.5)
        _leg(pen, (how.hind[0] + 3, how.hind[1]), ground, phase, how, near, hind=True, stride=stride)
        _leg(
            pen,
            (how.fore[0] + 3, how.fore[1]),
            ground,
            phase + (math.pi if not fast else 2.2),
            how,
            near,
            hind=False,
            stride=stride,
        )
        drawn.append(rimmed(pen.done(), air.orb, 0.42, -1, max(1, round(unit))))
    return Cast(strip(drawn), cells, 2 if fast else 4, (how.height - 1.4 + lift) * unit, how.width / 2 * unit)
