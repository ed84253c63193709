"""
Show what runs are doing, from the vault alone: `storyreel watch`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import Json, Variants, Vars, VaultAddress, given_vars, switch


def watch(
    board: Annotated[
        Path | None, Parameter(help="The storyboard whose runs are watched; left out: all of the vault's.")
    ] = None,
    /,
    *,
    variant: Variants = (),
    var: Vars = (),
    vault: VaultAddress = None,
    sandbox: Annotated[bool, switch("--sandbox", "Watch rehearsals alone.")] = False,
    once: Annotated[bool, switch("--once", "Show how it is now, and end.")] = False,
    every: Annotated[float, Parameter(name="--every", help="Seconds between two looks.")] = 2.0,
    as_json: Json = False,
) -> int:
    """
    Show what runs are doing, on whatever machine, until Ctrl-C: claimed, accepted and since when, made, failed, or waiting for you.

    It is seen from the vault alone: no service is asked, and no run is held up. In a pipe each change is a line.

    Example: storyreel watch

    Example: storyreel watch storyboards/lighthouse.yaml --once
    """
    # What only says how it is called loads nothing of it.
    from storyreel.cli.watching import watch_runs

    return watch_runs(board, given_vars(var), variant, vault, sandbox=sandbox, once=once, every=every, as_json=as_json)
