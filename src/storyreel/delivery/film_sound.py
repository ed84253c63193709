"""
The sound of a film, made once: kept by all that it is made of, so that a film of other pictures or words has the same.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from storyreel import media
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.own_sounds import taken_ahead
from storyreel.delivery.segments import ShotClip, sounds
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.media.ffmpeg import to_its_end
from storyreel.model.recipe import Frozen, digest, sha256_of
from storyreel.model.sound import SoundFile
from storyreel.model.timeline import ResolvedTimeline, Timeline
from storyreel.vault import Vault

SOUNDING = 2
"""Raised when the way sound is mixed or encoded changes, so that an older one is not taken for it."""


class SoundRecord(Frozen):
    """
    What is known of a film's sound: the file's content; how loud it came out in LUFS and dBTP, where a loudness was asked for
    and it is not silent; how far all of it was turned up, and how far a moment was turned down at most.
    """

    sha256: str
    loudness: float | None = None
    true_peak: float | None = None
    gain_db: float = 0.0
    limited_db: float = 0.0


async def given_files(timeline: Timeline, room: CuttingRoom) -> dict[str, Path]:
    """
    Return where each sound lies that a person gave, by its content, and note how its file is.

    Raises:
        VaultError: It is gone, or has another content.
    """
    files = given_sounds(timeline)
    for file in files:
        await room.note(file.path, file.sha256, file.seen)
    return {file.sha256: file.path for file in files}


def given_sounds(timeline: Timeline) -> list[SoundFile]:
    """Return the sounds that a person gave for a film, each content once."""
    laid = (each.file for shot in timeline.picture for each in shot.laid)
    return list({file.sha256: file for file in (*laid, *(bed.file for bed in timeline.music))}.values())


async def prove_sound(file: SoundFile, vault: Vault) -> None:
    """
    Prove that a sound can be heard: decode it to its end.

    Raises:
        MediaError: It cannot be read, or most of it cannot be decoded.
        VaultError: It was changed since the storyboard was read.
    """
    room = CuttingRoom(vault)
    await room.note(file.path, file.sha256, file.seen)
    await to_its_end(partial(media.check_sound, file.path))
    room.see_unchanged(file.path)


async def film_sound(
    film: ResolvedTimeline,
    clips: Sequence[ShotClip],
    files: Mapping[str, Path],
    house: media.House,
    room: CuttingRoom,
) -> tuple[Path, SoundRecord]:
    """
    Return what is heard of a film, with what is known of it: from before, or else mixed and encoded now.

    Args:
        clips: Of each shot.
        files: The sounds that a person gave, by their content.

    Raises:
        MediaError: A sound cannot be decoded, or ffmpeg failed.
    """
    programme = _programme(film, clips, files)
    contents = heard_contents(clips)
    name = digest(_identity(programme, contents, house))
    before = await _kept(name, room.vault)
    if before is not None:
        return before
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        path, written = Path(folder) / "sound.m4a", Path(folder) / "sound.json"
        ready = await taken_ahead(programme.sounds, contents, house, room)
        finished = await media.produce(programme, house, path, room.survey, ready)
        record = SoundRecord(
            sha256=await asyncio.to_thread(sha256_of, path),
            loudness=finished.loudness,
            true_peak=finished.true_peak,
            gain_db=finished.gain_db,
            limited_db=finished.limited_db,
        )
        written.write_text(record.model_dump_json(), encoding="utf-8")
        there = await room.vault.clips.keep_derived(path, "sound", f"{name}.m4a", sha256=record.sha256)
        await room.vault.clips.keep_derived(written, "sound", f"{name}.json")
        return there, record


async def film_bus(
    film: ResolvedTimeline,
    clips: Sequence[ShotClip],
    files: Mapping[str, Path],
    house: media.House,
    room: CuttingRoom,
    to: Path,
) -> None:
    """
    Write down what is heard of a film as it is before it is encoded, in bare samples of 24 bits.

    It is mixed once more, for who is handed sound as PCM: most films are not, and of an hour it would be a gigabyte to keep.

    Args:
        clips: Of each shot.
        files: The sounds that a person gave, by their content.

    Raises:
        MediaError: A sound cannot be decoded, or ffmpeg failed.
    """
    programme = _programme(film, clips, files)
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        ready = await taken_ahead(programme.sounds, heard_contents(clips), house, room)
        await media.produce(programme, house, Path(folder) / "sound.m4a", room.survey, ready, bus=to)


async def film_stems(
    film: ResolvedTimeline,
    clips: Sequence[ShotClip],
    files: Mapping[str, Path],
    house: media.House,
    room: CuttingRoom,
    to: Mapping[media.Stem, Path],
) -> dict[media.Stem, float]:
    """
    Write down what is heard of a film as stems (`media.produce_stems`); return by how many dB each is too loud to be written down.

    Args:
        clips: Of each shot.
        files: The sounds that a person gave, by their content.

    Raises:
        MediaError: A sound cannot be decoded, ffmpeg failed, or the film is longer than a WAV.
    """
    programme = _programme(film, clips, files)
    ready = await taken_ahead(programme.sounds, heard_contents(clips), house, room)
    return await media.produce_stems(programme, house, to, room.survey, ready)


def heard_contents(clips: Sequence[ShotClip]) -> dict[Path, str]:
    """Return what tells the clips from others in which shots are heard."""
    return {clip.heard_in or clip.path: clip.heard_as or clip.content for clip in clips}


def _programme(film: ResolvedTimeline, clips: Sequence[ShotClip], files: Mapping[str, Path]) -> media.Programme:
    asked = film.sound
    given = () if asked is None else tuple(media.GivenSound(files[each.sha256], each) for each in asked.placed)
    return media.Programme(
        sounds=tuple(each for each in sounds(film, clips) if each is not None),
        frames=film.frames,
        given=given,
        ducked=() if asked is None else asked.ducked,
        loudness=None if asked is None else asked.loudness,
        limits=asked is not None,
    )


def _identity(programme: media.Programme, contents: Mapping[Path, str], house: media.House) -> dict[str, Any]:
    """Return all that makes a difference to what is heard, whatever files and scenes are called."""
    return {
        "v": SOUNDING,
        "rate": str(house.fps),
        "frames": programme.frames,
        "shots": [{**each.recipe, "clip": contents[each.clip]} for each in programme.sounds],
        "given": [each.placed.model_dump(exclude={"name", "scene"}) for each in programme.given],
        "ducked": [list(each) for each in programme.ducked],
        "loudness": programme.loudness,
        "limits": programme.limits,
    }


async def _kept(name: str, vault: Vault) -> tuple[Path, SoundRecord] | None:
    """Return a sound that was made before; None if it is gone, or is not what its record says."""
    path = await vault.clips.find_derived("sound", f"{name}.m4a")
    written = await vault.clips.find_derived("sound", f"{name}.json")
    if path is None or written is None:
        return None
    try:
        record = SoundRecord.model_validate_json(read_plain(written, WORDS_MOST))
        return (path, record) if await asyncio.to_thread(sha256_of, path) == record.sha256 else None
    except (ValidationError, OSError):
        return None
