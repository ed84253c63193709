"""Which addresses are this network's own business, however they are spelled, and how one may be shown."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storyreel.errors import DownloadFailed
from storyreel.imagine import Imagine, Patience
from storyreel.imagine.addresses import is_private, name_of

from .conftest import KEY, Say, Stub

CLIP = b"\x00\x00\x00\x18ftypisom" + bytes(1000)
PUBLIC = "198.41.0.4"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def guarded(no_proxies: None) -> AsyncIterator[Imagine]:
    """A client of a service on a public address; it is never asked for anything."""
    async with Imagine(f"https://{PUBLIC}/v1", KEY, patience=Patience(backoff_s=0.001)) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0X7F.0.0.1",
            "017700000001",
            "0177.1",
        ),
        *("127.0.0.1.", "127.0.0.1...", " 127.0.0.1 ", "0", "0.0.0.0", "0x0", "00000000"),
        *("\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "127\uff61\uff10.0.1"),
        *("%31%32%37.0.0.1", "%2531%2532%2537.0.0.1", "loc%61lhost", "LOCALHOST", "localhost.", "a.localhost"),
        *("localhost.localdomain", "\u24dbocalhost"),
        *(
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.88.99.1",
            "192.0.0.8",
            "224.0.0.1",
        ),
        *("255.255.255.255", "240.0.0.1", "198.18.0.1", "0xa9fea9fe", "2852039166"),
        *("::1", "[::1]", "::", "0:0:0:0:0:0:0:1", "::1%lo", "[::1%25lo]", "fe80::1%eth0", "fe80::1%25eth0"),
        *("::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "::7f00:1", "::ffff:0:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1"),
        *("2001:0:4136:e378::", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1"),
        *("2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:10.0.0.1"),
    ],
)
async def test_every_spelling_of_a_private_address_is_one(host: str) -> None:
    """
    Decimal, octal, hexadecimal, short, escaped, in look-alike digits, with a zone or inside another address.
    """
    assert await is_private(host) is True


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "134744072", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
async def test_public_addresses_are_none(host: str) -> None:
    """
    An address of the open net is asked, however it is spelled.
    """
    assert await is_private(host) is False


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/x.mp4",
        f"http://{'a' * 300}/x.mp4",
        f"http://{'a.' * 200}b/x.mp4",
        "http://xn--a/x.mp4",
        "http://\udc80/x.mp4",
        "http://h:abc/x.mp4",
        "http://h\x00/x.mp4",
        "http://[::1/x.mp4",
        "http://./x.mp4",
        "http://-/x.mp4",
        "http://127.0.0.1\\@8.8.8.8/x.mp4",
        "http:///x.mp4",
        f"http://{'9' * 5000}/x.mp4",
    ],
)
async def test_an_address_that_is_none_is_told(guarded: Imagine, tmp_path: Path, url: str) -> None:
    """
    What no host can be called fails the download in one line, and nothing else.
    """
    with pytest.raises(DownloadFailed) as caught:
        await guarded.fetch(url, tmp_path / "part")

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


ENVIRONMENTS = [
    pytest.param({}, id="nothing"),
    pytest.param({"NO_PROXY": "example.com"}, id="no-proxy-alone"),
    pytest.param({"no_proxy": "*"}, id="no-proxy-for-all"),
    pytest.param({"HTTPS_PROXY": "http://127.0.0.1:9"}, id="for-the-other-scheme"),
    pytest.param({"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "files.example"}, id="excepted"),
    pytest.param({"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": ".example"}, id="domain-excepted"),
    pytest.param({"HTTP_PROXY": ""}, id="empty"),
]


@pytest.mark.parametrize("variables", ENVIRONMENTS)
@pytest.mark.parametrize("answers", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], [PUBLIC + "+127.0.0.1"]])
async def test_a_name_cannot_mean_another_address_a_moment_later(
    stub: Stub,
    guarded: Imagine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    answers: list[str],
) -> None:
    """
    Whatever the environment says of proxies: where we ask directly, we ask the address that was looked at, or nobody.
    """
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stub.on("GET /a.mp4", Say(200, CLIP))
    said = list(answers)

    def resolved(*_: Any, **__: Any) -> list[Any]:
        said_now = said.pop(0) if len(said) > 1 else said[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, stub.port)) for one in said_now.split("+")]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)

    with pytest.raises(DownloadFailed):
        await guarded.fetch(f"http://files.example:{stub.port}/a.mp4", tmp_path / "part", within_s=0.5)

    assert stub.heard == []


async def test_where_the_environment_wants_a_proxy_it_is_asked(
    stub: Stub, guarded: Imagine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A name that only the proxy knows is fetched through it; a private one is not asked of it either.
    """
    monkeypatch.setenv("HTTP_PROXY", f"http://me:pw@127.0.0.1:{stub.port}")
    stub.on("GET http://no-such-host.invalid/a.mp4", Say(200, CLIP))

    assert await guarded.fetch("http://no-such-host.invalid/a.mp4", tmp_path / "part") == len(CLIP)
    with pytest.raises(DownloadFailed, match="private network"):
        await guarded.fetch("http://169.254.169.254/latest", tmp_path / "part")

    assert len(stub.heard) == 1


def test_what_is_shown_of_an_address_has_no_secret() -> None:
    """
    Neither name, password nor signature, whatever else is wrong with it.
    """
    for url in (
        "https://me:pw@h/a?sig=s",
        "https://me:pw@a..b/",
        "https://me:pw@h:x/",
        "https://me:p/w@h/",
        "\udc80pw",
    ):
        assert "pw" not in name_of(url)
        assert "sig" not in name_of(url)
