"""
Tell YAML's traps by name.

YAML reads some sentences otherwise than people do: a ` #` ends them, a comma cuts them in two, two braces open a mapping.
Here is what the parser's words (and, worse, its silence) mean in a storyboard, and what to write instead. A broken line is
explained and never guessed right: at most it is set aside, so that the rest can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError

from storyreel.diagnostics.codes import Code
from storyreel.storyboard.text.lookalikes import curly_quote, sign_in
from storyreel.storyboard.text.nodes import Mark, Node, Trail

SENTENCES = frozenset({"prompt", "extend", "edit", "description", "style"})
"""Keys whose values are sentences that are drawn."""

ASIDE = '"(set aside)"'
"""What a broken value is replaced by, so that the reading can go on."""

_LINE = re.compile(r"(?P<lead>\s*(?:- +)*)(?P<key>[\w-]+:\s+|)(?P<value>\S.*)")
_COMMENT = re.compile(r"\s+#")
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
        or _tab(at, complaint)
        or _fence(at, lines)
        or _escape(at, complaint, lines)
        or _braces(error, lines)
        or _cut_off(at, lines)
        or _sentence(at, complaint, lines)
    )
    return trap or _other(error, at, complaint, lines)


def key(mapping: Node, key: Node, value: Node, before: tuple[Node, Node] | None, lines: Sequence[str]) -> Trap | None:
    """Return what is wrong with one key of a mapping, if anything is."""
    if key.pairs is not None or key.items is not None:
        if mapping.flow and mapping.start.column > 0 and key.pairs is not None:
            return Trap(mapping.start, *_BRACES)
        return Trap(
            key.start, "yaml-key", "a key is one word, and this is a list or a mapping", "put quotes round the text"
        )
    if written(key, lines) == "<<":
        message = "merge keys (`<<`) are not part of the language"
        remedy = "put what scenes share into `defaults`; single values may be anchors and aliases"
        return Trap(key.start, "yaml-merge-key", message, remedy)
    if key.style == "" and not mapping.flow and key.start.line != key.end.line:
        return Trap(key.start, "yaml-key", "a key is one word on one line", "put quotes round the text")
    if mapping.flow and value.is_nothing and value.start == value.end and not _colon_after(key, lines):
        return _comma(key, before, lines)
    return None


def lookalike(key: Node, lines: Sequence[str]) -> Trap | None:
    """Return the trap of a key with a character in it that only looks like a sign or like nothing: another word than it looks."""
    lookalike = sign_in(written(key, lines), word=True) if isinstance(key.scalar, str) else None
    return (
        Trap(Mark(key.start.line, key.start.column + lookalike[0]), *lookalike[1:]) if lookalike is not None else None
    )


def item(item: Node, lines: Sequence[str]) -> Trap | None:
    """Return the trap of a list's item that was meant to be a mapping, and is text since its colon or its space is none."""
    if item.style or not isinstance(item.scalar, str) or (lookalike := sign_in(written(item, lines))) is None:
        return None
    return Trap(Mark(item.start.line, item.start.column + lookalike[0]), *lookalike[1:])


def written(node: Node, lines: Sequence[str]) -> str:
    """Return a value as it stands in the text; of one over several lines, the first line."""
    end = node.end.column - 1 if node.start.line == node.end.line else None
    return lines[node.start.line - 1][node.start.column - 1 : end]


def anchor(node: Node, trail: Trail) -> Trap | None:
    """Return what to remark on a text whose first word is taken for an anchor: `prompt: &wide city` loses it."""
    if not node.anchor or node.repeated or node.style or str(trail[0]).startswith("x-"):
        return None
    message = f"YAML takes &{node.anchor} for the name of what follows, and nothing repeats it"
    return Trap(node.start, "unused-anchor", message, "put quotes round the whole text, or take the name away")


def comment(node: Node, trail: Trail, lines: Sequence[str]) -> Trap | None:
    """Return the trap of a text that lost its end to a comment, if this one did."""
    if node.style or node.end.line > len(lines):
        return None
    rest = lines[node.end.line - 1][node.end.column - 1 :]
    hash_sign = _COMMENT.match(rest)
    if hash_sign is None:
        return None
    name = next((part for part in reversed(trail) if isinstance(part, str)), "")
    sentence = name in SENTENCES and not (name == "style" and trail[0] == "defaults")
    # After other texts a comment is common, and then it has a blank behind its `#`: `note: ask Ana  # she knows`.
    hash_word = name in {"title", "note"} or trail[0] == "vars"
    if sentence or (
        hash_word and not rest[hash_sign.end() :].startswith((" ", "#")) and rest[hash_sign.end() :].strip()
    ):
        at = Mark(node.end.line, node.end.column + hash_sign.end() - 1)
        message = f"YAML reads the rest of this line as a comment, so `{name}` ends before the #"
        return Trap(at, "yaml-comment", message, "put quotes round the whole text; a comment goes on a line of its own")
    return None


_BRACES: tuple[Code, str, str] = (
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


def _tab(at: Mark, complaint: str) -> Trap | None:
    if "'\\t'" not in complaint:
        return None
    return Trap(
        at,
        "yaml-tab",
        "there is a tab here, and YAML indents with spaces only",
        "replace the tab by spaces, two for each step",
    )


def _fence(at: Mark, lines: list[str]) -> Trap | None:
    if not lines[at.line - 1].startswith(("```", "~~~")):
        return None
    instead = [*lines[: at.line - 1], "", *lines[at.line :]]
    return Trap(at, "yaml-syntax", "this is a fence of Markdown, and no YAML", "take it away", instead)


def _escape(at: Mark, complaint: str, lines: list[str]) -> Trap | None:
    """A path with backslashes in double quotes: to YAML each begins a sign that cannot be typed."""
    if "escape" not in complaint:
        return None
    line = lines[at.line - 1]
    column = line.rfind("\\", 0, at.column)
    if column < 0:
        return None
    message = f"inside double quotes a backslash begins a sign of YAML's, and {line[column : column + 2]} is none"
    remedy = "write a path with slashes; a backslash that is meant is written twice, or in single quotes once"
    parts = _LINE.fullmatch(line)
    instead = _set_aside(lines, at.line - 1, parts) if parts is not None and parts["key"] else None
    return Trap(Mark(at.line, column + 1), "yaml-escape", message, remedy, instead)


def _braces(error: MarkedYAMLError, lines: list[str]) -> Trap | None:
    """`prompt: {{ cast.mira }} runs`: YAML sees a mapping and stumbles over what follows."""
    for mark in (error.problem_mark, error.context_mark):
        for number in _back_to_value(mark.line if mark is not None else None, lines):
            parts = _LINE.fullmatch(lines[number])
            if parts is not None and parts["value"].startswith("{{"):
                at = Mark(number + 1, parts.start("value") + 1)
                return Trap(at, *_BRACES, _set_aside(lines, number, parts))
            inner = re.search(r"[{,\[:]\s*(\{\{)", lines[number])
            if inner is not None and (mark is None or number == mark.line):
                closed = parts is not None and parts["key"] and parts["value"].rstrip().endswith(("}", "]"))
                aside = _set_aside(lines, number, parts) if parts is not None and closed else None
                return Trap(Mark(number + 1, inner.start(1) + 1), *_BRACES, aside)
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
    if first == "[" and re.match(r"\[[^]]*\]\s*[^\s#]", parts["value"]):
        signs |= {"["}
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


def _comma(key: Node, before: tuple[Node, Node] | None, lines: Sequence[str]) -> Trap:
    """`{prompt: An iron door, wet stone}`: YAML takes what is behind the comma for a key."""
    rest = written(key, lines)
    message = f"the comma ends the text before it, and '{rest}' is read as a key without a value"
    remedy = "put quotes round the text"
    if before is not None and isinstance(before[1].scalar, int) and rest.isdigit():
        message = f"a comma ends a value here: {before[1].scalar},{rest} is no number"
        return Trap(key.start, "yaml-comma", message, f"write {before[0].scalar}: {before[1].scalar}.{rest}")
    if before is not None and isinstance(before[0].scalar, str) and isinstance(before[1].scalar, str):
        remedy += f': {{{before[0].scalar}: "{before[1].scalar}, {rest}"}}'
    return Trap(key.start, "yaml-comma", message, remedy)


def _colon_after(key: Node, lines: Sequence[str]) -> bool:
    return lines[key.end.line - 1][key.end.column - 1 :].lstrip().startswith(":")


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
