"""
A guard in front of a server on this machine: nobody gets in but the person's own processes and their browser.

Any page that is open in the person's browser can send requests here, and so can every other user of the machine. The
guard looks first at where a request comes from, and only then at what it has to show: the secret, a cookie, or a ticket
for one entrance. What is refused has reached nothing behind it.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storyreel.desk.secret import Secret
from storyreel.html_templates import html_template

TICKET_S = 3600.0
"""How long a ticket is good, if nobody has used it."""
COOKIE_S = 30 * 24 * 3600
"""How long a browser stays let in."""
ONCE = ("host", "origin", "authorization", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
"""Headers that say who is asking: where one comes twice, two readers may each believe another one."""
SAFE = {
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    # Prefect's page evaluates what it has compiled itself. It is to fetch from here alone: its own analytics would call.
    "content-security-policy": "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
}
"""Headers of every answer, where what is behind the guard has not said something stricter."""
HOW = "storyreel studio --open"

_log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is not let in; its text says why."""


class Guard:
    """
    An ASGI app that lets in whom it knows, and hands everybody else a 403.

    Args:
        app: What it stands before.
        secret: The secret of the desk.
        port: The port that is asked.
        cookie: The port that names the cookie: a desk has two pages, and one entrance is enough for both.
        how: The command that lets a browser in.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret: Secret,
        port: int,
        *,
        cookie: int | None = None,
        how: str = HOW,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._secret = secret
        self._port = port
        self._cookie = f"storyreel-{port if cookie is None else cookie}"
        self._how = how
        # Filled in once, now: what is refused later sets nothing going but the sending of a text.
        self._page = html_template("storyreel.desk", "refused").render(how=how)
        self._onward = html_template("storyreel.desk", "onward")
        self._clock = clock
        # Tickets of before are refused: which of them were used, nobody knows any more.
        self._began = clock()
        self.used: dict[str, float] = {}
        names = [f"{name}:{port}" for name in ("127.0.0.1", secret.browser_name)]
        self._hosts = frozenset(names if port != 80 else [*names, "127.0.0.1", secret.browser_name])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            ticket = self.judge(scope)
        except Refused as refused:
            _log.warning("refused (%s): %s %s", refused, scope.get("method", "WebSocket"), _shown(scope["path"]))
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._refusal(scope)(scope, receive, _safe(send))
            return
        if ticket:
            await self._entrance(scope)(scope, receive, _safe(send))
            return
        await self._app(scope, receive, _safe(send) if scope["type"] == "http" else send)

    def judge(self, scope: Scope) -> bool:
        """
        Judge a request.

        Returns:
            Whether it comes with a ticket, which is used up by that; else it is let in by what it has shown.

        Raises:
            Refused: It is not let in.
        """
        headers = Headers(scope=scope)
        for name in ONCE:
            if len(headers.getlist(name)) > 1:
                raise Refused(f"two {name} headers")
        # A target may be a whole address, with a host of its own beside the header's; browsers ask proxies so.
        if not scope["path"].startswith("/"):
            raise Refused("no path")
        host, origin = headers.get("host"), headers.get("origin")
        if host not in self._hosts:
            raise Refused("foreign host")
        if origin is not None and (scope["type"] == "websocket" or origin != f"http://{host}"):
            # Prefect's page opens no WebSocket: one with an origin is another page's.
            raise Refused("foreign origin")
        method = scope.get("method", "")
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            sought = (method, headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
            if sought != ("GET", "navigate", "document"):
                raise Refused("foreign site")
        if _same(headers.get("authorization", ""), self._secret.basic):
            return False
        if scope["type"] == "http":
            if method == "GET" and self._redeemed(scope, headers):
                return True
            # Whoever writes from a page says which page it is.
            if self._has_cookie(headers) and (origin is not None or method in ("GET", "HEAD")):
                return False
        raise Refused("no secret")

    def _has_cookie(self, headers: Headers) -> bool:
        pairs = (pair.strip().partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
        return any(name == self._cookie and _same(value, self._secret.cookie) for name, _, value in pairs)

    def _redeemed(self, scope: Scope, headers: Headers) -> bool:
        """Whether a ticket lets this request in; nobody gets in by it again."""
        ticket = dict(_query(scope)).get("ticket")
        # What a browser fetches beforehand, nobody looks at.
        if ticket is None or "prefetch" in (headers.get("sec-purpose", "") + headers.get("purpose", "")).lower():
            return False
        issued, now = self._secret.issued(ticket, self._port), self._clock()
        if issued is None or ticket in self.used or not max(self._began, now - TICKET_S) - 0.001 <= issued <= now + 1:
            return False
        self.used = {used: at for used, at in self.used.items() if at > now - TICKET_S} | {ticket: issued}
        return True

    def _entrance(self, scope: Scope) -> Response:
        """Return the answer to a ticket: the cookie, and the way to the same address without the ticket."""
        path = "/" + str(scope.get("raw_path", b"").decode("latin-1") or scope["path"]).lstrip("/\\")
        rest = "&".join(
            pair for pair in scope["query_string"].decode("latin-1").split("&") if not pair.startswith("ticket=")
        )
        where = f"{path}?{rest}" if rest else path
        headers = {"location": where, "cache-control": "no-store", "referrer-policy": "no-referrer"}
        answer: Response = Response(status_code=303, headers=headers)
        if Headers(scope=scope).get("sec-fetch-site", "none") != "none":
            # A way that began at another page: only from one of ours does the browser bring the cookie along.
            del headers["location"]
            answer = HTMLResponse(self._onward.render(where=where), headers=headers)
        answer.set_cookie(self._cookie, self._secret.cookie, max_age=COOKIE_S, httponly=True, samesite="strict")
        return answer

    def _refusal(self, scope: Scope) -> Response:
        headers = {"cache-control": "no-store"}
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            return PlainTextResponse(f"Only its own person gets in here; a browser by: {self._how}\n", 403, headers)
        return HTMLResponse(self._page, 403, headers)


def address(secret: Secret, port: int, now: float | None = None) -> str:
    """Return an address that lets a browser in, once."""
    ticket = secret.ticket(port, time.time() if now is None else now)
    return f"http://{secret.browser_name}:{port}/?ticket={ticket}"


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode())


def _query(scope: Scope) -> list[tuple[str, str]]:
    try:
        return parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=100)
    except ValueError:
        return []


def _shown(path: str) -> str:
    return path[:200].encode("unicode_escape").decode("ascii")


def _safe(send: Send) -> Send:
    """Return a `send` that adds to an answer the headers that it does not have yet."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            there: list[Any] = list(message.get("headers", ()))
            names = {bytes(name).lower() for name, _ in there}
            more = [(name.encode(), value.encode()) for name, value in SAFE.items() if name.encode() not in names]
            message = {**message, "headers": [*there, *more]}
        await send(message)

    return sent
