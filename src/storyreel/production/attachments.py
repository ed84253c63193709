"""
Bring what goes into a request to where it can be sent: found, cut, packed or uploaded.

All of it happens before a claim is made, so that between claim and answer nothing waits but the request itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from storyreel import media
from storyreel.errors import VaultError
from storyreel.files.regular import check_content, seen, unusable
from storyreel.imagine import ByFile, ByUrl, Imagine, Media
from storyreel.model.recipe import (
    FromStep,
    FromTake,
    GivenAddress,
    GivenFile,
    Input,
    LastFrame,
    ServiceName,
    Trimmed,
    digest,
)
from storyreel.model.storyboard import Footage
from storyreel.vault import Vault

INLINE_MOST = 1_100_000
"""
Bytes that all pictures of a request may have together to travel inside it; else each is uploaded before it is claimed.

A request of 1,609,937 bytes was seen to pass (2026-09-08), which is pictures of 1.2 MB in base64; a slow line sends no more
in the minute that a request has.
"""


class Inputs:
    """Where the inputs of one run's requests come from. `files` are the media that the plan names by their sha256."""

    def __init__(self, vault: Vault, client: Imagine, service: ServiceName, files: Mapping[str, Footage]) -> None:
        self._vault = vault
        self._client = client
        self._service = service
        self._files = files
        self._uploads: dict[str, asyncio.Task[str]] = {}
        self._copies: Path | None = None

    async def all_ready(self, sources: Sequence[Input]) -> list[Media]:
        """
        Return all inputs of one request as the service takes them, in their order.

        Pictures travel inside the request if all of them together are small; else they and all video are uploaded, each
        once a run.

        Raises:
            VaultError: A clip that one is made from is missing.
            MediaError: One cannot be cut.
            ImagineError: One cannot be uploaded.
        """
        files = [None if isinstance(source, GivenAddress) else await self._file(source) for source in sources]
        pictures = sum(path.stat().st_size for path in files if path is not None and _is_picture(path))
        ready: list[Media] = []
        for source, path in zip(sources, files, strict=True):
            if isinstance(source, GivenAddress):
                ready.append(ByUrl(url=source.url))
            elif path is not None:
                ready.append(await self._packed(path, inline=pictures <= INLINE_MOST))
        return ready

    async def ready(self, source: Input) -> Media:
        """Return the only input of a request as the service takes it. See `all_ready`."""
        (only,) = await self.all_ready([source])
        return only

    async def _file(self, source: Input) -> Path:
        return await (self._own_copy(source) if isinstance(source, GivenFile) else self.local(source))

    async def _packed(self, path: Path, *, inline: bool) -> Media:
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if inline and _is_picture(path):
            return ByUrl(url=f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode()}")
        return ByFile(file_id=await self._uploaded(path, mime))

    async def local(self, source: Input) -> Path:
        """Return the file of an input, cutting it first where it is a part of a clip."""
        match source:
            case GivenFile(sha256=sha256):
                await asyncio.to_thread(_check, self._files[sha256])
                return self._files[sha256].path
            case FromTake(request_id=request_id):
                take = await self._vault.takes.get(self._service, request_id)
                if take is None or take.sha256 is None:
                    raise VaultError(f"the vault has no finished take {request_id}, and a step continues it")
                return await self._vault.clips.local(take.sha256)
            case LastFrame(of=inner):
                return await self._derived(source, "frames", ".png", inner)
            case Trimmed(of=inner):
                return await self._derived(source, "trimmed", ".mp4", inner)
            case FromStep() | GivenAddress():
                raise AssertionError(f"{source} has no file")

    async def _own_copy(self, source: GivenFile) -> Path:
        """Return a copy of a person's file that nobody else writes to: what is sent is what was checked."""
        footage = self._files[source.sha256]
        path = footage.path
        copy = self._folder() / f"{source.sha256}{path.suffix}"
        if not copy.exists():
            half = copy.with_name(f"{secrets.token_hex(8)}.half")
            try:
                with half.open("xb") as file:
                    await asyncio.to_thread(_check, footage, file)
                half.replace(copy)
            finally:
                half.unlink(missing_ok=True)
        return copy

    def _folder(self) -> Path:
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="storyreel-"))
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        return self._copies

    async def _derived(self, source: LastFrame | Trimmed, kind: str, suffix: str, inner: Input) -> Path:
        # Made anew each time: it takes a moment, and what is bought with a damaged one is spoilt.
        name = digest(source.model_dump()) + suffix
        clip = await self.local(inner)
        # A person's file may change under us. The vault's are never changed, and yet other runs touch their local copies.
        before = seen(clip) if isinstance(inner, GivenFile) else None
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            derived = Path(folder) / name
            if isinstance(source, LastFrame):
                await media.last_frame(clip, derived)
            else:
                await media.trim(clip, source.start, source.end, derived)
            if before is not None and seen(clip) != before:
                raise VaultError(f"{clip} was changed while it was cut; run it again")
            return await self._vault.clips.keep_derived(derived, kind, name)

    async def _uploaded(self, path: Path, mime: str) -> str:
        """Upload a file once a run; whoever needs the same file meanwhile waits for the same upload."""
        key = str(path)
        if key not in self._uploads or (self._uploads[key].done() and self._uploads[key].exception()):
            filename = f"{hashlib.sha256(key.encode()).hexdigest()[:16]}{path.suffix}"
            self._uploads[key] = asyncio.create_task(self._client.upload(path, mime, filename))
        return await asyncio.shield(self._uploads[key])


def _check(footage: Footage, to: BinaryIO | None = None) -> None:
    """Make sure that a person's file is what the plan was made from, and copy it."""
    try:
        check_content(footage.path, footage.sha256, footage.seen, to)
    except OSError as error:
        raise VaultError(unusable(footage.path, error)) from error


def _is_picture(path: Path) -> bool:
    return (mimetypes.guess_type(path.name)[0] or "").startswith("image/")
