"""
The words that fields are declared with: what may be written, and what is said to somebody who wrote something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    Tag,
    WithJsonSchema,
)

from storyreel.catalog import Catalog

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Of the cast, of vars, of references: a name that a template can write after a dot."""

LONGEST_NAME = 64

SCENE_ID = r"^[a-z][a-z0-9-]*$"
SLUG = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
PAIR = r"\{\{.*\}\}|\{%.*%\}"
"""What makes a template of a text that may as well have braces as people write them: a pair that is closed."""
REQUEST_ID = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"  # the service gives what it likes; see `ids`

VOICE = r"^[^\s\x00-\x1f\x7f]+$"  # the service gives what it likes, and no blank

UNNAMED = "unnamed-scene-"
"""What the id of a scene without one begins with, so that the rest of the scene can be checked."""


@dataclass(frozen=True)
class About:
    """
    What there is to say of a field beside its meaning.

    Args:
        wanted: What it takes, for somebody who wrote something else: "it must be ...".
        other_words: What people write who mean this field.
        known: The words of the catalogue that it takes; empty where it takes other things.
    """

    wanted: str
    other_words: tuple[str, ...] = ()
    known: Callable[[Catalog], Iterable[str]] = lambda _: ()


NOT_EMPTY = Field(json_schema_extra={"minItems": 1})  # to an editor; the checks have words of their own for it
Words = StrictStr
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Name = Annotated[StrictStr, Field(pattern=NAME, max_length=LONGEST_NAME)]
Sentence = Annotated[StrictStr, About("text", ("text",))]
SceneId = Annotated[
    StrictStr,
    Field(pattern=SCENE_ID, max_length=64),
    About("lower-case letters, digits and hyphens, the first a letter", ("name",)),
]
Take = Annotated[StrictInt, Field(ge=1, le=9999), About("a whole number from 1 to 9999")]
Pin = Annotated[StrictStr, Field(pattern=REQUEST_ID), About("a request id, as `storyreel takes` shows it")]
Seconds = Annotated[StrictInt, About("a whole number of seconds", ("length", "seconds"))]
SceneSeconds = Annotated[
    Annotated[Seconds, Tag("<whole>")] | Annotated[Number, Tag("<parts>")],
    Discriminator(lambda value: "<parts>" if isinstance(value, float) else "<whole>"),
    WithJsonSchema({"type": "number"}),
    About("a whole number of seconds", ("length", "seconds")),
]
"""Of a clip that is made, whole ones, which is judged where it is known what the scene is; of what is drawn, any."""
Begin = Annotated[Number, About("a number of seconds", ("from", "in", "begin"))]
End = Annotated[Number, About("a number of seconds", ("to", "until", "out", "stop"))]
Sound = Annotated[StrictBool, About("true or false", ("audio",))]
VideoModel = Annotated[Words, About("a model's name", known=lambda catalog: catalog.video)]
Voice = Annotated[
    StrictStr,
    Field(pattern=VOICE, max_length=128),
    About("the id of a voice, as in eve", known=lambda catalog: catalog.voices),
]
StillModel = Annotated[Words, About("a model's name", known=lambda catalog: catalog.still)]
Ratio = Annotated[
    Words,
    About(
        'a ratio, as in "16:9"',
        ("ratio",),
        lambda catalog: (ratio for model in catalog.video.values() for ratio in model.aspect_ratios),
    ),
]
StillRatio = Annotated[Words, About('a ratio, as in "1:1"', ("ratio",), lambda catalog: catalog.still_aspect_ratios)]
Resolution = Annotated[Words, About("a word such as 720p", known=lambda catalog: catalog.sizes)]
StillResolution = Annotated[
    Words,
    About(
        "a word such as 1k", known=lambda catalog: (size for one in catalog.still.values() for size in one.resolutions)
    ),
]
Quality = Annotated[
    Words,
    About(
        "a word such as low", known=lambda catalog: (word for one in catalog.still.values() for word in one.qualities)
    ),
]


class Part(BaseModel):
    """
    Anything that is written in a storyboard. The text below a field says what it means.

    `TITLE` names it in the reference; `IN` is the place as it follows on what is not there, `INTO` where to move a
    field that belongs here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    TITLE: ClassVar[str] = ""
    IN: ClassVar[str] = "here"
    INTO: ClassVar[str] = ""
