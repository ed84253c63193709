"""
What is known of templates before one is rendered: the names in it, and what may be wrong with it.

Nothing of Jinja is loaded for this: many storyboards have no template, and are read sooner without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storyreel.diagnostics.codes import Code

MAX_SOURCE = 16 * 1024
MAX_RANGE = 500
RESERVED = frozenset(
    {
        "cast",
        "ref",
        "scene",
        "loop",
        "range",
        "true",
        "false",
        "none",
        "self",
        "not",
        "and",
        "or",
        "in",
        "is",
        "if",
        "else",
    }
)
"""Names that templates know already, so that no variable can have them."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a template. `words` is where in its text, `line` counts from 1 in it, `name` is one it does not know."""

    code: Code
    message: str
    remedy: str = ""
    words: str = ""
    line: int = 0
    name: str = ""


class Faulty(Exception):
    """A template that cannot be rendered at all."""

    def __init__(self, code: Code, message: str, remedy: str = "", words: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.fault = Fault(code, message, remedy, words, line)


class Named(Mapping[str, Any]):
    """
    `cast`, `ref`, `scene` or a mapping of variables inside a template: names and what they stand for, and a note of which were used.

    `owner` is what a template writes before the dot: `lines`, or `lines.opening` of names within names.
    """

    def __init__(self, owner: str, values: Mapping[str, Any], used: Callable[[str], object] = len) -> None:
        self.owner = owner
        self._values = values
        self._used = used

    def __getitem__(self, name: str) -> Any:
        self._used(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def named_vars(written: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
    """Return variables as templates know them: what is a mapping has names and nothing else, no methods."""
    known: dict[str, Any] = {}
    for name, value in written.items():
        full = f"{owner}.{name}" if owner else name
        known[name] = Named(full, named_vars(value, full)) if isinstance(value, dict) else value
    return known


class Tags(tuple[str, ...]):
    """The tags of one name's pictures in a request: printed together, or one by its number."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join(self)
