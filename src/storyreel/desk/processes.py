"""
Processes that a desk starts and stops: each writes to a file of its own, and none outlives the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_LIMIT = 10_000_000
"""Bytes after which a log is put aside when its process starts; the one put aside before is dropped."""


@dataclass(frozen=True)
class Process:
    """A process of the desk's, what it is called, and where it writes."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self.process.returncode is not None

    def last_words(self, lines: int = 12) -> str:
        """Return the end of what it wrote."""
        with contextlib.suppress(OSError):
            text = self.log.read_text(encoding="utf-8", errors="replace")
            return "\n".join(text.splitlines()[-lines:])
        return ""

    def tell(self, signum: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if not self.gone:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signum)

    async def end(self, patience_s: float) -> None:
        """Ask it to stop; when it has not after so many seconds, stop it."""
        self.tell(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), patience_s)
        except TimeoutError:
            self.tell(signal.SIGKILL)
            await self.process.wait()


def tied(*words: str) -> list[str]:
    """Return the command that runs a Python module as a process which ends when its standard input does."""
    return [sys.executable, "-P", "-m", "storyreel.desk.tied", *words]


async def start(
    name: str,
    *words: str,
    env: Mapping[str, str],
    folder: Path,
    logs: Path,
    handed: Sequence[int] = (),
    umask: int = 0o077,
) -> Process:
    """
    Start a Python module as a process of its own that ends with this one.

    Args:
        name: What it is called; its log is `<name>.log`.
        words: The module and its arguments.
        env: Its whole environment.
        folder: Where it works.
        logs: Where its log is.
        handed: Open files that it is handed.
        umask: What others may not do with the files that it makes.
    """
    log = logs / f"{name}.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *tied(*words),
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(env),
            cwd=folder,
            pass_fds=handed,
            umask=umask,
            # A Ctrl-C at the terminal is the desk's: it stops the others one after the other.
            start_new_session=True,
        )
    return Process(name, process, log)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run; none where the system does not tell (no /proc)."""
    children = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            text = entry.read_text()
            # The second field is the program's name, in brackets, and may hold spaces and brackets itself.
            state, parent = text[text.rindex(")") + 2 :].split()[:2]
            if int(parent) == pid and state not in "ZX":
                children.append(int(entry.parent.name))
    return children


def alive(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
