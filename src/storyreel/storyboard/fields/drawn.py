"""
What is drawn here and costs nothing: cards, and pictures that are held or slowly moved over. And how a picture fills the film.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from storyreel.model import drawn
from storyreel.storyboard.fields.titles import Color, Font, Place, Size
from storyreel.storyboard.fields.words import About, Number, Part, Words

Move = Annotated[
    drawn.Move, About("none, push-in, pull-out, left, right, up or down", ("camera", "motion", "ken_burns"))
]
Fit = Annotated[drawn.Fit, About("pad, crop or blur", ("fill", "crop", "scale"))]
Focus = Annotated[
    list[Annotated[Number, Field(ge=0, le=1)]],
    Field(min_length=2, max_length=2),
    About("two numbers from 0 to 1, as in [0.5, 0.3]", ("focal_point", "anchor")),
]


class Card(Part):
    """Words on a plain ground or on a picture, drawn here."""

    TITLE: ClassVar[str] = "`card`"
    IN: ClassVar[str] = "in a card"
    INTO: ClassVar[str] = "into `card`"

    text: Annotated[Words, About("text", ("title", "words"))] | None = None
    """What is written on it. A Jinja template; default: nothing, a plain ground."""
    background: Annotated[Words, About("a colour or a file", ("ground", "image", "picture"))] | None = None
    """A colour (#0b1020, or a CSS name) or a picture, a file; default: black."""
    color: Color | None = None
    """Of the letters: #rrggbb or a CSS name; default: white."""
    font: Font | None = None
    """A font, a file beside the storyboard; default: the package's own, which has Latin, Cyrillic and Greek."""
    place: Place = "center"
    """Where the words stand: center, lower-third, top or bottom; default: center."""
    size: Size = drawn.LETTERS_PERCENT
    """Of the letters, in percent of the film's height; default: 5."""
