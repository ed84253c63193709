"""
What becomes of a POST that made nothing: one error for each case, in a person's words.

The difference between them is money: refused and paced were surely not taken, withheld is billed, unknown may be.
"""

from __future__ import annotations

from storyreel.errors import (
    ImagineError,
    KeyRefused,
    SubmitNamed,
    SubmitPaced,
    SubmitRefused,
    SubmitUnknown,
    TakeModerated,
)
from storyreel.imagine.answers import Paced, Refused, Trouble, Unreadable, Withheld, WrongKey
from storyreel.imagine.wire import NO_IN_SPITE_OF_AN_ID

NOT_AGAIN = "it may be billed, so it is not sent again"


def unmade(
    reading: Refused | Paced | WrongKey | Withheld | Unreadable, *, where: str, has_key: bool, after_s: float | None
) -> ImagineError:
    """
    Return the error for an answer that is no success.

    Args:
        reading: What the answer said.
        where: The service's address, as it may be shown.
        has_key: Whether a key was sent.
        after_s: What a Retry-After asked for, in seconds.
    """
    words, status, code = reading.words, reading.status, reading.code
    match reading:
        case WrongKey():
            return key_refused(words, where=where, has_key=has_key)
        case Paced():
            said = f"the service takes no more requests for now: {words}"
            return SubmitPaced(said, status=status, code=code, after_s=after_s)
        case Refused():
            said = f"the service refused the request (HTTP {status}): {words}"
            return SubmitRefused(said, status=status, code=code)
        case Withheld(ticks=ticks):
            said = f"made and withheld by moderation, and it is billed: {words}"
            return TakeModerated(said, words=words, ticks=ticks)
        case Unreadable():
            return SubmitUnknown(
                f"the request was sent, and the answer (HTTP {status}) does not say whether it was taken: {words}; "
                + NOT_AGAIN
            )


def named(request_id: str, without_id: ImagineError, reading: Trouble) -> SubmitNamed:
    """
    Return the error for an answer that is no success and on top of which an id stands.

    Args:
        request_id: The id, as it is kept.
        without_id: What the answer would mean without it.
        reading: What the answer said.
    """
    refused = isinstance(without_id, SubmitRefused | KeyRefused)
    return SubmitNamed(
        f"the request was sent, and the answer (HTTP {reading.status}) is no success and has the request id"
        f" {request_id}: {reading.words}; {NOT_AGAIN}",
        request_id=request_id,
        status=reading.status,
        code=reading.code,
        words=reading.words,
        refusal=without_id if refused and reading.status in NO_IN_SPITE_OF_AN_ID else None,
    )


def key_refused(words: str, *, where: str, has_key: bool, request_id: str | None = None) -> KeyRefused:
    """Return the error for a key that is refused, or missing."""
    if has_key:
        said = f"the service at {where} refuses the key: {words}; set another XAI_API_KEY"
    else:
        said = f"the service at {where} wants a key, and there is none: set XAI_API_KEY"
    return KeyRefused(said, request_id=request_id)
