"""
Room on the disk for what is on its way: everything in flight from this process will have to be kept, not one clip alone.
"""

from __future__ import annotations

from storyreel.errors import VaultError

ROOM_BYTES = 32 * 1024 * 1024
"""What is set aside for each request, from its claim until its end: enough for its records and its clip."""

_on_their_way: dict[str, set[str]] = {}
"""The attempts of this process whose clips are yet to come, by the vault's address."""


def expect(address: str, key: str) -> int:
    """Note that the clip of an attempt is on its way; return how many are."""
    waiting = _on_their_way.setdefault(address, set())
    waiting.add(key)
    return len(waiting)


def settled(address: str, key: str) -> None:
    """Note that nothing more comes of an attempt."""
    _on_their_way.get(address, set()).discard(key)


def set_aside(address: str, key: str, free: int | None) -> None:
    """
    Set room aside for an attempt that is about to be claimed.

    Args:
        free: The bytes that may still be written; None where nobody can tell.

    Raises:
        VaultError: There is too little, with all that is on its way.
    """
    waiting = expect(address, key)
    if free is not None and free < waiting * ROOM_BYTES:
        settled(address, key)
        others = f", with {waiting - 1} more on their way" if waiting > 1 else ""
        raise VaultError(f"{address} has {free >> 20} MB left, too little for a clip{others}; free some space")
