"""
Tickets: what lets a browser in, once, and leads nowhere else.
"""

import pytest

from storyreel.desk.guard import address
from storyreel.desk.secret import Secret
from tests.desk.doors import (
    FILMS,
    NAME,
    NOW,
    OTHER,
    PORT,
    SECRET,
    THERE,
    Door,
    Headers,
    host,
)


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

    assert 1 == len(door.guard.used)


def test_an_address_for_a_person_carries_the_name_that_has_the_cookie(door: Door):
    """
    It opens the page once, under the browser's own name.
    """
    where = address(SECRET, PORT, NOW)

    assert where.startswith(f"http://{NAME}/?ticket=")
    assert 303 == door.knock([THERE], target=where.removeprefix(f"http://{NAME}"))[0]
