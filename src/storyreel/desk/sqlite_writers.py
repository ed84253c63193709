"""
One writer at a time before a server whose database is SQLite, and another try for whoever was turned away.

There a write fails at once when another one came in between, and Prefect answers 503 and cuts the connection: of twenty
runs that are created together three get in. What was turned away has changed nothing, so it can be asked for again; the second
time it takes its place in SQLite's own line before it reads, so that nobody can come in between.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAUSES_S = tuple(0.05 * 2**n for n in range(8))
"""The pauses before each further try; the last answer is passed on, whatever it is."""
BODY_LIMIT = 64_000_000
"""Bytes of a request that are taken: logs and artifacts are the largest, a few MB."""
READS = ("/filter", "/count", "/paginate", "/history", "/get_scheduled_flow_runs")
"""Ends of paths that are asked by POST and write nothing that anybody waits for."""

QUEUES: ContextVar[bool] = ContextVar("QUEUES", default=False)
"""Whether transactions wait for all other writers before they read anything."""


class OneWriter:
    """An ASGI app that lets one write at a time through to another app, and asks again after a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH", "DELETE"):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > BODY_LIMIT:
                await PlainTextResponse(f"More than {BODY_LIMIT} bytes are not taken.\n", 413)(scope, receive, send)
                return
        reads = scope["path"].rstrip("/").endswith(READS)
        for number, pause in enumerate((*PAUSES_S, None), start=1):
            queues = QUEUES.set(number == 2)
            async with nullcontext() if reads else self._turn:
                answer = await self._answer(scope, bytes(body))
            QUEUES.reset(queues)
            if pause is None or answer[0]["status"] != 503:
                break
            await asyncio.sleep(pause)
        for message in answer:
            await send(message)

    async def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        """Ask the app once, and return its whole answer."""
        asked = False
        answer: list[Message] = []

        async def receive() -> Message:
            nonlocal asked
            if asked:
                # Whoever waits for the client to leave waits until the answer is there.
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answer.append(message)

        try:
            await self._app(dict(scope), receive, send)
        except Exception:
            # An answer that says what went wrong is followed by the fault itself, for the server's log: it would end
            # the connection before the answer is read.
            if not answer or answer[-1].get("more_body", False) or answer[-1]["type"] == "http.response.start":
                raise
        return answer


def let_writers_queue() -> None:
    """
    Have Prefect's transactions in this process wait for their turn where `QUEUES` says so.

    Prefect begins a transaction as a reader, and SQLite does not let a reader become a writer when somebody has written since,
    however long it would wait (3.8.8 and 3.9.1). Not always: two transactions of one request would wait for each other.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_transaction(
        self: AioSqliteConfiguration, session: Any, with_for_update: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        return begin(self, session, with_for_update=with_for_update or QUEUES.get())

    AioSqliteConfiguration.begin_transaction = begin_transaction  # type: ignore[method-assign, assignment]
