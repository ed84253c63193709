"""
How takes ended: one record a take, whoever has asked for it, and the ids that are awaited without an attempt of ours.
"""

from __future__ import annotations

import asyncio
import re
from typing import NamedTuple
from urllib.parse import unquote

from storyreel.errors import RecordDamaged, VaultError
from storyreel.model.recipe import ServiceName
from storyreel.vault import disk_space
from storyreel.vault.paths import awaited_key, later_key, other_take_key, service_folder, take_key
from storyreel.vault.record_store import TOGETHER, RecordStore
from storyreel.vault.record_text import read_back, written
from storyreel.vault.records import Awaited, Take, attempt_key

_FINGERPRINT = re.compile(rb'"fingerprint"\s*:\s*"([0-9a-f]{64})"')


class End(NamedTuple):
    """What a take says of itself: which attempt gave it, under which id, and where it stands."""

    attempt: int
    request_id: str
    key: str


class Takes:
    """The ends of takes, read and written."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._store = records.store
        self._ends: dict[str, dict[str, list[End]]] = {}
        self._read: dict[str, set[str]] = {}

    async def get(self, service: ServiceName, request_id: str) -> Take | None:
        """
        Return how a take ended; None if it has not, or if nobody has seen it.

        Raises:
            RecordDamaged: What has its name cannot be read, or is about another take.
        """
        take = await self._first_end(service, request_id)
        if take is None or not take.without_url:
            return take
        key = later_key(service, request_id)
        later = await self._records.read(Take, key)
        if later is not None and (later.service, later.request_id) != (service, request_id):
            raise self._records.damaged([key], f"{key} is about another take, {later.request_id} of {later.service}")
        return later or take

    async def _first_end(self, service: ServiceName, request_id: str) -> Take | None:
        key = take_key(service, request_id)
        take = await self._records.read(Take, key)
        if take is None or (take.service, take.request_id) == (service, request_id):
            return take
        # On a disk that does not tell a from A, two ids may have one name.
        if take_key(take.service, take.request_id).casefold() == key.casefold():
            return await self._records.read(Take, other_take_key(service, request_id))
        raise self._records.damaged([key], f"{key} is about another take, {take.request_id} of {take.service}")

    async def ids(self, service: ServiceName) -> tuple[str, ...]:
        """Return the ids of all takes that have ended, as their names tell them: of a very long one the beginning."""
        keys = await self._store.keys(f"{service_folder(service)}/takes/")
        return tuple(unquote(key.rpartition("/")[2].removesuffix(".json")) for key in keys)

    async def every(self, service: ServiceName) -> tuple[Take, ...]:
        """Return every take of a service that has ended, oldest first."""
        takes: dict[str, Take] = {}
        for folder in ("takes", "later"):
            keys = await self._store.keys(f"{service_folder(service)}/{folder}/")
            for some in (keys[n : n + TOGETHER] for n in range(0, len(keys), TOGETHER)):
                ends = await asyncio.gather(*(self._records.read(Take, key) for key in some))
                takes |= {take.request_id: take for take in ends if take is not None}
        return tuple(sorted(takes.values(), key=lambda take: take.at))

    async def by_fingerprint(self, service: ServiceName) -> dict[str, list[End]]:
        """Return the takes of a service by fingerprint. They never change, so each is read once."""
        by, read = self._ends.setdefault(service, {}), self._read.setdefault(service, set())
        keys = [key for key in await self._store.keys(f"{service_folder(service)}/takes/") if key not in read]
        async for key, data in self._records.contents(keys):
            if key in read:
                continue
            read.add(key)
            try:
                take = read_back(Take, data or b"", key)
                by.setdefault(take.fingerprint, []).append(End(take.attempt, take.request_id, key))
            except RecordDamaged:
                # Damaged as it is, it may still tell whose it is; it holds that step, and no other.
                if named := _FINGERPRINT.search(data or b""):
                    by.setdefault(named[1].decode(), []).append(End(0, "", key))
        return by

    async def note_awaited(self, service: ServiceName, request_id: str) -> None:
        """Note that a take is awaited which no attempt here has asked for: a storyboard is pinned to it."""
        await self._store.create(awaited_key(service, request_id), written(Awaited(request_id=request_id)))

    async def awaited(self, service: ServiceName) -> tuple[str, ...]:
        """Return the ids of the takes that were awaited in this way."""
        keys = await self._store.keys(f"{service_folder(service)}/awaited/")
        records = [await self._records.read(Awaited, key) for key in keys]
        return tuple(one.request_id for one in records if one is not None)

    async def end(self, take: Take) -> Take:
        """
        Write how a take ended, and return how it did: the first end that was written stands.

        One that was called done without an address has another end yet, which is written beside that.
        """
        key = take_key(take.service, take.request_id)
        if not await self._store.create(key, written(take)):
            there = await self._records.read(Take, key)
            if there is not None and there.request_id != take.request_id:
                await self._store.create(other_take_key(take.service, take.request_id), written(take))
        existing = await self.get(take.service, take.request_id)
        if existing is not None and existing.without_url and not take.without_url:
            await self._store.create(later_key(take.service, take.request_id), written(take))
            existing = await self.get(take.service, take.request_id)
        if existing is None:
            raise VaultError(f"the end of take {take.request_id} was removed while it was written")
        disk_space.settled(self._records.address, attempt_key(take.fingerprint, take.attempt))
        return existing
