"""
A storyboard that was read and found right, as frozen values. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.model.captions import AS_USUAL, Captioning, Say
from storyreel.model.drawn import PLAIN, Drawn, Framing
from storyreel.model.finish import AS_CUT, Finish
from storyreel.model.footage import Footage
from storyreel.model.sound import AS_IT_IS, LaidSound, Music, OwnSound
from storyreel.model.words import Title

Mode = Literal["text", "image", "references", "clip", "card", "picture"]


MASTER = "master"
"""What the film is called that is always there, beside those that are delivered as well."""

Gate = Literal["before-video", "on-fault", "before-final"]
"""Where a run waits for a person: before anything but stills is made, or before the film is cut."""


@dataclass(frozen=True)
class PictureFile:
    """A picture in a file beside the storyboard."""

    footage: Footage


@dataclass(frozen=True)
class PictureAddress:
    """A picture at an https address, handed to the service as it is written."""

    url: str


@dataclass(frozen=True)
class PictureStill:
    """A picture that the service will make: the id of a still, `door/still` or `fox/still-1`."""

    still: str


@dataclass(frozen=True)
class PictureLastFrame:
    """The frame on which another scene ends."""

    scene: str


@dataclass(frozen=True)
class PictureFrame:
    """The frame of another scene's clip at a second of it, whatever the film shows of that."""

    scene: str
    at: float


PictureOfScene = PictureLastFrame | PictureFrame
"""A picture that is taken out of another scene's clip."""

Picture = PictureFile | PictureAddress | PictureStill | PictureOfScene


@dataclass(frozen=True)
class Keyframe:
    """A picture that a clip shows at a second of it, which is a third of one to three decimals."""

    picture: Picture
    at: float


@dataclass(frozen=True)
class Still:
    """A picture to be generated once, from words, or from words and other pictures (an image edit); `style` ends its prompt."""

    id: str
    prompt: str
    model: str
    aspect_ratio: str
    resolution: str
    place: Place
    quality: str | None = None
    references: tuple[Picture, ...] = ()
    take: int = 1
    pin: str | None = None
    style: str = ""


@dataclass(frozen=True)
class Link:
    """One item of a scene's `then`, an extension by `duration` seconds, or an edit (`duration` is None); `model` is the scene's if None."""

    kind: Literal["extend", "edit"]
    name: str
    prompt: str
    place: Place
    duration: int | None = None
    model: str | None = None
    take: int = 1
    pin: str | None = None


@dataclass(frozen=True)
class Transition:
    """How a shot follows the one before it, other than by a cut: the kind, and its seconds in the film."""

    kind: str
    seconds: float


@dataclass(frozen=True)
class CutItem:
    """
    A scene at one place of the film: its clip from `start` to `end`, in the clip's seconds; a negative one counts from its
    end, None is its end. `transition` leads into it; None is a cut. `sound` is how its own sound is heard.
    """

    scene: str
    place: Place
    start: float = 0.0
    end: float | None = None
    speed: Fraction = Fraction(1)
    transition: Transition | None = None
    sound: OwnSound = AS_IT_IS


@dataclass(frozen=True)
class Scene:
    """
    One scene, with every default filled in and every prompt rendered (style added, tags written).

    `image` is set in mode `image`, `footage` in mode `clip`; a clip of mode `references` follows these, or speaks with `voices`, the ids
    of voices in the order in which they are sent. `last_frame` and `keyframes`, by their seconds, may stand in any mode in which a clip is
    made, `references` and `voices` beside an image too. `start` and `end` are the trimmed seconds of the footage (the whole of it where nothing is trimmed). `style` is what `prompt` ends with, a line
    of its own; empty where nothing was added. `drawn` is set in modes `card` and
    `picture`, of which nothing is generated. `framing` says how a clip of another ratio fills the film.
    """

    id: str
    mode: Mode
    model: str
    duration: int
    aspect_ratio: str
    resolution: str
    generate_audio: bool
    place: Place
    prompt: str = ""
    image: Picture | None = None
    references: tuple[Picture, ...] = ()
    last_frame: Picture | None = None
    keyframes: tuple[Keyframe, ...] = ()
    voices: tuple[str, ...] = ()
    footage: Footage | None = None
    start: float = 0.0
    end: float = 0.0
    then: tuple[Link, ...] = ()
    take: int = 1
    pin: str | None = None
    note: str = ""
    style: str = ""
    drawn: Drawn | None = None
    framing: Framing = PLAIN
    laid: tuple[LaidSound, ...] = ()
    titles: tuple[Title, ...] = ()
    say: tuple[Say, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures that its first clip is made from, in the order in which they are sent."""
        ends = (each for each in (self.last_frame,) if each is not None)
        begins = (each for each in (self.image,) if each is not None)
        return (*begins, *self.references, *ends, *(each.picture for each in self.keyframes))

    @property
    def seconds(self) -> float:
        """How long its clip is to be, with all that is added to it."""
        if self.drawn is not None:
            return self.drawn.seconds
        begun = self.end - self.start if self.footage is not None else float(self.duration)
        return begun + sum(link.duration for link in self.then if link.duration is not None)


@dataclass(frozen=True)
class Storyboard:
    """
    A storyboard that is whole: limits, references and continuity hold.

    `stills` has every still that some scene uses, each after those it is made from. `cut` are the film's scenes in their
    order, `close` how it ends, `length` how many seconds it is to be, `loudness` how loud, in LUFS. `given` are texts that were given for
    its variables, each with its name. `notes` are remarks that stop nothing.

    Each of `deliveries` is this storyboard as one more film has it, with a cut, a size and words of its own; `delivery` is its name, and
    empty of the master. `is_regenerated` says that scenes are bought for it in its own ratio. `variant` is the name of the words that it
    has instead of the storyboard's; empty where there are no variants. `variants` are the names of all that its file has, in their order.
    `is_labelled`: it says that generative models made it, where they did. `text` is that of its file, as it was read.
    """

    path: Path
    slug: str
    title: str
    scenes: tuple[Scene, ...]
    cut: tuple[CutItem, ...]
    aspect_ratio: str
    resolution: str
    stills: tuple[Still, ...] = ()
    close: Transition | None = None
    length: float | None = None
    music: tuple[Music, ...] = ()
    loudness: float | None = None
    captions: Captioning = AS_USUAL
    chapters: bool = False
    budget_ticks: int | None = None
    review: tuple[Gate, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    variant: str = ""
    variants: tuple[str, ...] = ()
    delivery: str = ""
    is_regenerated: bool = False
    finish: Finish = AS_CUT
    is_labelled: bool = True
    deliveries: tuple[Storyboard, ...] = ()
    text: str = field(default="", repr=False)

    @property
    def prefix(self) -> str:
        """What the names of its steps begin with: `lisbon:`; empty where there are no variants."""
        return f"{self.variant}:" if self.variant else ""

    @property
    def words(self) -> tuple[str, ...]:
        """How a command names this storyboard: its file, its variant, and what was given for its variables."""
        variant = ("--variant", self.variant) if self.variant else ()
        return str(self.path), *variant, *as_words(dict(self.given))

    def scene(self, scene_id: str) -> Scene:
        """Return the scene of this id; KeyError if there is none."""
        return self._by_id[scene_id]

    @cached_property
    def _by_id(self) -> Mapping[str, Scene]:
        return {scene.id: scene for scene in self.scenes}


def as_words(given: Mapping[str, str]) -> list[str]:
    """Return how a command says which texts stand for variables."""
    return [word for name, text in given.items() for word in ("--var", f"{name}={text}")]
