"""
The API key: taken from the environment, kept in memory, and shown to nobody.
"""

from __future__ import annotations

import re
from pathlib import Path

from storyreel.errors import SettingsError

# What a bearer token may be made of, and what gateways add to it. All of it can stand in a header and in a log's mask.
_KEY = re.compile(r"[!#-&(-;=?-\[\]^_a-~]*")

_LIKE_A_KEY = re.compile(r"\bxai-[A-Za-z0-9_-]{20,}")


class Key(str):
    """An API key. It prints as stars, so that no log or traceback shows it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def key_of(text: str, name: str) -> Key:
    """
    Return a text as a key.

    Args:
        name: The variable that holds it.

    Raises:
        SettingsError: It has a character that no key has. Nothing of it is repeated.
    """
    if not _KEY.fullmatch(text):
        raise SettingsError(
            f"{name} has a character that no key has (a space, a line break, a quotation mark, an accent)"
        )
    return Key(text)


def starred(text: str) -> str:
    """Return a text in which whatever looks like a key is as many stars: people paste one where it does not belong, and are told so."""
    return _LIKE_A_KEY.sub(lambda key: "*" * len(key[0]), text)


def no_key(where: str = "", dotenv: Path | None = None) -> SettingsError:
    """
    Return the error for a run that wants the real API (or what is `where`), and has no key.

    Args:
        dotenv: A `.env` that somebody may have meant it to be taken from.
    """
    at = f" (for {where})" if where else ""
    beside = f". There is {dotenv}, which is not read: a folder may be a stranger's" if dotenv is not None else ""
    return SettingsError(
        f"there is no API key: set XAI_API_KEY{at} in the environment, or rehearse free of charge with --sandbox{beside}"
    )
