"""
The storyboards of a folder, as a server of pages asks for them. Who answers is `production`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Protocol

from pydantic import StringConstraints, model_validator

from storyreel.delivery.page.notes import Note
from storyreel.delivery.page.shelf import Drawn
from storyreel.errors import StoryreelError
from storyreel.model.recipe import Frozen, ServiceName


class NothingThere(StoryreelError):
    """No storyboard of the folder gives a film of this name."""


class Look(Frozen):
    """A picture of something that waits to be approved."""

    step: str
    picture: str


class ListedBoard(Frozen):
    """
    How a storyboard stands, for the index: `state` is that of `storyreel status`, `why` one reason for it. `looks` are what a person is
    to approve.
    """

    slug: str
    title: str
    board: str
    service: ServiceName
    state: str
    why: str
    to_buy: str
    looks: tuple[Look, ...] = ()


class NoteChange(Frozen):
    """A note that is added, or one that is removed, by its id."""

    add: Note | None = None
    remove: Annotated[str, StringConstraints(max_length=80)] = ""

    @model_validator(mode="after")
    def _one(self) -> NoteChange:
        if (self.add is None) == (not self.remove):
            raise ValueError("a note is added, or one is removed")
        return self


class Boards(Protocol):
    """The storyboards of a folder. Each method raises NothingThere where there is none of that name."""

    async def listed(self) -> tuple[ListedBoard, ...]:
        """Return how each storyboard stands, real and rehearsed; what cannot be read is there with its reason."""

    async def drawn(self, slug: str, service: ServiceName) -> Drawn:
        """Return a board's page as it is now, and its files."""

    async def media(self, slug: str, service: ServiceName, name: str) -> Path | None:
        """Return a file that the page shows under a name; None if it shows none."""

    async def note(self, slug: str, service: ServiceName, change: NoteChange) -> None:
        """Add a note on a film, or remove one."""

    async def judge(
        self, slug: str, service: ServiceName, key: str, *, seen: int, approve: bool, note: str = ""
    ) -> None:
        """
        Write down what a person says of one still that waits.

        Args:
            key: The take that they were shown: another one is not approved by it.
            seen: How many words on it they had seen: a rejection that came since is not overruled.
        """
