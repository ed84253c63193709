"""
Whether a run that is taken up finds its takes: its vault may have moved since it began.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from storyreel.errors import VaultError
from storyreel.vault import Vault, open_vault
from storyreel.vault.closing import same_place

MOVES = 8
"""How often a vault may have moved since: each is looked at, from the first on."""
LOOKS_S = 20.0
"""How long a vault is looked at that may be gone."""


async def check_same_vault(bought_into: str | None, vault: Vault, *, cache: Path) -> None:
    """
    Make sure that a run is at the vault that it has bought into, or at the one to which that has moved.

    Args:
        bought_into: The address of the vault in which the run has claimed something; None where it has not.
        vault: The one that it is at now.
        cache: Where what is fetched from a bucket is kept.

    Raises:
        VaultError: It is another one; the message says what to do.
    """
    if bought_into is None or same_place(bought_into, vault.address):
        return
    address, ways = bought_into, [bought_into]
    while len(ways) <= MOVES and (to := await _moved_to(address, cache)) is not None and to not in ways:
        if same_place(to, vault.address):
            return
        ways.append(address := to)
    way = f", which has moved to {ways[-1]}" if len(ways) > 1 else ""
    raise VaultError(
        f"this run has bought takes into the vault {bought_into}{way}, and here it would buy them again into {vault.address}: "
        f"nothing was sent. Retry it where STORYREEL_VAULT names {ways[-1] if way else 'the former'}, or start a new run for "
        f"{vault.address if way else 'the latter'}; if all of the former was moved here, the new run buys none of it again"
    )


async def _moved_to(address: str, cache: Path) -> str | None:
    try:
        async with asyncio.timeout(LOOKS_S):
            closed = await open_vault(address, cache=cache, to_look=True).closing.record()
    except (VaultError, TimeoutError):
        return None  # what cannot be looked at says of no move
    return None if closed is None else closed.moved_to
