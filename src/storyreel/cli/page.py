"""
Write the page of a board: `storyreel page`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import Board, Rehearsals, Variants, Vars, VaultAddress, given_vars, switch
from storyreel.variables.table import OUT


def page(
    board: Board,
    /,
    *,
    variant: Variants = (),
    deliver: Annotated[
        tuple[str, ...],
        switch("--deliver", "Show this film only, one of `deliver`; master: the storyboard's own. May be repeated."),
    ] = (),
    var: Vars = (),
    out: Annotated[Path | None, Parameter(name="--out", help=f"Folder of the films. {OUT.in_help}")] = None,
    vault: VaultAddress = None,
    sandbox: Rehearsals = False,
    open_it: Annotated[bool, switch("--open", "Open it in the browser.")] = False,
) -> int:
    """
    Write a board's page: its films, its scenes with all their takes side by side, what is stale, what waits, what it cost.

    It is a folder, OUT/<slug>/page, that needs no network and can be moved or sent as it is.

    Example: storyreel page storyboards/lighthouse.yaml --open
    """
    # What only says how it is called loads nothing of it.
    from storyreel.cli.closed import say_if_closed
    from storyreel.cli.errors import Screen
    from storyreel.console import say
    from storyreel.production.page import write_pages
    from storyreel.production.prepare import prepare_all

    every = prepare_all(
        board,
        variant=variant,
        deliver=deliver,
        vault=vault,
        out=out,
        root=Path.cwd(),
        given=given_vars(var),
        to_look=True,
    )
    asyncio.run(say_if_closed(every[0].vault))
    for place in asyncio.run(write_pages(every, sandbox=sandbox)):
        say(Screen(), str(place))
        if open_it:
            import webbrowser

            webbrowser.open(place.as_uri())
    return 0
