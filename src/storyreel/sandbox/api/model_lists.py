"""
What the sandbox tells about its models and about a key, in the original's shapes.

Pure. Everything comes from the catalogue, except for what a published answer of 2026-09-08 shows to the letter.
"""

from __future__ import annotations

import hashlib
from typing import Any

from storyreel.catalog import Catalog, StillModel, VideoModel
from storyreel.sandbox.api.responses import TEAM

SEEN = {"grok-imagine-video-1.5": ("fp_8e3f9286fa", 1779840000)}
LAUNCH = 1769558400  # 28 January 2026


def video_models(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the entries of the list of video models. Video entries have no prices."""
    return [_video(model) for model in catalog.video.values()]


def still_models(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the entries of the list of models for stills, with their prices in ticks."""
    return [_still(model) for model in catalog.still.values()]


def all_models(catalog: Catalog) -> dict[str, Any]:
    """Return the list of all models, in the short shape that other services have too."""
    names = [*catalog.video, *catalog.still]
    data = [{"id": name, "object": "model", "created": _seen(name)[1], "owned_by": "xai"} for name in names]
    return {"object": "list", "data": data}


def api_key() -> dict[str, Any]:
    """Return what is told about a key. Nobody is behind it."""
    return {
        "redacted_api_key": "sand...box",
        "user_id": TEAM,
        "name": "sandbox",
        "create_time": "2026-11-22T00:00:00Z",
        "modify_time": "2026-11-22T00:00:00Z",
        "modified_by": TEAM,
        "team_id": TEAM,
        "acls": ["api-key:model:*", "api-key:endpoint:*"],
        "api_key_id": TEAM,
        "team_blocked": False,
        "api_key_blocked": False,
        "api_key_disabled": False,
    }


def me(*, zero_retention: bool = False) -> dict[str, Any]:
    """Return what is told about who asks. What the original calls a team with zero data retention is a guess."""
    return {"user_id": TEAM, "team_id": TEAM, "zdr_status": "enabled" if zero_retention else "disabled"}


def _seen(name: str) -> tuple[str, int]:
    made_up = "fp_" + hashlib.sha256(name.encode()).hexdigest()[:10]
    return SEEN.get(name, (made_up, LAUNCH))


def _entry(name: str, aliases: tuple[str, ...], takes: list[str], gives: str) -> dict[str, Any]:
    fingerprint, created = _seen(name)
    return {
        "id": name,
        "fingerprint": fingerprint,
        "created": created,
        "object": "model",
        "owned_by": "xai",
        "version": "1.0",
        "input_modalities": takes,
        "output_modalities": [gives],
        "aliases": list(aliases),
    }


def _video(model: VideoModel) -> dict[str, Any]:
    takes = ["text", "image"]
    if model.modes & {"edit", "extend"}:
        takes.append("video")
    if "voices" in model.modes:
        takes.append("audio")
    return _entry(model.name, model.aliases, takes, "video")


def _still(model: StillModel) -> dict[str, Any]:
    entry = _entry(model.name, model.aliases, ["text", "image"], "image")
    entry["max_prompt_length"] = 64000 if model.qualities else 16000
    entry["image_price"] = min(model.image_ticks.values())
    if model.qualities:
        entry["pricing"] = [
            {"quality": quality, "resolution": resolution, "price_per_image": ticks}
            for key, ticks in model.image_ticks.items()
            for quality, slash, resolution in [key.partition("/")]
            if slash
        ]
    return entry
