"""
Variables: words that templates use by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, StrictBool, StrictInt, StrictStr, Tag
from typing_extensions import TypeAliasType

from storyreel.storyboard.fields.words import Name, Number


def _which_var(value: Any) -> str:
    return "<names>" if isinstance(value, dict) else "<leaves>" if isinstance(value, list) else "<leaf>"


Var = StrictStr | StrictInt | Number | StrictBool
if TYPE_CHECKING:
    Vars = dict[str, Any]
else:
    Vars = TypeAliasType(
        "Vars",
        dict[
            Name,
            Annotated[
                Annotated[Var, Tag("<leaf>")]
                | Annotated[list[Var], Tag("<leaves>")]
                | Annotated["Vars", Tag("<names>")],
                Discriminator(_which_var),
            ],
        ],
    )
"""Names with their values: texts and numbers, lists of these, or names again."""
