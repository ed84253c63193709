"""
Pictures: those of the cast, the references of a scene, what a clip begins with, and stills that are drawn once.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, StrictStr, Tag

from storyreel.storyboard.fields.words import (
    NOT_EMPTY,
    About,
    Name,
    Number,
    Part,
    Pin,
    Quality,
    SceneId,
    Sentence,
    StillModel,
    StillRatio,
    StillResolution,
    Take,
    Voice,
    Words,
)


class LastFrameOf(Part):
    """The frame on which another scene ends."""

    TITLE: ClassVar[str] = "`{last_frame_of: ...}`, as a picture"
    IN: ClassVar[str] = "in an image"

    last_frame_of: Annotated[SceneId, About("the id of a scene")]
    """The scene whose last frame this one begins with, ends on, or shows."""


class FrameOf(Part):
    """A frame of another scene's clip, whatever the film shows of it."""

    TITLE: ClassVar[str] = "`{frame_of: ..., at: ...}`, as a picture"
    IN: ClassVar[str] = "in an image"

    frame_of: Annotated[SceneId, About("the id of a scene", ("frame", "frame_from", "from_frame", "frame_at"))]
    """The scene of whose clip this one begins with a frame, ends on it, or shows it; of own footage it is the trimmed part."""
    at: Annotated[Number, Field(ge=0), About("a number of seconds, 0 or more", ("time", "second", "seconds"))]
    """The second of that clip, from 0 to less than it is asked to be long: the nearest frame is taken."""


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

    TITLE: ClassVar[str] = "A still, as a picture or in the `references` of a member"
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
    if isinstance(value, LastFrameOf | FrameOf):
        return "<last-frame>" if isinstance(value, LastFrameOf) else "<frame>"
    if isinstance(value, dict) and "prompt" not in value:
        for name, tag in (("last_frame_of", "<last-frame>"), ("frame_of", "<frame>")):
            if name in value:
                return tag
    return "<still>" if isinstance(value, Still | dict) else "<file>"


OF_IMAGE = "a file, an https address, {prompt: ...}, {last_frame_of: ...} or {frame_of: ..., at: ...}"
CastPicture = Annotated[
    Annotated[Words, Tag("<file>")] | Annotated[Still, Tag("<still>")],
    Discriminator(lambda value: "<still>" if isinstance(value, Still | dict) else "<file>"),
]
Image = Annotated[
    Annotated[Words, Tag("<file>")]
    | Annotated[LastFrameOf, Tag("<last-frame>")]
    | Annotated[FrameOf, Tag("<frame>")]
    | Annotated[Still, Tag("<still>")],
    Discriminator(_which_picture),
]


class Keyframe(Part):
    """A picture that the clip shows on its way."""

    TITLE: ClassVar[str] = "An item of `keyframes`"
    IN: ClassVar[str] = "in a keyframe"

    image: Annotated[Image, About(OF_IMAGE, ("picture", "frame"))]
    """What is shown: a file, an address, {prompt: ...} for a still, or a frame of another scene."""
    at: Annotated[Number, About("a number of seconds, inside the clip", ("time", "second", "timestamp", "timestamp_s"))]
    """The second of the clip, on a third of one: 0.333, 0.667, 1, ...; not its first and not its last."""


class Member(Part):
    """Someone or something that must look the same in every scene."""

    TITLE: ClassVar[str] = "A member of the `cast`"
    IN: ClassVar[str] = "in the cast"
    INTO: ClassVar[str] = "into `cast`"

    description: Words = ""
    """What {{ cast.<name> }} writes into a prompt."""
    references: Annotated[list[CastPicture], About("a list: files, or {prompt: ...}")] | None = None
    """Pictures of it: files, https addresses, or {prompt: ...} to have one drawn once."""
    voice: Voice | None = None
    """How it sounds in scenes that name it in `voices`: a preset voice, or the id of a voice of your team's own."""
