"""
Hands in the vault: what a person, a backup or an accident does to it behind storyreel's back.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
import obstore
from obstore.store import S3Store

from storyreel.vault import Vault


class Hands(Protocol):
    """
    The same few grips for a folder and for a bucket.

    `rounds` is how often a race is worth running there, `races` how often where money is at stake.
    """

    address: str
    rounds: int
    races: int

    def names(self, under: str = "") -> list[str]: ...

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, data: bytes) -> None: ...

    def remove(self, name: str) -> None: ...

    def vanish(self) -> None: ...

    def pass_time(self, vault: Vault, name: str, seconds: float, /) -> None: ...


class FolderHands:
    """Hands in a folder."""

    rounds = 60
    races = 200

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = f"file:{root}"

    def names(self, under: str = "") -> list[str]:
        """Return the name of everything, or of all in one folder."""
        return sorted(str(p.relative_to(self.root)) for p in (self.root / under).rglob("*") if p.is_file())

    def read(self, name: str) -> bytes:
        """Return what has a name."""
        return (self.root / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        """Put something there, over whatever was."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(data)

    def remove(self, name: str) -> None:
        """Take something out."""
        (self.root / name).unlink()

    def vanish(self) -> None:
        """Take everything away."""
        self.root.rename(self.root.with_name("away"))

    def pass_time(self, _vault: Vault, name: str, seconds: float) -> None:
        """Make something look so much older."""
        made = (self.root / name).stat().st_mtime - seconds
        os.utime(self.root / name, (made, made))


class BucketHands:
    """Hands in a bucket."""

    rounds = 8
    races = 12

    def __init__(self, bucket: str, prefix: str, patch: Callable[[object, str, object], None]) -> None:
        self.address = f"s3://{bucket}/{prefix}"
        self._bucket = S3Store(bucket)
        self._store = S3Store(bucket, prefix=prefix)
        self._patch = patch

    def names(self, under: str = "") -> list[str]:
        """Return the name of everything, or of all in one folder."""
        return sorted(each["path"] for page in obstore.list(self._store, under or None) for each in page)

    def read(self, name: str) -> bytes:
        """Return what has a name."""
        return bytes(obstore.get(self._store, name).bytes())

    def write(self, name: str, data: bytes) -> None:
        """Put something there, over whatever was."""
        obstore.put(self._store, name, data)

    def remove(self, name: str) -> None:
        """Take something out."""
        obstore.head(self._store, name)
        obstore.delete(self._store, name)

    def vanish(self) -> None:
        """Take everything away, the bucket included."""
        obstore.delete(self._bucket, [each["path"] for page in obstore.list(self._bucket) for each in page])
        name = self.address.split("/")[2]
        assert httpx.delete(f"{os.environ['AWS_ENDPOINT_URL']}/{name}").status_code == 204

    def pass_time(self, vault: Vault, _name: str, seconds: float) -> None:
        """Move the service's clock on, since nobody can date an object back."""

        async def later() -> float:
            return time.time() + seconds

        self._patch(vault.store, "now", later)
