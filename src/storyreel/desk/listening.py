"""
Where our servers listen, and where Prefect's page is.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

HOST = "127.0.0.1"
"""At this machine alone."""
ALONE = "alone"
"""The word by which a server knows that it is one command's."""
NEW = "/v2"
"""Where Prefect's new page is. Source: prefect/server/api/server.py of 3.8.8, read 2026-11-27."""

NOBODY = Path(__file__).with_name("nobody.pem")
"""
The certificate of nobody: it is over since the day it was made, and its key was never kept. Our servers are spoken to without TLS, and yet
each client of theirs reads all certificates that are believed, a fortieth of a second of CPU, where it is not told of another file.
"""


def believes_nobody() -> ssl.SSLContext:
    """Return whose certificates a client believes that speaks to our own servers, without TLS: nobody's."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def bound(port: int) -> socket.socket:
    """Return a socket for a server: whoever asks early waits in its line, and nobody else can have the port."""
    return socket.create_server((HOST, port), backlog=1024)
