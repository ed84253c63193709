"""
What a film shows that nobody shot: cards, held pictures, and what stands for a scene without a clip. They are drawn here, are
silent, and cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from storyreel.model.footage import Footage
from storyreel.model.recipe import digest

DRAWN = 1
"""Raised when the way cards and pictures are drawn changes, so that older ones are not taken for it."""

Place = Literal["lower-third", "center", "top", "bottom"]
"""Where words stand on a picture."""
Move = Literal["none", "push-in", "pull-out", "left", "right", "up", "down"]
"""How the camera seems to move over a picture. Directions are the camera's."""
Fit = Literal["pad", "crop", "blur"]
"""How a picture fills another ratio: with bars, cut off, or before a blurred copy of itself."""

LETTERS_PERCENT = 5.0
"""The size of letters where none is asked for, in percent of the film's height."""


@dataclass(frozen=True)
class FontFile:
    """A person's own font, known by its content."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Framing:
    """
    How a picture fills a film of another ratio. `focus` is the point that stays in sight where it is cut off: shares of its
    width and height, from the top left.
    """

    fit: Fit = "pad"
    focus: tuple[float, float] = (0.5, 0.5)

    @property
    def is_usual(self) -> bool:
        """Whether it is done as it is where nothing is asked for: with bars."""
        return self.fit == "pad"

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes a difference to what is seen: bars lie as they lie whatever the focus is."""
        return {"fit": self.fit} if self.fit == "pad" else {"fit": self.fit, "focus": list(self.focus)}


PLAIN = Framing()


@dataclass(frozen=True)
class Card:
    """
    Words on a ground, which is a colour (`#rrggbb`) or a picture. `size` is that of the letters, in percent of the film's
    height; no `font` is the package's own.
    """

    text: str
    background: str | Footage = "#000000"
    color: str = "#ffffff"
    place: Place = "center"
    size: float = LETTERS_PERCENT
    font: FontFile | None = None

    @property
    def ground(self) -> Footage | None:
        """The picture that it is written on; None for a colour."""
        return None if isinstance(self.background, str) else self.background

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes it what it is, whatever its files are called."""
        return {
            "text": self.text,
            "background": self.background if isinstance(self.background, str) else {"sha256": self.background.sha256},
            "color": self.color,
            "place": self.place,
            "size": self.size,
            "font": None if self.font is None else self.font.sha256,
        }


@dataclass(frozen=True)
class HeldPicture:
    """A picture of a person's own, held or slowly moved over."""

    footage: Footage
    move: Move = "none"

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes it what it is, whatever its file is called."""
        return {"sha256": self.footage.sha256, "move": self.move}


@dataclass(frozen=True)
class Placeholder:
    """What a rough cut shows of a scene that has no clip: which scene it is, and why it has none."""

    scene: str
    why: str

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes it what it is."""
        return {"scene": self.scene, "why": self.why}


@dataclass(frozen=True)
class Drawn:
    """
    A clip that is drawn: `seconds` of a card, a picture or a placeholder. Before and after these it goes on as long as is wanted, so every
    transition finds handles.
    """

    what: Card | HeldPicture | Placeholder
    seconds: float
    framing: Framing = PLAIN

    @property
    def kind(self) -> Literal["card", "picture", "placeholder"]:
        """What it is."""
        match self.what:
            case Card():
                return "card"
            case HeldPicture():
                return "picture"
            case Placeholder():
                return "placeholder"

    @property
    def picture(self) -> Footage | None:
        """The picture file that is drawn from, if there is one."""
        match self.what:
            case Card(ground=ground):
                return ground
            case HeldPicture(footage=footage):
                return footage
            case Placeholder():
                return None

    @property
    def files(self) -> Mapping[Path, str]:
        """The sha256 of each file that it is drawn from."""
        font = self.what.font if isinstance(self.what, Card) else None
        pictures = {} if self.picture is None else {self.picture.path: self.picture.sha256}
        return pictures if font is None else {**pictures, font.path: font.sha256}

    @property
    def shows(self) -> str:
        """What is shown, for people."""
        return self.what.footage.path.name if isinstance(self.what, HeldPicture) else self.kind

    @property
    def moves(self) -> bool:
        """Whether its frames differ from one another."""
        return isinstance(self.what, HeldPicture) and self.what.move != "none"

    @property
    def identity(self) -> dict[str, Any]:
        """All that makes its pictures what they are."""
        framed = {} if self.picture is None else self.framing.identity
        return {"v": DRAWN, self.kind: self.what.identity, "seconds": self.seconds, **framed}

    @property
    def sha256(self) -> str:
        """What tells it from every other clip, as the content of its file would if it had one."""
        return digest(self.identity)
