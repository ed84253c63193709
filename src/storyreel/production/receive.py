"""
Make a take of what the service handed over: kept first, judged then, and tried again by every run until it is one.

A still's answer is the only copy of something paid. Whatever comes of judging it - no picture, an address that is dead
for a moment, a vault without room - it stays where it was put, and its step says where that is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from storyreel import media
from storyreel.delivery.clip_marks import keep_inspection
from storyreel.errors import DownloadFailed, SubmitUnknown, TakeModerated, VaultError
from storyreel.imagine import Imagine, StillElsewhere, StillMade, StillUnread
from storyreel.model.plan import Step
from storyreel.model.recipe import Slate
from storyreel.production.outcomes import with_still, without_clip
from storyreel.production.settle import record_end
from storyreel.vault import Claim, Delivered, Delivery, Vault, still_id


class Unusable(SubmitUnknown):
    """What came is kept, and is no still yet. `spoilt` says that a person has to turn it into one."""

    def __init__(self, why: str, *, spoilt: bool) -> None:
        super().__init__(why)
        self.spoilt = spoilt


async def deliver(
    vault: Vault, claim: Claim, came: StillMade | StillElsewhere | StillUnread
) -> tuple[Delivered, bytes]:
    """
    Keep what came for a still, before it is judged; return it, with its bytes where there are any yet.

    Raises:
        VaultError: Nothing on this machine would take it.
    """
    delivery = Delivery(nonce=claim.nonce, charge=came.ticks)
    match came:
        case StillMade(picture=content):
            return await vault.deliveries.deliver(claim, delivery, content, media.seems(content)), content
        case StillUnread(body=content):
            return await vault.deliveries.deliver(claim, delivery, content, "answer"), content
        case StillElsewhere(url=url):
            return await vault.deliveries.deliver(claim, delivery.model_copy(update={"address": url})), b""


async def receive(
    vault: Vault, client: Imagine, step: Step, claim: Claim, came: Delivered, content: bytes = b""
) -> str:
    """
    Make of what came what it can be - a take, an end, an accepted request - and return its request id.

    Args:
        content: The picture, where it is at hand; else it is read, or fetched from its address.

    Raises:
        Unusable: It cannot be used (yet).
        VaultError: The vault takes nothing; what came is kept elsewhere, and the message says where.
    """
    delivery, slate = came.delivery, _slate(claim)
    try:
        if delivery.request_id is not None:
            await vault.claims.answer_accepted(claim, delivery.request_id)
            return delivery.request_id
        if delivery.withheld is not None:
            moderated = TakeModerated(delivery.withheld, words=delivery.withheld, ticks=came.charge)
            await record_end(vault, without_clip(slate, step, moderated))
            await vault.claims.answer_accepted(claim, slate.request_id)
            return slate.request_id
        if not content and came.path is not None and delivery.sha256 is not None:
            content = await asyncio.to_thread(_read, came.path)
        if not content and delivery.address is not None:
            content = await _fetched(vault, client, claim, delivery.address)
            came = await vault.deliveries.deliver(claim, delivery, content, media.seems(content))
        sha256, suffix, size = await judged(vault, claim, content)
        await record_end(vault, with_still(slate, step, sha256, suffix, size, came.charge))
        await vault.claims.answer_accepted(claim, slate.request_id)
        await keep_inspection(vault, sha256, await asyncio.to_thread(media.inspect_still, content))
    except VaultError as error:
        if not came.elsewhere:
            raise
        raise VaultError(
            f"what the service made is paid, and the vault does not take it ({error}), so it is kept as "
            f"{came.place}: once the vault can be written, the next run on this machine puts it there"
        ) from error
    vault.deliveries.forget_elsewhere(claim)
    return slate.request_id


def _slate(claim: Claim) -> Slate:
    return Slate(
        service=claim.service,
        fingerprint=claim.fingerprint,
        attempt=claim.attempt,
        request_id=still_id(claim.fingerprint, claim.attempt),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror}") from error


async def _fetched(vault: Vault, client: Imagine, claim: Claim, address: str) -> bytes:
    try:
        return await client.fetch_still(address)
    except DownloadFailed as error:
        why = f"it came as an address, and {error}; the next run fetches it again"
        await vault.claims.answer_unknown(claim, reason=f"its picture was made: {why}")
        raise Unusable(why, spoilt=False) from error


async def judged(vault: Vault, claim: Claim, content: bytes) -> tuple[str, str, tuple[int, int]]:
    """Keep a picture that is one, and return its hash, suffix and size."""
    try:
        width, height, suffix = await asyncio.to_thread(media.check_picture, content)
    except Exception as error:
        # Whatever it did to its reader: it is paid for, and a person may yet make something of it.
        place = await vault.deliveries.spoilt(claim, content)
        why = f"{str(error) or type(error).__name__}; it is kept as {place}"
        await vault.claims.answer_unknown(claim, reason=f"its picture was made and cannot be used as it came: {why}")
        raise Unusable(why, spoilt=True) from error
    return await vault.clips.keep_bytes(content, suffix), suffix, (width, height)
