"""
The shapes of the sandbox's own memory: what was asked, the job that this became, and how it ended.

They are kept as JSON in its folder, where any process may read them. Nothing is decided here.
"""

from __future__ import annotations

from typing import Literal

from storyreel.model.recipe import Frozen, Operation
from storyreel.sandbox.api.faults import Fault

__all__ = ["Ask", "End", "Job", "Source", "Stored", "Upload"]


class Source(Frozen):
    """
    A medium that goes in: an address, an upload, or (once its data URI is taken out) content by sha256.

    `sha256` is empty when the data URI could not be read.
    """

    url: str | None = None
    file_id: str | None = None
    sha256: str | None = None


class Stored(Frozen):
    """A wish to keep the result among the team's files. `public_s` is the life of a public address, None for none."""

    filename: str
    expires_s: int | None = None
    public: bool = False
    public_s: int | None = None


class Ask(Frozen):
    """
    One request that was found right, every default filled in.

    `seconds` are of the whole clip, or what an extension adds; 0 where it is the input's. `pictures` are in the order
    in which they are billed: first frame, references, last frame, keyframes. `pinned` are the last two, `pinned_at` the second of each,
    None for the clip's end. `voices` are ids, an empty one for a voice that is given by its address.
    """

    operation: Operation
    model: str
    prompt: str
    seconds: int = 0
    aspect_ratio: str | None = None
    resolution: str | None = None
    sound: bool = True
    first_frame: Source | None = None
    references: tuple[Source, ...] = ()
    pinned: tuple[Source, ...] = ()
    pinned_at: tuple[float | None, ...] = ()
    voices: tuple[str, ...] = ()
    video: Source | None = None
    count: int = 1
    quality: str | None = None
    inline: bool = False
    stored: Stored | None = None

    @property
    def pictures(self) -> tuple[Source, ...]:
        """All pictures that go in."""
        return (*((self.first_frame,) if self.first_frame else ()), *self.references, *self.pinned)


class Job(Frozen):
    """
    An accepted request. Times are seconds since 1970; `due` is None for a job that never ends. Where its clip is to be `handed_over`,
    the address for that is a secret, and kept apart for as long as it is wanted.
    """

    request_id: str
    path: str
    host: str
    accepted: float
    due: float | None
    ask: Ask
    faults: tuple[Fault, ...] = ()
    handed_over: bool = False


class End(Frozen):
    """How a job ended. `seconds` are measured, `ticks` what the original would have charged."""

    status: Literal["done", "failed", "moderated", "expired"]
    at: float
    ticks: int = 0
    seconds: float = 0.0
    code: str = ""
    message: str = ""
    file_id: str | None = None


class Upload(Frozen):
    """A file of the team: uploaded, or a stored result. Its content lies under its sha256."""

    id: str
    filename: str
    bytes: int
    created_at: int
    expires_at: int | None
    purpose: str
    sha256: str
    mime: str
