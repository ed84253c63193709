"""
The API key: read from the environment, kept in memory, and shown to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyreel.errors import SettingsError

# What a bearer token may be made of, and what gateways add to it. All of it can stand in a header and in a log's mask.
_KEY = re.compile(r"[!#-&(-;=?-\[\]^_a-~]*")


class Key(str):
    """An API key. It prints as stars, so that no log or traceback shows it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def read_key(env: Mapping[str, str]) -> Key | None:
    """
    Return the key that XAI_API_KEY holds; None if there is none.

    Raises:
        SettingsError: It has a character that no key has.
    """
    key = env.get("XAI_API_KEY", "").strip()
    if not _KEY.fullmatch(key):
        raise SettingsError(
            "XAI_API_KEY has a character that no key has (a space, a line break, a quotation mark, an accent)"
        )
    return Key(key) if key else None


def no_key(where: str = "") -> SettingsError:
    """Return the error for a run that wants the real API (or what is `where`), and has no key."""
    at = f" (for {where})" if where else ""
    return SettingsError(f"there is no API key: set XAI_API_KEY{at}, or rehearse free of charge with --sandbox")
