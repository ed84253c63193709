"""
The way past a person's proxies, for processes of ours that speak to servers on this machine with Prefect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from storyreel.variables.table import UNUSABLE_PROXIES

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The names of this machine, for lists of what no proxy is asked for; those know no ranges."""


def past_proxies(environ: Mapping[str, str], api: str = "") -> dict[str, str]:
    """
    Return an environment in which this machine is reached without a proxy, and with which Prefect can be started.

    Its clients fail on a proxy that they cannot use even where they would not ask it, so such a one is left out, and our
    own client told so. Which spelling of NO_PROXY is read differs from library to library, and one that is there hides
    the other: so they are one list, of what a person has excepted and of ourselves.

    Args:
        environ: The person's.
        api: The address of a server that they have named: where that is this machine, it counts as such by that name too.
    """
    # A server is started before the client is loaded, which this belongs to, and asks for no way past proxies.
    from storyreel.imagine.proxies import unusable_proxies

    unusable = unusable_proxies(environ)
    left_out = {"no_proxy", *(f"{scheme}_proxy" for scheme in unusable)}
    env = {name: value for name, value in environ.items() if name.lower() not in left_out}
    no_proxy = ",".join(_excepted(environ, api))
    held_back = {UNUSABLE_PROXIES.name: " ".join(unusable)} if unusable else {}
    return env | held_back | {"NO_PROXY": no_proxy, "no_proxy": no_proxy}


def _excepted(environ: Mapping[str, str], api: str) -> list[str]:
    """Return what is asked without a proxy, of what httpx can read: at anything else it fails, whatever it asks."""
    lists = (environ.get(spelling, "") for spelling in ("NO_PROXY", "no_proxy"))
    names = [name for each in lists for name in map(_plain_host, each.split(",")) if name]
    if "*" in names:
        return ["*"]
    from storyreel.imagine.addresses import read_address
    from storyreel.imagine.proxies import is_this_machine

    address = read_address(api)
    named = [address.host] if address is not None and is_this_machine(address.host) else []
    return list(dict.fromkeys([*filter(_can_be_read, names), *LOOPBACK, *named]))


def _plain_host(name: str) -> str:
    """Return what is excepted, as httpx writes it: an address of IPv6 without its brackets."""
    name = name.strip()
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def _can_be_read(name: str) -> bool:
    # Ranges of IPv6, ports behind it, names that are none: httpx makes an address of each.
    try:
        ipaddress.IPv6Address(name.split("/")[0])
        pattern = f"all://[{name}]"
    except ValueError:
        pattern = name if "://" in name else f"all://*{name}"
    import httpx

    try:
        httpx.URL(pattern)
    except (httpx.InvalidURL, ValueError):
        return False
    return True
