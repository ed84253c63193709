"""
What is read: captions, of what scenes say or of a file.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, StrictBool, Tag

from storyreel.storyboard.fields.titles import Font
from storyreel.storyboard.fields.words import NOT_EMPTY, About, Number, Part, Words


class Line(Part):
    """Something that is said at a moment of the clip."""

    TITLE: ClassVar[str] = "An item of `say`"
    IN: ClassVar[str] = "in an item of `say`"

    text: Annotated[Words, About("text", ("words", "line"))]
    """What is said. A template."""
    at: Annotated[
        Number, Field(ge=0), About("a number of seconds, 0 or more", ("start", "begin", "from", "in", "offset"))
    ]
    """The second of the clip, before speed, at which it is said."""
    duration: (
        Annotated[Number, Field(gt=0), About("a number of seconds above 0", ("length", "seconds", "end", "to"))] | None
    ) = None
    """Seconds of the clip; default: until the next one, or the clip's end."""


def _which_say(value: Any) -> str:
    return "<lines>" if isinstance(value, list) else "<text>"


Say = Annotated[
    Annotated[Words, Tag("<text>")] | Annotated[Annotated[list[Line], NOT_EMPTY], Tag("<lines>")],
    Discriminator(_which_say),
    About(
        "text, or a list of {text: ..., at: ..., duration: ...}",
        ("dialogue", "speech", "subtitle_text", "says", "spoken", "line"),
    ),
]


class Captions(Part):
    """How what is said is read."""

    TITLE: ClassVar[str] = "`cut.captions`"
    IN: ClassVar[str] = "in captions"
    INTO: ClassVar[str] = "into `captions`"

    burn: Annotated[StrictBool, About("true or false", ("burn_in", "burned", "hardcode", "hardsub"))] = False
    """Whether they stand in the picture, and no track of their own is in the film; default: false."""
    language: Annotated[Words, About('a language as BCP 47 has it, as in "pt-BR"', ("lang", "locale"))] | None = None
    """Of the captions, in BCP 47: en, pt-BR, zh-Hant. A template."""
    file: Annotated[Words, About("a file", ("path", "src", "source", "srt", "vtt"))] | None = None
    """Captions of your own, instead of what scenes `say`: SRT, VTT or ASS, in seconds of the film. A template."""
    font: Font | None = None
    """Of captions in the picture, a file beside the storyboard; default: the package's own, which has Latin, Cyrillic and Greek."""
