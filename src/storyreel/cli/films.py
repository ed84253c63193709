"""
Show the films in a browser: `storyreel films`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.errors import Screen
from storyreel.delivery.page.server import listen, serve_films
from storyreel.settings import read_settings
from storyreel.variables.table import OUT


def films(
    *,
    port: Annotated[int, Parameter(help="Port to show them on; 0 takes a free one.")] = 4201,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder of the films. {OUT.in_help}")] = None,
    host: Annotated[
        str, Parameter(help="Address to show them on; another one than this lets others in.")
    ] = "127.0.0.1",
) -> int:
    """
    Show the films in a browser, each with its contact sheet and its cut list.

    Example: storyreel films --out out
    """
    shown = (out or read_settings().out).absolute()
    with listen(host, port) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

        def ready() -> None:
            Screen().print(f"The films in {shown} are at {address} - Ctrl-C stops it.", soft_wrap=True)

        asyncio.run(serve_films(shown, listening, ready))
    return 0
