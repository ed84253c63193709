"""
A system that is none of ours, played on Linux: what Windows does not have is taken away, then `storyreel` is run.

    python tests/elsewhere.py check board.yaml

It proves that nothing which Windows lacks is wanted, and no more: paths, the names of files and how processes are started are
Linux's still.
"""

# What others need of Python is loaded before: this is about storyreel's own code.
import asyncio
import os
import select
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from typing import Any

MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline")
OF_OS = (
    *(
        "O_CLOEXEC",
        "O_NOCTTY",
        "O_NONBLOCK",
        "O_DIRECTORY",
        "O_NOFOLLOW",
        "O_SYNC",
        "O_DSYNC",
        "O_ACCMODE",
        "O_TMPFILE",
    ),
    *("getuid", "geteuid", "getgid", "getegid", "getgroups", "getpgid", "getpgrp", "getsid", "setsid", "setpgid"),
    *("killpg", "fork", "forkpty", "wait", "statvfs", "fstatvfs", "getloadavg", "sysconf", "nice"),
    *(
        "mkfifo",
        "sched_getaffinity",
        "register_at_fork",
        "chown",
        "lchown",
        "fchown",
        "pread",
        "pwrite",
        "posix_fallocate",
    ),
)
SIGNALS = (
    *("SIGHUP", "SIGKILL", "SIGSTOP", "SIGTSTP", "SIGCONT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD"),
    *("SIGPIPE", "SIGWINCH", "SIGTTIN", "SIGTTOU", "pthread_sigmask", "sigwait", "pthread_kill"),
)
OF_LINUX = ("/proc", "/dev/shm", "/sys")


def no_such_place(event: str, args: tuple[Any, ...]) -> None:
    """Have nothing of Linux's own be there."""
    if event in ("open", "os.listdir", "os.scandir", "os.mkdir") and isinstance(args[0], str | bytes | os.PathLike):
        path = os.fsdecode(args[0])
        if path.startswith(OF_LINUX):
            raise FileNotFoundError(2, "No such file or directory", path)


def not_here(*_: object) -> None:
    """Say what the loop of asyncio says on Windows."""
    raise NotImplementedError


def take_away() -> None:
    """Take away what Windows does not have."""
    disk_usage, statvfs = shutil.disk_usage, os.statvfs

    def free(path: str) -> object:
        os.statvfs = statvfs
        try:
            return disk_usage(path)
        finally:
            del os.statvfs

    shutil.disk_usage = free  # type: ignore[assignment]
    # Python's own way to end a process and to read from it is another one there (and so it has WNOHANG here).
    subprocess.Popen.kill = subprocess.Popen.terminate  # type: ignore[method-assign]
    asyncio.SelectorEventLoop.add_signal_handler = not_here  # type: ignore[method-assign]
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for place, names in (
        (os, OF_OS),
        (signal, SIGNALS),
        (select, ("poll",)),
        (time, ("CLOCK_BOOTTIME", "clock_gettime")),
    ):
        for name in names:
            if hasattr(place, name):
                delattr(place, name)
    sys.addaudithook(no_such_place)


LOADED = (selectors, subprocess, tempfile, threading, uuid)

if __name__ == "__main__":
    take_away()
    from storyreel.cli.app import main

    main()
