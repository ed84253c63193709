"""
What is under way in a vault, seen from outside: which requests are claimed, accepted, or wait for a person, and which have
lately come to their end.

A vault may have thousands of requests that ended long ago. Of those one record is read, once, to know that they did; what a
look tells anew is read again. Nothing is written, and no service is asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storyreel.errors import RecordDamaged
from storyreel.model.recipe import ServiceName
from storyreel.vault.paths import index_folder, other_take_key, run_folder, service_folder, slate_folder, take_key
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import read_back
from storyreel.vault.records import Attempt, Summary
from storyreel.vault.vault import Vault

LATELY = timedelta(hours=1)
"""How long ago a request may have been claimed that ended, to be told at the first look."""
NOT_ENDED = frozenset({"claimed", "open", "unknown"})

Key = tuple[str, int]
"""A fingerprint, and the number of an attempt."""


@dataclass(frozen=True)
class Looked:
    """
    What a look has seen of one service: attempts that have not ended, or have lately; and what cannot be read.

    Args:
        ended: By the id of a run that these are of, what it said when it came to its last summary.
    """

    attempts: tuple[Attempt, ...]
    damaged: tuple[str, ...]
    ended: Mapping[str, Summary]


class Lookout:
    """Looks into a vault again and again, and remembers what cannot change any more."""

    def __init__(self, vault: Vault, service: ServiceName) -> None:
        self._vault = vault
        self._store = vault.store
        self._read = RecordStore(vault.store, vault.address)
        self._service = service
        self._looked = False
        self._over: set[Key] = set()
        """Attempts that ended, and are no news."""
        self._ids: dict[Key, str | None] = {}
        """By attempts that were answered, the id they were accepted under; None where they were not."""
        self._known: dict[Key, tuple[frozenset[str], bool, Attempt]] = {}
        """Attempts as they were read, with the names of their records then, and whether their take was there."""

    async def look(self) -> Looked:
        """
        Return what is under way now.

        Raises:
            VaultError: The vault cannot be read.
        """
        records = await self._records()
        takes = frozenset(await self._store.keys(f"{service_folder(self._service)}/takes/"))
        # What ends while somebody looks is news, however long ago it was claimed.
        recent = frozenset(records) if self._looked else await self._recent()
        self._looked = True
        await self._read_answers([key for key, names in records.items() if self._is_answered(key, names)])
        wanted = [key for key, names in records.items() if self._may_be_news(key, names, takes, key in recent)]
        sound, damaged = await self._vault.attempts.of_each(
            self._service, sorted({fingerprint for fingerprint, _ in wanted})
        )
        for attempt in (attempt for attempts in sound.values() for attempt in attempts):
            key = (attempt.claim.fingerprint, attempt.number)
            if key in records and key not in self._over:
                self._known[key] = (records[key], self._has_take(key, takes), attempt)
        since = datetime.now(UTC) - LATELY
        for key in [key for key, (_, _, each) in self._known.items() if _is_over(each, since)]:
            del self._known[key]
            self._over.add(key)
        shown = sorted(
            (attempt for _, _, attempt in self._known.values()), key=lambda each: (each.claim.at, each.claim.step)
        )
        runs = {attempt.claim.ask.run_id for attempt in shown}
        return Looked(tuple(shown), tuple(map(str, damaged)), await self._ended(runs))

    async def _records(self) -> dict[Key, frozenset[str]]:
        """Return the names of all records of each attempt: one listing."""
        names: dict[Key, set[str]] = {}
        for key in await self._store.keys(f"{service_folder(self._service)}/slates/"):
            parts = key.split("/")
            if len(parts) == 6 and parts[4].isdecimal():
                names.setdefault((parts[3], int(parts[4])), set()).add(parts[5])
        return {key: frozenset(each) for key, each in names.items()}

    async def _recent(self) -> frozenset[Key]:
        """Return the attempts that were claimed lately, by the names of their marks; no record is read for it."""
        marks = await self._store.keys(f"{index_folder(self._service)}/")
        since = (datetime.now(UTC) - LATELY).strftime("%Y%m%dT%H%M%S%f")
        recent = set()
        for name in (key.rpartition("@")[2].removesuffix(".json") for key in marks):
            at, _, request = name.partition("-")
            fingerprint, _, number = request.partition("-")
            if at >= since and number.isdecimal():
                recent.add((fingerprint, int(number)))
        return frozenset(recent)

    def _is_answered(self, key: Key, names: frozenset[str]) -> bool:
        return key not in self._over and key not in self._ids and "answer.json" in names

    async def _read_answers(self, keys: Iterable[Key]) -> None:
        paths = {
            f"{slate_folder(self._service, fingerprint)}/{number}/answer.json": (fingerprint, number)
            for fingerprint, number in keys
        }
        async for path, data in self._read.contents(list(paths)):
            try:
                request_id = json.loads(data or b"{}").get("request_id")
            except (ValueError, AttributeError, RecursionError):
                continue  # read whole, it is told as damaged
            if request_id is None or isinstance(request_id, str):
                self._ids[paths[path]] = request_id

    def _has_take(self, key: Key, takes: frozenset[str]) -> bool:
        request_id = self._ids.get(key)
        places = (take_key, other_take_key) if request_id is not None else ()
        return any(place(self._service, request_id or "") in takes for place in places)

    def _may_be_news(self, key: Key, names: frozenset[str], takes: frozenset[str], recent: bool) -> bool:
        """Whether an attempt is to be read (again). One that ended long ago is done with here."""
        if key in self._over:
            return False
        if key in self._known:
            before, had_take, attempt = self._known[key]
            # A claim without an answer grows old, and its process may die, without a record of it.
            changed = before != names or had_take != self._has_take(key, takes)
            return changed or attempt.state in ("claimed", "unknown") or bool(attempt.without_url)
        ended = key in self._ids and (self._ids[key] is None or self._has_take(key, takes))
        if ended and not recent:
            self._over.add(key)
            return False
        return True

    async def _ended(self, runs: Iterable[str]) -> dict[str, Summary]:
        """Return the last summary of each run that has one."""
        summaries: dict[str, Summary] = {}

        async def read(run: str) -> None:
            folder = f"{run_folder(run)}/"
            names = [key.removeprefix(folder) for key in await self._store.keys(folder)]
            numbers = [int(name.removesuffix(".json")) for name in names if name.removesuffix(".json").isdecimal()]
            if numbers and (data := await self._store.read(f"{folder}{max(numbers)}.json")) is not None:
                try:
                    summaries[run] = read_back(Summary, data, folder)
                except RecordDamaged:
                    return  # that it ended is no matter of money

        await asyncio.gather(*map(read, runs))
        return summaries


def _is_over(attempt: Attempt, since: datetime) -> bool:
    """Whether an attempt came to its end so long ago that it is no news."""
    end = attempt.take or attempt.answer or attempt.claim
    return attempt.state not in NOT_ENDED and end.at < since
