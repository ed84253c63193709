"""
Set money aside for an attempt before it is claimed: out of the caps, then out of the run's till.

Where the till says no, or the attempt becomes another run's, the cap has its money back. What a killed run leaves behind
stays reserved: it may have been about to send.
"""

from __future__ import annotations

from contextlib import suppress

from storyreel.errors import VaultError
from storyreel.model.events import Event
from storyreel.model.plan import Step
from storyreel.production.reserve import today
from storyreel.production.session import Session
from storyreel.production.shutdown import to_its_end


async def set_aside(session: Session, step: Step, attempt_key: str) -> str | None:
    """
    Set aside what a step is expected to cost, and return the day's till; None without caps.

    Args:
        session: The run's. Who watches it is told once that a cap is nearly reached.
        attempt_key: What it is for, as `Claim.key` says it.

    Raises:
        BudgetError: It would pass a cap or the budget. Nothing was set aside.
    """
    reserve = session.reserve
    turn = reserve.turn(attempt_key)
    # Steps that ask alike share an attempt: what one of them gives back is not to be what another relies on.
    async with turn:
        relied_on = attempt_key in reserve.tills or attempt_key in reserve.claimed
        till = await to_its_end(_capped(session, step, attempt_key)) if reserve.caps else None
        try:
            await session.vault.ledger.spend(
                session.service,
                session.till,
                attempt_key=attempt_key,
                estimate_ticks=step.ticks,
                budget_ticks=session.budget.ticks,
                raised_by=session.budget.raised_by,
            )
        except BaseException:
            if not relied_on:
                with suppress(VaultError):
                    await to_its_end(give_back(session, attempt_key))
            raise
        return till


async def _capped(session: Session, step: Step, attempt_key: str) -> str:
    reserve = session.reserve
    reached = await session.vault.cap.spend(
        session.service,
        attempt_key=attempt_key,
        run=session.ask.run_id,
        estimate_ticks=step.ticks,
        caps=reserve.caps,
        today=today(),
    )
    if attempt_key not in reserve.claimed:
        reserve.tills[attempt_key] = reached.till
    for cap, words in reached.warnings(reserve.caps).items():
        if cap not in reserve.warned:
            reserve.warned.add(cap)
            session.tell(Event(step.id, "noted", text=words))
    return reached.till


def claimed(session: Session, attempt_key: str) -> None:
    """Note that this run has claimed an attempt: what was set aside for it is settled when it ends."""
    session.reserve.tills.pop(attempt_key, None)
    session.reserve.claimed.add(attempt_key)


async def give_back(session: Session, attempt_key: str) -> None:
    """Put back into the cap what was set aside for an attempt, unless this run has claimed it, here or elsewhere."""
    till, run = session.reserve.tills.pop(attempt_key, None), session.ask.run_id
    if till is None:
        return
    fingerprint, _, number = attempt_key.rpartition("/")
    for attempt in await session.vault.attempts.of(session.service, fingerprint):
        if attempt.number == int(number) and attempt.claim.ask.run_id == run:
            return
    await session.vault.cap.settle(session.service, till, attempt_key=attempt_key, run=run, charged_ticks=0)


async def all_back(session: Session) -> None:
    """Put back into the cap all that was set aside and never claimed; what cannot be written stays reserved."""
    for attempt_key in list(session.reserve.tills):
        with suppress(VaultError):
            await to_its_end(give_back(session, attempt_key))
