"""
The guard behind a real server: requests and WebSockets as they come over a line.
"""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from storyreel.desk.guard import Guard
from tests.desk.doors import SECRET


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, list[str]]]:
    """Run a guarded app on a port, and return the port and what has got through."""
    let_in: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            let_in.append("WebSocket")
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close"})
        else:
            let_in.append(scope["path"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(Guard(app, SECRET, port), lifespan="off", log_config=None, log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield port, let_in
        server.should_exit = True
        thread.join(10)


def raw(port: int, text: str) -> int:
    """Send a request as it is written, and return the status."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(text.replace("\n", "\r\n").encode("latin-1"))
        return int(line.recv(1000).split()[1])


@pytest.mark.parametrize(
    ("request_lines", "statuses"),
    [
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nAuthorization: BASIC\n\n", {204}),
        ("GET / HTTP/1.0\nAuthorization: BASIC\n\n", {403}),
        ("GET / HTTP/1.1\nAuthorization: BASIC\n\n", {400, 403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nHost: 127.0.0.1:PORT\nAuthorization: BASIC\n\n", {400, 403}),
        ("GET http://evil.test/ HTTP/1.1\nHost: evil.test\nAuthorization: BASIC\n\n", {403}),
        ("GET http://127.0.0.1:PORT/ HTTP/1.1\nHost: evil.test\nAuthorization: BASIC\n\n", {403}),
        ("POST http://127.0.0.1:PORT/ HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: 0\n\n", {403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: null\nAuthorization: BASIC\n\n", {403}),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nX-Forwarded-Host: 127.0.0.1:PORT\nForwarded: for=127.0.0.1\n\n", {403}),
    ],
    ids=["right", "1.0", "no host", "two hosts", "absolute", "absolute, foreign", "no secret", "null", "forwarded"],
)
def test_requests_as_they_come_over_a_line(served: tuple[int, list[str]], request_lines: str, statuses: set[int]):
    """
    The server's own reading of a request opens no other way in.
    """
    port, let_in = served
    before = len(let_in)
    status = raw(port, request_lines.replace("PORT", str(port)).replace("BASIC", SECRET.basic))

    assert status in statuses
    assert (1 if status == 204 else 0) == len(let_in) - before


def test_a_websocket_that_is_refused_was_never_open(served: tuple[int, list[str]]):
    """
    It gets 403 in the place of the handshake, so that no word of it is read.
    """
    port, let_in = served
    before = len(let_in)
    with pytest.raises(InvalidStatus, match="403"), connect(f"ws://127.0.0.1:{port}/api/events/out", proxy=None):
        pass
    with connect(f"ws://127.0.0.1:{port}/x", additional_headers=SECRET.headers, proxy=None):
        pass

    assert ["WebSocket"] == let_in[before:]
