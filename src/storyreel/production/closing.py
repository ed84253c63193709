"""
Close a vault that moves: wait until no claim is open, write the record, and look once more for claims that came before it.

A run looks for the record just before it claims, and what it claims is sent within a minute or never. So a minute after the
record no request can be on its way whose claim is not there to be seen, and copied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from storyreel.clock import Since
from storyreel.console import counted
from storyreel.errors import VaultError
from storyreel.imagine.send_deadline import SENT_WITHIN_S
from storyreel.vault import Vault
from storyreel.vault.attempts import UNKNOWN_AFTER_S
from storyreel.vault.closing import Closed, same_place

SEEN_AFTER_S = SENT_WITHIN_S + 5
"""How long after the record every claim whose request was sent is there to be seen; a store's clock is read in whole seconds."""
WAITS_S = 2 * UNKNOWN_AFTER_S
"""How long claims are waited for: each is answered or unknown after half of it."""
LOOKS_S = 2.0
NAMED = 3
"""How many of the claims that are waited for are named."""


async def close(
    vault: Vault,
    moved_to: str,
    *,
    tell: Callable[[str], None],
    waits_s: float = WAITS_S,
    seen_after_s: float = SEEN_AFTER_S,
    looks_s: float = LOOKS_S,
) -> Closed:
    """
    Close a vault. Told again it goes on where it was: it waits for what is still open.

    Args:
        moved_to: Where it is from now on.
        tell: Is told what is waited for, whenever that is another thing.
        waits_s: How long claims are waited for, in seconds, before the record and after it.
        seen_after_s: How long after the record claims are looked for, in seconds.
        looks_s: Pause between two looks, in seconds.

    Raises:
        VaultError: Claims were open all the time, and it is not closed; it was closed for another place; or it cannot be written.
        CancelledError: We were told to stop. Without the record, the vault is open as it was.
    """
    closing = vault.closing
    closed = await closing.record()
    if closed is None:
        await _answered(vault, tell, waits_s, looks_s, "; it is open as it was: stop the runs, or have them end first")
        closed = await closing.close(moved_to)
    if not same_place(closed.moved_to, moved_to):
        raise VaultError(f"{closing.words(closed)}, not to {moved_to}. {closing.remedy}")
    if (left := seen_after_s - await closing.age_s()) > 0:
        tell(
            f"closed; looking for {left:.0f} s whether a run that was under way has claimed before it: copy nothing yet"
        )
        await asyncio.sleep(left)
    await _answered(
        vault, tell, waits_s, looks_s, "; it is closed: look at them with `storyreel watch`, and close it again"
    )
    return closed


async def _answered(vault: Vault, tell: Callable[[str], None], waits_s: float, looks_s: float, then: str) -> None:
    """Wait until every claim has its answer, or is known to have none."""
    since, shown = Since(), ""
    while waiting := await vault.closing.open_claims():
        named = ", ".join(f"{one.claim.step} of {one.claim.board or 'no board'}" for one in waiting[:NAMED])
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        words = f"{counted(len(waiting), 'claim')} without an answer: {named}{more}"
        if since.seconds() > waits_s:
            raise VaultError(f"{vault.address}: {words}, after {since.seconds():.0f} s{then}")
        if words != shown:
            tell(f"waiting for {words}")
            shown = words
        await asyncio.sleep(looks_s)
