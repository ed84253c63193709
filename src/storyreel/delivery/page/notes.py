"""
Notes at a second of a film, as people write them on its page: kept beside the film as markers that OpenTimelineIO reads.

`<slug>.notes.json` is a collection of markers, so that whoever exports the timeline can lay them into it. What the page wants to know
beside is in the metadata of each, under `storyreel`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
from storyreel.files.regular import WORDS_MOST, read_plain, reason_of
from storyreel.model.recipe import Frozen, ServiceName

MOST = 5000
"""Notes on the films of one board."""
RATE = 24.0
Name = Annotated[str, StringConstraints(max_length=200)]


class Note(Frozen):
    """
    What somebody saw at a second of a film. `film` is the name of its file without its ending, `scene` what is shown there, `written` when
    it was, ISO 8601.
    """

    id: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    film: Name
    at: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    scene: Name = ""
    by: Name = ""
    written: Annotated[str, StringConstraints(max_length=40)] = ""


def notes_place(out: Path, slug: str, service: ServiceName) -> Path:
    """Return where the notes on a board's films are: beside them."""
    return out / slug / f"{slug}{'' if service == 'xai' else f'.{service}'}.notes.json"


def read_notes(place: Path) -> tuple[Note, ...]:
    """
    Return the notes that are kept in a file; none where there is no file. What is no note of ours is left out.

    Raises:
        MediaError: There is one, and it cannot be read.
    """
    try:
        markers = json.loads(read_plain(place, WORDS_MOST))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "is no JSON"
        raise MediaError(f"{place} {why}, and has the notes on a film; move it away, or put it right") from error
    listed = markers.get("children") if isinstance(markers, dict) else None
    read = (_note(marker) for marker in listed) if isinstance(listed, list) else ()
    return tuple(note for note in read if note is not None)


def _note(marker: object) -> Note | None:
    try:
        fields = marker["metadata"]["storyreel"]  # type: ignore[index]
        return Note(text=marker["comment"], **{name: fields[name] for name in Note.model_fields if name in fields})  # type: ignore[index]
    except (KeyError, TypeError, ValidationError):
        return None


def write_notes(notes: Sequence[Note], place: Path, *, title: str, rates: Mapping[str, float]) -> None:
    """
    Put the notes on a board's films into a file.

    Args:
        title: Of the board.
        rates: Frames a second of each film, by name.

    Raises:
        MediaError: It cannot be written, or would be larger than what is read again.
    """
    content = json.dumps(as_markers(notes, title=title, rates=rates), indent=2).encode() + b"\n"
    if len(content) > WORDS_MOST:
        raise MediaError(
            f"{place} would have {len(content) / 1e6:.1f} MB of notes, and {WORDS_MOST / 1e6:g} MB are read: remove some first"
        )
    place_bytes(content, place)


def as_markers(notes: Sequence[Note], *, title: str, rates: Mapping[str, float]) -> dict[str, Any]:
    """Return notes as a collection of markers. Source of the shapes: OpenTimelineIO 0.18.1, its own JSON, read 2026-11-28."""
    return {
        "OTIO_SCHEMA": "SerializableCollection.1",
        "name": title,
        "metadata": {},
        "children": [_marker(note, rates.get(note.film, RATE)) for note in sorted(notes, key=lambda note: note.at)],
    }


def _marker(note: Note, rate: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": note.text.splitlines()[0][:60] if note.text.splitlines() else "",
        "comment": note.text,
        "color": "YELLOW",
        "metadata": {"storyreel": note.model_dump(exclude={"text"})},
        "marked_range": {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": _time(int(note.at * rate + 0.05), rate),
            "duration": _time(1, rate),
        },
    }


def _time(frames: int, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": frames}


def as_listed(out: Path, slug: str, service: ServiceName) -> str:
    """Return the notes on a board's films as JSON, for its page; none where they cannot be read: the page is to be seen all the same."""
    try:
        notes = read_notes(notes_place(out, slug, service))
    except MediaError:
        return "[]"
    return json.dumps([note.model_dump() for note in notes])
