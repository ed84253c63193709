"""
Read a storyboard's text: plain data, and for every value the place where it is written.

What the values mean is not known here. A text that a trap of YAML has broken is read on with the broken value set aside, so
that everything else is judged too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storyreel.api_key import starred
from storyreel.diagnostics.codes import Code
from storyreel.diagnostics.diagnostic import Diagnostic, Place, Severity
from storyreel.errors import StoryboardError
from storyreel.storyboard.text import hints, silent
from storyreel.storyboard.text.hints import Trap
from storyreel.storyboard.text.nodes import MAX_DEPTH, MAX_VALUES, Mark, Node, Trail, compose

MAX_BYTES = 8 * 1024 * 1024
MAX_TRAPS = 20
MAX_COLUMN = 2000
"""As far as a line is shown: no person writes on behind it."""


LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the YAML reader counts as the end of a line."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MADE_BY = dict(zip("\0\a\b\v\f\x1b", "0abvfe", strict=True))
"""What a backslash and a letter make of themselves inside double quotes, and nobody means."""
_MASKED = re.compile(f"{_CONTROL.pattern}|[\r\x85\u2028-\u202e\u2066-\u2069]")
"""What is not printed as it is: it would move the caret, or the rest of the terminal."""


@dataclass(frozen=True)
class Spot:
    """Where a value is written, and its key if it has one."""

    value: Node
    key: Node | None = None


@dataclass(frozen=True)
class Span:
    """A part of the text: its first character, and the one behind its last."""

    start: Mark
    end: Mark


@dataclass(frozen=True)
class Source:
    """
    The text of a storyboard as it was read: its data, and the place of everything in it.

    `faults` are what is wrong with it as YAML, `remarks` what stops nothing. `aside` are the lines on which a trap has broken something, `spoiled`
    the trails of mappings that lack something for that reason. `grafts` are the parts of `data` that stand in another text, at the same trail.
    """

    file: str
    lines: tuple[str, ...]
    data: dict[str, Any]
    spots: Mapping[Trail, Spot] = field(repr=False)
    faults: tuple[Diagnostic, ...] = ()
    remarks: tuple[Diagnostic, ...] = ()
    aside: frozenset[int] = frozenset()
    spoiled: frozenset[Trail] = frozenset()
    grafts: Mapping[Trail, Source] = field(default_factory=dict, repr=False)

    def of(self, trail: Trail) -> Source:
        """Return the text in which what is at `trail` is written: this one, or another one that is laid under or over it."""
        for length in range(len(trail), 0, -1) if self.grafts else ():
            if (other := self.grafts.get(trail[:length])) is not None:
                return other
        return self

    def at(self, trail: Trail) -> Any:
        """Return what is written at `trail`; KeyError, IndexError where nothing is."""
        value: Any = self.data
        for step in trail:
            value = value[step]
        return value

    def written(self, trail: Trail) -> str:
        """Return the text at `trail`; of what is none, of a number, as it stands in the file: 1.10 and not 1.1."""
        value = self._spot(trail)[0].value
        return value.scalar if isinstance(value.scalar, str) else silent.written(value, self.lines)

    def place(self, trail: Trail, *, key: bool = False) -> Place:
        """Return where the value at `trail` is written (or its key); for what is not there, where it should be."""
        start = self.span(trail, key=key).start
        return Place(self.file, start.line, start.column)

    def span(self, trail: Trail, *, key: bool = False) -> Span:
        """Return from where to where the value at `trail` is written (or its key); see `place`."""
        spot, written = self._spot(trail)
        # What is missing is told at the thing that lacks it: at its key if it has one.
        node = spot.key if spot.key is not None and (key or not written) else spot.value
        return Span(node.start, self._first_line(node))

    def find(self, trail: Trail, words: str = "", line: int = 0) -> Span:
        """
        Return a part of the text at `trail`; where the text begins if nothing better is known.

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
            matches = list(seen.finditer(text, first, end.column - 1 if number == end.line else len(text)))
            # The same word may stand outside the braces as well, and is none there.
            inside = (one for one in matches if text.rfind("{", 0, one.start()) > text.rfind("}", 0, one.start()))
            if (match := next(inside, matches[0] if matches else None)) is not None:
                return Span(Mark(number, match.start() + 1), Mark(number, match.end() + 1))
        if written and line and spot.value.style == "|" and start.line + line <= len(self.lines):
            text = self.lines[start.line + line - 1]
            at = Mark(start.line + line, len(text) - len(text.lstrip()) + 1)
            return Span(at, _rest(self.lines, at))
        return self.span(trail)

    def diagnostic(
        self, code: Code, at: Span, message: str, remedy: str = "", *, severity: Severity = "error"
    ) -> Diagnostic:
        """Return what there is to say of a part of the text, together with its line."""
        return _diagnostic(self.file, self.lines, code, at, message, remedy, severity)

    def _first_line(self, node: Node) -> Mark:
        """Return the end of a value, or of its first line if it has several: no more of it is shown."""
        return node.end if node.end.line == node.start.line else _rest(self.lines, node.start)

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
    lines = tuple(LINE_END.split(text))

    def refuse(traps: Iterable[Trap]) -> StoryboardError:
        return StoryboardError([_trapped(file, lines, trap) for trap in traps])

    if len(text) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024**2} MiB"
        raise refuse([Trap(Mark(1, 1), "unreadable-file", message, "a storyboard holds words only")])
    controls = [
        Trap(
            Mark(number, control.start() + 1),
            "control-character",
            f"there is a control character here, U+{ord(control[0]):04X}",
            "take it out",
        )
        for number, line in enumerate(lines, 1)
        if (control := _CONTROL.search(line))
    ]
    if controls:
        raise refuse(controls[:MAX_TRAPS])
    root, met, readable = _read(list(lines))
    if not readable:
        raise refuse(met)
    if root is None or root.is_nothing:
        raise refuse(
            [Trap(Mark(1, 1), "not-a-storyboard", "the file is empty", "a storyboard has at least `scenes`"), *met]
        )
    if root.pairs is None:
        remedy = "write `scenes:` and the scenes below it; every line at the top is a key and a value"
        message = "a storyboard is a mapping of keys to values"
        raise refuse([Trap(root.start, "not-a-storyboard", message, remedy), *met])
    aside = frozenset(trap.at.line for trap in met)
    unfolder = _Unfolder(lines)
    data = unfolder.unfold(root)
    if unfolder.overflows:
        raise refuse(unfolder.traps[-1:])
    if unseen := [trap for trap in unfolder.traps if trap.code in {"invisible-character", "yaml-sign"}]:
        raise refuse(unseen)  # what belongs to what is not as it looks
    traps = [*met, *(trap for trap in unfolder.traps if trap.at.line not in aside)]
    return Source(
        file=file,
        lines=lines,
        data=data,
        spots=unfolder.spots,
        faults=tuple(_trapped(file, lines, trap) for trap in traps),
        remarks=tuple(replace(_trapped(file, lines, trap), severity="note") for trap in unfolder.remarks),
        aside=aside | unfolder.aside,
        spoiled=frozenset(unfolder.spoiled),
    )


def _read(lines: list[str]) -> tuple[Node | None, list[Trap], bool]:
    """Compose the lines, setting aside what traps have broken; also say what these were and whether it worked."""
    met: list[Trap] = []
    while True:
        try:
            return compose("\n".join(lines)), met, True
        except Exception as error:
            # What was read to its end may never have needed it.
            from ruamel.yaml.error import MarkedYAMLError, YAMLError

            if not isinstance(error, YAMLError):
                raise
            if isinstance(error, MarkedYAMLError):
                trap = hints.explain(error, lines)
            else:
                trap = Trap(Mark(1, 1), "yaml-syntax", "YAML cannot read this file", "save it as plain UTF-8 text")
        met.append(trap)
        if trap.instead is None or trap.instead == lines or len(met) >= MAX_TRAPS:
            return None, met, False
        lines = trap.instead


def _trapped(file: str, lines: Sequence[str], trap: Trap) -> Diagnostic:
    return _diagnostic(file, lines, trap.code, Span(trap.at, _rest(lines, trap.at)), trap.message, trap.remedy)


def _rest(lines: Sequence[str], at: Mark) -> Mark:
    """Return the end of what is written on a line from here on."""
    text = lines[at.line - 1].rstrip() if at.line <= len(lines) else ""
    return Mark(at.line, max(len(text), at.column) + 1)


def _diagnostic(
    file: str, lines: Sequence[str], code: Code, at: Span, message: str, remedy: str, severity: Severity = "error"
) -> Diagnostic:
    """Return a diagnostic with the line it is about, fit for a terminal: no control characters."""
    start = at.start
    line = lines[start.line - 1].rstrip() if 1 <= start.line <= len(lines) and start.column <= MAX_COLUMN else ""
    line = line[: start.column + MAX_COLUMN]
    return Diagnostic(
        code,
        Place(file, start.line, start.column),
        _masked(message),
        _masked(remedy),
        _masked(line),
        (at.end.line, at.end.column),
        severity,
    )


def _control(node: Node) -> Trap | None:
    """Return the trap of a text or a key in which an escape has made a control character, or half of a character."""
    control = _CONTROL.search(node.scalar) if isinstance(node.scalar, str) else None
    if control is None:
        return None
    message = f"the text has a control character, U+{ord(control[0]):04X}"
    remedy = "take it out; for a line break write \\n, or a block with |"
    if "\ud800" <= control[0] <= "\udfff":
        half = f"\\u{ord(control[0]):04x}"
        message = f"the text has half a character, {half}: it is written as two escapes, and one is missing"
        remedy = "write both halves, or the character itself"
    elif node.style == '"' and (letter := _MADE_BY.get(control[0])) is not None:
        return Trap(node.start, "yaml-escape", *hints.of_an_escape(f"\\{letter}"))
    return Trap(node.start, "control-character", message, remedy)


def _masked(text: str) -> str:
    """Return a text as it may be seen: a mark of error under it stands where it stood."""
    return _MASKED.sub("\N{REPLACEMENT CHARACTER}", starred(text))


class _Unfolder:
    """Turns nodes into plain data with aliases written out, notes where each value stands, and meets silent traps."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._count = 0
        self.spots: dict[Trail, Spot] = {}
        self.traps: list[Trap] = []
        self.remarks: list[Trap] = []
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
                self.traps.append(
                    Trap(node.start, "yaml-too-much", message, "write it out, or use fewer aliases of aliases")
                )
            return None
        self.spots[trail] = Spot(node, key)
        if node.items is not None:
            if trail == ("scenes",) or (trail[:1] == ("scenes",) and trail[2:] == ("then",)):  # lists of mappings
                for trap in filter(None, (silent.item(each, self._lines) for each in node.items)):
                    self._met(trap, trail)
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
            own = str((*trail, key.scalar)[0]).startswith("x-")
            trap = _control(key) or (None if own else silent.lookalike(key, self._lines))
            trap = trap or silent.key(node, key, value, before, self._lines)
            name = key.scalar if isinstance(key.scalar, str) else silent.written(key, self._lines)
            before = key, value
            if trap is not None:
                self._met(trap, trail)
            elif name in first:
                message = f"the key '{name}' stands here a second time; first on line {first[name].start.line}"
                self.traps.append(Trap(key.start, "repeated-key", message, "keep one of the two"))
            else:
                first[name] = key
                data[name] = self._value(value, (*trail, name), key)
        return data

    def _text(self, node: Node, trail: Trail) -> None:
        if (trap := _control(node)) is not None and trap.code == "yaml-escape":
            self._met(trap, trail)  # a path is told once, as what it is
        elif trap is not None:
            self.traps.append(trap)
        if (remark := silent.anchor(node, trail)) is not None:
            self.remarks.append(remark)
        trap = silent.comment(node, trail, self._lines)
        if trap is not None:
            self._met(trap, trail)

    def _met(self, trap: Trap, trail: Trail) -> None:
        self.traps.append(trap)
        self.spoiled.add(trail)
        self.aside.add(trap.at.line)
