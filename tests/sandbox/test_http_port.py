"""The sandbox on a real port, met by a real client over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError
from storyreel.sandbox import SandboxSettings, serve


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    given = SandboxSettings(folder=folder, **{"latency_s": 0.0, "submits_per_second": None} | settings)
    server = asyncio.create_task(serve(given, load_catalog(), port=0, ready=port.set_result))
    try:
        at = f"http://127.0.0.1:{await port}/v1"
        async with httpx.AsyncClient(base_url=at, headers={"authorization": "Bearer k"}, trust_env=False) as client:
            yield client
    finally:
        server.cancel()
        with suppress(asyncio.CancelledError):
            await server


async def ended(client: httpx.AsyncClient, prompt: str) -> dict[str, Any]:
    answer = await client.post("/videos/generations", json={"prompt": prompt, "duration": 1})
    while (told := await client.get(f"/videos/{answer.json()['request_id']}")).status_code == 202:
        await asyncio.sleep(0.05)
    body: dict[str, Any] = told.json()
    return body


async def test_a_clip_is_made_and_fetched_over_a_socket(tmp_path):
    """
    The address of a clip is on the host and port by which the sandbox was called.
    """
    async with served(tmp_path) as client:
        url = (await ended(client, "a fox"))["video"]["url"]
        clip = await client.get(url)

    assert url.startswith(f"http://127.0.0.1:{client.base_url.port}/media/")
    assert clip.content[4:8] == b"ftyp"
    assert clip.headers["x-storyreel-sandbox"] == "1"


async def test_a_broken_connection_is_broken_on_a_socket_too(tmp_path):
    """
    No answer to a submit, half of a clip, less than was promised: each is an error of the transport.
    """
    async with served(tmp_path) as client:
        cut = (await ended(client, "[[sandbox: download cut]] a fox"))["video"]["url"]
        long = (await ended(client, "[[sandbox: download long]] a fox"))["video"]["url"]
        for ask in (
            client.post("/videos/generations", json={"prompt": "[[sandbox: drop after]] a fox"}),
            client.get(cut),
            client.get(long),
        ):
            with pytest.raises(httpx.TransportError):
                await ask
        again = await client.get("/api-key")

    assert again.status_code == 200


async def test_a_large_body_is_taken_and_a_huge_one_refused(tmp_path):
    """
    A data URI of some megabytes goes through; beyond 64 MB the door stays shut.
    """
    async with served(tmp_path) as client:
        picture = "data:image/png;base64," + "A" * (8 * 2**20)
        large = await client.post("/videos/generations", json={"prompt": "a", "image": {"url": picture}})
        huge = await client.post("/videos/generations", content=b" " * (65 * 2**20))

    assert (large.status_code, huge.status_code) == (200, 413)


async def test_a_taken_port_is_told_in_a_sentence(tmp_path):
    """
    Whoever starts a second sandbox on a port is told so.
    """
    async with served(tmp_path) as client:
        with pytest.raises(SettingsError, match="cannot have port"):
            await serve(SandboxSettings(folder=tmp_path), load_catalog(), port=int(client.base_url.port or 0))


async def test_nobody_else_is_served(tmp_path):
    """
    The sandbox listens on the loopback alone.
    """
    with pytest.raises(SettingsError, match="this machine alone"):
        await serve(SandboxSettings(folder=tmp_path), load_catalog(), port=0, host="0.0.0.0")
