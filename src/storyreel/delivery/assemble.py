"""
Assemble a film: conform what differs, splice, verify, and keep it in the vault with the timeline that it was cut from.

A person's own clips are conformed before anything is bought, so that whatever is wrong with them costs nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from storyreel import media
from storyreel.delivery.cutting_room import CuttingRoom, about
from storyreel.delivery.film_sound import SoundRecord, film_sound, given_files
from storyreel.delivery.joined import joined_name, reel_of
from storyreel.delivery.segments import Segment, ShotClip, segments, wants_groups
from storyreel.delivery.shot_clips import house_of, regrouped, resolved, shot_clip, sources_of
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.media.ffmpeg import side_by_side
from storyreel.model.recipe import Clip, Frozen, digest, sha256_of
from storyreel.model.shot import Shot, StepClip
from storyreel.model.timeline import ResolvedTimeline, Timeline
from storyreel.vault import Vault

RENDERING = 1
"""Raised when the way windows are rendered changes."""


class FilmRecord(Frozen):
    """
    What is known of a film that was cut: the file's content, how far sound and picture are apart, what it shows, and what came
    of its sound.
    """

    sha256: str
    av_offset_ms: float
    timeline: ResolvedTimeline
    sound: SoundRecord | None = None


@dataclass(frozen=True)
class Draft:
    """
    A film that is not joined yet: its house format, its timeline in frames, the clip of each shot, its segments, and the file of
    each font that its words are written in, by its content.
    """

    house: media.House
    timeline: ResolvedTimeline
    shots: Sequence[ShotClip]
    segments: Sequence[Segment]
    fonts: Mapping[str, Path]

    @property
    def contents(self) -> dict[Path, str]:
        """What tells each clip from others."""
        return {shot.path: shot.content for shot in self.shots}


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
    try:
        return (film, record) if await asyncio.to_thread(sha256_of, film) == record.sha256 else None
    except OSError:
        return None  # another run is putting it there


async def assemble(
    timeline: Timeline, clips: Mapping[str, Clip], vault: Vault, survey: media.Survey | None = None
) -> tuple[Path, FilmRecord]:
    """
    Cut a film, keep it in the vault under its identity, and return it there with its record.

    Args:
        clips: The clip of each step that the film shows.
        survey: What is known of clips already.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing, or own footage was changed meanwhile.
    """
    room = CuttingRoom(vault, survey or media.Survey())
    given = await given_files(timeline, room)
    film = await draft(timeline, clips, room)
    pieces, (sound, heard) = await side_by_side(
        [
            room.each(lambda segment: piece(segment, film, room), film.segments),
            film_sound(film.timeline, film.shots, given, film.house, room),
        ]
    )
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        path, written = Path(folder) / "film.mp4", Path(folder) / "film.json"
        await media.splice(pieces, film.house, path, sound=sound, survey=room.survey)
        verified = await media.verify(path, pieces, film.house, room.survey)
        for file in room.own:
            room.see_unchanged(file)
        sha256 = await asyncio.to_thread(sha256_of, path)
        record = FilmRecord(sha256=sha256, av_offset_ms=verified.av_offset_ms, timeline=film.timeline, sound=heard)
        written.write_text(record.model_dump_json(), encoding="utf-8")
        identity = timeline.identity({step: clip.sha256 for step, clip in clips.items()})
        there = await vault.clips.keep_derived(path, "films", f"{identity}.mp4", sha256=sha256)
        await vault.clips.keep_derived(written, "films", f"{identity}.json")
        return there, record


async def draft(
    timeline: Timeline, clips: Mapping[str, Clip], room: CuttingRoom, house: media.House | None = None
) -> Draft:
    """
    Lay a film out: measure its clips, turn its timeline into frames, and conform, draw and regroup what has to be.

    Args:
        clips: The clip of each step that the film shows.
        house: Its format; that on which its clips agree, if not given.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing, or own footage was changed meanwhile.
    """
    for sha256, path in timeline.fonts.items():
        await room.note(path, sha256, None)
    await join(timeline.picture, clips, room)
    sources = await sources_of(timeline.picture, clips, room)
    house = house or house_of(timeline.picture, sources, timeline.size)
    film = await resolved(timeline, clips, sources, house, room)
    shots = [
        await shot_clip(asked, shot, source, house, room)
        for asked, shot, source in zip(timeline.picture, film.picture, sources, strict=True)
    ]
    ungrouped = wants_groups(film, shots)
    await room.each(
        lambda shot: regrouped(shot, house, room), list({shots[at].path: shots[at] for at in ungrouped}.values())
    )
    for at in ungrouped:
        shots[at] = await regrouped(shots[at], house, room)
    return Draft(house, film, shots, segments(film, shots), timeline.fonts)


async def join(shots: Sequence[Shot], clips: Mapping[str, Clip], room: CuttingRoom) -> None:
    """
    Have the clips of scenes with tails in the cutting room: joined once, and kept in the vault.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: A clip is missing.
    """
    for shot in shots:
        clip = shot.source
        if not isinstance(clip, StepClip) or not clip.parts or (name := joined_name(clip, clips)) in room.joined:
            continue
        reel = await reel_of(shot.scene, clip, clips, room)
        there = await find_film(reel.identity({step: clips[step].sha256 for step in clip.steps}), room.vault)
        room.joined[name], _ = there or await assemble(reel, clips, room.vault, room.survey)


async def piece(segment: Segment, film: Draft, room: CuttingRoom) -> media.Piece:
    """Return a segment as it goes into the film: a window is rendered once, and kept."""
    if isinstance(segment, media.Piece):
        return segment
    name = f"{digest({'v': RENDERING, 'house': str(film.house), **segment.recipe(film.contents)})}.mp4"

    async def render(to: Path) -> None:
        await media.render(segment, film.house, to, room.survey, fonts=film.fonts)
        for words in segment.words:
            if words.font is not None:
                room.see_unchanged(film.fonts[words.font])

    rendered = await room.clip("windows", name, segment.frames, render)
    return media.Piece(rendered, segment.frames)


async def prove_shot(shot: Shot, size: tuple[int, int], vault: Vault) -> None:
    """
    Prove that a person's own clip can be shown: conform it as the film most likely will have it, and keep that for the cut.
    Of what is drawn one picture is drawn, in that size.

    The film is taken to have the size and rate that are asked for. Where the clips that are made agree on others, what is kept
    here is of no use, and is conformed again; it has been decoded to its end all the same.

    Raises:
        MediaError: It cannot be decoded or conformed; the text names scene and file.
        VaultError: It was changed meanwhile.
    """
    room = CuttingRoom(vault)
    sources = await sources_of((shot,), {}, room)
    if shot.drawn is not None:
        with about(shot.scene, shot.shows):
            await asyncio.to_thread(media.drawn_at, shot.drawn, size)
        return
    house = media.house_for((), size=size)
    film = await resolved(Timeline(size, (shot,)), {}, sources, house, room)
    clip = await shot_clip(shot, film.picture[0], sources[0], house, room)
    if film.picture[0].source_range is None:
        with about(shot.scene, clip.path.name):
            await media.check_own(clip.path)
