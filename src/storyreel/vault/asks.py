"""
Asks: one way of a run from its beginning to its summary. What a crash interrupts stays in its ask; a Retry is a new one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from storyreel.vault.paths import run_folder
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import written
from storyreel.vault.records import Ask, Begun, Summary

_SUMMARY = re.compile(r"[0-9]+\.json")


class Asks:
    """Which asks have begun, and which have reached their summary."""

    def __init__(self, records: RecordStore) -> None:
        self._store = records.store

    async def of(self, run_id: str) -> Ask:
        """
        Return the ask that a run is in: a run that crashed is still in the one it was in.

        What lies beside its summaries and is none - a copy that a synchronized folder made - makes no Retry of a crash.
        """
        folder = run_folder(run_id) + "/"
        names = [key.removeprefix(folder) for key in await self._store.keys(folder)]
        return Ask(run_id=run_id, k=sum(_SUMMARY.fullmatch(name) is not None for name in names))

    async def begin(self, ask: Ask) -> int:
        """Note that an ask is begun, or taken up again after a crash, and return the how manieth time this is."""
        await self._store.create(f"{_begun(ask)}{secrets.token_hex(8)}.json", written(Begun(ask=ask)))
        return await self.times_begun(ask)

    async def times_begun(self, ask: Ask) -> int:
        """Return how often an ask was begun."""
        return len(await self._store.keys(_begun(ask)))

    async def close(self, ask: Ask, summary: Mapping[str, Any]) -> None:
        """Write that an ask has reached its summary: what comes after it in this run is a person's Retry."""
        await self._store.create(
            f"{run_folder(ask.run_id)}/{ask.k}.json", written(Summary(ask=ask, told=dict(summary)))
        )


def _begun(ask: Ask) -> str:
    return f"{run_folder(ask.run_id)}/begun/{ask.k}-"
