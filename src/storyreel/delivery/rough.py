"""
A rough cut: the film as far as its clips are there, with a placeholder of the right length for each scene without one.

It is cut, proved and listed as a film is, from the same timeline: transitions, trims, speeds and order are the film's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from storyreel import media
from storyreel.delivery.assemble import prove_shot
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.film import Film, cut_film
from storyreel.delivery.joined import joined_seconds
from storyreel.delivery.places import FilmFiles
from storyreel.errors import MediaError, VaultError
from storyreel.model.drawn import Drawn, Placeholder
from storyreel.model.events import Watcher
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName
from storyreel.model.shot import Shot, StepClip
from storyreel.model.timeline import Timeline
from storyreel.vault import Vault

NO_CLIP = "it has no clip"
"""What is said of a scene that nobody has a reason for."""


@dataclass(frozen=True)
class RoughCut:
    """A rough cut at its place: which of the film's `scenes` are placeholders, by id, and why each has no clip."""

    film: Film
    scenes: int
    missing: Mapping[str, str]

    @property
    def words(self) -> str:
        """How long it is, and what is missing, as one line."""
        length = f"{self.film.seconds:.1f} s"
        if not self.missing:
            return f"{length}, no placeholder among {self.scenes} scenes"
        named = ", ".join(f"{scene} ({why})" for scene, why in self.missing.items())
        number, of_all = len(self.missing), f"{self.scenes} scene{'s' * (self.scenes != 1)}"
        return f"{length}, {number} of {of_all} {'is a placeholder' if number == 1 else 'are placeholders'}: {named}"


async def cut_roughly(
    plan: Plan,
    master: PlannedFilm,
    service: ServiceName,
    clips: Mapping[str, Clip],
    why: Mapping[str, str],
    vault: Vault,
    files: FilmFiles,
    tell: Watcher,
) -> RoughCut:
    """
    Cut a film from the clips that are there, and put it with its cut list and contact sheet where a rough cut belongs.

    Args:
        clips: The clip of each step that has one.
        why: Of scenes, by id, why they have no clip.
        files: Where it goes.

    Raises:
        MediaError: ffmpeg failed, or what it made is not what was asked for.
        VaultError: The vault cannot be read or written.
    """
    timeline = await filled(master.timeline, clips, why, vault)
    film = await cut_film(plan, replace(master, timeline=timeline), service, clips, vault, files, tell)
    missing = {what.scene: what.why for shot in timeline.picture if (what := shot.placeholder) is not None}
    return RoughCut(film, len({shot.scene for shot in timeline.picture}), missing)


async def filled(timeline: Timeline, clips: Mapping[str, Clip], why: Mapping[str, str], vault: Vault) -> Timeline:
    """Return a film in which every shot can be shown: placeholders are where there is no clip, or none that can be used."""
    shots: list[Shot] = []
    for shot in timeline.picture:
        reason = why.get(shot.scene, NO_CLIP)
        if all(step in clips for step in shot.steps):
            reason = await _unusable(shot, timeline, clips, vault)
        what = Placeholder(shot.scene, reason)
        shots.append(replace(shot, source=Drawn(what, shot.source.seconds)) if reason else shot)
    return replace(timeline, picture=tuple(shots))


async def _unusable(shot: Shot, timeline: Timeline, clips: Mapping[str, Clip], vault: Vault) -> str:
    """Return why what there is of a shot cannot be shown; "" if it can."""
    try:
        if not isinstance(shot.source, StepClip):
            await prove_shot(shot, timeline.size, vault)
            return ""
        if shot.source.parts:
            length = await joined_seconds(shot.source, [clips[step] for step in shot.steps], CuttingRoom(vault))
        else:
            path = await vault.clips.local(clips[shot.source.step].sha256)
            length = (await asyncio.to_thread(media.probe, path)).seconds
    except (MediaError, VaultError) as error:
        return f"cannot be shown: {error}"
    start, end = shot.within(length)
    return "" if start < end else f"its clip came back {length:g} s long, and nothing is left of it from {start:g} s on"
