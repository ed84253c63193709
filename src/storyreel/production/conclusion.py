"""
How a run ends: its ask is closed once, when all variants that it makes have come to their ends.

An ask that is closed makes a person's Retry of whatever comes after it. While a variant is still being made, or waits for a person,
the ask goes on for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storyreel.vault import Ask, Vault


@dataclass
class Conclusion:
    """
    What is known so far of how a run ends.

    Args:
        ask: The run's.
        variants: What it makes, in its order; one without a name where there are no variants.
        summary: How each step ended, of the variants that have come to their ends.
        errors: Why a variant is not made, by its name.
    """

    vault: Vault
    ask: Ask
    variants: Sequence[str]
    summary: dict[str, str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    _summed_up: set[str] = field(default_factory=set)
    _finished: set[str] = field(default_factory=set)
    _in_line: set[str] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def ended(self, variant: str, summary: Mapping[str, str]) -> None:
        """
        Note how the steps of a variant ended; with the last variant the ask is closed.

        Raises:
            VaultError: That the run came to its end cannot be written down.
        """
        self.summary |= summary
        await self._sum_up(variant)

    async def finished(self, variant: str) -> None:
        """
        Note that nothing more is done about a variant. Where nothing has come of any, the ask goes on: nothing was bought in it.

        Raises:
            VaultError: That the run came to its end cannot be written down.
        """
        async with self._changed:
            self._finished.add(variant)
            self._changed.notify_all()
        await self._sum_up(variant)

    async def last_in_line(self, variant: str) -> None:
        """Wait until nothing is done about any other variant, but for those that wait like this and come after it."""
        async with self._changed:
            self._in_line.add(variant)
            self._changed.notify_all()
            try:
                await self._changed.wait_for(lambda: self._next == variant)
            finally:
                self._in_line.discard(variant)

    @property
    def _next(self) -> str | None:
        unfinished = [variant for variant in self.variants if variant not in self._finished]
        return unfinished[0] if self._in_line.issuperset(unfinished) else None

    async def _sum_up(self, variant: str) -> None:
        before = len(self._summed_up)
        self._summed_up.add(variant)
        if before < len(self._summed_up) == len(self.variants) and self.summary:
            await self.vault.asks.close(self.ask, self.summary)
