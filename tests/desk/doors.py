"""
A guard with nothing behind it but a list of who got through, and the headers that people and strangers show it.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from storyreel.desk.guard import Guard
from storyreel.desk.secret import Secret

PORT, FILMS = 4200, 4201
SECRET, OTHER = Secret("5" * 64), Secret("6" * 64)
NAME = f"{SECRET.browser_name}:{PORT}"
BASIC = ("authorization", SECRET.basic)
COOKIE = ("cookie", f"storyreel-{PORT}={SECRET.cookie}")
NOW = 1_800_000_000.0

Headers = list[tuple[str, str]]


@dataclass
class Door:
    """A guard, the clock on its wall, and what has got through."""

    port: int = PORT
    now: float = NOW
    let_in: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard = Guard(self._app, SECRET, self.port, cookie=PORT, clock=lambda: self.now)

    async def _app(self, scope: Any, _receive: Any, send: Any) -> None:
        self.let_in.append(f"{scope.get('method', 'WebSocket')} {scope['path']}")
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"no-referrer")]})
        await send({"type": "http.response.body", "body": b"in"})

    def knock(self, headers: Headers, method: str = "GET", target: str = "/", kind: str = "http") -> tuple[int, Any]:
        """Ask for something, and return the status and the answer's headers; 403 for a WebSocket that is refused."""
        path, _, query = target.partition("?")
        scope = {
            "type": kind,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        }
        if kind == "http":
            scope["method"] = method
        said: list[Any] = []

        async def send(message: Any) -> None:
            said.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        asyncio.run(self.guard(scope, receive, send))
        if kind == "websocket":
            return (101 if said[0]["type"] == "websocket.accept" else 403), {}
        assert said[-1].get("more_body", False) is False
        return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}


def host(name: str) -> tuple[str, str]:
    return ("host", name)


HERE = host(f"127.0.0.1:{PORT}")
THERE = host(NAME)
ORIGIN = ("origin", f"http://{NAME}")
