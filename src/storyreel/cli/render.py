"""
What several commands show alike: amounts, notes, and data as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from storyreel.model.money import TICKS_PER_USD, dollars
from storyreel.model.storyboard import Storyboard


def amount(usd: float) -> str:
    """Return US dollars as a person reads them."""
    return dollars(round(usd * TICKS_PER_USD))


def notes(console: Console, board: Storyboard) -> None:
    """Show what is worth a thought about a storyboard that is right."""
    for note in board.notes:
        console.print(Text(f"note: {note}", style="yellow"))


def print_json(data: Mapping[str, Any] | BaseModel) -> None:
    """Print data as JSON that a person can read, too."""
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    print(json.dumps(plain, indent=2, ensure_ascii=False))
