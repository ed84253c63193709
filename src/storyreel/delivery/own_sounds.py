"""
The sounds of shots, taken out of their clips ahead of the cut, where there is time for it: bare samples, kept until it comes.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storyreel import media
from storyreel.delivery.cutting_room import CuttingRoom
from storyreel.model.recipe import digest

TAKING = 1
"""Raised when the way sounds are taken out of clips changes, so that older ones are not taken for it."""


async def take_ahead(sound: media.SoundPiece, content: str, house: media.House, room: CuttingRoom) -> None:
    """
    Take the sound of a shot out of its clip, and keep it for the cut; of a silent clip nothing is kept.

    Args:
        content: What tells the clip from others.

    Raises:
        MediaError: It cannot be taken out.
    """
    name = _name(sound, content, house)
    if await room.vault.clips.find_derived("heard", name) is not None:
        return
    with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
        path = Path(folder) / name
        if await media.take_sound(sound, house, path, room.survey):
            await room.vault.clips.keep_derived(path, "heard", name)


async def taken_ahead(
    sounds: Sequence[media.SoundPiece], contents: Mapping[Path, str], house: media.House, room: CuttingRoom
) -> dict[media.SoundPiece, Path]:
    """Return where the sounds lie that were taken out ahead, whole."""
    ready: dict[media.SoundPiece, Path] = {}
    for sound in sounds:
        path = await room.vault.clips.find_derived("heard", _name(sound, contents[sound.clip], house))
        if path is not None and await asyncio.to_thread(media.is_whole_sound, path, sound, house):
            ready[sound] = path
    return ready


def _name(sound: media.SoundPiece, content: str, house: media.House) -> str:
    recipe: dict[str, Any] = {"v": TAKING, "clip": content, **media.taking(sound, house)}
    return f"{digest(recipe)}.s16"
