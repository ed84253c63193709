"""
Make a project's folder: whole or not at all, and never in the place of anything.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from storyreel.defects import remedy
from storyreel.errors import MachineError, MediaError, SettingsError
from storyreel.files.place import workplace


def make_folder(place: Path, files: Mapping[str, bytes], check: Callable[[Path], None]) -> None:
    """
    Make a folder with these files in it.

    Args:
        place: Where it is to be.
        files: What is in it, by place in it.
        check: Called with the folder while it is still beside that place: what it raises is raised, and nothing is made.

    Raises:
        SettingsError: Something is there already; it is left as it is.
        MachineError: It cannot be written here.
    """
    _see_that_it_is_free(place)
    try:
        with workplace(place) as bench:
            whole = bench / place.name
            for name, content in files.items():
                file = whole / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            check(whole)
            _see_that_it_is_free(place)
            # What has come there since refuses it, but for a folder with nothing in it, of which nothing is lost.
            whole.rename(place)
    except MediaError as error:
        raise MachineError(str(error)) from None
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR):
            _see_that_it_is_free(place)
        raise MachineError(f"{place} cannot be written: {error.strerror or error}; {remedy(error)}") from None


def _see_that_it_is_free(place: Path) -> None:
    if os.path.lexists(place):
        raise SettingsError(
            f"{place.name} is there already, and nothing of it is touched; choose another name, or move it away"
        )
