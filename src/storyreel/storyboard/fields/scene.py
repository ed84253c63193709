"""
A scene: what its clip begins with, what follows, and what the film shows of it.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Tag

from storyreel.storyboard.fields.captions import Say
from storyreel.storyboard.fields.cut import Joint, Speed, Trim
from storyreel.storyboard.fields.drawn import Card, Fit, Focus, Move
from storyreel.storyboard.fields.pictures import OF_IMAGE, Image, Keyframe, References
from storyreel.storyboard.fields.sound import Laid, OwnSound
from storyreel.storyboard.fields.titles import Title
from storyreel.storyboard.fields.words import (
    NOT_EMPTY,
    About,
    Part,
    Pin,
    Ratio,
    Resolution,
    SceneId,
    SceneSeconds,
    Seconds,
    Sentence,
    Sound,
    Take,
    VideoModel,
    Voice,
    Words,
)


class Extension(Part):
    """Continue the clip by some seconds."""

    TITLE: ClassVar[str] = "An item of `then` that extends"
    IN: ClassVar[str] = "in an item of `then`"

    extend: Sentence
    """What happens next."""
    duration: Seconds = 6
    """Whole seconds that are added, 2 to 10; default: 6."""
    model: VideoModel | None = None
    """What extends it; default: the scene's."""
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
    model: VideoModel | None = None
    """What edits it; default: the scene's."""
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
        Annotated[
            Image,
            About(OF_IMAGE, ("first_frame",)),
        ]
        | None
    ) = None
    """What becomes the first frame: a file, an address, {prompt: ...} for a still, or a frame of another scene."""
    references: References | None = None
    """Who and what must be seen: names from the cast, files, or files under names of their own: {lamp: refs/3.png}."""
    last_frame: Annotated[Image, About(OF_IMAGE, ("end_frame", "last_image", "end_image"))] | None = None
    """What the clip ends on, as `image`; of the models that take it."""
    keyframes: (
        Annotated[list[Keyframe], NOT_EMPTY, About("a list of {image: ..., at: ...}", ("key_frames",))] | None
    ) = None
    """Pictures that the clip shows on its way, each at a second of it; of the models that take them."""
    voices: (
        Annotated[list[Voice], NOT_EMPTY, About("a list: names from the cast, or voices", ("voice", "speakers"))] | None
    ) = None
    """Who speaks: names from the cast, or voices, sent in this order. {{ voice.<name> }} writes a voice into the prompt."""
    clip: Annotated[Words, About("a file", ("video",))] | None = None
    """Your own footage, a file: nothing is generated."""
    card: Annotated[Card, About("a mapping, as in {text: THE END}", ("title_card", "slate"))] | None = None
    """Words on a colour or a picture, drawn here for as long as `duration` says: nothing is generated, and it is silent."""
    picture: Annotated[Words, About("a file", ("photo", "slide"))] | None = None
    """A picture of your own, held for as long as `duration` says: nothing is generated, and it is silent."""
    move: Move = "none"
    """How the camera seems to move over a `picture`: none, push-in, pull-out, left, right, up, down; default: none."""
    fit: Fit | None = None
    """How it fills a film of another ratio: pad (bars), crop (cut off) or blur (before itself, blurred); default: pad; with a move crop."""
    focus: Focus | None = None
    """What stays in sight where it is cut off: shares of width and height, from the top left; default: [0.5, 0.5]."""
    trim: Annotated[Trim, About("{start: ..., end: ...} in seconds")] | None = None
    """The seconds of the clip that the film shows; of own footage also what is extended or edited. It buys nothing."""
    speed: Speed = 1.0
    """How fast the film shows it: 2 in half the time, 0.5 in twice the time; 0.25 to 4."""
    transition: Joint | None = None
    """How it follows what is shown before it; default: by a cut."""
    sound: (
        Annotated[OwnSound, About("{gain_db: ..., mute: ..., fade_in: ..., fade_out: ..., duck: ...}", ("volume",))]
        | None
    ) = None
    """How the clip's own sound is heard; default: as it is."""
    voiceover: Annotated[list[Laid], About("a list of {file: ..., at: ...}", ("narration", "vo", "voice_over"))] = []
    """Recordings of a voice that are laid over it; music goes down under them."""
    sounds: Annotated[list[Laid], About("a list of {file: ..., at: ...}", ("sfx", "sound_effects", "effects"))] = []
    """Effects that are laid over it."""
    titles: Annotated[
        list[Title], About("a list of {text: ..., at: ..., duration: ...}", ("overlay", "text_overlay", "lower_third"))
    ] = []
    """Words over its picture. Only the seconds that carry words are encoded again."""
    say: Say | None = None
    """What is said in it, which gives captions: a text, or a list of {text, at, duration}. A template; no request has it."""
    model: VideoModel | None = None
    """Default: that of `defaults`."""
    duration: SceneSeconds | None = None
    """Whole seconds; default: that of `defaults`. A card or a picture has it always, and in parts of seconds too."""
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
