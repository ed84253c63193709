"""
Recall a step: what the vault has of it, without any money moving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from storyreel.errors import ImagineError, LeftOut, SubmitUnknown
from storyreel.model.events import Event
from storyreel.model.plan import Step
from storyreel.model.recipe import Clip, Recipe, Slate
from storyreel.model.request_ids import is_in_inbox, is_stills
from storyreel.production.outcomes import ended, lost, unusable
from storyreel.production.receive import Unusable, receive
from storyreel.production.session import Session
from storyreel.production.submit import any_turned_up
from storyreel.vault import Buy, Claim, Collect, Have, Stop, Take, Unknown, WaitForClaim


async def recall(session: Session, step: Step, sources: Sequence[Clip]) -> Slate | None:
    """
    Return the slate of a step that needs no purchase, or None where money has to move.

    Waits where another run has a request for the same take on its way.

    Raises:
        SubmitUnknown: A request for this take was sent once, and nobody knows what came of it.
        ImagineError: The last attempt ended without a clip, and this run may not try again by itself.
        LeftOut: It would have to be bought, and `only` forbids it.
        Braked: It would have to be bought, and what is wrong with the service has met others.
    """
    if step.pin is not None:
        return await _pinned(session, step.pin)
    recipe = recipe_of(step, sources)
    fingerprint = recipe.fingerprint(session.service)
    try:
        verdict = await decide_on(session, step, fingerprint)
    except ImagineError as stopped:
        # What went wrong in another scene is no matter of a run that was not asked for it.
        raise (stopped if step.id in session.allowed else _left_out(session, step)) from stopped.__cause__
    if not isinstance(verdict, Buy):
        return await recalled(session, step, fingerprint, verdict)
    if step.id not in session.allowed:
        raise _left_out(session, step)
    if session.unasked is not None:
        raise session.unasked
    session.brake.look(step.id)
    return None


def recipe_of(step: Step, sources: Sequence[Clip]) -> Recipe:
    """Return the recipe of a step with the takes that it is made from filled in."""
    takes = dict(zip(step.needs, (clip.request_id for clip in sources), strict=True))
    return step.recipe.filled(takes)


async def decide_on(session: Session, step: Step, fingerprint: str) -> Buy | Have | Collect:
    """Ask the vault what to do about a step, waiting while another run's request is under way."""
    received = False
    while True:
        verdict = await session.vault.claims.recall(
            session.service, fingerprint, session.ask, redo=step.id in session.redo
        )
        if isinstance(verdict, Buy | Unknown):
            attempts = await session.vault.attempts.of(session.service, fingerprint)
            buying = isinstance(verdict, Buy)
            if await any_turned_up(session.vault, session.client, attempts, session.unknown_ids, buying=buying):
                continue
        match verdict:
            case WaitForClaim(claim=claim):
                # Where the vault took nothing, the run that sent it is at its end and could not say so.
                came = None if received else await session.vault.deliveries.delivered(claim)
                if came is not None and came.elsewhere:
                    received = await _received(session, step, claim)
                else:
                    await asyncio.sleep(0.5)
            case Unknown() as unknown:
                if not received and (received := await _received(session, step, unknown.claim)):
                    continue
                raise lost(step, session.plan.board, unknown.why, unknown.claim.at, sandbox=session.sandbox)
            case Stop(end=end):
                raise ended(step.id, end)
            case Buy() | Have() | Collect():
                return verdict


async def _received(session: Session, step: Step, claim: Claim) -> bool:
    """Make what it can be of what came for a claim, and was kept; say whether anything was there."""
    came = await session.vault.deliveries.delivered(claim)
    if came is None:
        return False
    try:
        await receive(session.vault, session.client, step, claim, came)
    except Unusable as error:
        raise not_usable(session, step, error, claim) from error
    return True


def not_usable(session: Session, step: Step, error: Unusable, claim: Claim) -> SubmitUnknown:
    """Return what is raised for an answer that was kept and cannot be used."""
    board = session.plan.board
    return unusable(step, board, str(error), claim.at, spoilt=error.spoilt, sandbox=session.sandbox)


async def recalled(session: Session, step: Step, fingerprint: str, verdict: Have | Collect) -> Slate:
    """Return the slate of what the vault has, or knows the id of, whoever asked for it; from now on it is marked as this step's."""
    take = await session.vault.takes.get(session.service, verdict.request_id)
    attempt = verdict.take.attempt if isinstance(verdict, Have) else verdict.attempt
    await session.vault.index.mark(session.service, session.plan.board.slug, step.id, fingerprint, attempt)
    return slate_of(session, fingerprint, attempt, verdict.request_id, take, here=isinstance(verdict, Have))


async def _pinned(session: Session, request_id: str) -> Slate:
    """Return the slate of what the vault has, or knows the id of."""
    take = await session.vault.takes.get(session.service, request_id)
    if take is None and is_stills(request_id):
        raise ImagineError(f"the vault has no still {request_id}, to which it is pinned")
    if take is None and is_in_inbox(request_id):
        # Ours, and of this vault alone: no service can be asked for it.
        raise ImagineError(f"the vault has no clip {request_id}, to which it is pinned")
    if take is None:
        await session.vault.takes.note_awaited(session.service, request_id)
    here = take is not None and take.sha256 is not None and await session.vault.clips.has(take.sha256)
    fingerprint, attempt = (take.fingerprint, take.attempt) if take else ("", 0)
    return slate_of(session, fingerprint, attempt, request_id, take, here=here)


def slate_of(
    session: Session, fingerprint: str, attempt: int, request_id: str, take: Take | None, *, here: bool = False
) -> Slate:
    """Return the slate of a take; `here` says that the vault has its clip."""
    still = take is not None and take.frames == 1 and take.seconds == 0
    return Slate(
        service=session.service,
        fingerprint=fingerprint,
        attempt=attempt,
        request_id=request_id,
        sha256=take.sha256 if take is not None and still else None,
        clip_missing=not here,
    )


def _left_out(session: Session, step: Step) -> LeftOut:
    session.tell(Event(step.id, "left out"))
    return LeftOut(step.id)
