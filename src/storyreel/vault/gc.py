"""
What may go from a vault: what can be made again, what killed processes left, and clips that no record names.

Only what has a name as we give them is looked at: a folder that was taken for a vault may have a `tmp` of somebody's own.
A paid clip is never among it. A clip without a record may be one all the same - its run may have ended between keeping
it and writing that down - so all of them stay as long as any request has no clip of its own to show.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storyreel.errors import RecordDamaged, VaultError
from storyreel.model.recipe import ServiceName
from storyreel.vault.attempts import Attempts
from storyreel.vault.clips import Clips
from storyreel.vault.deliveries import Delivery
from storyreel.vault.index import request_of
from storyreel.vault.paths import BROKEN, inbox_folder, index_folder, service_folder
from storyreel.vault.record_store import TOGETHER, RecordStore
from storyreel.vault.records import Take
from storyreel.vault.services import Services
from storyreel.vault.takes import Takes

RESTS_S = 3600.0
"""How long after it was written a file is left alone: a run may be at work with it."""

UNACCOUNTED = frozenset({"claimed", "unknown", "open", "lost", "expired", "missing"})
"""Attempts that may have had a clip of which no record tells."""

Kind = Literal["derived", "left over", "unnamed", "collected"]

_OURS = re.compile(
    r"derived/[a-z]+/[0-9a-f]{64}\.[a-z0-9]{1,8}"
    r"|tmp/([0-9]+-)?[0-9a-f]{16}(-twin)?"
    r"|clips/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,8}"
    r"|clips/broken/[^/]+"
    r"|[^/]+/inbox/[0-9a-f]{64}/[0-9]+"
    r"|[^/]+/index/[^/]+/[^/@]+@[0-9T]+-[0-9a-f]{64}-[0-9]+\.json"
)
"""The names of what we write and may remove again."""


@dataclass(frozen=True)
class Litter:
    """
    One file that may go: `derived` can be made again, `left over` is of a killed process, `unnamed` of no record, `collected` was
    put into the inbox by the service, and its take has its clip.
    """

    key: str
    kind: Kind
    size: int


class Gc:
    """What may go, looked for and removed."""

    def __init__(
        self, records: RecordStore, *, attempts: Attempts, takes: Takes, clips: Clips, services: Services
    ) -> None:
        self._records = records
        self._store = records.store
        self._attempts = attempts
        self._takes = takes
        self._clips = clips
        self._services = services
        # Records never change, so each is read once, however many files are looked at.
        self._names: dict[str, str | None] = {}

    async def litter(self) -> tuple[Litter, ...]:
        """Return what may go. Nothing is removed, and damaged records keep every clip that they may name."""
        old = await self._store.now() - RESTS_S
        litter = [
            *await self._old("derived/", "derived", old),
            *await self._old("tmp/", "left over", old),
            *[one for one in await self._old(BROKEN, "left over", old) if await self._fetched_since(one.key)],
        ]
        loose = [one for one in await self._old("clips/", "unnamed", old) if not one.key.startswith(BROKEN)]
        for service in await self._services.names():
            claimed = await self._attempts.claimed(service)
            ahead = [key for key in await self._ours(f"{index_folder(service)}/") if request_of(key) not in claimed]
            litter += await self._older(ahead, "left over", old)
            litter += await self._older(await self._collected(service), "collected", old)
        # With a record that cannot be read nobody knows which clip it names: then no clip is loose.
        with suppress(RecordDamaged):
            named = await self._named()
            loose = [one for one in loose if _sha256(one.key) not in named]
            if loose and await self._all_accounted_for():
                litter += loose
        return tuple(litter)

    async def sweep(self, litter: Iterable[Litter], *, on_freed: Callable[[Litter], None] = lambda _: None) -> None:
        """
        Remove what `litter` found. It may be broken off at any time.

        Args:
            on_freed: Called with each file that is gone.
        """
        for one in litter:
            if one.kind != "unnamed" or await self._removed(one.key):
                await self._store.delete(one.key)
                on_freed(one)

    async def _collected(self, service: ServiceName) -> list[str]:
        """Return what was put into the inbox by the service and is among the clips by now."""
        keys = {key: key.split("/")[-2:] for key in await self._ours(inbox_folder(service))}
        sound, _ = await self._attempts.of_each(service, list(dict.fromkeys(parts[0] for parts in keys.values())))
        return [
            key
            for key, (fingerprint, number) in keys.items()
            if any(str(one.number) == number and one.state == "clip" for one in sound.get(fingerprint, ()))
        ]

    async def _removed(self, key: str) -> bool:
        """Remove a clip that no record names - and put it back if a run has come to name it at that very moment."""
        with suppress(VaultError):
            clip = await self._store.local(key)
            if clip is None:
                return True
            with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
                copy = Path(folder) / clip.name
                await asyncio.to_thread(lambda: copy.write_bytes(clip.read_bytes()))
                await self._store.delete(key)
                named = True
                try:
                    named = _sha256(key) in await self._named()
                finally:
                    if named:
                        await asyncio.shield(self._store.put_file(key, copy, _sha256(key)))
                return not named
        return False

    async def _ours(self, prefix: str) -> list[str]:
        return [key for key in await self._store.keys(prefix) if _OURS.fullmatch(key)]

    async def _old(self, prefix: str, kind: Kind, before: float) -> list[Litter]:
        return await self._older(await self._ours(prefix), kind, before)

    async def _older(self, keys: Iterable[str], kind: Kind, before: float) -> list[Litter]:
        gate = asyncio.Semaphore(TOGETHER)

        async def look(key: str) -> Litter | None:
            async with gate:
                try:
                    written, size = await self._store.created(key), await self._store.size(key)
                except VaultError:
                    # Whoever wrote it has taken it away since it was listed.
                    if await self._store.read(key) is None:
                        return None
                    raise
                return Litter(key, kind, size or 0) if written < before else None

        looked = await asyncio.gather(*map(look, keys))
        return [one for one in looked if one is not None]

    async def _named(self) -> frozenset[str]:
        """Return the sha256 of every clip that some take names."""
        named: set[str | None] = set()
        for service in await self._services.names():
            shapes: dict[str, type[Take | Delivery]] = {"takes": Take, "later": Take, "deliveries": Delivery}
            for folder, shape in shapes.items():
                keys = await self._store.keys(f"{service_folder(service)}/{folder}/")
                new = [key for key in keys if key not in self._names]
                for some in (new[n : n + TOGETHER] for n in range(0, len(new), TOGETHER)):
                    read = await asyncio.gather(*(self._records.read(shape, key) for key in some))
                    self._names |= {key: one.sha256 for key, one in zip(some, read, strict=True) if one is not None}
                named |= {self._names.get(key) for key in keys}
        return frozenset(filter(None, named))

    async def _fetched_since(self, key: str) -> bool:
        """Whether the clip of a broken download came whole later on."""
        name = key.removeprefix(BROKEN)
        for service in await self._services.names():
            # What is broken is named as its take is, whatever letters the service puts into an id.
            take = None
            with suppress(RecordDamaged):
                take = await self._records.read(Take, f"{service_folder(service)}/takes/{name}.json")
            if take is not None and take.sha256 is not None and await self._clips.has(take.sha256):
                return True
        return False

    async def _all_accounted_for(self) -> bool:
        """Whether every request that was ever sent, or is awaited under an id, has an end, and a clip where there was one."""
        for service in await self._services.names():
            for request_id in await self._takes.awaited(service):
                take = await self._takes.get(service, request_id)
                if take is None or take.without_url:
                    return False
            attempts, damaged = await self._attempts.every(service)
            if damaged or any(one.state in UNACCOUNTED or one.open_ids or one.doubtful_id for one in attempts):
                return False
        return True


def _sha256(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0]
