"""
A storyboard that was read and found right, as frozen values. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.files.regular import Seen
from storyreel.model.sound_track import SoundTrack

Mode = Literal["text", "image", "references", "clip"]


Gate = Literal["before-video", "before-final"]
"""Where a run waits for a person: before anything but stills is made, or before the film is cut."""


@dataclass(frozen=True)
class Footage:
    """
    A media file that a person gave, measured: a picture (`seconds` and `fps` are 0, `frames` 1) or a clip.

    `width` and `height` are as shown, that is, after rotation. A clip lasts `seconds`: to where its picture or its sound ends,
    whichever is later. Its frames take `picture_seconds` of them; then the last one stands.

    Of the file's `videos` the first is shown; of its sound `sound_track` is heard, none of `other_sound`, and not the
    `early_sound` seconds before the first frame. `converted` is what it is, where the service does not take that and it is
    converted before it is sent; empty where it is sent as it is. `seen` is how the file was when it had this content.
    """

    path: Path
    sha256: str
    width: int
    height: int
    seconds: float = 0.0
    fps: float = 0.0
    frames: int = 1
    has_audio: bool = False
    converted: str = ""
    picture_seconds: float = 0.0
    videos: int = 1
    sound_track: SoundTrack | None = None
    other_sound: tuple[SoundTrack, ...] = ()
    early_sound: float = 0.0
    seen: Seen | None = field(default=None, compare=False, repr=False)

    @property
    def picture_end(self) -> float:
        """The second at which its frames end; what comes after is the last one, standing."""
        return self.picture_seconds or self.seconds

    @property
    def is_picture(self) -> bool:
        """Whether this is a picture and not a clip."""
        return self.seconds == 0


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


Picture = PictureFile | PictureAddress | PictureStill | PictureLastFrame


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
    """One item of a scene's `then`: an extension by `duration` seconds, or an edit (`duration` is None)."""

    kind: Literal["extend", "edit"]
    name: str
    prompt: str
    place: Place
    duration: int | None = None
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
    end, None is its end. `transition` leads into it; None is a cut.
    """

    scene: str
    place: Place
    start: float = 0.0
    end: float | None = None
    speed: Fraction = Fraction(1)
    transition: Transition | None = None


@dataclass(frozen=True)
class Scene:
    """
    One scene, with every default filled in and every prompt rendered (style added, tags written).

    `image` is set in mode `image`, `references` in mode `references`, `footage` in mode `clip`; `start` and `end` are
    the trimmed seconds of the footage (the whole of it where nothing is trimmed). `style` is what `prompt` ends with, a line
    of its own; empty where nothing was added.
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
    footage: Footage | None = None
    start: float = 0.0
    end: float = 0.0
    then: tuple[Link, ...] = ()
    take: int = 1
    pin: str | None = None
    note: str = ""
    style: str = ""

    @property
    def seconds(self) -> float:
        """How long its clip is to be, with all that is added to it."""
        begun = self.end - self.start if self.footage is not None else float(self.duration)
        return begun + sum(link.duration for link in self.then if link.duration is not None)


@dataclass(frozen=True)
class Storyboard:
    """
    A storyboard that is whole: limits, references and continuity hold.

    `stills` has every still that some scene uses, each after those it is made from. `cut` are the film's scenes in their
    order, `close` how it ends, `length` how many seconds it is to be. `notes` are remarks that stop nothing.
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
    budget_ticks: int | None = None
    review: Gate | None = None
    notes: tuple[Diagnostic, ...] = ()

    def scene(self, scene_id: str) -> Scene:
        """Return the scene of this id; KeyError if there is none."""
        return {scene.id: scene for scene in self.scenes}[scene_id]
