"""
What carries requests to the API and brings answers back: one attempt each, nothing repeated, nothing followed.

The key is put on requests to the API's own origin, here and nowhere else, and taken out of whatever comes back. What
an answer means is not known here.
"""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from storyreel.imagine.fetch import is_private, name_of
from storyreel.imagine.pace import told_to_wait
from storyreel.imagine.wire import one_line

_CONNECT_S = 10.0
_DIRECT = ("127.0.0.1", "localhost", "[::1]")  # a proxy of the environment is never asked for this machine itself
_SECRET = 12  # shorter keys are a sandbox's, and cutting them out could tear an answer apart

# What httpx raises before one byte of a request is out. Anything else may have happened after it was.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class NotSent(Exception):
    """Nobody took the connection: no byte of the request is out."""


class NoAnswer(Exception):
    """The request is out, or part of it, and no whole answer came."""


@dataclass(frozen=True)
class Answer:
    """A status, its headers (found in any case), and the body as text, without the key if it was echoed."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def after_s(self) -> float | None:
        """The seconds that a Retry-After asks for."""
        return told_to_wait(self.headers)


class Connection:
    """
    The way to one API.

    Args:
        base_url: Where it is, its version included.
        key: Sent as a bearer token, to this origin alone; None sends none.
        transport: What carries requests instead of the network.
    """

    def __init__(self, base_url: str, key: str | None, transport: httpx.AsyncBaseTransport | None) -> None:
        self._base = httpx.URL(base_url.rstrip("/") + "/")
        self._key = key
        self._transport = transport
        bearer = _Bearer(key, self._base) if key else None
        self._questions = self._client(bearer, kept=8)
        # A kept connection may be dropped by the other side at the moment it is used again: an unknown submission out
        # of nothing. So each POST has a connection of its own.
        self._posts = self._client(bearer, kept=0)
        self.downloads = self._client(None, kept=8)
        self._private: bool | None = None

    @property
    def where(self) -> str:
        """The address as it may be shown."""
        return name_of(str(self._base)).rstrip("/")

    async def close(self) -> None:
        """Close what is open."""
        for client in (self._questions, self._posts, self.downloads):
            await client.aclose()

    async def is_private(self) -> bool:
        """Tell whether the API itself is in a private network or in this process, so that its files are too."""
        if self._private is None:
            self._private = self._transport is not None or await is_private(self._base.host) is True
        return self._private

    async def get(self, path: str) -> Answer:
        """
        Ask once.

        Raises:
            NotSent, NoAnswer: No whole answer came.
        """
        return await self._send(self._questions, self._questions.build_request("GET", self._base.join(path)), 60.0)

    async def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str], *, within_s: float) -> Answer:
        """
        Send JSON once, on a fresh connection.

        Args:
            path: Below the base address.
            body: Sent in its own order of fields.
            headers: Beside the usual ones.
            within_s: Time for all of it, connecting included, in seconds.

        Raises:
            NotSent: Surely not sent.
            NoAnswer: Perhaps sent.
        """
        request = self._posts.build_request(
            "POST",
            self._base.join(path),
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(),
            headers={"Content-Type": "application/json", **headers},
            timeout=httpx.Timeout(within_s, connect=_CONNECT_S, pool=None),
        )
        return await self._send(self._posts, request, within_s)

    async def upload(self, path: Path, mime: str, filename: str, *, keep_s: int, within_s: float) -> Answer:
        """
        Send a file once, as a form.

        Raises:
            NotSent, NoAnswer: No whole answer came.
        """
        with path.open("rb") as file:
            request = self._posts.build_request(
                "POST",
                self._base.join("files"),
                data={"expires_after": str(keep_s)},  # wanted before the file; httpx writes plain fields first
                files={"file": (filename, file, mime)},
                timeout=httpx.Timeout(120.0, connect=_CONNECT_S, pool=None),
            )
            return await self._send(self._posts, request, within_s)

    async def _send(self, client: httpx.AsyncClient, request: httpx.Request, within_s: float) -> Answer:
        try:
            async with asyncio.timeout(within_s):
                response = await client.send(request, stream=True)
                try:
                    text = (await response.aread()).decode("utf-8", "replace")
                except httpx.HTTPError:
                    if response.is_success:
                        raise
                    text = ""  # the status of a refusal says enough when its words are cut off
                finally:
                    await response.aclose()
        except _NOT_SENT as error:
            raise NotSent(self._hidden(f"{type(error).__name__}: {one_line(str(error), 120)}")) from None
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from None
        except TimeoutError:
            raise NoAnswer(f"nothing within {within_s:g} s") from None
        return Answer(response.status_code, response.headers, self._hidden(text))

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key and len(self._key) >= _SECRET else text

    def _client(self, auth: httpx.Auth | None, *, kept: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            auth=auth,
            transport=self._transport,
            verify=_trust(),
            mounts=None if self._transport else {f"all://{host}": None for host in _DIRECT},
            follow_redirects=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=kept),
            timeout=httpx.Timeout(30.0, connect=_CONNECT_S, pool=None),
            headers={"User-Agent": "storyreel"},
        )


class _Bearer(httpx.Auth):
    """Puts the key on requests to one origin, and on no others."""

    def __init__(self, key: str, home: httpx.URL) -> None:
        self._key = key
        self._home = _origin(home)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if _origin(request.url) == self._home:
            request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


@functools.cache
def _trust() -> ssl.SSLContext:
    # Reading the certificates takes tens of milliseconds; once a process is enough.
    return httpx.create_ssl_context()
