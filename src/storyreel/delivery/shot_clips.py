"""
From a shot to its clip in the house format: as it is, conformed, drawn, or with more key frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel import media
from storyreel.delivery.cutting_room import CuttingRoom, about
from storyreel.delivery.joined import joined_name
from storyreel.delivery.segments import ShotClip
from storyreel.model.film_words import with_burnt
from storyreel.model.footage import Footage
from storyreel.model.recipe import Clip, digest
from storyreel.model.shot import Shot, StepClip
from storyreel.model.timeline import MeasuredSource, ResolvedShot, ResolvedTimeline, Timeline, resolve

CONFORMING = 4
"""Raised when the way clips are conformed changes, so that older ones are not taken for it."""

REGROUPING = 1
"""Raised when the way clips get more key frames changes."""


@dataclass(frozen=True)
class Source:
    """The file of a shot, measured."""

    path: Path
    measured: media.Measured


async def sources_of(shots: Sequence[Shot], clips: Mapping[str, Clip], room: CuttingRoom) -> list[Source | None]:
    """Return the clip of each shot, measured; None for what has yet to be drawn."""
    paths = [await _file(shot, clips, room) for shot in shots]
    return await asyncio.to_thread(
        lambda: [None if path is None else _measured(shot, path, room) for shot, path in zip(shots, paths, strict=True)]
    )


async def _file(shot: Shot, clips: Mapping[str, Clip], room: CuttingRoom) -> Path | None:
    """Return the file of a shot, and note how a person's own files were."""
    if shot.drawn is not None:
        for path, sha256 in shot.drawn.files.items():
            await room.note(path, sha256, None)
        return None
    if isinstance(shot.source, StepClip):
        if shot.source.parts:
            return room.joined[joined_name(shot.source, clips)]
        return await room.vault.clips.local(clips[shot.source.step].sha256)
    footage = shot.source
    assert isinstance(footage, Footage), "what is drawn has no file"
    await room.note(footage.path, footage.sha256, footage.seen)
    return footage.path


def _measured(shot: Shot, path: Path, room: CuttingRoom) -> Source:
    with about(shot.scene, shot.shows):
        return Source(path, room.survey.measured(path))


def house_of(shots: Sequence[Shot], sources: Sequence[Source | None], size: tuple[int, int]) -> media.House:
    """Return the house format of a film of these shots: what is made for it has a say in it, own footage has none."""
    generated = [source.measured for shot, source in zip(shots, sources, strict=True) if source and shot.step]
    return media.house_for(generated, size=size)


async def resolved(
    timeline: Timeline,
    clips: Mapping[str, Clip],
    sources: Sequence[Source | None],
    house: media.House,
    room: CuttingRoom,
) -> ResolvedTimeline:
    """Return a timeline in frames."""
    filmed = [each for each in sources if each is not None]
    paths, measured = [each.path for each in filmed], [each.measured for each in filmed]
    joins = await asyncio.to_thread(media.joining, paths, measured, house, room.survey)
    joining = dict(zip(paths, joins, strict=True))
    film = resolve(
        timeline,
        [
            _measured_source(shot, clips, source, joins=source is not None and joining[source.path])
            for shot, source in zip(timeline.picture, sources, strict=True)
        ],
        rate=house.fps,
        size=(house.width, house.height),
    )
    return with_burnt(timeline, film)


def _measured_source(shot: Shot, clips: Mapping[str, Clip], source: Source | None, *, joins: bool) -> MeasuredSource:
    """Return what resolving needs of a clip. A picture that has to stand still at its end cannot be copied."""
    if source is None:
        assert shot.drawn is not None, "a clip that was shot has a file"
        return MeasuredSource(shot.drawn.sha256, 0, shot.drawn.seconds, joins=False)
    clip, sha256 = source.measured, _sha256(shot, clips)
    if shot.step is not None:
        return MeasuredSource(sha256, clip.frames, clip.seconds, joins)
    return MeasuredSource(sha256, clip.frames, clip.lasts, joins and clip.lasts == clip.seconds)


def _sha256(shot: Shot, clips: Mapping[str, Clip]) -> str:
    if isinstance(shot.source, StepClip) and shot.source.parts:
        return joined_name(shot.source, clips)
    return shot.footage.sha256 if shot.footage is not None else clips[shot.shows].sha256


async def shot_clip(
    asked: Shot, shot: ResolvedShot, source: Source | None, house: media.House, room: CuttingRoom
) -> ShotClip:
    """Return the clip of a shot in the house format: itself where its packets are copied, else conformed once and kept."""
    called = f"scene '{asked.scene}' ({asked.shows})"
    if source is None:
        return await _drawn_clip(asked, shot, house, room)
    path = source.path
    if shot.source_range is None:
        with about(asked.scene, asked.shows):
            scan = await asyncio.to_thread(room.survey.scan, path)
        return ShotClip(path, scan, shot.clip_first_frame, shot.sha256, called)
    start, end = shot.source_range
    part = {"start": start, "end": end} if asked.is_part_of_footage else {}
    # What is conformed for a part of footage begins before it, for its handle.
    lead = round((max(0.0, asked.start) - start) * house.fps) if part else 0
    recipe = {
        "v": CONFORMING,
        "sha256": shot.sha256,
        "house": str(house),
        "start": part.get("start"),
        "end": part.get("end"),
        **({"lead": lead} if lead else {}),
        **({} if asked.framing.is_usual else asked.framing.identity),
    }
    name = f"{digest(recipe)}.mp4"

    async def conform(to: Path) -> None:
        with about(asked.scene, asked.shows):
            await media.conform(path, house, to, frames=shot.source_frames, lead=lead, framing=asked.framing, **part)
            if asked.footage is not None:  # what was made was decoded when it came
                await asyncio.to_thread(media.check_frames, path, **part)
        room.see_unchanged(path)

    conformed = await room.clip("conformed", name, shot.source_frames or shot.frames, conform)
    first = lead if part else shot.clip_first_frame
    return ShotClip(conformed, await asyncio.to_thread(room.survey.scan, conformed), first, name, called)


async def _drawn_clip(asked: Shot, shot: ResolvedShot, house: media.House, room: CuttingRoom) -> ShotClip:
    """Return what is drawn as a clip in the house format, with frames before it and after it for transitions; drawn once and kept."""
    drawn, part, frames = asked.drawn, shot.source_range, shot.source_frames
    assert drawn is not None, "a clip that was shot has a file"
    assert part is not None, "no packet of it is there yet"
    assert frames is not None, "no packet of it is there yet"
    before = round(-part[0] * house.fps)
    name = f"{digest({'drawn': drawn.identity, 'house': str(house), 'before': before, 'frames': frames})}.mp4"

    async def draw(to: Path) -> None:
        with about(asked.scene, asked.shows):
            await media.draw(drawn, house, to, before=before, frames=frames)
        for file in drawn.files:
            room.see_unchanged(file)

    clip = await room.clip("drawn", name, frames, draw)
    called = f"scene '{asked.scene}' ({asked.shows})"
    return ShotClip(clip, await asyncio.to_thread(room.survey.scan, clip), before + shot.clip_first_frame, name, called)


async def regrouped(shot: ShotClip, house: media.House, room: CuttingRoom) -> ShotClip:
    """
    Return the clip of a shot with a key frame every second: its picture is encoded once, and kept; its sound is the clip's own.
    """
    group = round(house.fps)
    recipe = {"v": REGROUPING, "clip": shot.content, "house": str(house), "group": group}
    name = f"{digest(recipe)}.mp4"
    whole = media.Window((media.Stretch(shot.path, 0, shot.scan.frames),))
    clip = await room.clip(
        "regrouped", name, shot.scan.frames, lambda to: media.render(whole, house, to, room.survey, group=group)
    )
    scan = await asyncio.to_thread(room.survey.scan, clip)
    return replace(shot, path=clip, scan=scan, content=name, heard_in=shot.path, heard_as=shot.content)
