"""
The films on a board's page: each with its contact strip, whose frames are where its cut list says.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storyreel.delivery.page.board_page import Frame, ShownFilm
from storyreel.delivery.page.listed import language_of, line_of, number_of, read_cut_list, rows_of, size_of
from storyreel.delivery.page.pictures import LARGE
from storyreel.delivery.page.shelf import Shelf
from storyreel.delivery.places import files_of, lies_here
from storyreel.delivery.version_records import Version, versions
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import MASTER
from storyreel.production.top_sheet import TopSheet

PLAYED = (".mp4",)
"""What a browser plays: none has ProRes, which is all that stands in a MOV."""


async def shown_films(out: Path, sheet: TopSheet, shelf: Shelf) -> tuple[tuple[ShownFilm, ...], str]:
    """
    Return the films of a board that lie in the folder of films, the master first and older versions last; and, where there is none, why.

    A rough cut is shown where there is no film that is newer.
    """
    shown: list[ShownFilm] = []
    for film in sheet.plan.films:
        files = files_of(out, film.board, sheet.service)
        rough = files.rough
        if rough is not None and lies_here(rough.film) and _written(rough.film) > _written(files.film):
            shown.append(await _film(rough.film, rough.cut_list, "rough cut", shelf))
        if lies_here(files.film):
            shown.append(await _film(files.film, files.cut_list, film.name or MASTER, shelf))
    own = [
        each
        for each in versions(out / sheet.plan.board.slug)
        if _service_of(each) == sheet.service and lies_here(each.film)
    ]
    shown += [await _version(version, shelf) for version in own]
    return tuple(shown), "" if shown else "No film is cut yet: a run cuts it when its last clip is there."


async def _film(path: Path, cut_list: Path, label: str, shelf: Shelf) -> ShownFilm:
    content = _content(path)
    listed = read_cut_list(cut_list if lies_here(cut_list) else None)
    shots = [shot for shot in rows_of(listed.get("cuts")) if isinstance(shot.get("scene"), str)]
    frames = await asyncio.gather(*(_frame(path, content, shot, shelf) for shot in shots))
    film = await _played(path, path.name, listed, label, shelf)
    return film.model_copy(
        update={
            "frames": tuple(frames),
            "captions": _captions(path.with_suffix(".vtt")),
            "language": language_of(listed.get("captions")),
        }
    )


async def _version(version: Version, shelf: Shelf) -> ShownFilm:
    """Return an older film: without its strip, which would be a picture for each shot of each version."""
    cut_list = version.cut_list
    listed = read_cut_list(cut_list if cut_list is not None and lies_here(cut_list) else None)
    label = f"version {version.record.number}"
    film = await _played(version.film, f"{version.folder.name}{version.film.suffix}", listed, label, shelf)
    replaced = f"replaced {version.record.replaced_at[:16].replace('T', ' ')} UTC"
    of = version.record.of
    whose = (f"the film of {Path(of.storyboard).name}",) if of is not None else ()
    return film.model_copy(update={"notes": (", ".join((replaced, *whose)),)})


def _service_of(version: Version) -> ServiceName:
    of = version.record.of
    return of.service if of is not None else "sandbox" if "sandbox" in version.record.film.split(".") else "xai"


async def _played(path: Path, name: str, listed: Mapping[str, Any], label: str, shelf: Shelf) -> ShownFilm:
    shots = rows_of(listed.get("cuts"))
    middle = sum(_span(shots[0])) / 2 if shots else 1.0
    return ShownFilm(
        name=Path(name).stem,
        label=label,
        media=shelf.put(name, path) if path.suffix in PLAYED else None,
        file=path.name,
        poster=await shelf.pictures.of(path, _content(path), middle, LARGE),
        seconds=number_of(listed.get("seconds")) or 0.0,
        fps=number_of(listed.get("fps")) or 24.0,
        size=size_of(listed.get("size")) or (16, 9),
        cut_at=f"{datetime.fromtimestamp(_written(path), UTC).astimezone():%Y-%m-%d %H:%M}",
        frames=(),
        notes=_remarks(listed),
    )


def _content(path: Path) -> str:
    """Return what tells a film from others: to read all of it would take as long as to draw its pictures."""
    written = path.stat()
    return f"{path.name} {written.st_size} {written.st_mtime_ns}"


async def _frame(path: Path, content: str, shot: Mapping[str, Any], shelf: Shelf) -> Frame:
    start, end = _span(shot)
    return Frame(
        scene=line_of(shot["scene"]),
        start=start,
        end=end,
        picture=await shelf.pictures.of(path, content, (start + end) / 2),
        placeholder=line_of(shot.get("placeholder")),
    )


def _remarks(listed: Mapping[str, Any]) -> tuple[str, ...]:
    notes = listed.get("notes")
    return tuple(filter(None, map(line_of, notes))) if isinstance(notes, list) else ()


def _span(shot: Mapping[str, Any]) -> tuple[float, float]:
    start, end = (max(0.0, number_of(shot.get(name)) or 0.0) for name in ("start", "end"))
    return start, end


def _written(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _captions(vtt: Path) -> str:
    if not lies_here(vtt):
        return ""
    try:
        return f"data:text/vtt;base64,{b64encode(read_plain(vtt, WORDS_MOST)).decode('ascii')}"
    except OSError:
        return ""
