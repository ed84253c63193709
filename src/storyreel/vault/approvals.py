"""
What people have approved and rejected: written once, under the identity of exactly what they were shown.

A set has one record, of whoever approved it first. A single take has a record for each word that was said on it, and the last
one counts: who rejected a still may approve it after all, and the other way round.
"""

from __future__ import annotations

from typing import Literal

from storyreel.errors import VaultError
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Gate
from storyreel.vault.closing import Closing
from storyreel.vault.paths import approval_key, decided_folder
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import written
from storyreel.vault.record_values import Words
from storyreel.vault.records import Record


class Approval(Record):
    """
    A person's word that what they were shown is good, and that what waits behind the gate may follow.

    Args:
        service: Whose takes they are, `xai` or `sandbox`.
        gate: Where the run waited.
        identity: Of what was shown: sha256 (hex), the same for the same takes in the same order.
        shown: What was shown, in order: request ids; the sha256 of a person's own footage.
        by: Who said so, as far as it is known.
        door: Where it was said: at the terminal that shot, by the command `approve`, or on Prefect's page.
        note: What they said beside.
    """

    service: ServiceName
    gate: Gate
    identity: str
    shown: tuple[str, ...]
    by: Words
    door: Literal["terminal", "command", "prefect"]
    note: Words = ""


class Decided(Record):
    """
    A person's word on one take.

    Args:
        service: Whose take it is, `xai` or `sandbox`.
        gate: Where it was looked at.
        identity: Of what was shown: sha256 (hex), the same for the same take.
        step: The step whose take it was in the storyboard in which it was shown.
        request_id: Of the take.
        approve: Whether it is good. If not, nothing is bought that is made from it.
        by: Who said so, as far as it is known.
        door: Where it was said: at the terminal that shot, by the command `approve`, on Prefect's page, on the films page, or by a
            program.
        note: What they said beside.
    """

    service: ServiceName
    gate: Gate
    identity: str
    step: str
    request_id: str
    approve: bool
    by: Words
    door: Literal["terminal", "command", "prefect", "page", "program"]
    note: Words = ""

    @property
    def words(self) -> str:
        """What was said, as a person reads it: `rejected by ana@desk (too dark), 2026-11-28 09:30 UTC`."""
        note = f" ({self.note})" if self.note else ""
        return f"{'approved' if self.approve else 'rejected'} by {self.by}{note}, {self.at:%Y-%m-%d %H:%M} UTC"


class Approvals:
    """What people have approved and rejected."""

    def __init__(self, records: RecordStore, closing: Closing) -> None:
        self._records = records
        self._store = records.store
        self._closing = closing

    async def of(self, service: ServiceName, gate: Gate, identity: str) -> Approval | None:
        """
        Return who approved this; None if nobody has.

        Raises:
            VaultError: The record cannot be read, or is about something else.
        """
        key = approval_key(service, gate, identity)
        approval = await self._records.read(Approval, key)
        if approval is not None and (approval.service, approval.gate, approval.identity) != (service, gate, identity):
            raise VaultError(
                f"{self._records.address}/{key} approves something else; remove it, and it is asked for again"
            )
        return approval

    async def approve(self, approval: Approval) -> Approval:
        """
        Write an approval, and return the one that stands: the first that was written.

        Raises:
            VaultError: It cannot be written, or the vault has moved (VaultClosed).
        """
        await self._closing.check()
        key = approval_key(approval.service, approval.gate, approval.identity)
        await self._store.create(key, written(approval))
        existing = await self.of(approval.service, approval.gate, approval.identity)
        if existing is None:
            raise VaultError(f"{self._records.address}/{key} was removed while it was written")
        return existing

    async def decided(self, service: ServiceName, gate: Gate, identity: str) -> tuple[Decided, ...]:
        """
        Return what people have said of a single take, in order: the last word counts.

        Raises:
            VaultError: A record cannot be read, is about something else, or one is missing between others.
        """
        folder = decided_folder(service, gate, identity)
        words: list[Decided] = []
        for number, key in enumerate(await self._store.keys(f"{folder}/"), start=1):
            where = f"{self._records.address}/{key}"
            if key != _numbered(folder, number):
                raise VaultError(
                    f"{where} is not word {number} on a take: one is missing, or it is no word; restore the folder from a copy"
                )
            word = await self._records.read(Decided, key)
            if word is None or (word.service, word.gate, word.identity) != (service, gate, identity):
                raise VaultError(f"{where} is a word on something else; restore the folder from a copy")
            words.append(word)
        return tuple(words)

    async def decide(self, word: Decided, *, seen: int) -> Decided:
        """
        Write a person's word on a take, and return the one that stands: theirs, or one of before that says the same.

        A rejection always finds its place. An approval is not written over what its person had not seen.

        Args:
            word: What they say.
            seen: How many words on it they had seen.

        Returns:
            The last word: another one than theirs where somebody has rejected it meanwhile.

        Raises:
            VaultError: It cannot be written, or the vault has moved (VaultClosed).
        """
        await self._closing.check()
        folder = decided_folder(word.service, word.gate, word.identity)
        while True:
            words = await self.decided(word.service, word.gate, word.identity)
            last = words[-1] if words else None
            if last is not None and (last.approve == word.approve or (word.approve and len(words) > seen)):
                return last
            if await self._store.create(_numbered(folder, len(words) + 1), written(word)):
                return word


def _numbered(folder: str, number: int) -> str:
    return f"{folder}/{number:05}.json"
