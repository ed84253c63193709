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


TAIL = {"kind": "tail", "of": BEFORE, "seconds": 8.0}
NO_TAIL = {"kind": "tail", "of": BEFORE, "seconds": -1e300}


@pytest.mark.parametrize("size", [(0, 0), (848, 0), (0, 480), (848, 480)])
@settings(max_examples=60, deadline=None)
@given(
    operation=st.sampled_from(["text-to-video", "image-to-video", "extend-video", "edit-video", "generate-image"]),
    source=st.sampled_from([None, BEFORE, TRIMMED, TAIL, NO_TAIL]),
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
        frames=96,
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


@pytest.mark.parametrize(
    ("came", "seconds", "begins"),
    [
        pytest.param(360, 13.0, 8.0, id="with-what-was-fed"),
        pytest.param(120, 13.0, 0.0, id="without-it"),
    ],
)
async def test_a_clip_that_goes_on_from_a_tail_is_new_from_where_that_ends(
    tmp_path: Path, came: int, seconds: float, begins: float
):
    """
    Eight of sixteen seconds went in, and five were to be added; what is wrong before that was told of the clip before. A clip of 1080 lines
    comes back with 720.
    """
    vault = open_vault(f"file:{tmp_path}", cache=tmp_path / "cache")
    made = Take(service="xai", request_id="before", fingerprint="f" * 64, attempt=1, end="clip", sha256="0" * 64)
    before = made.model_copy(update={"seconds": 16.0, "frames": 384, "fps": 24.0, "width": 1920, "height": 1080})
    await vault.takes.end(before)
    take = made.model_copy(update={"request_id": "after", "frames": came, "fps": 24.0, "seconds": came / 24})
    asked = await asked_of(vault, take, recipe("extend-video", TAIL, {"duration": 5}))

    assert (seconds, begins, 720.0) == (asked.seconds, asked.begins, asked.short_side)
    assert asked.seams == ((begins,) if begins else ())
