"""
Characters that look like the signs of YAML and JSON and are letters to both: other keyboards and word processors set them.

Such a character may be meant in a sentence. Here is where it can only stand for the sign.
"""

from __future__ import annotations

import re

from storyreel.diagnostics.codes import Code
from storyreel.did_you_mean import called

UNSEEN = "\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0"
"""Spaces that are none to YAML, and characters that take no room at all."""

_ALIKE = {
    ":": ":\uff1a\ufe55\ufe13\ua789\u2236\u02d0",
    ",": "\uff0c\u3001\ufe50\ufe10\u060c\u201a",
    "-": "\uff0d\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u2022\u2023\u2043\u00b7\u25aa\u25cf\u25e6",
    '"': "\u201c\u201d\u201e\u201f\uff02\u00ab\u00bb\u2033",
    "'": "\u2018\u2019\u201b\uff07\u2032\u00b4",
    "{": "\uff5b\ufe5b",
    "}": "\uff5d\ufe5c",
    "[": "\uff3b",
    "]": "\uff3d",
    "#": "\uff03\ufe5f",
}
_SIGNS = {other: sign for sign, others in _ALIKE.items() for other in others if other != sign}
_QUOTES = _ALIKE['"'] + _ALIKE["'"]
_OTHERS = re.escape("".join(_SIGNS))
_COLONS = re.escape(_ALIKE[":"].lstrip(":"))
_COMMAS = re.escape(_ALIKE[","])
_KEY = r"""["']?[\w-]+["']?"""

_PLACES = tuple(
    re.compile(place)
    for place in (
        rf"\s*(?:- +)*{_KEY}[ ]*(?P<sign>[{_COLONS}])",
        rf"[{{,\[][ ]*{_KEY}[ ]*(?P<sign>[{_COLONS}])",
        rf"(?:^|[ {{,])(?:- +)*{_KEY}:(?:[ ]*(?=[{UNSEEN}]+\s*$))?(?P<sign>[{UNSEEN}])",
        rf"^[ ]*(?:- +)*-(?P<sign>[{UNSEEN}])",
        rf"^[ ]*(?P<sign>[{UNSEEN}])",
        rf"[{{,\[][ ]*(?P<sign>[{UNSEEN}])",
        rf"^[ ]*(?P<sign>[{re.escape(_ALIKE['-'])}])\s+{_KEY}:",
        rf"(?P<sign>[{_COMMAS}])\s*{_KEY}\s*:",
        rf"[\]}}\"][ ]*(?P<sign>[{_COMMAS}])",
        rf"(?:^|[{{,\[])\s*(?:- +)*(?P<sign>[{_QUOTES}])[^{_QUOTES}]*[{_QUOTES}]\s*:",
        rf"[{{\[][ ]*(?P<sign>[{_QUOTES}])",
        rf"[\"{_QUOTES}]\s*:\s*(?P<sign>[{_QUOTES}])",
        rf"(?:^\s*|:\s*|[,\[]\s*)(?P<sign>[{re.escape(_ALIKE['{'] + _ALIKE['['])}])",
        rf"(?P<sign>[{re.escape(_ALIKE['}'] + _ALIKE[']'])}])\s*[,}}\]]?\s*$",
        rf"^\s*(?P<sign>[{re.escape(_ALIKE['#'])}])",
        rf"^[ ]*(?P<sign>\*|\d{{1,3}}[.)])\s+{_KEY}:",
        r"(?:^|[{\[,])\s*(?P<sign>//|/\*)",
    )
)
"""Where a sign stands: behind a key, before one, at the beginning of a line, of a list or of a mapping."""

LOOKED_AT = 1_000
"""Characters of a line that are looked at: where a sign has to stand is at its beginning, and a line may be a whole file long."""


def sign_in(line: str, *, word: bool = False) -> tuple[int, Code, str, str] | None:
    """
    Return the first character of a line that only looks like a sign where one has to stand; None if there is none.

    Args:
        line: Of the text, or a key.
        word: This is a key, in which none of them is meant anywhere.

    Returns:
        Its place, counted from 0, the code, what it is, and what to do.
    """
    places = (re.compile(f"(?P<sign>[{UNSEEN}{_OTHERS}]|^//|^/\\*)"),) if word else _PLACES
    seen = [match.start("sign") for place in places if (match := place.search(line[:LOOKED_AT]))]
    if not seen:
        return None
    at = min(seen)
    if line[at] == "/":
        return (
            at,
            "yaml-syntax",
            f"{line[at : at + 2]} begins no comment",
            "a comment begins with #, on a line of its own",
        )
    if line[at] == "*" or line[at].isdigit():
        return at, "yaml-sign", "an item of a list begins with - in YAML", "write - and a space before it"
    if re.match(f"[{UNSEEN}]", line[at]):
        message = f"there is a character here that nobody can see, or that only looks like a space: {called(line[at])}"
        return at, "invisible-character", message, "type this line anew, with plain spaces"
    sign = _SIGNS[line[at]]
    message = f"'{line[at]}' only looks like {sign} and is a letter to YAML: it is {called(line[at])}"
    return at, "yaml-sign", message, f"write a plain {sign} for it, here and wherever else it is one"


def curly_quote(text: str) -> str:
    """Return what the first curly quote in a text is, which closes nothing; empty if there is none."""
    seen = re.search(f"[{_QUOTES}]", text)
    return f"'{seen[0]}' closes none, it is {called(seen[0])}" if seen is not None else ""
