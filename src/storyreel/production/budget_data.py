"""
What a vault's caps have come to, as data: what `storyreel budget --json` prints. docs/budget.schema.json is made from it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from storyreel.errors import RecordDamaged
from storyreel.model.money import usd
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.vault import Caps, Vault
from storyreel.vault.cap import WARNED_AT, Day, Sum, days_of_month, till_of, total

HeldFor = Literal["sent", "answer lost", "not sent", "charge not told", "not settled"]
"""
Why something is held: its request is under way, or was never answered; a run set it aside and is about to send, or was killed
before it did; it has ended and the service did not say what it charged, or its run was killed before that was written down.
"""


class Use(Frozen):
    """How far a cap is used, in US dollars."""

    period: Annotated[str, Field(description="The day, as 2026-11-26, or the month, as 2026-11, in UTC.")]
    cap_usd: Annotated[float | None, Field(description="The most that may be spent; null where there is no cap.")]
    spent_usd: Annotated[float, Field(description="What was charged.")]
    held_usd: Annotated[float, Field(description="What is set aside and not settled.")]
    left_usd: Annotated[float | None, Field(description="What may still be set aside; null where there is no cap.")]
    nearly: Annotated[bool, Field(description="Whether four fifths of the cap are used, or more.")]


class Held(Frozen):
    """Something that is set aside in a day's till and not settled."""

    till: Annotated[str, Field(description="The till of its day.")]
    run: Annotated[str, Field(description="The run that has set it aside.")]
    usd: float
    state: Annotated[
        HeldFor,
        Field(
            description="sent: it is under way. answer lost: nobody knows what came of it. not sent: its run is about to send it, "
            "or was killed before it did. charge not told: it has ended, and the estimate stands. not settled: the same, since the run "
            "that collected it was killed before its charge was put into the till."
        ),
    ]
    board: Annotated[str, Field(description="The slug of the storyboard that it was sent for; empty where it was not.")]
    step: Annotated[str, Field(description="The step that it was sent for; empty where it was not.")]


class BudgetData(Frozen):
    """What all runs of a vault have spent together, where there are caps."""

    version: Literal[1] = 1
    vault: str
    service: ServiceName
    day: Use
    month: Use
    held: Annotated[tuple[Held, ...], Field(description="What is not settled this month, in the order of its days.")]


async def budget_data(vault: Vault, service: ServiceName, caps: Caps, today: date) -> BudgetData:
    """
    Return what a vault's caps have come to. Only the vault is read.

    Args:
        service: Whose caps they are, `xai` or `sandbox`.
        caps: As they hold now.
        today: The day, in UTC.

    Raises:
        VaultError: The vault cannot be read.
    """
    days = await vault.cap.days(service, days_of_month(today))
    return BudgetData(
        vault=vault.address,
        service=service,
        day=_use(f"{today}", days.get(today, Day()).sum, caps.day_ticks),
        month=_use(f"{today:%Y-%m}", total(days), caps.month_ticks),
        held=tuple(
            [
                await _held(vault, service, till_of(day), key, ticks)
                for day, of in days.items()
                for key, ticks in of.sum.held.items()
            ]
        ),
    )


def _use(period: str, in_tills: Sum, most: int | None) -> Use:
    return Use(
        period=period,
        cap_usd=None if most is None else usd(most),
        spent_usd=usd(in_tills.spent_ticks),
        held_usd=usd(in_tills.held_ticks),
        left_usd=None if most is None else usd(max(0, most - in_tills.ticks)),
        nearly=most is not None and in_tills.ticks >= WARNED_AT * most,
    )


async def _held(vault: Vault, service: ServiceName, till: str, key: str, ticks: int) -> Held:
    attempt_key, _, run = key.partition(" ")
    fingerprint, _, number = attempt_key.rpartition("/")
    state: HeldFor = "not sent"
    board = step = ""
    try:
        attempts = await vault.attempts.of(service, fingerprint)
    except RecordDamaged:
        attempts = ()
    for attempt in attempts:
        claim = attempt.claim
        if f"{attempt.number}" == number and claim.ask.run_id == run and claim.cap == till:
            board, step = claim.board, claim.step
            state = "answer lost" if attempt.state == "unknown" else "sent"
            if attempt.take is not None:
                state = "charge not told" if attempt.take.charge is None else "not settled"
    return Held(till=till, run=run, usd=usd(ticks), state=state, board=board, step=step)
