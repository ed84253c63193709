"""
Refuse every connection that leaves this machine: loaded by the tests, and by each Python process that they start.
"""

import ipaddress
import socket
from typing import Any


class NotLoopbackError(OSError):
    """Something tried to reach another machine during the tests."""


def _is_here(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def _guarded(name: str) -> Any:
    plain = getattr(socket.socket, name)

    def connect(self: socket.socket, address: Any) -> Any:
        if not _is_here(address):
            raise NotLoopbackError(f"the tests stay on this machine, and something wanted to reach {address!r}")
        return plain(self, address)

    return connect


def _resolver(plain: Any) -> Any:
    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here((name, 0)):
            raise socket.gaierror(socket.EAI_NONAME, f"the tests stay on this machine: {name!r} is not looked up")
        return plain(host, *args, **kwargs)

    return getaddrinfo


def stay_here() -> None:
    """Guard this process; done once."""
    if getattr(socket, "storyreel_guarded", False):
        return
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(name))
    socket.getaddrinfo = _resolver(socket.getaddrinfo)
    socket.storyreel_guarded = True  # type: ignore[attr-defined]


stay_here()
