"""
Where our servers listen, and where Prefect's page is.
"""

from __future__ import annotations

import socket

HOST = "127.0.0.1"
"""At this machine alone."""
ALONE = "alone"
"""The word by which a server knows that it is one command's."""
NEW = "/v2"
"""Where Prefect's new page is. Source: prefect/server/api/server.py of 3.8.8, read 2026-11-27."""


def bound(port: int) -> socket.socket:
    """Return a socket for a server: whoever asks early waits in its line, and nobody else can have the port."""
    return socket.create_server((HOST, port), backlog=1024)
