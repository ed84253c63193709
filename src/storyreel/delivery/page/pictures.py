"""
The pictures of a page: small JPEGs that travel inside it, each made once.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

from storyreel.errors import MediaError, VaultError
from storyreel.files.regular import PICTURE_MOST, read_plain, reason_of
from storyreel.model.recipe import digest
from storyreel.vault import Vault

DRAWING = 1
"""Raised when the way they are made changes, so that older ones are not taken for them."""
SMALL, LARGE = 256, 800
"""Their longer side in pixels: of a take or a frame of the strip, and of a film or a still that is to be approved."""
QUALITY = {SMALL: 68, LARGE: 78}
TOGETHER = 2
NOTHING = ""


class Pictures:
    """Makes pictures of clips and stills; what was made before comes out of the vault's derived folder, or from here where there is none."""

    def __init__(self, vault: Vault | None) -> None:
        self._vault = vault
        self._before: dict[str, bytes] = {}
        self._gate = asyncio.Semaphore(TOGETHER)

    async def of(self, path: Path, content: str, at_s: float, side: int = SMALL) -> str:
        """
        Return a picture as a `data:` address; nothing where there is none to be had: a page is shown without it.

        Args:
            path: A clip, a film or a still.
            content: What tells the file from others: its sha256, or its name with its size and its time.
            at_s: Which second of it; of no account for a still.
            side: Its longer side in pixels.
        """
        name = digest({"v": DRAWING, "of": content, "at": round(at_s, 3), "side": side}) + ".jpg"
        async with self._gate:
            try:
                jpeg = self._before.get(name) or await self._there(name) or await self._drawn(path, at_s, side, name)
            except (MediaError, VaultError, OSError):
                return NOTHING
        return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"

    async def _there(self, name: str) -> bytes | None:
        path = await self._vault.clips.find_derived("page", name) if self._vault is not None else None
        return path.read_bytes() if path is not None else None

    async def _drawn(self, path: Path, at_s: float, side: int, name: str) -> bytes:
        jpeg = await _jpeg(path, at_s, side)
        if self._vault is None:
            self._before[name] = jpeg
            return jpeg
        # A vault that may only be read shows its pictures too.
        with suppress(VaultError, MediaError, OSError), tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            drawn = Path(folder) / name
            drawn.write_bytes(jpeg)
            await self._vault.clips.keep_derived(drawn, "page", name)
        return jpeg


async def _jpeg(path: Path, at_s: float, side: int) -> bytes:
    from PIL import Image

    from storyreel.media.frames import show_small
    from storyreel.media.pictures import is_picture, upright

    try:
        content = read_plain(path, PICTURE_MOST) if is_picture(path) else None
    except OSError as error:
        raise MediaError(f"{path.name} {reason_of(error)}") from error
    if content is None:
        picture = await show_small(path, max(0.0, at_s), (side, side))
    else:
        picture = await asyncio.to_thread(upright, content, name=path.name)
    picture = picture.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    with io.BytesIO() as file:
        picture.save(file, "JPEG", quality=QUALITY[side], optimize=True, progressive=False)
        return file.getvalue()
