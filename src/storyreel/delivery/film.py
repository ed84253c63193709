"""
A film at its place: cut where it is new, put back where it is gone, with its cut list, its contact sheet and its captions.

A film knows itself by the timeline it is cut from. Where that has not changed nothing is encoded: it is copied from the
vault's derived folder, or left where it is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from storyreel.delivery.assemble import FilmRecord, assemble, find_film
from storyreel.delivery.clip_marks import marks_of
from storyreel.delivery.contact_sheet import film_sheet
from storyreel.delivery.cut_list import cut_list, cut_shots
from storyreel.delivery.handed_over import handover_of, is_ready, put_handed_over
from storyreel.delivery.joined import part_ends
from storyreel.delivery.labels.certificate import configured
from storyreel.delivery.labels.statement import put_statement, statement
from storyreel.delivery.places import FilmFiles
from storyreel.delivery.replaced import replaced
from storyreel.delivery.tagged import holds, put_captions
from storyreel.delivery.version_records import FilmOf, readable
from storyreel.delivery.versions import forget_others, keep_foreign, keep_former, remember, turn
from storyreel.errors import MediaError
from storyreel.files.place import place_bytes, place_copy, refused
from storyreel.media import Survey
from storyreel.media.ffmpeg import side_by_side
from storyreel.media.handover import Handover
from storyreel.model.events import Event, Watcher
from storyreel.model.film_words import captions_of
from storyreel.model.label import label_of
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName, sha256_of
from storyreel.model.tags import tags_of
from storyreel.variables.table import ROOT
from storyreel.vault import Take, Vault
from storyreel.vault.costs import read_costs


@dataclass(frozen=True)
class Film:
    """
    A film that is at its place: the file, its seconds and frames, whether it had to be put there, and what is otherwise than
    it was asked for. `delivery` is its name; empty for the master. `replaced` says what it took the place of, where that is for a person
    to know; `notes` say that too.
    """

    path: Path
    seconds: float
    frames: int
    fresh: bool
    notes: tuple[str, ...]
    delivery: str = ""
    replaced: tuple[str, ...] = ()


async def film_there(
    plan: Plan, film: PlannedFilm, service: ServiceName, clips: Mapping[str, Clip], vault: Vault, files: FilmFiles
) -> Film | None:
    """
    Return a film of the plan if it is where it belongs, or can be put there without cutting and encoding; else None.

    A film that was deleted or changed is copied back from the vault's derived folder; cut list, contact sheet, captions and the
    tags of the copy are written again where they say something else than the storyboard now does.
    """
    there = await find_film(identity_of(film, clips), vault)
    if there is None:
        return None
    how = await _how(plan, film, there[1], await _takes(service, clips, vault), vault)
    if not await is_ready(there[1], how, vault):
        return None
    return await _in_place(plan, film, service, clips, vault, files, *there)


async def _in_place(
    plan: Plan,
    film: PlannedFilm,
    service: ServiceName,
    clips: Mapping[str, Clip],
    vault: Vault,
    files: FilmFiles,
    was_cut: Path,
    record: FilmRecord,
) -> Film:
    """Have a film of the vault's at its place, with the cut list and the contact sheet that belong to it."""
    record = record.model_copy(update={"timeline": film.timeline.named(record.timeline)})
    label = label_of(plan, film, service)
    tags = tags_of(film.board.title, film.timeline, record.timeline, label)
    takes = await _takes(service, clips, vault)
    former_words: list[str] = []

    @asynccontextmanager
    async def coming(sha256: str) -> AsyncIterator[None]:
        whose = _whose(film, service, clips, files, sha256)
        async with turn(files):
            older = service == "xai" and not files.is_rough
            former_words.extend(await asyncio.to_thread(keep_former, files, whose, keeps_older=older))
            await asyncio.to_thread(remember, files, whose)
            yield

    sha256, fresh = await put_handed_over(
        was_cut,
        record,
        await _how(plan, film, record, takes, vault),
        tags,
        files.film,
        vault,
        timeline=film.timeline,
        clips=clips,
        coming=coming,
    )
    costs = await read_costs(plan, vault, service)
    sent = {row.request_id: row.attempt.claim.recipe for row in costs.rows if row.attempt is not None}
    listed = cut_list(
        plan,
        film,
        record.timeline,
        takes,
        costs,
        name=files.film.name,
        identity=identity_of(film, clips),
        service=service,
        sha256=sha256,
        av_offset_ms=record.av_offset_ms,
        sound=record.sound,
        marks={
            step: await marks_of(vault, take, sent.get(take.request_id) if take else None)
            for step, take in takes.items()
        },
        files=await _nearby([*takes.values(), *(row.take for row in costs.rows)], vault),
        ends=await part_ends(film.timeline.picture, takes, vault),
    )
    put_captions(captions_of(film.timeline, record.timeline), record.timeline, files)
    signed = label is not None and configured() is not None
    words = None if label is None else statement(plan, film, label, name=files.film.name, signed=signed)
    put_statement(words, files)
    former = [await asyncio.to_thread(replaced, each) for each in (files, files.rough) if each is not None]
    if not holds(files.cut_list, listed.as_bytes()):
        place_bytes(listed.as_bytes(), files.cut_list)
    sheet = await film_sheet(plan, film, clips, takes, vault)
    await asyncio.to_thread(_put_back, sheet, files.sheet)
    _take_away(former)
    if files.rough is not None:
        former_words.extend(await asyncio.to_thread(keep_foreign, files.rough))
        _take_away(files.rough.all)
    whose = _whose(film, service, clips, files, sha256)
    with suppress(
        MediaError
    ):  # it is written when a film comes, so this is of films that were there before, and of words
        await asyncio.to_thread(remember, files, whose)
    await asyncio.to_thread(forget_others, files, whose)
    return Film(
        files.film,
        record.timeline.seconds,
        record.timeline.frames,
        fresh=fresh,
        notes=(*listed.notes, *former_words),
        delivery=film.name,
        replaced=tuple(former_words),
    )


async def cut_film(
    plan: Plan,
    film: PlannedFilm,
    service: ServiceName,
    clips: Mapping[str, Clip],
    vault: Vault,
    files: FilmFiles,
    tell: Watcher,
    survey: Survey | None = None,
) -> Film:
    """
    Cut a film of the plan from its clips, verify it, and put it with cut list and contact sheet where they belong.

    Where nothing changed, nothing is encoded.

    Args:
        plan: For the steps that the cut list has, and what they cost.
        clips: The clip of every step of the plan that has one; all that the film shows must be there.
        tell: Told when the film is being cut, and when it is.
        survey: What is known of clips already.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing.
    """
    with refused(files.film.parent):
        there = await film_there(plan, film, service, clips, vault, files)
        if there is None:
            tell(Event(film.called, "cutting"))
            cut = await find_film(identity_of(film, clips), vault)
            if cut is None:
                cutting = assemble(film.timeline, clips, vault, survey)
                cut, _ = await side_by_side([cutting, _sheet_meanwhile(plan, film, service, clips, vault)])
            there = await _in_place(plan, film, service, clips, vault, files, *cut)
    tell(Event(film.called, "cut", text="; ".join(there.notes)))
    return there


def _whose(film: PlannedFilm, service: ServiceName, clips: Mapping[str, Clip], files: FilmFiles, sha256: str) -> FilmOf:
    """Return whose a film is that has this content."""
    board = film.board
    return FilmOf(
        film=files.film.name,
        sha256=sha256,
        identity=identity_of(film, clips),
        title=board.title,
        service=service,
        storyboard=readable(os.path.abspath(ROOT.read() / board.path)),  # noqa: PTH100 - links stay as a person has named them
        variant=board.variant,
        given=tuple((name, readable(text)) for name, text in board.given),
        text=board.text,
    )


async def _how(
    plan: Plan, film: PlannedFilm, record: FilmRecord, takes: Mapping[str, Take | None], vault: Vault
) -> Handover:
    """Return what is made of a film that was cut, where it is not handed over as it is."""
    ends = await part_ends(film.timeline.picture, takes, vault)
    cuts = cut_shots(plan, film.timeline, record.timeline, takes, ends)
    return handover_of(record.timeline, film.board.finish, cuts)


async def _sheet_meanwhile(
    plan: Plan, film: PlannedFilm, service: ServiceName, clips: Mapping[str, Clip], vault: Vault
) -> None:
    """Draw the contact sheet while the sound of a film is encoded, which keeps one processor busy. What is wrong is told after the cut."""
    with suppress(Exception):
        await film_sheet(plan, film, clips, await _takes(service, clips, vault), vault)


async def _nearby(takes: Iterable[Take | None], vault: Vault) -> dict[str, Path]:
    """Return the files of clips that are on this machine, by their content."""
    every = {take.sha256 for take in takes if take is not None and take.sha256 is not None}
    return {sha256: path for sha256 in every if (path := await vault.clips.nearby(sha256)) is not None}


async def _takes(service: ServiceName, clips: Mapping[str, Clip], vault: Vault) -> dict[str, Take | None]:
    return {step: await vault.takes.get(service, clip.request_id) for step, clip in clips.items()}


def identity_of(film: PlannedFilm, clips: Mapping[str, Clip]) -> str:
    """Return what tells a film from others that is cut from these clips."""
    return film.timeline.identity({step: clip.sha256 for step, clip in clips.items()})


def _put_back(source: Path, to: Path) -> None:
    """Put a copy of `source` at `to` unless it is there."""
    with suppress(OSError):
        if to.stat().st_size == source.stat().st_size and sha256_of(to) == sha256_of(source):
            return
    place_copy(source, to)


def _take_away(files: Iterable[Path | None]) -> None:
    """Remove the rough cut that was shown until the film was there, and what had its place; nothing else of the folder."""
    for path in filter(None, files):
        with suppress(OSError):
            path.unlink()
