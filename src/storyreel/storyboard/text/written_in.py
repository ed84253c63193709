"""
Write one word into a storyboard's text and leave all else as it stands: comments, quotes, order, line ends.

The text is not written anew from what was read of it. What is put in is put in at a place, tried at one after the other; each is read
back, and only one that says exactly what was meant and nothing else, in one line that is added or changed, is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from storyreel.errors import StoryboardError
from storyreel.model.request_ids import in_yaml
from storyreel.storyboard.text.nodes import Mark, Node, Trail
from storyreel.storyboard.text.source import LINE_END, Source, read_source

BYTE_ORDER_MARK = "\ufeff"
"""What some editors write before a text."""

_ALIAS = re.compile(r"\s*:\s+(\*[^\s,\[\]{}]+)")
_PLAIN = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""What YAML, or an older reader of it, takes for something else than text."""
_TO_QUOTE = re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True)
class Edit:
    """
    One place of a text, written otherwise.

    Args:
        text: The text afterwards.
        removed: What stood there, empty where nothing did.
        inserted: What stands there now.
        value_at: Where in that the value begins.
        line: The line it is on, from 1.
    """

    text: str
    removed: str
    inserted: str
    value_at: int
    line: int


def write_in(text: str, file: str, trail: Trail, value: str) -> Edit | None:
    """
    Return a text in which a word stands at `trail`: in the place of another, or in a mapping that had none there. Mappings on the way
    that are missing are written with it. None where that cannot be done in one line without a change of what else the text says.

    Args:
        text: Of a storyboard that can be read.
        file: Its name, for messages.
        trail: Where the value is to stand; all but the last names may be missing.
        value: A word of one line.
    """
    written = _Written(text, file)
    for start, end, inserted, value_at in written.places(trail, value):
        after = f"{text[:start]}{inserted}{text[end:]}"
        if _is_one_line(text, after) and written.says_alone(after, trail, value):
            line = len(_lines(text[:start] + inserted[:value_at])) - 1
            return Edit(after, text[start:end], inserted, value_at, line + 1)
    return None


def take_out(text: str, file: str, trail: Trail, edit: Edit) -> str | None:
    """
    Return a text with the one place that an edit has written as it was before; None where that is written otherwise by now.

    Args:
        text: As it is now: what else it says may have changed since.
        edit: Its own text does not matter.
    """
    written = _Written(text, file)
    spot = written.source.spots.get(trail)
    if spot is None:
        return None
    start = written.offset(spot.value.start) - edit.value_at
    end = start + len(edit.inserted)
    if start < 0 or text[start:end] != edit.inserted:
        return None
    before = f"{text[:start]}{edit.removed}{text[end:]}"
    return before if written.says_the_rest(before, trail) else None


def where(text: str, file: str, trail: Trail) -> tuple[int, tuple[str, ...]]:
    """Return the line of the nearest thing that is there on the way to `trail`, and the names that are missing below it."""
    source, known = read_source(text.removeprefix(BYTE_ORDER_MARK), file), trail
    while known not in source.spots:
        known = known[:-1]
    return source.place(known, key=True).line, tuple(str(name) for name in trail[len(known) :])


class _Written:
    """A text with the places of what it says."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        # A mark before the text is no part of it.
        self._first = len(text) - len(text.removeprefix(BYTE_ORDER_MARK))
        self.source = self._read(text)
        self._starts = [self._first]
        for line in _lines(text)[:-1]:
            self._starts.append(self._starts[-1] + len(line) - (self._first if len(self._starts) == 1 else 0))

    def offset(self, mark: Mark) -> int:
        """Return where in the text a mark is."""
        return self._starts[mark.line - 1] + mark.column - 1

    def places(self, trail: Trail, value: str) -> Iterator[tuple[int, int, str, int]]:
        """Yield where something may be put to have a value stand at `trail`: from where to where, what, and where in that the value is."""
        if trail in self.source.spots:
            yield from self._in_place_of(trail, value)
            return
        known = trail[:-1]
        while known not in self.source.spots:
            known = known[:-1]
        node, names = self.source.spots[known].value, trail[len(known) :]
        if node.pairs is None or not all(isinstance(name, str) for name in names):
            return
        quoted = bool(node.pairs) and all(key.style == '"' for key, _ in node.pairs)
        word = json.dumps(value, ensure_ascii=False) if quoted else in_yaml(value)
        shown = [json.dumps(name) if quoted else _name_in_yaml(str(name)) for name in names]
        entry = f"{': {'.join(shown)}: {word}{'}' * (len(names) - 1)}"
        at = len(entry) - len(names) + 1 - len(word)
        yield from self._in_brackets(node, entry, at) if node.flow else self._on_a_line(node, entry, at)

    def says_alone(self, after: str, trail: Trail, value: str) -> bool:
        """Say whether another text says the same as this one, but for a value at `trail`."""
        source = self._reread(after)
        return source is not None and _at(source.data, trail) == value and self._alike(source, trail)

    def says_the_rest(self, before: str, trail: Trail) -> bool:
        """Say whether another text says what this one says beside what is at `trail`."""
        source = self._reread(before)
        return source is not None and self._alike(source, trail)

    def _alike(self, other: Source, trail: Trail) -> bool:
        # What is written differently counts as different: 1 and true are equal to Python.
        return repr(_without(self.source.data, trail)) == repr(_without(other.data, trail))

    def _read(self, text: str) -> Source:
        return read_source(text.removeprefix(BYTE_ORDER_MARK), self.file)

    def _reread(self, text: str) -> Source | None:
        try:
            source = self._read(text)
        except StoryboardError:
            return None
        return source if len(source.faults) <= len(self.source.faults) else None

    def _in_place_of(self, trail: Trail, value: str) -> Iterator[tuple[int, int, str, int]]:
        spot = self.source.spots[trail]
        node, key = spot.value, spot.key
        if key is None:
            return
        behind = self.offset(key.end)
        if alias := _ALIAS.match(self.text, behind):
            yield alias.start(1), alias.end(1), in_yaml(value), 0
        elif node.start.line == node.end.line and (node.start.line, node.start.column) >= (
            key.end.line,
            key.end.column,
        ):
            sign = node.style if node.style in ("'", '"') and _TO_QUOTE.fullmatch(value) else ""
            yield self.offset(node.start), self.offset(node.end), f"{sign}{value}{sign}" if sign else in_yaml(value), 0

    def _in_brackets(self, node: Node, entry: str, at: int) -> Iterator[tuple[int, int, str, int]]:
        pairs = node.pairs or []
        close = self.offset(node.end) - 1
        for key, last in reversed(pairs[-1:]):
            if (last.start.line, last.start.column) >= (key.end.line, key.end.column):
                yield self.offset(last.end), self.offset(last.end), f", {entry}", at + 2
            elif alias := _ALIAS.match(self.text, self.offset(key.end)):
                yield alias.end(1), alias.end(1), f", {entry}", at + 2
        if not pairs:
            yield close, close, entry, at
            return
        first = self.offset(pairs[0][0].start)
        yield first, first, f"{entry}, ", at

    def _on_a_line(self, node: Node, entry: str, at: int) -> Iterator[tuple[int, int, str, int]]:
        pairs = node.pairs or []
        indent = " " * (pairs[0][0].start.column - 1) if pairs else ""
        short = [pair for pair in pairs if _is_short(*pair)]
        behind = [self._last_line(key, value) for key, value in (*reversed(short), *reversed(pairs))]
        before = [key.start.line - 1 for key, _ in reversed(pairs[1:])]
        lines = _lines(self.text)
        unended: list[int] = []
        for line in dict.fromkeys([*behind, *before]):
            end = LINE_END.search(lines[line - 1])
            if end is None:
                unended.append(line)
                continue
            start = self._starts[line - 1] + len(lines[line - 1]) - (self._first if line == 1 else 0)
            yield start, start, f"{indent}{entry}{end[0]}", at + len(indent)
        # Behind a last line without an end it has none either; a line before that is better.
        for _ in unended:
            sign = next((end[0] for each in lines if (end := LINE_END.search(each))), "\n")
            yield len(self.text), len(self.text), f"{sign}{indent}{entry}", at + len(sign) + len(indent)

    def _last_line(self, key: Node, value: Node) -> int:
        """Return the last line of an entry of a mapping that is written without brackets."""
        if (value.start.line, value.start.column) < (key.start.line, key.start.column):
            return key.end.line  # an alias: what it names stands elsewhere
        if value.style in ("|", ">"):
            lines, last = _lines(self.text), value.start.line
            for line in range(value.start.line + 1, len(lines) + 1):
                text = lines[line - 1].rstrip()
                if text and len(text) - len(text.lstrip(" ")) < key.start.column:
                    break
                last = line if text else last
            return last
        if value.pairs is None and value.items is None:
            return max(key.end.line, value.end.line)
        if value.flow:
            return value.end.line
        below = value.pairs if value.pairs is not None else [(each, each) for each in value.items or ()]
        return max([key.end.line, *(self._last_line(*pair) for pair in below)])


def _name_in_yaml(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else json.dumps(name, ensure_ascii=False)


def _is_short(key: Node, value: Node) -> bool:
    is_scalar = value.pairs is None and value.items is None and value.style not in ("|", ">")
    return is_scalar and key.start.line == value.start.line == value.end.line


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each with its end; the last one has none."""
    lines, begin = [], 0
    for end in LINE_END.finditer(text):
        lines.append(text[begin : end.end()])
        begin = end.end()
    return [*lines, text[begin:]]


def _is_one_line(before: str, after: str) -> bool:
    """Say whether a text has one line more than another one, or one that is different, and all others as they were."""
    old, new = (LINE_END.split(text) for text in (before, after))
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    added = len(new) - len(old)
    return added in (0, 1) and old[same + 1 - added :] == new[same + 1 :]


def _at(data: Any, trail: Trail) -> Any:
    try:
        for step in trail:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return None
    return data


def _without(data: Any, trail: Trail) -> Any:
    """Return data without what is at `trail`, and without the mappings on the way that have nothing else."""
    data = deepcopy(data)
    for length in range(len(trail), 0, -1):
        holder = _at(data, trail[: length - 1])
        if isinstance(holder, dict) and trail[length - 1] in holder:
            if length < len(trail) and holder[trail[length - 1]] != {}:
                break
            del holder[trail[length - 1]]
    return data
