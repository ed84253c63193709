"""What the environment and the key may look like, and that neither shows."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from storyreel.errors import DownloadFailed, ImagineError, SettingsError
from storyreel.imagine import Imagine, connection
from storyreel.imagine.proxies import proxy_for

from .conftest import Say, Stub

BODY = {"model": "grok-imagine-video", "prompt": "A lighthouse."}
KEYS = ["xai-canary-0123456789abcdef", "1|canary/0123+456=789", "a:b;canary!d$e%f&g(h)i*j"]
SPELLINGS = [
    pytest.param(lambda key: key, id="as-it-is"),
    pytest.param(lambda key: json.dumps(key)[1:-1], id="json"),
    pytest.param(lambda key: key.replace("/", "\\/"), id="json-with-escaped-slashes"),
    pytest.param(lambda key: "".join(f"\\u{ord(c):04x}" for c in key), id="json-all-escaped"),
    pytest.param(lambda key: key.replace("c", "\\u0063"), id="json-one-escaped"),
    pytest.param(lambda key: quote(key, safe=""), id="percent"),
    pytest.param(lambda key: quote(key), id="percent-but-slashes"),
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
async def test_a_key_that_is_repeated_to_us_is_in_no_error(
    stub: Stub, key: str, spelled: Callable[[str], str], status: int
) -> None:
    """
    However a service spells the key in its answer, nothing that is raised has it.
    """
    said = f'{{"error": "no such key: {spelled(key)}", "code": "{spelled(key)}"}}'
    stub.on_submit(Say(status, said))

    async with Imagine(stub.base_url, key) as client:
        with pytest.raises(ImagineError) as caught:
            await client.submit("text-to-video", BODY, idempotency_key="k")

    assert "canary" not in str(caught.value).replace("\\u0063", "c").replace("%63", "c")


async def test_an_answer_that_repeats_the_key_in_escapes_is_read_all_the_same(stub: Stub) -> None:
    """
    What stands beside an escaped key is not lost with it.
    """
    key = KEYS[0]
    escaped = "".join(f"\\u{ord(c):04x}" for c in key)
    stub.on_submit(Say(200, f'{{"request_id": "abc", "note": "{escaped}"}}'))

    async with Imagine(stub.base_url, key) as client:
        assert await client.submit("text-to-video", BODY, idempotency_key="k") == "abc"


@pytest.mark.parametrize(
    ("names", "variables"),
    [
        pytest.param("socksio", {"ALL_PROXY": "socks5://me:canary@127.0.0.1:9"}, id="socks"),
        pytest.param("PROXY", {"HTTPS_PROXY": "gopher://me:canary@127.0.0.1:9"}, id="no-kind-of-proxy"),
        pytest.param("PROXY", {"HTTPS_PROXY": "http://me:canary@h:port"}, id="no-port"),
        pytest.param("SSL_CERT_FILE", {"SSL_CERT_FILE": "/nonexistent/canary.pem"}, id="no-certificates"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, names: str, variables: dict[str, str]
) -> None:
    """
    A proxy or a file of certificates that does not do is a setting, told by its variable.
    """
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "socksio", None)  # not installed
    connection.trust.cache_clear()
    try:
        with pytest.raises(SettingsError, match=names) as caught:
            Imagine("https://198.41.0.4/v1", "key")
    finally:
        connection.trust.cache_clear()

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("named", "asks", "through"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://198.41.0.4/v1", "http://p:1"),
        ({"https_proxy": "p:1", "HTTPS_PROXY": "http://q:1"}, "https://198.41.0.4/v1", "http://p:1"),
        ({"ALL_PROXY": "socks5://p:1"}, "https://198.41.0.4/v1", "socks5://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://198.41.0.4/v1", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[::1],198.41.0.4"}, "https://198.41.0.4/v1", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "::1/128,fe80::/10"}, "https://198.41.0.4/v1", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".lan,*"}, "https://198.41.0.4/v1", None),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "socks4://p:1"}, "https://198.41.0.4/v1", "http://p:1"),
        ({"ALL_PROXY": "socks4://p:1"}, "http://127.0.0.1:8765/v1", None),
        ({"ALL_PROXY": "http://p:1"}, "http://localhost:8765/v1", None),
        ({"ALL_PROXY": "http://p:1"}, "http://[::1]:8765/v1", None),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.2:8765/v1", None),
    ],
    ids=str,
)
def test_the_service_is_asked_through_the_proxy_that_is_named_for_it(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str], asks: str, through: str | None
) -> None:
    """
    As a person has named and excepted it, however they have spelled that; and never for this machine.
    """
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in named.items():
        monkeypatch.setenv(name, value)

    assert through == proxy_for(httpx.URL(asks))
    Imagine(asks, "key")


async def test_what_is_handed_over_elsewhere_waits_for_a_proxy_that_can_be_used(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A gateway on this machine may hand over what lies in the world: it is not fetched past a person's proxy.
    """
    monkeypatch.setenv("ALL_PROXY", "socks4://me:canary@127.0.0.1:9")
    async with Imagine(stub.base_url, "key") as client:
        with pytest.raises(DownloadFailed, match=r"198.41.0.4/a.mp4 is not asked: .*PROXY names a proxy") as caught:
            await client.fetch("https://198.41.0.4/a.mp4", tmp_path / "part")

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("address", ["https://", "https://h:abc/v1", "https://\x00/v1", "https://xn--a/v1"])
def test_an_address_that_cannot_be_read_is_a_setting(address: str) -> None:
    """
    No traceback of a library comes of an address.
    """
    with pytest.raises(SettingsError, match="XAI_BASE_URL"):
        Imagine(address, "key")


async def test_no_log_of_a_library_has_a_signature(
    stub: Stub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Each address that is asked is logged by httpx; names, passwords and signatures are taken out of them.
    """
    caplog.set_level(logging.DEBUG, logger="httpx")
    stub.on("GET /a.mp4", Say(200, b"\x00\x00\x00\x18ftypisom" + bytes(100)))

    async with Imagine(stub.base_url, KEYS[0]) as client:
        await client.fetch(f"http://me:pw-canary@127.0.0.1:{stub.port}/a.mp4?signature=canary", tmp_path / "part")

    assert any(record.name == "httpx" for record in caplog.records)
    assert "canary" not in caplog.text
