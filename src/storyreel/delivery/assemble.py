"""
Assemble a film: conform what differs, splice, verify, and keep it in the vault with the timeline that it was cut from.

A person's own clips are conformed before anything is bought, so that whatever is wrong with them costs nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pydantic import ValidationError

from storyreel import media
from storyreel.delivery.segments import Segment, ShotClip, segments, sounds
from storyreel.errors import MediaError, VaultError
from storyreel.files.regular import WORDS_MOST, Seen, check_content, read_plain, seen, unusable
from storyreel.model.recipe import Clip, Frozen, digest, sha256_of
from storyreel.model.shot import Shot, exact
from storyreel.model.timeline import MeasuredSource, ResolvedShot, ResolvedTimeline, Timeline, resolve
from storyreel.vault import Vault

CONFORMING = 4
"""Raised when the way clips are conformed changes, so that older ones are not taken for it."""

RENDERING = 1
"""Raised when the way windows are rendered changes."""


@dataclass(frozen=True)
class _Source:
    """The file of a shot, measured."""

    path: Path
    measured: media.Measured


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
    try:
        return (film, record) if await asyncio.to_thread(sha256_of, film) == record.sha256 else None
    except OSError:
        return None  # another run is putting it there


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
    sources = await _sources(timeline.picture, clips, vault, own)
    generated = [
        source.measured for shot, source in zip(timeline.picture, sources, strict=True) if source and shot.step
    ]
    house = media.house_for(generated, size=timeline.size)
    resolved = await _resolved(timeline, clips, sources, house)
    shots = [
        await _shot_clip(asked, shot, source, house, vault, own)
        for asked, shot, source in zip(timeline.picture, resolved.picture, sources, strict=True)
    ]
    contents = {shot.path: shot.content for shot in shots}
    pieces = [await _piece(segment, contents, house, vault) for segment in segments(resolved, shots)]
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        film, written = Path(folder) / "film.mp4", Path(folder) / "film.json"
        await media.splice(pieces, house, film, sounds=sounds(resolved, shots))
        verified = await media.verify(film, pieces, house)
        for path in own:
            _unchanged(path, own)
        sha256 = await asyncio.to_thread(sha256_of, film)
        record = FilmRecord(sha256=sha256, av_offset_ms=verified.av_offset_ms, timeline=resolved)
        written.write_text(record.model_dump_json(), encoding="utf-8")
        identity = timeline.identity({step: clip.sha256 for step, clip in clips.items()})
        there = await vault.clips.keep_derived(film, "films", f"{identity}.mp4", sha256=sha256)
        await vault.clips.keep_derived(written, "films", f"{identity}.json")
        return there, record


async def prove_shot(shot: Shot, size: tuple[int, int], vault: Vault) -> None:
    """
    Prove that a person's own clip can be shown: conform it as the film most likely will have it, and keep that for the cut.

    The film is taken to have the size and rate that are asked for. Where the clips that are made agree on others, what is kept
    here is of no use, and is conformed again; it has been decoded to its end all the same.

    Raises:
        MediaError: It cannot be decoded or conformed; the text names scene and file.
        VaultError: It was changed meanwhile.
    """
    own: dict[Path, Seen] = {}
    house = media.house_for((), size=size)
    sources = await _sources((shot,), {}, vault, own)
    (resolved,) = (await _resolved(Timeline(size, (shot,)), {}, sources, house)).picture
    clip = await _shot_clip(shot, resolved, sources[0], house, vault, own)
    if resolved.source_range is None:
        with about(shot.scene, clip.path.name):
            await media.check_own(clip.path)


@contextmanager
def about(scene: str, name: str) -> Iterator[None]:
    """Have every error of a clip say in which scene it is, and which file."""
    try:
        yield
    except MediaError as error:
        named = str(error).startswith(f"{name} ")
        raise error.of(f"scene '{scene}'" if named else f"scene '{scene}' ({name})") from error


def _probe(shot: Shot, path: Path) -> media.Measured:
    with about(shot.scene, shot.shows):
        return media.probe(path)


async def _resolved(
    timeline: Timeline, clips: Mapping[str, Clip], sources: Sequence[_Source | None], house: media.House
) -> ResolvedTimeline:
    filmed = [each for each in sources if each is not None]
    paths, measured = [each.path for each in filmed], [each.measured for each in filmed]
    joining = dict(zip(paths, await asyncio.to_thread(media.joining, paths, measured, house), strict=True))
    return resolve(
        timeline,
        [
            _measured_source(shot, clips, source, joins=source is not None and joining[source.path])
            for shot, source in zip(timeline.picture, sources, strict=True)
        ],
        rate=house.fps,
        size=(house.width, house.height),
    )


def _measured_source(shot: Shot, clips: Mapping[str, Clip], source: _Source | None, *, joins: bool) -> MeasuredSource:
    """Return what resolving needs of a clip. A picture that has to stand still at its end cannot be copied."""
    if source is None:
        assert shot.drawn is not None, "a clip that was shot has a file"
        return MeasuredSource(shot.drawn.sha256, 0, shot.drawn.seconds, joins=False)
    clip, sha256 = source.measured, _sha256(shot, clips)
    if shot.step is not None:
        return MeasuredSource(sha256, clip.frames, clip.seconds, joins)
    return MeasuredSource(sha256, clip.frames, clip.lasts, joins and clip.lasts == clip.seconds)


def _sha256(shot: Shot, clips: Mapping[str, Clip]) -> str:
    return shot.footage.sha256 if shot.footage is not None else clips[shot.shows].sha256


async def _sources(
    shots: Sequence[Shot], clips: Mapping[str, Clip], vault: Vault, own: dict[Path, Seen]
) -> list[_Source | None]:
    """Return the clip of each shot, measured; None for what has yet to be drawn."""
    paths = [await _file(shot, clips, vault, own) for shot in shots]
    return await asyncio.to_thread(
        lambda: [
            None if path is None else _Source(path, _probe(shot, path)) for shot, path in zip(shots, paths, strict=True)
        ]
    )


async def _file(shot: Shot, clips: Mapping[str, Clip], vault: Vault, own: dict[Path, Seen]) -> Path | None:
    """Return the file of a shot, and note how a person's own files were: they are read by their names, later."""
    if shot.drawn is not None:
        for path, sha256 in shot.drawn.files.items():
            await _note(path, sha256, None, own)
        return None
    if shot.footage is None:
        return await vault.clips.local(clips[shot.shows].sha256)
    footage = shot.footage
    await _note(footage.path, footage.sha256, footage.seen, own)
    return footage.path


async def _note(path: Path, sha256: str, before: Seen | None, own: dict[Path, Seen]) -> None:
    try:
        own[path] = await asyncio.to_thread(check_content, path, sha256, before)
    except OSError as error:
        raise VaultError(unusable(path, error)) from error


def _unchanged(path: Path, own: Mapping[Path, Seen]) -> None:
    """
    See that own footage is as it was when its content was looked at.

    Raises:
        VaultError: Somebody has written to it: what was made of it may be of another content than its name says.
    """
    if path in own and seen(path) != own[path]:
        raise VaultError(f"{path} was changed while the film was being shot; run it again")


async def _shot_clip(
    asked: Shot,
    shot: ResolvedShot,
    source: _Source | None,
    house: media.House,
    vault: Vault,
    own: Mapping[Path, Seen],
) -> ShotClip:
    """Return the clip of a shot in the house format: itself where its packets are copied, else conformed once and kept."""
    called = f"scene '{asked.scene}' ({asked.shows})"
    if source is None:
        return await _drawn_clip(asked, shot, house, vault, own)
    path = source.path
    if shot.source_range is None:
        with about(asked.scene, asked.shows):
            return ShotClip(path, await asyncio.to_thread(media.scan, path), shot.clip_first_frame, shot.sha256, called)
    start, end = shot.source_range
    part = {"start": start, "end": end} if asked.is_part_of_footage else {}
    recipe = {
        "v": CONFORMING,
        "sha256": shot.sha256,
        "house": str(house),
        "start": part.get("start"),
        "end": part.get("end"),
        **({} if asked.framing.is_usual else asked.framing.identity),
    }
    name = f"{digest(recipe)}.mp4"
    conformed = await vault.clips.find_derived("conformed", name)
    if conformed is None or not await asyncio.to_thread(_whole, conformed, shot.source_frames or shot.frames):
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            path_in = Path(folder) / name
            with about(asked.scene, asked.shows):
                await media.conform(path, house, path_in, frames=shot.source_frames, framing=asked.framing, **part)
                if asked.footage is not None:  # what was made was decoded when it came
                    await asyncio.to_thread(media.check_frames, path, **part)
            _unchanged(path, own)
            conformed = await vault.clips.keep_derived(path_in, "conformed", name)
    # What is conformed for a part of footage begins with its handle.
    first = ceil(shot.handle_in * exact(shot.speed)) if part else shot.clip_first_frame
    return ShotClip(conformed, await asyncio.to_thread(media.scan, conformed), first, name, called)


async def _drawn_clip(
    asked: Shot, shot: ResolvedShot, house: media.House, vault: Vault, own: Mapping[Path, Seen]
) -> ShotClip:
    """Return what is drawn as a clip in the house format, with frames before it and after it for transitions; drawn once and kept."""
    drawn, part, frames = asked.drawn, shot.source_range, shot.source_frames
    assert drawn is not None, "a clip that was shot has a file"
    assert part is not None, "no packet of it is there yet"
    assert frames is not None, "no packet of it is there yet"
    before = round(-part[0] * house.fps)
    name = f"{digest({'drawn': drawn.identity, 'house': str(house), 'before': before, 'frames': frames})}.mp4"
    clip = await vault.clips.find_derived("drawn", name)
    if clip is None or not await asyncio.to_thread(_whole, clip, frames):
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            path = Path(folder) / name
            with about(asked.scene, asked.shows):
                await media.draw(drawn, house, path, before=before, frames=frames)
            for file in drawn.files:
                _unchanged(file, own)
            clip = await vault.clips.keep_derived(path, "drawn", name)
    called = f"scene '{asked.scene}' ({asked.shows})"
    return ShotClip(clip, await asyncio.to_thread(media.scan, clip), before + shot.clip_first_frame, name, called)


async def _piece(segment: Segment, contents: Mapping[Path, str], house: media.House, vault: Vault) -> media.Piece:
    """Return a segment as it goes into the film: a window is rendered once, and kept."""
    if isinstance(segment, media.Piece):
        return segment
    name = f"{digest({'v': RENDERING, 'house': str(house), **segment.recipe(contents)})}.mp4"
    rendered = await vault.clips.find_derived("windows", name)
    if rendered is None or not await asyncio.to_thread(_whole, rendered, segment.frames):
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            path = Path(folder) / name
            await media.render(segment, house, path)
            rendered = await vault.clips.keep_derived(path, "windows", name)
    return media.Piece(rendered, segment.frames)


def _whole(clip: Path, frames: int) -> bool:
    """Whether a file that was made here before is still what it was: half of one is made again."""
    try:
        measured = media.probe(clip)
    except MediaError:
        return False
    return not measured.corrupt and measured.frames == frames
