"""
One scene to look at by itself: its clip, as it came, and a contact sheet of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storyreel import media
from storyreel.delivery.contact_sheet import Tile, kept_sheet
from storyreel.files.place import place_copy, refused
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip, ServiceName
from storyreel.planning.steps import is_of
from storyreel.vault import Vault

LOOKS = 9
"""How many frames of a clip its sheet shows."""


@dataclass(frozen=True)
class SceneFiles:
    """
    Where the clip of a scene and its contact sheet are: `scenes/<scene>.mp4` in the folder of its film, `<delivery>.<scene>.mp4` of one that
    is bought for a delivery alone.
    """

    clip: Path
    sheet: Path


def scene_files(out: Path, slug: str, scene: str, service: ServiceName) -> SceneFiles:
    """Return the places of a scene. One from the sandbox never takes the name of a real one."""
    # A colon is in no name of a file that every machine can read.
    name = scene.replace(":", ".") if service == "xai" else f"{scene.replace(':', '.')}.{service}"
    folder = out / slug / "scenes"
    return SceneFiles(folder / f"{name}.mp4", folder / f"{name}.png")


async def put_scene(plan: Plan, scene: str, clips: Mapping[str, Clip], vault: Vault, files: SceneFiles) -> bool:
    """
    Put a copy of the clip that a scene ends as, byte for byte, with a contact sheet, at its place; False where it has none.

    Args:
        clips: The clip of each step that has one.

    Raises:
        MediaError: They cannot be written, or the clip cannot be read.
        VaultError: The vault has lost it.
    """
    chain = [step for step in plan.steps if is_of(step, (scene,)) and step.kind != "still"]
    clip = clips.get(chain[-1].id) if chain else None
    if clip is None:
        return False
    path = await vault.clips.local(clip.sha256)
    measured = await asyncio.to_thread(media.probe, path)
    times = [round((number + 0.5) * measured.seconds / LOOKS, 2) for number in range(LOOKS)]
    tiles = [Tile(path, at_s, scene, f"{at_s:g} s", scene) for at_s in times]
    width, height = measured.signature.width, measured.signature.height
    sheet = await kept_sheet(tiles, (width, height), vault)
    with refused(files.clip.parent):
        await asyncio.to_thread(place_copy, path, files.clip)
        await asyncio.to_thread(place_copy, sheet, files.sheet)
    return True
