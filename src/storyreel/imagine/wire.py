"""
The wire of the Imagine API: how requests are written and every answer is read.

Pure: no connection, no clock, no exceptions for what a service may say. Each `read_*` takes a status and the body's
text and gives one of a few named values; what follows from them is decided by `client` and `watch`.

Source: docs.x.ai (video, image, files, debugging pages) and published probes of api.x.ai, read 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from storyreel.imagine.readings import (
    Accepted,
    Expired,
    Failed,
    Gone,
    Hiccup,
    Paced,
    PollAnswer,
    Refused,
    StillAnswer,
    SubmitAnswer,
    Trouble,
    Unlisted,
    Unreadable,
    Withheld,
    WithoutAddress,
    WrongKey,
)
from storyreel.imagine.types import ByFile, Finished, Media, ModelCard, Progress, StillElsewhere, StillMade
from storyreel.model.money import Charge
from storyreel.model.recipe import Operation
from storyreel.model.request_ids import writable

T = TypeVar("T", bound=Trouble)

# Answers that say "not taken" although an id stands on top of them, once the service has not known it for a minute:
# gateways put a trace id of that name into every refusal of theirs.
NO_IN_SPITE_OF_AN_ID = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})

# --- requests ------------------------------------------------------------------------------------------------------

PATHS: Mapping[Operation, str] = {
    "text-to-video": "videos/generations",
    "image-to-video": "videos/generations",
    "reference-to-video": "videos/generations",
    "edit-video": "videos/edits",
    "extend-video": "videos/extensions",
    "generate-image": "images/generations",
    "edit-image": "images/edits",
}

# The service ignores fields that it does not know: media under a wrong name make a plain text-to-video, and bill it.
# So media come in by `media` alone, and never inside a body, under any name they have or once had.
MEDIA_FIELDS = frozenset(
    {"image", "images", "reference_images", "video", "last_frame", "keyframes", "image_url", "video_url"}
)


def write(operation: Operation, body: Mapping[str, Any], media: Sequence[Media] = ()) -> tuple[str, dict[str, Any]]:
    """
    Write a request: the body as given, with its media in the fields where the operation wants them.

    Args:
        operation: What is asked for.
        body: Everything but the media, as it is sent.
        media: Pictures or the clip that go in, in order.

    Returns:
        The path below the base address, and the JSON body.

    Raises:
        ValueError: The operation does not take this many media, or the body has media of its own.
    """
    smuggled = MEDIA_FIELDS & body.keys()
    if smuggled:
        raise ValueError(f"{operation}: {', '.join(sorted(smuggled))} in the body; media are handed over apart from it")
    given = [_media(item) for item in media]
    match operation, given:
        case (("text-to-video" | "generate-image"), []):
            placed: dict[str, Any] = {}
        case (("image-to-video" | "edit-image"), [one]):
            placed = {"image": one}
        case (("edit-video" | "extend-video"), [one]):
            placed = {"video": one}
        case "reference-to-video", [_, *_]:
            placed = {"reference_images": given}
        case "edit-image", [_, _, *_]:
            placed = {"images": given}
        case _:
            raise ValueError(f"{operation} does not take {len(given)} media")
    return PATHS[operation], {**body, **placed}


def _media(item: Media) -> dict[str, str]:
    return {"file_id": item.file_id} if isinstance(item, ByFile) else {"url": item.url}


# Answers that say plainly "not taken". 409 is not among them: to a request with an idempotency key it may mean that
# the first one is at work. 408, 425 and the private 4xx of proxies are not either.
_CLEAR_NO = frozenset({301, 307, 308, 400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431})


_PARTS = re.compile(r'"(?:[^"\\]+|\\.)*+(?P<open>\\?\Z)?"?|[{}\[\]]|[^\s"{}\[\],:]+|[:,]', re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_TOP_CHARACTERS = 1 << 20  # of an answer that are searched for an id
_MOST_PARTS = 200_000  # in one answer: a few megabytes of them unfold to gigabytes
_MOST = 2**63 - 1
_SHOWN = 200  # characters of an answer that nobody can read, for a person to try

WEB_PAGE = "a web page instead of an answer"

# --- readers -------------------------------------------------------------------------------------------------------


def read_error(status: int, text: str) -> Trouble:
    """Read an error in any shape: `{code, error}`, `{error: {...}}`, plain text, a web page, nothing."""
    fields = _object(text)
    if fields is None:
        return Trouble(status, None, _plain_words(text) or f"HTTP {status}")
    error, code = fields.get("error"), fields.get("code")
    if isinstance(error, Mapping):
        code = error.get("code", code)
        error = error.get("message")
    named = one_line(str(code), 100) if isinstance(code, str | int) and not isinstance(code, bool) else None
    candidates: list[Any] = [error, fields.get("message"), fields.get("detail"), named]
    words = next((word for word in candidates if isinstance(word, str) and word), f"HTTP {status}")
    return Trouble(status, named, one_line(words), _ticks(fields))


def read_submit(status: int, text: str) -> SubmitAnswer:
    """Read the answer to a submit. What counts is the id, not the status: a 200 without one is unreadable."""
    if 200 <= status < 300 and (request_id := _top_id(text)) is not None:
        return Accepted(request_id)
    return _no_of_a_request(status, text)


def read_name(status: int, text: str) -> str | None:
    """
    Return the id that stands on top of an answer that is no success; None if there is none.

    Ids in other places - inside `error`, named `id`, in a header - are a gateway's own, and are not believed.
    """
    return None if 200 <= status < 300 else _top_id(text)


def _top_id(text: str) -> str | None:
    given = next((one for one in reversed(_top_ids(text)) if isinstance(one, str) and one.strip()), None)
    return writable(given) if given is not None else None


def _no_of_a_request(status: int, text: str) -> Refused | Paced | WrongKey | Withheld | Unreadable:
    reading = _no(status, text)
    if isinstance(reading, Unreadable) or all(one is None or isinstance(one, str) for one in _top_ids(text)):
        return reading
    fields = _object(text)
    if fields is not None and not _has_words(fields.get("request_id")):
        return reading
    # It says no, and names a request in a way that nobody can read: that is no clear no.
    return _shown(read_error(status, text), text)


def _has_words(value: Any) -> bool:
    waiting = [value]
    for one in waiting:  # it grows: who gave this decides how deep it is
        if isinstance(one, str) and one.strip():
            return True
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return False


def _top_ids(text: str) -> list[object]:
    """
    Return what stands on top of an answer as `request_id`, in order: text and numbers as they are written, else anything.

    It is found by the brackets around it, since an answer may be cut, nested beyond reading, no JSON in some other way, or
    have the field twice.
    """
    ids: list[object] = []
    depth, name, named = 0, "", False
    searched = text.removeprefix("\ufeff")[:_TOP_CHARACTERS]
    for match in _PARTS.finditer(searched):
        part = match[0]
        if depth == 0 and part != "{":
            break
        if depth == 1 and named and part != ",":
            whole = match["open"] is None and (part[0] == '"' or match.end() < len(searched))
            ids.append(_id_of(part) if whole else [part])
            named = False
        elif depth == 1 and part == ":":
            named = name == "request_id"
            continue
        if part in "{[":
            depth += 1
        elif part in "}]":
            depth -= 1
        name = _string(part) if depth == 1 and part[0] == '"' and match["open"] is None else ""
    return ids


def _id_of(part: str) -> object:
    if part[0] == '"':
        return _string(part)
    if _NUMBER.fullmatch(part):
        return part
    return None if part == "null" else [part]


def _string(part: str) -> str:
    try:
        return str(json.loads(part, strict=False))
    except ValueError:
        return part[1:-1]


def read_still(status: int, text: str) -> StillAnswer:
    """Read the answer to a request for a picture. One that is there was made, and is paid for, whatever the status says."""
    fields = _object(text)
    if fields is None:
        return _no_of_a_request(status, text)
    ticks = _ticks(fields)
    data = fields.get("data")
    first = data[0] if isinstance(data, list) and data else None
    if not isinstance(first, Mapping):
        return _no_of_a_request(status, text)
    encoded, url = first.get("b64_json"), first.get("url")
    if first.get("respect_moderation") is False:
        return Withheld(status, None, "Generated image rejected by content moderation.", ticks)
    if isinstance(encoded, str) and encoded:
        try:
            picture = base64.b64decode(encoded.partition(";base64,")[2] or encoded, validate=True)
        except (binascii.Error, ValueError):
            return Unreadable(status, None, "a picture that is not base64", ticks)
        declared = first.get("mime_type")
        return still(picture, declared if isinstance(declared, str) else None, ticks)
    if isinstance(url, str) and url:
        inline = _inline(url)
        return StillElsewhere(url, ticks) if inline is None else still(inline, None, ticks)
    return _no_of_a_request(status, text)


def _inline(url: str) -> bytes | None:
    """Return the picture that an address of the kind `data:` is itself."""
    start, _, encoded = url.partition(";base64,")
    if not start.lower().startswith("data:"):
        return None
    try:
        return base64.b64decode(encoded) or None
    except (binascii.Error, ValueError):
        return None


def still(picture: bytes, declared: str | None, ticks: Charge) -> StillMade:
    """Return a picture with its kind: what its first bytes say, else what was told."""
    return StillMade(picture, _picture_kind(picture) or declared or "image/jpeg", ticks)


def read_poll(request_id: str, status: int, text: str) -> PollAnswer:
    """
    Read what the service says about a take.

    Only a few answers are verdicts: done, failed, expired, withheld. Everything that is about the key, the rate, the
    network or a proxy's mood is none, whatever its status.
    """
    fields = _object(text)
    if status == 202 and fields is None:
        return Progress(None)
    if status in (200, 202) and fields is not None:
        return _read_job(request_id, status, fields, text)
    if status == 200 and not text.strip():
        return Progress(None)
    trouble = read_error(status, text)
    if status == 400 and _is_moderation(trouble):
        return Withheld(status, trouble.code, trouble.words, trouble.ticks)
    if _is_about_the_key(trouble):
        return _as(WrongKey, trouble)
    if status in (404, 410) or (status == 400 and "malformed request id" in trouble.words.lower()):
        return _as(Gone, trouble)
    return _as(Hiccup, trouble)


# Words of gateways for done. The service has one of its own; beside an address these mean the same.
_DONE = frozenset({"completed", "complete", "succeeded", "success", "finished", "ready"})


def _read_job(request_id: str, status: int, fields: Mapping[str, Any], text: str) -> PollAnswer:
    status_word = fields.get("status")
    word = status_word.strip().lower() if isinstance(status_word, str) else ""
    given = fields.get("video")
    video: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    ticks, percent = _ticks(fields), _percent(fields.get("progress"))
    match word:
        case "pending":
            return Progress(percent)
        case "failed":
            trouble = read_error(status, text)
            return _as(Withheld, trouble) if _is_moderation(trouble) else _as(Failed, trouble)
        case "expired":
            return Expired()
    if video.get("respect_moderation") is False and word in ("done", "", *_DONE):
        return Withheld(status, None, "Generated video rejected by content moderation.", ticks)
    url = _address(fields, video)
    if url and word not in ("done", "") and not url.strip().lower().startswith(("https://", "http://")):
        url = None
    model = fields.get("model")
    named = model if isinstance(model, str) and model else None
    shown = Finished(request_id, url, _seconds(video.get("duration")), ticks, named) if url else None
    if shown is not None and word in ("done", "", *_DONE):
        return shown
    if word == "done":
        return WithoutAddress(ticks)
    if word:
        return Unlisted(one_line(word, 40), percent, shown)
    if fields.get("error"):
        trouble = read_error(status, text)
        return _as(Withheld, trouble) if _is_moderation(trouble) else _as(Hiccup, trouble)
    return Progress(percent)


def read_upload(status: int, text: str) -> str | Refused | Paced | WrongKey | Withheld | Unreadable:
    """Read the answer to an upload: the file's id, or what went wrong."""
    fields = _object(text)
    file_id = fields.get("id") if fields is not None else None
    # It goes into the next request, so it has to be text that can be sent.
    if 200 <= status < 300 and isinstance(file_id, str) and file_id.strip() and file_id.isprintable():
        return file_id
    return _no(status, text)


def read_models(status: int, text: str) -> tuple[ModelCard, ...] | Trouble:
    """Read a list of models, the service's own shape or the OpenAI-style one. What cannot be read is left out."""
    fields = _object(text) or {}
    entries = fields.get("models", fields.get("data"))
    if not 200 <= status < 300 or not isinstance(entries, list):
        return _no(status, text)
    return tuple(
        ModelCard(
            name=entry["id"],
            aliases=_strings(entry.get("aliases")),
            inputs=_strings(entry.get("input_modalities")),
            outputs=_strings(entry.get("output_modalities")),
            prompt_characters=_whole(entry.get("max_prompt_length")),
            image_ticks=_whole(entry.get("image_price")),
        )
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    )


def read_key(status: int, text: str) -> Mapping[str, Any] | Trouble:
    """Read what the service says about the key: its fields, or a `WrongKey` or another `Trouble`."""
    fields = _object(text)
    if 200 <= status < 300 and fields is not None:
        shut = [name for name in ("api_key_blocked", "api_key_disabled", "team_blocked") if fields.get(name) is True]
        if shut:
            return WrongKey(status, None, ", ".join(shut).replace("_", " "))
        return fields
    return _no(status, text)


def one_line(words: str, most: int = 300) -> str:
    """Return words on one line, cut to `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


# --- parts of answers ----------------------------------------------------------------------------------------------


def _no(status: int, text: str) -> Refused | Paced | WrongKey | Withheld | Unreadable:
    trouble = read_error(status, text)
    if status == 400 and _is_moderation(trouble):
        return _as(Withheld, trouble)
    if _is_about_the_key(trouble):
        return _as(WrongKey, trouble)
    if status == 429:
        return _as(Refused, trouble) if is_about_money(trouble) else _as(Paced, trouble)
    return _as(Refused, trouble) if status in _CLEAR_NO else _shown(trouble, text)


def _is_moderation(trouble: Trouble) -> bool:
    # The code is a slug since mid 2026; before, only the words told.
    return "content-moderated" in (trouble.code or "") or "content moderation" in trouble.words.lower()


def _is_about_the_key(trouble: Trouble) -> bool:
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
    words, fields = trouble.words, _object(text)
    beginning = one_line(text[: 4 * _SHOWN], _SHOWN)
    if beginning and beginning not in words and not words.startswith(beginning[:60]):
        words = f"{words}; it begins: {beginning}"
    ids = [] if fields is None else _ids_in(fields)
    if unseen := [one for one in ids if one.partition("=")[2] not in words]:
        words = f"{words}; ids in it: {', '.join(unseen[:5])}"
    return Unreadable(trouble.status, trouble.code, words, trouble.ticks)


def _ids_in(fields: Mapping[str, Any]) -> list[str]:
    """Return what an answer calls an id of anything, at its top and one floor below. They are shown, never believed."""
    floors = {"": fields, **{f"{name}.": inner for name, inner in fields.items() if isinstance(inner, Mapping)}}
    return [
        one_line(f"{floor}{name}={value}", 120)
        for floor, inner in floors.items()
        for name, value in inner.items()
        if name.lower().replace("_", "") in ("id", "requestid", "taskid", "jobid", "generationid", "videoid")
        and isinstance(value, str | int)
        and not isinstance(value, bool)
    ]


def _as(kind: type[T], trouble: Trouble) -> T:
    return kind(trouble.status, trouble.code, trouble.words, trouble.ticks)


def _object(text: str) -> Mapping[str, Any] | None:
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


def _plain_words(text: str) -> str:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        return WEB_PAGE
    return one_line(text[:2000])


def _address(fields: Mapping[str, Any], video: Mapping[str, Any]) -> str | None:
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


def _ticks(fields: Mapping[str, Any]) -> Charge:
    usage = fields.get("usage")
    charge = usage.get("cost_in_usd_ticks") if isinstance(usage, Mapping) else None
    if charge is None or (type(charge) is int and abs(charge) <= _MOST):
        return charge
    # Whatever it is, it is no charge, and a person is to see what it was.
    return one_line(repr(charge) if isinstance(charge, str) else str(charge), 40) or "nothing"


def _whole(value: Any) -> int | None:
    """Return a whole number of any size, as far as 64 bits hold it: what is beyond is told by the largest of them."""
    if isinstance(value, str) and value.isascii() and value.isdigit():  # 64-bit numbers travel as text in proto JSON
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    bounded = max(-_MOST, min(_MOST, value))
    return int(bounded) if bounded == bounded // 1 else None


def _percent(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return int(max(0, min(100, value)))


def _seconds(value: Any) -> float | None:
    # No clip has a day; what says so is no length.
    timed = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 86_400
    return float(value) if timed else None


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _picture_kind(picture: bytes) -> str | None:
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture.startswith(b"RIFF") and picture[8:12] == b"WEBP":
        return "image/webp"
    return None
