"""
Arguments that several commands have, with the words that explain them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from storyreel.variables.table import VAULT

Board = Annotated[Path, Parameter(help="The storyboard, a YAML file.")]
Json = Annotated[
    bool, Parameter(name="--json", negative="", show_default=False, help="Print data instead of a screen.")
]
Only = Annotated[
    tuple[str, ...],
    Parameter(
        name="--only",
        negative="",
        show_default=False,
        help="Buy for this scene only, and for what it continues. May be repeated.",
    ),
]
Redo = Annotated[
    tuple[str, ...],
    Parameter(
        name="--redo",
        negative="",
        show_default=False,
        help="Make this scene or step again: climb, climb/extend-2. What continues it follows. May be repeated.",
    ),
]
VaultAddress = Annotated[
    str | None,
    Parameter(
        name="--vault",
        help=f"Where takes are kept: file:/path. {VAULT.in_help}",
    ),
]
Rehearse = Annotated[
    bool,
    Parameter(
        name="--sandbox",
        negative="",
        show_default=False,
        help="Rehearse: nothing is generated and nothing is billed.",
    ),
]

Yes = Annotated[
    bool, Parameter(name="--yes", negative="", show_default=False, help="Do not ask; for scripts and the hurried.")
]
