"""
Who makes the clips - the real API, or the sandbox inside this very process - and whose takes a command is about.

One client speaks to both; only the transport under it differs. Who was at an address is remembered with the vault, so
that what is made can be looked at and cut without a key and without a network. Before anything is sent the service is
always asked.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storyreel.api_key import no_key
from storyreel.catalog import Catalog
from storyreel.errors import KeyRefused, ServiceUnreachable, SettingsError, VaultError
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.planning.steps import within
from storyreel.production.outlook import forecast
from storyreel.settings import Settings
from storyreel.variables.table import REAL_API
from storyreel.vault import Vault
from storyreel.vault.services import SERVICES

if TYPE_CHECKING:
    import httpx

    from storyreel.imagine import Imagine, Patience

NOBODY = "http://nobody.invalid/v1"
"""The address of a service that is not asked: what is sent there goes nowhere."""
IN_PROCESS = "http://127.0.0.1/v1"
"""The address of the sandbox inside this process; nothing listens there, since the transport never opens a socket."""
NOT_ASKED = (SettingsError, KeyRefused, ServiceUnreachable)
"""Why a service cannot be asked: there is no key, it is not taken (any more), nobody answers."""


def call(settings: Settings, catalog: Catalog, *, sandbox: bool, patience: Patience | None = None) -> Imagine:
    """
    Return a client of the service that this run uses.

    Args:
        sandbox: Use the sandbox inside this process, whatever the environment says of keys and addresses.
        patience: How long things are waited for; None for what is usual.

    Raises:
        SettingsError: The real API is wanted, and there is no key.
    """
    # A client takes a quarter of a second to load, and who only looks needs none.
    import httpx

    from storyreel.imagine import Imagine, Patience

    if sandbox:
        from storyreel.sandbox import SandboxSettings, create_app

        app = create_app(
            SandboxSettings(folder=settings.sandbox, latency_s=settings.sandbox_latency_s, submits_per_second=None),
            catalog,
        )
        return Imagine(
            IN_PROCESS,
            "sandbox",
            transport=httpx.ASGITransport(app),
            poll_s=settings.poll_s,
            submits_per_second=1000.0,
            patience=patience or Patience(),
            user=settings.user,
        )
    if settings.key is None:
        raise no_key("" if settings.base_url == REAL_API else settings.base_url, dotenv_beside(settings))
    return Imagine(
        settings.base_url,
        settings.key,
        poll_s=settings.poll_s,
        submits_per_second=catalog.submits_per_second,
        patience=patience or Patience(),
        user=settings.user,
    )


def dotenv_beside(settings: Settings) -> Path | None:
    """Return a `.env` in the person's folder or in that of their project, which is not read; None where there is none."""
    folders = (settings.root, *([settings.project] if settings.project is not None else []))
    return next((folder / ".env" for folder in folders if os.path.lexists(folder / ".env")), None)


def nobody() -> Imagine:
    """Return a client that reaches nobody: for a run that has all it needs."""
    import httpx

    from storyreel.imagine import Imagine

    async def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the service could not be asked, so nothing is sent", request=request)

    return Imagine(NOBODY, None, transport=httpx.MockTransport(refuse))


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
    known = await vault.services.at(settings.base_url)
    if len(known) == 1:
        return known[0]
    try:
        async with call(settings, catalog, sandbox=False) as client:
            return (await client.service()).name
    except NOT_ASKED:
        return known[0] if known else "xai"


async def remember(settings: Settings, vault: Vault, service: ServiceName) -> None:
    """Note who has answered at the address that is asked. A vault that may only be read remembers nothing."""
    with suppress(VaultError):
        await vault.services.remember(settings.base_url, service)


async def with_every_clip(plan: Plan, settings: Settings, vault: Vault) -> ServiceName | None:
    """
    Return the service that has made a clip of every step, so that the film can be cut without asking anybody; None if
    something would have to be bought or fetched.

    Raises:
        VaultError: The vault cannot be read.
    """
    known: tuple[ServiceName, ...] = (
        ("xai",) if settings.base_url == REAL_API else await vault.services.at(settings.base_url)
    )
    for service in known or SERVICES:
        outlook = await forecast(plan, vault, service, allowed=within(plan, ()))
        if all(each.clip is not None for each in outlook):
            return service
    return None
