"""
Tidy up a vault: say first what may go, and remove it once a person has agreed.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

from rich.console import Console

from storyreel.cli.arguments import VaultAddress, switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.console import agreed, counted, say
from storyreel.settings import read_settings
from storyreel.vault import Litter, Vault, open_vault

WORTH = {
    "derived": "made from clips, and made again when wanted",
    "left over": "left by runs that were ended",
    "unnamed": "clips that belong to no request",
    "collected": "put there by the service, and kept as clips by now",
}


def gc(
    *, vault: VaultAddress = None, yes: Annotated[bool, switch("--yes", "Remove it without asking.")] = False
) -> int:
    """
    Free what can be made again, and what belongs to no request. It says first what; no paid clip is ever removed.

    Films and their older versions are in the folder of films, and stay.

    Example: storyreel gc
    """
    return sweep_vault(vault, yes=yes, console=Screen())


def sweep_vault(address: str | None, *, yes: bool, console: Console) -> int:
    """Show what may go from a vault and remove it, after asking a person unless `yes`; return the exit code."""
    settings = read_settings()
    vault = open_vault(address or settings.vault, cache=settings.cache)
    return asyncio.run(_sweep(vault, yes, console))


async def _sweep(vault: Vault, yes: bool, console: Console) -> int:
    await say_if_closed(vault)
    litter = await vault.gc.litter()
    if not litter:
        say(console, f"Nothing in {vault.address} can be freed (what is younger than an hour is left alone).")
        return 0
    for kind, worth in WORTH.items():
        files = [one for one in litter if one.kind == kind]
        if files:
            say(console, f"  {counted(len(files), 'file'):>12}  {_sized(files):>9}  {worth}")
    say(console, f"Paid clips and all records stay. {_sized(litter)} of {vault.address} can be freed.")
    if not yes:
        if not (sys.stdin.isatty() and console.is_terminal):
            say(console, "Nothing was removed. To remove it: storyreel gc --yes")
            return 0
        if not agreed(console, "Remove it?"):
            say(console, "Nothing was removed.")
            return 0
    freed: list[Litter] = []
    await vault.gc.sweep(litter, on_freed=freed.append)
    say(console, f"{counted(len(freed), 'file')} removed, {_sized(freed)} freed.")
    return 0


def _sized(files: list[Litter] | tuple[Litter, ...]) -> str:
    size = float(sum(one.size for one in files))
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
