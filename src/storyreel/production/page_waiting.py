"""
What waits for a person, on a board's page: each still or clip with its picture and what was said of it, and the commands that go on from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyreel.console import counted
from storyreel.delivery.page.board_page import ShownLook, Waiting
from storyreel.delivery.page.pictures import LARGE
from storyreel.delivery.page.shelf import Shelf
from storyreel.errors import MediaError, VaultError
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.review import Look
from storyreel.production.approval.status import GateState, approve_command, awaits
from storyreel.production.page_commands import judge_command, shoot_command
from storyreel.production.prepare import Prepared


async def shown_waiting(ready: Prepared, service: ServiceName, gate: GateState | None, shelf: Shelf) -> Waiting | None:
    """
    Return what waits at a board's gate; None where nothing does.

    Stills are there as soon as the first of them is made; what a film shows is looked at once all of it is.
    """
    looks = to_look_at(gate)
    if gate is None or not looks:
        return None
    plan, review = ready.plan, gate.review
    missing = counted(len(gate.missing), "still")
    return Waiting(
        words=awaits(review)
        if review is not None
        else f"{missing} of those to look at not made yet: a run makes the rest",
        follows=review.what_follows if review is not None else "",
        command=approve_command(plan, only=ready.only, sandbox=service == "sandbox", shown=review)
        if review is not None and not review.rejected
        else "",
        looks=tuple([await _shown(plan, service, look, gate, shelf) for look in looks]),
    )


def to_look_at(gate: GateState | None) -> Sequence[Look]:
    """Return what a person is to look at while a gate is closed: the stills that are made, or all that the films show."""
    if gate is None or gate.approval is not None:
        return ()
    return gate.stills or (gate.review.looks if gate.review is not None else ())


async def small_looks(plan: Plan, gate: GateState | None, shelf: Shelf) -> list[tuple[str, str]]:
    """Return what nobody has said a word on yet, in small: each step with its picture."""
    waits = [look for look in to_look_at(gate) if look.decided is None]
    return [(look.step, await _picture(plan, look, shelf)) for look in waits]


async def _shown(plan: Plan, service: ServiceName, look: Look, gate: GateState, shelf: Shelf) -> ShownLook:
    is_still = bool(gate.stills)
    path = await _file(plan, look, shelf)
    # Exactly what is shown is meant: who looks at an older page says nothing of what was made since.
    alone = look.request_id if is_still else None
    return ShownLook(
        step=look.step,
        key=look.request_id or look.sha256,
        picture=await _picture(plan, look, shelf, LARGE),
        media=shelf.address_of(path) if path is not None else None,
        is_still=is_still,
        verdict="" if look.decided is None else "approved" if look.decided.approve else "rejected",
        words=look.decided.words if look.decided is not None else "",
        seen=len(look.words),
        approve_command=judge_command(plan, service, "--still", alone) if alone is not None else "",
        reject_command=judge_command(plan, service, "--reject", alone) if alone is not None else "",
        redo_command=shoot_command(plan, service, "--redo", look.step) if look.request_id is not None else "",
    )


async def _file(plan: Plan, look: Look, shelf: Shelf) -> Path | None:
    """Return the file of what a person looks at; None where it is damaged or gone, which its step says."""
    if look.request_id is None:
        shots = (shot for film in plan.films for shot in film.timeline.picture if shot.scene == look.step)
        return next((shot.footage.path for shot in shots if shot.footage is not None), None)
    try:
        return await shelf.vault.clips.local(look.sha256)
    except (VaultError, MediaError):
        return None


async def _picture(plan: Plan, look: Look, shelf: Shelf, *side: int) -> str:
    path = await _file(plan, look, shelf)
    return await shelf.pictures.of(path, look.sha256, look.start + 1.0, *side) if path is not None else ""
