"""
Say what a value is, for people.
"""

from __future__ import annotations

import math
import re
from typing import Any

from storyreel.storyboard import fields
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


def called(scene: fields.Scene) -> str:
    """Return what a scene is called in a message. The name that stands in for a missing or wrong id means nothing to anybody."""
    return "this scene" if scene.id.startswith(fields.UNNAMED) else f"scene '{scene.id}'"


def is_number(value: Any) -> bool:
    """Return whether a value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def other_sign(value: Any, wanted: str) -> str:
    """
    Return whether a number was most likely meant to have the other sign, as a question; "" where it was not.

    Args:
        wanted: What the field takes, as in "a number of dB, from -60 to 0".
    """
    bounds = re.search(r"from (-?[\d.]+) to (-?[\d.]+)$", wanted)
    if bounds is None or not is_number(value) or not float(bounds[1]) <= -value <= float(bounds[2]):
        return ""
    return f"did you mean {-value:g}?"
