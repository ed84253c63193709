"""
The folder of a project: what a storyboard may read files from, beside its own folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MARK = "storyreel.toml"
"""The file that makes a folder a project's."""


def project_of(folder: Path) -> Path:
    """
    Return the folder of the project that a storyboard belongs to: the nearest one at or above its own that has a
    `storyreel.toml`; without one, its own.

    Only a file of the user's own counts: in a folder that others may write to nobody else opens what lies beside it. Nothing is looked
    for above the home, or on another file system.

    Args:
        folder: Of the storyboard, links resolved.
    """
    try:
        home = Path.home().resolve()
        device = folder.stat().st_dev
        for place in (folder, *folder.parents):
            if place.stat().st_dev != device:
                break
            if _is_ours(place / MARK):
                return place
            if place == home:
                break
    except (OSError, RuntimeError):
        pass  # there is no such folder, or no home: nothing above is anybody's
    return folder


def _is_ours(mark: Path) -> bool:
    """Whether this is a file, and of the user who runs this."""
    try:
        status = mark.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
