"""
More films of one storyboard: another size, another order, other words and sound, and how each is handed over.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, StrictBool, Tag, WithJsonSchema

from storyreel.model import finish
from storyreel.storyboard.fields.captions import Captions
from storyreel.storyboard.fields.cut import Joint, Order
from storyreel.storyboard.fields.drawn import Fit
from storyreel.storyboard.fields.sound import Loudness
from storyreel.storyboard.fields.words import About, Number, Part, Pin, Ratio, Resolution, SceneId, Take, Words

RATES = (23.976, 24, 25, 29.97, 30, 50, 59.94, 60)
"""Frames a second that a film is delivered with; those with decimals stand for thousands over 1001, as in 24000/1001."""

Off = Annotated[Literal["off", False], WithJsonSchema({"enum": ["off", False]})]
"""To YAML 1.2 `off` is a word; whoever writes `false` means the same."""


class Overlay(Part):
    """A picture over all of a film: a watermark, a logo."""

    TITLE: ClassVar[str] = "`overlay`"
    IN: ClassVar[str] = "in an overlay"
    INTO: ClassVar[str] = "into `overlay`"

    file: Annotated[Words, About("a file", ("path", "src", "source", "picture", "image"))]
    """A picture of your own; what is transparent in it stays so. A template."""
    place: Annotated[
        finish.Corner,
        About("top-left, top-right, bottom-left, bottom-right or center", ("position", "corner", "align")),
    ] = "bottom-right"
    """Where it stands: top-left, top-right, bottom-left, bottom-right or center; default: bottom-right."""
    opacity: Annotated[Number, Field(gt=0, le=1), About("a number above 0, up to 1", ("alpha", "transparency"))] = 1.0
    """How much of it is seen, up to 1; default: 1."""


class OwnTake(Part):
    """Which take a scene has that is bought for one film."""

    TITLE: ClassVar[str] = "An entry of `scenes` in a delivery"
    IN: ClassVar[str] = "in a scene of a delivery"

    take: Take = 1
    """As in a scene, of what is bought for this film; default: 1."""
    pin: Pin | None = None
    """As in a scene, of what is bought for this film."""


def _which_captions(value: Any) -> str:
    return "<captions>" if isinstance(value, Captions | dict) else "<off>"


CaptionsOrOff = Annotated[
    Annotated[Captions, Tag("<captions>")] | Annotated[Off, Tag("<off>")],
    Discriminator(_which_captions),
    About("{burn: ..., language: ..., file: ...}, or off", ("subtitles", "subtitle")),
]


NoLabel = Annotated[Literal["none"], About("none", ("ai_label", "disclosure"))]
"""The one thing that can be said of a label: there is to be none."""


class Delivery(Part):
    """One more film. What it does not say is as in the master."""

    TITLE: ClassVar[str] = "An entry of `deliver`"
    IN: ClassVar[str] = "in a delivery"
    INTO: ClassVar[str] = "into an entry of `deliver`"

    aspect_ratio: Ratio | None = None
    """Of this film; default: that of `defaults`."""
    resolution: Resolution | None = None
    """Of this film; default: that of `defaults`."""
    regenerate: Annotated[StrictBool, About("true or false", ("reshoot", "rebuy"))] = False
    """Whether scenes are bought again in this film's ratio, for money; default: false, they are fitted."""
    scenes: Annotated[
        dict[SceneId, OwnTake], About("a mapping of scenes to their take and pin, as in {stop: {take: 2}}", ("takes",))
    ] = {}
    """`take` and `pin` of scenes that are bought again for this film."""
    fit: Fit | None = None
    """How scenes fill it that do not say so themselves: pad, crop or blur; default: pad."""
    order: Order | None = None
    """What it shows, as in `cut.order`; default: that of `cut`."""
    titles: Annotated[Off, About("off")] | None = None
    """off: without titles; cards keep their words. Default: those of its scenes."""
    music: Annotated[Off, About("off")] | None = None
    """off: without music; default: that of `cut`."""
    captions: CaptionsOrOff | None = None
    """As in `cut`, field by field over it; off: none at all. With an `order` of its own a film has what its scenes `say`, unless it names a file."""
    loudness: Loudness | None = None
    """As in `cut`; default: that of `cut`."""
    close: Annotated[Joint, About("a fade, such as fade-black, or {kind: ..., duration: ...}")] | None = None
    """How it ends, as in `cut`; cut: at once. Default: that of `cut`."""
    chapters: Annotated[StrictBool, About("true or false")] | None = None
    """Whether it has chapters; default: as in `cut`."""
    burn_in: Annotated[StrictBool, About("true or false", ("burnin", "timecode", "proof"))] = False
    """Whether timecode, step and request id are written into its picture, to talk about it; default: false."""
    label: NoLabel | None = None
    """none: the film does not say that it was made by generative models. Default: what the storyboard says."""
    overlay: Annotated[Overlay, About("{file: ..., place: ..., opacity: ...}", ("watermark", "logo"))] | None = None
    """A picture over all of it: a watermark, a logo; default: none."""
    codec: Annotated[finish.Codec, About("h264, h265 or prores", ("format", "vcodec", "encoder"))] = "h264"
    """h264; h265, smaller and slower; prores, for who cuts or broadcasts it, as .mov. Default: h264."""
    rate: (
        Annotated[
            Number,
            Field(json_schema_extra={"enum": list(RATES)}),
            About("23.976, 24, 25, 29.97, 30, 50, 59.94 or 60", ("fps", "frame_rate", "framerate")),
        ]
        | None
    ) = None
    """23.976, 24, 25, 29.97, 30, 50, 59.94 or 60; they are repeated or left out evenly. Default: those that it is cut with."""
