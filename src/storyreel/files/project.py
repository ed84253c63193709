"""
The folder of a project: what a storyboard may read files from, beside its own folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from storyreel.systems import user

MARK = "storyreel.toml"
"""The file that makes a folder a project's."""


def project_of(folder: Path) -> Path:
    """
    Return the folder of the project that a storyboard belongs to: the nearest one at or above its own that has a
    `storyreel.toml`; without one, its own.

    Args:
        folder: Of the storyboard, links resolved.
    """
    mark = project_file(folder)
    return folder if mark is None else mark.parent


def project_file(folder: Path) -> Path | None:
    """
    Return the `storyreel.toml` of the project that a folder belongs to: the nearest one at or above it; None where there is none.

    Only a file of the user's own in a folder of theirs counts: in a folder that others may write to nobody else opens what lies beside it.
    Nothing is looked for above the home, or on another file system.

    Args:
        folder: Links resolved.
    """
    return next((mark for mark in _marks(folder) if _is_ours(mark)), None)


def strangers_files(folder: Path) -> tuple[Path, ...]:
    """Return what is called `storyreel.toml` at or above a folder, nearer than that of its project, and is not read: it is no file of the user's."""
    passed = []
    for mark in _marks(folder):
        if _is_ours(mark):
            break
        passed.append(mark)
    return tuple(passed)


def _marks(folder: Path) -> Iterator[Path]:
    """Yield what has the name at or above a folder, the nearest first."""
    try:
        home = Path.home().resolve()
        device = folder.stat().st_dev
        for place in (folder, *folder.parents):
            if place.stat().st_dev != device:
                break
            if os.path.lexists(place / MARK):
                yield place / MARK
            if place == home:
                break
    except (OSError, RuntimeError):
        pass  # there is no such folder, or no home: nothing above is anybody's


def _is_ours(mark: Path) -> bool:
    """Whether this is a file, and of the user who runs this, as is its folder."""
    try:
        status, folder = mark.lstat(), mark.parent.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and {status.st_uid, folder.st_uid} == {user()}
