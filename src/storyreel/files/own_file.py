"""
A file of a person's own, where a command changes it: read once, and replaced whole if nobody has changed it since.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from storyreel.errors import MediaError, SettingsError
from storyreel.files.place import placed
from storyreel.files.regular import read_plain, reason_of
from storyreel.systems import give


@dataclass(frozen=True)
class OwnFile:
    """
    A person's file as it was read.

    Args:
        shown: The path as a person gave it.
        path: The file itself, links resolved.
        content: All its bytes.
        mode: Who may do what with it.
        most: Bytes that it may have.
    """

    shown: Path
    path: Path
    content: bytes
    mode: int
    most: int

    @property
    def text(self) -> str:
        """All of it as text, with a byte order mark where it has one, and its line ends as they are."""
        return self.content.decode("utf-8")

    def replace(self, text: str) -> None:
        """
        Put another text in its place: whole or not at all, with the same permissions; a link to it stays a link.

        Raises:
            SettingsError: It cannot be written, or it was changed since it was read. Nothing was written.
        """
        if not os.access(self.path, os.W_OK):
            raise SettingsError(f"{self.shown} may not be written to; nothing was changed")
        try:
            with placed(self.path) as half:
                half.write_bytes(text.encode("utf-8"))
                half.chmod(self.mode)
                give(half, self.path.stat())
                with half.open("rb") as file:
                    os.fsync(file.fileno())
                if read_plain(self.path, self.most) != self.content:
                    raise SettingsError(f"{self.shown} was changed meanwhile, so nothing was written; say it again")
        except (MediaError, OSError) as error:
            raise SettingsError(f"{error}; nothing was changed") from error


def own_file(shown: Path, root: Path, most: int) -> OwnFile:
    """
    Read a file of a person's own.

    Args:
        root: Where a relative path starts.
        most: Bytes that it may have.

    Raises:
        SettingsError: It cannot be read.
    """
    try:
        path = (root / shown).resolve(strict=True)
        mode = stat.S_IMODE(path.stat().st_mode)
        return OwnFile(shown, path, read_plain(path, most), mode, most)
    except OSError as error:
        raise SettingsError(f"{shown} {reason_of(error)}") from error
