"""
Where the vault's objects lie: a store creates an object once, whole or not at all, and reads it back.

Keys are relative paths with `/`. A store knows nothing of what its objects mean. `FileStore` is a folder; a bucket
(`bucket.BucketStore`) has the same few verbs.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from storyreel.errors import VaultError
from storyreel.files.regular import open_plain, plain_size, read_plain
from storyreel.systems import BYTES
from storyreel.vault.stores.disk_errors import BLOCK, as_vault_errors

OBJECT_MOST = 256_000_000
"""Bytes of an object that is read into memory: a record is small, the raw answer of a still may be a picture."""


_NO_NAME = re.compile(r"/\.{0,2}/|\0")
"""What is in no key: a part that is empty or leads elsewhere. Keys are looked at between two slashes."""


class Store(Protocol):
    """A place for objects that are written once."""

    async def create(self, key: str, data: bytes) -> bool:
        """
        Create an object, whole and lasting, and say whether it was us; False if the key is taken.

        Where replies get lost, an object that says the very same may count as ours: who must win alone writes a nonce.
        A cancellation is passed on only once it is settled whether the object stands.
        """

    async def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none."""

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Return every key that begins so, sorted."""

    async def created(self, key: str) -> float:
        """Return when an object was created, by the clock that `now` reads."""

    async def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None if there is none."""

    async def now(self) -> float:
        """Return the store's own time, in seconds since 1970: hosts that share a store may disagree on theirs."""

    async def put_file(self, key: str, path: Path, sha256: str) -> None:
        """Copy a file in, whole, in place of what has the key; its bytes must be those of `sha256`."""

    async def local(self, key: str) -> Path | None:
        """Return an object as a file that can be read; None if there is none."""

    async def nearby(self, prefix: str) -> Path | None:
        """Return the file of an object whose key begins so, if it is on this machine: nothing is fetched for it."""

    async def put_address(self, key: str, holds_s: int) -> str | None:
        """Return an address at which anybody may put this object for so many seconds; None where there is none. It is a secret."""

    async def fetch(self, key: str, to: Path, most: int) -> bool:
        """Copy an object that others have put there, of `most` bytes; False if there is none."""

    async def delete(self, key: str) -> None:
        """Remove an object that can be made again. Records and paid clips are never removed."""

    async def room(self) -> int | None:
        """Return how many bytes may still be written; None if nobody can tell."""


class FileStore:
    """
    A folder as a store.

    An object is written to a temporary file, brought to the disk, and given its name by a hard link, which fails when
    the name is taken: so exactly one of many processes creates it, and a crash leaves a whole object or none. What a
    crash leaves in `tmp/` is harmless. Small objects are written without a break for other coroutines, so that a
    cancellation never falls between the writing of an object and the news of it.

    Args:
        root: The folder; made, and tried out, when it is opened.
        to_look: Make and try nothing before something is written: what is on a full disk or a read-only one, or is not there,
            can be looked at.
    """

    def __init__(self, root: Path, *, to_look: bool = False) -> None:
        self.root = root
        self._base = os.fspath(root)
        self._tmp = root / "tmp"
        self._lasting: set[Path] = set()
        self._identity: tuple[int, int] | None = None
        self._tried = False
        if to_look:
            with as_vault_errors(root):
                self._still_there()
        else:
            self._be_written_to()

    async def create(self, key: str, data: bytes) -> bool:
        """Create an object, whole and lasting, and say whether it was us; False if the key is taken."""
        target = self._at(key)
        with as_vault_errors(target):
            self._be_written_to()
            with self._temporary() as (descriptor, temporary):
                write_all(descriptor, data)
                os.fsync(descriptor)
                return self._name(temporary, target)

    async def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none."""
        path = self._path(key)
        with as_vault_errors(path):
            try:
                return read_plain(path, OBJECT_MOST, ours=True)
            except FileNotFoundError:
                self._still_there()
                return None

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Return every key that begins so, sorted."""
        folder, _, stem = prefix.rpartition("/")
        with as_vault_errors(f"{self._base}/{folder}"):
            keys = self._walk(folder, stem)
            if not keys:
                self._still_there()
            return tuple(sorted(keys))

    async def created(self, key: str) -> float:
        """Return when an object was created, by the clock that `now` reads."""
        path = self._at(key)
        with as_vault_errors(path):
            return path.stat().st_mtime

    async def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None if there is none."""
        path = self._path(key)
        with as_vault_errors(path):
            try:
                return plain_size(path)
            except FileNotFoundError:
                self._still_there()
                return None

    async def now(self) -> float:
        """Return the file system's own time: on a network that is the server's. Where nothing can be written, this machine's."""
        try:
            with as_vault_errors(self._tmp), self._temporary() as (descriptor, _):
                write_all(descriptor, b".")
                return os.fstat(descriptor).st_mtime
        except VaultError:
            if self._tried:
                raise
            return time.time()

    async def put_file(self, key: str, path: Path, sha256: str) -> None:
        """Copy a file in, whole, in place of what has the key; its bytes must be those of `sha256`."""
        await asyncio.to_thread(self._put_file, key, path, sha256)

    async def local(self, key: str) -> Path | None:
        """Return the file itself; None if there is none."""
        path = self._at(key)
        with as_vault_errors(path):
            try:
                open_plain(path).close()
            except FileNotFoundError:
                self._still_there()
                return None
            return path

    async def nearby(self, prefix: str) -> Path | None:
        """Return the file of an object whose key begins so; None if there is none."""
        key = next(iter(await self.keys(prefix)), None)
        return self._at(key) if key is not None else None

    async def put_address(self, key: str, holds_s: int) -> None:
        """Return None: nobody else reaches a folder of this machine."""

    async def fetch(self, key: str, to: Path, most: int) -> bool:
        """Copy an object that others have put there; False if there is none."""
        path = self._at(key)
        with as_vault_errors(path):
            try:
                with open_plain(path, most) as came, to.open("wb") as copy:
                    await asyncio.to_thread(shutil.copyfileobj, came, copy, BLOCK)
            except FileNotFoundError:
                self._still_there()
                return False
            return True

    async def delete(self, key: str) -> None:
        """Remove an object that can be made again. Records and paid clips are never removed."""
        path = self._at(key)
        with as_vault_errors(path):
            path.unlink(missing_ok=True)

    async def room(self) -> int | None:
        """Return how many bytes may still be written."""
        with as_vault_errors(self.root):
            return shutil.disk_usage(self.root).free

    def _at(self, key: str) -> Path:
        return Path(self._path(key))

    def _path(self, key: str) -> str:
        """Return where an object is, as text: thousands are read for a plan, and a Path takes longer to make than to open."""
        if _NO_NAME.search(f"/{key}/"):
            raise VaultError(f"{key!r} is no name for anything in the vault")
        return f"{self._base}/{key}"

    def _walk(self, folder: str, stem: str) -> list[str]:
        try:
            with os.scandir(f"{self._base}/{folder}") as scanned:
                entries = list(scanned)
        except (FileNotFoundError, NotADirectoryError):
            return []
        keys = []
        for entry in entries:
            name = entry.name
            # What begins with a dot is not ours: desktops and network file systems leave such things.
            if not name.startswith(stem) or name.startswith("."):
                continue
            key = f"{folder}/{name}" if folder else name
            if entry.is_dir():
                keys += self._walk(key, "")
            else:
                keys.append(key)
        return keys

    def _be_written_to(self) -> None:
        """Make the folder if it is not there, and try it out, once; after that, see that it is still there."""
        if self._tried:
            self._still_there()
            return
        with as_vault_errors(self.root):
            self._tmp.mkdir(parents=True, exist_ok=True)
            self._still_there()
        self._try_out()
        self._tried = True

    def _still_there(self) -> None:
        if self._identity is None:
            # What is only looked at need not be there (yet).
            with suppress(FileNotFoundError):
                self._identity = _identity(self.root)
            return
        # A share that was unmounted looks like an empty vault, and an empty vault buys everything again.
        if _identity(self.root) != self._identity:
            raise VaultError(f"{self.root} is not the folder that it was a moment ago; was a disk unmounted?")

    def _put_file(self, key: str, path: Path, sha256: str) -> None:
        target = self._at(key)
        with as_vault_errors(path):
            source = open_plain(path)
        with source, as_vault_errors(target):
            self._be_written_to()
            with self._temporary() as (descriptor, temporary):
                digest = hashlib.sha256()
                while block := source.read(BLOCK):
                    digest.update(block)
                    write_all(descriptor, block)
                if digest.hexdigest() != sha256:
                    raise VaultError(f"{path} was changed while it was put into the vault")
                os.fsync(descriptor)
                self._folder(target.parent)
                temporary.replace(target)
                _fsync_folder(target.parent)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[int, Path]]:
        path = self._tmp / f"{os.getpid()}-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BYTES
        try:
            descriptor = os.open(path, flags, 0o666)
        except FileNotFoundError:
            # Somebody tidied up. An answer that has to be written now must not fail for that.
            self._tmp.mkdir(exist_ok=True)
            descriptor = os.open(path, flags, 0o666)
        try:
            yield descriptor, path
        finally:
            os.close(descriptor)
            with suppress(OSError):
                path.unlink()

    def _name(self, temporary: Path, target: Path) -> bool:
        self._folder(target.parent)
        try:
            os.link(temporary, target)
        except FileExistsError:
            # Over a network the first try may have worked and its reply be lost: then the name is our own.
            if temporary.stat().st_nlink < 2:
                return False
        _fsync_folder(target.parent)
        return True

    def _folder(self, folder: Path) -> None:
        """Make a folder that outlasts a power cut, with those above it. Which ones do is remembered."""
        if folder == self.root or (folder in self._lasting and folder.is_dir()):
            return
        self._folder(folder.parent)
        folder.mkdir(exist_ok=True)
        # Another process may have made it and not yet have brought it to the disk.
        _fsync_folder(folder.parent)
        self._lasting.add(folder)

    def _try_out(self) -> None:
        with as_vault_errors(self._tmp), self._temporary() as (descriptor, temporary):
            write_all(descriptor, b".")
            os.fsync(descriptor)
            twin = temporary.with_name(temporary.name + "-twin")
            try:
                os.link(temporary, twin)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                    raise
                raise VaultError(
                    f"{self.root} is on a file system without hard links, and without them two runs could both"
                    " believe that they may buy; put the vault on another disk"
                ) from None
            twin.unlink()


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, however little the system takes at once. Whatever goes into a folder goes through here."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _fsync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folder
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    return status.st_dev, status.st_ino
