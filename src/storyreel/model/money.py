"""
Money: ticks and dollars, and which charges are believed.

Money is counted in ticks, the service's own unit (1 US dollar = 10**10 ticks), so that sums are exact.
"""

from __future__ import annotations

TICKS_PER_USD = 10**10


MOST_USD = 1e9
"""What is larger is no amount of money that anybody meant."""


def usd(ticks: int) -> float:
    """Return ticks as US dollars, for people and JSON; never for sums."""
    return round(ticks / TICKS_PER_USD, 6)


def dollars(ticks: int) -> str:
    """Return money as a person writes it; thousandths only where cents would hide something."""
    amount = ticks / TICKS_PER_USD
    return f"${amount:.2f}" if ticks % (TICKS_PER_USD // 100) == 0 else f"${amount:.3f}"


Charge = int | str | None
"""What the service said it charged, as it said it: ticks; else, cut short, what stood in their place; None for nothing."""


MOST_TIMES_EXPECTED = 20
"""Up to how many times its estimate a charge is believed. What is told beyond that is a slip, or a trick."""


def believed(charge: Charge, estimate_ticks: int) -> int | None:
    """Return a charge that counts; None where the estimate stands: the service said nothing, or nothing to be believed."""
    sane = isinstance(charge, int) and 0 <= charge <= MOST_TIMES_EXPECTED * estimate_ticks
    return charge if sane and isinstance(charge, int) else None


def doubt(charge: Charge, estimate_ticks: int) -> str:
    """Return, for a person, why a charge is not believed; empty where it is."""
    if believed(charge, estimate_ticks) is not None:
        return ""
    if charge is None:
        return f"the service did not say what it charged, so the estimate of {dollars(estimate_ticks)} counts"
    what = f"{charge} ticks" if isinstance(charge, int) else charge
    return f"odd: the service says it charged {what}, so the estimate of {dollars(estimate_ticks)} counts"


def charges(charged: int, estimated: int) -> str:
    """
    Return what was charged, in words; nothing is made up where nobody told.

    Args:
        charged: The sum of what the service said it charged, in ticks.
        estimated: The estimate, in ticks, of all that was made and whose charge it did not tell.
    """
    if not estimated:
        return f"{dollars(charged)} charged"
    return f"{f'{dollars(charged)} charged' if charged else 'charge not told'}, about {dollars(estimated)}{' more' if charged else ''} estimated"


def costs(charged: int | None, estimated: int) -> str:
    """
    Return, in words, what was charged beside what had been expected; nothing is made up where nobody told.

    Args:
        charged: The sum of what the service said it charged, in ticks; None where it said nothing.
        estimated: What all that it took, or may have taken, had been expected to cost, in ticks.
    """
    if charged is None and not estimated:
        return "nothing charged"
    return f"{'charge not told' if charged is None else f'{dollars(charged)} charged'}, {dollars(estimated)} estimated"
