"""
How the answers of each endpoint of the Imagine API are read.

Pure: no connection, no clock, no exceptions for what a service may say. Each `read_*` takes a status and the body's
text and gives one of a few named values (`readings`); what follows from them is decided by `client` and `verdicts`.

Source: docs.x.ai (video, image, files, debugging pages) and published probes of api.x.ai, read 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from storyreel.imagine.answer_fields import (
    address_in,
    inline_picture,
    one_line,
    percent_of,
    picture_kind,
    seconds_of,
    texts_of,
    ticks_in,
    unfolded,
    whole_number,
)
from storyreel.imagine.answer_ids import only_id, top_id
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
from storyreel.imagine.troubles import (
    as_kind,
    is_about_the_key,
    is_moderation,
    read_error,
    read_no,
    read_no_of_a_request,
)
from storyreel.imagine.types import Finished, ModelCard, Progress, StillElsewhere, StillMade
from storyreel.model.money import Charge

NAME_MOST = 200
"""Letters of the name of a model; those that are known have a tenth of that."""


def read_submit(status: int, text: str) -> SubmitAnswer:
    """Read the answer to a submit. What counts is the id, not the status: a 200 without one is unreadable."""
    if 200 <= status < 300 and (request_id := top_id(text)) is not None:
        return Accepted(request_id)
    return read_no_of_a_request(status, text)


def read_name(status: int, text: str) -> str | None:
    """
    Return the id that stands on top of an answer that is no success; None if there is none.

    Ids in other places - inside `error`, named `id`, in a header - are a gateway's own, and are not believed.
    """
    return None if 200 <= status < 300 else top_id(text)


def read_other_name(status: int, text: str) -> str | None:
    """
    Return the id that a success without a `request_id` has under another name, if there is one alone; None where there is none.

    The service's own answers have none; those of gateways do (new-api, llmgateway; 2026-11). Whether it is the request's, a question
    for it tells.
    """
    fields = unfolded(text) if 200 <= status < 300 else None
    return only_id(fields) if fields is not None and not fields.get("error") else None


def read_still(status: int, text: str) -> StillAnswer:
    """Read the answer to a request for a picture. One that is there was made, and is paid for, whatever the status says."""
    fields = unfolded(text)
    if fields is None:
        return read_no_of_a_request(status, text)
    ticks = ticks_in(fields)
    data = fields.get("data")
    first = data[0] if isinstance(data, list) and data else None
    if not isinstance(first, Mapping):
        return read_no_of_a_request(status, text)
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
        inline = inline_picture(url)
        return StillElsewhere(url, ticks) if inline is None else still(inline, None, ticks)
    return read_no_of_a_request(status, text)


def still(picture: bytes, declared: str | None, ticks: Charge) -> StillMade:
    """Return a picture with its kind: what its first bytes say, else what was told."""
    return StillMade(picture, picture_kind(picture) or declared or "image/jpeg", ticks)


def read_poll(request_id: str, status: int, text: str) -> PollAnswer:
    """
    Read what the service says about a take.

    Only a few answers are verdicts: done, failed, expired, withheld. Everything that is about the key, the rate, the
    network or a proxy's mood is none, whatever its status.
    """
    fields = unfolded(text)
    if status == 202 and fields is None:
        return Progress(None)
    if status in (200, 202) and fields is not None:
        return _read_job(request_id, status, fields, text)
    if status == 200 and not text.strip():
        return Progress(None, of_a_take=False)
    trouble = read_error(status, text)
    if status == 400 and is_moderation(trouble):
        return Withheld(status, trouble.code, trouble.words, trouble.ticks)
    if is_about_the_key(trouble):
        return as_kind(WrongKey, trouble)
    if status in (404, 410) or (status == 400 and "malformed request id" in trouble.words.lower()):
        return as_kind(Gone, trouble)
    return as_kind(Hiccup, trouble)


# Words of gateways for done. The service has one of its own; beside an address these mean the same.
_DONE = frozenset({"completed", "complete", "succeeded", "success", "finished", "ready"})

# Words of gateways for failed. Beside an error they are believed once they were said several times.
_ERRED = frozenset({"error", "errored", "failure", "cancelled", "canceled", "rejected", "aborted"})


def _read_job(request_id: str, status: int, fields: Mapping[str, Any], text: str) -> PollAnswer:
    status_word = fields.get("status")
    word = status_word.strip().lower() if isinstance(status_word, str) else ""
    given = fields.get("video")
    video: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    ticks, percent = ticks_in(fields), percent_of(fields.get("progress"))
    match word:
        case "pending":
            return Progress(percent)
        case "failed":
            trouble = read_error(status, text)
            return as_kind(Withheld, trouble) if is_moderation(trouble) else as_kind(Failed, trouble)
        case "expired":
            return Expired()
    if video.get("respect_moderation") is False and word in ("done", "", *_DONE):
        return Withheld(status, None, "Generated video rejected by content moderation.", ticks)
    url = address_in(fields, video)
    if url and word not in ("done", "") and not url.strip().lower().startswith(("https://", "http://", "/")):
        url = None
    model = fields.get("model")
    named = model if isinstance(model, str) and model else None
    shown = Finished(request_id, url, seconds_of(video.get("duration")), ticks, named) if url else None
    if shown is not None and word in ("done", "", *_DONE):
        return shown
    if word == "done":
        return WithoutAddress(ticks)
    if word:
        erred = word in _ERRED and bool(fields.get("error")) and url is None
        failed = as_kind(Failed, read_error(status, text)) if erred else None
        return Unlisted(one_line(word, 40), percent, shown, failed)
    if fields.get("error"):
        trouble = read_error(status, text)
        return as_kind(Withheld, trouble) if is_moderation(trouble) else as_kind(Hiccup, trouble)
    return Progress(percent, of_a_take=status == 202 or percent is not None or bool(video))


def read_upload(status: int, text: str) -> str | Refused | Paced | WrongKey | Withheld | Unreadable:
    """Read the answer to an upload: the file's id, or what went wrong."""
    fields = unfolded(text)
    file_id = fields.get("id") if fields is not None else None
    # It goes into the next request, so it has to be text that can be sent.
    if 200 <= status < 300 and isinstance(file_id, str) and file_id.strip() and file_id.isprintable():
        return file_id
    return read_no(status, text)


def read_models(status: int, text: str) -> tuple[ModelCard, ...] | Trouble:
    """
    Read a list of models, the service's own shape or the OpenAI-style one. What cannot be read is left out, and so is a name that
    no request could have: it would be shown to a person.
    """
    fields = unfolded(text) or {}
    entries = fields.get("models", fields.get("data"))
    if not 200 <= status < 300 or not isinstance(entries, list):
        return read_no(status, text)
    return tuple(
        ModelCard(
            name=entry["id"],
            aliases=tuple(filter(_is_a_name, texts_of(entry.get("aliases")))),
            inputs=texts_of(entry.get("input_modalities")),
            outputs=texts_of(entry.get("output_modalities")),
            prompt_characters=whole_number(entry.get("max_prompt_length")),
            image_ticks=whole_number(entry.get("image_price")),
        )
        for entry in entries
        if isinstance(entry, Mapping) and _is_a_name(entry.get("id"))
    )


def _is_a_name(given: Any) -> bool:
    return isinstance(given, str) and bool(given.strip()) and given.isprintable() and len(given) <= NAME_MOST


def read_key(status: int, text: str) -> Mapping[str, Any] | Trouble:
    """Read what the service says about the key: its fields, or a `WrongKey` or another `Trouble`."""
    fields = unfolded(text)
    if 200 <= status < 300 and fields is not None:
        shut = [name for name in ("api_key_blocked", "api_key_disabled", "team_blocked") if fields.get(name) is True]
        if shut:
            return WrongKey(status, None, ", ".join(shut).replace("_", " "))
        return fields
    return read_no(status, text)
