"""
What an export is made of: the film in frames, as it was cut or would be, with a file for each of its shots.

What a shot shows is the take itself where the film has its packets. Where a clip had to be fitted to the film - another rate or size,
own footage, what is drawn - it is the fitted one, which has the film's frames, and what it was made from lies beside it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from storyreel import media
from storyreel.delivery.assemble import find_film, join
from storyreel.delivery.clip_names import clip_name
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.exports.edit import Edit, EditShot, Facts, MediaFile, reels
from storyreel.delivery.film import identity_of
from storyreel.delivery.film_sound import SoundRecord, given_files
from storyreel.delivery.segments import ShotClip
from storyreel.delivery.shot_clips import Source, house_of, resolved, shot_clip, sources_of
from storyreel.errors import MediaError, VaultError
from storyreel.model.joints import Joint
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName, digest
from storyreel.model.shot import Shot, exact
from storyreel.model.timeline import ResolvedShot, ResolvedTimeline
from storyreel.vault import Vault
from storyreel.vault.costs import Row, read_costs

MEDIA = "media"
"""The folder of clips in an export."""
RETIMING = 1
"""Raised when the way a shot of another speed is rendered by itself changes."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class Gathered:
    """
    A film that is to be exported: its edit without stems, where each file of it lies now, by its place in the export, and what its sound is
    mixed from. `sound` is what is known of the sound of the film as it was cut; `was_cut`: it was. `remarks` are what could not be had.
    """

    edit: Edit
    film: ResolvedTimeline
    files: Mapping[str, Path]
    clips: tuple[ShotClip, ...]
    sounds: Mapping[str, Path]
    house: media.House
    room: CuttingRoom
    identity: str
    was_cut: bool
    sound: SoundRecord | None
    remarks: tuple[str, ...] = ()


@dataclass
class _Places:
    """Which file has which place in an export: one that is there stays at its own, and no two have one."""

    slug: str
    files: dict[str, Path] = field(default_factory=dict)

    def place(self, path: Path, number: int, step: str, take: int | None, suffix: str) -> str:
        for again in range(1, 10_000):
            name = clip_name(self.slug, number, step if again == 1 else f"{step}-{again}", take, suffix)
            place = f"{MEDIA}/{name}"
            if self.files.setdefault(place, path) == path:
                return place
        raise MediaError(f"there are too many files of {step}")


async def gathered(
    plan: Plan, film: PlannedFilm, service: ServiceName, clips: Mapping[str, Clip], vault: Vault, *, name: str
) -> Gathered:
    """
    Return what a film's export is made of; what is drawn, fitted or runs at another speed is made once, and kept.

    Args:
        clips: The clip of every step of the plan that has one; all that the film shows must be there.
        name: What the export's files are called.

    Raises:
        MediaError: A clip cannot be read, or ffmpeg failed.
        VaultError: A clip is missing, or own footage was changed meanwhile.
    """
    room, timeline, identity = CuttingRoom(vault), film.timeline, identity_of(film, clips)
    given = await given_files(timeline, room)
    await join(timeline.picture, clips, room)
    sources = await sources_of(timeline.picture, clips, room)
    house = house_of(timeline.picture, sources, timeline.size)
    in_frames = await resolved(timeline, clips, sources, house, room)
    there = await find_film(identity, vault)
    if there is not None:
        in_frames = timeline.named(there[1].timeline)
    shown = [
        await shot_clip(asked, shot, source, house, room)
        for asked, shot, source in zip(timeline.picture, in_frames.picture, sources, strict=True)
    ]
    takes = _Takes(plan, film, (await read_costs(plan, vault, service)).rows, clips, room)
    places = _Places(plan.board.slug)
    shots = [
        await _shot(asked, shot, clip, source, out, house, room, places, takes)
        for asked, shot, clip, source, out in zip(
            timeline.picture, in_frames.picture, shown, sources, _outs(in_frames), strict=True
        )
    ]
    numbers = reels(list(dict.fromkeys(shot.media.place for shot in shots)))
    edit = Edit(
        name=name,
        title=film.board.title or name,
        rate=in_frames.fps,
        size=in_frames.size,
        frames=in_frames.frames,
        shots=tuple(replace(shot, reel=numbers[shot.media.place]) for shot in shots),
        close=in_frames.close,
        facts={"slug": plan.board.slug, "delivery": film.name or None, "service": service, "film": identity},
    )
    return Gathered(
        edit=edit,
        film=in_frames,
        files=places.files,
        clips=tuple(shown),
        sounds=given,
        house=house,
        room=room,
        identity=identity,
        was_cut=there is not None,
        sound=None if there is None else there[1].sound,
        remarks=tuple(takes.remarks),
    )


def _outs(film: ResolvedTimeline) -> Iterator[Joint | None]:
    """Yield the joint out of each shot."""
    yield from (shot.joint if isinstance(shot.joint, Joint) else None for shot in film.picture[1:])
    yield film.close


async def _shot(
    asked: Shot,
    shot: ResolvedShot,
    clip: ShotClip,
    source: Source | None,
    out: Joint | None,
    house: media.House,
    room: CuttingRoom,
    places: _Places,
    takes: _Takes,
) -> EditShot:
    number, step, take = takes.place(asked), _step(asked), takes.number(asked)
    is_fitted = source is not None and shot.source_range is not None
    others: dict[str, tuple[MediaFile, Facts]] = {}
    called = (f"t{take:02d}" if take is not None else "take") if asked.step else "own" if source else str(asked.shows)
    called = "joined" if asked.is_joined else called
    if source is not None and is_fitted:
        before = places.place(source.path, number, step, take, _suffix(source.path))
        assert shot.source_range is not None, "what is fitted is encoded"
        ahead = Fraction(shot.source_range[0]).limit_denominator(1_000_000)
        others[called] = (replace(_file(before, source.measured), ahead=ahead), takes.facts(asked))
        called = f"{called}-fitted"
    elif asked.drawn is not None:
        called = asked.drawn.kind
    name = f"{step}-fitted" if is_fitted else step
    place = places.place(clip.path, number, name, take, ".mp4" if is_fitted else _suffix(clip.path))
    into = shot.joint if isinstance(shot.joint, Joint) else None
    speed = exact(shot.speed)
    edit = EditShot(
        scene=asked.scene,
        first_frame=shot.first_frame,
        frames=shot.frames,
        into=into,
        media=await _house_file(place, clip.path, clip.scan.frames, house, room),
        start=clip.origin,
        called=called,
        speed=speed,
        others=others | await takes.others(asked, number, places),
        facts=takes.facts(asked),
    )
    if speed == 1:
        return edit
    before_it, after_it = 0 if into is None else into.handle_in, 0 if out is None else out.handle_out
    path = await _retimed(shot, clip, before_it, after_it, house, room)
    place = places.place(path, number, f"{step}-retimed", take, ".mp4")
    frames = before_it + shot.frames + after_it
    return replace(edit, retimed=MediaFile(place, frames, house.fps), retimed_start=before_it)


async def _retimed(
    shot: ResolvedShot, clip: ShotClip, before: int, after: int, house: media.House, room: CuttingRoom
) -> Path:
    """Return the picture of a shot as it is seen, with the frames that transitions take beyond it: rendered once, and kept."""
    frames = before + shot.frames + after
    window = media.Window((media.Stretch(clip.path, clip.origin, frames, skip=-before, speed=exact(shot.speed)),))
    recipe: dict[str, Any] = {"v": RETIMING, "house": str(house), **window.recipe({clip.path: clip.content})}
    return await room.clip(
        "retimed", f"{digest(recipe)}.mp4", frames, lambda to: media.render(window, house, to, room.survey)
    )


async def _house_file(place: str, path: Path, frames: int, house: media.House, room: CuttingRoom) -> MediaFile:
    measured = await asyncio.to_thread(room.survey.measured, path)
    return MediaFile(place, frames, house.fps, measured.has_audio)


def _file(place: str, measured: media.Measured) -> MediaFile:
    return MediaFile(place, measured.frames, measured.signature.fps, measured.has_audio)


def _step(shot: Shot) -> str:
    """Return what the file of a shot is called by."""
    if shot.step is not None and shot.is_joined:
        return f"{shot.step.rpartition('/')[0]}/joined"
    return shot.step or shot.scene


def _suffix(path: Path) -> str:
    """Return what the name of a file ends with, as every system takes it."""
    suffix = path.suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ".mp4"


class _Takes:
    """The takes of a film's steps: what is known of those that it shows, and the others."""

    def __init__(
        self, plan: Plan, film: PlannedFilm, rows: Iterable[Row], clips: Mapping[str, Clip], room: CuttingRoom
    ) -> None:
        self._plan, self._room, self._clips = plan, room, clips
        self._scenes = [scene.id for scene in film.board.scenes]
        self._rows = [row for row in rows if row.take is not None and row.take.end == "clip" and row.take.sha256]
        self.remarks: list[str] = []

    def place(self, shot: Shot) -> int:
        """Return which of the storyboard's scenes a shot belongs to, from 0."""
        return self._scenes.index(shot.scene)

    def number(self, shot: Shot) -> int | None:
        """Return the number of the take that a shot shows; None where it shows none, or one that nobody has a number for."""
        row = None if shot.is_joined else self._shown(shot)
        return row.number if row is not None else None

    def facts(self, shot: Shot) -> Facts:
        """Return what is known of what a shot shows."""
        if shot.step is None:
            return {"scene": shot.scene, "shows": shot.shows}
        if shot.is_joined:
            sent = [_sent(self._plan.step(step).recipe.body) for step in shot.steps]
            every = {
                name: dict.fromkeys(str(each[name]) for each in sent if name in each) for name in ("prompt", "model")
            }
            ids = [self._clips[step].request_id for step in shot.steps]
            return {
                "scene": shot.scene,
                "step": ", ".join(shot.steps),
                **{name: " / ".join(words) for name, words in every.items()},
                "request_id": ", ".join(ids),
            }
        row = self._shown(shot)
        body = self._plan.step(shot.step).recipe.body
        unlisted: Facts = {"scene": shot.scene, "step": shot.step, "request_id": self._clips[shot.step].request_id}
        facts = unlisted if row is None else {**_facts(row, shot.scene), "step": shot.step}
        return {**facts, **_sent(body), **facts}

    async def others(self, shot: Shot, number: int, places: _Places) -> dict[str, tuple[MediaFile, Facts]]:
        """Return the other takes of the step that a shot shows, by what they are called; those that cannot be had are remarked on."""
        others: dict[str, tuple[MediaFile, Facts]] = {}
        # A take of its last step alone is not what a scene with tails shows.
        shown = None if shot.is_joined else self._shown(shot)
        for row in self._rows if shown is not None else ():
            if shown is None or row.step != shown.step or row.request_id == shown.request_id:
                continue
            assert row.take is not None, "rows without a clip are left out"
            assert row.take.sha256 is not None, "rows without a clip are left out"
            try:
                path = await self._room.vault.clips.local(row.take.sha256)
                measured = await asyncio.to_thread(self._room.survey.measured, path)
            except (MediaError, VaultError) as error:
                self._remark(f"take {row.number} of {shot.step} is left out: {error}")
                continue
            place = places.place(path, number, shot.step or row.step, row.number, _suffix(path))
            facts = {**_facts(row, shot.scene), "step": shot.step}
            others[f"t{row.number:02d}"] = (_file(place, measured), facts)
        return others

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)

    def _shown(self, shot: Shot) -> Row | None:
        if shot.step is None:
            return None
        request_id = self._clips[shot.step].request_id
        rows = [row for row in self._rows if row.request_id == request_id]
        # What two steps ask for alike is listed as the take of one.
        return next((row for row in rows if row.step == shot.step), rows[0] if rows else None)


def _facts(row: Row, scene: str) -> Facts:
    body = row.attempt.claim.recipe.get("body", {}) if row.attempt is not None else {}
    return {"scene": scene, "step": row.step, "take": row.number, **_sent(body), "request_id": row.request_id}


def _sent(body: Mapping[str, Any]) -> Facts:
    voices = ", ".join(str(each.get("voice_id", "")) for each in body.get("reference_audios", ()))
    words = {name: body[name] for name in ("prompt", "model") if isinstance(body.get(name), str)}
    return {**words, **({"voices": voices} if voices else {})}
