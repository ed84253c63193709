"""
Answers and records in odd shapes, by the dice: every field with every odd value, every status, every way to cut a body.

Pure but for the dice that is handed in: the same seed gives the same shapes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

BOMB = bytes(32_000_000)
"""What unfolds to far more than an answer has; the transport packs it once."""
DEEP = "[" * 100_000
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7, 1.5, -0.5, 10**12, -(10**12), 10**30, 1e308, float("nan"), float("inf")),
    *("", " ", "0", "-1", "1e400", "9" * 5000, "null", "NaN", "true", "a" * 5000, "ü", "\u202e", "💥", "\x00", "\n"),
    *("\ud800", "a\udfffb", "../../x", "..", ".", "/", "%2F", "%", "a b", "a?b#c", "[/y]", "{{ x }}", "Zm9v/YmFy+w=="),
    *("still-391573f3dc6bbf9f4dcfb910-1", "done", "failed", "expired", "pending", "completed", "error", "queued"),
    *("http://127.0.0.1/x", "file:///etc/passwd", "https://[", "http://a..b/", "data:,x", "//x", "https://u:p@h/x"),
    *([], {}, [[]], [None], [{}], {"": ""}, {"a": [1]}, ["x", "y"], {"message": "x"}, [1, 2.5, "x", None, {}]),
)
NUMBERS = tuple(value for value in VALUES if isinstance(value, int | float))
LONG = 400
"""From so many characters on a text is taken for a picture."""
PICTURES: tuple[Callable[[bytes], bytes], ...] = (
    lambda picture: picture[:-2],
    lambda picture: picture[: len(picture) // 2],
    lambda picture: picture + b"\x00" * 100,
    lambda picture: picture[:20] + b"\xff" * 4 + picture[24:],
    lambda _: b"\x00\x00\x00\x1cftypavif" + bytes(400),
    lambda _: b"GIF89a" + bytes(400),
    lambda _: b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b" " * 400,
    lambda _: b"P",
)
STATUSES = (
    *(200, 200, 200, 201, 202, 203, 206, 207, 226, 299, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403),
    *(404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431),
    *(444, 451, 460, 499, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 522, 524, 525, 529, 530, 598, 599),
)
NAMES = (
    *("request_id", "requestId", "id", "task_id", "error", "code", "message", "detail", "status", "state", "video"),
    *("url", "data", "usage", "progress", "model", "duration", "respect_moderation", "file_output", "b64_json", "v"),
)
HEADERS = (
    *(
        ("content-type", kind)
        for kind in ("text/html", "text/plain", "image/png", "application/json; charset=utf-16", "")
    ),
    *(
        ("content-type", kind)
        for kind in ("application/problem+json", "multipart/mixed", "x", "application/octet-stream")
    ),
    *(("retry-after", told) for told in ("86400", "inf", "nan", "-5", "1e400", "soon", "0", "1.5", "999999999999")),
    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("retry-after", "Fri, 31 Dec 99999 23:59:59 GMT"),
    ("retry-after", "Mon, 01 Jan 0001 00:00:00 +2359"),
    ("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("date", "Fri, 31 Dec 9999 23:59:59 -2359"),
    ("location", "https://elsewhere.example/"),
    ("location", "http://a..b/"),
    ("content-encoding", "gzip"),
    ("content-encoding", "br, gzip"),
    ("content-encoding", "identity"),
    ("content-encoding", "nothing-known"),
    ("transfer-encoding", "chunked"),
    ("content-length", "99999999999"),
    ("content-length", "-1"),
    ("content-length", "0"),
    ("content-length", "²"),
    ("x-should-retry", "true"),
    ("set-cookie", "a=b"),
)
JSON = (("content-type", "application/json"),)
PACKED = (("content-encoding", "gzip"),)


@dataclass(frozen=True)
class Reply:
    """
    One answer. `end` is how it ends: whole, cut in the middle, never begun, or never ended (slowly, or as fast as it can).

    `packed` names the codings that it is sent in. `fields` are what `body` says where it is a JSON object that any
    careful reader can read; None where it is not.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    packed: tuple[str, ...] = ()
    end: str = "whole"
    fields: dict[str, Any] | None = field(default=None, repr=False)


def saying(value: Any, status: int = 200) -> Reply:
    """Return an answer in JSON."""
    return Reply(status, json.dumps(value).encode(), JSON, fields=value if isinstance(value, dict) else None)


def twisted(dice: Random, sane: Reply, others: tuple[Any, ...] = ()) -> Reply:
    """
    Return an answer that is not quite the sane one: one to three things about it are odd.

    Args:
        dice: What decides.
        sane: What it would have been.
        others: Bodies of other answers, which may come in its place.
    """
    reply = sane
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
        reply = dice.choice(WAYS)(dice, reply, others)
    return reply


def shaken(dice: Random, value: Any) -> Any:
    """Return JSON data with one thing about it changed: a value, a name, what it is wrapped in, what is left out."""
    value = deepcopy(value)
    spots = list(_spots(value))
    if not spots:
        return dice.choice(VALUES)
    inside, key = dice.choice(spots)
    match dice.randrange(8):
        case 0 | 1 | 2:
            inside[key] = _in_place_of(dice, inside[key])
        case 3:
            del inside[key]
        case 4 if isinstance(inside, dict):
            inside[dice.choice((key.upper(), key + "s", f" {key}", dice.choice(NAMES)))] = inside.pop(key)
        case 5:
            inside[key] = dice.choice(([inside[key]], {"data": inside[key]}, {key: inside[key]}, str(inside[key])))
        case 6 if isinstance(inside, dict):
            inside[dice.choice(NAMES)] = deepcopy(dice.choice(VALUES))
        case _:
            return dice.choice(([value], {"data": value}, {"error": value}, value))
    return value


def _in_place_of(dice: Random, value: Any) -> Any:
    """Return something odd; often of the kind that stands there, since all else is the first thing that anybody refuses."""
    if isinstance(value, int | float) and dice.random() < 0.6:
        return dice.choice(NUMBERS)
    if isinstance(value, str) and len(value) > LONG and dice.random() < 0.8:
        return base64.b64encode(dice.choice(PICTURES)(base64.b64decode(value))).decode()
    return deepcopy(dice.choice(VALUES))


def _spots(value: Any) -> Any:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _spots(value[key])


def bitten(dice: Random, data: bytes) -> bytes:
    """Return bytes of which some are gone, wrong, doubled or new."""
    at = dice.randrange(len(data) + 1)
    match dice.randrange(9):
        case 0 | 1:
            return data[:at]
        case 2:
            return b""
        case 3:
            return bytes(len(data))
        case 4:
            return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
        case 5:
            return data[:at] + dice.randbytes(dice.randrange(1, 9)) + data[at:]
        case 6:
            return data + data[at:]
        case 7:
            return data.rstrip(b"}\n ")
        case _:
            return data[at:]


def _as_text(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    """Write the same another way: some of these a careful reader reads, some nobody can."""
    text = reply.body.decode("utf-8", "replace")
    readable = dice.choice((b"\xef\xbb\xbf" + reply.body, b" \r\n\t" + reply.body, reply.body + b"\n\n", reply.body))
    return dice.choice(
        (
            replace(reply, body=readable),
            replace(reply, body=readable),
            replace(reply, body=text.encode("utf-16"), fields=None),
            replace(reply, body=reply.body + b"}", fields=None),
            replace(reply, body=b"data: " + reply.body + b"\n\n", fields=None),
            replace(reply, body=reply.body.replace(b'"', b"'"), fields=None),
            replace(reply, body=reply.body + reply.body, fields=None),
            replace(reply, body=b"<!DOCTYPE html><html><body>Sign in</body></html>", fields=None),
            replace(reply, body=b"upstream connect error or disconnect/reset before headers", fields=None),
            replace(reply, body=DEEP.encode(), fields=None),
            replace(reply, body=b'{"a":' * 3000 + b"1" + b"}" * 3000, fields=None),
            replace(reply, body=b"", fields=None),
        )
    )


def _as_fields(dice: Random, reply: Reply, others: tuple[Any, ...]) -> Reply:
    value = reply.fields
    if value is None or (others and dice.random() < 0.1):
        value = dice.choice(others) if others else {}
    value = shaken(dice, value)
    body = json.dumps(value).encode()
    return Reply(reply.status, body, JSON, fields=value if isinstance(value, dict) else None)


def _as_status(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    return replace(reply, status=dice.choice(STATUSES))


def _as_bytes(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    return replace(reply, body=bitten(dice, reply.body), fields=None)


def _as_headers(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    name, value = dice.choice(HEADERS)
    # A length or a coding that is a lie is for the transport to find out: what was said then, nobody knows for sure.
    lie = name in ("content-encoding", "content-length", "transfer-encoding") and value != "identity"
    kept = tuple(pair for pair in reply.headers if pair[0] != name)
    return replace(reply, headers=(*kept, (name, value)), fields=None if lie else reply.fields)


def _as_packed(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    match dice.randrange(5):
        case 0:
            return replace(reply, body=BOMB, packed=("gzip",), fields=None)
        case 1:
            return replace(reply, body=BOMB, packed=("gzip", "gzip"), fields=None)
        case 2:
            return replace(reply, body=gzip.compress(reply.body)[:-9], headers=PACKED, fields=None)
        case _:
            return replace(reply, packed=(*reply.packed, dice.choice(("gzip", "deflate"))))


def _as_end(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    return replace(reply, end=dice.choice(("cut", "cut", "dropped", "slow", "endless")), fields=None)


def _as_size(dice: Random, reply: Reply, _: tuple[Any, ...]) -> Reply:
    match dice.randrange(3):
        case 0:
            return replace(reply, body=reply.body + b" " * 3_000_000, fields=None)
        case 1:
            return replace(reply, body=b'{"request_id": "' + b"x" * 3_000_000 + b'"}', fields=None)
        case _:
            return replace(reply, body=b"[" + b"0," * 1_000_000 + b"0]", fields=None)


WAYS: tuple[Callable[[Random, Reply, tuple[Any, ...]], Reply], ...] = (
    *(_as_fields, _as_fields, _as_fields, _as_fields, _as_fields, _as_fields, _as_fields, _as_fields),
    *(_as_status, _as_status, _as_status, _as_headers, _as_headers, _as_text, _as_text, _as_bytes, _as_bytes),
    *(_as_packed, _as_end, _as_end, _as_size),
)
