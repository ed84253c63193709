"""
How an answer is read that is no success: as a clear no, a pause, a matter of the key, or something that nobody can tell.

The difference is money. Only what plainly says "not taken" is a no; the rest may be billed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from storyreel.imagine.answer_fields import one_line, plain_words, ticks_in, unfolded
from storyreel.imagine.answer_ids import has_words, ids_in, top_ids
from storyreel.imagine.readings import (
    Paced,
    Refused,
    Trouble,
    Unreadable,
    Withheld,
    WrongKey,
)

T = TypeVar("T", bound=Trouble)

# Answers that say "not taken" although an id stands on top of them, once the service has not known it for a minute:
# gateways put a trace id of that name into every refusal of theirs.
NO_IN_SPITE_OF_AN_ID = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})

# Answers that say plainly "not taken". 409 is not among them: to a request with an idempotency key it may mean that
# the first one is at work. 408, 425 and the private 4xx of proxies are not either.
_CLEAR_NO = frozenset({301, 307, 308, 400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431})
_SHOWN = 200  # characters of an answer that nobody can read, for a person to try


def read_error(status: int, text: str) -> Trouble:
    """Read an error in any shape: `{code, error}`, `{error: {...}}`, plain text, a web page, nothing."""
    fields = unfolded(text)
    if fields is None:
        return Trouble(status, None, plain_words(text) or f"HTTP {status}")
    error, code = fields.get("error"), fields.get("code")
    if isinstance(error, Mapping):
        code = error.get("code", code)
        error = error.get("message")
    named = one_line(str(code), 100) if isinstance(code, str | int) and not isinstance(code, bool) else None
    candidates: list[Any] = [error, fields.get("message"), fields.get("detail"), named]
    words = next((word for word in candidates if isinstance(word, str) and word), f"HTTP {status}")
    return Trouble(status, named, one_line(words), ticks_in(fields))


def read_no_of_a_request(status: int, text: str) -> Refused | Paced | WrongKey | Withheld | Unreadable:
    """Read an answer to a request without an id that could be read: a clear no, or nothing that anybody can tell."""
    reading = read_no(status, text)
    if isinstance(reading, Unreadable) or all(one is None or isinstance(one, str) for one in top_ids(text)):
        return reading
    fields = unfolded(text)
    if fields is not None and not has_words(fields.get("request_id")):
        return reading
    # It says no, and names a request in a way that nobody can read: that is no clear no.
    return _shown(read_error(status, text), text)


def read_no(status: int, text: str) -> Refused | Paced | WrongKey | Withheld | Unreadable:
    """Read an answer that is no success: the rate, the key, moderation, a clear no, or nothing that anybody can tell."""
    trouble = read_error(status, text)
    if status == 400 and is_moderation(trouble):
        return as_kind(Withheld, trouble)
    if is_about_the_key(trouble):
        return as_kind(WrongKey, trouble)
    if status == 429:
        return as_kind(Refused, trouble) if is_about_money(trouble) else as_kind(Paced, trouble)
    return as_kind(Refused, trouble) if status in _CLEAR_NO else _shown(trouble, text)


def is_moderation(trouble: Trouble) -> bool:
    """Tell whether an answer says that what was asked for, or what came of it, is withheld."""
    # The code is a slug since mid 2026; before, only the words told.
    return "content-moderated" in (trouble.code or "") or "content moderation" in trouble.words.lower()


def is_about_the_key(trouble: Trouble) -> bool:
    """Tell whether an answer is about the key and about nothing else."""
    if trouble.status == 401:
        return True
    # A wrong key is answered with 400, and an invalid token with 403; either is told from the rest by its text.
    return trouble.status in (400, 403) and (
        (trouble.code or "").startswith("unauthenticated") or "incorrect api key" in trouble.words.lower()
    )


def is_about_money(trouble: Trouble) -> bool:
    """Tell whether an answer says that credits or a limit of spending are used up, in its code or in its words."""
    # They are told with 429 too, and no pause cures them. The text about rates may mention credits as well.
    words = f"{trouble.code or ''} {trouble.words}".lower().replace("_", " ")
    if any(sign in words for sign in ("rate limit", "too many requests", "per second", "per minute", "requests per")):
        return False
    return any(sign in words for sign in _MONEY)


_MONEY = (
    "credit",
    "spending limit",
    "spend limit",
    "monthly",
    "quota",
    "billing",
    "balance",
    "payment",
    "out of funds",
)


def _shown(trouble: Trouble, text: str) -> Unreadable:
    """Return an answer from which nobody can tell what came of a request, with its beginning and any id in it."""
    words, fields = trouble.words, unfolded(text)
    beginning = one_line(text[: 4 * _SHOWN], _SHOWN)
    if beginning and beginning not in words and not words.startswith(beginning[:60]):
        words = f"{words}; it begins: {beginning}"
    ids = [] if fields is None else ids_in(fields)
    if unseen := [one for one in ids if one.partition("=")[2] not in words]:
        words = f"{words}; ids in it: {', '.join(unseen[:5])}"
    return Unreadable(trouble.status, trouble.code, words, trouble.ticks)


def as_kind(kind: type[T], trouble: Trouble) -> T:
    """Return a trouble as one of its kinds."""
    return kind(trouble.status, trouble.code, trouble.words, trouble.ticks)
