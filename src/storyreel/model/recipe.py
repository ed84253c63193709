"""
Who a take is: what is sent to make it, what that is made from, and the id that the service gave.

These shapes travel: into records of the vault, into Prefect's parameters and results. They are frozen, hold no path and
no key, and their JSON is the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from storyreel.files.regular import copy_plain

Operation = Literal[
    "text-to-video",
    "image-to-video",
    "reference-to-video",
    "edit-video",
    "extend-video",
    "generate-image",
    "edit-image",
]
ServiceName = Literal["xai", "sandbox"]
"""Who makes takes: the real API, or the sandbox."""

WITHOUT_URL = "done_without_url"
"""The code of a take that the service calls done and for which it has shown no address: it may yet show one."""

STILLS: frozenset[Operation] = frozenset({"generate-image", "edit-image"})
"""Operations that answer at once with a picture instead of a request id."""

WITH_AN_ID: frozenset[Operation] = frozenset(get_args(Operation)) - STILLS
"""Operations that are answered with a request id."""

PicturePart = Literal["first_frame", "last_frame", "keyframe", "reference"]
"""What a request takes a picture for: the frame a clip begins or ends with, one in its midst, or how something is to look."""


class Frozen(BaseModel):
    """A shape that is compared by value and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class GivenFile(Frozen):
    """A file that a person gave, known by its content."""

    kind: Literal["file"] = "file"
    sha256: str


class GivenAddress(Frozen):
    """An https address as it was written. We never fetch it."""

    kind: Literal["url"] = "url"
    url: str


class FromStep(Frozen):
    """A hole in a recipe: what the named step of the plan will have made."""

    kind: Literal["step"] = "step"
    step: str


class FromTake(Frozen):
    """What the service made under this id: a hole that has been filled."""

    kind: Literal["take"] = "take"
    request_id: str


class LastFrame(Frozen):
    """The true last frame of a clip, as a picture."""

    kind: Literal["last_frame"] = "last_frame"
    of: Input


class Frame(Frozen):
    """
    The frame of a clip that is nearest to the second `at`, as a picture; of a clip that is shorter, its last one.

    `part` is what the request takes the picture for, unless an `InPart` around it says so.
    """

    kind: Literal["frame"] = "frame"
    of: Input
    at: float
    part: Literal["first_frame", "reference"] | None = None


TAIL_S = 8.0
"""How many seconds of the end of a clip are extended that is too long to go in whole."""


class Tail(Frozen):
    """The last `seconds` of a clip, cut on its frames; of a clip that is shorter, all of it."""

    kind: Literal["tail"] = "tail"
    of: Input
    seconds: float


class Trimmed(Frozen):
    """The seconds from `start` to `end` of a clip."""

    kind: Literal["trim"] = "trim"
    of: Input
    start: float
    end: float


class InPart(Frozen):
    """
    A picture of a request that takes pictures for several things: which one it is taken for, and of a keyframe `at` which
    second of the clip.
    """

    kind: Literal["part"] = "part"
    of: Input
    part: PicturePart
    at: float | None = None


Input = Annotated[
    GivenFile | GivenAddress | FromStep | FromTake | LastFrame | Frame | Tail | Trimmed | InPart,
    Field(discriminator="kind"),
]
LastFrame.model_rebuild()
Frame.model_rebuild()
Tail.model_rebuild()
Trimmed.model_rebuild()
InPart.model_rebuild()


def origin(source: Input) -> GivenFile | GivenAddress | FromStep | FromTake:
    """Return what an input is cut from: the file, address, step or take at its root."""
    while isinstance(source, LastFrame | Frame | Tail | Trimmed | InPart):
        source = source.of
    return source


def picture_in(source: Input) -> Input:
    """Return an input without what the request takes it for."""
    return source.of if isinstance(source, InPart) else source


class Recipe(Frozen):
    """
    What will be sent to make one take, with a hole for each input that has yet to be made.

    `body` is the request's JSON without its media, every default written out. `inputs` are the media in the order in
    which they are sent. `take` counts deliberate repetitions of the same request, from 1.
    """

    operation: Operation
    body: dict[str, Any]
    inputs: tuple[Input, ...] = ()
    take: int = 1

    def needs(self) -> Iterator[str]:
        """Yield the steps whose takes are missing here, in the order of the inputs."""
        for source in self.inputs:
            root = origin(source)
            if isinstance(root, FromStep):
                yield root.step

    def filled(self, takes: Mapping[str, str]) -> Recipe:
        """
        Return the recipe with its holes filled.

        Args:
            takes: The request id of each step that this recipe needs.

        Raises:
            KeyError: A needed step is not in `takes`.
        """
        return self.model_copy(update={"inputs": tuple(_fill(source, takes) for source in self.inputs)})

    def renamed(self, names: Mapping[str, str]) -> Recipe:
        """Return the recipe with other names for the steps that it needs; those of which there is none here keep theirs."""
        return self.model_copy(update={"inputs": tuple(_rename(source, names) for source in self.inputs)})

    def fingerprint(self, service: ServiceName) -> str:
        """
        Return the identity of a take: sha256 (hex) over canonical JSON of what is sent, to whom, made from what.

        Names, places, titles and code versions are not in it, so renaming and reordering never buy anything.

        Raises:
            ValueError: A hole is not filled.
        """
        identity: dict[str, Any] = {
            "v": 1,
            "service": service,
            "operation": self.operation,
            "body": _plain(self.body),
            "inputs": [_identity(source) for source in self.inputs],
        }
        if self.take != 1:
            identity["take"] = self.take
        return digest(identity)


class Slate(Frozen):
    """A take that the service has accepted: enough for any process to wait for it and to fetch it."""

    service: ServiceName
    fingerprint: str
    attempt: int
    request_id: str
    sha256: str | None = None
    """The picture, if this is a still: its id is ours, and another vault may have another picture under the same one."""
    clip_missing: bool = False
    """The vault does not have its clip (yet, or any more), so no cached word about it is to be believed."""

    @property
    def key(self) -> str:
        """The name under which a result about this take may be cached."""
        return "-".join(filter(None, (self.service, self.request_id, self.sha256)))


class Clip(Frozen):
    """A take's file in the vault. `frames` is 1 for a still."""

    request_id: str
    sha256: str
    frames: int


def sha256_of(path: Path) -> str:
    """Return the sha256 (hex) of a regular file's content, which is what a file is known by."""
    return copy_plain(path, None)[0]


def clean(text: str) -> str:
    """Return text as it is sent and hashed alike: NFC, LF, no white space around it."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def canonical(value: Any) -> bytes:
    """Return JSON that is the same for equal values: sorted keys, no spaces, UTF-8, no NaN."""
    return _CANONICAL.encode(value).encode()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """Return the sha256 (hex) of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> Any:
    """Return numbers that are equal as the same number: 6.0 is 6, since that is what JSON readers see."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _fill(source: Input, takes: Mapping[str, str]) -> Input:
    match source:
        case FromStep(step=step):
            return FromTake(request_id=takes[step])
        case LastFrame(of=inner):
            return LastFrame(of=_fill(inner, takes))
        case Frame(of=inner) | Tail(of=inner) | InPart(of=inner):
            return source.model_copy(update={"of": _fill(inner, takes)})
        case Trimmed(of=inner, start=start, end=end):
            return Trimmed(of=_fill(inner, takes), start=start, end=end)
        case _:
            return source


def _rename(source: Input, names: Mapping[str, str]) -> Input:
    match source:
        case FromStep(step=step):
            return FromStep(step=names.get(step, step))
        case LastFrame(of=inner) | Frame(of=inner) | Tail(of=inner) | Trimmed(of=inner) | InPart(of=inner):
            return source.model_copy(update={"of": _rename(inner, names)})
        case _:
            return source


def _identity(source: Input) -> dict[str, Any]:
    match source:
        case GivenFile(sha256=sha256):
            return {"sha256": sha256}
        case GivenAddress(url=url):
            return {"url": url}
        case FromTake(request_id=request_id):
            return {"take": request_id}
        case LastFrame(of=inner):
            return {"last_frame": _identity(inner)}
        case Frame(of=inner, at=at, part=None):
            return {"frame": _identity(inner), "at": _plain(at)}
        case Frame(of=inner, at=at, part=part):
            return {"frame": _identity(inner), "at": _plain(at), "as": part}
        case Tail(of=inner, seconds=seconds):
            return {"tail": _identity(inner), "seconds": _plain(seconds)}
        case InPart(of=inner, part=part, at=None):
            return {"as": part, "of": _identity(inner)}
        case InPart(of=inner, part=part, at=at):
            return {"as": part, "at": _plain(at), "of": _identity(inner)}
        case Trimmed(of=inner, start=start, end=end):
            return {"trim": _identity(inner), "start": _plain(start), "end": _plain(end)}
        case FromStep(step=step):
            raise ValueError(f"the take of {step} is not known yet, so this recipe has no fingerprint")
