"""
Tell YAML's traps by name, where it says nothing: a word that is lost, a sentence that is cut in two, a key that is another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyreel.storyboard.text import hints
from storyreel.storyboard.text.lookalikes import sign_in
from storyreel.storyboard.text.nodes import Mark, Node, Trail

SENTENCES = frozenset({"prompt", "extend", "edit", "description", "style"})
"""Keys whose values are sentences that are drawn."""

_HIDDEN = re.compile(r"[\"']?\s*:\s+#")
_COMMENT = re.compile(r"\s+#")


def key(
    mapping: Node, key: Node, value: Node, before: tuple[Node, Node] | None, lines: Sequence[str]
) -> hints.Trap | None:
    """Return what is wrong with one key of a mapping, if anything is."""
    if key.pairs is not None or key.items is not None:
        if mapping.flow and mapping.start.column > 0 and key.pairs is not None:
            return hints.Trap(mapping.start, *hints.BRACES)
        return hints.Trap(
            key.start, "yaml-key", "a key is one word, and this is a list or a mapping", "put quotes round the text"
        )
    if written(key, lines) == "<<":
        message = "merge keys (`<<`) are not part of the language"
        remedy = "put what scenes share into `defaults`; single values may be anchors and aliases"
        return hints.Trap(key.start, "yaml-merge-key", message, remedy)
    if key.style == "" and not mapping.flow and key.start.line != key.end.line:
        return hints.Trap(key.start, "yaml-key", "a key is one word on one line", "put quotes round the text")
    hidden = _HIDDEN.match(lines[key.end.line - 1], key.end.column - 1) if value.is_nothing else None
    if hidden is not None and key.scalar in SENTENCES - {"style"}:
        message = f"YAML reads the rest of this line as a comment, so `{key.scalar}` is empty"
        return hints.Trap(Mark(key.end.line, hidden.end()), "yaml-comment", message, "put quotes round the whole text")
    if mapping.flow and value.is_nothing and value.start == value.end and not _colon_after(key, lines):
        if before is None:
            message = f"to YAML a brace opens a mapping, and '{written(key, lines)}' is a key without a value"
            return hints.Trap(key.start, "yaml-sign", message, "put quotes round the text, braces and all")
        return _comma(key, before, lines)
    return None


def lookalike(key: Node, lines: Sequence[str]) -> hints.Trap | None:
    """Return the trap of a key with a character in it that only looks like a sign or like nothing: another word than it looks."""
    lookalike = sign_in(written(key, lines), word=True) if isinstance(key.scalar, str) else None
    return (
        hints.Trap(Mark(key.start.line, key.start.column + lookalike[0]), *lookalike[1:])
        if lookalike is not None
        else None
    )


def item(item: Node, lines: Sequence[str]) -> hints.Trap | None:
    """Return the trap of a list's item that was meant to be a mapping, and is text since its colon or its space is none."""
    if item.style or not isinstance(item.scalar, str) or (lookalike := sign_in(written(item, lines))) is None:
        return None
    return hints.Trap(Mark(item.start.line, item.start.column + lookalike[0]), *lookalike[1:])


def written(node: Node, lines: Sequence[str]) -> str:
    """Return a value as it stands in the text; of one over several lines, the first line."""
    end = node.end.column - 1 if node.start.line == node.end.line else None
    return lines[node.start.line - 1][node.start.column - 1 : end]


def anchor(node: Node, trail: Trail) -> hints.Trap | None:
    """Return what to remark on a text whose first word is taken for an anchor: `prompt: &wide city` loses it."""
    if not node.anchor or node.repeated or node.style or str(trail[0]).startswith("x-"):
        return None
    message = f"YAML takes &{node.anchor} for the name of what follows, and nothing repeats it"
    return hints.Trap(node.start, "unused-anchor", message, "put quotes round the whole text, or take the name away")


def comment(node: Node, trail: Trail, lines: Sequence[str]) -> hints.Trap | None:
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
        return hints.Trap(
            at, "yaml-comment", message, "put quotes round the whole text; a comment goes on a line of its own"
        )
    return None


def _comma(key: Node, before: tuple[Node, Node] | None, lines: Sequence[str]) -> hints.Trap:
    """`{prompt: An iron door, wet stone}`: YAML takes what is behind the comma for a key."""
    rest = written(key, lines)
    message = f"the comma ends the text before it, and '{rest}' is read as a key without a value"
    remedy = "put quotes round the text"
    if before is not None and isinstance(before[1].scalar, int) and rest.isdigit():
        message = f"a comma ends a value here: {before[1].scalar},{rest} is no number"
        return hints.Trap(key.start, "yaml-comma", message, f"write {before[0].scalar}: {before[1].scalar}.{rest}")
    if before is not None and isinstance(before[0].scalar, str) and isinstance(before[1].scalar, str):
        remedy += f': {{{before[0].scalar}: "{before[1].scalar}, {rest}"}}'
    return hints.Trap(key.start, "yaml-comma", message, remedy)


def _colon_after(key: Node, lines: Sequence[str]) -> bool:
    return lines[key.end.line - 1][key.end.column - 1 :].lstrip().startswith(":")
