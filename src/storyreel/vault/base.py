"""
What all parts of the vault share: a store, and records that are written to it once and read back whole.
"""

from __future__ import annotations

from typing import TypeVar

from storyreel.vault.records import Record, read_back, written
from storyreel.vault.stores.folder import Store

R = TypeVar("R", bound=Record)


class VaultPart:
    """A part of the vault."""

    def __init__(self, store: Store, address: str) -> None:
        self._store = store
        self.address = address

    async def _record(self, shape: type[R], key: str) -> R | None:
        """Return the record under a key; None if there is none."""
        data = await self._store.read(key)
        return None if data is None else read_back(shape, data, f"{self.address}/{key}")

    async def _create(self, key: str, record: Record) -> bool:
        """Write a record, and say whether the one that stands there is ours: an equal one of before counts."""
        data = written(record)
        return await self._store.create(key, data) or await self._store.read(key) == data
