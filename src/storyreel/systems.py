"""
What this system has and another one lacks: Linux and macOS have all that is used here, Windows has not.

On Windows storyreel looks: it checks, plans, lists takes, exports, and writes pages. What buys, serves or cuts a film wants Linux, macOS,
or the Windows Subsystem for Linux.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

from storyreel.errors import SettingsError

CLOSED_TO_OTHERS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
"""Of a file that is opened: processes that are started do not get it."""
BYTES = CLOSED_TO_OTHERS | getattr(os, "O_BINARY", 0)
"""And what is read and written is bytes: Windows else takes them for text."""
AT_ONCE = BYTES | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""And nothing is waited for where it is a pipe after all, or taken for a terminal."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Of a file that is opened: it is no link, where the system can say so."""


def knows_users() -> bool:
    """Whether a file says whose it is, and who else may write it."""
    return hasattr(os, "geteuid")


def user() -> int:
    """Return the number by which files say whose they are; 0 where they do not, as on Windows."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def give(path: Path, owner: os.stat_result) -> None:
    """Have a file belong to whom another one belongs to, where files belong to anybody and we may say so."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, owner.st_uid, owner.st_gid)


def hold(descriptor: int, *, wait: bool = True) -> None:
    """
    Hold a file or folder, so that others who would wait; it is let go when it is closed. Where the system knows no such lock nobody waits.

    Raises:
        BlockingIOError: Somebody else holds it, and nobody was to wait.
    """
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def kill_group(pid: int) -> None:
    """
    End a process, and what it has begun where it leads a group of its own.

    Raises:
        ProcessLookupError: It is gone.
    """
    if hasattr(os, "killpg"):
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGTERM)  # on Windows that ends it at once


def shoots() -> bool:
    """Whether films can be shot here: processes can be ended with all that they have begun, and wait for a connection."""
    return hasattr(os, "killpg") and hasattr(os, "fork")


def check_shoots(what: str) -> None:
    """
    Make sure that films can be shot here.

    Args:
        what: What wants it, as the beginning of a sentence: `storyreel shoot`.

    Raises:
        SettingsError: They cannot.
    """
    if not shoots():
        raise SettingsError(
            f"{what} wants Linux, macOS or, on Windows, WSL (the Windows Subsystem for Linux: `wsl --install`), since it works with "
            "processes as Windows does not have them; check, plan, takes, export and page work here"
        )
