"""
The guard of a desk: who gets in, and that nobody else does.
"""

import asyncio
import itertools
from typing import Any

import pytest

from tests.desk.doors import (
    BASIC,
    COOKIE,
    FILMS,
    HERE,
    NAME,
    NOW,
    ORIGIN,
    OTHER,
    PORT,
    SECRET,
    THERE,
    Door,
    Headers,
    host,
)


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


@pytest.mark.parametrize("keys", KEYS, ids=["secret", "cookie", "both"])
@pytest.mark.parametrize("target", ["http://evil.test/api", f"http://{NAME}/api", "evil.test:80", "*", ""])
def test_a_target_is_a_path(door: Door, keys: Headers, target: str):
    """
    A whole address as the target names another host beside the one of the header, and only one of them is looked at.
    """
    assert 403 == door.knock([THERE, *keys], "GET", target)[0]
    assert 403 == door.knock([THERE, *keys], "OPTIONS", target)[0]
    assert 403 == door.knock([THERE, BASIC], target=target, kind="websocket")[0]
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
    assert {403} == {
        door.knock(headers, kind="websocket", target=f"/?ticket={SECRET.ticket(PORT, NOW)}")[0] for headers in refused
    }
    assert ["WebSocket /"] == door.let_in
