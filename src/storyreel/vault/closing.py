"""
A vault that has moved: the record that closes it, and the claims that are still waited for.

The record is looked at where a run begins and before each claim, never between a claim and its answer. Nobody's program takes
it away again: who wants the vault back removes the file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from storyreel.errors import RecordDamaged, VaultClosed
from storyreel.model.recipe import ServiceName
from storyreel.vault.attempts import Attempts
from storyreel.vault.paths import CLOSED
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_values import Words
from storyreel.vault.records import Attempt, Record
from storyreel.vault.services import Services

ANSWERS = frozenset({"answer.json", "silence.json"})
"""What stands beside a claim that nobody waits for any more."""


class Closed(Record):
    """
    A vault has moved, and nothing is bought into it any more.

    Args:
        moved_to: Where it is now, as whoever closed it has said it.
    """

    moved_to: Words


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are those of one vault: a folder is reached by links, too, and by paths that go up and down again."""
    if Path(one).is_absolute() and Path(other).is_absolute():
        return os.path.realpath(one) == os.path.realpath(other)
    return one.rstrip("/") == other.rstrip("/")


@dataclass(frozen=True)
class Closing:
    """
    Whether a vault is closed, and what there is to wait for before its last copy.

    Args:
        records: Its records.
        attempts: Its attempts.
        services: Whose takes it has.
    """

    records: RecordStore
    attempts: Attempts
    services: Services

    async def record(self) -> Closed | None:
        """
        Return the record that closes the vault; None while it is open.

        One that says the vault has moved to its own address came along with a copy, and closes nothing.

        Raises:
            VaultError: It cannot be read.
        """
        closed = await self.records.read(Closed, CLOSED)
        return None if closed is None or same_place(closed.moved_to, self.records.address) else closed

    async def check(self) -> None:
        """
        Make sure that the vault is open.

        Raises:
            VaultClosed: It is closed; the message says where it is now.
            VaultError: That cannot be read.
        """
        if (closed := await self.record()) is not None:
            raise VaultClosed(
                f"{self.words(closed)}: nothing was sent, nothing was written. {self.remedy}", closed.moved_to
            )

    def words(self, closed: Closed) -> str:
        """Return what a person reads of it: that it is closed, since when, and where it is now."""
        return f"the vault {self.records.address} is closed since {closed.at:%Y-%m-%d %H:%M} UTC and has moved to {closed.moved_to}"

    @property
    def remedy(self) -> str:
        """Return what a person does about it."""
        return (
            f"Name that one, by STORYREEL_VAULT or --vault. (If this is the one that is used now, its {CLOSED} came along with a "
            f"copy, or it was opened again by a person: remove {self.records.address}/{CLOSED})"
        )

    async def close(self, moved_to: str) -> Closed:
        """
        Close the vault, and return the record that stands: the first that was written.

        Raises:
            VaultError: It cannot be written.
        """
        await self.records.create(CLOSED, Closed(moved_to=moved_to))
        closed = await self.records.read(Closed, CLOSED)
        assert closed is not None, "it was removed while it was written"
        return closed

    async def age_s(self) -> float:
        """Return how long ago the vault was closed, in seconds, by the store's own clock alone."""
        store = self.records.store
        return await store.now() - await store.created(CLOSED)

    async def open_claims(self) -> tuple[Attempt, ...]:
        """
        Return the attempts that are claimed and not answered, and whose answer may still come: one listing, and they alone are read.

        What is unknown is waited for by nobody. Neither is what cannot be read: whoever has a copy of it sends nothing for its step.
        """
        waiting: list[Attempt] = []
        for service in await self.services.names():
            for fingerprint in await self._unanswered(service):
                try:
                    attempts = await self.attempts.of(service, fingerprint)
                except RecordDamaged:
                    continue
                waiting += [one for one in attempts if one.state == "claimed"]
        return tuple(waiting)

    async def _unanswered(self, service: ServiceName) -> list[str]:
        names: dict[tuple[str, str], set[str]] = {}
        for parts in await self.attempts.keys(service):
            names.setdefault((parts[3], parts[4]), set()).add(parts[5])
        return list(dict.fromkeys(fingerprint for (fingerprint, _), has in names.items() if not has & ANSWERS))
