"""
A bucket as a store: any service that speaks S3, honours conditional writes, and shows at once what was written.

An object is created by a PUT that the service takes only where the key is free (`If-None-Match: *`), so exactly one of
many hosts creates it. A reply may get lost on its way: then the object itself is read back, and tells whose it is.
Endpoint, region and credentials come from the environment, as obstore reads it (AWS_ENDPOINT_URL, AWS_REGION,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ALLOW_HTTP and others); they appear in no message.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from threading import Barrier
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from storyreel.errors import VaultError
from storyreel.vault.stores.cache import ClipCache
from storyreel.vault.stores.disk_errors import BLOCK, as_vault_errors
from storyreel.vault.stores.s3_errors import is_absence, may_pass, refusal

PART = 8 * BLOCK
"""Files up to this size travel in one request, larger ones in parts of it."""

PAUSES_S = (0.2, 1.0, 4.0)
"""How long a creation whose outcome is not known waits before it is tried again."""

TOGETHER, ROUNDS = 8, 3
"""How many creations of one object are tried at once when a bucket is opened, and how often."""

PATIENCE_S = 25.0
"""How long a cancellation waits for a creation that is on its way."""

# A record is small, and somebody waits for it. Of a file, one part or one download has to come through in the time.
RECORDS = {"timeout": "15s", "connect_timeout": "5s"}
_FILES = {"timeout": "30m", "connect_timeout": "5s"}
_ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_ADDRESS = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[\w./-]*)?", re.ASCII | re.IGNORECASE)
_CLIP = re.compile(r"clips/[0-9a-f]{2}/([0-9a-f]{64})\.[a-z0-9]+")
_CLIP_STEM = re.compile(r"clips/[0-9a-f]{2}/([0-9a-f]{64})\.")
_FAILURES = (BaseError, OSError, ValueError, NotImplementedError)

TRIED: set[tuple[object, ...]] = set()  # what this process has tried out already

T = TypeVar("T")


class _Label(NamedTuple):
    """What is known of an object before it is fetched: its content's sha256 and its size in bytes."""

    sha256: str
    size: int


class BucketStore:
    """A bucket, or what begins with `prefix` in one. Copies of its files are kept in `copies`."""

    def __init__(self, bucket: str, prefix: str, copies: ClipCache) -> None:
        self.address = f"s3://{bucket}/{prefix}".rstrip("/")
        self._copies = copies
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        try:
            with self._as_vault_errors(""):
                self._records = _connect(bucket, prefix, RECORDS)
                self._files = _connect(bucket, prefix, _FILES)
            self._try_out()
        except BaseException as error:
            # obstore panics over what it cannot put into a request, such as a line break in a key.
            if type(error).__name__ != "PanicException":
                raise
            raise VaultError(
                f"the vault cannot use {self.address}: an AWS_ variable in the environment makes no sense"
            ) from None

    async def create(self, key: str, data: bytes) -> bool:
        """
        Create an object, whole and lasting, and say whether it was us; False if the key is taken.

        One that says the very same counts as ours: a reply got lost, and we have been here before. A cancellation is
        passed on when it is settled whether the object stands, or after 25 seconds.
        """
        return await _to_its_end(self._create(_checked(key), data))

    async def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none."""
        try:
            answer = await obstore.get_async(self._records, _checked(key))
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            if is_absence(error):
                return None
            raise refusal(error, f"{self.address}/{key}") from None
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}") from None

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Return every key that begins so, sorted."""
        folder = prefix.rpartition("/")[0]
        keys = []
        with self._as_vault_errors(prefix):
            async for page in obstore.list(self._records, folder or None, chunk_size=1000):
                keys += [each["path"] for each in page if not _is_folder(each["path"], each["size"])]
        # What begins with a dot is not ours, here as in a folder.
        return tuple(sorted(key for key in keys if key.startswith(prefix) and "/." not in f"/{key}"))

    async def created(self, key: str) -> float:
        """Return when an object was created, by the clock that `now` reads: to the second."""
        with self._as_vault_errors(key):
            return (await obstore.head_async(self._records, _checked(key)))["last_modified"].timestamp()

    async def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None if there is none."""
        try:
            return (await obstore.head_async(self._records, _checked(key)))["size"]
        except FileNotFoundError:
            await self._surely_absent(key)
            return None
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}") from None

    async def now(self) -> float:
        """Return the service's own time, as it dates an object that is written now."""
        probe = _probe()
        with self._as_vault_errors(probe):
            await obstore.put_async(self._records, probe, b".", mode="overwrite")
            moment = (await obstore.head_async(self._records, probe))["last_modified"].timestamp()
        with suppress(*_FAILURES):
            # In a bucket where nothing may be deleted it stays, and harms nobody.
            await obstore.delete_async(self._records, probe)
        return moment

    async def put_file(self, key: str, path: Path, sha256: str) -> None:
        """Copy a file in, whole, in place of what has the key; its bytes must be those of `sha256`."""
        with as_vault_errors(path):
            size = path.stat().st_size
        source = _blocks(path, sha256)
        with self._as_vault_errors(key):
            await obstore.put_async(
                self._files,
                _checked(key),
                await asyncio.to_thread(b"".join, source) if size <= PART else source,
                attributes={"sha256": sha256},
                use_multipart=size > PART,
                chunk_size=PART,
                max_concurrency=4,
                mode="overwrite",
            )
        # It is wanted here next, as a rule. Where it does not fit it is fetched when it is.
        with suppress(VaultError):
            await asyncio.to_thread(self._copies.take_copy, path, sha256, _suffix(key))

    async def local(self, key: str) -> Path | None:
        """
        Return a checked copy of an object as a file that can be read; None if there is none.

        What is derived and is not what it was when it was put there counts as missing: it is made again.
        """
        label = await self._label(key)
        if label is None:
            return None
        turn = self._turns.setdefault(label.sha256, asyncio.Lock())
        async with turn:
            there = self._copies.find(label.sha256, _suffix(key), label.size)
            return there or await self._fetched(key, label)

    async def nearby(self, prefix: str) -> Path | None:
        """Return the copy of a clip whose key begins so, if there is one on this machine: the bucket is not asked."""
        clip = _CLIP_STEM.fullmatch(prefix)
        return self._copies.copy_of(clip[1]) if clip else None

    async def put_address(self, key: str, holds_s: int) -> str | None:
        """Return an address at which whoever has it may put this object for so many seconds. It is a secret."""
        with self._as_vault_errors(key):
            return await obstore.sign_async(self._records, "PUT", _checked(key), timedelta(seconds=holds_s))

    async def fetch(self, key: str, to: Path, most: int) -> bool:
        """Copy an object that others have put there, of which no hash is known; False if there is none."""
        try:
            answer = await obstore.get_async(self._files, _checked(key))
            if answer.meta["size"] > most:
                raise VaultError(
                    f"{self.address}/{key} has {answer.meta['size']} bytes, more than any clip: look at it, and remove it if it is none"
                )
            with as_vault_errors(to), to.open("wb") as file:
                async for block in answer.stream(min_chunk_size=BLOCK):
                    file.write(block)
        except FileNotFoundError as error:
            if is_absence(error):
                return False
            raise refusal(error, f"{self.address}/{key}") from None
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}") from None
        return True

    async def delete(self, key: str) -> None:
        """Remove an object that can be made again. Records and paid clips are never removed."""
        try:
            await obstore.delete_async(self._records, _checked(key))
        except FileNotFoundError:
            pass
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}") from None

    async def room(self) -> int | None:
        """Return None: a bucket does not say when it is full."""
        return None

    # --- what the above is made of

    async def _create(self, key: str, data: bytes) -> bool:
        # To create the same bytes again does no harm, however often the first request arrived after all.
        for pause in (*PAUSES_S, None):
            try:
                await obstore.put_async(self._records, key, data, mode="create", use_multipart=False)
                return True
            except AlreadyExistsError:
                existing = await self.read(key)
                if existing is not None:
                    return existing == data
                # Two that write at once may both be turned away.
                if pause is None:
                    raise VaultError(
                        f"the vault cannot use {self.address}/{key}: it is said to exist and cannot be read; look after"
                        " the bucket"
                    ) from None
            except _FAILURES as error:
                if pause is None or not may_pass(error):
                    raise refusal(error, f"{self.address}/{key}") from None
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _label(self, key: str) -> _Label | None:
        try:
            answer = await obstore.get_async(self._records, _checked(key), options={"head": True})
        except FileNotFoundError:
            await self._surely_absent(key)
            return None
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}") from None
        clip = _CLIP.fullmatch(key)
        sha256 = clip[1] if clip else str(answer.attributes.get("sha256", ""))
        # Without a hash it was put there by other hands, and nobody can say whether it is whole.
        return _Label(sha256, answer.meta["size"]) if re.fullmatch(r"[0-9a-f]{64}", sha256) else None

    async def _surely_absent(self, key: str) -> None:
        # The answer to a HEAD has no body, so it does not tell a missing object from a missing bucket.
        await self.read(key)

    async def _fetched(self, key: str, label: _Label) -> Path | None:
        digest = hashlib.sha256()
        with self._copies.incoming() as path:
            with path.open("wb") as file:
                try:
                    answer = await obstore.get_async(self._files, key)
                    async for block in answer.stream(min_chunk_size=BLOCK):
                        digest.update(block)
                        file.write(block)
                except FileNotFoundError:
                    return None
                except BaseError as error:
                    raise refusal(error, f"{self.address}/{key}") from None
            if digest.hexdigest() == label.sha256:
                return await asyncio.to_thread(self._copies.accept, path, label.sha256, _suffix(key))
        if _CLIP.fullmatch(key):
            raise VaultError(
                f"{self.address}/{key} is damaged: its content is not what its name says; restore it from a copy, or"
                " delete it, and it is fetched again from the service if that still has it"
            )
        return None

    def _try_out(self) -> None:
        """Find out before anything is sent whether a record can be created, once, read and listed."""
        way = (self.address, *sorted(item for item in os.environ.items() if item[0].startswith("AWS_")))
        if way in TRIED:
            return
        for _ in range(ROUNDS):
            probe = _probe()
            with self._as_vault_errors(""):
                won = self._race(probe)
                if won > 1:
                    raise VaultError(
                        f"{self.address} gives one name to several: of {TOGETHER} creations at once (If-None-Match) {won}"
                        " were told that they were the first, so two runs could both believe that they may buy; use a"
                        " service whose conditional writes are atomic"
                    )
                if not won:
                    # Two that write at once may both be turned away.
                    with suppress(AlreadyExistsError):
                        obstore.put(self._records, probe, b".", mode="create", use_multipart=False)
                bytes(obstore.get(self._records, probe).bytes())
                listed = [each["path"] for page in obstore.list(self._records, "tmp") for each in page]
            if probe not in listed:
                raise VaultError(
                    f"{self.address} does not list what was just written, so a purchase could be overlooked; use a"
                    " service that is consistent"
                )
            with suppress(*_FAILURES):
                obstore.delete(self._records, probe)
        TRIED.add(way)

    def _race(self, probe: str) -> int:
        """Create one object several times at the same moment, and return how many were told that it was they."""
        start = Barrier(TOGETHER)

        def create(_: int) -> bool:
            start.wait()
            try:
                obstore.put(self._records, probe, b".", mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            return True

        with ThreadPoolExecutor(TOGETHER) as threads:
            return sum(threads.map(create, range(TOGETHER)))

    @contextmanager
    def _as_vault_errors(self, key: str) -> Iterator[None]:
        """Turn what obstore says into a VaultError that names the place and what to do."""
        try:
            yield
        except _FAILURES as error:
            raise refusal(error, f"{self.address}/{key}".rstrip("/")) from None


def _blocks(path: Path, sha256: str) -> Iterator[bytes]:
    """Read a file once, and fail at its end if its content is not what was said: then nothing of it is kept."""
    digest = hashlib.sha256()
    with as_vault_errors(path), path.open("rb") as file:
        while block := file.read(PART):
            digest.update(block)
            yield block
    if digest.hexdigest() != sha256:
        raise VaultError(f"{path} was changed while it was put into the vault")


def _connect(bucket: str, prefix: str, patience: dict[str, str]) -> S3Store:
    for name in _ENDPOINTS:
        if os.environ.get(name) and not _ADDRESS.fullmatch(os.environ[name]):
            raise VaultError(f"{name} is no address of a service; it looks like https://host, without keys in it")
    # As `config` and not as `client_options`: those would push aside what the environment says of the connection.
    config: Any = {"conditional_put": "etag", "disable_bulk_delete": True, **patience}
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )


async def _to_its_end(work: Awaitable[T]) -> T:
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=PATIENCE_S)
        if task.done() and not task.cancelled():
            # Looked at, so that nobody complains that it was not. The object itself tells whose it is.
            task.exception()
        raise


def _probe() -> str:
    return f"tmp/{secrets.token_hex(8)}"


def _checked(key: str) -> str:
    if any(part in ("", ".", "..") or "\0" in part for part in key.split("/")):
        raise VaultError(f"{key!r} is no name for anything in the vault")
    return key


def _is_folder(key: str, size: int) -> bool:
    # Consoles leave empty objects that stand for folders. An empty record is damaged, and is never left out.
    return size == 0 and "." not in key.rpartition("/")[2]


def _suffix(key: str) -> str:
    return PurePosixPath(key).suffix
