"""
Which films of a night, or variants of a run, are begun: one after the other in their order, each if what it still has to buy fits
into what is left.

What begun films still have to buy counts as gone, so no film is begun with money that another one needs, and none of those
that are begun stops half-way for that. What several ask for alike is counted with the first of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from storyreel.console import counted
from storyreel.errors import BudgetError
from storyreel.model.money import dollars
from storyreel.model.recipe import ServiceName
from storyreel.planning.alike import buyers_of
from storyreel.production.fit import Limit
from storyreel.production.outlook import Forecast

Outlook = Sequence[Forecast]
"""What the vault knows of the steps of one film."""


@dataclass(frozen=True)
class Refusal:
    """
    Why a film is not begun.

    Args:
        bought: What it still has to buy, beside what begun films buy.
        limit: What it does not fit into, with what is spent of it by now.
        left_ticks: What is left of that.
        begun_ticks: What the films that were begun before still took from it when they were.
    """

    bought: tuple[Forecast, ...]
    limit: Limit
    left_ticks: int
    begun_ticks: int

    @property
    def wanted_ticks(self) -> int:
        """What it still has to buy."""
        return self.limit.wanted_ticks(self.bought)

    @property
    def words(self) -> str:
        """What is wanted, and what is left, in words."""
        what = counted(len(self.bought), "request")
        begun = f" and {dollars(self.begun_ticks)} is for films that were begun before" if self.begun_ticks else ""
        return (
            f"{what} for about {dollars(self.wanted_ticks)} {'is' if len(self.bought) == 1 else 'are'} still to buy, and "
            f"{dollars(self.left_ticks)} is left of {self.limit.name}, of which {dollars(self.limit.used_ticks)} is spent{begun}"
        )

    def error(self) -> BudgetError:
        """Return what is raised for a variant that is not begun."""
        remedy = f"All of it fits into {self.limit.raised_by}; --partial (in Prefect: partial) begins it all the same"
        return BudgetError(f"{self.words}, so it was not begun. {remedy}")

    @property
    def is_hopeless(self) -> bool:
        """Whether it would not fit if nothing else were made."""
        return self.wanted_ticks > self.limit.most_ticks


@dataclass
class Admission:
    """
    What is still there for films that are to be begun.

    Args:
        limits: Returns what bounds them together, with what is left of it by now.
        service: Who is asked.
    """

    limits: Callable[[], Awaitable[tuple[Limit, ...]]]
    service: ServiceName
    _begun: list[Outlook] = field(default_factory=list)
    """What was known of the begun films: whoever asks alike has it from them."""
    _to_buy: list[Forecast] = field(default_factory=list)
    """What they had to buy."""
    _first: tuple[Limit, ...] | None = None
    """What was left when the first film was looked at."""

    async def refusal(self, outlook: Outlook) -> Refusal | None:
        """
        Return why a film is not begun; None if it fits.

        Args:
            outlook: What is known of its steps.

        Raises:
            VaultError: The vault cannot be read.
        """
        now = await self.limits()
        self._first = now if self._first is None else self._first
        bought = self.bought(outlook)
        for first, limit in zip(self._first, now, strict=True):
            # What a begun film has bought since is in the till by now, and was counted when it was begun; what was set aside for
            # it before is in the till as well, and is taken from it no second time.
            begun = first.wanted_ticks(self._to_buy)
            left = max(0, limit.most_ticks - max(limit.used_ticks, first.used_ticks + begun))
            if limit.wanted_ticks(bought) > left:
                return Refusal(bought, limit, left, begun)
        return None

    def begin(self, outlook: Outlook) -> None:
        """Note that a film is begun: what it still has to buy is gone."""
        self._to_buy += self.bought(outlook)
        self._begun.append(outlook)

    def bought(self, outlook: Outlook) -> tuple[Forecast, ...]:
        """Return what a film buys beside what begun films buy, each purchase once."""
        *_, buyers = buyers_of([*self._begun, outlook], self.service)
        own = len(self._begun)
        return tuple(each for each in outlook if buyers.get(each.step.id) == (own, each.step.id))
