"""Downloads: whole or not at all, without the key, and never inside a private network unasked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.errors import DownloadFailed
from storyreel.imagine import Imagine, Patience
from storyreel.imagine.download import is_private, name_of

from .conftest import KEY, Say, Stub

CLIP = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 2000
MP4 = {"Content-Type": "video/mp4"}


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[Imagine]:
    async with Imagine(stub.base_url, KEY, patience=Patience(backoff_s=0.01)) as client:
        yield client


@pytest.fixture
async def guarded() -> AsyncIterator[Imagine]:
    """A client of a service on a public address; it is never asked for anything."""
    async with Imagine("https://198.41.0.4/v1", KEY, patience=Patience(backoff_s=0.01)) as client:
        yield client


async def test_a_file_is_fetched_whole_and_without_the_key(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    What is at the address arrives byte for byte, and the address never sees the key.
    """
    stub.on("GET /a.mp4", Say(200, CLIP, MP4))
    told: list[tuple[int, int | None]] = []

    size = await client.fetch(
        stub.url("/a.mp4?signature=s"), tmp_path / "part", on_bytes=lambda got, of: told.append((got, of))
    )

    assert size == len(CLIP)
    assert (tmp_path / "part").read_bytes() == CLIP
    assert told[-1] == (len(CLIP), len(CLIP))
    assert stub.heard[0].path == "/a.mp4?signature=s"
    assert "authorization" not in stub.heard[0].headers


async def test_a_redirect_is_followed_without_the_key(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    An address may lead on, and the key goes along nowhere.
    """
    stub.on("GET /a.mp4", Say(302, None, {"Location": "/b.mp4"}))
    stub.on("GET /b.mp4", Say(200, CLIP, MP4))

    await client.fetch(stub.url("/a.mp4"), tmp_path / "part")

    assert [heard.path for heard in stub.heard] == ["/a.mp4", "/b.mp4"]
    assert not [heard for heard in stub.heard if "authorization" in heard.headers]


@pytest.mark.parametrize(
    "hiccup",
    [
        pytest.param(Say(drop=True), id="dropped"),
        pytest.param(Say(503), id="503"),
        pytest.param(Say(429, None, {"Retry-After": "0"}), id="429"),
        pytest.param(Say(200, b"", MP4), id="empty"),
        pytest.param(Say(200, CLIP[:1000], MP4, length=len(CLIP)), id="cut"),
    ],
)
async def test_a_fetch_that_went_wrong_is_begun_again(stub: Stub, client: Imagine, tmp_path: Path, hiccup: Say) -> None:
    """
    A dropped line costs nothing but time.
    """
    stub.on("GET /a.mp4", hiccup, Say(200, CLIP, MP4))

    assert await client.fetch(stub.url("/a.mp4"), tmp_path / "part") == len(CLIP)
    assert (tmp_path / "part").read_bytes() == CLIP


@pytest.mark.parametrize(
    ("says", "say", "times"),
    [
        pytest.param("dead", Say(403, "expired"), 2, id="403"),
        pytest.param("dead", Say(404), 1, id="404"),
        pytest.param("dead", Say(410), 1, id="410"),
        pytest.param("text/html", Say(200, "<html>log in", {"Content-Type": "text/html"}), 1, id="html"),
        pytest.param("page of text", Say(200, "<html>log in", MP4), 1, id="html-in-disguise"),
        pytest.param("page of text", Say(200, '{"error":"x"}'), 1, id="json-in-disguise"),
        pytest.param("text/plain", Say(200, "try later", {"Content-Type": "text/plain"}), 1, id="words"),
        pytest.param("instead of a file", Say(204), 1, id="204"),
        pytest.param("not taken", Say(200, b"\x00" * 2_000_000, MP4), 1, id="over-the-limit"),
        pytest.param("not taken", Say(200, b"\x00" * 2_000_000, MP4, length=-1), 1, id="over-the-limit-untold"),
        pytest.param("in 3 tries", Say(200, CLIP[:1000], MP4, length=len(CLIP)), 3, id="always-cut"),
        pytest.param("in 3 tries: HTTP 500", Say(500), 3, id="always-500"),
        pytest.param("no http or https", Say(302, None, {"Location": "file:///etc/passwd"}), 1, id="to-a-file"),
        pytest.param("more than 5 times", Say(302, None, {"Location": "/a.mp4"}), 6, id="in-circles"),
    ],
)
async def test_what_is_not_the_whole_file_is_not_kept(
    stub: Stub, client: Imagine, tmp_path: Path, says: str, say: Say, times: int
) -> None:
    """
    A fetch that fails says why in one line, leaves nothing behind, and shows no signature.
    """
    stub.on("GET /a.mp4", say)

    with pytest.raises(DownloadFailed, match=says) as caught:
        await client.fetch(stub.url("/a.mp4?signature=secret"), tmp_path / "part", limit_bytes=1_000_000)

    assert list(tmp_path.iterdir()) == []
    assert len(stub.heard) == times
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "text/html; charset=utf-8", "application/xml", ""])
@pytest.mark.parametrize(
    "content", [CLIP, b"\xff\xd8\xff\xe0" + bytes(99), b"\x89PNG\r\n\x1a\n" + bytes(99), b"\x1aE\xdf\xa3" + bytes(99)]
)
async def test_a_right_file_is_known_by_its_bytes(
    stub: Stub, client: Imagine, tmp_path: Path, content: bytes, kind: str
) -> None:
    """
    Storages call a clip by all kinds of names; what it is stands in its first bytes.
    """
    stub.on("GET /a.mp4", Say(200, content, {"Content-Type": kind} if kind else {}))

    assert await client.fetch(stub.url("/a.mp4"), tmp_path / "part") == len(content)


async def test_a_fetch_has_a_time_limit(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    A server that says nothing does not hold a run for ever.
    """
    stub.on("GET /a.mp4", Say(200, CLIP, MP4, after_s=2.0))

    with pytest.raises(DownloadFailed, match="within"):
        await client.fetch(stub.url("/a.mp4"), tmp_path / "part", within_s=0.1)


async def test_a_place_that_cannot_be_written_is_told(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    A full disk or a missing folder fails the fetch, not the take.
    """
    stub.on("GET /a.mp4", Say(200, CLIP, MP4))

    with pytest.raises(DownloadFailed, match="could not be written"):
        await client.fetch(stub.url("/a.mp4"), tmp_path / "missing" / "part")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a.mp4",
        "http://localhost:9/a.mp4",
        "http://files.localhost/a.mp4",
        "http://2130706433/a.mp4",
        "http://10.1.2.3/a.mp4",
        "http://172.16.0.1/a.mp4",
        "http://192.168.1.1/a.mp4",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/a.mp4",
        "http://0.0.0.0/a.mp4",
        "http://224.0.0.1/a.mp4",
        "http://[::1]/a.mp4",
        "http://[::ffff:127.0.0.1]/a.mp4",
        "http://[fe80::1]/a.mp4",
        "http://[fd00::1]/a.mp4",
        "http://[64:ff9b::7f00:1]/a.mp4",
        "http://[2002:7f00:1::]/a.mp4",
    ],
)
async def test_a_public_service_cannot_send_us_into_a_private_network(
    guarded: Imagine, tmp_path: Path, url: str
) -> None:
    """
    An address that the real service gives is never followed to this machine or its neighbours.
    """
    with pytest.raises(DownloadFailed, match="private network"):
        await guarded.fetch(url, tmp_path / "part")


@pytest.mark.parametrize("url", ["ftp://example.com/a", "file:///etc/passwd", "data:video/mp4;base64,AA", "a.mp4", ""])
async def test_only_web_addresses_are_fetched(guarded: Imagine, tmp_path: Path, url: str) -> None:
    """
    What is no http or https address is not opened.
    """
    with pytest.raises(DownloadFailed, match="no http or https"):
        await guarded.fetch(url, tmp_path / "part")


@pytest.mark.parametrize(
    ("private", "host"),
    [
        pytest.param(False, "8.8.8.8", id="public"),
        pytest.param(False, "2606:4700::1111", id="public-6"),
        pytest.param(True, "127.1", id="short-loopback"),
        pytest.param(True, "0x7f000001", id="hexadecimal-loopback"),
        pytest.param(True, "localhost", id="localhost"),
        pytest.param(None, "no-such-host.invalid", id="no-address"),
    ],
)
async def test_hosts_are_told_apart(private: bool | None, host: str) -> None:
    """
    Public, private and unknown hosts are told apart, however they are written.
    """
    assert await is_private(host) is private


async def test_a_host_without_an_address_is_told(
    guarded: Imagine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Where a name cannot be looked up, and no proxy would do so, nobody is asked.
    """
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(DownloadFailed, match=r"no-such-host\.invalid has no address"):
        await guarded.fetch("https://no-such-host.invalid/a.mp4", tmp_path / "part")


async def test_in_process_nothing_is_private(tmp_path: Path) -> None:
    """
    An app in this process serves its files under any address.
    """

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"video/mp4")]})
        await send({"type": "http.response.body", "body": CLIP})

    async with Imagine("http://sandbox/v1", KEY, transport=httpx.ASGITransport(app)) as client:
        assert await client.fetch("http://127.0.0.1/a.mp4", tmp_path / "part") == len(CLIP)


def test_an_address_is_shown_without_its_secrets() -> None:
    """
    Name, password and signature of an address are not shown; its port is, for without it it is another address.
    """
    assert name_of("https://me:pw@cdn.example.com/a.mp4?signature=s#x") == "https://cdn.example.com/a.mp4"
    assert name_of("http://me:pw@127.0.0.1:8765/v1") == "http://127.0.0.1:8765/v1"


async def test_a_signed_address_is_in_no_log_of_ours(
    stub: Stub, client: Imagine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    What storyreel itself logs about a download has no signature in it.
    """
    stub.on("GET /a.mp4", Say(503), Say(200, CLIP, MP4))
    caplog.set_level(logging.DEBUG, "storyreel")

    await client.fetch(stub.url("/a.mp4?signature=secret"), tmp_path / "part")

    assert not [record for record in caplog.records if record.name.startswith("storyreel") and "secret" in record.msg]


@pytest.mark.parametrize("closed", [401, 403])
async def test_a_gateway_that_keeps_clips_behind_the_key_is_asked_with_it(
    stub: Stub, client: Imagine, tmp_path: Path, closed: int
) -> None:
    """
    It is the API's own origin, which has the key already; asked without first, as everybody is.
    """
    stub.on("GET /v1/videos/one/content", Say(closed), Say(200, CLIP, MP4))

    assert len(CLIP) == await client.fetch("/v1/videos/one/content", tmp_path / "part")
    assert [None, f"Bearer {KEY}"] == [heard.headers.get("authorization") for heard in stub.heard]


async def test_what_it_leads_on_to_never_sees_the_key(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    Neither the place behind it, nor the API's own when a stranger leads there.
    """
    stub.on("GET /v1/videos/one/content", Say(401), Say(302, None, {"Location": "/b.mp4"}))
    stub.on("GET /b.mp4", Say(200, CLIP, MP4))
    stub.on("GET /led.mp4", Say(302, None, {"Location": "/v1/me"}))
    stub.on("GET /v1/me", Say(401))

    await client.fetch(stub.url("/v1/videos/one/content"), tmp_path / "part")
    with pytest.raises(DownloadFailed):
        await client.fetch(stub.url("/led.mp4"), tmp_path / "part")
    asked = [(heard.path, "authorization" in heard.headers) for heard in stub.heard]
    assert asked == [
        ("/v1/videos/one/content", False),
        ("/v1/videos/one/content", True),
        ("/b.mp4", False),
        ("/led.mp4", False),
        ("/v1/me", False),
    ]


async def test_another_origin_never_sees_the_key(client: Imagine, tmp_path: Path) -> None:
    """
    However it refuses: its answer stands.
    """
    other = Stub()
    server = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    other.port = server.sockets[0].getsockname()[1]
    other.on("GET /a.mp4", Say(401))
    with pytest.raises(DownloadFailed, match="401"):
        await client.fetch(other.url("/a.mp4"), tmp_path / "part")
    server.close()
    await other.hang_up()

    assert 1 == len(other.heard)
    assert "authorization" not in other.heard[0].headers
