"""
The rough cut of a run that made no film, and of a vault without a run: what is there, and in words why the rest is not.

Nothing is bought for it, and it comes after everything that was paid for is recorded. That it cannot be made is a note: a run
ends as it would have ended without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from storyreel.delivery.film import Film, cut_film
from storyreel.delivery.places import files_of
from storyreel.delivery.rough import NO_CLIP, RoughCut, cut_roughly
from storyreel.errors import (
    AwaitingApproval,
    Braked,
    BudgetError,
    HeldBack,
    KeyRefused,
    LeftOut,
    NotApproved,
    NotReached,
    SettingsError,
    SubmitRefused,
    SubmitUnknown,
    TakeExpired,
    TakeFailed,
    TakeModerated,
)
from storyreel.model.events import Event, Watcher
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName
from storyreel.production.approval.marked import HeldOnFault
from storyreel.production.approval.review import behind
from storyreel.production.approval.status import gate_of, waiting
from storyreel.production.outlook import Forecast, forecast
from storyreel.production.prepare import Prepared
from storyreel.production.session import Session
from storyreel.production.summary import Ends, clips_of, words_of

_REFUSED = "the service refused the request"
LONGEST = 120
"""Characters of a reason: more of it stands where the run tells its faults."""


async def rough_cut(session: Session, ends: Ends) -> RoughCut | None:
    """
    Cut what a run has of the master, and say so; None where it makes no master, or it cannot be done, which is told as a note.

    Args:
        ends: The clip of each step, or why it has none; a step that is not in it was not come to.
    """
    plan, master = session.plan, session.plan.master
    if master is None:
        return None
    why = reasons(plan, master, ends)
    try:
        tell = _as_rough(master, session.tell)
        cut = await cut_roughly(plan, master, session.service, clips_of(ends), why, session.vault, session.rough, tell)
    except Exception as error:
        session.tell(Event(master.rough_called, "noted", text=f"it could not be cut: {words_of(error)}"))
        return None
    session.tell(Event(master.rough_called, "cut", text=cut.words))
    return cut


async def rough_cut_at_gate(session: Session, ends: Ends, waiting: AwaitingApproval) -> RoughCut | None:
    """Cut what a run has that waits for a person, or was told no by one, as `rough_cut` does."""
    return await rough_cut(session, {**dict.fromkeys(behind(session.plan), waiting), **ends})


async def cut_from_vault(ready: Prepared, service: ServiceName, tell: Watcher) -> RoughCut | Film:
    """
    Cut what the vault has of the master, and nothing else: nobody is asked, nothing is sent and nothing is fetched.

    Returns:
        The film where nothing is missing and no approval is waited for, else a rough cut.

    Raises:
        SettingsError: The master is not among the films that were asked for.
        MediaError: It cannot be cut.
        VaultError: The vault cannot be read or written.
    """
    plan, vault, master = ready.plan, ready.vault, ready.plan.master
    if master is None:
        raise SettingsError("a rough cut is the master's alone, and --deliver leaves that out: add --deliver master")
    outlook = await forecast(plan, vault, service, allowed=ready.allowed)
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    gate = await gate_of(plan, vault, service, outlook, allowed=ready.allowed)
    files = files_of(ready.out, master.board, service)
    if clips.keys() >= set(master.needs) and (gate is None or gate.approval is not None):
        return await cut_film(plan, master, service, clips, vault, files, tell)
    behind_gate = dict.fromkeys(waiting(plan, gate), "waits for an approval")
    why = prospects(plan, master, {each.step.id: each for each in outlook}, behind_gate)
    assert files.rough is not None, "every master may have a rough cut"
    return await cut_roughly(plan, master, service, clips, why, vault, files.rough, _as_rough(master, tell))


def check_that_nothing_is_bought(redo: Sequence[str], budget: float | None) -> None:
    """
    Refuse to make again, or to spend, where only what is there is cut.

    Raises:
        SettingsError: Either was asked for.
    """
    if redo or budget is not None:
        other = "--redo" if redo else "--budget"
        raise SettingsError(
            f"--rough cuts what the vault has and buys nothing, so {other} means nothing beside it; leave one out"
        )


def _as_rough(master: PlannedFilm, tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """Return who is told of a rough cut: it is no film, and how it ends is told with what is missing."""
    return lambda event: tell(replace(event, step=master.rough_called)) if event.stage != "cut" else None


def reasons(plan: Plan, film: PlannedFilm, ends: Ends) -> dict[str, str]:
    """Return of each scene of a film that has no clip after a run why it has none, in a few words."""
    return {
        shot.scene: _short(_reason(plan, ends, shot.scene, shot.step))
        for shot in film.timeline.picture
        if shot.step is not None and not isinstance(ends.get(shot.step), Clip)
    }


def _reason(plan: Plan, ends: Ends, scene: str, step: str) -> str:
    end = ends.get(step)
    while type(end) is NotReached and end.because in ends:
        before = plan.step(end.because).scene_id
        if before != scene:
            return f"waits for {before}"
        end = ends[end.because]
    return in_words(end) if isinstance(end, BaseException) else NO_CLIP


def in_words(end: BaseException) -> str:
    """Return why a step has no clip, the kind of it first."""
    match end:
        case LeftOut():
            return "not bought yet"
        case NotApproved():
            return "not approved"
        case HeldBack() | HeldOnFault() | AwaitingApproval():
            return "waits for an approval"
        case Braked():
            return "not sent, since the steps before it met trouble with the service"
        case NotReached(because=because):
            return f"not sent, because of {because}"
        case BudgetError():
            return "held back by the budget"
        case TakeModerated(words=words):
            return f"moderated: {words}" if words else "moderated"
        case TakeFailed(code=code, words=words):
            return f"failed: {words or code or words_of(end)}"
        case TakeExpired():
            return "expired"
        case SubmitRefused() | KeyRefused():
            words = words_of(end)
            return words.replace(_REFUSED, "refused", 1) if words.startswith(_REFUSED) else f"refused: {words}"
        case SubmitUnknown():
            return "its answer was lost"
        case _:
            return words_of(end)


def prospects(
    plan: Plan, film: PlannedFilm, outlook: Mapping[str, Forecast], held: Mapping[str, str]
) -> dict[str, str]:
    """
    Return of each scene of a film that has no clip in the vault why it has none, in a few words.

    Args:
        outlook: What a run would do with each step, by its id.
        held: What is to be said of steps that wait for a person.
    """
    return {
        shot.scene: _short(held.get(shot.step) or _prospect(plan, outlook, shot.scene, shot.step))
        for shot in film.timeline.picture
        if shot.step is not None and outlook[shot.step].clip is None
    }


def _prospect(plan: Plan, outlook: Mapping[str, Forecast], scene: str, step: str) -> str:
    missing = next((need for need in plan.step(step).needs if outlook[need].clip is None), None)
    if missing is not None:
        before = plan.step(missing).scene_id
        return f"waits for {before}" if before != scene else _prospect(plan, outlook, scene, missing)
    match outlook[step].outlook:
        case "buy" | "left out":
            return "not bought yet"
        case "fetch":
            return "bought, and not fetched yet"
        case "wait":
            return "another run is making it"
        case "unknown":
            return "its answer was lost"
        case _:
            return outlook[step].why


def _short(text: str) -> str:
    """Return the first sentence of a reason, of which no more than fits on a placeholder."""
    text = text.partition("; ")[0].rstrip(".")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3].rstrip()}..."
