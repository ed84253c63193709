"""
How a run ends: its ask is closed once, when all variants that it makes have come to their ends.

An ask that is closed makes a person's Retry of whatever comes after it. While a variant is still being made, or waits for a person,
the ask goes on for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyreel.vault import Ask, Vault


@dataclass
class Conclusion:
    """
    What is known so far of how a run ends.

    Args:
        ask: The run's.
        under_way: The variants that have not come to their ends; one without a name where there are none.
        summary: How each step ended, of those that have.
        errors: Why a variant is not made, by its name.
    """

    vault: Vault
    ask: Ask
    under_way: set[str]
    summary: dict[str, str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    _closed: bool = False

    async def ended(self, variant: str, summary: Mapping[str, str]) -> None:
        """
        Note how the steps of a variant ended; with the last variant the ask is closed.

        Raises:
            VaultError: That the run came to its end cannot be written down.
        """
        self.summary |= summary
        await self.without(variant)

    async def without(self, variant: str) -> None:
        """
        Note that nothing more comes of a variant. Where nothing has come of any, the ask goes on: nothing was bought in it.

        Raises:
            VaultError: That the run came to its end cannot be written down.
        """
        self.under_way.discard(variant)
        if not self.under_way and self.summary and not self._closed:
            self._closed = True
            await self.vault.asks.close(self.ask, self.summary)
