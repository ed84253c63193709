"""
Show the films in a browser: `storyreel films`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import VaultAddress
from storyreel.cli.errors import Screen
from storyreel.delivery.page.server import listen, serve_films
from storyreel.errors import SettingsError
from storyreel.settings import read_settings, vault_from
from storyreel.variables.table import OUT


def films(
    folder: Annotated[
        Path, Parameter(help="The folder of the storyboards whose pages are shown; its own folders are left alone.")
    ] = Path(),
    /,
    *,
    vault: VaultAddress = None,
    port: Annotated[int, Parameter(help="Port to show them on; 0 takes a free one.")] = 4201,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder of the films. {OUT.in_help}")] = None,
    host: Annotated[
        str, Parameter(help="Address to show them on; another one than this lets others in.")
    ] = "127.0.0.1",
) -> int:
    """
    Show the films in a browser: an index, and the page of each storyboard of a folder, as it is now. Nothing can be written there.

    Example: storyreel films storyboards --out out
    """
    from storyreel.catalog import load_catalog
    from storyreel.cli.closed import say_if_closed
    from storyreel.production.board_pages import BoardPages, Folders
    from storyreel.vault import open_vault

    if not folder.is_dir():
        raise SettingsError(f"there is no folder {folder}; name the one that has the storyboards, such as storyboards")
    # As a shoot of one of them does.
    settings, here = read_settings(folder=Path.cwd() / folder), Path.cwd()
    shown = here / (out or settings.out)
    folders = Folders(here, (here / folder,), shown, vault_from(here, vault or settings.vault))
    asyncio.run(say_if_closed(open_vault(folders.vault, cache=settings.cache, to_look=True)))
    boards = BoardPages(folders, settings, load_catalog(settings.catalog))
    with listen(host, port) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

        def ready() -> None:
            Screen().print(f"The films in {shown} are at {address} - Ctrl-C stops it.", soft_wrap=True)

        asyncio.run(serve_films(shown, listening, ready, boards=boards))
    return 0
