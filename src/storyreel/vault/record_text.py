"""
Records as they stand on disk, written and read back.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import ValidationError

from storyreel.errors import RecordDamaged
from storyreel.vault.records import Record

R = TypeVar("R", bound=Record)


def written(record: Record) -> bytes:
    """Return a record as it stands on disk."""
    unwritten = record.unwritten
    return record.model_dump_json(indent=2, exclude=set(unwritten) if unwritten else None).encode() + b"\n"


def read_back(shape: type[R], data: bytes, where: str) -> R:
    """
    Return the record that was written as `data`.

    Raises:
        RecordDamaged: It is no such record. It is never taken for absent: what it said may have cost money.
    """
    try:
        record = shape.model_validate_json(data)
        # What says the very same when it is written anew has each field once, and all of them; that is seen sooner.
        if written(record) == data:
            return record
        fault = _fault(_EACH_ONCE.decode(data.decode()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        fault = f"{at + ': ' if at else ''}{first['msg']}"
    except (ValueError, RecursionError) as error:
        fault = str(error)
    if not fault:
        return record
    raise RecordDamaged(
        f"{where} cannot be read ({fault}); it may stand for money already spent,"
        " so nothing goes on without it: restore the file from a copy, or use the storyreel that wrote it",
        (where,),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it says {next(name for name in names if names.count(name) > 1)} twice")
    return fields


_EACH_ONCE = json.JSONDecoder(object_pairs_hook=_once)


def _fault(fields: dict[str, Any]) -> str:
    """Say what is missing that every record has had since the first one; empty if nothing is."""
    if type(fields.get("v")) is not int:
        return "it does not say of which version it is"
    return "" if "at" in fields else "it does not say when it was made"
