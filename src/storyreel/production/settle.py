"""
What a take's end does to the budget that it was bought from, and to the day's till of the cap.
"""

from __future__ import annotations

from storyreel.vault import Claim, Take, Vault


async def record_end(vault: Vault, take: Take) -> Take:
    """Write down how a take ended, and put its charge into the till that was charged with the estimate."""
    take = await vault.takes.end(take)
    for attempt in await vault.attempts.of(take.service, take.fingerprint) if take.fingerprint else ():
        if attempt.number == take.attempt:
            await settle(vault, attempt.claim, charged=take.charge)
    return take


async def settle(vault: Vault, claim: Claim, *, charged: int | None) -> None:
    """Put what an attempt was charged into the tills that it was spent from; None leaves the estimate there."""
    if claim.till is not None:
        await vault.ledger.settle(claim.service, claim.till, attempt_key=claim.key, charged_ticks=charged)
    if claim.cap is not None:
        run = claim.ask.run_id
        await vault.cap.settle(claim.service, claim.cap, attempt_key=claim.key, run=run, charged_ticks=charged)
