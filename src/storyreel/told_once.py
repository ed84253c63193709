"""
What a person is told once on a machine: a mark in the folder of state remembers it.
"""

from __future__ import annotations

import os

from storyreel.errors import SettingsError
from storyreel.variables.table import STATE_HOME


def first_time(what: str) -> bool:
    """
    Whether this is the first time that something is to be told here; from then on it is not. Where that cannot be noted down nothing is told:
    it would be told each time.

    Args:
        what: What it is, in words that can name a file.
    """
    try:
        folder = STATE_HOME.read() / "storyreel" / "told"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(folder / what.replace(" ", "-"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except (OSError, SettingsError):
        return False
    return True
