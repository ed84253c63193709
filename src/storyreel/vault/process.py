"""
Which process this is, and whether another one is known to be gone.

A process is known by host, boot, pid space and pid, and by when it started, since pids are used again. Where the
system does not tell (no /proc), nothing is known, and nobody is called dead.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


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
    stat = _stat(pid)
    return Process(host, boot_id, pid_space, pid, stat[1] if stat else 0)


def known_dead(process: Process) -> bool:
    """
    Say whether a process is surely gone.

    False for a process of another host, boot or container, and wherever the system does not tell.
    """
    host, boot_id, pid_space = _place()
    if not (boot_id and pid_space and process.started):
        return False
    if (process.host, process.boot_id, process.pid_space) != (host, boot_id, pid_space):
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    stat = _stat(process.pid)
    # A zombie has ended; only nobody has asked how. Without a stat (another user's, hidden) it may well be alive.
    return stat is not None and (stat[0] in "ZXx" or stat[1] != process.started)


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
