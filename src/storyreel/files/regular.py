"""
Regular files, and nothing that only looks like one: what a person names may be a pipe, a device, a file of a terabyte.

Nothing is waited for here, and nothing is read before its size is known.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storyreel.systems import AT_ONCE

BLOCK = 1 << 20
WORDS_MOST = 4_000_000
"""Bytes of a file of words that somebody gives us: a catalogue, a cut list, a note."""
PICTURE_MOST = 50_000_000
"""Bytes of a picture: it is read whole, and decoded in memory."""
FOOTAGE_MOST = 10_000_000_000
"""Bytes of a person's own clip: about ten minutes of 1080p ProRes."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotPlain(OSError):
    """What is named is no regular file, or a larger one than is wanted; `strerror` says so."""


class Changed(NotPlain):
    """A file has not the content any more that it had."""


@dataclass(frozen=True)
class Seen:
    """How a file was when it was looked at. While all of this is so, nobody has written to it or put another in its place."""

    device: int
    inode: int
    size: int
    written_ns: int
    changed_ns: int


def seen(path: Path) -> Seen:
    """Return how a file is now, links followed."""
    return _seen(path.stat())


def open_plain(path: Path | str, most: int | None = None) -> BinaryIO:
    """
    Open a regular file for reading; a pipe is not waited for, a device is not touched.

    Args:
        path: What somebody named. Links are followed, and what is opened is looked at, not what was there before.
        most: How many bytes it may have.

    Raises:
        NotPlain: It is something else, or larger.
        OSError: It cannot be opened.
    """
    descriptor, _ = _open(path, most)
    try:
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_plain(path: Path) -> None:
    """
    See that in a place of ours is a regular file, or nothing yet: whoever opens a pipe to write to it would wait.

    Raises:
        NotPlain: It is something else.
        OSError: It cannot be looked at.
    """
    try:
        _check(path.stat(), path, None)
    except FileNotFoundError:
        return


def plain_size(path: Path | str) -> int:
    """
    Return how many bytes a regular file has.

    Raises:
        NotPlain: It is something else.
        OSError: It cannot be looked at.
    """
    status = os.stat(path)  # noqa: PTH116 - it may be text
    _check(status, path, None)
    return status.st_size


def read_plain(path: Path | str, most: int, *, ours: bool = False) -> bytes:
    """
    Return the content of a regular file, which may have `most` bytes; what a kernel makes up on the way is bounded too.

    Args:
        path: What somebody named. Links are followed.
        most: How many bytes it may have.
        ours: Whether it lies in a folder where nobody but us puts anything: then it is looked at once, when it is open.

    Raises:
        NotPlain: It is something else, or larger.
        OSError: It cannot be read.
    """
    # No file object: thousands of records are read for a plan, and making one takes longer than to read what it holds.
    descriptor, status = _open_ours(path, most) if ours else _open(path, most)
    try:
        # Room for all that it might be takes longer to get than a small file to read.
        content = os.read(descriptor, status.st_size + 1)
        # All that it said it has, and nothing after that: its end need not be asked for once more.
        whole = 0 < len(content) == status.st_size
        while not whole and len(content) <= most and (more := os.read(descriptor, min(BLOCK, most + 1 - len(content)))):
            content += more
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise NotPlain(errno.EFBIG, f"is larger than it says, and {_sized(most)} are the most", str(path))
    return content


def read_words(path: Path, most: int = WORDS_MOST) -> str:
    """Return the text of a regular file in UTF-8."""
    return read_plain(path, most).decode("utf-8")


def copy_plain(path: Path, to: BinaryIO | None, most: int | None = None) -> tuple[str, Seen]:
    """
    Read a regular file once, and return its sha256 (hex) and how it was meanwhile.

    Args:
        to: Where the very bytes go that are hashed; None if they are only hashed.
        most: How many bytes it may have.

    Raises:
        NotPlain: It is something else or larger, or it was written to while it was read.
    """
    with open_plain(path, most) as file:
        before, digest, size = _seen(os.fstat(file.fileno())), hashlib.sha256(), 0
        for block in _blocks(file, before.size):
            digest.update(block)
            size += len(block)
            if to is not None:
                to.write(block)
        if size != before.size or _seen(os.fstat(file.fileno())) != before:
            raise NotPlain(errno.EBUSY, "was written to while it was read; try again when it is done", str(path))
    return digest.hexdigest(), before


def check_content(path: Path, sha256: str, since: Seen | None, to: BinaryIO | None = None) -> Seen:
    """
    Make sure that a regular file still has the content that it had, and return how it is.

    It is read again only where somebody may have touched it, or where its bytes are wanted: those are hashed on their way.

    Args:
        sha256: Its content (hex).
        since: How it was when that was its content; None if nobody knows.
        to: Where its bytes go.

    Raises:
        Changed: It has another content.
        NotPlain: It is no regular file any more, or it is being written to.
    """
    if since is not None and to is None and seen(path) == since:
        return since
    actual, now = copy_plain(path, to, FOOTAGE_MOST)
    if actual != sha256:
        raise Changed(errno.EBUSY, "was changed while the film was being shot; run it again", str(path))
    return now


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the content of a file, but not without end where somebody goes on writing to it."""
    left = size
    while left >= 0 and (block := file.read(min(BLOCK, left + 1))):
        left -= len(block)
        yield block


def reason_of(error: OSError) -> str:
    """Return what is wrong with a file, as the end of a sentence about it."""
    return str(error.strerror) if isinstance(error, NotPlain) else f"cannot be read: {error.strerror or error}"


def unusable(path: Path, error: OSError) -> str:
    """Return that a file which was there cannot be used any more, and what to do."""
    return f"{path} {reason_of(error)}{'' if isinstance(error, Changed) else '; put it back, and run it again'}"


def _open(path: Path | str, most: int | None) -> tuple[int, os.stat_result]:
    """Open a regular file, and return its descriptor and how it is."""
    _check(os.stat(path), path, most)  # noqa: PTH116 - it may be text
    return _opened(os.open(path, os.O_RDONLY | AT_ONCE), path, most)


def _open_ours(path: Path | str, most: int | None) -> tuple[int, os.stat_result]:
    """Open what is taken for a regular file, and return its descriptor and how it is: one look at thousands of records is enough."""
    try:
        descriptor = os.open(path, os.O_RDONLY | AT_ONCE)
    except FileNotFoundError:
        raise
    except OSError:
        # What cannot be opened, as a socket, may be told by what it is.
        _check(os.stat(path), path, most)  # noqa: PTH116 - it may be text
        raise
    return _opened(descriptor, path, most)


def _opened(descriptor: int, path: Path | str, most: int | None) -> tuple[int, os.stat_result]:
    try:
        status = os.fstat(descriptor)
        _check(status, path, most)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def _check(status: os.stat_result, path: Path | str, most: int | None) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_one, name in _KINDS if is_one(status.st_mode)), "something else")
        raise NotPlain(errno.EINVAL, f"is {kind}, not a file", str(path))
    if most is not None and status.st_size > most:
        raise NotPlain(errno.EFBIG, f"has {_sized(status.st_size)}, and {_sized(most)} are the most", str(path))


def _seen(status: os.stat_result) -> Seen:
    return Seen(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _sized(size: int) -> str:
    return f"{size / 1e9:.4g} GB" if size >= 1e9 else f"{size / 1e6:.4g} MB" if size >= 1e6 else f"{size} bytes"
