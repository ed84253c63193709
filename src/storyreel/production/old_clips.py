"""
Look at the clips of a vault that came before clips were looked at, so that what is wrong with them is told as of any other.

Nothing is sent. What is measured goes among what can be made again, one clip after the other: who stops it begins where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from storyreel.console import counted
from storyreel.delivery.clip_marks import inspection_of, look_at, marks_of
from storyreel.errors import VaultError
from storyreel.vault import Take, Vault


@dataclass(frozen=True)
class OldClips:
    """
    What came of looking at a vault's clips.

    Args:
        looked: How many were looked at now.
        marked: Of those, how many have a mark.
        unseen: The takes whose clips could not be looked at, or of which nothing could be kept, by request id.
    """

    looked: int = 0
    marked: int = 0
    unseen: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What came of it, in a line."""
        if not self.looked and not self.unseen:
            return "all clips were looked at before"
        have = "has a mark" if self.marked == 1 else "have a mark"
        text = f"{counted(self.looked, 'clip')} looked at, {self.marked} {have}; `storyreel takes BOARD` tells them"
        if not self.unseen:
            return text
        named = ", ".join(self.unseen[:3]) + (f" and {len(self.unseen) - 3} more" if len(self.unseen) > 3 else "")
        return f"{text}; {counted(len(self.unseen), 'clip')} could not be looked at: {named}"


async def look_at_old_clips(vault: Vault, tell: Callable[[int, int], None] = lambda *_: None) -> OldClips:
    """
    Look at each clip and still of a vault that nobody has looked at, one at a time: that costs a decode of each.

    Args:
        tell: Is called before each of them, with how many are behind and how many there are to look at.

    Raises:
        VaultError: The vault as such cannot be read.
    """
    takes = await _unseen(vault)
    looked = marked = 0
    failed: list[str] = []
    for number, take in enumerate(takes):
        tell(number, len(takes))
        await look_at(vault, take)
        # Read back: where there was no room for it nobody would be told.
        if take.sha256 is None or await inspection_of(vault, take.sha256) is None:
            failed.append(take.request_id)
            continue
        looked += 1
        with suppress(VaultError):
            marked += bool(await marks_of(vault, take))
    return OldClips(looked, marked, tuple(failed))


async def _unseen(vault: Vault) -> tuple[Take, ...]:
    """Return a take for each clip that the vault has and nobody has looked at, in the order in which they were asked for."""
    unseen: dict[str, Take] = {}
    for service in await vault.services.names():
        attempts, _ = await vault.attempts.every(service)
        for request_id in dict.fromkeys(id_ for attempt in attempts for id_ in attempt.request_ids):
            with suppress(VaultError):
                take = await vault.takes.get(service, request_id)
                if take is None or take.sha256 is None or take.sha256 in unseen:
                    continue
                if await vault.clips.has(take.sha256) and await inspection_of(vault, take.sha256) is None:
                    unseen[take.sha256] = take
    return tuple(unseen.values())
