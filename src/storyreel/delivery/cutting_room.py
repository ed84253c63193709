"""
The cutting room: the vault that a film is cut from, what is known of its clips, and how a person's own files were.

What is made here for a film is kept in the vault under a name that tells all it was made of, and so is made once.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from storyreel import media
from storyreel.errors import MediaError, VaultError
from storyreel.files.regular import Seen, check_content, seen, unusable
from storyreel.media.ffmpeg import side_by_side
from storyreel.vault import Vault

MOST_AT_ONCE = 4
"""How much is encoded side by side, at most: a window takes up to 400 MB at 1080p."""

Part = TypeVar("Part")
Made = TypeVar("Made")


@contextmanager
def about(scene: str, name: str) -> Iterator[None]:
    """Have every error of a clip say in which scene it is, and which file."""
    try:
        yield
    except MediaError as error:
        named = str(error).startswith(f"{name} ")
        raise error.of(f"scene '{scene}'" if named else f"scene '{scene}' ({name})") from error


@dataclass(frozen=True)
class CuttingRoom:
    """
    Where films are cut: a vault, a survey of clips, and how each of a person's own files was when it was looked at. `joined` are the
    clips of scenes with tails, by what tells them from others.

    `at_once` is how many clips and windows are encoded side by side, each by one thread.
    """

    vault: Vault
    survey: media.Survey = field(default_factory=media.Survey)
    own: dict[Path, Seen] = field(default_factory=dict)
    joined: dict[str, Path] = field(default_factory=dict)
    at_once: int = field(default_factory=lambda: min(MOST_AT_ONCE, os.cpu_count() or 1))

    async def note(self, path: Path, sha256: str, before: Seen | None) -> None:
        """
        Note how a person's own file is: it is read by its name, later.

        Raises:
            VaultError: It is gone, or has another content.
        """
        try:
            self.own[path] = await asyncio.to_thread(check_content, path, sha256, before)
        except OSError as error:
            raise VaultError(unusable(path, error)) from error

    def see_unchanged(self, path: Path) -> None:
        """
        See that an own file is as it was when its content was looked at.

        Raises:
            VaultError: Somebody has written to it: what was made of it may be of another content than its name says.
        """
        if path in self.own and seen(path) != self.own[path]:
            raise VaultError(f"{path} was changed while the film was being shot; run it again")

    async def clip(self, kind: str, name: str, frames: int, make: Callable[[Path], Awaitable[object]]) -> Path:
        """
        Return a clip that is made here: one from before, else a new one, which is kept.

        Args:
            kind: The folder among what is derived.
            name: Of the file; it tells what it is made of.
            frames: How many it has. One from before that has not is half of one, and is made again.
            make: Makes it, as this file.
        """
        before = await self.vault.clips.find_derived(kind, name)
        if before is not None and await asyncio.to_thread(self._is_whole, before, frames):
            return before
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            path = Path(folder) / name
            await make(path)
            return await self.vault.clips.keep_derived(path, kind, name)

    async def each(self, make: Callable[[Part], Awaitable[Made]], parts: Sequence[Part]) -> list[Made]:
        """Make something of each part, `at_once` of them side by side; return it in their order."""
        turn = asyncio.Semaphore(self.at_once)

        async def in_turn(part: Part) -> Made:
            async with turn:
                return await make(part)

        return await side_by_side([in_turn(part) for part in parts])

    def _is_whole(self, clip: Path, frames: int) -> bool:
        try:
            measured = self.survey.measured(clip)
        except MediaError:
            return False
        return not measured.corrupt and measured.frames == frames
