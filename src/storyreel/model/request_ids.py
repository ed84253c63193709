"""
Request ids as we write them down: whatever the service gives can be written, shown, typed in and asked for again.

An id that is plain text stays as it came. Any other - with a line break, half a character, spaces around it, letters
that editors would write differently, or one that looks like an id of ours - is written as its bytes: `hex:0a41`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import quote

STILL = "still-"
"""What the ids of stills begin with. They are ours: the service answers with the picture itself and gives none."""

INBOX = "inbox-"
"""What the ids begin with of clips that came into the vault without an answer that named them. They are ours as well."""

_BYTES = "hex:"
_BARE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z]\w*-[\w-]+", re.ASCII)
_HEX = re.compile(r"hex:(?:[0-9a-f]{2})+")


def writable(given: str) -> str:
    """Return an id as it is written down, given as the service wrote it (what was no UTF-8 as surrogates)."""
    plain = given.isprintable() and given == given.strip() and given == unicodedata.normalize("NFC", given)
    if plain and not given.startswith((STILL, INBOX, _BYTES)):
        return given
    return _BYTES + _given_bytes(given).hex()


def typed(text: str) -> str:
    """Return an id that a person has typed: as we print it, or as the service does."""
    return text if _HEX.fullmatch(text) else writable(text)


def in_address(request_id: str) -> str:
    """Return an id as one part of a path, percent-encoded: it never becomes another path."""
    raw = bytes.fromhex(request_id.removeprefix(_BYTES)) if _HEX.fullmatch(request_id) else _given_bytes(request_id)
    safe = quote(raw, safe="")
    return safe if safe.strip(".") else safe.replace(".", "%2E")


def in_yaml(request_id: str) -> str:
    """Return an id as a storyboard can hold it: in quotes where YAML would read a number, a word or a mapping."""
    return request_id if _BARE.fullmatch(request_id) else json.dumps(request_id, ensure_ascii=False)


def is_stills(request_id: str) -> bool:
    """Whether it is an id of ours, of a still."""
    return request_id.startswith(STILL)


def is_in_inbox(request_id: str) -> bool:
    """Whether it is an id of ours, of a clip that the service has put into the vault and of which no answer came."""
    return request_id.startswith(INBOX)


def _given_bytes(given: str) -> bytes:
    try:
        return given.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return given.encode("utf-8", "surrogatepass")
