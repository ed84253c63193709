"""
Read a storyboard's text: plain data, and for every value the place where it is written.

What the values mean is not known here. A text that a trap of YAML has broken is read on with the broken value set aside, so
that everything else is judged too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from storyreel.errors import Place, Problem, StoryboardError
from storyreel.storyboard.text import hints
from storyreel.storyboard.text.hints import Trap
from storyreel.storyboard.text.nodes import MAX_DEPTH, MAX_VALUES, Mark, Node, Trail, compose

MAX_BYTES = 256 * 1024
MAX_TRAPS = 20


_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what the YAML reader counts as the end of a line
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MASKED = re.compile(f"{_CONTROL.pattern}|[\r\x85\u2028-\u202e\u2066-\u2069]")
"""What is not printed as it is: it would move the caret, or the rest of the terminal."""


@dataclass(frozen=True)
class Spot:
    """Where a value is written, and its key if it has one."""

    value: Node
    key: Node | None = None


@dataclass(frozen=True)
class Source:
    """
    The text of a storyboard as it was read: its data, and the place of everything in it.

    `faults` are what is wrong with it as YAML. `aside` are the lines on which a trap has broken something, `spoiled`
    the trails of mappings that lack something for that reason.
    """

    file: str
    lines: tuple[str, ...]
    data: dict[str, Any]
    spots: Mapping[Trail, Spot] = field(repr=False)
    faults: tuple[Problem, ...] = ()
    aside: frozenset[int] = frozenset()
    spoiled: frozenset[Trail] = frozenset()

    def place(self, trail: Trail, *, key: bool = False) -> Place:
        """Return where the value at `trail` is written (or its key); for what is not there, where it should be."""
        spot, written = self._spot(trail)
        # What is missing is told at the thing that lacks it: at its key if it has one.
        node = spot.key if spot.key is not None and (key or not written) else spot.value
        return Place(self.file, node.start.line, node.start.column)

    def find(self, trail: Trail, words: str = "", line: int = 0) -> Place:
        """
        Return a place inside the text at `trail`; where the text begins if nothing better is known.

        Args:
            trail: Of the text.
            words: What is looked for in it.
            line: Of the text, counted from 1; used where the words are not seen, in a block with `|`.
        """
        spot, written = self._spot(trail)
        start, end = spot.value.start, spot.value.end
        # `mira` is not what stands in `ref.mira`.
        seen = re.compile(rf"(?<![\w.]){re.escape(words)}(?!\w)" if words[:1].isalnum() else re.escape(words))
        for number in range(start.line, min(end.line, len(self.lines)) + 1) if written and words else ():
            text = self.lines[number - 1]
            first = start.column - 1 if number == start.line else 0
            match = seen.search(text, first, end.column - 1 if number == end.line else len(text))
            if match is not None:
                return Place(self.file, number, match.start() + 1)
        if written and line and spot.value.style == "|" and start.line + line <= len(self.lines):
            text = self.lines[start.line + line - 1]
            return Place(self.file, start.line + line, len(text) - len(text.lstrip()) + 1)
        return self.place(trail)

    def problem(self, at: Place, message: str, remedy: str = "") -> Problem:
        """Return a problem together with the line that it is about."""
        return _problem(self.lines, at, message, remedy)

    def _spot(self, trail: Trail) -> tuple[Spot, bool]:
        known = trail
        while known not in self.spots:
            known = known[:-1]
        return self.spots[known], known == trail


def read_source(text: str, file: str) -> Source:
    """
    Read YAML, and find what is wrong with it as YAML.

    Args:
        text: Of the storyboard.
        file: Its name, as places say it.

    Raises:
        StoryboardError: Nothing of it can be read.
    """
    lines = tuple(_BREAK.split(text))

    def refuse(faults: Iterable[tuple[Mark, str, str]]) -> StoryboardError:
        return StoryboardError([_problem(lines, Place(file, at.line, at.column), *words) for at, *words in faults])

    if len(text) > MAX_BYTES:
        raise refuse(
            [(Mark(1, 1), f"the file is larger than {MAX_BYTES // 1024} KiB", "a storyboard holds words only")]
        )
    controls = [
        (
            Mark(number, control.start() + 1),
            f"there is a control character here, U+{ord(control[0]):04X}",
            "take it out",
        )
        for number, line in enumerate(lines, 1)
        if (control := _CONTROL.search(line))
    ]
    if controls:
        raise refuse(controls[:MAX_TRAPS])
    root, met, readable = _read(list(lines))
    faults = [(trap.at, trap.message, trap.remedy) for trap in met]
    if not readable:
        raise refuse(faults)
    if root is None or root.is_nothing:
        raise refuse([(Mark(1, 1), "the file is empty", "a storyboard has at least `scenes`"), *faults])
    if root.pairs is None:
        remedy = "write `scenes:` and the scenes below it; every line at the top is a key and a value"
        raise refuse([(root.start, "a storyboard is a mapping of keys to values", remedy), *faults])
    aside = frozenset(trap.at.line for trap in met)
    unfolder = _Unfolder(lines)
    data = unfolder.unfold(root)
    if unfolder.overflows:
        raise refuse(unfolder.faults[-1:])
    faults += [fault for fault in unfolder.faults if fault[0].line not in aside]
    return Source(
        file=file,
        lines=lines,
        data=data,
        spots=unfolder.spots,
        faults=tuple(_problem(lines, Place(file, at.line, at.column), *words) for at, *words in faults),
        aside=aside | unfolder.aside,
        spoiled=frozenset(unfolder.spoiled),
    )


def _read(lines: list[str]) -> tuple[Node | None, list[Trap], bool]:
    """Compose the lines, setting aside what traps have broken; also say what these were and whether it worked."""
    met: list[Trap] = []
    while True:
        try:
            return compose("\n".join(lines)), met, True
        except MarkedYAMLError as error:
            trap = hints.explain(error, lines)
        except YAMLError:
            trap = Trap(Mark(1, 1), "YAML cannot read this file", "save it as plain UTF-8 text")
        met.append(trap)
        if trap.instead is None or len(met) >= MAX_TRAPS:
            return None, met, False
        lines = trap.instead


def _problem(lines: Sequence[str], at: Place, message: str, remedy: str = "") -> Problem:
    """Return a problem with the line it is about, fit for a terminal: no control characters, not endless."""
    line = lines[at.line - 1].rstrip() if 1 <= at.line <= len(lines) else ""
    if len(line) > at.column + 100:
        line = line[: at.column + 99] + "…"
    return Problem(at, _masked(message), _masked(remedy), _masked(line) if at.column <= 300 else "")


def _masked(text: str) -> str:
    return _MASKED.sub("\N{REPLACEMENT CHARACTER}", text)


class _Unfolder:
    """Turns nodes into plain data with aliases written out, notes where each value stands, and meets silent traps."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._count = 0
        self.spots: dict[Trail, Spot] = {}
        self.faults: list[tuple[Mark, str, str]] = []
        self.spoiled: set[Trail] = set()
        self.aside: set[int] = set()
        self.overflows = False

    def unfold(self, root: Node) -> dict[str, Any]:
        data = self._value(root, (), None)
        assert isinstance(data, dict)
        return data

    def _value(self, node: Node, trail: Trail, key: Node | None) -> Any:
        self._count += 1
        if self._count > MAX_VALUES or len(trail) > MAX_DEPTH or self.overflows:
            if not self.overflows:
                self.overflows = True
                message = f"aliases unfold to more than {MAX_VALUES} values, or nest too deep"
                self.faults.append((node.start, message, "write it out, or use fewer aliases of aliases"))
            return None
        self.spots[trail] = Spot(node, key)
        if node.items is not None:
            return [self._value(item, (*trail, at), None) for at, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node, node.pairs, trail)
        if isinstance(node.scalar, str):
            self._text(node, trail)
        return node.scalar

    def _mapping(self, node: Node, pairs: list[tuple[Node, Node]], trail: Trail) -> dict[str, Any]:
        data: dict[str, Any] = {}
        first: dict[str, Node] = {}
        before: tuple[Node, Node] | None = None
        for key, value in pairs:
            trap = hints.key(node, key, value, before, self._lines)
            name = key.scalar if isinstance(key.scalar, str) else hints.written(key, self._lines)
            before = key, value
            if trap is not None:
                self._met(trap, trail)
            elif name in first:
                message = f"the key '{name}' stands here a second time; first on line {first[name].start.line}"
                self.faults.append((key.start, message, "keep one of the two"))
            else:
                first[name] = key
                data[name] = self._value(value, (*trail, name), key)
        return data

    def _text(self, node: Node, trail: Trail) -> None:
        control = _CONTROL.search(node.scalar)
        if control:
            message = f"the text has a control character, U+{ord(control[0]):04X}"
            self.faults.append((node.start, message, "take it out; for a line break write \\n, or a block with |"))
        trap = hints.comment(node, trail, self._lines)
        if trap is not None:
            self._met(trap, trail)

    def _met(self, trap: Trap, trail: Trail) -> None:
        self.faults.append((trap.at, trap.message, trap.remedy))
        self.spoiled.add(trail)
        self.aside.add(trap.at.line)
