"""
What a disk says when it fails, in a person's words.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from storyreel.errors import VaultError
from storyreel.files.regular import NotPlain

BLOCK = 1 << 20
"""How many bytes of a file are read or written at a time."""

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the quota is used up; free some space",
    errno.EFBIG: "a file may not grow that large here; raise the limit on file sizes",
    errno.EROFS: "it is on a disk that is mounted read-only; choose another folder for the vault",
    errno.EACCES: "it is not ours to read and write; change its owner or mode, or choose another folder for the vault",
    errno.EPERM: "it is not ours to read and write; change its owner or mode, or choose another folder for the vault",
    errno.ENOTDIR: "something above it is a file; choose another folder for the vault",
    errno.EEXIST: "it is a file; choose another folder for the vault",
    errno.ENOENT: "it is gone; was a disk unmounted?",
}


class as_vault_errors:  # noqa: N801 - read as what it does
    """
    Turn what the system says into a VaultError that names the path and what to do.

    No generator: thousands of records are read for a plan, each within one of these.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path | str) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Say what happened, if something did."""
        if isinstance(error, NotPlain):
            raise VaultError(
                f"the vault cannot use {self._path}: it {error.strerror}; restore it from a copy"
            ) from error
        if isinstance(error, OSError):
            remedy = _REMEDIES.get(error.errno or 0, "look after the disk")
            reason = os.strerror(error.errno or 0)
            raise VaultError(f"the vault cannot use {self._path}: {reason}; {remedy}") from error
