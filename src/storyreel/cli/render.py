"""
What several commands show alike: amounts, notes, and data as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from storyreel.console import counted
from storyreel.diagnostics.excerpt import excerpt, remedy_margin
from storyreel.errors import StoryboardError
from storyreel.model.money import TICKS_PER_USD, dollars


def amount(usd: float) -> str:
    """Return US dollars as a person reads them."""
    return dollars(round(usd * TICKS_PER_USD))


def notes(console: Console, *remarks: object) -> None:
    """Show what is worth a thought, a line for each."""
    for remark in remarks:
        console.print(Text(f"note: {remark}", style="yellow"))


def problems(error: StoryboardError, width: int) -> Text:
    """
    Return everything that is wrong with a storyboard, as a terminal shows it.

    Args:
        error: What is wrong.
        width: Of the terminal, in columns.
    """
    shown = Text()
    for each in error.problems:
        shown.append(str(each.place), "bold").append(f": {each.message} ").append(f"[{each.code}]\n", "dim")
        if (cut := excerpt(each, width)) is not None:
            shown.append(cut.margin, "blue").append(f"{cut.source}\n")
            shown.append(cut.below, "blue").append(f"{cut.mark}\n", "red")
        if each.remedy:
            shown.append(f"{remedy_margin(each)}= ", "blue").append(f"{each.remedy}\n", "green")
        shown.append("\n")
    return shown.append(f"{counted(len(error.problems), 'problem')}; nothing was sent.")


def print_json(data: Mapping[str, Any] | BaseModel) -> None:
    """Print data as JSON that a person can read, too."""
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    # Where not every character can be written, all that are not plain are escaped: what is left out is no JSON.
    plain_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    print(json.dumps(plain, indent=2, ensure_ascii=plain_only))
