"""
What the service handed over for a claim, kept before anybody has judged it: it is paid for, and may be the only copy.

A picture is kept by its content, and a record says what was charged for it and where more of it can be had. Where the
vault cannot take them - it is full, read-only, gone - both go to a place elsewhere on this machine, in which whoever
comes for that claim later looks as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storyreel.errors import RecordDamaged, VaultError
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.model.money import Charge
from storyreel.model.recipe import ServiceName
from storyreel.systems import user
from storyreel.variables.table import STATE_HOME
from storyreel.vault.clips import Clips
from storyreel.vault.paths import broken_key, segment, service_folder, suffix_of
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import read_back, written
from storyreel.vault.record_values import Words
from storyreel.vault.records import Claim, Record, still_id
from storyreel.vault.stores.folder import OBJECT_MOST


class Delivery(Record):
    """
    What came for a claim. One of `sha256`, `address`, `request_id` and `withheld` says in which shape.

    Args:
        nonce: That of the claim.
        charge: What the service said it charged, as it said it.
        sha256, suffix: A picture - or an answer that nobody could read, whole - and what it seems to be.
        address: Where a picture can be fetched, for about a day.
        request_id: The id under which a request was accepted, where the vault had no room for the answer.
        withheld: The words with which a picture was made and withheld, where the vault had no room for that end.
    """

    nonce: str
    charge: int | Words | None = None
    sha256: str | None = None
    suffix: str = ""
    address: Words | None = None
    request_id: Words | None = None
    withheld: Words | None = None


@dataclass(frozen=True)
class Delivered:
    """A delivery, and where what came is: `path` is a file of this machine, `elsewhere` says that it is not the vault's."""

    delivery: Delivery
    path: Path | None = None
    elsewhere: bool = False

    @property
    def charge(self) -> Charge:
        """What the service said it charged."""
        return self.delivery.charge

    @property
    def place(self) -> str:
        """Where it is, for a person."""
        return str(self.path) if self.path is not None else "a record in the vault"


class Deliveries:
    """What came for claims. `elsewhere` are the folders that are tried, in order, where the vault takes nothing."""

    def __init__(self, records: RecordStore, clips: Clips, elsewhere: tuple[Path, ...] = ()) -> None:
        self._records = records
        self._store = records.store
        self._clips = clips
        self.elsewhere = elsewhere

    async def deliver(
        self, claim: Claim, delivery: Delivery, content: bytes | None = None, suffix: str = ""
    ) -> Delivered:
        """
        Keep what came for a claim, in the vault or else elsewhere.

        Args:
            content: A picture, or an answer that nobody can read.
            suffix: What that seems to be.

        Raises:
            VaultError: Neither would take it.
        """
        if content is not None:
            sha256 = hashlib.sha256(content).hexdigest()
            delivery = delivery.model_copy(update={"sha256": sha256, "suffix": suffix_of(suffix)})
        try:
            if content is not None:
                await self._clips.keep_bytes(content, suffix)
            await self._records.create(_key(claim), delivery)
            return Delivered(delivery)
        except VaultError as error:
            return self._rescue(claim, delivery, content, error)

    async def delivered(self, claim: Claim) -> Delivered | None:
        """
        Return what came for a claim; None if nothing did, or nobody kept it where we can look.

        Raises:
            VaultError: The record cannot be read, or is about another claim.
        """
        key = _key(claim)
        delivery = await self._records.read(Delivery, key)
        if delivery is not None and delivery.nonce != claim.nonce:
            raise VaultError(
                f"{self._records.address}/{key} is about another claim than that of {claim.step}; restore it from a copy"
            )
        if delivery is not None and delivery.sha256 is None:
            # What was fetched from its address since then may be elsewhere, where the vault had no room for it.
            return self._rescued(claim) or Delivered(delivery)
        if delivery is not None and delivery.sha256 is not None:
            return Delivered(delivery, await self._clips.local(delivery.sha256))
        return self._rescued(claim)

    async def spoilt(self, claim: Claim, content: bytes) -> str:
        """Keep what came for a still and cannot be used as it is, where a person finds it; return where that is."""
        key = broken_key(still_id(claim.fingerprint, claim.attempt))
        await self._store.create(key, content)
        return f"{self._records.address}/{key}"

    async def is_spoilt(self, claim: Claim) -> bool:
        """Whether what came was judged before, and waits for a person."""
        return await self._store.size(broken_key(still_id(claim.fingerprint, claim.attempt))) is not None

    def forget_elsewhere(self, claim: Claim) -> None:
        """Remove what was kept elsewhere, once the vault has it."""
        for folder in self.elsewhere:
            for path in folder.glob(f"{_name(claim)}.*"):
                with suppress(OSError):
                    path.unlink()

    # --- elsewhere

    async def rescue_clip(self, service: ServiceName, request_id: str, clip: Path, charge: Charge) -> Path | None:
        """
        Keep a clip elsewhere that the vault does not take, with what was charged; its address may be dead by the next run.

        Returns:
            Where it is; None if no other place takes it either.
        """
        delivery = Delivery(nonce="", charge=charge, request_id=request_id, suffix="mp4")
        for folder in self.elsewhere:
            with suppress(OSError):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not _ours(folder):
                    continue
                path = folder / f"{_clip_name(service, request_id)}.mp4"
                await asyncio.to_thread(_copy, path, clip)
                _write(path.with_suffix(".json"), written(delivery))
                return path
        return None

    def rescued_clip(self, service: ServiceName, request_id: str) -> Delivered | None:
        """Return a clip that was kept elsewhere for a request; None if there is none."""
        name = _clip_name(service, request_id)
        for record in (folder / f"{name}.json" for folder in self.elsewhere if _ours(folder)):
            with suppress(OSError, RecordDamaged):
                delivery = read_back(Delivery, read_plain(record, WORDS_MOST), str(record))
                clip = record.with_suffix(".mp4")
                if delivery.request_id == request_id and clip.is_file():
                    return Delivered(delivery, clip, elsewhere=True)
        return None

    def forget_clip(self, service: ServiceName, request_id: str) -> None:
        """Remove what was kept elsewhere for a request, once the vault has its clip."""
        for folder in self.elsewhere:
            for path in folder.glob(f"{_clip_name(service, request_id)}.*"):
                with suppress(OSError):
                    path.unlink()

    def _rescue(self, claim: Claim, delivery: Delivery, content: bytes | None, why: VaultError) -> Delivered:
        for folder in self.elsewhere:
            with suppress(OSError):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not _ours(folder):
                    continue
                path = folder / f"{_name(claim)}.{delivery.suffix}" if content is not None else None
                if path is not None and content is not None:
                    _write(path, content)
                record = folder / f"{_name(claim)}.json"
                _write(record, written(delivery))
                return Delivered(delivery, path or record, elsewhere=True)
        raise why

    def _rescued(self, claim: Claim) -> Delivered | None:
        for record in self._places(claim):
            try:
                data = read_plain(record, OBJECT_MOST)
            except OSError:
                continue
            delivery = read_back(Delivery, data, str(record))
            if delivery.nonce == claim.nonce:
                path = record.with_suffix(f".{delivery.suffix}") if delivery.sha256 is not None else record
                return Delivered(delivery, path, elsewhere=True)
        return None

    def _places(self, claim: Claim) -> Iterator[Path]:
        return (folder / f"{_name(claim)}.json" for folder in self.elsewhere if _ours(folder))


def places_elsewhere(cache: Path) -> tuple[Path, ...]:
    """Return the folders for what a vault cannot take: that of lasting states, then the cache, then that of the moment."""
    moment = Path(tempfile.gettempdir()) / f"storyreel-paid-{user()}"
    return (STATE_HOME.read() / "storyreel" / "paid", cache / "paid", moment)


def _ours(folder: Path) -> bool:
    # In a folder that all users share somebody else may have been here first.
    try:
        status = folder.stat()
    except OSError:
        return False
    return status.st_uid == user() and not status.st_mode & 0o022


def _key(claim: Claim) -> str:
    return f"{service_folder(claim.service)}/deliveries/{segment(claim.fingerprint)}-{claim.attempt}.json"


def _name(claim: Claim) -> str:
    return f"{claim.service}-{claim.fingerprint[:24]}-{claim.attempt}-{claim.nonce}"


def _clip_name(service: ServiceName, request_id: str) -> str:
    return f"{service}-clip-{hashlib.sha256(request_id.encode()).hexdigest()[:32]}"


def _write(path: Path, data: bytes) -> None:
    _copy(path, io.BytesIO(data))


def _copy(path: Path, source: Path | BinaryIO) -> None:
    half = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with half.open("xb") as file, source.open("rb") if isinstance(source, Path) else source as given:
            shutil.copyfileobj(given, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError:
        with suppress(OSError):
            half.unlink()
        raise
