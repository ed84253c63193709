"""
Request ids in an answer, whatever else is wrong with it.

An id is the only handle on a take that may be billed. So it is looked for even in text that is no JSON; but only the one
on top is believed, since ids elsewhere are a gateway's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from storyreel.imagine.answer_fields import one_line
from storyreel.model.request_ids import writable

_PARTS = re.compile(r'"(?:[^"\\]+|\\.)*+(?P<open>\\?\Z)?"?|[{}\[\]]|[^\s"{}\[\],:]+|[:,]', re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_TOP_CHARACTERS = 1 << 20  # of an answer that are searched for an id


def top_id(text: str) -> str | None:
    """Return the request id on top of an answer, as it is kept; the last one, if there are several."""
    given = next((one for one in reversed(top_ids(text)) if isinstance(one, str) and one.strip()), None)
    return writable(given) if given is not None else None


def has_words(value: Any) -> bool:
    """Return whether there is any text in a value, however deep."""
    waiting = [value]
    for one in waiting:  # it grows: who gave this decides how deep it is
        if isinstance(one, str) and one.strip():
            return True
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return False


def top_ids(text: str) -> list[object]:
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


def only_id(fields: Mapping[str, Any]) -> str | None:
    """
    Return what an answer without a `request_id` calls an id of anything, as it is kept, if there is one alone.

    Gateways have names of their own for it (`id`, `task_id`, one floor below). It is asked for, and never simply believed.
    """
    ids = {str(value) for _, value in _ids(fields)}
    return writable(ids.pop()) if len(ids) == 1 else None


def ids_in(fields: Mapping[str, Any]) -> list[str]:
    """Return what an answer calls an id of anything, at its top and one floor below. They are shown, never believed."""
    return [one_line(f"{name}={value}", 120) for name, value in _ids(fields)]


def _ids(fields: Mapping[str, Any]) -> list[tuple[str, str | int]]:
    floors = {"": fields, **{f"{name}.": inner for name, inner in fields.items() if isinstance(inner, Mapping)}}
    return [
        (f"{floor}{name}", value)
        for floor, inner in floors.items()
        for name, value in inner.items()
        if name.lower().replace("_", "") in ("id", "requestid", "taskid", "jobid", "generationid", "videoid")
        and isinstance(value, str | int)
        and not isinstance(value, bool)
        and str(value).strip()
    ]
