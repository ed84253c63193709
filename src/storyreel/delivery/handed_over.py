"""
A film as it is handed over: in its codec and at its rate, with what lies over its pictures, beside nothing else that is said of it.

It is known by the film it is made from and by what is made of it. Where neither has changed nothing is encoded: it is in the vault's
derived folder, and at its place is a copy of it that has the film's tags.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from storyreel.delivery.assemble import FilmRecord, draft
from storyreel.delivery.cut_list import CutShot
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.film_sound import film_bus, given_files
from storyreel.delivery.tagged import Coming, put_copy, put_tagged, tagged_there
from storyreel.errors import MediaError
from storyreel.files.place import workplace
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.media.handover import Handover, check_encoder, hand_over, watermark
from storyreel.model.film_words import Chapter
from storyreel.model.finish import AS_CUT, Finish, Shown
from storyreel.model.plan import PlannedFilm
from storyreel.model.rates import frames_at
from storyreel.model.recipe import Clip, Frozen, digest, sha256_of
from storyreel.model.tags import Tags
from storyreel.model.timeline import ResolvedTimeline, Timeline
from storyreel.vault import Vault

HANDING = 1
"""Raised when the way a film is handed over changes, so that an older one is not taken for it."""


KIND = "handed"
"""The folder among what is derived."""


class HandedRecord(Frozen):
    """What a film came out as when it was handed over."""

    sha256: str


def handover_of(film: ResolvedTimeline, finish: Finish, cuts: Sequence[CutShot]) -> Handover:
    """
    Return what is made of a film as it was cut.

    Args:
        cuts: Its shots, whose steps and requests may be burnt in.
    """
    finish = finish.of(film.fps)
    shown = shown_in(cuts, film.fps) if finish.burn_in else ()
    return Handover(finish, film.size, film.fps, film.frames, shown)


async def is_ready(record: FilmRecord, how: Handover, vault: Vault) -> bool:
    """Whether a film can be handed over without encoding it: it is handed over as it was cut, or was handed over so before."""
    if how.finish == AS_CUT:
        return True
    # Of a bucket the file itself would be fetched to know that it is there. Its record is put there after it, and goes before it.
    return await _record(digest(_identity(record, how)), vault) is not None


async def put_handed_over(
    film: Path,
    record: FilmRecord,
    how: Handover,
    tags: Tags,
    to: Path,
    vault: Vault,
    *,
    timeline: Timeline,
    clips: Mapping[str, Clip],
    coming: Coming | None = None,
) -> tuple[str, bool]:
    """
    Have a film at its place as it is handed over, with its tags, and return its sha256 and whether it had to be put there.

    Args:
        film: As it was cut, in the vault.
        record: What is known of it.
        tags: What it says of itself, in its own frames.
        timeline: What it was cut from, as asked.
        clips: The clip of each step that it shows.
        coming: As for `put_copy`.

    Raises:
        MediaError: It cannot be encoded or written, or what came out is not the film.
        VaultError: A sound of a person's own was changed since it was cut.
    """
    finish = how.finish
    if finish == AS_CUT:
        return await put_tagged(film, record, tags, to, vault, coming=coming)
    name = digest(_identity(record, how))
    tags = tags_at(tags, how.fps, how.rate)
    before = await _record(name, vault)
    if before is not None and (there := await tagged_there(before.sha256, tags, to, vault)) is not None:
        return there, False
    handed = None if before is None else await _kept(name, before, how, vault)
    if handed is None:
        with workplace(to) as bench:
            encoded = bench / f"handed-over{finish.container}"
            bus = bench / "bus" if finish.codec == "prores" else None
            if bus is not None:
                await _write_bus(timeline, clips, vault, bus)
            await hand_over(film, how, encoded, bus=bus)
            before = HandedRecord(sha256=await asyncio.to_thread(sha256_of, encoded))
            written = bench / "handed-over.json"
            written.write_text(before.model_dump_json(), encoding="utf-8")
            handed = await vault.clips.keep_derived(encoded, KIND, _file(name, how), sha256=before.sha256)
            await vault.clips.keep_derived(written, KIND, f"{name}.json")
    assert before is not None, "what is kept has a record"
    return await put_copy(handed, before.sha256, tags, to, vault, rate=how.rate, coming=coming)


async def prove_finish(film: PlannedFilm) -> None:
    """
    Prove that a film can be handed over as it is to be, while it costs nothing to learn that it cannot.

    Raises:
        MediaError: ffmpeg has no such encoder, or the picture that is to lie over it cannot be read; the text names the film.
    """
    finish = film.board.finish
    try:
        await asyncio.to_thread(check_encoder, finish.codec)
        if finish.overlay is not None:
            await asyncio.to_thread(watermark, finish.overlay, film.timeline.size)
    except MediaError as error:
        raise error.of(f"delivery '{film.name}'" if film.name else "the film") from error


def shown_in(cuts: Sequence[CutShot], fps: Fraction) -> tuple[Shown, ...]:
    """
    Return what is burnt into a film of these shots: each step with its request, each scene that nobody asked for with what it is.

    Where two shots are mixed it is the later one.
    """
    shown: list[Shown] = []
    for shot, follower in zip(cuts, (*cuts[1:], None), strict=True):
        end = shot.first_frame + shot.frames if follower is None else follower.first_frame
        if shot.placeholder is not None or not shot.parts:
            shown.append(Shown(shot.first_frame, shot.scene, shot.shows if shot.placeholder is None else "placeholder"))
            continue
        for part in shot.parts:
            first = max(shot.first_frame, round(part.start * fps))
            if first < end:
                source = shot.shows if part.step is None else part.request_id or ""
                shown.append(Shown(first, part.step or shot.scene, source))
    return tuple(shown)


def tags_at(tags: Tags, old: Fraction, new: Fraction) -> Tags:
    """Return what a film says of itself at another rate: captions and chapters begin with the frame that first shows theirs."""
    if old == new:
        return tags

    def at(frame: int) -> int:
        return frames_at(frame, old, new)

    captions = (
        each.model_copy(update={"first_frame": at(each.first_frame), "frames": at(each.end) - at(each.first_frame)})
        for each in tags.captions
    )
    chapters = (Chapter(name=each.name, first_frame=at(each.first_frame), end=at(each.end)) for each in tags.chapters)
    return tags.model_copy(
        update={
            "captions": tuple(each for each in captions if each.frames),
            "chapters": tuple(each for each in chapters if each.end > each.first_frame),
        }
    )


def _identity(record: FilmRecord, how: Handover) -> dict[str, object]:
    return {
        "v": HANDING,
        "film": record.sha256,
        "finish": how.finish.identity,
        "shown": [[each.first_frame, each.what, each.source] for each in how.shown],
    }


def _file(name: str, how: Handover) -> str:
    return f"{name}{how.finish.container}"


async def _record(name: str, vault: Vault) -> HandedRecord | None:
    written = await vault.clips.find_derived(KIND, f"{name}.json")
    try:
        return None if written is None else HandedRecord.model_validate_json(read_plain(written, WORDS_MOST))
    except (ValidationError, OSError):
        return None


async def _kept(name: str, record: HandedRecord, how: Handover, vault: Vault) -> Path | None:
    """Return what was handed over before; None if it is gone, or is not what its record says."""
    handed = await vault.clips.find_derived(KIND, _file(name, how))
    try:
        same = handed is not None and await asyncio.to_thread(sha256_of, handed) == record.sha256
    except OSError:
        return None  # another run is putting it there
    return handed if same else None


async def _write_bus(timeline: Timeline, clips: Mapping[str, Clip], vault: Vault, to: Path) -> None:
    """Write down what is heard of a film, in samples, from what it was cut from."""
    room = CuttingRoom(vault)
    given = await given_files(timeline, room)
    film = await draft(timeline, clips, room)
    await film_bus(film.timeline, film.shots, given, film.house, room, to)
    for file in room.own:
        room.see_unchanged(file)
