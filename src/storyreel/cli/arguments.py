"""
Arguments that several commands have, with the words that explain them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.errors import SettingsError
from storyreel.files.storyboards import storyboards_of
from storyreel.variables.table import VAULT


def switch(name: str, what: str) -> Parameter:
    """Return an option that is there or not, or may be repeated; `what` says what it does in the command that has it."""
    return Parameter(name=name, negative="", show_default=False, help=what)


Board = Annotated[Path, Parameter(help="The storyboard, a YAML file.")]
Boards = Annotated[
    tuple[Path, ...],
    Parameter(
        negative="",
        help="Storyboards, which are YAML files, and folders of them; a folder's own folders are left alone.",
    ),
]
Json = Annotated[bool, switch("--json", "Print data instead of a screen.")]
Only = Annotated[
    tuple[str, ...], switch("--only", "Buy for this scene only, and for what it continues. May be repeated.")
]
Redo = Annotated[
    tuple[str, ...],
    switch(
        "--redo",
        "Make this scene, step or member of the cast again: climb, climb/extend-2, mira. What continues it follows. May be "
        "repeated.",
    ),
]
Deliver = Annotated[
    tuple[str, ...],
    switch(
        "--deliver",
        "Make this film only, one of `deliver`, and buy what it needs; master: the storyboard's own. May be repeated.",
    ),
]
Vars = Annotated[
    tuple[str, ...],
    switch(
        "--var",
        "NAME=TEXT: a text for a variable of the storyboard, as if it stood in its file; lines.end for one within lines. May be "
        "repeated.",
    ),
]
Variants = Annotated[
    tuple[str, ...],
    switch("--variant", "Only this variant of the storyboard; all of them without it. May be repeated."),
]
VaultAddress = Annotated[
    str | None, Parameter(name="--vault", help=f"Where takes are kept: file:/path. {VAULT.in_help}")
]
Rehearse = Annotated[bool, switch("--sandbox", "Rehearse: nothing is generated and nothing is billed.")]
Rehearsals = Annotated[
    bool, switch("--sandbox", "Go by what was rehearsed with the sandbox, and not by what the real API has made.")
]


def given_vars(words: Sequence[str]) -> dict[str, str]:
    """
    Return the texts that are given for variables, by their names.

    Raises:
        SettingsError: One is no NAME=TEXT, or a name is given twice.
    """
    given: dict[str, str] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip():
            raise SettingsError(f"--var {word}: write a name, = and its text, as in --var city=Rome")
        if (before := given.setdefault(name.strip(), text)) != text:
            raise SettingsError(f"--var {name.strip()} is '{before}' and '{text}': give it once")
    return given


def storyboards_named(boards: Sequence[Path]) -> tuple[Path, ...]:
    """
    Return the storyboards that are named, each once, and those of the folders that are.

    Raises:
        SettingsError: A folder has none.
    """
    named: list[Path] = []
    for board in boards:
        own = storyboards_of(board) if board.is_dir() else (board,)
        if not own:
            raise SettingsError(f"there is no storyboard in {board}; its own folders are not looked into")
        named += own
    return tuple(dict.fromkeys(named))
