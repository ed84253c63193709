"""
Tell keys that have no value, and what belongs there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storyreel.storyboard.files import short
from storyreel.storyboard.findings import Findings
from storyreel.storyboard.grammar import field_at
from storyreel.storyboard.text.nodes import Trail


def judge_nothings(findings: Findings, data: Any, trail: Trail) -> None:
    """Tell keys without a value, and leave them out. Only a scene's `style` may be null: it switches the style off."""
    for key, value in list(items(data)):
        here = (*trail, key)
        if value is not None:
            judge_nothings(findings, value, here)
        elif isinstance(key, str) and not (key == "style" and len(trail) == 2 and trail[0] == "scenes"):
            field = field_at(here, findings.keys_at(trail).__contains__)
            remedy = "give it one" if field is not None and field.is_required() else "give it one, or take the key away"
            if key in {"prompt", "extend", "edit", "description"}:
                remedy = "say what is to be seen"
            if trail == ("variants",):
                remedy = f"write {key}: {{}} for one that has nothing of its own"
            if key in {"background", "color"}:
                remedy = 'a colour that begins with # stands in quotes, since to YAML that is a comment: "#0b1020"'
            findings.tell("no-value", here, f"'{short(key)}' has no value", remedy, key=True)
            findings.spoil(here)
            del data[key]


def items(data: Any) -> Iterable[tuple[str | int, Any]]:
    """Return what a mapping or a list has, each with its key or its number; nothing of what is neither."""
    if isinstance(data, dict):
        return data.items()
    return enumerate(data) if isinstance(data, list) else ()
