"""
Which films of a night are begun: one after the other in their order, each if what it still has to buy fits into what is left.

What begun films still have to buy counts as gone, so no film is begun with money that another one needs, and none of those
that are begun stops half-way for that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from storyreel.console import counted
from storyreel.model.money import dollars
from storyreel.production.fit import Limit
from storyreel.production.outlook import Forecast


@dataclass
class Admission:
    """
    What is still there for films that are to be begun.

    Args:
        limits: Returns what bounds the night, with what is left of it by now.
        begun_ticks: What the films that were begun had to buy when they were.
    """

    limits: Callable[[], Awaitable[tuple[Limit, ...]]]
    begun_ticks: int = 0
    _fingerprints: set[str] = field(default_factory=set)
    """What the begun films buy: whoever asks alike has it from them."""
    _first: tuple[Limit, ...] | None = None
    """What was left when the first film was looked at."""

    async def refusal(self, bought: Sequence[Forecast]) -> str:
        """
        Return why a film is not begun, in words; empty if it fits.

        Args:
            bought: What it still has to buy, each purchase once.

        Raises:
            VaultError: The vault cannot be read.
        """
        now = await self.limits()
        self._first = now if self._first is None else self._first
        wanted = sum(each.step.ticks for each in self._new(bought))
        for first, limit in zip(self._first, now, strict=True):
            # What a begun film has bought since is in the till by now, and was counted when it was begun.
            gone = max(limit.used_ticks, first.used_ticks + self.begun_ticks)
            left = max(0, limit.most_ticks - gone)
            if wanted > left:
                return _words(bought, wanted, limit, left, self.begun_ticks)
        return ""

    def begin(self, bought: Sequence[Forecast]) -> None:
        """Note that a film is begun: what it still has to buy is gone."""
        self.begun_ticks += sum(each.step.ticks for each in self._new(bought))
        self._fingerprints |= {each.fingerprint for each in bought if each.fingerprint is not None}

    def _new(self, bought: Sequence[Forecast]) -> list[Forecast]:
        return [each for each in bought if each.fingerprint not in self._fingerprints]


def _words(bought: Sequence[Forecast], wanted: int, limit: Limit, left: int, begun: int) -> str:
    what = f"{counted(len(bought), 'request')} for about {dollars(wanted)} {'is' if len(bought) == 1 else 'are'} still to buy"
    if wanted > limit.most_ticks:
        return (
            f"{what}, which is more than {limit.name} for a whole night, so it was not begun; with `partial` it is begun, and goes on "
            f"night after night. All of it fits into {limit.raised_by}"
        )
    for_others = f" and {dollars(begun)} is for films that were begun before" if begun else ""
    return (
        f"{what}, and {dollars(left)} is left of {limit.name}, of which {dollars(limit.used_ticks)} is spent{for_others}, so it was not "
        "begun; a night that has enough left begins it"
    )
