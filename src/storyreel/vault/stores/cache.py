"""
Copies of clips on this machine, for a vault that lies elsewhere: a bounded folder that can be deleted at any time.

A copy is named by its content and gets its name only when it is whole and checked, so vaults may share the folder,
and processes too. What was used longest ago goes first; what was used within the hour, or was handed out by this
process, stays even where the folder then grows past its limit.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storyreel.systems import BYTES
from storyreel.vault.stores.disk_errors import as_vault_errors

RESTS_S = 3600.0
"""How long after its last use a copy is left alone: somebody may be reading it."""


class ClipCache:
    """The folder of copies. `limit` is how many bytes it may hold, apart from what is in use."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._lent: set[Path] = set()

    def find(self, sha256: str, suffix: str, size: int) -> Path | None:
        """Return the copy of a file, and count that as a use; None if there is none of that size."""
        path = self._at(sha256, suffix)
        with as_vault_errors(path):
            try:
                os.utime(path)
                whole = path.stat().st_size == size
            except FileNotFoundError:
                return None
        if whole:
            self._lent.add(path)
        return path if whole else None

    def copy_of(self, sha256: str) -> Path | None:
        """Return the copy of a file as it lies there now, whatever its suffix; None if there is none. That is no use of it."""
        with as_vault_errors(self.folder):
            return next(self._at(sha256, "").parent.glob(f"{sha256}.*"), None)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Lend a name for a file on its way in. What is not accepted under it is removed."""
        with as_vault_errors(self.folder):
            waiting = self.folder / "tmp"
            waiting.mkdir(parents=True, exist_ok=True)
            path = waiting / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            with as_vault_errors(path):
                yield path
        finally:
            with suppress(OSError):
                path.unlink()

    def accept(self, checked: Path, sha256: str, suffix: str) -> Path:
        """Give a whole and checked file its name, and make room for it."""
        path = self._at(sha256, suffix)
        with as_vault_errors(path):
            descriptor = os.open(checked, os.O_RDONLY | BYTES)
            try:
                # Else a power cut may leave a file of the right length with nothing in it.
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.parent.mkdir(exist_ok=True)
            checked.replace(path)
            self._lent.add(path)
            self._make_room()
        return path

    def take_copy(self, source: Path, sha256: str, suffix: str) -> Path:
        """Copy a file in whose content was just checked."""
        with self.incoming() as path:
            shutil.copyfile(source, path)
            return self.accept(path, sha256, suffix)

    def _at(self, sha256: str, suffix: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}{suffix}"

    def _make_room(self) -> None:
        copies = []
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):
                stat = path.stat()
                copies.append((stat.st_mtime, stat.st_size, path))
        held = sum(size for _, size, _ in copies)
        for used, size, path in sorted(copies):
            if used > time.time() - RESTS_S:
                return
            leftover = path.parent.name == "tmp"
            if not leftover and (held <= self.limit or path in self._lent):
                continue
            with suppress(FileNotFoundError):
                # Another process may have come for it since we looked.
                if path.stat().st_mtime == used:
                    path.unlink()
                    held -= size
