"""
The way past a person's proxies: whatever they have named, servers on this machine are spoken to directly.
"""

import os
import sys
from pathlib import Path

import httpx
import pytest
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from storyreel.desk.environment import client_environment, guest_environment, worker_environment
from storyreel.desk.proxies import past_proxies
from storyreel.errors import SettingsError
from storyreel.imagine import Imagine
from storyreel.imagine.connection import trust

HERE = ["127.0.0.1", "localhost", "[::1]"]
PROXY = "http://127.0.0.1:9"
EXCEPTED = [
    "127.0.0.1,localhost,::1",
    "localhost",
    "127.0.0.0/8",
    "::1/128",
    "[::1]",
    "fe80::/10, 10.0.0.0/8",
    "[2001:db8::1]:80",
    "intern:port",
    "<local>",
    "*.lan,*",
    "\u00fcn\u00ef.example",
]
"""What people write into NO_PROXY; half of it httpx cannot read."""
PROXIES = [
    PROXY,
    "127.0.0.1:9",
    "socks5://127.0.0.1:9",
    "socks5h://127.0.0.1:9",
    "socks4://127.0.0.1:9",
    "socks4a://127.0.0.1:9",
    "socks://127.0.0.1:9",
    "http://proxy.example:port",
    "http://[::1",
    " http://127.0.0.1:9 ",
]
"""What people name as a proxy; half of it httpx cannot use."""


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return an environment without proxies, which this process has as well."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return dict(os.environ)


def enter(environ: dict[str, str]) -> None:
    """Have this process live in an environment."""
    os.environ.clear()
    os.environ.update(environ)


def asked_directly(*hosts: str) -> list[str]:
    """Return which of these hosts a client of Prefect's asks directly, for requests and for events."""
    with httpx.Client(verify=trust()) as client:
        return [
            host
            for host in hosts
            if client._transport_for_url(httpx.URL(f"http://{host}:4200/api")) is client._transport
            and get_proxy(parse_uri(f"ws://{host}:4200/api/events/in")) is None
        ]


@pytest.mark.parametrize(
    "theirs",
    [
        *({"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY, "NO_PROXY": names} for names in EXCEPTED),
        {"HTTP_PROXY": PROXY, "NO_PROXY": "127.0.0.1", "no_proxy": "localhost"},
        *({name: proxy} for name in ("ALL_PROXY", "http_proxy", "HTTPS_PROXY") for proxy in PROXIES),
    ],
    ids=lambda theirs: " ".join(f"{name}={value}" for name, value in theirs.items()),
)
def test_this_machine_is_reached_past_every_proxy(environ: dict[str, str], theirs: dict[str, str]):
    """
    Whatever proxies a person has, and however they have excepted this machine or not, it is spoken to directly.
    """
    enter(past_proxies({**environ, **theirs}))

    assert HERE == asked_directly(*HERE)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks5h://127.0.0.1:9"])
def test_this_machine_is_reached_where_nobody_speaks_socks(
    environ: dict[str, str], proxy: str, monkeypatch: pytest.MonkeyPatch
):
    """
    The package that speaks to such proxies may be missing.
    """
    monkeypatch.setitem(sys.modules, "socksio", None)
    enter(past_proxies({**environ, "ALL_PROXY": proxy}))

    assert HERE == asked_directly(*HERE)


def test_a_server_that_a_person_has_on_this_machine_is_excepted_by_the_name_that_they_use(
    environ: dict[str, str],
):
    """
    A machine has more than one address; one in another house is the proxy's.
    """
    enter(guest_environment({**environ, "ALL_PROXY": PROXY}, Path("/films"), "http://127.0.0.2:4200/api"))

    assert ["127.0.0.2"] == asked_directly("127.0.0.2", "prefect.example")


@pytest.mark.parametrize("whose", ["worker", "client", "guest"])
@pytest.mark.parametrize("proxy", ["socks4://me:canary@127.0.0.1:9", "http://me:canary@h:port"])
def test_a_proxy_that_cannot_be_used_is_not_passed_by_on_the_way_to_the_service(
    environ: dict[str, str], whose: str, proxy: str
):
    """
    Prefect must not see it, or it would not start; and a run asks the service through a person's proxy, or not at all.
    """
    environ = {**environ, "HTTPS_PROXY": proxy, "NO_PROXY": "intern.example"}
    home, root, api = Path("/desk"), Path("/films"), "http://127.0.0.1:4200/api"
    enter(
        {
            "worker": lambda: worker_environment(environ, home, root, api),
            "client": lambda: client_environment(environ, home, root, {}),
            "guest": lambda: guest_environment(environ, root, api),
        }[whose]()
    )

    with pytest.raises(SettingsError, match="PROXY names a proxy that cannot be used") as caught:
        Imagine("https://198.41.0.4/v1", "key")
    for excepted in ("http://127.0.0.1:8765/v1", "https://intern.example/v1"):
        Imagine(excepted, "key")

    assert "canary" not in str(caught.value)
    assert not [name for name, value in os.environ.items() if name.endswith("PROXY") and "canary" in value]


def test_what_a_person_has_excepted_stays_excepted():
    """
    Both spellings are one list, since each hides the other from somebody.
    """
    told = past_proxies({"NO_PROXY": "intern.example, 10.0.0.7", "no_proxy": "intern.example,.lan,[2001:db8::7]"})

    assert "intern.example,10.0.0.7,.lan,2001:db8::7,127.0.0.1,localhost,::1" == told["NO_PROXY"] == told["no_proxy"]
