"""
The models: what each can do and costs, and where the catalogue is not what the service says.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from storyreel.catalog import load_catalog
from storyreel.cli.models import models
from storyreel.errors import SettingsError
from storyreel.imagine import Imagine
from storyreel.production.models_data import differences, models_data
from tests.imagine.conftest import Say, Stub, stub

__all__ = ["stub"]

GOLDEN = Path(__file__).parents[1] / "golden"


def body(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())["response"]["body"]


async def told(stub: Stub, video: Any, still: Any) -> list[str]:
    """Return in what a service that lists these models differs from the catalogue."""
    stub.on("GET /v1/video-generation-models", Say(200, video))
    stub.on("GET /v1/image-generation-models", Say(200, still))
    async with Imagine(stub.base_url, "k") as client:
        return list(differences(load_catalog(), await client.models()))


async def test_what_was_seen_in_september_lacks_what_came_in_october(stub: Stub):
    """
    The published lists of 2026-09-08: each difference by its model's name, and nothing of what agrees.
    """
    lines = await told(stub, body("models-video"), body("models-image"))

    assert lines == [
        "grok-imagine-video-1.5-lite: the catalogue has this video model, and the service does not list it for this key",
        "grok-imagine-image-quality: the catalogue has this still model, and the service does not list it for this key",
    ]


async def test_each_difference_is_named(stub: Stub):
    """
    A new model, a new name, another mode, another price; what agrees is not spoken of.
    """
    video = {
        "models": [
            {"id": "grok-imagine-video", "aliases": ["imagine-now"], "input_modalities": ["text", "image"]},
            {"id": "grok-imagine-video-2", "input_modalities": ["text"]},
            {"id": "grok-imagine-video-1.5", "input_modalities": ["text", "image", "audio", "video"]},
            {"id": "grok-imagine-video-1.5-lite", "input_modalities": ["text", "image"]},
        ]
    }
    still = {
        "models": [
            {"id": "grok-imagine-image", "image_price": 300_000_000},
            {"id": "grok-imagine-image-2.0", "image_price": 400_000_000},
            {"id": "grok-imagine-image-quality"},
            {"id": "grok-imagine-image-pro"},
        ]
    }

    assert await told(stub, video, still) == [
        "grok-imagine-video-2: the service lists this video model, and the catalogue does not have it",
        "grok-imagine-video: the service calls it imagine-now as well, and the catalogue does not",
        "grok-imagine-image-pro: the service lists this still model, and the catalogue does not have it",
        "grok-imagine-image-pro: the catalogue calls it gone since 2026-05-15, and the service lists it",
        "grok-imagine-video: by the service's list it takes no clips, and the catalogue has the modes edit, extend, image, references, text",
        (
            "grok-imagine-video-1.5: by the service's list it takes clips, and the catalogue has the modes image, image+references, keyframes, "
            "last_frame, references, text, voices"
        ),
        "grok-imagine-image: a still costs $0.03 by the service's list, and $0.02 at least by the catalogue",
    ]


async def test_a_list_may_hold_anything(stub: Stub):
    """
    What no request could name is no model, and steers no terminal; what stands there twice is told once.
    """
    odd = ["\x1b[2Jgone", "two\nlines", "\ud800", "\u202elm", "", " ", "m" * 5000, 7, None, ["m"]]
    cards = [{"id": name, "aliases": [name]} for name in odd]
    listed = {"models": [None, "m", *cards, {"id": "new", "aliases": "new", "image_price": "much"}, {"id": "new"}]}
    stub.on("GET /v1/video-generation-models", Say(200, listed))
    stub.on("GET /v1/image-generation-models", Say(200, {"models": []}))
    async with Imagine(stub.base_url, "k") as client:
        data = models_data(load_catalog(), await client.models(), asked="a gateway")

    theirs = [line for line in data.differences if "service lists" in line]
    assert ["new: the service lists this video model, and the catalogue does not have it"] == theirs
    assert data.model_dump_json().isprintable()


def test_every_model_is_told_with_its_limits_prices_and_sources(capsys: pytest.CaptureFixture[str]):
    """
    Without a key too; a retired one with since when and by what, one that is gone with what to write.
    """
    assert 0 == models()
    screen = capsys.readouterr().out

    for model in models_data(load_catalog(), None).models:
        assert all(
            part in screen for part in (model.name, model.source, model.date, *model.aliases, *model.resolutions)
        )
        assert all(f"${usd:g}" in screen for usd in model.usd.values())
    assert "retired 2026-11-02: still accepted, served by grok-imagine-image-2.0" in screen
    assert "grok-imagine-image-pro is not taken any more since 2026-05-15: write grok-imagine-image-2.0" in screen
    assert "Nobody was asked" in screen


def test_a_comparison_wants_somebody_to_compare_with(capsys: pytest.CaptureFixture[str]):
    """
    With the sandbox it agrees; without a key there is nobody.
    """
    assert 0 == models(check=True, sandbox=True)
    assert "agree" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="XAI_API_KEY"):
        models(check=True)
