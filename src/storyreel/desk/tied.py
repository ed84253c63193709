"""
Run a module as its own command, tied to whoever started it: `python -m storyreel.desk.tied MODULE ARGS`.

Standard input is a pipe of which the starter holds the other end and never writes. When the starter is gone, however it
went, the pipe ends; then this process is told to stop, and a little later it is stopped.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

PATIENCE_S = 35.0
"""How long a process whose starter is gone may take to end: longer than an answer that is on its way is waited for."""


def tie() -> None:
    """Have this process end when its standard input does."""
    line = os.dup(0)
    # Whoever reads standard input later, or hands it on to children of its own, is not to hold this one.
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_watch, args=(line,), daemon=True, name="tether").start()


def _watch(line: int) -> None:
    while os.read(line, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    tie()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
