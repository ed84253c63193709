"""
Whose takes a command is about, where nothing is going to be sent: the sandbox's or the real API's.
"""

from __future__ import annotations

from storyreel.catalog import Catalog
from storyreel.settings import REAL_API, Settings


async def service_asked(settings: Settings, catalog: Catalog, *, sandbox: bool) -> str:
    """
    Return whose takes are meant. Only another address than the real API's has to be asked.

    Raises:
        KeyRefused, ServiceUnreachable: It was asked, and does not tell.
    """
    if sandbox:
        return "sandbox"
    if settings.base_url == REAL_API or settings.key is None:
        return "xai"
    # A client takes a quarter of a second to load, and is seldom needed.
    from storyreel.studio.service import call

    async with call(settings, catalog, sandbox=False) as client:
        return (await client.service()).name
