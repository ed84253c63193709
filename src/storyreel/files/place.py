"""
Put a file where others look for it: whole or not at all, however many runs put the same one there at once.

Each writes under a name of its own, in the same folder, and renames it last; what an ended run has left is swept.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storyreel.defects import remedy
from storyreel.errors import MediaError
from storyreel.files.regular import NotPlain, copy_plain
from storyreel.systems import BYTES

LEFT_AFTER_S = 3600.0
"""How old half a file is before nobody writes to it any more."""


def place_bytes(content: bytes, to: Path) -> None:
    """
    Put a file with this content at `to`.

    Raises:
        MediaError: The folder cannot be made or written, or the disk is full. What was there before is there still.
    """
    with _placed(to) as half:
        half.write(content)


def place_copy(source: Path, to: Path) -> None:
    """Put a copy of a file at `to`, as `place_bytes` does; where another run puts it anew meanwhile, of the new one."""
    with _placed(to) as half:
        for last in (False, False, True):
            try:
                copy_plain(source, half)
                return
            except NotPlain as error:
                if last or error.errno != errno.EBUSY:
                    raise
                half.seek(0)
                half.truncate()


def link_read_only(source: Path, to: Path) -> None:
    """
    Give a file one more name. From then on it is read-only under each of them: who writes into the one would change the other, and
    what is in a vault was paid for.

    Raises:
        OSError: It cannot be linked there.
    """
    os.link(source, to)
    with suppress(OSError):
        to.chmod(stat.S_IMODE(to.stat().st_mode) & ~0o222)


@contextmanager
def placed(to: Path) -> Iterator[Path]:
    """
    Give a name under which to write what is to be at `to`: it is put there, whole, when the block ends, and nothing of it is if the
    block fails.

    Raises:
        MediaError: As `place_bytes`.
    """
    with refused(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        _sweep(to)
        half = to.with_name(_own(to.name))
        try:
            yield half
            half.replace(to)
        except BaseException:
            with suppress(OSError):
                half.unlink()
            raise


@contextmanager
def workplace(to: Path) -> Iterator[Path]:
    """
    Give a folder beside `to` to work in on what is to be there: on a disk that has to have room for it in any case. Nothing of it stays.

    Raises:
        MediaError: As `place_bytes`.
    """
    with refused(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        _sweep(to)
        folder = to.with_name(_own(to.name))
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def try_out(folder: Path) -> None:
    """
    Make a folder and write into it, to know whether it can take files.

    Raises:
        MediaError: It cannot.
    """
    with refused(folder):
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / _own("trial")
        try:
            with _new(trial) as file:
                file.write(b".")
        finally:
            with suppress(OSError):
                trial.unlink()


@contextmanager
def refused(to: Path) -> Iterator[None]:
    """Turn what the machine says into a MediaError that names the file and what to do."""
    try:
        yield
    except OSError as error:
        raise MediaError(f"{to} cannot be written: {error.strerror or error}; {remedy(error)}") from error


@contextmanager
def _placed(to: Path) -> Iterator[BinaryIO]:
    with placed(to) as half, _new(half) as file:
        yield file


def _own(name: str) -> str:
    return f"{_beginning(name)}.{os.getpid()}-{secrets.token_hex(4)}.half"


def _beginning(name: str) -> str:
    # A name may have 255 bytes, and a letter up to four.
    return "." + os.fsencode(name)[:150].decode("utf-8", "ignore")


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BYTES, 0o666), "wb")


def _sweep(to: Path) -> None:
    """Remove what runs that were killed have left of this file, and the folders in which they worked on it."""
    for left in to.parent.glob(f"{glob.escape(_beginning(to.name))}*.half"):
        with suppress(OSError):
            if time.time() - _last_written(left) > LEFT_AFTER_S:
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _last_written(path: Path) -> float:
    """Return when a file, or any in a folder, was written to last."""
    return max(each.lstat().st_mtime for each in (path, *path.rglob("*")))
