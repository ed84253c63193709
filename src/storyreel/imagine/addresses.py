"""
Addresses on the web: how they may be shown, where they lead, and which of them are nobody's business but this network's.

Whoever gives an address may spell it in many ways. Each spelling of one place is that place.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

import httpx

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

_LOOK_UP_S = 10.0
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))  # what IDNA takes for a dot as well

_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")  # all that was ever given out; the rest is for special uses
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NOBODYS = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocols' own; this Python's table has a part of it
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays, withdrawn
    ipaddress.IPv6Network("3fff::/20"),  # documentation; newer than this Python's table
)


def read_address(url: str) -> httpx.URL | None:
    """Return an address in its parts, or None where it is none."""
    try:
        parsed = httpx.URL(url)
        _ = parsed.host, parsed.port  # decoded only when they are asked for
    except (httpx.InvalidURL, TypeError, ValueError):
        return None
    return parsed


def name_of(url: str) -> str:
    """Return an address as it may be shown: without name, password and query, since a signature may be in them."""
    parsed = read_address(url)
    if parsed is None:
        return "an address that cannot be read"
    shown = f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}{parsed.path}"
    shown = "".join(c if c.isprintable() else "?" for c in shown)
    return shown if len(shown) <= 160 else shown[:157] + "..."


async def is_private(host: str) -> bool | None:
    """
    Tell whether a host is, or resolves to, a loopback, private, link-local or otherwise reserved address.

    Returns:
        None where the name has no address here. Behind a proxy that is common, and the proxy decides.
    """
    if is_loopback_name(host):
        return True
    there = await addresses_of(host)
    return any(is_reserved(address) for address in there) if there else None


def is_loopback_name(host: str) -> bool:
    """Tell whether a name is this machine's by definition, whatever a resolver says."""
    name = _plain(host)
    return name.endswith("localhost") or name == "localhost.localdomain"


async def addresses_of(host: str) -> Sequence[IP]:
    """Return the addresses of a host, in the order in which they are to be tried; none where it has none here."""
    literal = _ip(host)
    if literal is not None:
        return (literal,)
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            entries = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # a name with an empty or an endless label is a UnicodeError
        return ()
    there = [_ip(str(entry[4][0])) for entry in entries]
    return tuple(dict.fromkeys(address for address in there if address is not None))


def is_reserved(address: IP) -> bool:
    """Tell whether an address is anything but a public one, itself or by the IPv4 address that it carries."""
    if any(address in network for network in _NOBODYS if network.version == address.version):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_reserved(inner)
        if address not in _GLOBAL_6:
            return True
    return not address.is_global or address.is_multicast


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address at which a packet to this one ends up: mapped, 6to4, NAT64 or ISATAP."""
    if address in _NAT64 or (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _plain(host: str) -> str:
    """Return a host in its plainest spelling: no escapes, no look-alikes, no zone, no dot at its end."""
    for _ in range(3):
        host = unquote(host)
    host = unicodedata.normalize("NFKC", host.translate(_DOTS)).translate(_DOTS)
    return host.strip().strip("[]").partition("%")[0].rstrip(".").lower()


def _ip(text: str) -> IP | None:
    plain = _plain(text)
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        pass
    # 127.1, 0x7f.1, 017700000001 and 2130706433 are addresses too. What it takes beside (trailing words) is none.
    if not re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", plain):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(plain))
    except (OSError, ValueError):
        return None
