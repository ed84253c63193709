"""Other people's clients of the original, unchanged, met over a socket: Vercel's AI SDK, and the docs' lines of curl."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from storyreel.vault import open_vault
from tests.buckets import Buckets
from tests.sandbox.test_http_port import served
from tests.shown import Command, told

HERE = Path(__file__).parent / "js"
LINES = [each.line for each in told("docs/sandbox.md") if isinstance(each, Command) and each.line.startswith("curl ")]


async def run(command: list[str], folder: Path, **env: str) -> str:
    """Run a program to its end, while this process serves, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.mark.long
async def test_vercels_sdk_makes_what_it_can_say(tmp_path: Path) -> None:
    """
    Each kind of clip, with the length and the charge that were asked for, and not one warning of its own.
    """
    for file in HERE.iterdir():
        shutil.copy(file, tmp_path)
    await run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], tmp_path)
    async with served(tmp_path / "sandbox") as client:
        made = json.loads(await run(["node", "make.mjs"], tmp_path, IMAGINE_BASE_URL=str(client.base_url).rstrip("/")))

    clips = {clip["name"]: clip for clip in made["clips"]}
    assert made["still"]["isJpeg"]
    assert all(clip["isMp4"] and clip["warnings"] == [] for clip in made["clips"])
    assert {name: (clip["seconds"], clip["ticks"] / 1e10) for name, clip in clips.items()} == {
        "text": (3, 0.15),
        "image": (3, 0.152),
        "reference": (3, 0.152),
        "edit": (3, 0.18),
        "extend": (5, 0.25),
        "silent": (2, 0.10),
        "first and last frame": (3, 0.26),
        "keyframes": (3, 0.25),
        "voices": (3, 0.25),
    }


async def test_the_lines_of_the_docs_do_what_they_say(tmp_path: Path, make_bucket: Buckets) -> None:
    """
    An upload by its id, a first frame beside references, a clip that is put where its caller says, and its poll.
    """
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "face.jpg")
    vault = open_vault(f"s3://{make_bucket()}/films", cache=tmp_path)
    way: dict[str, str] = {"PUT": await vault.inbox.address("sandbox", "f", 1) or ""}
    answers: list[dict[str, Any]] = []
    async with served(tmp_path / "sandbox") as client:
        way["AT"] = str(client.base_url).rstrip("/")
        for line in LINES:
            while True:
                answer = json.loads(await run(["bash", "-c", line], tmp_path, **way))
                if answer.get("status") != "pending":
                    break
            answers.append(answer)
            way |= {"FILE": answer["id"]} if answer.get("object") == "file" else {}
            way |= {"REQUEST": answer["request_id"]} if "request_id" in answer else {}

    assert 5 == len(LINES)
    assert [bool(answer.get("request_id")) for answer in answers] == [False, True, True, True, False]
    assert "done" == answers[-1]["status"]
    assert "url" not in answers[-1]["video"]
    assert await vault.inbox.has("sandbox", "f", 1)
