"""
A small HTTP server on a real socket that says what a test tells it to, cut lines and dropped connections included.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

KEY = "xai-canary-0123456789abcdef"
REQUEST_ID = "d97415a1-5796-b7ec-379f-4e6819e08fdf"


@dataclass(frozen=True)
class Say:
    """
    One answer. A `body` of None is empty, a dict JSON, else bytes or text as they are.

    `length` is the Content-Length that is told (None: the true one, -1: none at all). With `drop` the connection is
    cut without a word once the request was read. With `drip_s` it comes byte by byte, with a pause after each.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    drop: bool = False
    after_s: float = 0.0
    drip_s: float = 0.0

    def encoded(self) -> bytes:
        body = self.body
        if body is None:
            body = b""
        elif isinstance(body, dict | list):
            body = json.dumps(body).encode()
        elif isinstance(body, str):
            body = body.encode()
        headers = dict(self.headers)
        if self.length != -1:
            headers["Content-Length"] = str(len(body) if self.length is None else self.length)
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def _drops(say: Say) -> list[bytes]:
    whole = say.encoded()
    return [whole[n : n + 1] for n in range(len(whole))] if say.drip_s else [whole]


class Stub:
    """Says its answers to `METHOD /path` in their order, the last one again and again."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.port = 0
        self.answers: dict[str, list[Say]] = {}
        self._connections = 0
        self.writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, request: str, *answers: Say) -> None:
        self.answers[request] = list(answers)

    def on_poll(self, *answers: Say) -> None:
        self.on(f"GET /v1/videos/{REQUEST_ID}", *answers)

    def on_submit(self, *answers: Say) -> None:
        self.on("POST /v1/videos/generations", *answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        self.writers.add(writer)
        try:
            while await self._one(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readexactly(2)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.heard.append(Heard(method, path, headers, body, number))
        answers = self.answers.get(f"{method} {path.partition('?')[0]}", [Say(404, {"error": "not scripted"})])
        say = answers.pop(0) if len(answers) > 1 else answers[0]
        await asyncio.sleep(say.after_s)
        for drop in () if say.drop else _drops(say):
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(say.drip_s)
        return not say.drop and say.length is None

    async def hang_up(self) -> None:
        for writer in list(self.writers):
            writer.close()


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.port = server.sockets[0].getsockname()[1]
    yield stub
    server.close()
    await stub.hang_up()
    await server.wait_closed()
    await asyncio.sleep(0)


@pytest.fixture
def key() -> str:
    return KEY
