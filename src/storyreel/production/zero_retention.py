"""
Teams for which the service keeps nothing (zero data retention): each request says where its clip is to be put.

That a team is one, the service says when it is asked who asks, or when it refuses the first request that says nothing of a
place. The place is the vault's inbox, at an address that is made before the claim, so that nothing waits between claim and
answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from storyreel.errors import NoRetention, SettingsError
from storyreel.imagine import WANTS_A_BUCKET
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import ServiceName, Slate
from storyreel.planning.steps import within
from storyreel.production.outlook import forecast
from storyreel.production.session import Session
from storyreel.vault import Vault


async def upload_url(session: Session, step: Step, fingerprint: str, attempt: int) -> str | None:
    """
    Return where the service is to put the clip of an attempt; None where it keeps clips itself, or answers with the picture.

    Raises:
        NoRetention: The vault is no place that the service could write to. Nothing was sent.
        VaultError: The address cannot be signed.
    """
    if step.kind == "still" or not session.retention.none:
        return None
    address = await session.vault.inbox.address(session.service, fingerprint, attempt)
    if address is None:
        raise NoRetention(WANTS_A_BUCKET)
    host = urlsplit(address).hostname or ""
    if not await session.client.reaches(host):
        raise NoRetention(
            f"the service keeps no clips for this team (zero data retention) and is to put them into {session.vault.address}, and {host} is in a network "
            "of your own, which it cannot reach: have a bucket at a public address (docs/zero-retention.md)"
        )
    return address


async def check_inbox(vault: Vault, plans: Sequence[Plan], service: ServiceName) -> None:
    """
    See that there is a place for the clips of a team for which the service keeps nothing, if any are to be made.

    Raises:
        SettingsError: There is none.
        VaultError: The vault cannot be read.
    """
    if await vault.inbox.address(service, "0", 0) is not None:
        return
    for plan in plans:
        outlook = await forecast(plan, vault, service, allowed=within(plan, ()))
        if any(each.buys and each.step.kind != "still" for each in outlook):
            raise SettingsError(WANTS_A_BUCKET)


@dataclass(frozen=True)
class Inbox:
    """The inbox of one take, if it has one: a take that is pinned by its id alone belongs to no attempt."""

    vault: Vault
    slate: Slate

    async def has(self) -> bool:
        """Whether the service has put the clip there."""
        slate = self.slate
        return bool(slate.fingerprint) and await self.vault.inbox.has(slate.service, slate.fingerprint, slate.attempt)

    async def fetch(self, to: Path) -> bool:
        """Copy the clip that the service has put there; False where there is none."""
        slate = self.slate
        return bool(slate.fingerprint) and await self.vault.inbox.fetch(
            slate.service, slate.fingerprint, slate.attempt, to
        )
