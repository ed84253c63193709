"""
Words that are laid over the picture.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from storyreel.model import drawn
from storyreel.storyboard.fields.words import About, Number, Part, Words

Color = Annotated[Words, About('a colour, as in "#ffcc00" or gold', ("colour", "text_color"))]
Font = Annotated[Words, About("a file", ("typeface", "face", "font_family"))]
Size = Annotated[
    Number,
    Field(gt=0, le=100),
    About("a number above 0, up to 100: percent of the film's height", ("font_size", "fontsize")),
]
Place = Annotated[drawn.Place, About("lower-third, center, top or bottom", ("position", "align"))]


class Title(Part):
    """Words over a scene's picture: they stand from one moment to another, and end with its shot."""

    TITLE: ClassVar[str] = "An item of `titles`"
    IN: ClassVar[str] = "in a title"
    INTO: ClassVar[str] = "into `titles`"

    text: Annotated[Words, About("text", ("title", "words"))]
    """What is written. A Jinja template."""
    at: Annotated[Number, Field(ge=0), About("a number of seconds, 0 or more", ("start", "begin", "offset"))] = 0.0
    """Seconds of the film after the first frame of the scene's first shot; default: 0."""
    duration: (
        Annotated[Number, Field(gt=0), About("a number of seconds above 0", ("length", "seconds", "for"))] | None
    ) = None
    """For how many seconds of the film; default: until its shot ends."""
    place: Place = "lower-third"
    """Where the words stand: lower-third, center, top or bottom; default: lower-third."""
    size: Size = drawn.LETTERS_PERCENT
    """Of the letters, in percent of the film's height; default: 5."""
    color: Color | None = None
    """Of the letters: #rrggbb or a CSS name; default: white."""
    font: Font | None = None
    """A font, a file beside the storyboard; default: the package's own, which has Latin, Cyrillic and Greek."""
