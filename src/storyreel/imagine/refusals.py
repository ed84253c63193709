"""
What becomes of a POST that made nothing: one error for each case, in a person's words.

The difference between them is money: refused and paced were surely not taken, withheld is billed, unknown may be.
"""

from __future__ import annotations

from storyreel.errors import (
    ImagineError,
    KeyRefused,
    NoRetention,
    SubmitNamed,
    SubmitPaced,
    SubmitRefused,
    SubmitUnknown,
    TakeModerated,
)
from storyreel.imagine.answer_fields import WEB_PAGE, one_line
from storyreel.imagine.readings import Paced, Refused, Trouble, Unreadable, Withheld, WrongKey
from storyreel.imagine.troubles import NO_IN_SPITE_OF_AN_ID, is_about_money

ZERO_RETENTION = "zero data retention"
"""What a refusal is about that wants to be told where to put a clip: docs.x.ai and many reports, 2026."""
NOT_AGAIN = "it may be billed, so it is not sent again"


WANTS_A_BUCKET = (
    "the service keeps no clips for this team (zero data retention) and puts them where it is told: have a vault in a bucket that "
    "it can reach, STORYREEL_VAULT=s3://bucket/prefix (docs/zero-retention.md)"
)


def unmade(
    reading: Refused | Paced | WrongKey | Withheld | Unreadable,
    *,
    where: str,
    has_key: bool,
    after_s: float | None,
    onward: str = "",
) -> ImagineError:
    """
    Return the error for an answer that is no success.

    Args:
        reading: What the answer said.
        where: The service's address, as it may be shown.
        has_key: Whether a key was sent.
        after_s: What a Retry-After asked for, in seconds.
        onward: Where a redirect leads, as it may be shown.
    """
    words, status, code = reading.words, reading.status, reading.code
    match reading:
        case WrongKey():
            return key_refused(words, where=where, has_key=has_key)
        case Paced():
            message = f"the service takes no more requests for now: {words}"
            return SubmitPaced(message, status=status, code=code, after_s=after_s)
        case Refused():
            message = f"the service refused the request (HTTP {status}): {words}{remedy(reading, where, onward)}"
            refusal = NoRetention if ZERO_RETENTION in words.lower() else SubmitRefused
            return refusal(message, status=status, code=code)
        case Withheld(ticks=ticks):
            message = f"made and withheld by moderation, and it is billed: {words}"
            return TakeModerated(message, words=words, ticks=ticks)
        case Unreadable():
            return unanswered(
                f"the answer (HTTP {status}) does not say whether it was taken: {words}{remedy(reading, where, onward)}"
            )


def unanswered(why: str) -> SubmitUnknown:
    """Return the error for a request that was sent, with what came instead of an answer, as the end of a sentence."""
    return SubmitUnknown(f"the request was sent, and {why}; {NOT_AGAIN}", why=why)


def named(request_id: str, without_id: ImagineError, reading: Trouble) -> SubmitNamed:
    """
    Return the error for an answer that is no success and on top of which an id stands.

    Args:
        request_id: The id, as it is kept.
        without_id: What the answer would mean without it.
        reading: What the answer said.
    """
    refused = isinstance(without_id, SubmitRefused | KeyRefused)
    which = (
        "has no request_id and an id all the same"
        if 200 <= reading.status < 300
        else "is no success and has the request id"
    )
    why = f"the answer (HTTP {reading.status}) {which}, {one_line(request_id)}: {reading.words}"
    return SubmitNamed(
        f"the request was sent, and {why}; {NOT_AGAIN}",
        why=why,
        request_id=request_id,
        status=reading.status,
        code=reading.code,
        words=reading.words,
        refusal=without_id if refused and reading.status in NO_IN_SPITE_OF_AN_ID else None,
    )


def remedy(trouble: Trouble, where: str, onward: str = "") -> str:
    """
    Return what a person can do about an answer that is about the way to the service, or the account; "" if it is not.

    Args:
        trouble: What was answered.
        where: The service's address, as it may be shown.
        onward: Where a redirect leads, as it may be shown.
    """
    words = f"{trouble.code or ''} {trouble.words}".lower()
    if 300 <= trouble.status < 400:
        to = f" on to {onward}" if onward else ""
        return f"; {where} leads{to}, which is not followed with a key: set XAI_BASE_URL to the API's own address"
    if trouble.status == 413 or any(sign in words for sign in ("length limit", "too large", "body size")):
        return f"; the request was too large for {where} or a proxy before it: take smaller pictures, or fewer"
    if WEB_PAGE in words:
        return (
            f"; that came from {where}: a login page of this network or a proxy may stand between; open the address in a "
            "browser, and look at XAI_BASE_URL if it is set"
        )
    if trouble.status == 404 and "model" not in words:
        ends = "" if where.endswith("/v1") else f", and an API's address ends in /v1: perhaps {where}/v1"
        return f"; it was asked at {where}{ends}; look at XAI_BASE_URL"
    if ZERO_RETENTION in words:
        return f"; {WANTS_A_BUCKET}"
    if trouble.status in (402, 429) or is_about_money(trouble):
        return "; no pause cures that: look after the credits and the spending limit of the account"
    return ""


def key_refused(words: str, *, where: str, has_key: bool, request_id: str | None = None) -> KeyRefused:
    """Return the error for a key that is refused, or missing."""
    if has_key:
        message = f"the service at {where} refuses the key: {words}; set another XAI_API_KEY"
    else:
        message = f"the service at {where} wants a key, and there is none: set XAI_API_KEY"
    return KeyRefused(message, request_id=request_id)
