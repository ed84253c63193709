"""
One thing to say of a storyboard, and its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storyreel.diagnostics.codes import Code

Severity = Literal["error", "note"]
"""An error stops everything; a note stops nothing."""


@dataclass(frozen=True, order=True)
class Place:
    """A spot in a storyboard's file. Lines and columns count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        # A file can be called by what moves a terminal's cursor.
        file = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in self.file)
        return f"{file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Diagnostic:
    """
    One thing to say of a storyboard: what kind of thing it is, where, what, and what to do.

    Args:
        code: The kind, under which `storyreel explain` says more.
        place: Its first character.
        message: What is the matter, in one sentence.
        remedy: What to do; empty where nothing has to be done.
        source: The line at fault without its newline; empty where there is none (a missing file).
        end: Line and column behind its last character; None is one character.
        severity: Whether it stops everything.
    """

    code: Code
    place: Place
    message: str
    remedy: str = ""
    source: str = ""
    end: tuple[int, int] | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def sentence(self) -> str:
        """What is the matter and what to do, in one line."""
        return f"{self.message} ({self.remedy})" if self.remedy else self.message

    @property
    def line(self) -> str:
        """Where, what is the matter and what to do, in one line."""
        return f"{self.place}: {self.sentence}"

    @property
    def until(self) -> tuple[int, int]:
        """Line and column behind its last character."""
        return self.end or (self.place.line, self.place.column + 1)
