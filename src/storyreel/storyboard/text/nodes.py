"""
Compose YAML 1.2 to nodes, each with its first and last character.

The file is somebody else's, so it is bounded while it is read: depth, and the number of values. Tags build no objects;
plain words become text, numbers, true, false or null and nothing else (so `no`, `16:9` and dates stay text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

Trail = tuple[str | int, ...]
"""Where a value is in the data: `("scenes", 2, "then", 0, "duration")`."""

MAX_DEPTH = 24
MAX_VALUES = 20_000
"""A storyboard of a hundred scenes has about 1,500."""

LONG = 30_000
"""Characters from which a text is read by libyaml, which takes a fifth of the time, where it reads it as YAML 1.2 is read."""
ENOUGH = 30_000
"""Characters of what is never ended that are read once more, by whom says what is wrong."""
# What libyaml, which reads YAML 1.1, takes for something else, or puts elsewhere. It makes up a last line break where there is none: then
# it is believed in nothing but that something is wrong.
_OTHERWISE = re.compile("[\t\r\x85\u2028\u2029\ufeff]|^(---|[.][.][.])|[|>][-+0-9]*#", re.MULTILINE)

# The core schema of YAML 1.2, section 10.3.2, with numbers kept to a length that a person would write.
_NULL = re.compile("|~|null|Null|NULL")
_TRUE = re.compile("true|True|TRUE")
_FALSE = re.compile("false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_BASED = re.compile(r"0o[0-7]{1,18}|0x[0-9a-fA-F]{1,14}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,3})?")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Mark(NamedTuple):
    """A line and a column, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """
    A value as it is written: a scalar, a list (`items`) or a mapping (`pairs`).

    `anchor` is the name that an alias may call it by, `repeated` whether one does. `style` is the sign that a text begins with (a quote, `|` or `>`), empty for a plain word. `flow` says that a list
    or a mapping stands in brackets. `whole` is False while a node is still being read.
    """

    start: Mark
    end: Mark
    scalar: Any = None
    style: str = ""
    items: list[Node] | None = None
    pairs: list[tuple[Node, Node]] | None = None
    flow: bool = False
    anchor: str = ""
    repeated: bool = False
    whole: bool = True

    @property
    def is_nothing(self) -> bool:
        """Whether this is null, or not there at all."""
        return self.scalar is None and self.items is None and self.pairs is None


def compose(text: str) -> Node | None:
    """
    Return the node of the one document in a text; None if there is none. An alias is the node that it names.

    Raises:
        YAMLError: This is not YAML, or it is too deep or too much for a storyboard.
    """
    if len(text) > LONG:
        import yaml  # short texts need not wait for it

        # What is wrong with a text is always told by the other one, which also reads where PyYAML came without libyaml.
        loader = getattr(yaml, "CSafeLoader", None)
        ended = text if text.endswith("\n") else f"{text}\n"
        if loader is not None and not _OTHERWISE.search(ended):
            with suppress(yaml.YAMLError, _Refused):
                if ended is text:
                    return _Composer(yaml.parse(text, Loader=loader), yaml.events, sure=True).document()
            with suppress(_Refused):
                try:
                    _Composer(yaml.parse(ended, Loader=loader), yaml.events).document()
                except yaml.MarkedYAMLError as error:
                    text = text[: _far_enough(error, len(text))]
    # Nor need long ones wait for this.
    import ruamel.yaml.events
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text), ruamel.yaml.events).document()
    except _Refused as refused:
        raise MarkedYAMLError(problem=refused.problem, problem_mark=refused.mark) from None


class _Refused(Exception):
    """What YAML would have, and a storyboard has not."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark = mark


def _far_enough(error: Any, length: int) -> int:
    """Return how many characters of a text show what is wrong with it: of what is begun and never ended its beginning does."""
    begun, noticed = error.context_mark, error.problem_mark
    if begun is None or noticed is None or noticed.index < length:
        return length
    return min(length, int(begun.index) + ENOUGH)


class _Composer:
    """
    Nodes from events.

    Args:
        kinds: The classes of the events: ruamel.yaml and PyYAML call them alike.
        sure: Whether tags and empty values are errors, of which the two say different things.
    """

    def __init__(self, events: Iterator[Any], kinds: Any, *, sure: bool = False) -> None:
        self._events = events
        self._kinds = kinds
        self._sure = sure
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, self._kinds.NodeEvent):
                if root is not None:
                    raise _Refused("more than one document", event.start_mark)
                root = self._node(event, 0)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            message = "nested too deep" if depth > MAX_DEPTH else "too many values"
            raise _Refused(message, event.start_mark)
        if isinstance(event, self._kinds.AliasEvent):
            return self._alias(event)
        scalar = isinstance(event, self._kinds.ScalarEvent)
        # What is no mapping is no storyboard: nobody need be quick with it, and of a text alone the two say different things.
        if self._sure and (event.tag is not None or (scalar and not (depth and (event.value or event.style)))):
            raise _Refused("read otherwise by others", event.start_mark)
        if event.tag is not None and not event.tag.startswith("tag:yaml.org,2002:"):
            raise _Refused(f"found a tag {event.tag!r}", event.start_mark)
        end = _mark(event.end_mark)
        node = Node(_mark(event.start_mark), end, whole=False)
        if event.anchor:
            node.anchor = event.anchor
            self._anchors[event.anchor] = node
        if scalar:
            node.style = event.style or ""
            node.scalar = _scalar(event.value) if event.implicit[0] and not node.style else _joined(event.value)
        elif isinstance(event, self._kinds.SequenceStartEvent):
            node.flow, node.items = bool(event.flow_style), []
            while not isinstance(event := next(self._events), self._kinds.SequenceEndEvent):
                node.items.append(self._node(event, depth + 1))
        else:
            node.flow, node.pairs = bool(event.flow_style), []
            while not isinstance(event := next(self._events), self._kinds.MappingEndEvent):
                key = self._node(event, depth + 1)
                node.pairs.append((key, self._node(next(self._events), depth + 1)))
        node.end = end if scalar else _mark(event.end_mark)
        node.whole = True
        return node

    def _alias(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise _Refused(f"found undefined alias {event.anchor!r}", event.start_mark)
        if not node.whole:
            raise _Refused(f"found the alias {event.anchor!r} in itself", event.start_mark)
        node.repeated = True
        return node


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _joined(text: str) -> str:
    """Return a text in which the two halves of one character are one again: JSON writes an emoji as two escapes."""
    if not _HALVES.search(text):
        return text
    # What has lost its other half stays as it is, and is told as a control character.
    return _HALVES.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)


def _scalar(word: str) -> Any:
    if _NULL.fullmatch(word):
        return None
    if _TRUE.fullmatch(word):
        return True
    if _FALSE.fullmatch(word):
        return False
    if _INT.fullmatch(word):
        return int(word)
    if _BASED.fullmatch(word):
        return int(word, 0)
    if _FLOAT.fullmatch(word):
        return float(word)
    if _ENDLESS.fullmatch(word):
        return float(word.replace(".", "", 1).lower())
    return word
