"""
The vault as others see it, and how it is opened.
"""

from __future__ import annotations

import re
from pathlib import Path

from storyreel.errors import VaultError
from storyreel.vault.slates import Slates
from storyreel.vault.store import FileStore
from storyreel.vault.tills import Tills

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Vault(Slates, Tills):
    """
    Where slates, takes, tills and clips are kept: written once, never changed, never paid for twice.

    Any number of processes may use the same vault at the same time. Whatever it cannot read or write is a VaultError,
    and what cannot be read is never taken for absent.
    """


def open_vault(address: str, *, cache: Path) -> Vault:
    """
    Open a vault, and make its folder if there is none.

    Args:
        address: `file:/path`, `file:///path`, or a bare path.
        cache: Where copies of clips go if the vault is not a folder of this machine. (A `file:` vault needs none.)

    Raises:
        VaultError: There is no such kind of vault, or it cannot be read and written.
    """
    del cache
    root = _folder(address.strip())
    return Vault(FileStore(root), str(root))


def _folder(address: str) -> Path:
    scheme = _SCHEME.match(address)
    path = address
    if scheme:
        if scheme[1].lower() != "file":
            raise VaultError(f"{address} is no vault that can be opened: it is a folder, file:/path or just its path")
        path = address[len(scheme[0]) :]
        if path.startswith("//"):
            host, slash, rest = path[2:].partition("/")
            if host not in ("", "localhost"):
                raise VaultError(f"{address} names the host {host!r}; a folder of this machine is file:/path")
            path = slash + rest
    if not path:
        raise VaultError("the vault's address names no folder; it looks like file:/path")
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise VaultError(f"{address}: {error}") from error
