"""
Parts of an answer, taken out of JSON that may be of any size and have anything in any place.

What is not of the kind that is wanted counts as absent; nothing here raises.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from storyreel.model.money import Charge

_MOST_PARTS = 200_000  # in one answer: a few megabytes of them unfold to gigabytes
_MOST = 2**63 - 1

# In whatever shape an answer repeats it: percent-encoded once or thrice, escaped as JSON or HTML does, as a header, as a field.
_SIGNED = re.compile(
    r"(x-(?:amz|goog)-(?:signature|credential|security-token))[\"'\\]{0,4}\s?[^\w\s.,;!?)][\s\"'\\]{0,4}[^\s\"'<>]+"
    r"|(\bsignature(?:provided)?\W{1,4})[0-9a-f]{40,}",
    re.IGNORECASE,
)

WEB_PAGE = "a web page instead of an answer"


def inline_picture(url: str) -> bytes | None:
    """Return the picture that an address of the kind `data:` is itself."""
    start, _, encoded = url.partition(";base64,")
    if not start.lower().startswith("data:"):
        return None
    try:
        return base64.b64decode(encoded) or None
    except (binascii.Error, ValueError):
        return None


def one_line(words: str, most: int = 300) -> str:
    """Return words on one line, cut to `most` characters, without what an address is signed with that they repeat."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    line = _SIGNED.sub(lambda signed: f"{signed[1] or signed[2]}***", line)
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def unfolded(text: str) -> Mapping[str, Any] | None:
    """Return the object that an answer is; None if it is anything else, or too large to be unfolded."""
    if sum(text.count(sign) for sign in "[{,") > _MOST_PARTS:
        return None
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_int=_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _number(digits: str) -> int | float:
    # A number of thousands of digits is refused by Python, and with it all that stands beside it.
    return int(digits) if len(digits) <= 300 else math.copysign(math.inf, -1 if digits.startswith("-") else 1)


def plain_words(text: str) -> str:
    """Return the words of an answer that is no object, on one line; of a web page, that it is one."""
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        return WEB_PAGE
    return one_line(text[:2000])


def address_in(fields: Mapping[str, Any], video: Mapping[str, Any]) -> str | None:
    """Return where a clip can be fetched: the service's own place for it first, then those of gateways."""
    stored = video.get("file_output")
    public = stored.get("public_url") if isinstance(stored, Mapping) else None
    own = [url for url in (video.get("url"), public) if isinstance(url, str) and url.strip()]
    if own:
        return own[0]
    places: list[Any] = [fields.get("video"), fields.get("video_url"), fields.get("url"), fields.get("output")]
    for name in ("data", "output", "result", "content", "videos"):
        inner = fields.get(name)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, Mapping):
            places += [inner.get("url"), inner.get("video_url")]
        elif name != "data":
            places.append(inner)
    return next(
        (one for one in places if isinstance(one, str) and one.strip().startswith(("https://", "http://"))), None
    )


def ticks_in(fields: Mapping[str, Any]) -> Charge:
    """Return the charge that an answer names; where it is no number of ticks, what stands in its place, as text."""
    usage = fields.get("usage")
    charge = usage.get("cost_in_usd_ticks") if isinstance(usage, Mapping) else None
    if charge is None or (type(charge) is int and abs(charge) <= _MOST):
        return charge
    # Whatever it is, it is no charge, and a person is to see what it was.
    return one_line(repr(charge) if isinstance(charge, str) else str(charge), 40) or "nothing"


def whole_number(value: Any) -> int | None:
    """Return a whole number of any size, as far as 64 bits hold it: what is beyond is told by the largest of them."""
    if isinstance(value, str) and value.isascii() and value.isdigit():  # 64-bit numbers travel as text in proto JSON
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    bounded = max(-_MOST, min(_MOST, value))
    return int(bounded) if bounded == bounded // 1 else None


def percent_of(value: Any) -> int | None:
    """Return a percentage, bounded by 0 and 100."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return int(max(0, min(100, value)))


def seconds_of(value: Any) -> float | None:
    """Return the length of a clip."""
    # No clip has a day; what says so is no length.
    timed = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 86_400
    return float(value) if timed else None


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a list; whatever else is in it is left out."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def picture_kind(picture: bytes) -> str | None:
    """Return the kind of a picture as its first bytes have it; None for kinds that the service does not make."""
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture.startswith(b"RIFF") and picture[8:12] == b"WEBP":
        return "image/webp"
    return None
