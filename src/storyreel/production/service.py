"""
Who makes the clips: the real API, or the sandbox inside this very process.

One client speaks to both; only the transport under it differs.
"""

from __future__ import annotations

import httpx

from storyreel.catalog import Catalog
from storyreel.errors import SettingsError
from storyreel.imagine import Imagine
from storyreel.settings import REAL_API, Settings

NOBODY = "http://nobody.invalid/v1"
"""The address of a service that is not asked: what is sent there goes nowhere."""
IN_PROCESS = "http://127.0.0.1/v1"
"""The address of the sandbox inside this process; nothing listens there, since the transport never opens a socket."""


def call(settings: Settings, catalog: Catalog, *, sandbox: bool) -> Imagine:
    """
    Return a client of the service that this run uses.

    Args:
        sandbox: Use the sandbox inside this process, whatever the environment says of keys and addresses.

    Raises:
        SettingsError: The real API is wanted, and there is no key.
    """
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
        )
    if settings.key is None:
        raise SettingsError(
            "there is no API key: set XAI_API_KEY"
            + ("" if settings.base_url == REAL_API else f" (for {settings.base_url})")
            + ", or rehearse free of charge with --sandbox"
        )
    return Imagine(
        settings.base_url,
        settings.key,
        poll_s=settings.poll_s,
        submits_per_second=catalog.submits_per_second,
    )


def nobody() -> Imagine:
    """Return a client that reaches nobody: for a run that has all it needs."""

    async def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the service could not be asked, so nothing is sent", request=request)

    return Imagine(NOBODY, None, transport=httpx.MockTransport(refuse))
