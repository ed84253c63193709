"""
What was asked of a clip is read from what its claim says was sent, which may be of any version, or damaged.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyreel.delivery.clip_marks import asked_of
from storyreel.media.quality.inspection import Inspection
from storyreel.media.quality.judge import judge
from storyreel.vault import Take, open_vault

ODD = [0, -1, 10**400, 1e308, True, None, "0:1", "9:0", "0p", "²:1", "²p", "16:9:9", "1" * 400 + ":1", [], {}, "-9:16"]
CLIP = Inspection(
    seconds=6.0, rate=24.0, width=848, height=480, at_ms=(0,), brightest=(200,), moved=(0,), stepped=(0,), heard=True
)
"""One that nothing is wrong with, however short what was measured of it."""
BEFORE = {"kind": "take", "request_id": "before"}
TRIMMED = {"kind": "trim", "of": {"kind": "file", "sha256": "0" * 64}, "start": 0.0, "end": 2.0}


@pytest.mark.parametrize("size", [(0, 0), (848, 0), (0, 480), (848, 480)])
@settings(max_examples=60, deadline=None)
@given(
    operation=st.sampled_from(["text-to-video", "image-to-video", "extend-video", "edit-video", "generate-image"]),
    source=st.sampled_from([None, BEFORE, TRIMMED]),
    body=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["aspect_ratio", "resolution", "duration", "generate_audio"], st.sampled_from(ODD))
    ),
    fps=st.sampled_from([0.0, -24.0, 24.0]),
)
def test_whatever_a_claim_says_was_sent_costs_no_more_than_a_mark(
    tmp_path_factory: pytest.TempPathFactory,
    size: tuple[int, int],
    operation: str,
    source: dict[str, Any] | None,
    body: dict[str, object],
    fps: float,
):
    """
    A ratio of nothing, a length of a thousand digits, a take without a size: the clip is judged by what remains.
    """
    asyncio.run(judged(tmp_path_factory.mktemp("vault"), size, fps, recipe(operation, source, body)))


def recipe(operation: str, source: dict[str, Any] | None, body: dict[str, object]) -> dict[str, Any]:
    """Return what a claim says was sent."""
    return {"operation": operation, "body": body, "inputs": [source] if source is not None else [], "take": 1}


async def judged(folder: Path, size: tuple[int, int], fps: float, sent: dict[str, Any]) -> None:
    """Judge a clip by what was sent for it; the take that it is made from has this size and rate."""
    vault = open_vault(f"file:{folder}", cache=folder / "cache")
    before = Take(
        service="xai",
        request_id="before",
        fingerprint="f" * 64,
        attempt=1,
        end="clip",
        sha256="0" * 64,
        seconds=4.0,
        width=size[0],
        height=size[1],
        fps=fps,
    )
    await vault.takes.end(before)
    judge(CLIP, await asked_of(vault, before.model_copy(update={"request_id": "after"}), sent))


async def test_what_was_asked_is_what_was_sent(tmp_path: Path):
    """
    The ratio, the lines, and whether there was to be sound.
    """
    vault = open_vault(f"file:{tmp_path}", cache=tmp_path / "cache")
    take = Take(service="xai", request_id="one", fingerprint="f" * 64, attempt=1, end="clip", asked_seconds=6.0)
    body = {"aspect_ratio": "16:9", "resolution": "480p", "generate_audio": False}
    asked = await asked_of(vault, take, recipe("text-to-video", None, body))

    assert (6.0, 24.0, 16 / 9, 480.0, False) == (asked.seconds, asked.rate, asked.ratio, asked.short_side, asked.sound)
