"""
What a template may do as it runs: names, `range`, a few filters and tests.

Templates are written by somebody else, and `tree` has checked them before. At run time no attribute, method or call is
within reach but `range` and the names that are given. Steps are counted instead of time, so that a slow machine judges as
a fast one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from storyreel.storyboard.prompts.known import MAX_RANGE, MAX_SOURCE, Faulty, Named, Tags
from storyreel.storyboard.prompts.slug import as_slug

MAX_STEPS = 10_000
"""Nodes that one prompt may evaluate in its loops: about 20 ms, well within the 50 that a prompt has."""
MAX_NUMBER = 10**12
TESTS = frozenset(
    [
        "defined",
        "undefined",
        "none",
        "string",
        "number",
        "boolean",
        "true",
        "false",
        "even",
        "odd",
        "in",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
    ]
)


class UnknownName(UndefinedError):
    """A template used a name that it does not have."""


class _Unknown(StrictUndefined):
    """Undefined, and it remembers its whole name."""

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, *_: object) -> None:
        super().__init__(hint or name, obj, name, UnknownName)


class Sandbox(ImmutableSandboxedEnvironment):
    """Knows `range` and what it is given. Attributes exist for `cast`, `ref`, `scene`, `loop` and mappings of variables alone."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Unknown,
            finalize=_printable,
            optimized=False,
            cache_size=0,
            autoescape=False,
            keep_trailing_newline=False,
        )
        self.globals = {"range": self._range}
        self.filters = {**FILTERS, "_rounds": self._rounds, "_worded": _worded}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.steps = 0

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look a name up; nothing else has attributes."""
        if isinstance(obj, Named):
            return self._look_up(obj, attribute)
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, Undefined):
            return obj
        raise SecurityError(f"'.{attribute}'")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look a name up, or take one item of a list by its number."""
        if isinstance(obj, Named):
            return self._look_up(obj, str(argument))
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, list | tuple | str) and isinstance(argument, int):
            try:
                return obj[argument]
            except IndexError:
                raise Faulty(
                    "wrong-template", f"there is no number {argument} in it; it has {len(obj)}, counted from 0"
                ) from None
        raise SecurityError(f"'[{argument!r}]'")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers, and with numbers only: a text times a million is a bomb."""
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)  # raises, with the name
            if isinstance(side, bool) or not isinstance(side, int | float):
                raise Faulty(
                    "wrong-template", f"'{operator}' is for numbers", "put texts side by side, or join them with ~"
                )
        result = super().call_binop(context, operator, left, right)
        if not -MAX_NUMBER <= result <= MAX_NUMBER:
            raise Faulty("template-too-much", "a number grows too large")
        return result

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call this: it may call `range`."""
        return bool(obj == self._range)

    def _look_up(self, names: Named, name: str) -> Any:
        if name in names:
            return names[name]
        return self.undefined(hint=f"{names.owner}.{name}")

    def _range(self, *bounds: Any) -> range:
        if not all(isinstance(bound, int) and abs(bound) <= MAX_NUMBER for bound in bounds):
            raise Faulty("wrong-template", "range takes whole numbers")
        numbers = range(*bounds)
        if len(numbers) > MAX_RANGE:
            raise Faulty(
                "template-too-much",
                f"range gives {len(numbers)} numbers; {MAX_RANGE} are the most",
                "use fewer or shorter loops",
            )
        return numbers

    def _rounds(self, value: Any, cost: int) -> list[Any]:
        """Take what a loop goes over, and pay for all of its rounds."""
        if isinstance(value, Undefined):
            str(value)
        if not isinstance(value, list | tuple | range | str | Named):
            raise Faulty("wrong-template", "a loop goes over a list, a range, or the names of cast and ref")
        self.steps += (len(value) + 1) * cost
        if self.steps > MAX_STEPS:
            raise Faulty("template-too-much", "its loops take too many steps", "use fewer or shorter loops")
        return list(value)


_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"})


def _printable(value: Any) -> Any:
    """What an expression prints: text and numbers as they are, and no list by accident."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Tags | Undefined):
        return value
    if value is None:
        return ""
    if isinstance(value, Named):
        names = ", ".join(f"{value.owner}.{name}" for name in value)
        remedy = f"write one of its names: {names}" if names else "give it names"
        raise Faulty("wrong-template", f"'{value.owner}' is a mapping, and no text", remedy, words=value.owner)
    raise Faulty("wrong-template", "a list cannot stand in a text", "join it: {{ name | join(', ') }}")


def _worded(value: Any) -> Any:
    """What ~ joins: anything but names and functions, also within a list."""
    if isinstance(value, Named):
        return _printable(value)
    if callable(value):
        raise Faulty("wrong-template", "a function is no text", "call it, as in range(3)")
    if isinstance(value, list | tuple) and not isinstance(value, Tags):
        for each in value:
            _worded(each)
    return value


def _text(value: Any) -> str:
    """A value as a filter takes it; an unknown name is told by its name."""
    return str(_printable(value))


def _bounded(text: str) -> str:
    if len(text) > MAX_SOURCE:
        raise Faulty("template-too-much", "a text grows too long")
    return text


def _replace(value: Any, old: str, new: str) -> str:
    text = _text(value)
    if (text.count(old) if old else len(text) + 1) * len(new) > MAX_SOURCE:
        raise Faulty("template-too-much", "a text grows too long")
    return text.replace(old, new)


def _join(values: Iterable[Any], between: Any = "") -> str:
    texts = [_text(value) for value in values]
    sign = _text(between)
    if sum(map(len, texts)) + len(sign) * len(texts) > MAX_SOURCE:
        raise Faulty("template-too-much", "a text grows too long")
    return sign.join(texts)


def _slug(value: Any) -> str:
    text = _text(value)
    slug = as_slug(text)
    if not slug:
        message = f"slug of '{' '.join(text.split())[:40]}': no letter and no digit is in it"
        raise Faulty("wrong-template", message, "give it a text that has some", words="slug")
    return _bounded(slug)


def _default(value: Any, instead: Any = "", boolean: bool = False) -> Any:
    if isinstance(value, Undefined) or (boolean and not value):
        return instead
    return value


def _first(values: Any) -> Any:
    return values[0]


def _last(values: Any) -> Any:
    return values[-1]


FILTERS: dict[str, Callable[..., Any]] = {
    "upper": lambda value: _bounded(_text(value).upper()),
    "lower": lambda value: _bounded(_text(value).lower()),
    "title": lambda value: _bounded(_text(value).title()),
    "capitalize": lambda value: _bounded(_text(value).capitalize()),
    "trim": lambda value: _text(value).strip(),
    "slug": _slug,
    "replace": _replace,
    "join": _join,
    "default": _default,
    "d": _default,
    "first": _first,
    "last": _last,
    "length": len,
    "count": len,
    "abs": abs,
    "int": lambda value: int(value),
    "round": lambda value, digits=0: round(value, max(0, min(int(digits), 9))) if digits else round(value),
}
