"""
Show how the storyboards of a folder stand: `storyreel status`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import Json, Rehearsals, VaultAddress
from storyreel.variables.table import OUT


def status(
    folder: Annotated[
        Path, Parameter(help="The folder of the storyboards; what is in its own folders is left alone.")
    ] = Path(),
    /,
    *,
    vault: VaultAddress = None,
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder of the films. {OUT.in_help}")] = None,
    sandbox: Rehearsals = False,
    as_json: Json = False,
) -> int:
    """
    Show how each storyboard of a folder stands: current, stale, failed, waiting or never shot, why, and what a run would buy.

    Nothing is sent, asked or cut. The exit code is 2 where a storyboard cannot be read, which is a line like the others.

    Example: storyreel status storyboards
    """
    # What only says how it is called loads nothing of it.
    import asyncio

    from storyreel.cli.errors import Screen
    from storyreel.cli.render import print_json
    from storyreel.cli.status_screen import read_folder, show
    from storyreel.errors import StoryboardError

    data = asyncio.run(read_folder(folder, vault, out, sandbox))
    if as_json:
        print_json(data)
    else:
        show(Screen(), data)
    return StoryboardError.exit_code if any(board.state == "wrong" for board in data.boards) else 0
