"""
The line at fault as a terminal shows it: as much of it as fits, with a mark below what is meant.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from storyreel.diagnostics.diagnostic import Diagnostic

WIDTH = 80
"""Columns, where nothing is known of the terminal."""
NARROWEST = 40
_CUT = "…"


@dataclass(frozen=True)
class Excerpt:
    """
    Two lines and a margin: `margin` before the line's `source`, `below` before the `mark` under what is meant.

    All are text of one row; `mark` stands below the characters that it means, whatever their width.
    """

    margin: str
    source: str
    below: str
    mark: str


def excerpt(diagnostic: Diagnostic, width: int = WIDTH) -> Excerpt | None:
    """
    Return the line at fault, cut on both sides to what fits round the place that is meant; None where there is no line.

    Args:
        diagnostic: What is said.
        width: Of the terminal, in columns.
    """
    if not diagnostic.source:
        return None
    margin = f"{diagnostic.place.line:>4} | "
    room = max(width, NARROWEST) - len(margin) - 1
    # A tab is as wide as a terminal likes; shown as one blank it is as wide as it counts here.
    line, first = diagnostic.source.replace("\t", " "), diagnostic.place.column - 1
    last_line, last = diagnostic.until
    end = min(max(last - 1, first + 1) if last_line == diagnostic.place.line else len(line), max(len(line), first + 1))
    start, stop = _window(line, first, end, room)
    before = (_CUT if start else "") + line[start:first]
    shown = before + line[first:stop] + (_CUT if stop < len(line) else "")
    lead = " " * sum(map(_columns, before))
    mark = "^" * max(1, sum(_columns(c) for c in line[first : min(end, stop)]))
    return Excerpt(margin, shown, remedy_margin(diagnostic) + "| " + lead, mark)


def text(diagnostic: Diagnostic, width: int = WIDTH) -> str:
    """Return a diagnostic as a person reads it: place and message, the line with a mark, the remedy."""
    lines = [f"{diagnostic} [{diagnostic.code}]"]
    if (cut := excerpt(diagnostic, width)) is not None:
        lines += [cut.margin + cut.source, cut.below + cut.mark]
    if diagnostic.remedy:
        lines.append(f"{remedy_margin(diagnostic)}= {diagnostic.remedy}")
    return "\n".join(lines)


def remedy_margin(diagnostic: Diagnostic) -> str:
    """Return what stands before a remedy, so that it begins below the line at fault."""
    return " " * (len(f"{diagnostic.place.line:>4} | ") - 2)


def _window(line: str, first: int, end: int, room: int) -> tuple[int, int]:
    """Return the characters from and to which a line is shown: what is meant, and as much round it as there is room for."""
    if sum(map(_columns, line)) <= room:
        return 0, len(line)
    room -= 2  # for the signs that something was cut off
    start, stop, used = first, first, 0
    # What is meant comes first, then what follows it a little, then what stands before it, then the rest.
    while stop < min(end, len(line)) and used + _columns(line[stop]) <= room:
        used += _columns(line[stop])
        stop += 1
    for share in (room - (room - used) * 2 // 3, room):
        while stop < len(line) and used + _columns(line[stop]) <= share:
            used += _columns(line[stop])
            stop += 1
        while start > 0 and used + _columns(line[start - 1]) <= room:
            start -= 1
            used += _columns(line[start])
    return start, stop


def _columns(character: str) -> int:
    """Return how many columns of a terminal a character takes."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
