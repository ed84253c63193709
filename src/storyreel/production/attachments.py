"""
Bring what goes into a request to where it can be sent: found, cut, converted, packed or uploaded.

All of it happens before a claim is made, so that between claim and answer nothing waits but the request itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from storyreel import media
from storyreel.errors import VaultError
from storyreel.files.regular import check_content, seen, unusable
from storyreel.imagine import ByFile, ByPart, ByUrl, Imagine, Media
from storyreel.model.footage import Footage
from storyreel.model.recipe import (
    Frame,
    FromStep,
    FromTake,
    GivenAddress,
    GivenFile,
    InPart,
    Input,
    LastFrame,
    ServiceName,
    Tail,
    Trimmed,
    digest,
    origin,
    picture_in,
    sha256_of,
)
from storyreel.vault import Vault

T = TypeVar("T")

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
        self._ready: dict[str, asyncio.Task[Path]] = {}
        self._copies: Path | None = None

    async def all_ready(self, sources: Sequence[Input]) -> list[Media]:
        """
        Return all inputs of one request as the service takes them, in their order.

        Pictures travel inside the request if all of them together are small; else they and all video are uploaded, each
        once a run.

        Raises:
            VaultError: A clip that one is made from is missing.
            MediaError: One cannot be cut or converted.
            ImagineError: One cannot be uploaded.
        """
        pictured = [picture_in(source) for source in sources]
        files = [None if isinstance(source, GivenAddress) else await self._file(source) for source in pictured]
        pictures = sum(path.stat().st_size for path in files if path is not None and _is_picture(path))
        ready: list[Media] = []
        for source, picture, path in zip(sources, pictured, files, strict=True):
            packed: ByUrl | ByFile
            if isinstance(picture, GivenAddress):
                packed = ByUrl(url=picture.url)
            else:
                assert path is not None, f"{picture} has a file"
                packed = await self._packed(path, inline=pictures <= INLINE_MOST)
            ready.append(ByPart(packed, source.part, source.at) if isinstance(source, InPart) else packed)
        return ready

    async def ready(self, source: Input) -> Media:
        """Return the only input of a request as the service takes it. See `all_ready`."""
        (only,) = await self.all_ready([source])
        return only

    async def prove(self, source: Input) -> None:
        """
        Have what is cut or converted of a person's file for a request, or decode what is sent as it is, to its end.

        It is kept for this run, so that nothing is done twice. Nothing is sent.

        Raises:
            MediaError: It cannot be done.
            VaultError: The file was changed.
        """
        source = picture_in(source)
        path = await self._file(source)
        match source:
            case GivenFile(sha256=sha256) if not (footage := self._files[sha256]).is_picture:
                if footage.converted:
                    await asyncio.to_thread(media.check_frames, footage.path)
                await media.check_own(path)
            case LastFrame(of=GivenFile(sha256=sha256)):
                footage = self._files[sha256]
                last = max(0.0, footage.picture_end - 1 / footage.fps)
                await asyncio.to_thread(media.check_frames, footage.path, start=last)
            case Frame(of=GivenFile(sha256=sha256), at=at):
                footage = self._files[sha256]
                await asyncio.to_thread(media.check_frames, footage.path, start=at, end=at + 1 / footage.fps)
            case (
                Trimmed(of=GivenFile(sha256=sha256), start=start, end=end)
                | LastFrame(of=Trimmed(of=GivenFile(sha256=sha256), start=start, end=end))
                | Frame(of=Trimmed(of=GivenFile(sha256=sha256), start=start, end=end))
            ):
                await asyncio.to_thread(media.check_frames, self._files[sha256].path, start=start, end=end)

    async def _file(self, source: Input) -> Path:
        """Return the file that is sent: a person's own is not read any more once it was checked."""
        given = origin(source)
        if not isinstance(given, GivenFile):
            return await self.local(source)
        # What was made of it is right whatever becomes of it; but a clip is shown in the film as well, which could not be cut.
        if not self._files[given.sha256].is_picture:
            await asyncio.to_thread(_check, self._files[given.sha256])
        key = digest(source.model_dump())
        return await _once(self._ready, key, lambda: self._own(source) if source == given else self.local(source))

    async def _packed(self, path: Path, *, inline: bool) -> ByUrl | ByFile:
        mime = media.mime_of(path)
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
            case Frame(of=inner, at=at):
                return await self._kept("frames", None, inner, lambda clip, to: media.frame_near(clip, at, to))
            case Tail(of=inner) | Trimmed(of=inner):
                return await self._derived(source, "trimmed", ".mp4", inner)
            case FromStep() | GivenAddress() | InPart():
                raise AssertionError(f"{source} has no file")

    async def _own(self, source: Input) -> Path:
        """Return a person's file as it is sent: a copy that nobody else writes to, or what the service takes in its place."""
        assert isinstance(source, GivenFile)
        footage = self._files[source.sha256]
        if footage.converted and not footage.is_picture:
            name = digest({"encoded": source.sha256}) + ".mp4"
            return await self._kept(
                "encoded", name, source, lambda clip, to: media.trim(clip, 0, footage.picture_end, to)
            )
        copy = self._folder() / secrets.token_hex(8)
        with copy.open("xb") as file:
            await asyncio.to_thread(_check, footage, file)
        if footage.converted:
            picture = await asyncio.to_thread(lambda: media.converted(copy.read_bytes(), name=footage.path.name))
            copy.write_bytes(picture)
        return copy.rename(copy.with_name(source.sha256 + media.suffix_of(media.mime_of(copy))))

    def _folder(self) -> Path:
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="storyreel-"))
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        return self._copies

    async def _derived(self, source: LastFrame | Tail | Trimmed, kind: str, suffix: str, inner: Input) -> Path:
        async def cut(clip: Path, to: Path) -> None:
            if isinstance(source, LastFrame):
                await media.last_frame(clip, to)
            elif isinstance(source, Tail):
                await media.tail(clip, source.seconds, to)
            else:
                await media.trim(clip, source.start, source.end, to)

        return await self._kept(kind, digest(source.model_dump()) + suffix, inner, cut)

    async def _kept(
        self, kind: str, name: str | None, inner: Input, make: Callable[[Path, Path], Awaitable[object]]
    ) -> Path:
        """Make a file of an input, and keep it: under its content where it has no name, as several seconds may be one frame."""
        # Made anew by each run: it takes a moment, and what is bought with a damaged one is spoilt.
        clip = await self.local(inner)
        # A person's file may change under us. The vault's are never changed, and yet other runs touch their local copies.
        before = seen(clip) if isinstance(inner, GivenFile) else None
        with tempfile.TemporaryDirectory(prefix="storyreel-") as folder:
            derived = Path(folder) / (name or "frame.png")
            await make(clip, derived)
            name = name or f"{await asyncio.to_thread(sha256_of, derived)}.png"
            if before is not None and seen(clip) != before:
                raise VaultError(f"{clip} was changed while it was cut; run it again")
            if isinstance(origin(inner), GivenFile):
                # Between its proof and its request anything may happen to what is in a vault's cache.
                return Path(shutil.move(derived, self._folder() / name))
            return await self._vault.clips.keep_derived(derived, kind, name)

    async def _uploaded(self, path: Path, mime: str) -> str:
        """Upload a file once a run."""
        key = str(path)
        filename = f"{hashlib.sha256(key.encode()).hexdigest()[:16]}{media.suffix_of(mime)}"
        return await _once(self._uploads, key, lambda: self._client.upload(path, mime, filename))


async def _once(tasks: dict[str, asyncio.Task[T]], key: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do something once a run, unless it failed; whoever needs the same meanwhile waits for the same."""
    task = tasks.get(key)
    if task is None or (task.done() and (task.cancelled() or task.exception())):
        task = tasks[key] = asyncio.create_task(make())
    return await asyncio.shield(task)


def _check(footage: Footage, to: BinaryIO | None = None) -> None:
    """Make sure that a person's file is what the plan was made from, and copy it."""
    try:
        check_content(footage.path, footage.sha256, footage.seen, to)
    except OSError as error:
        raise VaultError(unusable(footage.path, error)) from error


def _is_picture(path: Path) -> bool:
    return media.mime_of(path).startswith("image/")
