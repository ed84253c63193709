"""
What all figures share: how a painted one is handed on, and how somebody is dressed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image

from storyreel.sandbox.stage.cues import Subject
from storyreel.sandbox.stage.paint import Colour, Point, mix, shade

SKINS: tuple[Colour, ...] = ((236, 188, 152), (206, 148, 108), (150, 98, 66), (110, 70, 48))
HAIRS: tuple[Colour, ...] = ((52, 36, 32), (96, 58, 36), (34, 30, 38), (170, 120, 66), (150, 148, 150))
COATS: tuple[Colour, ...] = ((44, 78, 116), (122, 62, 54), (66, 92, 70), (150, 116, 66), (86, 70, 110), (58, 62, 74))


@dataclass(frozen=True)
class Cast:
    """A painted figure: a strip of `cells` phases; `foot` is the y of the soles in it, `middle` the x of the body."""

    picture: Image.Image
    cells: int
    hold: int
    foot: float
    middle: float

    @property
    def width(self) -> int:
        """The width of one phase."""
        return self.picture.width // self.cells


@dataclass(frozen=True)
class Look:
    """What somebody wears."""

    skin: Colour
    hair: Colour
    coat: Colour
    trousers: Colour
    hat: Colour | None
    scarf: Colour | None
    beard: Colour | None
    long_hair: bool
    hem: float
    girth: float = 1.0


def dressed(subject: Subject, words: str, rng: random.Random) -> Look:
    """Return what somebody wears: as the words say, else by chance."""
    woman = subject.kind == "woman"
    old = any(word in words for word in ("old ", "elderly", "keeper", "grand", "captain", "fisherman"))
    coat = subject.colour("coat") or subject.colour() or rng.choice(COATS)
    hat = subject.colour("hat")
    if hat is None and any(
        word in words for word in ("parka", "beanie", "winter", "keeper", "fisherman", "sailor", "captain")
    ):
        hat = mix(coat, (60, 64, 76), 0.8)
    hair = subject.colour("hair") or ((206, 204, 200) if old and not woman else rng.choice(HAIRS))
    beard = subject.colour("beard") or (
        hair if (old or "beard" in words) and not woman and subject.kind == "man" else None
    )
    long = any(word in words for word in ("dress", "robe", "cloak", "princess", "queen", "bride"))
    return Look(
        skin=SKINS[rng.randrange(len(SKINS))] if not old else SKINS[0],
        hair=hair,
        coat=coat,
        trousers=mix(shade(coat, -0.62), (40, 44, 58), 0.6),
        hat=hat,
        scarf=subject.colour("scarf") or (shade(coat, 0.45) if "scarf" in words else None),
        beard=beard,
        long_hair=woman,
        hem=84 if long else 67 if woman or old else 60,
        girth=1.0 if woman else 1.12,
    )


def swung(at: Point, length: float, angle: float) -> Point:
    """Return the end of a limb of this length that hangs from a point at this angle."""
    return (at[0] + length * math.sin(angle), at[1] + length * math.cos(angle))
