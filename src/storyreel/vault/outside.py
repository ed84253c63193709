"""
Folders that a person names lie outside the vault: what is in there is storyreel's alone, and some of it is freed.
"""

from __future__ import annotations

from pathlib import Path

from storyreel.errors import SettingsError
from storyreel.vault.vault import Vault


def check_outside(vault: Vault, folder: Path, flag: str) -> None:
    """
    See that a folder is not in the vault, whatever links lead there.

    Args:
        folder: That something is to be put into; it need not be there yet.
        flag: What it was given to, for the message.

    Raises:
        SettingsError: It is, or it is the vault.
    """
    place = Path(vault.address)
    if place.is_dir() and folder.resolve().is_relative_to(place.resolve()):
        raise SettingsError(
            f"{flag} {folder} lies in the vault, which is nobody's but storyreel's; name another folder"
        )
