"""
Work for a Prefect server of one's own: `storyreel worker`, which runs our flows and takes up what died.

A desk has its own worker; this is for servers that a person has named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.errors import Screen
from storyreel.console import say
from storyreel.errors import SettingsError

PROCESSES = {"worker": "storyreel.desk.worker", "sweep": "storyreel.desk.recovery"}
"""The module that each of the commands becomes."""


def worker(
    *,
    limit: Annotated[int | None, Parameter(help="How many films at once; one takes 200 to 300 MB of memory.")] = None,
    name: Annotated[str | None, Parameter(help="What it is called on Prefect's page. Default: this machine.")] = None,
    with_healthcheck: Annotated[
        bool, Parameter(negative="", show_default=False, help="Answer at 127.0.0.1:8080/health while it works.")
    ] = False,
) -> int:
    """
    Work for a Prefect server of your own: run what is deployed there, and take up what died. A desk has its own worker.

    It takes command, environment and folder of a run from nobody. Relative paths of storyboards start where it is started.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api storyreel worker --limit 4
    """
    if limit is not None and limit < 1:
        raise SettingsError(f"--limit {limit}: a worker runs one film at once at least")
    words = [*(["--limit", str(limit)] if limit else []), *(["--name", name] if name else [])]
    return work("worker", [*words, *(["--with-healthcheck"] if with_healthcheck else [])])


def work(command: str, words: Sequence[str]) -> int:
    """Become the process of a command, which works for the server that the person has named; it does not come back."""
    from storyreel.desk.discovery import data_home, desk_here
    from storyreel.desk.home import leave_the_folder
    from storyreel.desk.named_server import named_server, not_taken_from
    from storyreel.settings import read_settings

    settings = read_settings()
    server, root = named_server(os.environ), settings.root
    note = not_taken_from(root, server, command, os.environ)
    if server is None:
        raise SettingsError(
            "there is no Prefect server to work for: set PREFECT_API_URL; a desk, which has its own worker, is opened with: "
            "storyreel studio" + (f". {note}" if note else "")
        )
    if note:
        say(Screen(stderr=True), f"note: {note}")
    desk = desk_here(settings.project)
    if desk is not None and desk.api == server.rstrip("/"):
        raise SettingsError(
            f"{server} is the desk that is open here: it has a worker already, which also takes up what died"
        )
    leave_the_folder(root, data_home())
    sys.stdout.flush()
    # A process of its own, so that Python too is told to look for nothing in the current folder.
    os.execv(sys.executable, [sys.executable, "-P", "-m", PROCESSES[command], *words])  # noqa: S606
