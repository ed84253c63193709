"""
Cut the film: conform what differs, splice, verify, and write beside it what every second is and what it cost.

A film knows itself by what it is cut from. Where that has not changed nothing is encoded: it is copied from the
vault's derived folder, or left where it stands.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from storyreel import media
from storyreel.delivery.contact_sheet import Tile, contact_sheet
from storyreel.errors import MediaError, SettingsError, VaultError
from storyreel.files.place import place_bytes, place_copy, refused, try_out
from storyreel.files.regular import WORDS_MOST, Seen, copy_plain, read_plain, said_of, seen
from storyreel.model.events import Event, tell
from storyreel.model.money import dollars, usd
from storyreel.model.plan import Cut, Plan
from storyreel.model.recipe import Clip, canonical, sha256_of
from storyreel.vault import Take, Vault
from storyreel.vault.costs import Ledger, read_ledger

CUTTING = 1
"""Raised when the way a film is cut changes, so that older films are not taken for it."""


@dataclass(frozen=True)
class Film:
    """A film that stands: the file, its seconds and frames, and whether anything had to be cut for it."""

    path: Path
    seconds: float
    frames: int
    fresh: bool


@dataclass(frozen=True)
class FilmFiles:
    """Where a film and what belongs to it are: `<slug>.mp4`, its cut list and its contact sheet."""

    film: Path
    cut_list: Path
    sheet: Path


def film_files(out: Path, slug: str, service: str) -> FilmFiles:
    """Return the places of a film. One from the sandbox never takes the name of a real one."""
    name = slug if service == "xai" else f"{slug}.{service}"
    folder = out / slug
    return FilmFiles(folder / f"{name}.mp4", folder / f"{name}.cut.json", folder / f"{name}.png")


def check_out(out: Path, slug: str = "") -> None:
    """
    Refuse a folder that cannot take a film: it is of no use to learn that when all is bought.

    Args:
        out: The folder of all films; it is made if there is none.
        slug: Whose own folder in it is tried too, if it is there.

    Raises:
        SettingsError: It cannot be made, or not be written, or something else has the name of a film.
    """
    try:
        try_out(out)
        if slug and os.path.lexists(own := out / slug):
            try_out(own)
            for path in (
                path for service in ("xai", "sandbox") for path in vars(film_files(out, slug, service)).values()
            ):
                if path.is_dir():
                    raise MediaError(f"{path} is a folder, and a file is to have that name")
    except (MediaError, ValueError) as error:
        raise SettingsError(f"films cannot be put into {out}: {error}; give another --out") from error


def identity(plan: Plan, size: tuple[int, int], clips: Mapping[str, Clip]) -> str:
    """Return what a film is: sha256 over the clips in their order, the seconds of own footage, and the frame size."""
    pieces = [
        {"sha256": clips[cut.step].sha256}
        if cut.step is not None
        else {"sha256": cut.footage.sha256 if cut.footage else "", "start": cut.start, "end": cut.end}
        for cut in plan.cuts
    ]
    return hashlib.sha256(canonical({"v": CUTTING, "size": list(size), "pieces": pieces})).hexdigest()


async def standing(
    plan: Plan, size: tuple[int, int], service: str, clips: Mapping[str, Clip], vault: Vault, files: FilmFiles
) -> Film | None:
    """
    Return the film if it stands where it belongs, or can be put there without cutting; else None.

    A film that was deleted or changed is copied back from the vault's derived folder; cut list and contact sheet are
    written again where they say something else than the storyboard now does.
    """
    key = identity(plan, size, clips)
    film = await vault.find_derived("films", f"{key}.mp4")
    told = await vault.find_derived("films", f"{key}.json")
    if film is None or told is None:
        return None
    reel = _reel(told)
    if reel is None or sha256_of(film) != reel["sha256"]:
        return None
    fresh = _stands_again(film, files.film)
    takes = {step: await vault.take(service, clip.request_id) for step, clip in clips.items()}
    book = await read_ledger(plan, vault, service)
    cut_list = {"film": files.film.name, "identity": key, **_cut_list(plan, service, reel, takes, book)}
    text = (json.dumps(cut_list, indent=2, ensure_ascii=False) + "\n").encode()
    if not _says(files.cut_list, text):
        place_bytes(text, files.cut_list)
    _stands_again(await _sheet(plan, clips, takes, vault), files.sheet)
    return Film(files.film, cut_list["seconds"], cut_list["frames"], fresh=fresh)


async def cut_film(
    plan: Plan, size: tuple[int, int], service: str, clips: Mapping[str, Clip], vault: Vault, files: FilmFiles
) -> Film:
    """
    Cut the film from its clips, verify it, and put it with cut list and contact sheet where they belong.

    Where nothing changed, nothing is encoded.

    Args:
        size: Width and height in pixels.
        clips: The clip of every step of the plan that has one; all that the cuts show must be there.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing.
    """
    with refused(files.film.parent):
        there = await standing(plan, size, service, clips, vault, files)
        if there is None:
            tell(Event("film", "cutting"))
            await _splice(plan, size, clips, vault)
            there = await standing(plan, size, service, clips, vault, files)
    if there is None:
        raise MediaError("the film was taken out of the vault's derived folder while it was put in; run it again")
    tell(Event("film", "cut"))
    return there


async def _splice(plan: Plan, size: tuple[int, int], clips: Mapping[str, Clip], vault: Vault) -> None:
    """Cut the film and keep it in the vault, with the frames of each of its pieces."""
    own: dict[Path, Seen] = {}
    sources = [await _source(cut, clips, vault, own) for cut in plan.cuts]
    measured = [media.probe(path) for path in sources]
    generated = [m for cut, m in zip(plan.cuts, measured, strict=True) if cut.step is not None]
    house = media.house_for(generated, size=size)
    pieces = [
        await _piece(cut, path, found, house, vault)
        for cut, path, found in zip(plan.cuts, sources, measured, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        film, told = Path(folder) / "film.mp4", Path(folder) / "film.json"
        await media.splice(pieces, house, film)
        verified = await media.verify(film, pieces, house)
        for path, before in own.items():
            if seen(path) != before:
                raise _changed(path)
        reel = {
            "sha256": sha256_of(film),
            "size": list(size),
            "fps": float(house.fps),
            "frames": [piece.frames for piece in pieces],
            "av_offset_ms": verified.av_offset_ms,
        }
        told.write_bytes(canonical(reel))
        key = identity(plan, size, clips)
        await vault.keep_derived(film, "films", f"{key}.mp4")
        await vault.keep_derived(told, "films", f"{key}.json")


async def _sheet(plan: Plan, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault) -> Path:
    tiles = await _tiles(plan, clips, takes, vault)
    shown = [{**asdict(tile), "clip": tile.clip.name} for tile in tiles]
    name = hashlib.sha256(canonical({"v": CUTTING, "tiles": shown})).hexdigest() + ".png"
    kept = await vault.find_derived("sheets", name)
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            made = Path(folder) / name
            await contact_sheet(tiles, made)
            kept = await vault.keep_derived(made, "sheets", name)
    return kept


def _reel(told: Path) -> dict[str, Any] | None:
    """Return what is known of a film that was cut before; None if that cannot be read: then it is cut again."""
    try:
        reel = json.loads(read_plain(told, WORDS_MOST))
    except (ValueError, RecursionError):
        return None
    return (
        reel if isinstance(reel, dict) and reel.keys() >= {"sha256", "size", "fps", "frames", "av_offset_ms"} else None
    )


async def _source(cut: Cut, clips: Mapping[str, Clip], vault: Vault, own: dict[Path, Seen]) -> Path:
    """Return the file of a cut, and note how own footage was: ffmpeg reads it by its name, later."""
    if cut.step is not None:
        return await vault.local(clips[cut.step].sha256)
    assert cut.footage is not None, "a cut shows a step's clip or own footage"
    path = cut.footage.path
    try:
        sha256, own[path] = await asyncio.to_thread(copy_plain, path, None)
    except OSError as error:
        raise VaultError(f"{path} {said_of(error)}; put it back, and run it again") from error
    if sha256 != cut.footage.sha256:
        raise _changed(path)
    return path


def _changed(path: Path) -> VaultError:
    return VaultError(f"{path} was changed while the film was being shot; run it again")


async def _piece(cut: Cut, path: Path, found: media.Measured, house: media.House, vault: Vault) -> media.Piece:
    """Return a clip as it goes into the film: itself where it matches, else conformed once and kept."""
    whole = cut.step is not None or (cut.start == 0 and cut.footage is not None and cut.end >= cut.footage.seconds)
    if whole and not media.matches(found, house):
        return media.Piece(path, found.frames)
    of = {
        "sha256": sha256_of(path),
        "house": str(house),
        "start": None if whole else cut.start,
        "end": None if whole else cut.end,
    }
    name = hashlib.sha256(canonical({"v": CUTTING, **of})).hexdigest() + ".mp4"
    kept = await vault.find_derived("conformed", name)
    if kept is None or not _whole(kept):
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            made = Path(folder) / name
            span = {} if whole else {"start": cut.start, "end": cut.end}
            await media.conform(path, house, made, **span)
            kept = await vault.keep_derived(made, "conformed", name)
    return media.Piece(kept, media.probe(kept).frames)


def _whole(clip: Path) -> bool:
    """Whether a file that was made here before is still what it was: half of one is made again."""
    try:
        found = media.probe(clip)
    except MediaError:
        return False
    return not found.corrupt and found.frames > 0


def _cut_list(
    plan: Plan, service: str, reel: Mapping[str, Any], takes: Mapping[str, Take | None], book: Ledger
) -> dict[str, Any]:
    """
    Say for every second of the film which scene, step and request it is, how long it was to be, what it cost.

    The totals are those of everything that was asked for it, so what it does not use is listed too.
    """
    frames, fps = reel["frames"], reel["fps"]
    starts = [0, *accumulate(frames)]
    steps = {step.id: step for step in plan.steps}
    cuts = []
    for cut, first, count in zip(plan.cuts, starts, frames, strict=False):
        parts = []
        at = 0.0
        for part in cut.parts:
            take = takes.get(part.step) if part.step else None
            last = part is cut.parts[-1]
            # What a step made ends where its own clip ended; measured, since asked and made seconds may differ.
            end = count / fps if last else (take.seconds if take and take.seconds else part.end)
            parts.append(
                {
                    "step": part.step,
                    "request_id": take.request_id if take else None,
                    "start": round(first / fps + at, 6),
                    "end": round(first / fps + end, 6),
                    "asked_seconds": round(part.end - part.start, 6),
                    "measured_seconds": round(end - at, 6),
                    "estimated_usd": usd(steps[part.step].ticks) if part.step else 0.0,
                    "charged_usd": usd(take.charge) if take and take.charge is not None else None,
                }
            )
            at = end
        cuts.append(
            {
                "scene": cut.scene,
                "shows": cut.step or (cut.footage.path.name if cut.footage else None),
                "start": round(first / fps, 6),
                "end": round((first + count) / fps, 6),
                "first_frame": first,
                "frames": count,
                "asked_seconds": cut.seconds,
                "parts": parts,
            }
        )
    used = {take.request_id for take in takes.values() if take is not None}
    return {
        "version": 1,
        "title": plan.board.title,
        "service": service,
        "sha256": reel["sha256"],
        "size": reel["size"],
        "av_offset_ms": reel["av_offset_ms"],
        "fps": fps,
        "frames": starts[-1],
        "seconds": round(starts[-1] / fps, 6),
        "asked_seconds": plan.seconds,
        "cuts": cuts,
        "steps": [
            {
                "step": step.id,
                "request_id": take.request_id if (take := takes.get(step.id)) else None,
                "estimated_usd": usd(step.ticks),
                "charged_usd": usd(take.charge) if take and take.charge is not None else None,
            }
            for step in plan.steps
        ],
        "unused": [
            {
                "step": row.step,
                "request_id": row.request_id,
                "state": row.state,
                "estimated_usd": usd(row.estimate_ticks),
                "charged_usd": usd(row.charge) if row.charge is not None else None,
            }
            for row in book.rows
            if row.request_id not in used
        ],
        "totals": book.sums.fields,
    }


async def _tiles(plan: Plan, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault) -> list[Tile]:
    """One frame for each step, from the middle of what that step made, and one for each piece of own footage."""
    tiles = []
    footage = {cut.scene: cut for cut in plan.cuts if cut.footage is not None}
    for scene in plan.board.scenes:
        cut = footage.get(scene.id)
        if cut is not None and cut.footage is not None:
            middle = (cut.start + cut.end) / 2
            tiles.append(Tile(cut.footage.path, middle, scene.id, f"own footage, {cut.seconds:g} s"))
        for step in plan.steps:
            if step.scene != scene.id or step.id not in clips:
                continue
            tiles.append(await _tile(plan, step.id, clips, takes, vault))
    stills = [s for s in plan.steps if s.scene not in {scene.id for scene in plan.board.scenes} and s.id in clips]
    return [await _tile(plan, step.id, clips, takes, vault) for step in stills] + tiles


async def _tile(
    plan: Plan, step_id: str, clips: Mapping[str, Clip], takes: Mapping[str, Take | None], vault: Vault
) -> Tile:
    step = plan.step(step_id)
    take = takes.get(step_id)
    path = await vault.local(clips[step_id].sha256)
    charge = "" if take is None or take.charge is None else dollars(take.charge)
    length = (take.seconds or 0.0) if take else step.seconds
    middle = max(0.0, length - step.bought_seconds / 2)
    told = "still" if step.kind == "still" else f"{length:g} s"
    return Tile(path, middle, step_id, ", ".join(text for text in (told, charge) if text))


def _stands_again(source: Path, to: Path) -> bool:
    """Put a copy of `source` at `to` unless it is there already; say whether it had to be done."""
    with suppress(OSError):
        if to.stat().st_size == source.stat().st_size and sha256_of(to) == sha256_of(source):
            return False
    place_copy(source, to)
    return True


def _says(file: Path, content: bytes) -> bool:
    """Whether a file is there and says exactly this."""
    try:
        return read_plain(file, len(content)) == content
    except OSError:
        return False
