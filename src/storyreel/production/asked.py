"""
Whose takes a command is about: the sandbox's or the real API's, where nothing is going to be sent.

Who was at an address is remembered with the vault, so that what is made can be looked at and cut without a key and
without a network. Before anything is sent the service is always asked.
"""

from __future__ import annotations

from contextlib import suppress

from storyreel.catalog import Catalog
from storyreel.errors import KeyRefused, ServiceUnreachable, SettingsError, VaultError
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.planning.steps import within
from storyreel.production.outlook import forecast
from storyreel.settings import REAL_API, Settings
from storyreel.vault import Vault
from storyreel.vault.services import SERVICES

NOT_ASKED = (SettingsError, KeyRefused, ServiceUnreachable)
"""Why a service cannot be asked: there is no key, it is not taken (any more), nobody answers."""


async def service_asked(settings: Settings, catalog: Catalog, vault: Vault, *, sandbox: bool) -> ServiceName:
    """
    Return whose takes are meant, where they are only looked at. Neither a key nor a network is needed for it.

    Raises:
        VaultError: The vault cannot be read.
    """
    if sandbox:
        return "sandbox"
    if settings.base_url == REAL_API:
        return "xai"
    known = await vault.services_at(settings.base_url)
    if len(known) == 1:
        return known[0]
    # A client takes a quarter of a second to load, and is seldom needed.
    from storyreel.production.service import call

    try:
        async with call(settings, catalog, sandbox=False) as client:
            return (await client.service()).name
    except NOT_ASKED:
        return known[0] if known else "xai"


async def remember(settings: Settings, vault: Vault, service: ServiceName) -> None:
    """Note who has answered at the address that is asked. A vault that may only be read remembers nothing."""
    with suppress(VaultError):
        await vault.remember_service(settings.base_url, service)


async def with_every_clip(plan: Plan, settings: Settings, vault: Vault) -> ServiceName | None:
    """
    Return the service that has made a clip of every step, so that the film can be cut without asking anybody; None if
    something would have to be bought or fetched.

    Raises:
        VaultError: The vault cannot be read.
    """
    known: tuple[ServiceName, ...] = (
        ("xai",) if settings.base_url == REAL_API else await vault.services_at(settings.base_url)
    )
    for service in known or SERVICES:
        outlook = await forecast(plan, vault, service, allowed=within(plan, ()))
        if all(said.clip is not None for said in outlook):
            return service
    return None
