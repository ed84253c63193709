"""
One run that makes all variants of a storyboard, side by side, out of one budget.

A variant is begun only if what it still has to buy fits into what is left, in the order of the storyboard, and each is judged by
itself: a later one that fits is made. One that fails, or waits for a person, stops no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from storyreel.errors import AwaitingApproval, BudgetError, SequenceFailed, StoryreelError
from storyreel.production.admission import Admission
from storyreel.production.fit import limits_of
from storyreel.production.outlook import forecast
from storyreel.production.run import RunResult
from storyreel.production.session import Session
from storyreel.production.summary import one_below_the_other, raise_for, words_of

Shoot = Callable[[Session], Awaitable[RunResult]]
"""Makes one variant."""


async def run_all(sessions: Sequence[Session], shoot: Shoot) -> tuple[RunResult, ...]:
    """
    Make each variant, and return what came of them once all are at their ends.

    Args:
        sessions: Of one run, in the order of the storyboard.
        shoot: Makes one of them: `run`, with what is beside it at this door.

    Raises:
        StoryreelError: It is not made. Of several, all reasons as one: a `BudgetError` where some did not fit into what is left,
            and nothing else is wrong; else a `SequenceFailed` with a line for each. The others are made.
    """
    if len(sessions) == 1:
        return (await _shot(sessions[0], shoot),)
    admitted = await admitted_of(sessions)
    ends = await _all_ended([asyncio.create_task(_ended(session, shoot)) for session in admitted])
    names = [session.plan.board.variant for session in sessions]
    errors = {name: end for name, end in zip(names, ends, strict=True) if isinstance(end, Exception)}
    if errors:
        raise of_variants(errors, names)
    return tuple(end for end in ends if isinstance(end, RunResult))


async def admitted_of(sessions: Sequence[Session]) -> tuple[Session, ...]:
    """
    Return the sessions, each with what it may do: begin whatever others spend meanwhile, or buy nothing.

    Raises:
        VaultError: The vault cannot be read.
    """
    first = sessions[0]
    if first.partial or first.unasked is not None:
        return tuple(sessions)
    admission = Admission(
        lambda: limits_of(
            first.vault,
            first.service,
            first.budget,
            first.reserve.caps,
            till=first.till,
            run=first.ask.run_id,
        ),
        first.service,
    )
    admitted = []
    for session in sessions:
        outlook = await forecast(
            session.plan,
            session.vault,
            session.service,
            allowed=session.allowed,
            redo=session.redo,
            ask=session.ask,
        )
        refusal = await admission.refusal(outlook)
        if refusal is None:
            admission.begin(outlook)
            admitted.append(replace(session, partial=True))
        else:
            admitted.append(replace(session, refusal=refusal.error()))
    return tuple(admitted)


async def _all_ended(variants: Sequence[asyncio.Task[RunResult]]) -> list[RunResult | Exception]:
    """Return how each ended. What suspends a run, or stops it, is no end of a variant: then the others are stopped as well."""
    try:
        going = set(variants)
        while going:
            done, going = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                if (error := each.exception()) is not None and not isinstance(error, Exception):
                    raise error
    finally:
        for each in variants:
            each.cancel()
        await asyncio.gather(*variants, return_exceptions=True)
    return [error if isinstance(error := each.exception(), Exception) else each.result() for each in variants]


async def _ended(session: Session, shoot: Shoot) -> RunResult:
    """Make one variant, and note why it is not made."""
    try:
        return await _shot(session, shoot)
    except Exception as error:
        session.conclusion.errors[session.plan.board.variant] = error
        raise


async def _shot(session: Session, shoot: Shoot) -> RunResult:
    variant = session.plan.board.variant
    try:
        result = await shoot(session)
    except Exception:
        await session.conclusion.finished(variant)
        raise
    await session.conclusion.finished(variant)
    raise_for(result.plan, result.ends)
    return result


def of_variants(errors: dict[str, Exception], names: Sequence[str]) -> Exception:
    """
    Return as one error why variants are not made.

    Args:
        errors: Why, by their names.
        names: Of all variants of the run.
    """
    unforeseen = [error for error in errors.values() if not isinstance(error, StoryreelError)]
    if unforeseen:
        return unforeseen[0]
    lines: list[str] = []
    for name, error in errors.items():
        lines += error.lines if isinstance(error, SequenceFailed) else [f"{name}: {words_of(error)}"]
    others = len(names) - len(errors)
    head = f"{len(errors)} of {len(names)} variants {'is' if len(errors) == 1 else 'are'} not made: {', '.join(errors)}"
    first = f"{head}; the other {others} {'is' if others == 1 else 'are'}" if others else head
    if all(isinstance(error, BudgetError) for error in errors.values()):
        return BudgetError(" / ".join([first, *lines]))
    if all(isinstance(error, AwaitingApproval) for error in errors.values()):
        return AwaitingApproval(one_below_the_other([first, *(f"{name}: {error}" for name, error in errors.items())]))
    return SequenceFailed(head, lines, list(errors.values()))
