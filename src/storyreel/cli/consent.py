"""
Ask a person once before the first dollar is spent, with the sum of the plan; and where it is known that not all of it fits
into the budget or a cap, say so.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum

from rich.console import Console

from storyreel.console import agreed, counted, say
from storyreel.model.money import dollars
from storyreel.model.recipe import ServiceName
from storyreel.production.admission import Admission, Refusal
from storyreel.production.budget import budget_of
from storyreel.production.fit import Fit, Limit, limits_of
from storyreel.production.outlook import Forecast
from storyreel.production.prepare import Prepared
from storyreel.production.reserve import caps_of
from storyreel.production.run_all import of_variants
from storyreel.production.status import Prospect

BEGIN_ALL_THE_SAME = "Begin all the same, and stop before the step that would pass it?"


class Consent(Enum):
    """What may be begun: all of it, what fits, or nothing, since a person said no."""

    ALL = "all"
    PART = "part"
    NOTHING = "nothing"


async def consent(
    ready: Sequence[Prepared],
    seen: Sequence[Prospect],
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
        ready: The storyboard, or its variants, in their order.
        seen: What the vault knows of each.
        question: What is asked where all fits.
        yes: Whether a person has said that they are not to be asked.
        partial: Whether they have said that what fits may begin.
        always: Whether they are asked although they have named a budget, or for a rehearsal: something is made again.

    Raises:
        BudgetError: Not all of it fits, and nobody is to be asked. Nothing was sent.
        VaultError: The vault cannot be read.
    """
    first = ready[0]
    limits = await limits_of(
        first.vault,
        service,
        budget_of(first.plan.board, first.budget_ticks, service, first.settings),
        caps_of(first.settings),
    )
    somebody = not yes and sys.stdin.isatty() and console.is_terminal
    bought, begun = seen[0].bought, dict[str, tuple[Forecast, ...]]()
    left_out: dict[str, Refusal] = {}
    if len(seen) > 1:
        begun, left_out = await _judged(seen, limits, service, partial=partial)
        bought = tuple(each for own in begun.values() for each in own)
    fit = Fit(bought, limits)
    # Of variants none is begun; of what is begun by itself, all fits.
    none_fits = left_out and not begun
    if none_fits or (fit.passed is not None and not partial):
        if not somebody or service == "sandbox":
            if any(each.outlook == "fetch" for own in seen for each in own.outlook):
                return Consent.ALL  # a run fetches first what is paid, and then stops of itself
            if none_fits:
                errors: dict[str, Exception] = {name: refusal.error() for name, refusal in left_out.items()}
                raise of_variants(errors, list(errors))
            raise fit.error()
        if none_fits:
            _say_left_out(left_out, console)
        else:
            say(console, f"{fit.words}.")
        return Consent.PART if agreed(console, BEGIN_ALL_THE_SAME) else Consent.NOTHING
    if not bought:
        return Consent.ALL  # what is left out is told by the run
    may = Consent.PART if partial else Consent.ALL
    if not somebody or (not always and (service == "sandbox" or first.budget_ticks is not None)):
        return may
    waiting = frozenset(step for each in seen for step in each.waiting)
    for name, own in begun.items():
        say(console, f"  {name}: {in_words(own, waiting) if own else 'nothing to buy'}")
    _say_left_out(left_out, console)
    if not always:
        say(console, f"to buy: {in_words(bought, waiting)}{_bounds(limits)} (the real API)")
    return may if agreed(console, question) else Consent.NOTHING


async def _judged(
    seen: Sequence[Prospect], limits: tuple[Limit, ...], service: ServiceName, *, partial: bool
) -> tuple[dict[str, tuple[Forecast, ...]], dict[str, Refusal]]:
    """Return what the variants that are begun have to buy, each purchase with the first of them, and why others are not begun."""

    async def as_they_are() -> tuple[Limit, ...]:
        return limits

    admission = Admission(as_they_are, service)
    begun: dict[str, tuple[Forecast, ...]] = {}
    left_out: dict[str, Refusal] = {}
    for each in seen:
        refusal = None if partial else await admission.refusal(each.outlook)
        if refusal is None:
            begun[each.plan.board.variant] = admission.bought(each.outlook)
            admission.begin(each.outlook)
        else:
            left_out[each.plan.board.variant] = refusal
    return begun, left_out


def _say_left_out(left_out: Mapping[str, Refusal], console: Console) -> None:
    for name, refusal in left_out.items():
        say(console, f"  {name}: left out, since {refusal.words}")


def in_words(bought: Sequence[Forecast], waiting: Collection[str]) -> str:
    """
    Return what is bought now, and what after a person's approval, in words.

    Args:
        waiting: The steps that wait for an approval.
    """
    now = _priced(each for each in bought if each.step.id not in waiting)
    if not waiting:
        return now
    return f"{now}, and after approval {_priced(each for each in bought if each.step.id in waiting)}"


def _bounds(limits: Iterable[Limit]) -> str:
    named = [f"{limit.name}{f' ({dollars(limit.left_ticks)} left)' if limit.used_ticks else ''}" for limit in limits]
    return f", within {' and '.join(filter(None, (', '.join(named[:-1]), named[-1])))}" if named else ""


def _priced(bought: Iterable[Forecast]) -> str:
    of_all = tuple(bought)
    return f"{counted(len(of_all), 'request')}, {dollars(sum(each.step.ticks for each in of_all))}"
