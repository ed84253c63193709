"""
Arguments that several commands have, with the words that explain them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.variables.table import VAULT


def switch(name: str, what: str) -> Parameter:
    """Return an option that is there or not, or may be repeated; `what` says what it does in the command that has it."""
    return Parameter(name=name, negative="", show_default=False, help=what)


Board = Annotated[Path, Parameter(help="The storyboard, a YAML file.")]
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
VaultAddress = Annotated[
    str | None, Parameter(name="--vault", help=f"Where takes are kept: file:/path. {VAULT.in_help}")
]
Rehearse = Annotated[bool, switch("--sandbox", "Rehearse: nothing is generated and nothing is billed.")]
Rehearsals = Annotated[
    bool, switch("--sandbox", "Go by what was rehearsed with the sandbox, and not by what the real API has made.")
]
