"""
Tell YAML's traps by name, where it stumbles over them.

YAML reads some sentences otherwise than people do: a ` #` ends them, a comma cuts them in two, two braces open a mapping.
Here is what the parser's words mean in a storyboard, and what to write instead. A broken line is
explained and never guessed right: at most it is set aside, so that the rest can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storyreel.diagnostics.codes import Code
from storyreel.storyboard.text.lookalikes import curly_quote, sign_in
from storyreel.storyboard.text.nodes import Mark

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

ASIDE = '"(set aside)"'
"""What a broken value is replaced by, so that the reading can go on."""

_LINE = re.compile(r"(?P<lead>\s*(?:- +)*)(?P<key>[\w-]+:\s+|)(?P<value>\S.*)")
_CLOSE = re.compile(r"\s*(?:(?:- +)*[a-z_]{2,}(?P<colon>:)(?!//)[^\s:]|(?P<dash>-)[a-z_]{2,}:\s)")
_COMMENT = re.compile(r"\s+#")
_BARE_COLOR = re.compile(r"[{,][^#]*:\s+(#[0-9A-Fa-f]{6})\b")
_TYPESET = "“”„‟«»‘’‚"
_MISFITS = ("could not find expected ':'", "expected <block end>", "expected '<document start>'", "block mapping")
"""The parser's words for a line that begins in no column that the lines before it have left open."""


@dataclass(frozen=True)
class Trap:
    """What went wrong, what to do, and the text with the broken value set aside (None where that cannot be done)."""

    at: Mark
    code: Code
    message: str
    remedy: str
    instead: list[str] | None = None


def explain(error: MarkedYAMLError, lines: list[str]) -> Trap:
    """Say what a parser's error means here."""
    mark = error.problem_mark or error.context_mark
    number = min(mark.line, len(lines) - 1) if mark is not None else 0
    at = Mark(number + 1, mark.column + 1 if mark is not None else 1)
    complaint = (error.problem or "cannot be read").strip()
    trap = (
        _ours(at, complaint)
        or _only_looks(at, error, lines)
        or _tab(at, complaint, lines)
        or _fence(at, lines)
        or _escape(at, complaint, lines)
        or _braces(error, lines)
        or _no_space(at, complaint, lines)
        or _cut_off(at, lines)
        or _sentence(at, complaint, lines)
    )
    return trap or _other(error, at, complaint, lines)


BRACES: tuple[Code, str, str] = (
    "yaml-braces",
    "a value that begins with {{ must be quoted: YAML takes the braces for a mapping",
    'put quotes round the whole value: "{{ ... }} ..."',
)


def _ours(at: Mark, complaint: str) -> Trap | None:
    """What the composer refuses, although it is YAML."""
    if "nested too deep" in complaint or "too many values" in complaint:
        return Trap(
            at,
            "yaml-too-much",
            f"the file is no storyboard: {complaint}",
            "a storyboard is a few levels of keys and lists",
        )
    if "in itself" in complaint:
        return Trap(at, "yaml-alias", "this alias stands inside what it names", "write the value out")
    if "more than one document" in complaint:
        return Trap(
            at, "not-a-storyboard", "a second document begins here", "a storyboard is one document: take the --- away"
        )
    return None


def _only_looks(at: Mark, error: MarkedYAMLError, lines: list[str]) -> Trap | None:
    """What is no sign is seen where the next one stands: on its line, or on the one that was not ended."""
    begun = [error.context_mark.line] if error.context_mark is not None else []
    for number in dict.fromkeys([at.line - 1, *_back_to_value(max(0, at.line - 2), lines), *begun]):
        if number < len(lines) and (lookalike := sign_in(lines[number])) is not None:
            return Trap(Mark(number + 1, lookalike[0] + 1), *lookalike[1:])
    return None


def _tab(at: Mark, complaint: str, lines: list[str]) -> Trap | None:
    if "'\\t'" not in complaint:
        return None
    if lines[at.line - 1][: at.column - 1].strip():
        return Trap(at, "yaml-tab", "there is a tab here, where YAML takes spaces only", "write a space for it")
    return Trap(
        at,
        "yaml-tab",
        "there is a tab here, and YAML indents with spaces only",
        "replace the tab by spaces, two for each step",
    )


def _fence(at: Mark, lines: list[str]) -> Trap | None:
    # Three tildes begin a text to YAML, which then goes on on the next line.
    for number in (at.line - 1, max(0, at.line - 2)):
        if lines[number].startswith(("```", "~~~")):
            instead = [*lines[:number], "", *lines[number + 1 :]]
            here = Mark(number + 1, 1)
            return Trap(here, "yaml-syntax", "this is a fence of Markdown, and no YAML", "take it away", instead)
    return None


def _escape(at: Mark, complaint: str, lines: list[str]) -> Trap | None:
    """A path with backslashes in double quotes: to YAML each begins a sign that cannot be typed."""
    if "escape" not in complaint:
        return None
    line = lines[at.line - 1]
    column = line.rfind("\\", 0, at.column)
    if column < 0:
        return None
    parts = _LINE.fullmatch(line)
    instead = _set_aside(lines, at.line - 1, parts) if parts is not None and parts["key"] else None
    return Trap(Mark(at.line, column + 1), "yaml-escape", *of_an_escape(line[column : column + 2]), instead)


def of_an_escape(written: str) -> tuple[str, str]:
    """Return what is wrong with a backslash and what follows it inside double quotes, and what to do."""
    message = f"inside double quotes a backslash begins a sign of YAML's, and {written} is none that is meant"
    return message, "write a path with slashes; a backslash that is meant is written twice, or in single quotes once"


def _braces(error: MarkedYAMLError, lines: list[str]) -> Trap | None:
    """`prompt: {{ cast.mira }} runs`: YAML sees a mapping and stumbles over what follows."""
    for mark in (error.problem_mark, error.context_mark):
        for number in _back_to_value(mark.line if mark is not None else None, lines):
            parts = _LINE.fullmatch(lines[number])
            if parts is not None and parts["value"].startswith("{{"):
                at = Mark(number + 1, parts.start("value") + 1)
                return Trap(at, *BRACES, _set_aside(lines, number, parts))
            inner = re.search(r"[{,\[:]\s*(\{\{)", lines[number])
            if inner is not None and (mark is None or number == mark.line):
                closed = parts is not None and parts["key"] and parts["value"].rstrip().endswith(("}", "]"))
                aside = _set_aside(lines, number, parts) if parts is not None and closed else None
                return Trap(Mark(number + 1, inner.start(1) + 1), *BRACES, aside)
    return None


def _no_space(at: Mark, complaint: str, lines: list[str]) -> Trap | None:
    """`prompt:A barn` and `-id: a`: without its space neither a colon nor a dash is a sign."""
    if not any(sign in complaint for sign in ("mapping values", "expected ':'")):
        return None
    for number in (at.line - 1, max(0, at.line - 2)):
        if (close := _CLOSE.match(lines[number])) is not None:
            sign = close["dash"] or close["colon"]
            message = f"to YAML {sign} is a sign only where a space follows it"
            here = Mark(number + 1, close.start("dash" if close["dash"] else "colon") + 1)
            return Trap(here, "yaml-sign", message, f"write a space behind this {sign}")
    return None


def _cut_off(at: Mark, lines: list[str]) -> Trap | None:
    """An unquoted text over several lines, one of which has a ` #`: YAML ends it there and stumbles over the next."""
    for number in range(at.line - 2, max(-1, at.line - 12), -1):
        parts = _LINE.fullmatch(lines[number])
        if parts is None:
            return None
        if not parts["value"].startswith(('"', "'", "|", ">", "#")):
            hash_sign = _COMMENT.search(parts["value"])
            if hash_sign is not None and _indent(lines[at.line - 1]) > _indent(lines[number]) - (
                0 if parts["key"] else 1
            ):
                column = parts.start("value") + hash_sign.end()
                message = "YAML reads the rest of this line as a comment, so the text ends before the #"
                *_, start = _back_to_value(number, lines)
                opening = _LINE.fullmatch(lines[start])
                instead = _set_aside(lines, start, opening) if opening is not None and opening["key"] else None
                return Trap(
                    Mark(number + 1, column), "yaml-comment", message, "put quotes round the whole text", instead
                )
        if parts["key"] or parts["lead"].strip():
            return None
    return None


def _sentence(at: Mark, complaint: str, lines: list[str]) -> Trap | None:
    """A sentence that needs quotes: for a colon in it, for its first character, for quotes round half of it."""
    line = lines[at.line - 1]
    if "mapping values are not allowed" in complaint and re.fullmatch(r"\s*(?:- +)*[\w-]+", line[: at.column - 1]):
        message = "this line does not fit to the lines above it"
        remedy = (
            "keys of one mapping begin in one column, each with its colon; a text over several lines may need quotes"
        )
        return Trap(Mark(at.line, _indent(line) + 1), "yaml-indentation", message, remedy)
    if "mapping values are not allowed" in complaint:
        for number in _back_to_value(at.line - 1, lines):
            parts = _LINE.fullmatch(lines[number])
            if parts is not None and (parts["key"] or parts["lead"].strip()):
                message = "there is a colon and a space inside a text without quotes, and YAML takes it for a key"
                remedy = "put quotes round the whole text"
                if parts["value"][0] in _TYPESET:
                    remedy = f'put straight quotes, ", round the whole text: to YAML {parts["value"][0]} is a letter'
                aside = _set_aside(lines, number, parts) if parts["key"] else None
                return Trap(at, "yaml-colon", message, remedy, aside)
    parts = _LINE.fullmatch(line)
    if parts is None:
        return None
    first = parts["value"][:1]
    opens = Mark(at.line, parts.start("value") + 1)
    signs = {"@", "`", "%", "&", "*", "!", "|", ">"}
    if "not allowed here" in complaint:
        signs |= {"-", "?"}
    if re.match(r"(\[[^]]*\]|\{[^{}:]*\})\s*[^\s#]", parts["value"]):
        signs |= {"[", "{"}
    if "expected the node content" in complaint:
        signs |= {",", "]", "}"}
    if first in signs and (parts["key"] or parts["lead"].strip()):
        if first == "*" and "undefined alias" in complaint and not parts["value"].rstrip().count(" "):
            return Trap(
                opens,
                "yaml-alias",
                f"there is no anchor for the alias {parts['value'].strip()}",
                "write the value out, or set the anchor above",
            )
        message = f"a text that begins with {first} must be quoted: to YAML it is a sign of its own"
        return Trap(
            opens, "yaml-sign", message, "put quotes round the whole text", _set_aside(lines, at.line - 1, parts)
        )
    if first in {'"', "'"} and "expected <block end>" in complaint:
        message = "the text goes on behind its closing quote"
        remedy = f"put the whole text in {'single' if first == chr(34) else 'double'} quotes, or use a block with >-"
        return Trap(at, "yaml-quote", message, remedy, _set_aside(lines, at.line - 1, parts))
    return None


def _bracket(lines: list[str], at: Mark) -> Mark:
    """Return where a bracket stands of which YAML names the end: one after which nothing comes is told there."""
    if lines[at.line - 1][at.column - 1 : at.column] in ("{", "["):
        return at
    before = [*lines[: at.line - 1], lines[at.line - 1][: at.column - 1]]
    places = ((row, max(line.rfind("{"), line.rfind("["))) for row, line in reversed(list(enumerate(before, 1))))
    return next((Mark(row, column + 1) for row, column in places if column >= 0), at)


def _other(error: MarkedYAMLError, at: Mark, complaint: str, lines: list[str]) -> Trap:
    context = error.context or ""
    mark = error.context_mark
    begun = Mark(mark.line + 1, mark.column + 1) if mark is not None else at
    if "quoted scalar" in context:
        curly = curly_quote(lines[begun.line - 1][begun.column :])
        return Trap(
            begun,
            "yaml-quote",
            "this quote is opened and never closed" + (f": {curly}" if curly else ""),
            'close it; inside double quotes write \\" for a quote',
        )
    if "flow" in context:
        bare = ((row, _BARE_COLOR.search(line)) for row, line in reversed(list(enumerate(lines[: at.line], 1))))
        if (color := next(((row, match) for row, match in bare if match), None)) is not None:
            message, spot = (
                "to YAML a # begins a comment, and with it goes what closes the mapping",
                color[1].start(1) + 1,
            )
            return Trap(Mark(color[0], spot), "yaml-comment", message, f'put it in quotes: "{color[1][1]}"')
        begun = _bracket(lines, begun)
        opened = lines[begun.line - 1][begun.column - 1 : begun.column]
        closes = {"{": "}", "[": "]"}.get(opened, "}")
        if at.line != begun.line or "stream end" in complaint:
            return Trap(begun, "yaml-bracket", f"this {opened} is opened and never closed", f"close it with {closes}")
        return Trap(
            at,
            "yaml-bracket",
            f"YAML cannot read this between {opened} and {closes}",
            "put quotes round the texts in it",
        )
    if "undefined alias" in complaint:
        return Trap(
            at,
            "yaml-alias",
            "there is no anchor for this alias",
            "write it out; a text that begins with * needs quotes",
        )
    if "found a tag" in complaint:
        return Trap(
            at, "yaml-tag", "tags (`!...`) are not part of the language", "put quotes round a text that begins with !"
        )
    if any(sign in f"{complaint} {context}" for sign in _MISFITS):
        remedy = "look at its indentation, and whether a text over several lines has its quotes"
        return Trap(at, "yaml-indentation", "this line does not fit to the lines above it", remedy)
    return Trap(
        at,
        "yaml-syntax",
        "YAML cannot read what stands here",
        "look at the quotes and the indentation here and one line above",
    )


def _back_to_value(number: int | None, lines: list[str]) -> Iterator[int]:
    """Yield the lines from `number` back to the one on which its value begins, a few at most."""
    if number is None:
        return
    number = min(number, len(lines) - 1)
    for back in range(number, max(-1, number - 12), -1):
        yield back
        parts = _LINE.fullmatch(lines[back])
        if parts is not None and (parts["key"] or parts["lead"].strip()):
            return


def _set_aside(lines: list[str], number: int, parts: re.Match[str]) -> list[str]:
    """Return the text with one value, and the lines that continue it, replaced by something harmless."""
    key_column = _indent(parts["lead"].replace("-", " ") + "x") if parts["key"] else _indent(lines[number])
    instead = list(lines)
    instead[number] = parts["lead"] + parts["key"] + ASIDE
    for following in range(number + 1, len(lines)):
        if lines[following].strip() and _indent(lines[following]) <= key_column:
            break
        instead[following] = ""
    return instead


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
