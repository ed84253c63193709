"""
What people have approved: written once, under the identity of exactly what they were shown.
"""

from __future__ import annotations

from typing import Literal

from storyreel.errors import VaultError
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Gate
from storyreel.vault.paths import approval_key
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


class Approvals:
    """What people have approved."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._store = records.store

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
        """Write an approval, and return the one that stands: the first that was written."""
        key = approval_key(approval.service, approval.gate, approval.identity)
        await self._store.create(key, written(approval))
        existing = await self.of(approval.service, approval.gate, approval.identity)
        if existing is None:
            raise VaultError(f"{self._records.address}/{key} was removed while it was written")
        return existing
