"""
A film at its place: cut where it is new, put back where it is gone, with its cut list, its contact sheet and its captions.

A film knows itself by the timeline it is cut from. Where that has not changed nothing is encoded: it is copied from the
vault's derived folder, or left where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from storyreel.delivery.assemble import FilmRecord, assemble, find_film
from storyreel.delivery.contact_sheet import film_sheet
from storyreel.delivery.cut_list import cut_list, cut_shots
from storyreel.delivery.handed_over import put_handed_over
from storyreel.delivery.places import FilmFiles
from storyreel.delivery.tagged import holds, put_captions
from storyreel.files.place import place_bytes, place_copy, refused
from storyreel.media import Survey
from storyreel.media.ffmpeg import side_by_side
from storyreel.model.events import Event, Watcher
from storyreel.model.film_words import captions_of
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip, ServiceName, sha256_of
from storyreel.model.tags import tags_of
from storyreel.vault import Take, Vault
from storyreel.vault.costs import read_costs


@dataclass(frozen=True)
class Film:
    """
    A film that is at its place: the file, its seconds and frames, whether it had to be put there, and what is otherwise than
    it was asked for.
    """

    path: Path
    seconds: float
    frames: int
    fresh: bool
    notes: tuple[str, ...]


async def film_there(
    plan: Plan, service: ServiceName, clips: Mapping[str, Clip], vault: Vault, files: FilmFiles
) -> Film | None:
    """
    Return the film if it is where it belongs, or can be put there without cutting; else None.

    A film that was deleted or changed is copied back from the vault's derived folder; cut list, contact sheet, captions and the
    tags of the copy are written again where they say something else than the storyboard now does.
    """
    there = await find_film(_identity(plan, clips), vault)
    return None if there is None else await _in_place(plan, service, clips, vault, files, *there)


async def _in_place(
    plan: Plan,
    service: ServiceName,
    clips: Mapping[str, Clip],
    vault: Vault,
    files: FilmFiles,
    film: Path,
    record: FilmRecord,
) -> Film:
    """Have a film of the vault's at its place, with the cut list and the contact sheet that belong to it."""
    record = record.model_copy(update={"timeline": plan.timeline.named(record.timeline)})
    tags = tags_of(plan.board.title, plan.timeline, record.timeline)
    takes = await _takes(service, clips, vault)
    sha256, fresh = await put_handed_over(
        film,
        record,
        plan.films[0].board.finish,
        tags,
        files.film,
        vault,
        cuts=cut_shots(plan, plan.timeline, record.timeline, takes),
        timeline=plan.timeline,
        clips=clips,
    )
    listed = cut_list(
        plan,
        record.timeline,
        takes,
        await read_costs(plan, vault, service),
        name=files.film.name,
        identity=_identity(plan, clips),
        service=service,
        sha256=sha256,
        av_offset_ms=record.av_offset_ms,
        sound=record.sound,
    )
    put_captions(captions_of(plan.timeline, record.timeline), record.timeline, files)
    if not holds(files.cut_list, listed.as_bytes()):
        place_bytes(listed.as_bytes(), files.cut_list)
    sheet = await film_sheet(plan, clips, takes, vault)
    await asyncio.to_thread(_put_back, sheet, files.sheet)
    _take_away(files.rough)
    return Film(files.film, record.timeline.seconds, record.timeline.frames, fresh=fresh, notes=listed.notes)


async def cut_film(
    plan: Plan,
    service: ServiceName,
    clips: Mapping[str, Clip],
    vault: Vault,
    files: FilmFiles,
    tell: Watcher,
    survey: Survey | None = None,
) -> Film:
    """
    Cut the film from its clips, verify it, and put it with cut list and contact sheet where they belong.

    Where nothing changed, nothing is encoded.

    Args:
        clips: The clip of every step of the plan that has one; all that the film shows must be there.
        tell: Told when the film is being cut, and when it is.
        survey: What is known of clips already.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing.
    """
    with refused(files.film.parent):
        film = await film_there(plan, service, clips, vault, files)
        if film is None:
            tell(Event("film", "cutting"))
            cutting = assemble(plan.timeline, clips, vault, survey)
            cut, _ = await side_by_side([cutting, _sheet_meanwhile(plan, service, clips, vault)])
            film = await _in_place(plan, service, clips, vault, files, *cut)
    tell(Event("film", "cut", text="; ".join(film.notes)))
    return film


async def _sheet_meanwhile(plan: Plan, service: ServiceName, clips: Mapping[str, Clip], vault: Vault) -> None:
    """Draw the contact sheet while the sound of a film is encoded, which keeps one processor busy. What is wrong is told after the cut."""
    with suppress(Exception):
        await film_sheet(plan, clips, await _takes(service, clips, vault), vault)


async def _takes(service: ServiceName, clips: Mapping[str, Clip], vault: Vault) -> dict[str, Take | None]:
    return {step: await vault.takes.get(service, clip.request_id) for step, clip in clips.items()}


def _identity(plan: Plan, clips: Mapping[str, Clip]) -> str:
    return plan.timeline.identity({step: clip.sha256 for step, clip in clips.items()})


def _put_back(source: Path, to: Path) -> None:
    """Put a copy of `source` at `to` unless it is there."""
    with suppress(OSError):
        if to.stat().st_size == source.stat().st_size and sha256_of(to) == sha256_of(source):
            return
    place_copy(source, to)


def _take_away(rough: FilmFiles | None) -> None:
    """Remove the rough cut that was shown until the film was there, and nothing else of the folder."""
    for path in rough.all if rough is not None else ():
        with suppress(OSError):
            path.unlink()
