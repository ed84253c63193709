"""
Files in the vault: paid clips, named by their content and never removed, and what is made from them, which can always
be made again.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from pathlib import Path

from storyreel.errors import ClipMissing, VaultError
from storyreel.files.regular import open_plain
from storyreel.vault.paths import broken_key, clip_stem, segment, suffix_of
from storyreel.vault.record_store import RecordStore
from storyreel.vault.stores.disk_errors import BLOCK


class Clips:
    """Clips, and what is made from them."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._store = records.store
        self._sound: set[str] = set()

    async def keep(self, path: Path, suffix: str) -> str:
        """
        Keep a file for good, and return its sha256. The file itself is left where it is.

        Whole or not at all: no other process ever sees half of it. A clip that is there already is left alone, unless
        its length is wrong, in which case it is healed.

        Args:
            path: A file on this machine.
            suffix: What it is: `.mp4`, `.jpg`.
        """
        sha256, size = await asyncio.to_thread(_measure, path)
        key = await self._clip(sha256)
        if key is None or await self._store.size(key) != size:
            await self._store.put_file(key or clip_stem(sha256) + suffix_of(suffix), path, sha256)
        return sha256

    async def has(self, sha256: str, suffix: str = "") -> bool:
        """
        Say whether the vault has this clip.

        Args:
            sha256: Its content.
            suffix: What its take says that its file ends with: one look is enough then, and a folder of many need not be listed.
        """
        # A record that was damaged may name anything: what is there all the same is found by the listing.
        with suppress(VaultError):
            if suffix and await self._store.size(clip_stem(sha256) + suffix_of(suffix)) is not None:
                return True
        return await self._clip(sha256) is not None

    async def local(self, sha256: str) -> Path:
        """
        Return a clip as a file that can be read. It belongs to the vault: it is never written to.

        Its content is looked at once a process: what a damaged clip is sent for, or cut into, would be spoilt.

        Raises:
            ClipMissing: The vault does not have it.
            VaultError: It is damaged.
        """
        key = await self._clip(sha256)
        path = await self._store.local(key) if key else None
        if path is None:
            raise ClipMissing(sha256)
        if sha256 not in self._sound:
            if (await asyncio.to_thread(_measure, path))[0] != sha256:
                raise VaultError(f"{path} is damaged; delete it, and a run fetches it again, or restore it from a copy")
            self._sound.add(sha256)
        return path

    async def nearby(self, sha256: str) -> Path | None:
        """Return the file of a clip if it is on this machine: in the vault's folder, or among the copies of a bucket's clips."""
        return await self._store.nearby(clip_stem(sha256))

    async def keep_bytes(self, content: bytes, suffix: str) -> str:
        """Keep what is in memory, small and paid for, without the detour over a file elsewhere; return its sha256."""
        sha256 = hashlib.sha256(content).hexdigest()
        key = await self._clip(sha256)
        if key is None:
            await self._store.create(clip_stem(sha256) + suffix_of(suffix), content)
        return sha256

    async def keep_broken(self, path: Path, request_id: str) -> str:
        """Keep what came down for a take and cannot be read: it is all there is of it. Return where it is."""
        sha256, _ = await asyncio.to_thread(_measure, path)
        key = broken_key(request_id)
        await self._store.put_file(key, path, sha256)
        return f"{self._records.address}/{key}"

    async def find_derived(self, *parts: str) -> Path | None:
        """Return a file that was made before, as `keep_derived` named it; None if it has to be made."""
        return await self._store.local(_derived(parts))

    async def keep_derived(self, path: Path, *parts: str, sha256: str | None = None) -> Path:
        """
        Keep a copy of a file that was made from clips, in place of a former one, and return the copy.

        Args:
            sha256: Its content, if it is known already.
        """
        sha256 = sha256 or (await asyncio.to_thread(_measure, path))[0]
        await self._store.put_file(_derived(parts), path, sha256)
        copy = await self.find_derived(*parts)
        if copy is None:
            raise VaultError(f"{'/'.join(parts)} was taken out of the vault while it was put in")
        return copy

    async def _clip(self, sha256: str) -> str | None:
        return next(iter(await self._store.keys(clip_stem(sha256))), None)


def _derived(parts: tuple[str, ...]) -> str:
    if not parts:
        raise VaultError("what is derived has a kind and a name")
    return "/".join(("derived", *(segment(part) for part in parts)))


def _measure(path: Path) -> tuple[str, int]:
    """Return a file's sha256 and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        with open_plain(path) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise VaultError(f"{path} cannot be read ({error.strerror}), so it cannot be kept") from error
    return digest.hexdigest(), size
