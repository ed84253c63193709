"""
The storyboard language, version 1: every field once, with its shape, its meaning, and the words that people use for it.

These models hold what is written, nothing more: no default is filled in, no file is looked at, no limit of the service is
known. What else speaks of a field is made from here: the JSON schema that editors use (`schema.py`), the tables of the
language's reference (`reference.py`), and what is said of a value or a key that does not fit (`checks/shape.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictInt, StrictStr, Tag

from storyreel.catalog import Catalog
from storyreel.model.money import MOST_USD
from storyreel.model.storyboard import Gate

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
"""Of the cast, of vars, of references: a name that a template can write after a dot."""

LONGEST_NAME = 64

SCENE_ID = r"^[a-z][a-z0-9-]*$"
SLUG = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
REQUEST_ID = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"  # the service gives what it likes; see `ids`

UNNAMED = "unnamed-scene-"
"""What the id of a scene without one begins with, so that the rest of the scene can be checked."""

PLANNED = {
    "transition": ("fade", "dissolve", "wipe"),
    "say": ("dialogue", "speech", "subtitle_text"),
    "captions": ("caption", "subtitle", "subtitles"),
    "titles": ("overlay", "text_overlay", "lower_third"),
    "card": ("title_card",),
    "music": ("soundtrack", "score", "bgm", "background_music"),
    "voiceover": ("narration", "vo", "voice_over"),
    "sounds": ("sfx", "sound_effects", "effects"),
    "sound": ("volume", "gain", "mute"),
    "voices": ("voice",),
    "speed": ("slow_motion", "rate"),
    "last_frame": (),
    "keyframes": (),
    "tail": (),
    "loudness": (),
    "chapters": (),
    "deliver": ("deliveries", "outputs"),
    "variants": ("matrix",),
    "use": ("include", "import", "extends"),
}
"""Fields that later versions are to have, wherever they are written, and what people call them."""


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
Begin = Annotated[Number, About("a number of seconds", ("from", "in", "begin"))]
End = Annotated[Number, About("a number of seconds", ("to", "until", "out", "stop"))]
Sound = Annotated[StrictBool, About("true or false", ("audio",))]
VideoModel = Annotated[Words, About("a model's name", known=lambda catalog: catalog.video)]
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


class LastFrameOf(Part):
    """The frame on which another scene ends."""

    TITLE: ClassVar[str] = "`image: {last_frame_of: ...}`"
    IN: ClassVar[str] = "in an image"

    last_frame_of: Annotated[SceneId, About("the id of a scene")]
    """The scene on whose last frame this one starts."""


def _which_reference(value: Any) -> str:
    if isinstance(value, dict):
        return "<named>"
    return "<file>" if isinstance(value, str) and is_file(value) else "<name>"


def is_file(reference: str) -> bool:
    """Return whether a reference of one word is a file (or an address) and not a name from the cast."""
    return any(sign in reference for sign in "/.\\")


Reference = Annotated[
    Annotated[Name, Tag("<name>")]
    | Annotated[StrictStr, Field(pattern=r"[/.\\]"), Tag("<file>")]
    | Annotated[dict[Name, Words], Field(min_length=1), Tag("<named>")],
    Discriminator(_which_reference),
]
"""A name from the cast; a picture, named after its file; or a picture under a name of its own: `{lamp: refs/3.png}`."""

References = Annotated[list[Reference], NOT_EMPTY, About("a list: names from the cast, or files")]


class Still(Part):
    """A picture that is generated once."""

    TITLE: ClassVar[str] = "A still, in `image` or in the `references` of a member"
    IN: ClassVar[str] = "in a generated picture"

    prompt: Sentence
    """What is drawn, once."""
    references: References | None = None
    """As in a scene; with them the still is an edit of these pictures, 5 at most."""
    model: StillModel | None = None
    """Default: that of defaults.still."""
    aspect_ratio: StillRatio | None = None
    """Default: the scene's; 1:1 for the cast."""
    resolution: StillResolution | None = None
    """Default: that of defaults.still."""
    quality: Quality | None = None
    """Default: that of defaults.still."""
    take: Take = 1
    """Another number is another attempt at this still, and another purchase."""
    pin: Pin | None = None
    """A request id: use that take and never buy."""


def _which_picture(value: Any) -> str:
    if isinstance(value, LastFrameOf) or (
        isinstance(value, dict) and "last_frame_of" in value and "prompt" not in value
    ):
        return "<frame>"
    return "<still>" if isinstance(value, Still | dict) else "<file>"


CastPicture = Annotated[
    Annotated[Words, Tag("<file>")] | Annotated[Still, Tag("<still>")],
    Discriminator(lambda value: "<still>" if isinstance(value, Still | dict) else "<file>"),
]
Image = Annotated[
    Annotated[Words, Tag("<file>")] | Annotated[LastFrameOf, Tag("<frame>")] | Annotated[Still, Tag("<still>")],
    Discriminator(_which_picture),
]


class Member(Part):
    """Someone or something that must look the same in every scene."""

    TITLE: ClassVar[str] = "A member of the `cast`"
    IN: ClassVar[str] = "in the cast"
    INTO: ClassVar[str] = "into `cast`"

    description: Words = ""
    """What {{ cast.<name> }} writes into a prompt."""
    references: Annotated[list[CastPicture], About("a list: files, or {prompt: ...}")] | None = None
    """Pictures of it: files, https addresses, or {prompt: ...} to have one drawn once."""


class Extension(Part):
    """Continue the clip by some seconds."""

    TITLE: ClassVar[str] = "An item of `then` that extends"
    IN: ClassVar[str] = "in an item of `then`"

    extend: Sentence
    """What happens next."""
    duration: Seconds = 6
    """Whole seconds that are added, 2 to 10; default: 6."""
    take: Take = 1
    """Another number is another attempt at this step, and another purchase."""
    pin: Pin | None = None
    """A request id: use that take and never buy."""


class Edit(Part):
    """Redraw the clip."""

    TITLE: ClassVar[str] = "An item of `then` that edits"
    IN: ClassVar[str] = "in an item of `then`"

    edit: Sentence
    """What is to be different; an edit keeps the length."""
    take: Take = 1
    """Another number is another attempt at this step, and another purchase."""
    pin: Pin | None = None
    """A request id: use that take and never buy."""


def _which_link(value: Any) -> str:
    if isinstance(value, Edit) or (isinstance(value, dict) and "edit" in value and "extend" not in value):
        return "<edit>"
    return "<extend>"


Link = Annotated[
    Annotated[Extension, Tag("<extend>")] | Annotated[Edit, Tag("<edit>")],
    Discriminator(_which_link),
]


class Trim(Part):
    """The seconds of own footage that are used."""

    TITLE: ClassVar[str] = "`trim`"
    IN: ClassVar[str] = "in a trim"

    start: Begin = 0.0
    """Seconds from the beginning of the file."""
    end: End | None = None
    """Seconds from the beginning of the file; default: all of it."""


class Scene(Part):
    """What is seen until the next cut."""

    TITLE: ClassVar[str] = "A scene"
    IN: ClassVar[str] = "in a scene"
    INTO: ClassVar[str] = "into a scene"

    id: SceneId
    """Names the scene and its steps: lower-case letters, digits and hyphens, the first a letter."""
    prompt: Sentence | None = None
    """What happens. A Jinja template."""
    image: (
        Annotated[Image, About("a file, an https address, {prompt: ...} or {last_frame_of: ...}", ("picture",))] | None
    ) = None
    """What becomes the first frame: a file, an https address, {prompt: ...} for a still, or {last_frame_of: ...}."""
    references: References | None = None
    """Who and what must be seen: names from the cast, files, or files under names of their own: {lamp: refs/3.png}."""
    clip: Annotated[Words, About("a file", ("video",))] | None = None
    """Your own footage, a file: nothing is generated."""
    trim: Annotated[Trim, About("{start: ..., end: ...} in seconds")] | None = None
    """The seconds of the clip that are used."""
    model: VideoModel | None = None
    """Default: that of `defaults`."""
    duration: Seconds | None = None
    """Whole seconds. Default: that of `defaults`."""
    aspect_ratio: Ratio | None = None
    """Default: that of `defaults`. A clip made from an image takes the picture's."""
    resolution: Resolution | None = None
    """Default: that of `defaults`."""
    generate_audio: Sound | None = None
    """Default: that of `defaults`."""
    style: Words | None = None
    """Instead of the storyboard's; null: none here."""
    then: Annotated[list[Link], About("a list of `- extend: ...` and `- edit: ...`")] = []
    """Extensions and edits, in order, each of the clip before."""
    take: Take = 1
    """2, 3, ...: another attempt at the scene's first clip, which is another purchase."""
    pin: Pin | None = None
    """A request id: use that take as the first clip, and never buy it."""
    note: Words = ""
    """For people."""


class Cut(Part):
    """The film's scenes in their order."""

    TITLE: ClassVar[str] = "`cut`"
    IN: ClassVar[str] = "in the cut"
    INTO: ClassVar[str] = "into `cut`"

    order: Annotated[list[SceneId], NOT_EMPTY, About("a list of scene ids")] | None = None
    """Ids of the scenes that the film shows, each once; default: all, as listed."""


Var = StrictStr | StrictInt | Number | StrictBool


class Sheet(Part):
    """A whole storyboard."""

    TITLE: ClassVar[str] = "The storyboard"
    IN: ClassVar[str] = "in a storyboard"
    INTO: ClassVar[str] = "at the top"

    version: Annotated[StrictInt, Field(json_schema_extra={"const": 1}), About("the number 1")] = 1
    """Of the language: 1."""
    title: Words = ""
    """Of the film, for people; default: the slug."""
    slug: (
        Annotated[
            StrictStr,
            Field(pattern=SLUG),
            About("up to 64 letters, digits, hyphens and underscores: it names the film's files"),
        ]
        | None
    ) = None
    """Names the film and its files: up to 64 letters, digits, `-` and `_`; default: the file's name."""
    vars: Annotated[dict[Name, Var | list[Var]], About("a mapping of names to values")] = {}
    """Words that prompts use by name, {{ city }}: text, numbers, or lists of these."""
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
    budget: Annotated[Number, Field(ge=0, le=MOST_USD), About("a number of US dollars, from 0 to a billion")] | None = (
        None
    )
    """US dollars that one run may spend; it stops before the step that would pass it; default: 10, none in the sandbox."""
    review: Annotated[Gate, About("before-video or before-final")] | None = None
    """Stop until a person approves: before-video, after the stills; before-final, before the film is cut."""
