"""A sandbox to talk to: one fixture, and no server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.catalog import load_catalog
from storyreel.sandbox import SandboxSettings, create_app
from storyreel.sandbox.stage import clips
from tests.drawn_once import one_picture


class Stage:
    """A client of a sandbox in this process, with what every test does."""

    def __init__(self, folder: Path, key: str = "rehearsal", host: str = "sandbox", **settings: Any) -> None:
        self.folder = folder
        given = {"latency_s": 0.0, "submits_per_second": None} | settings
        app = create_app(SandboxSettings(folder=folder, **given), load_catalog())
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=f"http://{host}/v1", headers=headers
        )

    async def submit(self, prompt: str = "A lighthouse in fog", to: str = "generations", **fields: Any) -> str:
        """Have a job accepted; return its id."""
        if to == "generations":
            fields.setdefault("duration", 1)
        answer = await self.client.post(f"/videos/{to}", json={"prompt": prompt, **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["request_id"])

    async def poll(self, request_id: str) -> httpx.Response:
        """Ask once."""
        return await self.client.get(f"/videos/{request_id}")

    async def end(self, request_id: str) -> httpx.Response:
        """Ask until the answer is no longer that the job is pending."""
        for _ in range(600):
            answer = await self.poll(request_id)
            if answer.status_code != 202 and not (answer.status_code == 200 and '"pending"' in answer.text):
                return answer
            await asyncio.sleep(0.05)
        raise AssertionError("the job never ended")

    async def film(self, prompt: str = "A lighthouse in fog", to: str = "generations", **fields: Any) -> dict[str, Any]:
        """Have a job made; return the body of its end."""
        answer = await self.end(await self.submit(prompt, to, **fields))
        body: dict[str, Any] = answer.json()
        return body

    def lines(self, name: str) -> list[str]:
        """Return the lines of one of the sandbox's records."""
        record = self.folder / name
        return record.read_text(encoding="utf-8").splitlines() if record.exists() else []


@pytest.fixture
def drawn_once(masters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each kind of clip be drawn once, for tests of what is answered and not of what a clip shows."""
    for name, stand_in in one_picture(masters):
        monkeypatch.setattr(clips, name, stand_in)


@pytest.fixture
def staged(tmp_path: Path) -> Callable[..., Stage]:
    """Return what makes a sandbox; by default all of one test share a folder."""

    def make(folder: Path = tmp_path / "sandbox", **settings: Any) -> Stage:
        return Stage(folder, **settings)

    return make
