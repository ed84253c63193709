"""
The guard of a desk: who gets in, and that nobody else does.
"""

import asyncio
import itertools
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from storyreel.desk.guard import Guard, address
from storyreel.desk.secret import Secret, keep_secret, prefect_variables, read_secret
from storyreel.errors import SettingsError

PORT, FILMS = 4200, 4201
SECRET, OTHER = Secret("5" * 64), Secret("6" * 64)
NAME = f"{SECRET.browser_name}:{PORT}"
BASIC = ("authorization", SECRET.basic)
COOKIE = ("cookie", f"storyreel-{PORT}={SECRET.cookie}")
NOW = 1_800_000_000.0

Headers = list[tuple[str, str]]


@dataclass
class Door:
    """A guard, the clock on its wall, and what has got through."""

    port: int = PORT
    now: float = NOW
    let_in: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard = Guard(self._app, SECRET, self.port, cookie=PORT, clock=lambda: self.now)

    async def _app(self, scope: Any, _receive: Any, send: Any) -> None:
        self.let_in.append(f"{scope.get('method', 'WebSocket')} {scope['path']}")
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"no-referrer")]})
        await send({"type": "http.response.body", "body": b"in"})

    def knock(self, headers: Headers, method: str = "GET", target: str = "/", kind: str = "http") -> tuple[int, Any]:
        """Ask for something, and return the status and the answer's headers; 403 for a WebSocket that is refused."""
        path, _, query = target.partition("?")
        scope = {
            "type": kind,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        }
        if kind == "http":
            scope["method"] = method
        said: list[Any] = []

        async def send(message: Any) -> None:
            said.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        asyncio.run(self.guard(scope, receive, send))
        if kind == "websocket":
            return (101 if said[0]["type"] == "websocket.accept" else 403), {}
        assert said[-1].get("more_body", False) is False
        return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}


@pytest.fixture
def door() -> Door:
    """Return a guard with an app behind it."""
    return Door()


def host(name: str) -> tuple[str, str]:
    return ("host", name)


HERE = host(f"127.0.0.1:{PORT}")
THERE = host(NAME)
ORIGIN = ("origin", f"http://{NAME}")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", [HERE, BASIC], id="a process reads"),
        pytest.param("POST", [HERE, BASIC], id="a process writes"),
        pytest.param("DELETE", [THERE, BASIC], id="a process under the browser's name"),
        pytest.param("GET", [THERE, COOKIE], id="the page"),
        pytest.param("HEAD", [THERE, COOKIE], id="the page's head"),
        pytest.param("GET", [THERE, ("cookie", f"a=b; storyreel-{PORT}={SECRET.cookie}; c=d")], id="among cookies"),
        pytest.param("POST", [THERE, COOKIE, ORIGIN, ("sec-fetch-site", "same-origin")], id="the page writes"),
        pytest.param("DELETE", [THERE, COOKIE, ORIGIN], id="an old browser's page writes"),
        pytest.param("GET", [THERE, COOKIE, ("sec-fetch-site", "none")], id="typed by hand"),
        pytest.param(
            "GET",
            [
                THERE,
                COOKIE,
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
            id="a link from the films",
        ),
    ],
)
def test_the_person_gets_in(door: Door, method: str, headers: Headers):
    """
    Their processes with the secret, their browser with the cookie.
    """
    status, _ = door.knock(headers, method)

    assert 200 == status
    assert [f"{method} /"] == door.let_in


FOREIGN_HOSTS = (
    "evil.test",
    f"evil.test:{PORT}",
    "127.0.0.1",
    "127.0.0.1:80",
    f"127.0.0.1:{FILMS}",
    f"127.0.0.1.:{PORT}",
    f"127.0.0.1:{PORT}.",
    f"localhost:{PORT}",
    f"LOCALHOST:{PORT}",
    f"localhost.:{PORT}",
    f"{SECRET.browser_name}.:{PORT}",
    f"{NAME.upper()}",
    f"x.{NAME}",
    f"{OTHER.browser_name}:{PORT}",
    f"[::1]:{PORT}",
    f"0.0.0.0:{PORT}",
    f"0x7f.1:{PORT}",
    f"2130706433:{PORT}",
    f"127.0.0.1:{PORT}@evil.test",
    f"127.0.0.1:{PORT} ",
    f"127.0.0.1:0{PORT}",
    f"127.0.0.1:{PORT}, evil.test",
    "",
)
FOREIGN_ORIGINS = (
    "null",
    "",
    "http://evil.test",
    f"http://evil.test:{PORT}",
    f"http://127.0.0.1:{PORT}",
    f"http://localhost:{PORT}",
    f"http://{SECRET.browser_name}",
    f"http://{SECRET.browser_name}:{FILMS}",
    f"https://{NAME}",
    f"http://{NAME}/",
    f"http://{NAME.upper()}",
    f"HTTP://{NAME}",
    f"http://{NAME}.evil.test",
    f"http://evil.test@{NAME}",
    "file://",
)
FOREIGN_SITES = (
    [("sec-fetch-site", "cross-site")],
    [("sec-fetch-site", "same-site")],
    [("sec-fetch-site", "")],
    [("sec-fetch-site", "Same-Origin")],
    [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
    [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
    [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "embed")],
    [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "document")],
)
KEYS = ([BASIC], [COOKIE], [BASIC, COOKIE])


@pytest.mark.parametrize("keys", KEYS, ids=["secret", "cookie", "both"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_who_asks_from_elsewhere_is_refused_whatever_they_show(door: Door, keys: Headers, method: str):
    """
    A foreign Host or Origin, another site, a header that comes twice: nothing that comes with it counts.
    """
    asked = [[host(name)] for name in FOREIGN_HOSTS]
    asked += [[]]
    asked += [[THERE, ("origin", origin)] for origin in FOREIGN_ORIGINS]
    asked += [[THERE, *site] for site in FOREIGN_SITES]
    asked += [[THERE, THERE], [HERE, THERE], [THERE, host("evil.test")], [THERE, ORIGIN, ORIGIN]]
    asked += [[THERE, ORIGIN, ("origin", "null")], [THERE, BASIC, ("authorization", "Basic x")]]
    asked += [[THERE, ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")]]

    assert {403} == {door.knock([*headers, *keys], method)[0] for headers in asked}
    assert [] == door.let_in


def test_a_navigation_from_elsewhere_may_not_write(door: Door):
    """
    A form of another page that is sent to the desk is no link that was followed.
    """
    navigated = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]

    assert 403 == door.knock([THERE, COOKIE, ORIGIN, *navigated], "POST")[0]
    assert [] == door.let_in


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [("authorization", OTHER.basic)],
        [("authorization", SECRET.basic.lower())],
        [("authorization", f"Bearer {SECRET.text}")],
        [("authorization", SECRET.text)],
        [("authorization", "Basic")],
        [("authorization", "Basic é")],
        [("cookie", f"storyreel-{PORT}={OTHER.cookie}")],
        [("cookie", f"storyreel-{FILMS}={SECRET.cookie}")],
        [("cookie", f"storyreel-{PORT}=")],
        [("cookie", f"storyreel-{PORT}={SECRET.text}")],
        [("cookie", f"x=storyreel-{PORT}={SECRET.cookie}")],
        [("cookie", "é")],
    ],
    ids=str,
)
def test_who_shows_nothing_of_ours_is_refused(door: Door, shown: Headers):
    """
    Another desk's secret or cookie, a secret in another place, nothing: 403, from wherever it comes.
    """
    knocks = itertools.product((HERE, THERE), ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

    assert {403} == {door.knock([name, *shown], method)[0] for name, method in knocks}
    assert [] == door.let_in


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_cookie_alone_writes_nothing(door: Door, method: str):
    """
    Where no page says that it is asking, the cookie may only read.
    """
    assert 403 == door.knock([THERE, COOKIE], method)[0]
    assert [] == door.let_in


@pytest.mark.parametrize("kind", ["page", "process"])
def test_a_refusal_says_how_to_get_in(door: Door, kind: str):
    """
    A browser gets a page that it can show, everybody else a line; both name the command.
    """
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    accept = b"text/html,*/*" if kind == "page" else b"application/json"
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", NAME.encode()), (b"accept", accept)],
    }
    asyncio.run(door.guard(scope, None, send))  # type: ignore[arg-type]

    assert 403 == said[0]["status"]
    assert b"storyreel studio --open" in said[1]["body"]
    assert (kind == "page") == (b"<h1>" in said[1]["body"])


def test_every_answer_is_closed_to_other_pages(door: Door):
    """
    No frame, no foreign script, nothing fetched from elsewhere; what the app says more strictly stays.
    """
    for status, headers in (door.knock([HERE, BASIC]), door.knock([HERE])):
        assert "DENY" == headers["x-frame-options"]
        assert "same-origin" == headers["cross-origin-resource-policy"]
        assert "connect-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert {200: "no-referrer", 403: "same-origin"}[status] == headers["referrer-policy"]


# --- tickets -------------------------------------------------------------------------------------------------------


def ticket(now: float = NOW, port: int = PORT, secret: Secret = SECRET) -> str:
    return secret.ticket(port, now)


def test_a_ticket_lets_a_browser_in_once(door: Door):
    """
    It is answered by a cookie and the same address without it; a second browser gets 403.
    """
    target = f"/runs/a%20b?x=1&ticket={ticket()}&y=%2F"
    status, headers = door.knock([THERE], target=target)
    again, _ = door.knock([THERE], target=target)
    cookie = headers["set-cookie"]

    assert (303, 403) == (status, again)
    assert "/runs/a%20b?x=1&y=%2F" == headers["location"]
    assert ("no-store", "no-referrer") == (headers["cache-control"], headers["referrer-policy"])
    assert cookie.startswith(f"storyreel-{PORT}={SECRET.cookie};")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=2592000"))
    assert "Domain" not in cookie
    assert [] == door.let_in


def test_the_cookie_opens_both_pages_of_a_desk_and_none_of_another(door: Door):
    """
    It is named by the port of the desk's page, so that two desks do not overwrite each other's.
    """
    films = Door(port=FILMS)
    name, _, value = door.knock([THERE], target=f"/?ticket={ticket()}")[1]["set-cookie"].split(";")[0].partition("=")

    assert 200 == films.knock([host(f"{SECRET.browser_name}:{FILMS}"), ("cookie", f"{name}={value}")])[0]
    assert 403 == films.knock([host(f"{SECRET.browser_name}:{FILMS}"), ("cookie", f"storyreel-{FILMS}={value}")])[0]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        "..",
        "é",
        "1.2.3",
        ticket(secret=OTHER),
        ticket(port=FILMS),
        ticket(now=NOW - 3601),
        ticket(now=NOW + 60),
        ticket()[:-1],
        ticket() + "0",
        ticket().upper(),
        ticket().replace(".", "%2E", 1) + "%00",
        SECRET.text,
        SECRET.cookie,
    ],
    # Tickets differ from process to process.
    ids=lambda ticket: f"{len(ticket)}",
)
def test_a_ticket_that_is_none_of_ours_lets_nobody_in(wrong: str):
    """
    Another desk's, another port's, one of long ago or of tomorrow, a piece of one.
    """
    early = Door(now=NOW - 7200)
    early.now = NOW

    assert 403 == early.knock([THERE], target=f"/?ticket={wrong}")[0]


def test_a_ticket_that_was_printed_before_the_desk_was_opened_again_is_void():
    """
    Whether it has been used, nobody knows any more.
    """
    assert 403 == Door(now=NOW).knock([THERE], target=f"/?ticket={ticket(now=NOW - 5)}")[0]


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", [THERE]),
        ("POST", [THERE]),
        ("GET", [THERE, ("sec-purpose", "prefetch;prerender")]),
        ("GET", [THERE, ("purpose", "prefetch")]),
        ("GET", [THERE, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]),
        ("GET", [host("evil.test")]),
        ("GET", [THERE, ("origin", "http://evil.test")]),
    ],
    ids=["head", "post", "prerendered", "prefetched", "an image", "rebound", "another origin"],
)
def test_only_a_person_who_looks_uses_a_ticket_up(door: Door, method: str, headers: Headers):
    """
    What a browser, a chat or a page asks for by itself is refused, and the ticket is still good.
    """
    target = f"/?ticket={ticket()}"
    refused, _ = door.knock(headers, method, target)
    opened, _ = door.knock([THERE], target=target)

    assert (403, 303) == (refused, opened)


def test_a_ticket_leads_nowhere_else(door: Door):
    """
    An address that begins with two slashes is no way to another server.
    """
    for path in ("//evil.test/", "///evil.test", "/\\evil.test"):
        _, headers = door.knock([THERE], target=f"{path}?ticket={ticket()}")

        assert headers["location"].startswith("/")
        assert headers["location"][1] not in "/\\"


def test_a_ticket_from_a_file_goes_on_from_our_own_page(door: Door):
    """
    A browser brings a strict cookie only along a way that began here, so such a way begins anew.
    """
    came = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
    status, headers = door.knock([THERE, *came], target=f"/?ticket={ticket()}")

    assert 200 == status
    assert "location" not in headers
    assert "set-cookie" in headers


def test_used_tickets_are_forgotten_when_they_have_expired(door: Door):
    """
    A desk that is open for weeks does not remember each of them.
    """
    for _ in range(50):
        door.knock([THERE], target=f"/?ticket={ticket(now=door.now)}")
    door.now += 7200
    door.knock([THERE], target=f"/?ticket={ticket(now=door.now)}")

    assert 1 == len(door.guard._used)


# --- WebSockets ----------------------------------------------------------------------------------------------------


def test_a_websocket_is_for_processes(door: Door):
    """
    Without an origin and with the secret it opens; a browser's never does, whatever it shows.
    """
    opened = door.knock([HERE, BASIC], kind="websocket")[0]
    refused = [
        [HERE],
        [THERE, COOKIE],
        [THERE, COOKIE, ORIGIN],
        [THERE, COOKIE, BASIC, ORIGIN],
        [HERE, BASIC, ("origin", "null")],
        [HERE, BASIC, ("origin", f"http://127.0.0.1:{PORT}")],
        [host("evil.test"), BASIC],
        [HERE, BASIC, BASIC],
        [HERE, ("authorization", OTHER.basic)],
    ]

    assert 101 == opened
    assert {403} == {door.knock(headers, kind="websocket", target=f"/?ticket={ticket()}")[0] for headers in refused}
    assert ["WebSocket /"] == door.let_in


# --- through a real server -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, list[str]]]:
    """Run a guarded app on a port, and return the port and what has got through."""
    let_in: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            let_in.append("WebSocket")
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close"})
        else:
            let_in.append(scope["path"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(Guard(app, SECRET, port), lifespan="off", log_config=None, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield port, let_in
        server.should_exit = True
        thread.join(10)


def raw(port: int, text: str) -> int:
    """Send a request as it is written, and return the status."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(text.replace("\n", "\r\n").encode("latin-1"))
        return int(line.recv(1000).split()[1])


@pytest.mark.parametrize(
    ("request_lines", "statuses"),
    [
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nAuthorization: BASIC\n\n", {204}),
        ("GET / HTTP/1.0\nAuthorization: BASIC\n\n", {403}),
        ("GET / HTTP/1.1\nAuthorization: BASIC\n\n", {400, 403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nHost: 127.0.0.1:PORT\nAuthorization: BASIC\n\n", {400, 403}),
        ("GET http://evil.test/ HTTP/1.1\nHost: evil.test\nAuthorization: BASIC\n\n", {403}),
        ("GET http://127.0.0.1:PORT/ HTTP/1.1\nHost: evil.test\nAuthorization: BASIC\n\n", {403}),
        ("POST http://127.0.0.1:PORT/ HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: 0\n\n", {403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: null\nAuthorization: BASIC\n\n", {403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nX-Forwarded-Host: 127.0.0.1:PORT\nForwarded: for=127.0.0.1\n\n", {403}),
    ],
    ids=["right", "1.0", "no host", "two hosts", "absolute", "absolute, foreign", "no secret", "null", "forwarded"],
)
def test_requests_as_they_come_over_a_line(served: tuple[int, list[str]], request_lines: str, statuses: set[int]):
    """
    The server's own reading of a request opens no other way in.
    """
    port, let_in = served
    before = len(let_in)
    status = raw(port, request_lines.replace("PORT", str(port)).replace("BASIC", SECRET.basic))

    assert status in statuses
    assert (1 if status == 204 else 0) == len(let_in) - before


def test_a_websocket_that_is_refused_was_never_open(served: tuple[int, list[str]]):
    """
    It gets 403 in the place of the handshake, so that no word of it is read.
    """
    port, let_in = served
    before = len(let_in)
    with pytest.raises(InvalidStatus, match="403"), connect(f"ws://127.0.0.1:{port}/api/events/out", proxy=None):
        pass
    with connect(f"ws://127.0.0.1:{port}/x", additional_headers=SECRET.headers, proxy=None):
        pass

    assert ["WebSocket"] == let_in[before:]


# --- the secret ----------------------------------------------------------------------------------------------------


def test_the_secret_is_made_once_and_is_the_persons_alone(tmp_path: Path):
    """
    It stays the same when the desk is opened again, nobody else can read it, and nothing prints it.
    """
    place = tmp_path / "secret"
    made = keep_secret(place)

    assert made == keep_secret(place) == read_secret(place)
    assert 0o600 == place.stat().st_mode & 0o7777
    assert made.text not in repr(made)
    assert keep_secret(tmp_path / "other") != made
    assert 64 == len(made.text)


def spoil(what: str) -> Callable[[Path], Any]:
    return {
        "open to others": lambda place: place.chmod(0o644),
        "empty": lambda place: place.write_text(""),
        "short": lambda place: place.write_text("ab"),
        "no hex": lambda place: place.write_text("é" * 64),
        "long": lambda place: place.write_text("a" * 65),
        "a link": lambda place: place.symlink_to(place.rename(place.with_name("elsewhere"))),
        "a folder": lambda place: (place.unlink(), place.mkdir()),
        "a pipe": lambda place: (place.unlink(), os.mkfifo(place, 0o600)),
    }[what]


@pytest.mark.parametrize("what", ["open to others", "empty", "short", "no hex", "long", "a link", "a folder", "a pipe"])
def test_a_secret_that_may_be_known_to_others_is_not_used(tmp_path: Path, what: str):
    """
    It says which file that is, and what to do.
    """
    place = tmp_path / "secret"
    keep_secret(place)
    spoil(what)(place)

    with pytest.raises(SettingsError, match="remove it, and open the desk again"):
        keep_secret(place)


def test_processes_of_prefect_are_told_the_secret_by_one_header(tmp_path: Path):
    """
    Prefect sends it with each request and each WebSocket.
    """
    told = prefect_variables("http://127.0.0.1:4200/api", SECRET)

    assert {"PREFECT_API_URL", "PREFECT_CLIENT_CUSTOM_HEADERS"} == set(told)
    assert {"Authorization": SECRET.basic} == json.loads(told["PREFECT_CLIENT_CUSTOM_HEADERS"])


def test_an_address_for_a_person_carries_the_name_that_has_the_cookie(door: Door):
    """
    It opens the page once, under the browser's own name.
    """
    where = address(SECRET, PORT, NOW)

    assert where.startswith(f"http://{NAME}/?ticket=")
    assert 303 == door.knock([THERE], target=where.removeprefix(f"http://{NAME}"))[0]
