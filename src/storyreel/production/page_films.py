"""
The films on a board's page: each with its contact strip, whose frames are where its cut list says.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storyreel.delivery.page.board_page import Frame, ShownFilm
from storyreel.delivery.page.pictures import LARGE
from storyreel.delivery.page.shelf import Shelf
from storyreel.delivery.places import FilmFiles, files_of
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.storyboard import MASTER
from storyreel.production.top_sheet import TopSheet

PLAYED = (".mp4",)
"""What a browser plays: none has ProRes, which is all that stands in a MOV."""


async def shown_films(out: Path, sheet: TopSheet, shelf: Shelf) -> tuple[tuple[ShownFilm, ...], str]:
    """
    Return the films of a board that lie in the folder of films, the master first; and, where there is none, why.

    A rough cut is shown where there is no film that is newer.
    """
    shown: list[ShownFilm] = []
    for film in sheet.plan.films:
        files = files_of(out, film.board, sheet.service)
        rough = files.rough
        if rough is not None and _written(rough.film) > _written(files.film):
            shown.append(await _film(rough, "rough cut", shelf))
        if files.film.is_file():
            shown.append(await _film(files, film.name or MASTER, shelf))
    return tuple(shown), "" if shown else "No film is cut yet: a run cuts it when its last clip is there."


async def _film(files: FilmFiles, label: str, shelf: Shelf) -> ShownFilm:
    path, listed = files.film, _listed(files.cut_list)
    written = path.stat()
    content = f"{path.name} {written.st_size} {written.st_mtime_ns}"
    plays = path.suffix in PLAYED
    shots = [shot for shot in _rows(listed.get("cuts")) if isinstance(shot.get("scene"), str)]
    frames = await asyncio.gather(*(_frame(path, content, shot, shelf) for shot in shots))
    first = frames[0] if frames else None
    return ShownFilm(
        name=path.stem,
        label=label,
        media=shelf.put(path.name, path) if plays else None,
        file=path.name,
        poster=await shelf.pictures.of(path, content, (first.start + first.end) / 2 if first else 1.0, LARGE),
        seconds=_number(listed.get("seconds")),
        fps=_number(listed.get("fps")) or 24.0,
        size=_size(listed.get("size")),
        cut_at=f"{datetime.fromtimestamp(written.st_mtime, UTC).astimezone():%Y-%m-%d %H:%M}",
        frames=tuple(frames),
        captions=_captions(files.vtt),
        language=_language(listed.get("captions")),
        notes=tuple(note for note in listed.get("notes") or () if isinstance(note, str)),
    )


async def _frame(path: Path, content: str, shot: Mapping[str, Any], shelf: Shelf) -> Frame:
    start, end = _number(shot.get("start")), _number(shot.get("end"))
    return Frame(
        scene=shot["scene"],
        start=start,
        end=end,
        picture=await shelf.pictures.of(path, content, (start + end) / 2),
        placeholder=str(shot.get("placeholder") or ""),
    )


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _listed(cut_list: Path) -> Mapping[str, Any]:
    """Return what a cut list says; nothing where it cannot be read: a film is shown without it."""
    try:
        listed = json.loads(read_plain(cut_list, WORDS_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return listed if isinstance(listed, dict) else {}


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0


def _size(value: object) -> tuple[int, int]:
    sides = [side for side in value if isinstance(side, int)] if isinstance(value, list) else []
    return (sides[0], sides[1]) if len(sides) == 2 else (16, 9)


def _language(captions: object) -> str:
    written = captions.get("language") if isinstance(captions, dict) else None
    return written if isinstance(written, str) else ""


def _captions(vtt: Path) -> str:
    try:
        return f"data:text/vtt;base64,{b64encode(read_plain(vtt, WORDS_MOST)).decode('ascii')}"
    except OSError:
        return ""
