"""
Open a desk, or a way into one: `storyreel studio`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.errors import Screen


def studio(
    *,
    port: Annotated[int, Parameter(help="Port of Prefect's page on 127.0.0.1.")] = 4200,
    films_port: Annotated[int | None, Parameter(help="Port of the films. Default: the next one.")] = None,
    folder: Annotated[
        Path | None,
        Parameter(
            help="Where its runs and logs are kept. Default: PREFECT_HOME, else ~/.local/share/storyreel/studio."
        ),
    ] = None,
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

    Nobody else gets in: the page by the address that is printed, once, and then by that browser alone.

    Example: storyreel studio --port 4300
    """
    if show or env:
        from storyreel.cli.entrance import open_page, show_settings

        return show_settings(folder) if env else open_page(folder, Screen())
    from storyreel.desk.studio import open_desk

    return open_desk(port, films_port, folder, Screen())
