"""
Give editors the language's schema: `storyreel schema`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.cli.arguments import switch


def schema(
    folder: Annotated[Path, Parameter(help="The folder of the storyboards, for --install.")] = Path(),
    /,
    *,
    install: Annotated[bool, switch("--install", "Write it beside the storyboards of a folder.")] = False,
    vscode: Annotated[
        bool,
        switch("--vscode", "With it, add it to the settings that VS Code has for that folder; all else in them stays."),
    ] = False,
    neovim: Annotated[bool, switch("--neovim", "With it, print what goes into Neovim's configuration.")] = False,
) -> int:
    """
    Print the JSON schema of storyboards, for editors: what they complete, explain and underline. `--install` writes it beside yours.

    Example: storyreel schema

    Example: storyreel schema storyboards --install
    """
    # What only says how it is called loads nothing of it.
    from storyreel.catalog import load_catalog
    from storyreel.cli.errors import Screen
    from storyreel.console import say
    from storyreel.settings import read_settings
    from storyreel.start.editors import MODELINE, VSCODE, add_to_vscode, for_neovim, install_schema, schema_text

    screen, catalog = Screen(), load_catalog(read_settings().catalog)
    if not (install or vscode or neovim):
        print(schema_text(catalog), end="")
        return 0
    place = install_schema(folder, catalog)
    say(
        screen,
        f"{place}: a storyboard beside it is helped with by editors that know YAML's language server; its first line:",
    )
    say(screen, f"  {MODELINE}")
    if vscode:
        by_hand = add_to_vscode(folder)
        where = folder / VSCODE
        if by_hand is None:
            say(screen, f"{where}: VS Code uses it for the storyboards of that folder (extension redhat.vscode-yaml)")
        else:
            why, lines = by_hand
            say(screen, f"{where} {why}; add to it:")
            say(screen, lines)
    if neovim:
        say(screen, "for Neovim's configuration:")
        say(screen, for_neovim(folder))
    return 0
