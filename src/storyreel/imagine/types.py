"""
What goes to the service and what comes back, as values.

Nothing here knows HTTP; `requests` and `answers` write and read these shapes, `client` carries them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from storyreel.model.money import Charge
from storyreel.model.recipe import PicturePart, ServiceName


@dataclass(frozen=True)
class ByUrl:
    """A picture or a clip at an https address, or inside a `data:` address."""

    url: str = field(repr=False)  # megabytes of base64 help nobody who reads a traceback


@dataclass(frozen=True)
class ByFile:
    """A picture or a clip that was uploaded to the service's file storage."""

    file_id: str


@dataclass(frozen=True)
class ByPart:
    """A picture with what a request takes it for; a keyframe with its second of the clip, `at`."""

    picture: ByUrl | ByFile
    part: PicturePart
    at: float | None = None


Media = ByUrl | ByFile | ByPart


@dataclass(frozen=True)
class Service:
    """Who answers at the address: the real API or the sandbox, and for which team if it said so."""

    name: ServiceName
    team: str | None


@dataclass(frozen=True)
class Standing:
    """
    What the service says of whoever asks: whether nothing of a team's is kept (`zdr_status`, in its own words), and its own time of day, as
    the header `Date` has it. Each is None where it says nothing.
    """

    zdr: str | None
    date: str | None

    @property
    def keeps_nothing(self) -> bool:
        """Whether the team has zero data retention. What it is called there is not documented: these words are a guess."""
        return (self.zdr or "").lower() in ("enabled", "on", "true", "active", "enforced")


@dataclass(frozen=True)
class Finished:
    """
    A take that is made and can be fetched.

    `seconds` is the length that the service tells, `ticks` what it says it charged, `model` the model that made it by
    its canonical name; each is None where the answer lacks it.
    """

    request_id: str
    url: str
    seconds: float | None
    ticks: Charge
    model: str | None


@dataclass(frozen=True)
class Progress:
    """
    A take that is still being made. `percent` is 0 to 100, or None where the service does not say. `of_a_take` is false of an answer
    that says nothing of a take at all, as gateways give to any question.
    """

    percent: int | None
    of_a_take: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class StillMade:
    """A generated picture: its bytes, their kind (`image/jpeg`), and the charge in ticks if it was told."""

    picture: bytes = field(repr=False)
    mime: str
    ticks: Charge


@dataclass(frozen=True)
class StillElsewhere:
    """A picture that came as an address although its bytes were asked for; the address is good for about a day."""

    url: str
    ticks: Charge


@dataclass(frozen=True)
class StillUnread:
    """An answer to a request for a picture in which nobody can find one. It is paid for, so it is handed on whole."""

    body: bytes = field(repr=False)
    why: str
    ticks: Charge


@dataclass(frozen=True)
class ModelCard:
    """
    One model as the service lists it.

    `inputs` and `outputs` are of text, image, video, audio. A video model that takes video can edit and extend.
    `image_ticks` is the price of one picture; video models are listed without a price.
    """

    name: str
    aliases: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    prompt_characters: int | None = None
    image_ticks: int | None = None


@dataclass(frozen=True)
class Models:
    """The models that this key may use."""

    video: tuple[ModelCard, ...]
    still: tuple[ModelCard, ...]
