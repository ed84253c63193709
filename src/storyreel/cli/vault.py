"""
Look after a vault: `storyreel vault check`, and close one that moves: `storyreel vault close`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from storyreel.cli.arguments import switch
from storyreel.cli.closed import say_if_closed
from storyreel.cli.errors import Screen
from storyreel.console import counted, say
from storyreel.errors import SettingsError, VaultError
from storyreel.variables.table import VAULT

if TYPE_CHECKING:
    from storyreel.settings import Settings

ELSEWHERE = re.compile(r"([\w.-]+@)?[\w-][\w.-]+:/[^/\s]\S*")
"""A folder of another machine, as `rsync` and `scp` write it: `machine:/path`."""

FINDINGS = VaultError.exit_code
"""What the command ends with where something is wrong."""
TELL_EVERY_S = 5.0
"""How often it is said how many clips are looked at."""

vault_app = App(name="vault", help="Look after the vault in which takes are kept.")


@vault_app.command
def check(
    *,
    vault: Annotated[
        str | None,
        Parameter(help=f"Where takes are kept. {VAULT.in_help}"),
    ] = None,
    index: Annotated[
        bool,
        switch(
            "--index",
            "Write the index anew, by which plans say what has changed: what leads to each request that was ever claimed.",
        ),
    ] = False,
    marks: Annotated[
        bool,
        switch(
            "--marks",
            "Look at the clips that came before clips were looked at, so that their marks are told; those of a bucket are fetched for "
            "it. It goes on where it was stopped.",
        ),
    ] = False,
) -> int:
    """
    Read all of a vault, and list what cannot be read, contradicts itself, or is missing. Nothing is changed but the index,
    with --index, and what is measured of clips, with --marks.

    Example: storyreel vault check

    Example: storyreel vault check --marks
    """
    from storyreel.settings import read_settings
    from storyreel.vault import open_vault

    settings = read_settings()
    opened = open_vault(vault or settings.vault, cache=settings.cache, to_look=not index)
    console = Screen()
    if index:
        added = asyncio.run(opened.index.complete())
        say(
            console,
            f"{opened.address}: {counted(added, 'mark')} added to the index" if added else "the index was whole",
        )
    if marks and asyncio.run(opened.services.names()):
        # Of a name that is typed wrong no folder is made.
        from storyreel.production.old_clips import look_at_old_clips

        opened = open_vault(vault or settings.vault, cache=settings.cache)
        say(console, f"{opened.address}: {asyncio.run(look_at_old_clips(opened, _now_and_then(console))).words}")
    asyncio.run(say_if_closed(opened))
    findings = asyncio.run(opened.audit.findings())
    for finding in findings:
        say(console, finding)
    if not findings and not asyncio.run(opened.services.names()):
        # After a restore, or with a name typed wrong, that is no good news.
        say(console, f"{opened.address}: it is empty, and nothing was ever bought into it; is that the one?")
        return 0
    say(console, f"{opened.address}: {counted(len(findings), 'finding') if findings else 'all is as it should be'}")
    return FINDINGS if findings else 0


def _now_and_then(console: Screen) -> Callable[[int, int], None]:
    """Return what says how far it is: at the beginning, and then every few seconds."""
    due = 0.0

    def tell(behind: int, of: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + TELL_EVERY_S
            say(console, f"{behind} of {counted(of, 'clip')} looked at")

    return tell


@vault_app.command
def close(
    vault: Annotated[str, Parameter(help="The vault that is left: a folder, or s3://bucket/prefix.")],
    /,
    *,
    moved_to: Annotated[
        str,
        Parameter(
            help="Where it is from now on: a folder, s3://bucket/prefix, or machine:/path for one of another machine."
        ),
    ],
) -> int:
    """
    Close a vault that has moved: every later run at it stops, with exit code 5, and is told where it is now.

    Copy it first, close it, then copy once more what has come meanwhile. It waits until no request is without its answer, then for
    a minute until no run that was under way can have sent one. Ctrl-C before the vault is closed leaves it open; after that, close it
    again to wait on.

    Example: storyreel vault close ~/films/vault --moved-to s3://my-films/vault
    """
    from storyreel.production.closing import close as close_vault
    from storyreel.settings import read_settings, vault_from
    from storyreel.vault import open_vault
    from storyreel.vault.closing import same_place

    settings, console = read_settings(), Screen()
    opened = open_vault(vault_from(Path.cwd(), vault), cache=settings.cache, to_look=True)
    if not asyncio.run(opened.services.names()):
        raise VaultError(f"{opened.address}: nothing was ever bought into it; is that the one? It stays open")
    place, note = _new_place(moved_to, settings)
    if same_place(place, opened.address):
        raise SettingsError(f"--moved-to {moved_to}: that is the vault that is closed; name the new one")
    if note:
        say(console, f"note: {note}")
    closed = asyncio.run(close_vault(opened, place, tell=lambda words: say(console, words)))
    say(
        console,
        f"{opened.closing.words(closed)}. No claim is open: copy once more what has come since the first copy, then set "
        f"STORYREEL_VAULT to {closed.moved_to} wherever runs begin",
    )
    return 0


def _new_place(address: str, settings: Settings) -> tuple[str, str]:
    """
    Return how the new place is called, and what there is to say of it.

    Raises:
        VaultError: It cannot be read, or is closed itself.
    """
    from storyreel.settings import vault_from
    from storyreel.vault import open_vault

    if ELSEWHERE.fullmatch(address) and not address.startswith(("s3:", "file:")):
        return address, f"{address} is on another machine, and was not looked at"
    opened = open_vault(vault_from(Path.cwd(), address), cache=settings.cache, to_look=True)
    asyncio.run(opened.closing.check())
    empty = not asyncio.run(opened.services.names())
    return (
        opened.address,
        f"nothing is at {opened.address} yet: copy all of it before anything runs there" if empty else "",
    )
