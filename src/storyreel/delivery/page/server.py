"""
Show a folder of films in a browser: an index, a page for each board, the files behind them, and nothing else of the folder.

Files are read by ranges, so that a film can be wound to any place. What is written - a note, an approval - is taken only where a guard
stands before the server, and from its own pages alone.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from storyreel.delivery.page.boards import Boards, NoteChange, NothingThere
from storyreel.delivery.page.drawing import board_html, films_html, index_html, policy
from storyreel.delivery.page.films import KINDS, films_in, find
from storyreel.delivery.page.index import indexed
from storyreel.delivery.page.pictures import Pictures
from storyreel.errors import SettingsError, StoryreelError
from storyreel.model.recipe import ServiceName
from storyreel.settings import masked

HERE = ("127.0.0.1", "localhost")
REHEARSAL = "rehearsal"
"""The part of a page's address that says that it is about what was rehearsed."""
LARGEST = 64_000
"""Bytes of what a page may send: a note."""
# A page that runs its own script and fetches from nobody else: titles come from storyboards, which come from anywhere.
SAFE = {
    "Content-Security-Policy": f"{policy(served=True, scripts=('page.js', 'index.js'))}; frame-ancestors 'none'",
    # Another page that is open in the same browser shows no film of ours.
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # With none at all a browser does not say either from which page a form comes.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def create_app(
    out: Path, hosts: Sequence[str] = HERE, boards: Boards | None = None, *, guarded: bool = False
) -> Starlette:
    """
    Return the server of a folder of films.

    Args:
        hosts: The names that it may be asked under; others are refused, so that no page from elsewhere can give this
            machine a name of its own and read what only this machine may see. `*` allows any.
        boards: The storyboards whose pages are shown; None shows the films alone.
        guarded: Whether a guard stands before it: only then is anything written.
    """
    pictures = Pictures(None)

    async def index(_: Request) -> Response:
        films = await asyncio.to_thread(films_in, out)
        listed = await boards.listed() if boards is not None else ()
        return _page(index_html(await indexed(films, listed, pictures)))

    async def page(request: Request) -> Response:
        slug, service = _named(request)
        try:
            if boards is not None:
                drawn = await boards.drawn(slug, service)
                return _page(board_html(drawn.page.model_copy(update={"served": True, "writable": guarded})))
        except NothingThere:
            pass
        except StoryreelError as error:
            return _words(str(error), 500)
        films = [film for film in await asyncio.to_thread(films_in, out) if film.slug == slug]
        return _page(films_html(films)) if films else _words("There is no such film.", 404)

    async def media(request: Request) -> Response:
        slug, service = _named(request)
        try:
            path = await boards.media(slug, service, request.path_params["name"]) if boards is not None else None
        except NothingThere:
            path = None
        if path is None or not path.is_file():
            return _words("There is no such file.", 404)
        return FileResponse(path, headers=SAFE)

    async def note(request: Request) -> Response:
        slug, service = _named(request)
        if boards is None or not guarded or not _of_our_own(request):
            return _words("Notes are kept where a desk is open: storyreel studio.", 403)
        content = await _body(request)
        try:
            await boards.note(slug, service, NoteChange.model_validate_json(content))
        except ValidationError:
            return _words("That is no note.", 422)
        except NothingThere:
            return _words("There is no such film.", 404)
        except StoryreelError as error:
            return _words(str(error), 409)
        return Response(status_code=204, headers=SAFE)

    async def verdict(request: Request) -> Response:
        slug, service = _named(request)
        if boards is None or not guarded or not _of_our_own(request):
            return _words("Stills are approved where a desk is open (storyreel studio), or by storyreel approve.", 403)
        if not await _body(request):
            return _words("Say approved or rejected.", 422)
        async with request.form() as form:
            given = {name: form.get(name) for name in ("key", "seen", "verdict", "note")}
        key, seen, word, remark = (value if isinstance(value, str) else "" for value in given.values())
        if word not in ("approved", "rejected") or not (seen.isascii() and seen.isdecimal() and len(seen) < 6):
            return _words("Say approved or rejected.", 422)
        note = " ".join(remark[:1000].split())
        try:
            await boards.judge(slug, service, key, seen=int(seen), approve=word == "approved", note=note)
        except NothingThere:
            return _words("There is no such film.", 404)
        except StoryreelError as error:
            return _words(str(error), 409)
        return RedirectResponse("./#waiting", 303, headers=SAFE)

    async def file(request: Request) -> Response:
        path = find(out, request.path_params["slug"], request.path_params["name"])
        if path is None:
            return _words("There is no such film.", 404)
        return FileResponse(path, media_type=KINDS[path.suffix], headers=SAFE)

    def both(below: str, answer: Callable[..., object], method: str = "GET") -> list[Route]:
        return [Route(f"/{{slug}}{part}/{below}", answer, methods=[method]) for part in ("", f"/{REHEARSAL}")]

    return Starlette(
        routes=[
            Route("/", index),
            *both("", page),
            *both("media/{name}", media),
            *both("notes", note, "POST"),
            *both("verdict", verdict, "POST"),
            Route("/{slug}/{name}", file),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
    )


def _named(request: Request) -> tuple[str, ServiceName]:
    rehearsal = f"/{REHEARSAL}/" in request.url.path
    return str(request.path_params["slug"]), "sandbox" if rehearsal else "xai"


def _page(html: str) -> Response:
    return HTMLResponse(html.encode("utf-8", "replace"), headers=SAFE)


def _words(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers=SAFE)


def _of_our_own(request: Request) -> bool:
    """Whether a page of this very server sends it: the guard has looked at it before, and what writes looks again."""
    return request.headers.get("origin") == f"http://{request.headers.get('host')}"


async def _body(request: Request) -> bytes:
    """Return what was sent, none of which is read where it is too much."""
    if not request.headers.get("content-length", "").isdecimal():
        return b""
    return await request.body() if int(request.headers["content-length"]) <= LARGEST else b""


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket that listens; port 0 takes a free one.

    Raises:
        SettingsError: The port is taken, or the address is not this machine's.
    """
    if not 0 <= port <= 65535:
        raise SettingsError(f"films cannot be shown on port {port}: ports go from 1 to 65535 (0 takes a free one)")
    try:
        family, _, _, _, address = socket.getaddrinfo(host or HERE[0], port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except (OSError, ValueError) as error:  # the latter: a name that nobody could have
        if isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES):
            why, way = os.strerror(error.errno), "choose another --port"
        else:
            why, way = "that is no address of this machine", f"choose another --host, such as {HERE[0]}"
        raise SettingsError(f"films cannot be shown on {masked(host)}:{port}: {why}; {way}") from None


class _Server(uvicorn.Server):
    """A server that says when it answers, and leaves the signals of the process to others."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._ready:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_films(
    out: Path,
    listening: socket.socket,
    ready: Callable[[], None] | None = None,
    guarded: Callable[[ASGIApp], ASGIApp] | None = None,
    boards: Boards | None = None,
) -> None:
    """
    Serve a folder of films until the task is cancelled.

    Args:
        ready: Called when it answers.
        guarded: Puts a guard before it, who also judges the name that it is asked under; without one nothing is written.
        boards: The storyboards whose pages are shown.
    """
    address = listening.getsockname()[0]
    alone = ipaddress.ip_address(address).is_loopback
    here = (*HERE, f"[{address}]" if ":" in address else address)
    names = here if alone and guarded is None else ("*",)
    app: ASGIApp = create_app(out, names, boards, guarded=guarded is not None)
    config = uvicorn.Config(
        app if guarded is None else guarded(app),
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, ready)
    try:
        await server.serve(sockets=[listening])
    except asyncio.CancelledError:
        await server.shutdown(sockets=[listening])
        raise
