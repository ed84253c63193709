"""
Records in a store: written to it once, and read back whole. Every part of the vault reads and writes through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from storyreel.errors import RecordDamaged
from storyreel.vault.record_text import read_back, written
from storyreel.vault.records import Record
from storyreel.vault.stores.folder import Store

R = TypeVar("R", bound=Record)

TOGETHER = 32
"""How many records are read at once where all of a kind are wanted."""

HELD = (
    "it may stand for money already spent, so nothing is sent for this step: restore the files from a copy, or pin the"
    " take that is right; `storyreel vault check` lists all such findings"
)


@dataclass(frozen=True)
class RecordStore:
    """
    Records in a store.

    Args:
        store: Where they lie, and the files with them.
        address: The vault's address, for messages: without a name and a password.
    """

    store: Store
    address: str

    async def read(self, shape: type[R], key: str) -> R | None:
        """
        Return the record under a key; None if there is none.

        Raises:
            RecordDamaged: What is there is no such record.
        """
        data = await self.store.read(key)
        return None if data is None else read_back(shape, data, f"{self.address}/{key}")

    async def create(self, key: str, record: Record) -> bool:
        """Write a record, and say whether the one that stands there is ours: an equal one of before counts."""
        data = written(record)
        return await self.store.create(key, data) or await self.store.read(key) == data

    async def contents(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, bytes | None]]:
        """Yield each key with what lies under it, many read at once."""
        for some in (keys[n : n + TOGETHER] for n in range(0, len(keys), TOGETHER)):
            for pair in zip(some, await asyncio.gather(*map(self.store.read, some)), strict=True):
                yield pair

    def damaged(self, keys: Sequence[str], why: str) -> RecordDamaged:
        """Return the error for records that cannot be trusted, which holds the step that they are about."""
        return RecordDamaged(f"{self.address}: {why}; {HELD}", [f"{self.address}/{key}" for key in keys])
