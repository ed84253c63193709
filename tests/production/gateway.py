"""
A gateway before the sandbox: it passes everything on, and changes what comes back as some real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Change = Callable[[bytes], httpx.Response | None]
"""Given the body of an answer, return what is answered instead; None leaves it as it is."""

PlainTransport = httpx.ASGITransport


class Gateway(httpx.AsyncBaseTransport):
    """What stands between this process and the sandbox. `asked` has the path of each request, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.changes: dict[str, Change] = {}
        self._beyond: httpx.AsyncBaseTransport | None = None

    def on(self, path: str, change: Change) -> None:
        """Change the answers to requests whose path begins so."""
        self.changes[path] = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, and its answer back."""
        assert self._beyond is not None
        self.asked.append(request.url.path)
        response = await self._beyond.handle_async_request(request)
        change = next((self.changes[path] for path in self.changes if request.url.path.startswith(path)), None)
        if change is None:
            return response
        content = await response.aread()
        said = change(content) or httpx.Response(response.status_code, headers=response.headers, content=content)
        # What comes over a network is still to be read.
        return httpx.Response(said.status_code, headers=said.headers, stream=httpx.ByteStream(said.content))

    def before(self, app: Any) -> Gateway:
        """Stand before an app."""
        self._beyond = PlainTransport(app)
        return self


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Return a gateway before whatever sandbox this process opens."""
    stands = Gateway()
    monkeypatch.setattr(httpx, "ASGITransport", stands.before)
    return stands
