"""
Prove what a person gave before the first dollar: their own clips, decoded to their end by the very ways that film and
requests go, their sounds, decoded too, and a picture of each card and each held picture, drawn; and that ffmpeg can hand the films over.

Other pictures were decoded when the storyboard was read. What is made here is kept: the cut needs it, and the requests of this run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial

from storyreel.delivery.assemble import prove_shot
from storyreel.delivery.cutting_room import about
from storyreel.delivery.film_sound import given_sounds, prove_sound
from storyreel.delivery.handed_over import prove_finish
from storyreel.delivery.joined import native_size, own_shot
from storyreel.errors import MediaError
from storyreel.media import ffmpeg_binary
from storyreel.model.events import Event
from storyreel.model.finish import AS_CUT
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import GivenFile, Input, origin
from storyreel.model.shot import Shot, StepClip
from storyreel.production.outlook import forecast
from storyreel.production.session import Session

BOUGHT = ("reuse", "fetch")
"""What a forecast says of a step whose take is bought."""


async def prove(session: Session) -> None:
    """
    Prove own clips if this run may buy anything. Where everything is in the vault, nothing is done.

    A run that was killed after this finds in the vault what was made for the film. What it sends is made anew.

    Raises:
        MediaError: Some cannot be shown or sent. It names scenes and files; nothing was sent, and nothing is paid.
        VaultError: One was changed since the storyboard was read.
    """
    plan = session.plan
    shots = _own_shots(plan)
    sounds = {sound.sha256: sound for film in plan.films for sound in given_sounds(film.timeline)}
    as_cut = all(film.board.finish == AS_CUT for film in plan.films)
    without_ffmpeg = await asyncio.to_thread(_missing_ffmpeg)
    if (
        without_ffmpeg is None
        and as_cut
        and not shots
        and not sounds
        and all(footage.is_picture for footage in plan.files.values())
    ):
        return
    buying = await _may_buy(session)
    if not buying:
        return
    try:
        if without_ffmpeg is not None:
            raise without_ffmpeg
        for film in plan.films:
            await prove_finish(film)
    except MediaError as error:
        raise MediaError(f"{error}. Nothing was sent") from error
    session.tell(Event(plan.films[0].called, "checking"))
    faults: dict[str, MediaError] = {}
    async with session.cutting:
        for shot, size in shots:
            with _gathered(faults):
                await _once(session, _as_shown(shot, size), partial(prove_shot, shot, size, session.vault))
        for sound in sounds.values():
            with _gathered(faults):
                await _once(session, sound.sha256, partial(prove_sound, sound, session.vault))
    for step in buying:
        for source, name in _own_clips(session, step):
            with _gathered(faults), about(step.scene, name):
                await session.inputs.prove(source)
    if faults:
        remedy = "convert what is wrong where it can be played, or take it out. Nothing was sent"
        first = next(iter(faults.values()))
        raise MediaError(f"{' / '.join(faults)}; {remedy}", command=first.command, tail=first.tail) from first
    session.tell(Event(plan.films[0].called, "checked"))


def _missing_ffmpeg() -> MediaError | None:
    """Return why no film could be cut of what is bought; None where an ffmpeg is there that runs."""
    try:
        ffmpeg_binary()
    except MediaError as error:
        return error
    return None


def _own_shots(plan: Plan) -> list[tuple[Shot, tuple[int, int]]]:
    """Return what the films show that nobody shoots, each with the size that it is shown in; what films show alike stands there once."""
    shots: dict[Hashable, tuple[Shot, tuple[int, int]]] = {}
    for film in plan.films:
        for shot in film.timeline.picture:
            size = film.timeline.size
            if isinstance(shot.source, StepClip) and (own := shot.source.own) is not None:
                # It is shown as it is, and what the scene's clip is joined of has its size.
                shot, size = own_shot(shot.scene, own, shot.source.parts[1].fed), native_size(own)
            if shot.step is None:
                shots.setdefault(_as_shown(shot, size), (shot, size))
    return list(shots.values())


def _as_shown(shot: Shot, size: tuple[int, int]) -> Hashable:
    """Return what tells what is decoded, or drawn, for a shot from others."""
    file = shot.footage.sha256 if shot.footage is not None else None
    drawn = None if shot.drawn is None else shot.drawn.sha256
    return shot.scene, shot.shows, file, drawn, shot.start, shot.end, shot.framing, size


async def _once(session: Session, what: Hashable, proof: Callable[[], Awaitable[None]]) -> None:
    """Prove something, unless another film of this run has it as well and it was found to be whole."""
    if what not in session.proven:
        await proof()
        session.proven.add(what)


async def paid(session: Session) -> list[Step]:
    """Return the steps whose takes are bought, each after those it is made from: their clips are here, or can be fetched."""
    forecasts = await forecast(session.plan, session.vault, session.service, allowed=session.allowed, redo=session.redo)
    steps: dict[str, Step] = {}
    for each in forecasts:
        if each.outlook in BOUGHT and all(need in steps for need in each.step.needs):
            steps[each.step.id] = each.step
    return list(steps.values())


@contextmanager
def _gathered(faults: dict[str, MediaError]) -> Iterator[None]:
    """Keep what is wrong with one clip, so that all of them are told at once."""
    try:
        yield
    except MediaError as error:
        faults.setdefault(str(error).rstrip("."), error)


async def _may_buy(session: Session) -> list[Step]:
    """Return the steps that this run might buy: a person's Retry may also buy what has failed, or is on its way elsewhere."""
    forecasts = await forecast(session.plan, session.vault, session.service, allowed=session.allowed, redo=session.redo)
    return [each.step for each in forecasts if each.outlook not in BOUGHT and each.step.id in session.allowed]


def _own_clips(session: Session, step: Step) -> Iterator[tuple[Input, str]]:
    """Yield what goes into a step and is a person's clip, or is cut from one, with the name of its file."""
    for source in step.recipe.inputs:
        given = origin(source)
        if isinstance(given, GivenFile) and not (footage := session.plan.files[given.sha256]).is_picture:
            yield source, footage.path.name
