"""
The vault as others see it, and how it is opened.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from storyreel.errors import VaultError
from storyreel.settings import as_set
from storyreel.variables.table import CACHE_GB
from storyreel.vault.approvals import Approvals
from storyreel.vault.asks import Asks
from storyreel.vault.attempts import Attempts
from storyreel.vault.audit import Audit
from storyreel.vault.cap import Cap
from storyreel.vault.claims import Claims
from storyreel.vault.clips import Clips
from storyreel.vault.closing import Closing
from storyreel.vault.deliveries import Deliveries, places_elsewhere
from storyreel.vault.gc import Gc
from storyreel.vault.inbox import Inbox
from storyreel.vault.index import Index
from storyreel.vault.ledger import Ledger
from storyreel.vault.record_store import RecordStore
from storyreel.vault.services import Services
from storyreel.vault.stores.cache import ClipCache
from storyreel.vault.stores.folder import FileStore, Store
from storyreel.vault.takes import Takes

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_FORMS = "a vault is a folder, file:/path or just its path, or a bucket, s3://bucket/prefix"


class Vault:
    """
    Where slates, takes, tills, approvals and clips are kept: written once, never changed, never paid for twice.

    Any number of processes may use the same vault at the same time. Whatever it cannot read or write is a VaultError,
    and what cannot be read is never taken for absent.

    Args:
        store: Where all of it lies.
        address: What the vault is called in messages.
        elsewhere: Folders of this machine for what is paid and cannot be written to the store, in order.
    """

    def __init__(self, store: Store, address: str, *, elsewhere: tuple[Path, ...] = ()) -> None:
        records = RecordStore(store, address)
        self.store = store
        self.address = address
        self.services = Services(records)
        self.clips = Clips(records)
        self.takes = Takes(records)
        self.attempts = Attempts(records, self.takes, self.clips)
        self.closing = Closing(records, self.attempts, self.services)
        self.claims = Claims(records, self.attempts, self.closing)
        self.asks = Asks(records)
        self.inbox = Inbox(records)
        self.deliveries = Deliveries(records, self.clips, elsewhere)
        self.ledger = Ledger(records)
        self.cap = Cap(store, self.ledger)
        self.approvals = Approvals(records, self.closing)
        self.index = Index(records, attempts=self.attempts, services=self.services)
        self.gc = Gc(records, attempts=self.attempts, takes=self.takes, clips=self.clips, services=self.services)
        self.audit = Audit(
            records,
            attempts=self.attempts,
            clips=self.clips,
            ledger=self.ledger,
            services=self.services,
            index=self.index,
        )


def open_vault(address: str, *, cache: Path, to_look: bool = False) -> Vault:
    """
    Open a vault: a folder, which is made if there is none, or a bucket, which has to be there.

    Args:
        address: `file:/path`, `file:///path` or a bare path; `s3://bucket/prefix` or `s3:bucket/prefix`.
        cache: Where copies of clips go if the vault is not a folder of this machine, as many gigabytes of them as
            STORYREEL_CACHE_GB says. (A `file:` vault needs none.)
        to_look: Whether it is only looked at: then no folder is made, and a full or read-only disk does not matter.

    Raises:
        VaultError: There is no such kind of vault, or it cannot be read and written.
        SettingsError: STORYREEL_CACHE_GB is no size.
    """
    address, elsewhere = address.strip(), places_elsewhere(cache)
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() == "s3":
        bucket, prefix = _place(address[len(scheme[0]) :])
        copies = ClipCache(cache / "workprints", round(CACHE_GB.read(as_set()) * 1e9))
        return Vault(_bucket(bucket, prefix, copies), f"s3://{bucket}/{prefix}".rstrip("/"), elsewhere=elsewhere)
    root = _folder(address)
    return Vault(FileStore(root, to_look=to_look), str(root), elsewhere=elsewhere)


def _bucket(bucket: str, prefix: str, copies: ClipCache) -> Store:
    # Who keeps the vault in a folder neither waits for obstore nor needs it.
    try:
        from storyreel.vault.stores.bucket import BucketStore
    except ModuleNotFoundError as error:
        if error.name != "obstore":
            raise
        raise VaultError(
            "a vault in a bucket needs the package obstore; install it with: pip install obstore"
        ) from None
    return BucketStore(bucket, prefix, copies)


def _place(path: str) -> tuple[str, str]:
    """Return bucket and prefix of an address whose scheme was taken off."""
    bucket, _, prefix = path.removeprefix("//").partition("/")
    prefix = prefix.strip("/")
    # Whatever else an address may hold - a key, a query - is no part of a vault's name, and may be a secret.
    if not _BUCKET.fullmatch(bucket):
        raise VaultError(f"the vault's address names no bucket that could exist; {_FORMS}")
    for part in prefix.split("/") if prefix else ():
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", part):
            raise VaultError(
                "the vault's address has a character in it that is none of its own; after the bucket come letters, "
                "digits and - _ . between slashes"
            )
    return bucket, prefix


def _folder(address: str) -> Path:
    scheme = _SCHEME.match(address)
    path = address
    if scheme:
        if scheme[1].lower() != "file":
            raise VaultError(f"{scheme[1]}: is no kind of vault; {_FORMS}")
        path = address[len(scheme[0]) :]
        if path.startswith("//"):
            host, slash, rest = path[2:].partition("/")
            if host not in ("", "localhost"):
                # It is not repeated: whoever names a host may have named a password with it.
                raise VaultError("the vault's address names a host; a folder of this machine is file:/path")
            path = slash + rest
    if not path:
        raise VaultError("the vault's address names no folder; it looks like file:/path")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        path = "\0"
    if "\0" in path:
        raise VaultError(
            "the vault's address has a character in it that no folder's name has; it looks like file:/path"
        )
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise VaultError(
            f"the vault's address {address} starts in a home that this machine does not know; write all of it"
        ) from None
