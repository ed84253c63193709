"""
The storyboard language, version 1: which fields there are, and the shape of each.

These models hold what is written, nothing more: no default is filled in, no file is looked at, no limit of the service is
known. The JSON schema that editors use is made from them (`schema.py`).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictInt, StrictStr, Tag

from storyreel.model.money import MOST_USD
from storyreel.model.storyboard import Gate

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Of the cast, of vars, of references: a name that a template can write after a dot."""

SCENE_ID = r"^[a-z][a-z0-9-]*$"
SLUG = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
REQUEST_ID = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"  # the service gives what it likes; see `ids`

Words = StrictStr
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Name = Annotated[StrictStr, Field(pattern=NAME, max_length=64)]
SceneId = Annotated[StrictStr, Field(pattern=SCENE_ID, max_length=64)]
Take = Annotated[StrictInt, Field(ge=1, le=9999)]
Pin = Annotated[StrictStr, Field(pattern=REQUEST_ID)]
Seconds = StrictInt


UNNAMED = "unnamed-scene-"
"""What the id of a scene without one begins with, so that the rest of the scene can be checked."""


class Part(BaseModel):
    """Anything that is written in a storyboard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StillDefaults(Part):
    """What a generated still takes where it does not say otherwise."""

    model: Words | None = None
    resolution: Words | None = None
    quality: Words | None = None


class Defaults(Part):
    """What a scene takes where it does not say otherwise."""

    model: Words = "grok-imagine-video"
    duration: Seconds = 6
    aspect_ratio: Words = "16:9"
    resolution: Words = "720p"
    generate_audio: StrictBool = True
    still: StillDefaults = StillDefaults()


class LastFrameOf(Part):
    """The frame on which another scene ends."""

    last_frame_of: SceneId


Reference = Name | dict[Name, Words]
"""A name from the cast, or a picture under a name of its own: `{lamp: refs/lamp.png}`."""


class Still(Part):
    """A picture that is generated once."""

    prompt: Words
    references: list[Reference] | None = None
    model: Words | None = None
    aspect_ratio: Words | None = None
    resolution: Words | None = None
    quality: Words | None = None
    take: Take = 1
    pin: Pin | None = None


def _which_picture(value: Any) -> str:
    if isinstance(value, LastFrameOf) or (
        isinstance(value, dict) and "last_frame_of" in value and "prompt" not in value
    ):
        return "frame"
    return "still" if isinstance(value, Still | dict) else "file"


def _which_cast_picture(value: Any) -> str:
    return "still" if isinstance(value, Still | dict) else "file"


CastPicture = Annotated[
    Annotated[Words, Tag("file")] | Annotated[Still, Tag("still")],
    Discriminator(_which_cast_picture),
]
Image = Annotated[
    Annotated[Words, Tag("file")] | Annotated[Still, Tag("still")] | Annotated[LastFrameOf, Tag("frame")],
    Discriminator(_which_picture),
]


class Member(Part):
    """Someone or something that must look the same in every scene."""

    description: Words = ""
    references: list[CastPicture] | None = None


class Extension(Part):
    """Continue the clip by some seconds."""

    extend: Words
    duration: Seconds = 6
    take: Take = 1
    pin: Pin | None = None


class Edit(Part):
    """Redraw the clip."""

    edit: Words
    take: Take = 1
    pin: Pin | None = None


def _which_link(value: Any) -> str:
    if isinstance(value, Edit) or (isinstance(value, dict) and "edit" in value and "extend" not in value):
        return "edit"
    return "extend"


Link = Annotated[
    Annotated[Extension, Tag("extend")] | Annotated[Edit, Tag("edit")],
    Discriminator(_which_link),
]


class Trim(Part):
    """The seconds of own footage that are used."""

    start: Number = 0.0
    end: Number | None = None


class Scene(Part):
    """What is seen until the next cut."""

    id: SceneId
    prompt: Words | None = None
    image: Image | None = None
    references: list[Reference] | None = None
    clip: Words | None = None
    trim: Trim | None = None
    model: Words | None = None
    duration: Seconds | None = None
    aspect_ratio: Words | None = None
    resolution: Words | None = None
    generate_audio: StrictBool | None = None
    style: Words | None = None
    then: list[Link] = []
    take: Take = 1
    pin: Pin | None = None
    note: Words = ""


class Cut(Part):
    """The film's scenes in their order."""

    order: list[SceneId] | None = None


Var = StrictStr | StrictInt | Number | StrictBool


class Sheet(Part):
    """A whole storyboard."""

    version: StrictInt = 1
    title: Words = ""
    slug: Annotated[StrictStr, Field(pattern=SLUG)] | None = None
    vars: dict[Name, Var | list[Var]] = {}
    style: Words | None = None
    cast: dict[Name, Member] = {}
    defaults: Defaults = Defaults()
    scenes: list[Scene]
    cut: Cut = Cut()
    budget: Annotated[Number, Field(ge=0, le=MOST_USD)] | None = None
    review: Gate | None = None
