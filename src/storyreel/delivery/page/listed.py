"""
What a cut list says, for a page: it may come from anywhere, so nothing of it is believed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storyreel.files.regular import WORDS_MOST, read_plain

LANGUAGE = re.compile(r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}")
LONGEST, MOST = 300, 10**9
"""Characters of a title, and the largest number, that a page shows."""


def read_cut_list(path: Path | None) -> dict[str, Any]:
    """Return what a cut list says; nothing if there is none, or it cannot be read."""
    if path is None:
        return {}
    try:
        fields = json.loads(read_plain(path, WORDS_MOST))
    except (OSError, ValueError, RecursionError, MemoryError):
        return {}
    return fields if isinstance(fields, dict) else {}


def line_of(value: object) -> str:
    """Return a value as one line of text that can be sent; nothing if it is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join(value[:LONGEST].encode("utf-8", "replace").decode().split())


def number_of(value: object) -> float | None:
    """Return a value as a number that can be shown; None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MOST:
        return None
    return float(value)


def size_of(value: object) -> tuple[int, int] | None:
    """Return a value as width and height; None if it is none."""
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(side, int) and 0 < side <= MOST for side in value)
    ):
        return value[0], value[1]
    return None


def rows_of(value: object) -> Sequence[Mapping[str, Any]]:
    """Return a value as rows, as far as they are some."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def language_of(captions: object) -> str:
    """Return the language of captions, if it could be one: it stands in the page."""
    written = captions.get("language") if isinstance(captions, dict) else None
    return written if isinstance(written, str) and LANGUAGE.fullmatch(written) else ""
