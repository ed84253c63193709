"""
Say what a value is, for people.
"""

from __future__ import annotations

import math
from typing import Any

from storyreel.storyboard.files import short


def described(value: Any) -> str:
    """Return what a value is, for people: `12`, `'noon'`, `a list`."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return (
                (f"{value:.1f}" if value.is_integer() else f"{value:g}") if math.isfinite(value) else "no finite number"
            )
        case str():
            blank = " with a blank round it" if value != value.strip() else ""
            return f"'{short(value)}'{blank}" if value.strip() else "empty"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "nothing"


def is_number(value: Any) -> bool:
    """Return whether a value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
