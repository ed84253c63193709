"""
Assemble a film: conform what differs, splice, verify, and keep it in the vault with the timeline that it was cut from.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from storyreel import media
from storyreel.errors import MediaError, VaultError
from storyreel.files.regular import WORDS_MOST, Seen, check_content, read_plain, seen, unusable
from storyreel.model.recipe import Clip, Frozen, digest, sha256_of
from storyreel.model.timeline import MeasuredSource, ResolvedShot, ResolvedTimeline, Shot, Timeline, resolve
from storyreel.vault import Vault

CONFORMING = 3
"""Raised when the way clips are conformed changes, so that older ones are not taken for it."""


class FilmRecord(Frozen):
    """What is known of a film that was cut: the file's content, how far sound and picture are apart, and what it shows."""

    sha256: str
    av_offset_ms: float
    timeline: ResolvedTimeline


async def find_film(identity: str, vault: Vault) -> tuple[Path, FilmRecord] | None:
    """Return a film that was cut before, with its record; None if it is gone, or is not what its record says."""
    film = await vault.clips.find_derived("films", f"{identity}.mp4")
    written = await vault.clips.find_derived("films", f"{identity}.json")
    if film is None or written is None:
        return None
    try:
        record = FilmRecord.model_validate_json(read_plain(written, WORDS_MOST))
    except (ValidationError, OSError):
        return None
    return (film, record) if await asyncio.to_thread(sha256_of, film) == record.sha256 else None


async def assemble(timeline: Timeline, clips: Mapping[str, Clip], vault: Vault) -> tuple[Path, FilmRecord]:
    """
    Cut a film, keep it in the vault under its identity, and return it there with its record.

    Args:
        clips: The clip of each step that the film shows.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing, or own footage was changed meanwhile.
    """
    own: dict[Path, Seen] = {}
    sources = [await _source(shot, clips, vault, own) for shot in timeline.picture]
    measured = await asyncio.to_thread(lambda: [media.probe(path) for path in sources])
    generated = [each for shot, each in zip(timeline.picture, measured, strict=True) if shot.step is not None]
    house = media.house_for(generated, size=timeline.size)
    joining = await asyncio.to_thread(media.joining, sources, measured, house)
    resolved = resolve(
        timeline,
        [
            MeasuredSource(_sha256(shot, clips), each.frames, each.seconds, joins)
            for shot, each, joins in zip(timeline.picture, measured, joining, strict=True)
        ],
        rate=house.fps,
        size=(house.width, house.height),
    )
    pieces = [
        await _piece(asked, shot, path, house, vault)
        for asked, shot, path in zip(timeline.picture, resolved.picture, sources, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        film, written = Path(folder) / "film.mp4", Path(folder) / "film.json"
        await media.splice(pieces, house, film)
        verified = await media.verify(film, pieces, house)
        for path, before in own.items():
            if seen(path) != before:
                raise VaultError(f"{path} was changed while the film was being shot; run it again")
        sha256 = await asyncio.to_thread(sha256_of, film)
        record = FilmRecord(sha256=sha256, av_offset_ms=verified.av_offset_ms, timeline=resolved)
        written.write_text(record.model_dump_json(), encoding="utf-8")
        identity = timeline.identity({step: clip.sha256 for step, clip in clips.items()})
        there = await vault.clips.keep_derived(film, "films", f"{identity}.mp4", sha256=sha256)
        await vault.clips.keep_derived(written, "films", f"{identity}.json")
        return there, record


def _sha256(shot: Shot, clips: Mapping[str, Clip]) -> str:
    return shot.footage.sha256 if shot.footage is not None else clips[shot.shows].sha256


async def _source(shot: Shot, clips: Mapping[str, Clip], vault: Vault, own: dict[Path, Seen]) -> Path:
    """Return the file of a shot, and note how own footage was: ffmpeg reads it by its name, later."""
    if shot.footage is None:
        return await vault.clips.local(clips[shot.shows].sha256)
    footage = shot.footage
    try:
        own[footage.path] = await asyncio.to_thread(check_content, footage.path, footage.sha256, footage.seen)
    except OSError as error:
        raise VaultError(unusable(footage.path, error)) from error
    return footage.path


async def _piece(asked: Shot, shot: ResolvedShot, path: Path, house: media.House, vault: Vault) -> media.Piece:
    """Return a clip as it goes into the film: itself where its packets are copied, else conformed once and kept."""
    if shot.source_range is None:
        return media.Piece(path, shot.frames)
    span = {} if asked.is_whole else {"start": asked.start, "end": asked.end}
    name = (
        digest(
            {
                "v": CONFORMING,
                "sha256": shot.sha256,
                "house": str(house),
                "start": span.get("start"),
                "end": span.get("end"),
            }
        )
        + ".mp4"
    )
    conformed = await vault.clips.find_derived("conformed", name)
    if conformed is None or not await asyncio.to_thread(_whole, conformed, shot.frames):
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            path_in = Path(folder) / name
            await media.conform(path, house, path_in, **span)
            conformed = await vault.clips.keep_derived(path_in, "conformed", name)
    return media.Piece(conformed, shot.frames)


def _whole(clip: Path, frames: int) -> bool:
    """Whether a file that was made here before is still what it was: half of one is made again."""
    try:
        measured = media.probe(clip)
    except MediaError:
        return False
    return not measured.corrupt and measured.frames == frames
