"""
"Did you mean": the known word or file that a written one was most likely meant to be.
"""

from __future__ import annotations

import difflib
import unicodedata
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
    """
    Return a remedy that names the file beside `path` that was most likely meant, or nothing.

    Where the two names look alike, it names the character by which they differ.
    """
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())[:2000]
    except (OSError, ValueError):
        return ""
    likely = nearest(path.name, beside)
    if likely is None:
        return ""
    strange = next((letter for letter in likely if not letter.isascii() and letter not in path.name), None)
    which = "" if strange is None else f" Its {likely.index(strange) + 1}. character is {called(strange)}"
    return question(f"{prefix}{likely}") + which


def called(character: str) -> str:
    """Return the number and the name of a character, for whoever cannot tell it from another."""
    return f"U+{ord(character):04X}, {unicodedata.name(character, 'a character without a name').lower()}"
