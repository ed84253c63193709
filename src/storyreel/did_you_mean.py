"""
"Did you mean": the known word or file that a written one was most likely meant to be.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was most likely meant to be, or None."""
    lower = {one.lower(): one for one in islice(known, 200)}
    matches = difflib.get_close_matches(word.lower()[:100], lower, n=1, cutoff=0.65)
    return lower[matches[0]] if matches else None


def question(likely: str | None) -> str:
    """Return the question whether a word was meant; empty if there is none."""
    return f"did you mean '{likely}'?" if likely else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question that names the known word most likely meant; empty if there is none."""
    return question(nearest(word, known))


def nearest_file(path: Path, prefix: str = "") -> str:
    """Return a remedy that names the file beside `path` that was most likely meant, or nothing."""
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())[:2000]
    except (OSError, ValueError):
        return ""
    likely = nearest(path.name, beside)
    return question(f"{prefix}{likely}" if likely else None)
