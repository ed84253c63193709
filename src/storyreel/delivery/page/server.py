"""
Show films in a browser: a page that lists them, and the files behind it, and nothing else of the folder.

What belongs to a film is known by its name: `<slug>/<slug>[.<delivery>][.sandbox].mp4`, `.mov` where it is handed to an editor, with its
contact sheet (`.png`), its cut list (`.cut.json`) and its captions (`.vtt`, `.srt`) beside it. A rough cut, `<slug>.rough.mp4`, is
shown until there is a film that is newer. Whatever else lies there - a vault, a person's own files - does not exist here. Files are read
by ranges, so that a film can be wound to any place.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from storyreel.errors import SettingsError
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.html_templates import html_template
from storyreel.settings import masked

KINDS = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".png": "image/png",
    ".json": "application/json",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
}
NAME = re.compile(
    r"(?P<film>(?P<slug>[A-Za-z0-9_][A-Za-z0-9_-]*)(?P<rough>\.rough)?(?:\.[a-z0-9-]+){0,2})(?:\.mp4|\.mov|\.png|\.vtt|\.srt|\.cut\.json|\.review-[0-9a-f]{16}\.png)"
)
"""The name of a file that belongs to a film; its folder has the name of the slug."""
ROUGH = "rough"
LANGUAGE = re.compile(r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}")
LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
LONGEST, MOST = 300, 10**9
"""Characters of a title, and the largest number, that the page shows."""
HERE = ("127.0.0.1", "localhost")
# A page that runs no script and fetches from nobody else: titles come from storyboards, which come from anywhere.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    # Another page that is open in the same browser shows no film of ours.
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class FilmOnPage:
    """
    A film as the page shows it; addresses are relative to the page. Seconds and dollars are None where unknown. `language` is that of
    its captions in BCP 47, empty where nobody named it.
    """

    name: str
    title: str
    film: str
    sheet: str | None
    cut_list: str | None
    vtt: str | None
    srt: str | None
    language: str
    cut_at: datetime
    seconds: float | None
    size: tuple[int, int] | None
    charged_usd: float | None
    rehearsal: bool
    readable: bool = True
    """Whether its cut list can be read, if it has one."""
    rough: bool = False
    delivery: str = ""
    """Which film of its storyboard it is; empty for the master."""
    placeholders: tuple[int, int] | None = None
    """Of a rough cut: how many of how many scenes are placeholders; None where its cut list does not say."""

    @property
    def plays(self) -> bool:
        """Whether a browser may play it: none has ProRes, which is all that stands in a MOV."""
        return not self.film.endswith(".mov")

    @property
    def facts(self) -> list[str]:
        """What is known of it, in a few words each."""
        facts = [f"{self.seconds:g} s"] if self.seconds is not None else []
        if self.placeholders is not None:
            facts.append("{} of {} scenes are placeholders".format(*self.placeholders))
        if self.size is not None:
            facts.append(f"{self.size[0]} × {self.size[1]}")
        if self.rehearsal:
            facts.append("rehearsal: nothing was billed")
        elif self.charged_usd is not None:
            facts.append(f"${self.charged_usd:.2f}")
        if not self.readable:
            facts.append("its cut list cannot be read")
        facts.append(f"{self.cut_at.astimezone():%Y-%m-%d %H:%M}")
        return facts


def films_in(out: Path) -> list[FilmOnPage]:
    """Return the films in a folder, the newest first."""
    return sorted(_films(out), key=lambda film: (film.cut_at, film.name), reverse=True)


def _films(out: Path) -> Iterator[FilmOnPage]:
    for path in (*out.glob("*/*.mp4"), *out.glob("*/*.mov")):
        there = find(out, path.parent.name, path.name)
        if there is None:
            continue
        rough = ROUGH in path.stem.split(".")
        if rough and _is_outdated(path, there):
            continue
        listed = find(out, path.parent.name, f"{path.stem}.cut.json")
        fields = _read(listed)
        try:
            cut_at = datetime.fromtimestamp(min(max(there.stat().st_mtime, 0), LATEST), UTC)
        except OSError:
            continue  # it was there a moment ago
        yield FilmOnPage(
            name=path.stem,
            title=_line(fields.get("title")) or path.stem,
            film=_address(path),
            sheet=_beside(out, path, ".png"),
            cut_list=_address(path.with_suffix(".cut.json")) if listed else None,
            vtt=_beside(out, path, ".vtt"),
            srt=_beside(out, path, ".srt"),
            language=_language(fields.get("captions")),
            cut_at=cut_at,
            seconds=_number(fields.get("seconds")),
            size=_size(fields.get("size")),
            charged_usd=_charged(fields),
            rehearsal=fields.get("service") == "sandbox" or path.stem.endswith(".sandbox"),
            readable=listed is None or bool(fields),
            rough=rough,
            delivery=_delivery(path),
            placeholders=_placeholders(fields) if rough else None,
        )


def _delivery(film: Path) -> str:
    return ".".join(part for part in film.stem.split(".")[1:] if part not in (ROUGH, "sandbox"))


def _is_outdated(rough: Path, there: Path) -> bool:
    """Whether a rough cut is older than the film that it was shown in the place of."""
    film = rough.with_name(rough.name.replace(f".{ROUGH}", "", 1))
    try:
        return film.stat().st_mtime >= there.stat().st_mtime
    except OSError:
        return False


def find(out: Path, slug: str, name: str) -> Path | None:
    """Return a file that belongs to a film in a folder; None if it is none, is not there, or leads out of the folder."""
    known = NAME.fullmatch(name)
    if known is None or known["slug"] != slug:
        return None
    try:
        path, root = (out / slug / name).resolve(strict=True), out.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return path if path.is_relative_to(root) and path.suffix in KINDS and path.is_file() else None


def create_app(out: Path, hosts: Sequence[str] = HERE) -> Starlette:
    """
    Return the server of a folder of films.

    Args:
        hosts: The names that it may be asked under; others are refused, so that no page from elsewhere can give this
            machine a name of its own and read what only this machine may see. `*` allows any.
    """

    async def page(_: Request) -> Response:
        return HTMLResponse(await asyncio.to_thread(lambda: index(films_in(out))), headers=SAFE)

    async def file(request: Request) -> Response:
        path = find(out, request.path_params["slug"], request.path_params["name"])
        if path is None:
            return PlainTextResponse("There is no such film.\n", 404, headers=SAFE)
        return FileResponse(path, media_type=KINDS[path.suffix], headers=SAFE)

    return Starlette(
        routes=[Route("/", page), Route("/{slug}/{name}", file)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
    )


def index(films: list[FilmOnPage]) -> str:
    """Return the page that lists films."""
    return html_template("storyreel.delivery.page", "films").render(films=films)


def _address(path: Path) -> str:
    return f"{quote(path.parent.name)}/{quote(path.name)}"


def _beside(out: Path, film: Path, suffix: str) -> str | None:
    """Return the address of what stands beside a film; None where nothing does."""
    path = film.with_suffix(suffix)
    return _address(path) if find(out, film.parent.name, path.name) else None


def _language(captions: object) -> str:
    """Return the language of captions, if it could be one: it stands in the page."""
    written = captions.get("language") if isinstance(captions, dict) else None
    return written if isinstance(written, str) and LANGUAGE.fullmatch(written) else ""


def _read(cut_list: Path | None) -> dict[str, Any]:
    """Return what a cut list says; nothing if it cannot be read. It may come from anywhere, so nothing of it is believed."""
    if cut_list is None:
        return {}
    try:
        fields = json.loads(read_plain(cut_list, WORDS_MOST))
    except (OSError, ValueError, RecursionError, MemoryError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _line(value: object) -> str:
    """Return a value as one line of text that can be sent; nothing if it is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join(value[:LONGEST].encode("utf-8", "replace").decode().split())


def _charged(cut_list: dict[str, Any]) -> float | None:
    """Return what a film was charged, whatever came of each request; None if the service said of none what it charged."""
    totals, listed = cut_list.get("totals"), [cut_list.get(part) for part in ("steps", "unused")]
    rows = [row for part in listed if isinstance(part, list) for row in part if isinstance(row, dict)]
    if not isinstance(totals, dict) or (rows and all(row.get("charged_usd") is None for row in rows)):
        return None
    return _number(totals.get("charged_usd"))


def _placeholders(cut_list: dict[str, Any]) -> tuple[int, int] | None:
    cuts = cut_list.get("cuts")
    shots = [shot for shot in cuts if isinstance(shot, dict)] if isinstance(cuts, list) else []
    scenes = {str(shot.get("scene")) for shot in shots}
    missing = {str(shot.get("scene")) for shot in shots if isinstance(shot.get("placeholder"), str)}
    return (len(missing), len(scenes)) if shots else None


def _number(value: object) -> float | None:
    """Return a value as a number that can be shown; None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MOST:
        return None
    return float(value)


def _size(value: object) -> tuple[int, int] | None:
    if (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(side, int) and 0 < side <= MOST for side in value)
    ):
        return value[0], value[1]
    return None


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
) -> None:
    """
    Serve a folder of films until the task is cancelled.

    Args:
        ready: Called when it answers.
        guarded: Puts a guard before it, who also judges the name that it is asked under.
    """
    address = listening.getsockname()[0]
    alone = ipaddress.ip_address(address).is_loopback
    here = (*HERE, f"[{address}]" if ":" in address else address)
    app: ASGIApp = create_app(out, here if alone and guarded is None else ("*",))
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
