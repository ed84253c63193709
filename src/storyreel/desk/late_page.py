"""
Prefect's page at a server that is there for one command: made when a browser first asks for it, since most commands are never looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

API = "/api"
"""Where Prefect's API is; all else is its page. Source: prefect/server/api/server.py of 3.8.8, read 2026-11-28."""


class LatePage:
    """
    An ASGI app with a page that is made when it is asked for.

    Args:
        app: Answers all else.
        make: Makes the page. It may take a second, and is called once, in a thread.
    """

    def __init__(self, app: ASGIApp, make: Callable[[], ASGIApp]) -> None:
        self._app = app
        self._make = make
        self._page: asyncio.Task[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or as the page."""
        app = self._app
        if scope["type"] == "http" and scope["path"] != API and not scope["path"].startswith(f"{API}/"):
            app = await self._made()
        await app(scope, receive, send)

    async def _made(self) -> ASGIApp:
        if self._page is None:
            self._page = asyncio.create_task(asyncio.to_thread(self._make))
        page = self._page
        try:
            # A browser that goes away takes nobody else's page with it.
            return await asyncio.shield(page)
        except Exception:
            # What did not work once is tried again for the next who asks.
            if self._page is page:
                self._page = None
            raise
