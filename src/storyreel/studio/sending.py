"""
Send one request under its claim, and write down what came of it before anything else happens.

Between claim and answer nothing waits but the request itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel import media
from storyreel.clock import Since
from storyreel.errors import KeyRefused, MediaError, SubmitRefused, SubmitUnknown, TakeModerated, VaultError
from storyreel.imagine import Imagine, Lease, Media
from storyreel.reel import Step
from storyreel.slate import STILLS, Recipe, Slate
from storyreel.studio.ends import ended, with_still, without_clip
from storyreel.studio.settling import record_end
from storyreel.vault import Claim, Vault, still_id


async def send(
    vault: Vault, client: Imagine, step: Step, recipe: Recipe, packed: Sequence[Media], claim: Claim, since: Since
) -> str:
    """
    Send one request, once, and return its id.

    Args:
        packed: What goes in, where the service can have it.
        claim: Ours, and not answered.
        since: The moment before it was claimed.

    Raises:
        SubmitRefused, KeyRefused: Surely not taken.
        TakeModerated: A still was made and withheld.
        SubmitUnknown: Nobody knows.
        VaultError: What came of it could not be written down.
    """
    key = f"{claim.fingerprint}-{claim.attempt}"
    lease = Lease(since, lambda: _forbidden(vault, claim))
    try:
        if recipe.operation in STILLS:
            return await _send_still(vault, client, step, recipe, packed, claim, key, lease)
        request_id = await client.submit(recipe.operation, recipe.body, packed, idempotency_key=key, lease=lease)
    except SubmitRefused as refused:
        await vault.answer_refused(claim, status=refused.status, code=refused.code, message=str(refused))
        raise
    except KeyRefused as refused:
        await vault.answer_refused(claim, status=None, code="key", message=str(refused))
        raise
    except (TakeModerated, VaultError):
        # Both come from after the answer: it is in the vault, or the vault has said that it cannot write it.
        raise
    except Exception as error:
        # Whatever else went wrong, the request may have arrived. Nobody is to wait for an answer to it.
        await vault.answer_unknown(claim, reason=str(error))
        raise
    await vault.answer_accepted(claim, request_id)
    return request_id


async def _forbidden(vault: Vault, claim: Claim) -> str:
    """Return why a claim may not be sent any more. A vault that cannot be read is a reason as well."""
    try:
        return await vault.forbidden(claim)
    except VaultError as error:
        return f"the vault could not be read before the request was sent ({error})"


async def _send_still(
    vault: Vault,
    client: Imagine,
    step: Step,
    recipe: Recipe,
    packed: Sequence[Media],
    claim: Claim,
    key: str,
    lease: Lease,
) -> str:
    """A still answers with the picture itself: kept first, then its take, then the answer."""
    slate = Slate(
        service=claim.service,
        fingerprint=claim.fingerprint,
        attempt=claim.attempt,
        request_id=still_id(claim.fingerprint, claim.attempt),
    )
    try:
        made = await client.make_still(recipe.operation, recipe.body, packed, idempotency_key=key, lease=lease)
    except TakeModerated as moderated:
        take = await record_end(vault, without_clip(slate, step, moderated))
        await vault.answer_accepted(claim, slate.request_id)
        raise ended(step.id, take) from moderated
    try:
        width, height, suffix = media.check_picture(made.picture)
    except MediaError as error:
        await vault.answer_unknown(claim, reason=f"it answered with no picture: {error}")
        raise SubmitUnknown(f"the service answered with something that is no picture: {error}") from None
    sha256 = await vault.keep_bytes(made.picture, suffix)
    await record_end(vault, with_still(slate, step, sha256, suffix, (width, height), made.ticks))
    await vault.answer_accepted(claim, slate.request_id)
    return slate.request_id
