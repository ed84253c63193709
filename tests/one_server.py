"""
Which tests are run by one and the same process: those that share a Prefect server, which costs as much as a dozen films.

Each process of pytest-xdist has the fixtures of a session for itself, so that four of them would begin four servers, and
four of what starts commands with Prefect. Two are enough: one for flows that run within the process of a test, one for
commands that run in processes of their own.
"""

import functools
from pathlib import Path

SHARED, APART = "pytest.mark.prefect", "pytest.mark.journey"
"""What a file says whose tests use the server, and whose tests run whole commands."""


@functools.cache
def together(file: Path) -> str:
    """Return what the files have in common that one process has to run; a file without a server stands for itself."""
    text = file.read_text(encoding="utf-8")
    if SHARED not in text:
        return str(file)
    return "commands at a server" if APART in text else "flows at a server"
