"""
A head start on the cut: what of films can be made while some of their clips are still being shot.

It is what the cut would make, by the ways that the cut goes and under the names by which it looks for it. So a film is the same
with a head start and without one, and whatever is wrong is for the cut to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import TracebackType
from typing import Self

from storyreel import media
from storyreel.delivery.assemble import draft, piece
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.delivery.film_sound import heard_contents
from storyreel.delivery.own_sounds import take_ahead
from storyreel.delivery.segments import has_long_groups, sounds
from storyreel.media.ffmpeg import settled
from storyreel.model.captions import AS_USUAL
from storyreel.model.recipe import Clip
from storyreel.model.timeline import Timeline
from storyreel.vault import Vault

_Turn = tuple[int, int, int]
"""The number of a film, how many turns were given before, and the place of a shot."""
_THE_END: _Turn = (-1, -1, -1)

NEIGHBOURS = 2
"""How many shots on either side are looked at with one whose clip has come: few windows reach further."""


class HeadStart:
    """
    Makes of films what can be made of the clips that are there: one thing at a time, beside what else goes on, and of the first film
    before the others.

    Nothing is done before `begin`, which is called when there is something to wait for: where all clips are there the cut comes
    at once, and often finds its film. Left by `async with`, it stops where it is.

    Clips that come later may agree on another format of the film, and a shot that is too short to be copied makes one window of
    two. Then what was made is of no use, and does no harm.

    Args:
        films: Which are begun in this order.
        turn: Held while something is made, where others make films as well.
    """

    def __init__(
        self, films: Sequence[Timeline], vault: Vault, survey: media.Survey, turn: asyncio.Lock | None = None
    ) -> None:
        room = CuttingRoom(vault, survey, at_once=1)
        self._films = [_Beginnings(timeline, room) for timeline in films]
        self._left = 0
        self._waiting: asyncio.PriorityQueue[_Turn] = asyncio.PriorityQueue()
        self._turns = count()
        self._turn = turn or asyncio.Lock()
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._work is not None:
            self._work.cancel()
            await settled(asyncio.gather(self._work, return_exceptions=True))

    def begin(self) -> None:
        """Begin, if it has not begun yet."""
        if self._work is None:
            self._work = asyncio.create_task(self._make_ready(), name="head start")

    def has_clip(self, step: str, clip: Clip) -> None:
        """Take note of the clip of a step; no film need show it."""
        for number, film in enumerate(self._films):
            for at in film.shows(step, clip):
                self._waiting.put_nowait((number, next(self._turns), at))
                self._left += 1

    @property
    def is_idle(self) -> bool:
        """Whether all is made that can be made of the clips that are there."""
        return self._work is not None and self._left == 0

    async def end(self) -> None:
        """Begin nothing more, and wait for what is under way: the cut wants it, too."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(_THE_END)
        if self._work is not None:
            await settled(self._work)

    async def _make_ready(self) -> None:
        while (turn := await self._waiting.get()) != _THE_END:
            number, _, at = turn
            async with self._turn:
                await self._films[number].make_ready(at)
            self._left -= 1


class _Beginnings:
    """What can be made of one film."""

    def __init__(self, timeline: Timeline, room: CuttingRoom) -> None:
        self._timeline = timeline
        self._room = room
        self._clips: dict[str, Clip] = {}
        self._measured: dict[str, media.Measured] = {}
        self._left_out: set[int] = set()

    def shows(self, step: str, clip: Clip) -> list[int]:
        """Take note of the clip of a step, and return the places of the shots that can be made ready now."""
        is_first = not self._clips
        self._clips[step] = clip
        shows = [at for at, shot in enumerate(self._timeline.picture) if step in shot.steps and self._has_clips(at)]
        if shows and is_first:
            shows += [at for at, shot in enumerate(self._timeline.picture) if shot.step is None]
        return shows

    async def make_ready(self, at: int) -> None:
        """Make of a shot what can be made."""
        # The cut does it again, and says what is wrong. Here the others go on without it.
        try:
            await self._prepare_clip(at)
        except Exception:
            self._left_out.add(at)
        with suppress(Exception):
            await self._prepare_windows(at)

    async def _prepare_clip(self, at: int) -> None:
        """Make the clip of a shot ready, where nothing but the shot itself says how."""
        if not (self._has_handles(at) and (self._is_mixed(at) or self._is_mixed(at + 1))):
            await draft(self._part(at, at + 1), self._clips, self._room, await self._house(at))

    async def _prepare_windows(self, at: int) -> None:
        """Make the windows between a shot and its neighbours, and their clips."""
        first, end = at, at + 1
        while first > max(0, at - NEIGHBOURS) and self._is_there(first - 1):
            first -= 1
        while end < min(len(self._timeline.picture), at + NEIGHBOURS + 1) and self._is_there(end):
            end += 1
        # How much of these is encoded depends on a transition at the edge of the part, of which the other shot is not there.
        while first < end and self._has_handles(first) and self._is_mixed(first):
            first += 1
        while first < end and self._has_handles(end - 1) and self._is_mixed(end):
            end -= 1
        if first == end:
            return
        part = await draft(self._part(first, end), self._clips, self._room, await self._house(at))
        # Nor whether the first clip is given more key frames, where a transition leads into it.
        doubtful = part.shots[0].path if self._is_mixed(first) and has_long_groups(part.shots[0], part.house) else None
        # What is copied beside words depends on a transition at the edge, too.
        edges = {part.shots[0].path} if self._is_mixed(first) else set()
        edges |= {part.shots[-1].path} if self._is_mixed(end) else set()
        for number, segment in enumerate(part.segments):
            # Into what a window at either end of the part belongs is not known yet.
            begun = number > 0 or first == 0
            ended = number < len(part.segments) - 1 or end == len(self._timeline.picture)
            if not isinstance(segment, media.Window) or (segment.words and segment.clips & edges):
                continue
            if begun and ended and doubtful not in segment.clips:
                await piece(segment, part, self._room)
        contents = heard_contents(part.shots)
        for number, sound in enumerate(sounds(part.timeline, part.shots), start=first):
            # A shot that is mixed with one that is not there yet is heard for longer than the part shows it.
            begun = number > first or not self._is_mixed(number)
            ended = number < end - 1 or not self._is_mixed(end)
            if sound is not None and begun and ended:
                await take_ahead(sound, contents[sound.clip], part.house, self._room)

    def _is_there(self, at: int) -> bool:
        return at not in self._left_out and self._has_clips(at)

    def _has_clips(self, at: int) -> bool:
        return all(step in self._clips for step in self._timeline.picture[at].steps)

    def _has_handles(self, at: int) -> bool:
        """Whether what is encoded of a shot has handles, as long as transitions want them."""
        shot = self._timeline.picture[at]
        return shot.is_part_of_footage or shot.drawn is not None

    def _is_mixed(self, at: int) -> bool:
        """Whether a transition between two shots leads into one."""
        return 0 < at < len(self._timeline.picture) and self._timeline.picture[at].joint is not None

    def _part(self, first: int, end: int) -> Timeline:
        """Return some shots as a film of their own: what leads into the first of them leads from elsewhere."""
        shots = self._timeline.picture[first:end]
        if first:
            shots = (replace(shots[0], joint=None), *shots[1:])
        close = self._timeline.close if end == len(self._timeline.picture) else None
        # What is said in a scene belongs to its first shots, and a file's captions to seconds of the film.
        before = {shot.scene for shot in self._timeline.picture[:first]}
        shots = tuple(replace(shot, say=()) if shot.scene in before else shot for shot in shots)
        captions = self._timeline.captions if self._timeline.captions.file is None else AS_USUAL
        # Music is from scene to scene, and they need not be among these.
        return replace(self._timeline, picture=shots, close=close, music=(), loudness=None, captions=captions)

    async def _house(self, at: int) -> media.House:
        """Return the house format as the clips that are there have it."""
        shot = self._timeline.picture[at]
        step = shot.step
        if step is not None and step not in self._measured:
            path = await self._room.vault.clips.local(self._clips[shot.steps[0]].sha256)
            self._measured[step] = await asyncio.to_thread(self._room.survey.measured, path)
        return media.house_for([*self._measured.values()], size=self._timeline.size)
