"""
A storyboard as a whole, and what its scenes have in common.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, StrictInt, StrictStr, Tag

from storyreel.model.money import MOST_USD
from storyreel.model.storyboard import Gate
from storyreel.storyboard.fields.cut import Cut
from storyreel.storyboard.fields.deliver import Delivery, NoLabel
from storyreel.storyboard.fields.pictures import Member
from storyreel.storyboard.fields.scene import Scene
from storyreel.storyboard.fields.variants import Variant
from storyreel.storyboard.fields.vars import Vars
from storyreel.storyboard.fields.words import (
    NOT_EMPTY,
    PAIR,
    SLUG,
    About,
    Name,
    Number,
    Part,
    Quality,
    Ratio,
    Resolution,
    SceneId,
    Seconds,
    Sound,
    StillModel,
    StillResolution,
    VideoModel,
    Words,
)


class StillDefaults(Part):
    """What a generated still takes where it does not say otherwise."""

    TITLE: ClassVar[str] = "`defaults.still`"
    IN: ClassVar[str] = "in the defaults of stills"

    model: StillModel | None = None
    """Default: grok-imagine-image."""
    resolution: StillResolution | None = None
    """Default: 1k."""
    quality: Quality | None = None
    """Of the models that know it; unset by default."""


class Defaults(Part):
    """What a scene takes where it does not say otherwise."""

    TITLE: ClassVar[str] = "`defaults`"
    IN: ClassVar[str] = "in the defaults"
    INTO: ClassVar[str] = "into `defaults`"

    model: VideoModel = "grok-imagine-video"
    """For video; default: grok-imagine-video."""
    duration: Seconds = 6
    """Whole seconds; default: 6."""
    aspect_ratio: Ratio = "16:9"
    """Of the film, and of each scene that does not begin with a picture; default: "16:9"."""
    resolution: Resolution = "720p"
    """Of the film, and of each scene; default: 720p."""
    generate_audio: Sound = True
    """Whether clips come with sound; default: true."""
    still: StillDefaults = StillDefaults()
    """For generated stills."""


Review = Annotated[
    Annotated[Gate, Tag("<gate>")] | Annotated[Annotated[list[Gate], NOT_EMPTY], Tag("<gates>")],
    Discriminator(lambda value: "<gates>" if isinstance(value, list) else "<gate>"),
    About("before-video, before-final, on-fault, or a list of these", ("approval", "approve", "gate")),
]


class Sheet(Part):
    """A whole storyboard."""

    TITLE: ClassVar[str] = "The storyboard"
    IN: ClassVar[str] = "in a storyboard"
    INTO: ClassVar[str] = "at the top"

    version: Annotated[StrictInt, Field(json_schema_extra={"const": 1}), About("the number 1")] = 1
    """Of the language: 1."""
    title: Words = ""
    """Of the film, for people; default: the slug. A template where it has a pair of braces."""
    slug: (
        Annotated[
            StrictStr,
            Field(pattern=rf"{SLUG}|{PAIR}"),
            About("up to 64 letters, digits, hyphens and underscores: it names the film's files"),
        ]
        | None
    ) = None
    """Names the film and its files: up to 64 letters, digits, `-` and `_`; default: the file's name. A template."""
    use: Annotated[
        list[Words],
        NOT_EMPTY,
        About("a list of files", ("include", "includes", "import", "imports", "extends", "shared", "uses")),
    ] = []
    """Files with `cast`, `vars`, `style` and `defaults` that several storyboards share; what is written here wins."""
    vars: Annotated[Vars, About("a mapping of names to values")] = {}
    """Words that prompts use by name, {{ city }}: text, numbers, lists of these, or names again, {{ lines.end }}."""
    variants: Annotated[
        dict[SceneId, Variant], About("a mapping of names to what each variant has of its own", ("matrix", "versions"))
    ] = {}
    """Makes several films of the storyboard, one for each entry and no other, each with words of its own."""
    style: Words | None = None
    """Added to every prompt that draws a picture from words."""
    cast: Annotated[dict[Name, Member], About("a mapping of names to what is known of them")] = {}
    """People, places and things that must look the same in every scene."""
    defaults: Defaults = Defaults()
    """What scenes take where they do not say otherwise."""
    scenes: Annotated[list[Scene], NOT_EMPTY, About("a list: every scene begins with `- id:`")]
    """In the order in which they are listed, unless `cut` orders them otherwise."""
    cut: Cut = Cut()
    """Which scenes the film shows, in which order."""
    deliver: Annotated[
        dict[SceneId, Delivery], About("a mapping of names to what each film has of its own", ("deliveries", "outputs"))
    ] = {}
    """More films of the same clips, beside the master: SLUG.NAME.mp4, each with what it has of its own."""
    label: NoLabel | None = None
    """none: its films do not say that they were made by generative models; default: they do, in their files and beside them."""
    budget: Annotated[Number, Field(ge=0, le=MOST_USD), About("a number of US dollars, from 0 to a billion")] | None = (
        None
    )
    """US dollars that one run may spend; what is known not to fit is not begun unasked; default: 10, none in the sandbox."""
    review: Review | None = None
    """Where a person is waited for: before-video, after the stills; before-final, before a film is cut; on-fault, before anything is bought on a clip or still that has a mark. One of them, or a list."""
