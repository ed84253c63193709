"""
What carries requests to the API and brings answers back: one attempt each, nothing repeated, nothing followed.

The key is put on requests to the API's own origin, here and nowhere else, and taken out of whatever comes back. What
an answer means is not known here.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import os
import re
import ssl
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from storyreel.errors import SettingsError
from storyreel.imagine.addresses import is_private, name_of, read_address
from storyreel.imagine.answer_fields import one_line
from storyreel.imagine.bounded_read import read_at_most
from storyreel.imagine.download import Ways
from storyreel.imagine.proxies import cannot_be_used, proxy_for
from storyreel.imagine.rate import told_to_wait
from storyreel.imagine.send_deadline import SENT_WITHIN_S, Lapsed, Lease, Posting

_CONNECT_S = 10.0
QUESTION_S = 60.0
"""The whole life of a question, however slowly its answer drips in."""
ANSWER_BYTES = 1 << 20
"""The most that an answer may have, unpacked: a hundred times what any answer of the service has."""
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_SECRET = 12  # shorter keys are a sandbox's, and cutting them out could tear an answer apart

# What httpx raises before one byte of a request is out. Anything else may have happened after it was.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class NotSent(Exception):
    """Nobody took the connection: no byte of the request is out."""


class NotWhole(NotSent):
    """
    The request was not begun, or cut before its last byte: the service cannot have it.

    `lapsed` says that its claim had grown too old; nothing is wrong with the way to the service.
    """

    def __init__(self, why: str, *, lapsed: bool = False) -> None:
        super().__init__(why)
        self.lapsed = lapsed


class NoAnswer(Exception):
    """The request is out, and no whole answer came."""


@dataclass(frozen=True)
class Answer:
    """
    A status, its headers (found in any case), and the body as text, without the key if it was echoed.

    `cut` says why the body is not the whole of it; empty where it is. `onward` is where a redirect leads, as it may be
    shown; nothing follows it. `raw` is the body of an answer that is no text, such as a picture. `exact` is the text
    with what is no UTF-8 kept (as surrogates), for ids.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    cut: str = ""
    onward: str = ""
    raw: bytes = b""
    exact: str = ""

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

    Raises:
        SettingsError: The address, a proxy of the environment or the certificates named there cannot be used.
    """

    def __init__(self, base_url: str, key: str | None, transport: httpx.AsyncBaseTransport | None) -> None:
        base = read_address(base_url.rstrip("/") + "/")
        if base is None or not base.host:
            raise SettingsError("the service's address cannot be read; look at XAI_BASE_URL")
        self._base = base
        self._key = key
        self._transport = transport
        bearer = _Bearer(key, self._base) if key else None
        proxy = None if transport else proxy_for(base)
        self._questions = self._client(bearer, keepalive=8, proxy=proxy, answers=True)
        # A kept connection may be dropped by the other side at the moment it is used again: an unknown submission out
        # of nothing. So each POST has a connection of its own.
        self._posts = self._client(bearer, keepalive=0, proxy=proxy, answers=True)
        self.downloads = self._client(None, keepalive=8)
        self._own_downloads = self._client(bearer, keepalive=0, proxy=proxy) if bearer else None
        self._proxied: dict[str, httpx.AsyncClient] = {}
        self._private: bool | None = None

    @property
    def where(self) -> str:
        """The address as it may be shown."""
        return name_of(str(self._base)).rstrip("/")

    async def close(self) -> None:
        """Close what is open."""
        for client in (self._questions, self._posts, self.downloads, self._own_downloads, *self._proxied.values()):
            if client is not None:
                await client.aclose()

    async def is_private(self) -> bool:
        """Tell whether the API itself is in a private network or in this process, so that its files are too."""
        if self._private is None:
            self._private = self._transport is not None or await is_private(self._base.host) is True
        return self._private

    async def ways(self) -> Ways:
        """Return how files are reached. Whether private addresses are, does not depend on the environment's proxies."""
        return Ways(self.downloads, self._through, guarded=not await self.is_private(), with_key=self._with_key)

    def absolute(self, url: str) -> str:
        """Return an address that an answer gives, as one of the API's own host where it names none."""
        try:
            return str(self._base.join(url.strip())) if url.strip().startswith("/") else url
        except (httpx.InvalidURL, ValueError):
            return url

    def _with_key(self, url: httpx.URL) -> httpx.AsyncClient | None:
        """Return what asks the API's own origin with the key; None for any other, and where there is no key."""
        return self._own_downloads if _origin(url) == _origin(self._base) else None

    async def get(self, path: str) -> Answer:
        """
        Ask once.

        Raises:
            NotSent, NoAnswer: No whole answer came.
        """
        request = self._questions.build_request("GET", self._base.join(path))
        return _whole(await self._send(self._questions, request, asyncio.timeout(QUESTION_S), _late(QUESTION_S)))

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        *,
        within_s: float,
        lease: Lease,
        most: int = ANSWER_BYTES,
    ) -> Answer:
        """
        Send JSON once, on a fresh connection.

        Args:
            path: Below the base address.
            body: Sent in its own order of fields.
            headers: Beside the usual ones.
            within_s: Time for the answer once the request is out, in seconds.
            lease: Until when it may be sent, connecting included.
            most: Bytes of the answer that are read. One that is cut is given all the same: what came may tell enough.

        Raises:
            NotSent: Surely not sent. As NotWhole: not whole, or not begun since the lease has run out.
            NoAnswer: Sent.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(max(lease.left_s(), 0.0))
        posting = Posting(content, lease, lambda: limit.reschedule(loop.time() + within_s))
        request = self._posts.build_request(
            "POST",
            self._base.join(path),
            content=posting.body(),
            headers={"Content-Type": "application/json", "Content-Length": str(len(content)), **headers},
            timeout=httpx.Timeout(max(within_s, SENT_WITHIN_S), connect=_CONNECT_S, pool=None),
            extensions={"trace": posting.trace},
        )
        try:
            lease.hold()
            if self._transport is not None:
                await lease.look()
            return await self._send(self._posts, request, limit, _late(within_s), most)
        except Lapsed as lapsed:
            raise NotWhole(str(lapsed), lapsed=True) from None
        except NoAnswer as error:
            if posting.whole:
                raise
            slow = limit.expired()
            why = f"within {SENT_WITHIN_S:g} s of its claim" if slow else str(error)
            raise NotWhole(f"the request could not be sent whole ({why}; {posting.progress})", lapsed=slow) from None

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
            return _whole(await self._send(self._posts, request, asyncio.timeout(within_s), _late(within_s)))

    async def _send(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        limit: asyncio.Timeout,
        late: str,
        most: int = ANSWER_BYTES,
    ) -> Answer:
        response, came = None, bytearray()
        try:
            async with limit:
                response = await client.send(request, stream=True)
                try:
                    content, cut = await read_at_most(response, most, came)
                finally:
                    await response.aclose()
        except _NOT_SENT as error:
            raise NotSent(self._hidden(f"{type(error).__name__}: {one_line(str(error), 120)}")) from None
        except (httpx.HTTPError, UnicodeError) as error:
            raise NoAnswer(type(error).__name__) from None
        except TimeoutError:
            if response is None or not came:
                raise NoAnswer(late) from None
            # Whoever leaves a line open may have said what matters.
            content, cut = bytes(came[:most]), "it did not end in its time"
        onward = response.extensions.get("onward", "")
        return Answer(
            response.status_code,
            response.headers,
            self._hidden(content.decode("utf-8", "replace")),
            cut,
            self._hidden(_shown(request.url, onward)) if onward else "",
            b"" if _is_text(content) else self._hidden_in(content),
            self._hidden(content.decode("utf-8", "surrogateescape")),
        )

    def _hidden_in(self, content: bytes) -> bytes:
        # As in a text: a short key's letters may stand anywhere in a picture.
        return content.replace(self._key.encode(), b"***") if self._key and len(self._key) >= _SECRET else content

    def _hidden(self, text: str) -> str:
        """Take the key out of a text, also where it stands there as JSON or an address would write it."""
        if not self._key or len(self._key) < _SECRET:
            return text
        for spelling in (self._key, json.dumps(self._key)[1:-1], quote(self._key, safe=""), quote(self._key)):
            text = text.replace(spelling, "***")
        if "\\" in text:
            plain = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], text)
            if self._key in plain:
                # It is in there with escapes of somebody's own choice: the answer is written anew, in ours.
                try:
                    return json.dumps(json.loads(text), ensure_ascii=False).replace(json.dumps(self._key)[1:-1], "***")
                except (ValueError, RecursionError):
                    return "an answer that repeats the key"
        return text

    def _through(self, url: httpx.URL) -> httpx.AsyncClient | None:
        proxy = None if self._transport else proxy_for(url)
        if proxy is not None and proxy not in self._proxied:
            self._proxied[proxy] = self._client(None, keepalive=8, proxy=proxy)
        return self._proxied[proxy] if proxy is not None else None

    def _client(
        self, auth: httpx.Auth | None, *, keepalive: int, proxy: str | None = None, answers: bool = False
    ) -> httpx.AsyncClient:
        """Return a client that asks through a proxy, or directly; `answers` says that the API answers it."""
        try:
            return httpx.AsyncClient(
                auth=auth,
                transport=self._transport,
                verify=trust(),
                proxy=proxy,
                # The environment was read for the proxy: httpx fails on parts of it that it has no need of.
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=keepalive),
                timeout=httpx.Timeout(30.0, connect=_CONNECT_S, pool=None),
                headers={"User-Agent": "storyreel", "Accept-Encoding": "identity"},
                event_hooks={"response": [_keep_onward] if answers else []},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            raise cannot_be_used() from None


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _whole(answer: Answer) -> Answer:
    """Return an answer to something that is free, and may be asked again, only if all of it came."""
    if answer.cut and 200 <= answer.status < 300:
        raise NoAnswer(answer.cut)
    return answer


def _shown(asked: httpx.URL, location: str) -> str:
    try:
        return name_of(str(asked.join(location)))
    except (httpx.InvalidURL, ValueError):
        return "what is no address"


async def _keep_onward(response: httpx.Response) -> None:
    """Put aside where a redirect leads: httpx reads it although it is not followed, and drops an answer for an odd one."""
    if 300 <= response.status_code < 400:
        response.extensions["onward"] = response.headers.pop("location", "")


def _late(within_s: float) -> str:
    return f"nothing within {within_s:g} s"


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
def trust() -> ssl.SSLContext:
    """
    Return whose certificates are believed.

    Raises:
        SettingsError: SSL_CERT_FILE or SSL_CERT_DIR names what cannot be read.
    """
    # Reading the certificates takes tens of milliseconds; once a process is enough.
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        named = " and ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
        raise SettingsError(
            f"the certificates cannot be read ({error.strerror or type(error).__name__})"
            + (f"; look at what {named} names" if named else "")
        ) from None


class _Unsigned(logging.Filter):
    """Takes names, passwords and signatures out of the addresses that httpx logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(name_of(str(one)) if isinstance(one, httpx.URL) else one for one in record.args)
        return True


logging.getLogger("httpx").addFilter(_Unsigned())
