"""
Which service an address was: remembered for whoever only looks at what was made, or cuts it.

Nothing is bought on the strength of it: what answers at an address may be another one by then.
"""

from __future__ import annotations

import hashlib
from typing import cast

from storyreel.model.recipe import ServiceName
from storyreel.vault.paths import OURS, address_key
from storyreel.vault.record_store import RecordStore
from storyreel.vault.records import Record

SERVICES: tuple[ServiceName, ...] = ("xai", "sandbox")


class Address(Record):
    """Somebody has answered at an address as this service. The address is without a name and a password."""

    service: ServiceName
    address: str


class Services:
    """Which service has answered at an address, and which the vault has anything of."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._store = records.store

    async def names(self) -> tuple[ServiceName, ...]:
        """Return the services that the vault has records of."""
        # What a newer version keeps for another service is looked at all the same: it may be paid for.
        names = sorted({key.partition("/")[0] for key in await self._store.keys("")} - OURS)
        return cast("tuple[ServiceName, ...]", tuple(names))

    async def remember(self, address: str, service: ServiceName) -> None:
        """
        Note who has answered at an address.

        Raises:
            VaultError: The vault cannot be written.
        """
        key = address_key(service, _name(address))
        if await self._store.read(key) is None:
            await self._records.create(key, Address(service=service, address=address))

    async def at(self, address: str) -> tuple[ServiceName, ...]:
        """
        Return who has ever answered at an address.

        Raises:
            VaultError: The vault cannot be read.
        """
        keys = {service: address_key(service, _name(address)) for service in SERVICES}
        return tuple([service for service, key in keys.items() if await self._store.read(key) is not None])


def _name(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]
