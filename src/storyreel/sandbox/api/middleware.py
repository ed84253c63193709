"""
The door that every request passes: POSTs are written down before anybody looks at them, answers are marked.

It knows neither keys nor paths.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storyreel.sandbox import HEADER
from storyreel.sandbox.api import responses
from storyreel.sandbox.api.jobs import JobFolder

JSON_BYTES = 64 * 2**20
UPLOAD_BYTES = 512 * 2**20
PROMPT_CHARACTERS = 200


class Door:
    """Write down each POST in the folder, before it is checked, and put the sandbox's mark on each answer."""

    def __init__(self, app: ASGIApp, folder: JobFolder) -> None:
        self._app = app
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = "1"
            await send(message)

        if scope["method"] != "POST":
            await self._app(scope, receive, marked)
            return
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").startswith("multipart/")
        body = await _whole(receive, UPLOAD_BYTES if upload else JSON_BYTES)
        self._folder.note_post(
            {
                "time": time.time(),
                "method": scope["method"],
                "path": scope["path"],
                "idempotency_key": headers.get("idempotency-key"),
                "sha256": hashlib.sha256(body).hexdigest() if body is not None else None,
                **({} if upload else _model_and_prompt(body)),
            }
        )
        if body is None:
            refusal = responses.too_large()
            await JSONResponse(refusal.body, refusal.status)(scope, receive, marked)
            return
        await self._app(scope, _again(body, receive), marked)


async def _whole(receive: Receive, most: int) -> bytes | None:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(pieces)
        piece = message.get("body", b"")
        size += len(piece)
        if size <= most:
            pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces) if size <= most else None


def _again(body: bytes, receive: Receive) -> Receive:
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _model_and_prompt(body: bytes | None) -> dict[str, Any]:
    try:
        request = json.loads(body or b"")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(request, dict):
        return {}
    prompt = request.get("prompt")
    return {"model": request.get("model"), "prompt": prompt[:PROMPT_CHARACTERS] if isinstance(prompt, str) else None}
