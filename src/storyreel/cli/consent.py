"""
Ask a person once before the first dollar is spent, with the sum of the plan; and where it is known that not all of it fits
into the budget or a cap, say so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import Enum

from rich.console import Console

from storyreel.console import agreed, counted, say
from storyreel.model.money import dollars
from storyreel.model.recipe import ServiceName
from storyreel.production.budget import budget_ticks
from storyreel.production.fit import Fit, Limit, limits_of
from storyreel.production.outlook import Forecast
from storyreel.production.prepare import Prepared
from storyreel.production.reserve import caps_of
from storyreel.production.status import Prospect

BEGIN_ALL_THE_SAME = "Begin all the same, and stop before the step that would pass it?"


class Consent(Enum):
    """What may be begun: all of it, what fits, or nothing, since a person said no."""

    ALL = "all"
    PART = "part"
    NOTHING = "nothing"


async def consent(
    ready: Prepared,
    seen: Prospect,
    service: ServiceName,
    console: Console,
    *,
    question: str,
    yes: bool,
    partial: bool,
    always: bool,
) -> Consent:
    """
    Return what a person lets begin. Rehearsals cost nothing, so nothing is asked for them.

    Args:
        seen: What the vault knows of the storyboard.
        question: What is asked where all fits.
        yes: Whether a person has said that they are not to be asked.
        partial: Whether they have said that what fits may begin.
        always: Whether they are asked although they have named a budget, or for a rehearsal: something is made again.

    Raises:
        BudgetError: Not all of it fits, and nobody is to be asked. Nothing was sent.
        VaultError: The vault cannot be read.
    """
    if not seen.bought:
        return Consent.ALL
    limits = await limits_of(
        ready.vault, service, budget_ticks(ready.plan.board, ready.budget_ticks, service), caps_of(ready.settings)
    )
    fit = Fit(seen.bought, limits)
    somebody = not yes and sys.stdin.isatty() and console.is_terminal
    if fit.passed is not None and not partial:
        if not somebody or service == "sandbox":
            if any(each.outlook == "fetch" for each in seen.outlook):
                return Consent.ALL  # a run fetches first what is paid, and then stops of itself
            raise fit.error()
        say(console, f"{fit.words}.")
        return Consent.PART if agreed(console, BEGIN_ALL_THE_SAME) else Consent.NOTHING
    may = Consent.PART if partial else Consent.ALL
    if not somebody or (not always and (service == "sandbox" or ready.budget_ticks is not None)):
        return may
    if not always:
        say(console, f"to buy: {in_words(seen)}{_bounds(limits)} (the real API)")
    return may if agreed(console, question) else Consent.NOTHING


def in_words(seen: Prospect) -> str:
    """Return what is bought now, and what after a person's approval, in words."""
    now = _priced(each for each in seen.bought if each.step.id not in seen.waiting)
    if not seen.waiting:
        return now
    return f"{now}, and after approval {_priced(each for each in seen.bought if each.step.id in seen.waiting)}"


def _bounds(limits: Iterable[Limit]) -> str:
    named = [f"{limit.name}{f' ({dollars(limit.left_ticks)} left)' if limit.used_ticks else ''}" for limit in limits]
    return f", within {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}" if named else ""


def _priced(bought: Iterable[Forecast]) -> str:
    of_all = tuple(bought)
    return f"{counted(len(of_all), 'request')}, {dollars(sum(each.step.ticks for each in of_all))}"
