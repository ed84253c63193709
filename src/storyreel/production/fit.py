"""
Whether what a run still has to buy fits into what it may still spend: looked at before the first dollar.

A run that is taken up, retried or resumed compares what is left to buy with what is left, so nothing that it has spent
already stops it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from storyreel.console import counted
from storyreel.errors import BudgetError
from storyreel.model.money import dollars
from storyreel.model.recipe import ServiceName
from storyreel.production.budget import Budget
from storyreel.production.outlook import Forecast, forecast, purchases
from storyreel.production.reserve import today
from storyreel.production.session import Session
from storyreel.vault import Caps, Vault, attempt_key
from storyreel.vault.cap import Day, attempt_of, days_of_month, total


@dataclass(frozen=True)
class Limit:
    """
    Something that bounds what a run may spend, in ticks.

    Args:
        name: What it is, in words: `the budget of $5.00`.
        raised_by: Into what more fits, and how a person makes it that, in words.
        aside: The attempts for which this run has set money aside in it already.
    """

    name: str
    raised_by: str
    most_ticks: int
    used_ticks: int = 0
    aside: frozenset[str] = frozenset()

    @property
    def left_ticks(self) -> int:
        """What may still be spent."""
        return max(0, self.most_ticks - self.used_ticks)

    def wanted_ticks(self, bought: Sequence[Forecast]) -> int:
        """Return what purchases still take from it: for what is set aside already, nothing."""
        return sum(each.step.ticks for each in bought if next_attempt(each) not in self.aside)


def next_attempt(each: Forecast) -> str | None:
    """Return which attempt a purchase would be, as `Claim.key` says it; None while what it is made from is not there."""
    if each.fingerprint is None:
        return None
    return attempt_key(each.fingerprint, each.attempt.number + 1 if each.attempt is not None else 1)


async def limits_of(
    vault: Vault,
    service: ServiceName,
    budget: Budget,
    caps: Caps,
    *,
    till: str | None = None,
    run: str | None = None,
    day: date | None = None,
) -> tuple[Limit, ...]:
    """
    Return what bounds what a run may spend, with what is left of it; nothing where nothing does.

    Args:
        budget: Of its till.
        caps: What bounds all runs of the vault.
        till: The till, where there may be one already; None for a run that has yet to begin.
        run: The run's own id, where it has one.
        day: In UTC; None for today.

    Raises:
        VaultError: The vault cannot be read.
    """
    limits = []
    if budget.ticks is not None:
        spent = 0 if till is None else await vault.ledger.spent(service, till)
        aside = frozenset() if till is None else await vault.ledger.attempts_in(service, till)
        limits.append(
            Limit(
                budget.words,
                budget.raised_by,
                budget.ticks,
                spent,
                aside,
            )
        )
    if caps:
        day = today() if day is None else day
        days = await vault.cap.days(service, [day] if caps.month_ticks is None else days_of_month(day))
        for name, set_by, used, most in (
            ("day", caps.day_by, days.get(day, Day()).sum, caps.day_ticks),
            ("month", caps.month_by, total(days), caps.month_ticks),
        ):
            if most is not None:
                own = frozenset(key for held in used.held if (key := attempt_of(held, run)) is not None)
                raised_by = f"a larger {set_by}, set where runs are started, or perhaps into the next {name}, in UTC"
                limits.append(Limit(f"the {name}'s cap of {dollars(most)}", raised_by, most, used.ticks, own))
    return tuple(limits)


@dataclass(frozen=True)
class Fit:
    """What is still to be bought, each purchase once, beside what bounds it."""

    bought: tuple[Forecast, ...]
    limits: tuple[Limit, ...]

    @property
    def ticks(self) -> int:
        """What is expected to be spent."""
        return sum(each.step.ticks for each in self.bought)

    @property
    def passed(self) -> Limit | None:
        """The limit into which it does not fit, the one that is passed by most; None if it fits."""
        over = {limit: limit.wanted_ticks(self.bought) - limit.left_ticks for limit in self.limits}
        most = max(over, key=lambda limit: over[limit], default=None)
        return most if most is not None and over[most] > 0 else None

    @property
    def words(self) -> str:
        """That it does not fit, in words; empty if it does."""
        if (limit := self.passed) is None:
            return ""
        used = f", of which {dollars(limit.used_ticks)} is spent or set aside" if limit.used_ticks else ""
        return (
            f"{counted(len(self.bought), 'request')} for about {dollars(self.ticks)} {'is' if len(self.bought) == 1 else 'are'}"
            f" still to buy, and {dollars(limit.left_ticks)} is left of {limit.name}{used}"
        )

    @property
    def remedy(self) -> str:
        """How all of it fits, or what fits is bought, in words; empty if it fits."""
        if (limit := self.passed) is None:
            return ""
        return (
            f"All of it fits into {limit.raised_by}; --partial (in Prefect: partial) buys what fits, and stops before the step that "
            "would pass it"
        )

    def error(self) -> BudgetError:
        """Return what is raised where it does not fit and nobody can be asked."""
        return BudgetError(f"{self.words}, so nothing was sent. {self.remedy}")


async def check_fit(session: Session) -> None:
    """
    Stop a run that is known not to fit into its budget or a cap, unless it may buy a part.

    Raises:
        BudgetError: It does not fit. Nothing was sent.
        VaultError: The vault cannot be read.
    """
    if session.refusal is not None:
        raise session.refusal
    if session.partial or session.unasked is not None:
        return
    limits = await limits_of(
        session.vault,
        session.service,
        session.budget,
        session.reserve.caps,
        till=session.till,
        run=session.ask.run_id,
    )
    # What fits however much of it is there already needs no look at each step.
    at_most = sum(step.ticks for step in session.plan.steps if step.id in session.allowed)
    if all(at_most <= limit.left_ticks for limit in limits):
        return
    outlook = await forecast(
        session.plan,
        session.vault,
        session.service,
        allowed=session.allowed,
        redo=session.redo,
        ask=session.ask,
    )
    fit = Fit(purchases(outlook, session.service), limits)
    if fit.passed is not None:
        raise fit.error()
