"""
The shapes that a storyboard takes on its way to a film: storyboard, plan, cut list.

All of it is frozen and holds no behaviour beyond small look-ups. Money is counted in ticks, the service's own unit
(1 US dollar = 10**10 ticks), so that sums are exact. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from storyreel.errors import Place
from storyreel.slate import Recipe

TICKS_PER_USD = 10**10
MOST_USD = 1e9
"""What is larger is no amount of money that anybody meant."""

Mode = Literal["text", "image", "references", "clip"]
Kind = Literal["video", "extend", "edit", "still"]
Gate = Literal["before-video", "before-final"]
"""Where a run waits for a person: before anything but stills is made, or before the film is cut."""


def usd(ticks: int) -> float:
    """Return ticks as US dollars, for people and JSON; never for sums."""
    return round(ticks / TICKS_PER_USD, 6)


def dollars(ticks: int) -> str:
    """Return money as a person writes it; thousandths only where cents would hide something."""
    amount = ticks / TICKS_PER_USD
    return f"${amount:.2f}" if ticks % (TICKS_PER_USD // 100) == 0 else f"${amount:.3f}"


Charge = int | str | None
"""What the service said it charged, as it said it: ticks; else, cut short, what stood in their place; None for nothing."""

MOST_TIMES_EXPECTED = 20
"""Up to how many times its estimate a charge is believed. What is told beyond that is a slip, or a trick."""


def believed(charge: Charge, estimate_ticks: int) -> int | None:
    """Return a charge that counts; None where the estimate stands: the service said nothing, or nothing to be believed."""
    sane = isinstance(charge, int) and 0 <= charge <= MOST_TIMES_EXPECTED * estimate_ticks
    return charge if sane and isinstance(charge, int) else None


def doubt(charge: Charge, estimate_ticks: int) -> str:
    """Return, for a person, why a charge is not believed; empty where it is."""
    if believed(charge, estimate_ticks) is not None:
        return ""
    if charge is None:
        return f"the service did not say what it charged, so the estimate of {dollars(estimate_ticks)} counts"
    what = f"{charge} ticks" if isinstance(charge, int) else charge
    return f"odd: the service says it charged {what}, so the estimate of {dollars(estimate_ticks)} counts"


def charges(told: int, untold: int) -> str:
    """
    Return what was charged, in words; nothing is made up where nobody told.

    Args:
        told: The sum of what the service said it charged, in ticks.
        untold: The estimate, in ticks, of all that was made and whose charge it did not tell.
    """
    if not untold:
        return f"{dollars(told)} charged"
    return f"{f'{dollars(told)} charged' if told else 'charge not told'}, about {dollars(untold)}{' more' if told else ''} estimated"


def costs(charged: int | None, estimated: int) -> str:
    """
    Return, in words, what was charged beside what had been expected; nothing is made up where nobody told.

    Args:
        charged: The sum of what the service said it charged, in ticks; None where it said nothing.
        estimated: What all that it took, or may have taken, had been expected to cost, in ticks.
    """
    if charged is None and not estimated:
        return "nothing charged"
    return f"{'charge not told' if charged is None else f'{dollars(charged)} charged'}, {dollars(estimated)} estimated"


# --- what a storyboard is, once it is read and found right ---------------------------------------------------------


@dataclass(frozen=True)
class Footage:
    """
    A media file that a person gave, measured: a picture (`seconds` and `fps` are 0, `frames` 1) or a clip.

    `width` and `height` are as shown, that is, after rotation.
    """

    path: Path
    sha256: str
    width: int
    height: int
    seconds: float = 0.0
    fps: float = 0.0
    frames: int = 1
    has_audio: bool = False

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
    """A picture to be generated once, from words, or from words and other pictures (an image edit)."""

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
class Scene:
    """
    One scene, with every default filled in and every prompt rendered (style added, tags written).

    `image` is set in mode `image`, `references` in mode `references`, `footage` in mode `clip`; `start` and `end` are
    the trimmed seconds of the footage (the whole of it where nothing is trimmed).
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


@dataclass(frozen=True)
class Storyboard:
    """
    A storyboard that is whole: limits, references and continuity hold.

    `stills` has every still that some scene uses, each after those it is made from. `order` names the scenes of the
    film in their order. `notes` are remarks that stop nothing, each one line with its place.
    """

    path: Path
    slug: str
    title: str
    scenes: tuple[Scene, ...]
    order: tuple[str, ...]
    aspect_ratio: str
    resolution: str
    stills: tuple[Still, ...] = ()
    budget_ticks: int | None = None
    review: Gate | None = None
    notes: tuple[str, ...] = ()

    def scene(self, scene_id: str) -> Scene:
        """Return the scene of this id; KeyError if there is none."""
        return {scene.id: scene for scene in self.scenes}[scene_id]


# --- what will be done ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """
    One request of the plan: `climb/video`, `climb/extend-1`, `door/still`.

    `scene` and `name` are the two halves of `id`; for a still of the cast `scene` is the name of the cast member.
    `seconds` is the asked length of the clip that comes back (0 for a still), `bought_seconds` how many of them are
    new. `ticks` is the estimate of the charge. `needs` are the steps whose takes go in, in order, each once.
    """

    id: str
    scene: str
    name: str
    kind: Kind
    recipe: Recipe
    seconds: float
    bought_seconds: float
    ticks: int
    needs: tuple[str, ...] = ()
    pin: str | None = None


@dataclass(frozen=True)
class Part:
    """Whose work the seconds from `start` to `end` of a cut are: a step's id, or None for a person's own footage."""

    step: str | None
    start: float
    end: float


@dataclass(frozen=True)
class Cut:
    """
    One scene of the film: the clip of `step`, or own footage, from `start` to `end` (asked seconds of that clip).

    An extension comes back as its input and the new part in one clip, so a scene is always one clip: that of its last
    step. `parts` says which step made which of its seconds.
    """

    scene: str
    step: str | None
    footage: Footage | None
    start: float
    end: float
    parts: tuple[Part, ...]

    @property
    def seconds(self) -> float:
        """How long the scene is to last."""
        return self.end - self.start


@dataclass(frozen=True)
class Plan:
    """
    What will be made, in which order, for how much, and the list that the film is cut from.

    `steps` are in an order in which each comes after what it needs. `files` are the media that recipes name by their
    sha256.
    """

    board: Storyboard
    steps: tuple[Step, ...]
    cuts: tuple[Cut, ...]
    files: Mapping[str, Footage] = field(default_factory=dict)

    def step(self, step_id: str) -> Step:
        """Return the step of this id; KeyError if there is none."""
        return {step.id: step for step in self.steps}[step_id]

    @property
    def seconds(self) -> float:
        """How long the film is to last."""
        return sum(cut.seconds for cut in self.cuts)

    @property
    def ticks(self) -> int:
        """What the whole film is estimated to cost when nothing is in the vault."""
        return sum(step.ticks for step in self.steps)
