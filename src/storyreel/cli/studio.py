"""
Open a desk, or a way into one: `storyreel studio`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import switch
from storyreel.cli.errors import Screen
from storyreel.variables.table import FILMS_PORT, PORT


def studio(
    *,
    port: Annotated[int | None, Parameter(help=f"Port of Prefect's page on 127.0.0.1. {PORT.in_help}")] = None,
    films_port: Annotated[int | None, Parameter(help=f"Port of the films. {FILMS_PORT.in_help}")] = None,
    folder: Annotated[
        Path | None,
        Parameter(
            help="Where its runs and logs are kept. Default: a project's own, else PREFECT_HOME, else ~/.local/share/storyreel/studio."
        ),
    ] = None,
    yes: Annotated[
        bool,
        switch(
            "--yes",
            "Open a project's first desk without asking, also where your own desk has schedules or runs that wait.",
        ),
    ] = False,
    install: Annotated[
        bool,
        switch(
            "--install",
            "Write a unit of systemd's that keeps this desk open, and say how it is switched on. No key is in it.",
        ),
    ] = False,
    uninstall: Annotated[bool, switch("--uninstall", "Take that unit away.")] = False,
    show: Annotated[
        bool, Parameter(name="--open", negative="", show_default=False, help="Let another browser into an open desk.")
    ] = False,
    env: Annotated[
        bool,
        Parameter(name="--env", negative="", show_default=False, help="Print what lets `prefect` into an open desk."),
    ] = False,
) -> int:
    """
    Open a desk: Prefect's server with its page, a worker, the films, and all deployments. Ctrl-C closes it.

    In a project's folder, which has a storyreel.toml, it is the project's own desk. Nobody else gets in: the page by the address that is printed, once, and then by that browser alone.

    Example: storyreel studio --port 4300
    """
    if show or env:
        from storyreel.cli.entrance import open_page, show_settings

        return show_settings(folder) if env else open_page(folder, Screen())
    if install or uninstall:
        from storyreel.desk import service_unit

        if uninstall:
            return service_unit.uninstall(Screen())
        return service_unit.install(port, films_port, folder, Screen(), yes=yes)
    from storyreel.desk.studio import open_desk

    return open_desk(port, films_port, folder, Screen(), yes=yes)
