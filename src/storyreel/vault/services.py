"""
Which service an address was: remembered for whoever only looks at what was made, or cuts it.

Nothing is bought on the strength of it: what answers at an address may be another one by then.
"""

from __future__ import annotations

import hashlib

from storyreel.model.recipe import ServiceName
from storyreel.vault.base import VaultPart
from storyreel.vault.paths import address_key
from storyreel.vault.records import Record

SERVICES: tuple[ServiceName, ...] = ("xai", "sandbox")


class Address(Record):
    """Somebody has answered at an address as this service. The address is without a name and a password."""

    service: ServiceName
    address: str


class Services(VaultPart):
    """The part of the vault that knows which service has answered at an address."""

    async def remember_service(self, address: str, service: ServiceName) -> None:
        """
        Note who has answered at an address.

        Raises:
            VaultError: The vault cannot be written.
        """
        key = address_key(service, _name(address))
        if await self._store.read(key) is None:
            await self._create(key, Address(service=service, address=address))

    async def services_at(self, address: str) -> tuple[ServiceName, ...]:
        """
        Return who has ever answered at an address.

        Raises:
            VaultError: The vault cannot be read.
        """
        keys = {service: address_key(service, _name(address)) for service in SERVICES}
        return tuple([service for service, key in keys.items() if await self._store.read(key) is not None])


def _name(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]
