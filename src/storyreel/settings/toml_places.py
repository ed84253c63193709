"""
A TOML file as a list of what it says, each with its line and column, so that whoever wrote it is shown where.

Python's own reader has no places. It is asked for one statement after the other: what it cannot read by itself goes on in the next line,
and where a statement ends is so never guessed. What is not one is told with the place that the reader names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyreel.errors import SettingsError
from storyreel.files.regular import read_plain, reason_of

MOST_BYTES = 32_000
"""Of a file of settings: one with twenty projects has a tenth of it."""
MOST_LINES = 600
MOST_LINES_OF_ONE = 40
"""Of one value: it is read anew with each line that it goes on in, and no setting needs a second one."""
MOST_NAMES = 20
"""That may lead to a value: three do."""
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True)
class Entry:
    """One value of a TOML file: the names that lead to it, and where it is, both counted from 1."""

    names: tuple[str, ...]
    value: object
    line: int
    column: int


def read_entries(path: Path) -> tuple[Entry, ...]:
    """
    Return what a TOML file says, in its order.

    Raises:
        SettingsError: It cannot be read, is too large, or is no TOML; with the place, where there is one.
    """
    try:
        text = read_plain(path, MOST_BYTES).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is no text in UTF-8; write it anew, or take it away") from None
    except OSError as error:
        raise SettingsError(f"{path} {reason_of(error)}; write it anew, or take it away") from None
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise SettingsError(
            f"{path} has {len(lines)} lines, and {MOST_LINES} are the most that a file of settings may have"
        )
    try:
        tomllib.loads(text)
    except RecursionError:
        raise SettingsError(f"{path} has values within values, too deep to be read; no setting is made so") from None
    except ValueError as error:
        # What the reader shows of the file is in its words, and may be anything: only the place and the kind are repeated.
        at = _AT.search(str(error))
        line, column = (at[1], at[2]) if at is not None and at[1] else (str(len(lines)), "1")
        what = _AT.sub("", str(error)).partition(":")[0].strip() or "it cannot be read"
        raise SettingsError(
            f"{path}:{line}:{column}: this is no TOML: {_plain(what)}; a line is a name, = and a value, as in budget = 12.5"
        ) from None
    return tuple(_entries(path, lines))


def _entries(path: Path, lines: list[str]) -> Iterator[Entry]:
    table: tuple[str, ...] = ()
    at = 0
    while at < len(lines):
        first = lines[at]
        if not first.strip() or first.lstrip().startswith("#"):
            at += 1
            continue
        statement, end = _statement(path, lines, at)
        values = list(_leaves(statement, f"{path}:{at + 1}:1"))
        if first.lstrip().startswith("["):
            ((table, value),) = values
            yield Entry(table, value, at + 1, _column(first, table[-1]))
        else:
            for names, value in values:
                yield Entry((*table, *names), value, at + 1, _column(first, names[-1]))
        at = end


def _statement(path: Path, lines: list[str], at: int) -> tuple[dict[str, Any], int]:
    """Return the statement that begins in a line, and the line after it."""
    for end in range(at + 1, min(at + MOST_LINES_OF_ONE, len(lines)) + 1):
        try:
            return tomllib.loads("\n".join(lines[at:end])), end
        except ValueError:
            continue
    raise SettingsError(
        f"{path}:{at + 1}:1: this goes on for more than {MOST_LINES_OF_ONE} lines; a setting is one line, as in budget = 12.5"
    )


def _leaves(table: dict[str, Any], place: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield the values in tables within tables, in their order, with the names that lead there; an empty table is a value."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), table)]
    while waiting:
        names, value = waiting.pop()
        if len(names) > MOST_NAMES:
            raise SettingsError(f"{place}: this is a name within names, too deep to be read; no setting is called so")
        if isinstance(value, dict) and (value or not names):
            waiting += [((*names, name), inner) for name, inner in reversed(value.items())]
        else:
            yield names, value


def _column(line: str, name: str) -> int:
    """Return where a name stands in a line; where it is spelt in another way, where the line's text begins."""
    written = re.search(rf"(?<![\w-])[\"']?{re.escape(name)}", line)
    return (written.start() if written is not None else len(line) - len(line.lstrip())) + 1


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:80]
