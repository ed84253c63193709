"""
Look after a vault: `storyreel vault check`.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import App, Parameter

from storyreel.cli.arguments import switch
from storyreel.cli.errors import Screen
from storyreel.console import counted, say
from storyreel.errors import VaultError
from storyreel.variables.table import VAULT

FINDINGS = VaultError.exit_code
"""What the command ends with where something is wrong."""

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
) -> int:
    """
    Read all of a vault, and list what cannot be read, contradicts itself, or is missing. Nothing is changed but the index,
    with --index.

    Example: storyreel vault check
    """
    from storyreel.settings import read_settings
    from storyreel.vault import open_vault

    settings = read_settings()
    opened = open_vault(vault or settings.vault, cache=settings.cache, to_look=not index)
    console = Screen()
    if index:
        marks = asyncio.run(opened.index.complete())
        say(
            console,
            f"{opened.address}: {counted(marks, 'mark')} added to the index" if marks else "the index was whole",
        )
    findings = asyncio.run(opened.audit.findings())
    for finding in findings:
        say(console, finding)
    if not findings and not asyncio.run(opened.services.names()):
        # After a restore, or with a name typed wrong, that is no good news.
        say(console, f"{opened.address}: it is empty, and nothing was ever bought into it; is that the one?")
        return 0
    say(console, f"{opened.address}: {counted(len(findings), 'finding') if findings else 'all is as it should be'}")
    return FINDINGS if findings else 0
