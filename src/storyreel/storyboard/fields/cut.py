"""
The cut: which seconds of which scenes the film shows, in which order, and how one follows the other.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, StrictBool, Tag

from storyreel.storyboard.fields.captions import Captions
from storyreel.storyboard.fields.sound import Loudness, Music, OwnSound
from storyreel.storyboard.fields.words import NOT_EMPTY, About, Begin, End, Number, Part, SceneId, Words

SLOWEST, FASTEST = 0.25, 4.0

Kind = Annotated[
    Words,
    About(
        "cut, dissolve or another transition",
        ("type", "name"),
        known=lambda catalog: (*catalog.transitions, *catalog.more_transitions),
    ),
]
Speed = Annotated[
    Number,
    Field(ge=SLOWEST, le=FASTEST),
    About(f"a number from {SLOWEST:g} to {FASTEST:g}", ("slow_motion", "rate", "playback_rate")),
]


class Trim(Part):
    """The seconds of a clip that are used."""

    TITLE: ClassVar[str] = "`trim`"
    IN: ClassVar[str] = "in a trim"

    start: Begin = 0.0
    """Seconds from the beginning of the clip; a negative number counts from its end."""
    end: End | None = None
    """Seconds from the beginning of the clip, or from its end if negative; default: all of it."""


class Transition(Part):
    """How a shot follows the one before it, other than by a cut."""

    TITLE: ClassVar[str] = "`transition`, and `close`"
    IN: ClassVar[str] = "in a transition"

    kind: Kind
    """dissolve, fade-black, fade-white, wipe-left (-right, -up, -down), slide-left (-right), or a name of ffmpeg's xfade."""
    duration: Annotated[
        Number, Field(gt=0, le=60), About("a number of seconds above 0, up to 60", ("length", "seconds"))
    ] = 0.5
    """Seconds of the film; default: 0.5."""


def _which_transition(value: Any) -> str:
    return "<transition>" if isinstance(value, Transition | dict) else "<kind>"


Joint = Annotated[
    Annotated[Kind, Tag("<kind>")] | Annotated[Transition, Tag("<transition>")],
    Discriminator(_which_transition),
    About(
        "a word such as dissolve, or {kind: ..., duration: ...}",
        ("fade", "dissolve", "wipe"),
        known=lambda catalog: catalog.transitions,
    ),
]


class Item(Part):
    """A scene at one place of the film."""

    TITLE: ClassVar[str] = "An item of `cut.order`"
    IN: ClassVar[str] = "in an item of the order"

    scene: Annotated[SceneId, About("the id of a scene", ("id",))]
    """The scene that is shown."""
    start: Begin | None = None
    """First second of its clip that is shown; default: that of the scene's `trim`."""
    end: End | None = None
    """The second of its clip before which it ends; default: that of the scene's `trim`."""
    speed: Speed | None = None
    """Default: that of the scene."""
    transition: Joint | None = None
    """How it follows what is shown before it; default: that of the scene. `cut` takes it away."""
    sound: (
        Annotated[OwnSound, About("{gain_db: ..., mute: ..., fade_in: ..., fade_out: ..., duck: ...}", ("volume",))]
        | None
    ) = None
    """How its own sound is heard; what it does not say is that of the scene."""


def _which_item(value: Any) -> str:
    return "<item>" if isinstance(value, Item | dict) else "<scene>"


Order = Annotated[
    list[Annotated[Annotated[SceneId, Tag("<scene>")] | Annotated[Item, Tag("<item>")], Discriminator(_which_item)]],
    NOT_EMPTY,
    About("a list of scene ids, or of {scene: ..., start: ..., end: ...}"),
]


class Cut(Part):
    """The film's scenes in their order."""

    TITLE: ClassVar[str] = "`cut`"
    IN: ClassVar[str] = "in the cut"
    INTO: ClassVar[str] = "into `cut`"

    order: Order | None = None
    """What the film shows: ids of scenes, or {scene: ...} with what of it; default: all scenes, as listed."""
    close: Annotated[Joint, About("a fade, such as fade-black, or {kind: ..., duration: ...}")] | None = None
    """How the film ends: fade-black or fade-white; default: at once."""
    length: Annotated[Number, Field(gt=0), About("a number of seconds above 0")] | None = None
    """How long the film is to be, in seconds: a note tells where it is not."""
    music: Annotated[
        list[Music],
        About("a list of {file: ..., from: ..., to: ...}", ("soundtrack", "score", "bgm", "background_music")),
    ] = []
    """Music of your own, from scene to scene."""
    loudness: Loudness | None = None
    """How loud the film is to be, in LUFS, integrated, as in -14; its true peak is then under -1 dBTP; default: no level changes."""
    captions: (
        Annotated[
            Captions,
            About("{burn: ..., language: ..., file: ...}", ("caption", "subtitle", "subtitles", "closed_captions")),
        ]
        | None
    ) = None
    """How what scenes `say` is read; default: beside the film and as a track in it, in a language that nobody named."""
    chapters: Annotated[StrictBool, About("true or false", ("chapter", "chapter_marks", "markers"))] = False
    """Whether the film has chapters: one for each scene at its first shot, named by its id; default: false."""
