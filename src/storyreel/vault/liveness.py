"""
Which process this is, and whether another one is known to be gone.

A process is known by host, boot, pid space and pid, and by when it started, since pids are used again. Machines that were
cloned share all of that, so a process also leaves a mark in the memory of the machine that it runs on, and only who has left
one here can be missed here. Where the system does not tell (no /proc, no such memory), nothing is known, and nobody is
called dead.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storyreel.systems import user

PROC = Path("/proc")
MEMORY = (Path("/dev/shm"),)  # noqa: S108 - what is not ours there is not believed
"""Folders that are no other machine's: they are gone when it is switched off, and no network shows them elsewhere."""
MARKS_LAST_S = 24 * 3600.0
"""How long a mark stays: a claim without an answer is unknown after five minutes anyway."""


@dataclass(frozen=True)
class Process:
    """A process on some host. `boot_id`, `pid_space` and `started` are empty (0) where the system does not tell."""

    host: str
    boot_id: str
    pid_space: str
    pid: int
    started: int


def this_process() -> Process:
    """Return who we are. Asked anew each time: a fork is another process."""
    host, boot_id, pid_space = _place()
    pid = os.getpid()
    status = _stat(pid)
    us = Process(host, boot_id, pid_space, pid, status[1] if status else 0)
    leave_mark(us)
    return us


def known_dead(process: Process) -> bool:
    """
    Say whether a process is surely gone.

    False for a process of another host, boot or container, for one that has left no mark on this machine, and wherever the
    system does not tell.
    """
    host, boot_id, pid_space = _place()
    if not (boot_id and pid_space and process.started):
        return False
    if (process.host, process.boot_id, process.pid_space) != (host, boot_id, pid_space):
        return False
    if not _was_here(process):
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    status = _stat(process.pid)
    # A zombie has ended; only nobody has asked how. Without a stat (another user's, hidden) it may well be alive.
    return status is not None and (status[0] in "ZXx" or status[1] != process.started)


def leave_mark(process: Process) -> None:
    """Leave a mark of a process on this machine; without one it is never called dead, so nothing hangs on it."""
    folder = _marks()
    if folder is None or not process.started:
        return
    with suppress(OSError):
        mark = folder / _mark(process)
        if not mark.exists():
            for old in folder.iterdir():
                if time.time() - old.lstat().st_mtime > MARKS_LAST_S:
                    old.unlink(missing_ok=True)
        mark.touch(mode=0o600)


def _was_here(process: Process) -> bool:
    folder = _marks()
    return folder is not None and (folder / _mark(process)).exists()


def _mark(process: Process) -> str:
    return f"{re.sub('[^0-9]', '', process.pid_space)}-{process.pid}-{process.started}"


def _marks() -> Path | None:
    """Return the folder of marks, ours alone; None if this machine has no place for one."""
    for memory in MEMORY:
        folder = memory / f"storyreel-{user()}"
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            status = folder.lstat()
            # Others may write there too: a folder of theirs, or a link, is none.
            if stat.S_ISDIR(status.st_mode) and status.st_uid == user():
                return folder
    return None


@cache
def _place() -> tuple[str, str, str]:
    try:
        boot_id = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        # Containers share the host's boot and may share its name, and count their pids apart.
        pid_space = str((PROC / "self/ns/pid").readlink())
    except OSError:
        boot_id = pid_space = ""
    return socket.gethostname(), boot_id, pid_space


def _stat(pid: int) -> tuple[str, int] | None:
    """Return the state of a process and when it started, in clock ticks since boot (proc(5), fields 3 and 22)."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
        # The second field is the program's name, in brackets, and may hold spaces and brackets itself.
        fields = text[text.rindex(")") + 2 :].split()
        return fields[0], int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
