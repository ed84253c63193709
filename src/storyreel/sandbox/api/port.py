"""
The sandbox on a port of this machine, for other programs and other people's clients.

It listens on the loopback alone and prints nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import Callable

import uvicorn

from storyreel.catalog import Catalog
from storyreel.errors import SettingsError
from storyreel.sandbox import SandboxSettings, create_app


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()


async def run(
    settings: SandboxSettings,
    catalog: Catalog,
    *,
    port: int,
    host: str,
    ready: Callable[[int], None] | None,
) -> None:
    """Serve until the process is told to stop; see `storyreel.sandbox.api.port`."""
    with _listen(host, port) as listening:
        taken: int = listening.getsockname()[1]
        config = uvicorn.Config(
            create_app(settings, catalog),
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = _Server(config, lambda: ready(taken) if ready else None)
        try:
            await server.serve(sockets=[listening])
        except asyncio.CancelledError:
            await server.shutdown(sockets=[listening])
            raise


def _listen(host: str, port: int) -> socket.socket:
    if not ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback:
        raise SettingsError(f"the sandbox serves this machine alone, not {host}")
    if not 0 <= port <= 65535:
        raise SettingsError(f"the sandbox cannot have port {port}: ports go from 1 to 65535 (0 takes a free one)")
    try:
        return socket.create_server(("127.0.0.1" if host == "localhost" else host, port))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(f"the sandbox cannot have port {port}: {why}; choose another with --port") from None
