"""
What is said at the end of a run: which steps failed and why, which were not reached, and how to go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from storyreel.errors import (
    Braked,
    LeftOut,
    MediaError,
    NotReached,
    SequenceFailed,
    StoryreelError,
    TakeFailed,
    TakeModerated,
    VaultError,
)
from storyreel.model.events import Event
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip
from storyreel.production.circuit_breaker import IN_A_ROW
from storyreel.production.session import Session

Ends = Mapping[str, Clip | BaseException]


async def record(session: Session, ends: Ends) -> None:
    """Write down that this run came to its end, and how each step did: a later try of it is a person's."""
    for step, end in ends.items():
        if isinstance(end, BaseException):
            tell_end(session, step, end)
    summary = {step: end.request_id if isinstance(end, Clip) else words_of(end) for step, end in ends.items()}
    try:
        await session.conclusion.ended(session.plan.board.variant, summary)
    except VaultError:
        # What failed is told in any case: of an answer that found no room either, the id stands there and nowhere else.
        # Without its summary this ask goes on, in which nothing is bought a second time.
        if not any(_failed(end) for end in ends.values()):
            raise


def tell_end(session: Session, step: str, end: BaseException) -> None:
    """Tell whoever watches why a step has no clip, once: as soon as that is known, and at the latest at the end of the run."""
    if isinstance(end, LeftOut) or step in session.without_clip:
        return  # told when it was found out
    session.without_clip.add(step)
    if isinstance(end, NotReached):
        session.tell(Event(step, "left out" if _left_out(end) else "not reached", text=str(end)))
        return
    charged = end.ticks if isinstance(end, TakeFailed | TakeModerated) else None
    charged = charged if isinstance(charged, int) else None
    session.tell(Event(step, "failed", ticks=charged, text=words_of(end)))


def clips_of(ends: Ends) -> dict[str, Clip]:
    """Return the clips of the steps that have one."""
    return {step: end for step, end in ends.items() if isinstance(end, Clip)}


def complete_films(plan: Plan, ends: Ends) -> list[PlannedFilm]:
    """
    Return the films of which every step has its clip, whatever became of other steps. What a person is to see as a whole before it is
    cut is not cut in part: with `review: before-final` there are none while a clip is missing that one of them shows.
    """
    clips = clips_of(ends)
    films = [film for film in plan.films if clips.keys() >= set(film.needs)]
    return films if len(films) == len(plan.films) or "before-final" not in plan.board.review else []


def of_films(faults: Mapping[str, Exception]) -> Exception:
    """
    Return as one error why films could not be cut: of the master as it came, of a delivery with its name before it.

    Args:
        faults: What is wrong with each film, by the name of its delivery; empty for the master.
    """
    unforeseen = [error for error in faults.values() if not isinstance(error, StoryreelError)]
    if unforeseen:
        return unforeseen[0]
    first, *others = [_of_film(name, error) for name, error in faults.items()]
    if not others:
        return first
    words = " / ".join(words_of(error).rstrip(".") for error in (first, *others))
    whole = MediaError(words, command=getattr(first, "command", ()), tail=getattr(first, "tail", ""))
    whole.__cause__ = first
    return whole


def _of_film(name: str, error: Exception) -> Exception:
    what = f"film '{name}'"
    if not name or not isinstance(error, MediaError | VaultError):
        return error
    named = error.of(what) if isinstance(error, MediaError) else VaultError(f"{what}: {error}")
    named.__cause__ = error
    return named


def raise_for(plan: Plan, ends: Ends) -> None:
    """
    Raise what went wrong with a run. Scenes that were left out of it on purpose are nothing wrong.

    Raises:
        SequenceFailed: Some step failed. Its text is one line for each, with what to do.
    """
    failed = {step: end for step, end in ends.items() if _failed(end)}
    if not failed:
        return
    missing = {step: end for step, end in ends.items() if isinstance(end, NotReached)}
    unreached = sum(not _left_out(end) for end in missing.values())
    head = f"{len(failed)} of {len(ends)} steps failed" + (f", {unreached} not reached" if unreached else "")
    lines = [
        f"{step}: {line} [{_asked(plan, step)}]"
        for step, line in zip(failed, map(words_of, failed.values()), strict=True)
    ]
    if braked := {step: end for step, end in missing.items() if isinstance(end, Braked)}:
        lines.append(_braked(braked))
    raise SequenceFailed(head, lines, list(failed.values()))


def with_failures(plan: Plan, ends: Ends, waiting: StoryreelError) -> StoryreelError:
    """Return why a run goes no further, with a line for each step of it that failed before; by itself where none did."""
    try:
        raise_for(plan, ends)
    except SequenceFailed as failed:
        return SequenceFailed(failed.head, [*failed.lines, words_of(waiting)], [*failed.causes, waiting])
    return waiting


def _braked(ends: Mapping[str, Braked]) -> str:
    """Return the one message about all that was held back."""
    steps = list(ends)
    named = ", ".join(steps[:3]) + (f" and {len(steps) - 3} more" if len(steps) > 3 else "")
    return (
        f"{named}: not sent, since {IN_A_ROW} in a row had met what is wrong with the service, the key or the account; "
        "see to that, then run again"
    )


def _asked(plan: Plan, step_id: str) -> str:
    """Return what was asked of whom, which is what the service's support wants to know first."""
    recipe = plan.step(step_id).recipe
    return f"{recipe.operation}, {recipe.body.get('model', 'no model')}"


def _failed(end: Clip | BaseException) -> TypeGuard[BaseException]:
    return isinstance(end, BaseException) and not isinstance(end, NotReached)


def _left_out(end: BaseException) -> bool:
    """Whether a step has no clip because of `only`: its own scene was left out, or one that it continues."""
    cause: BaseException | None = end
    while cause is not None:
        if isinstance(cause, LeftOut):
            return True
        cause = cause.__cause__
    return False


def one_below_the_other(reasons: Sequence[str]) -> str:
    """Return several reasons as one: on one line, or, where one of them has commands that stand on lines of their own, below each other."""
    return ("\n" if any("\n" in reason for reason in reasons) else " / ").join(reasons)


def words_of(end: BaseException) -> str:
    """Return what a step ended with as one line."""
    text = " ".join(str(end).split())
    return text if isinstance(end, StoryreelError) else f"{type(end).__name__}: {text}"
