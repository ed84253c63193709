"""
The proxies that the environment names: through which of them an address is asked, and which no client of ours can use.

One rule for the API and for what it hands over. This machine itself is never asked through a proxy.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Mapping
from importlib.util import find_spec

import httpx

from storyreel.errors import SettingsError
from storyreel.variables.table import UNUSABLE_PROXIES

SCHEMES = ("http", "https", "all")
"""What a variable is for that names a proxy: `HTTP_PROXY`, in small letters too."""


def proxy_for(url: httpx.URL) -> str | None:
    """
    Return the proxy through which the environment wants this address asked; None where it is asked directly.

    Raises:
        SettingsError: It is one that cannot be used.
    """
    proxies = urllib.request.getproxies()
    excepted = [name.strip() for name in proxies.get("no", "").split(",")]
    if is_this_machine(url.host) or "*" in excepted or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return None
    held_back = (UNUSABLE_PROXIES.read() or "").split()
    for scheme in (url.scheme, "all"):
        if proxy := proxies.get(scheme):
            if not is_usable(proxy):
                raise cannot_be_used()
            return _whole(proxy)
        if scheme in held_back:
            raise cannot_be_used()
    return None


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine by its very name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_usable(proxy: str) -> bool:
    """Tell whether httpx, and so Prefect, can be started with a proxy: it cannot where one it cannot use is only named."""
    try:
        scheme = httpx.Proxy(_whole(proxy)).url.scheme
    except (httpx.InvalidURL, ValueError):
        return False
    return not scheme.startswith("socks") or _has_socks()


def unusable_proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return for what an environment names a proxy that cannot be used: some of `SCHEMES`."""
    proxies = {scheme: _named_for(scheme, environ) for scheme in SCHEMES}
    return tuple(scheme for scheme, proxy in proxies.items() if proxy and not is_usable(proxy))


def _named_for(scheme: str, environ: Mapping[str, str]) -> str:
    """Return the proxy that an environment names for something. The variable in small letters wins, as Python has it."""
    small = f"{scheme}_proxy"
    capitals = next((value for name, value in environ.items() if name.lower() == small != name), "")
    return environ.get(small, capitals)


def cannot_be_used() -> SettingsError:
    """Return what is said of such a proxy. What was wrong is not repeated: its address often has a password in it."""
    return SettingsError(
        "ALL_PROXY, HTTPS_PROXY or HTTP_PROXY names a proxy that cannot be used; it looks like http://host:3128 or "
        "socks5://host:1080" + ("" if _has_socks() else ", and this one wants the package socksio: pip install socksio")
    )


def _whole(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _has_socks() -> bool:
    try:
        return find_spec("socksio") is not None
    except ValueError:  # what stands in for a module has no origin
        return False
