"""
Add to a file of settings as VS Code reads it: JSON with comments, and commas at the end. What is there stays, to the letter.
"""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\r\n]*|/\*.*?\*/|[{}\[\]:,]|[^\s"/{}\[\]:,]+', re.DOTALL)


def with_entry(text: str, key: str, name: str, value: str) -> str | None:
    """
    Return settings in which the table `key` has one more entry.

    Args:
        text: All of the file.
        key: The name of a table in it, which is begun where there is none.
        name: Of the entry; where the table has it already, nothing is changed.
        value: What it says.

    Returns:
        The text with the entry; None where it is no settings, names something twice, or has another thing by that name.
    """
    before = _settings_in(text)
    table = None if before is None else before.get(key, {})
    if before is None or not isinstance(table, dict):
        return None
    if name in table:
        return text
    entry = f"{json.dumps(name)}: {json.dumps(value)}"
    nl = "\r\n" if "\r\n" in text else "\n"
    one = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    indent = one[1] if one else "  "
    if not before and not _tokens(text):
        after = f"{text.rstrip()}{nl if text.strip() else ''}{{{nl}{indent}{json.dumps(key)}: {{{nl}{indent * 2}{entry}{nl}{indent}}}{nl}}}{nl}"
    elif key in before:
        after = _inserted(text, key, entry, nl, indent, 2)
    else:
        after = _inserted(text, None, f"{json.dumps(key)}: {{{nl}{indent * 2}{entry}{nl}{indent}}}", nl, indent, 1)
    # Whatever the text was like: what comes of it says what it said, and this.
    return after if _settings_in(after) == before | {key: {**table, name: value}} else None


def _tokens(text: str) -> list[re.Match[str]]:
    """Return the words and signs of a text, without its comments."""
    return [token for token in _TOKEN.finditer(text) if not token[0].startswith(("//", "/*"))]


def _settings_in(text: str) -> dict[str, Any] | None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    words = [token[0] for token in _tokens(text.removeprefix("\ufeff"))]
    bare = [word for at, word in enumerate(words) if word != "," or words[at + 1 : at + 2] not in (["}"], ["]"])]
    try:
        # Numbers as they are written, however long.
        settings = json.loads(" ".join(bare), object_pairs_hook=once, parse_int=str, parse_float=str) if bare else {}
    except (ValueError, RecursionError):
        return None
    return settings if isinstance(settings, dict) else None


def _inserted(text: str, key: str | None, entry: str, nl: str, indent: str, depth: int) -> str:
    """Return a text with an entry at the end of the table that begins behind `key`, or of the outermost one."""
    deep, last, inside = 0, None, False
    tokens = _tokens(text)
    for at, token in enumerate(tokens):
        if token[0] in "{[":
            deep += 1
            named = at > 1 and tokens[at - 1][0] == ":" and tokens[at - 2][0] == json.dumps(key)
            inside = inside or (deep == depth and (key is None or named))
        elif token[0] in "}]":
            if inside and deep == depth and last is not None:
                comma = "" if last[0] in ("{", ",") else ","
                gap = text[last.end() : token.start()]
                if re.search(r"[\r\n]", gap):
                    # Before the line with the end, behind the comments that stand there.
                    body = gap.rstrip(" \t")
                    body = body if body.endswith(("\n", "\r")) else f"{body}{nl}"
                    tail = gap[len(gap.rstrip(" \t")) :]
                    return f"{text[: last.end()]}{comma}{body}{indent * depth}{entry}{nl}{tail}{text[token.start() :]}"
                tail = indent * (depth - 1)
                return f"{text[: last.end()]}{comma}{gap.rstrip()}{nl}{indent * depth}{entry}{nl}{tail}{text[token.start() :]}"
            deep -= 1
        last = token
    return text
