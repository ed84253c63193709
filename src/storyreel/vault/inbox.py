"""
Clips that the service itself puts into the vault: a place for each attempt, and the address at which it may be written.

A team with zero data retention has to say where its clips go, since the service keeps none of them. The address is made
before the claim, holds for a day, and lets its bearer write that one object: it is a secret, and stands in no record. What
came stays where it was put until the attempt's take has its clip, and longer: it is `gc` that removes it.
"""

from __future__ import annotations

from pathlib import Path

from storyreel.model.recipe import ServiceName
from storyreel.vault.paths import inbox_key
from storyreel.vault.record_store import RecordStore

HOLDS_S = 24 * 3600
"""How long the service may write to an address."""
CLIP_MOST = 512 * 2**20
"""Bytes of what is taken out of an inbox at most; a clip of 15 s has a fiftieth of that."""


class Inbox:
    """Where the service puts clips, if the vault is a place that it can reach."""

    def __init__(self, records: RecordStore) -> None:
        self._store = records.store

    async def address(self, service: ServiceName, fingerprint: str, attempt: int) -> str | None:
        """
        Return where the service may put the clip of one attempt, for a day; None where nobody else can write to the vault.

        Raises:
            VaultError: It cannot be signed.
        """
        return await self._store.put_address(inbox_key(service, fingerprint, attempt), HOLDS_S)

    async def has(self, service: ServiceName, fingerprint: str, attempt: int) -> bool:
        """
        Whether something was put there for an attempt.

        Raises:
            VaultError: The vault cannot be read.
        """
        return bool(await self._store.size(inbox_key(service, fingerprint, attempt)))

    async def fetch(self, service: ServiceName, fingerprint: str, attempt: int, to: Path) -> bool:
        """
        Copy what was put there for an attempt to a path of the caller's choice; False where nothing was, or an empty object.

        Raises:
            VaultError: The vault cannot be read, or what lies there is too large for a clip.
        """
        return (
            await self._store.fetch(inbox_key(service, fingerprint, attempt), to, CLIP_MOST) and to.stat().st_size > 0
        )
