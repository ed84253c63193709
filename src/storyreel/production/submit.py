"""
Send one request under its claim, and write down what came of it before anything else happens.

Between claim and answer nothing waits but the request itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.clock import Since
from storyreel.errors import (
    KeyRefused,
    ServiceUnreachable,
    SubmitNamed,
    SubmitRefused,
    SubmitUnknown,
    TakeModerated,
    VaultError,
)
from storyreel.imagine import Imagine, Lease, Media
from storyreel.model.plan import Step
from storyreel.model.recipe import STILLS, Recipe
from storyreel.production.outcomes import ended
from storyreel.production.receive import Unusable, deliver, receive
from storyreel.vault import Attempt, Claim, Delivery, Vault, inbox_id

ASKED_TIMES = 3
"""How often an id is asked for before another run believes that the service does not know it: one replica may lag."""


async def send(
    vault: Vault,
    client: Imagine,
    step: Step,
    recipe: Recipe,
    packed: Sequence[Media],
    claim: Claim,
    since: Since,
    upload_url: str | None = None,
) -> str:
    """
    Send one request, once, and return its id.

    Args:
        packed: What goes in, where the service can have it.
        claim: Ours, and not answered.
        since: The moment before it was claimed.
        upload_url: Where the service is to put the clip, if it is to be told. A secret.

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
        request_id = await client.submit(
            recipe.operation, recipe.body, packed, idempotency_key=key, lease=lease, upload_url=upload_url
        )
    except SubmitNamed as named:
        return await _asked_for(vault, client, step, claim, named)
    except SubmitRefused as refused:
        await vault.claims.answer_refused(claim, status=refused.status, code=refused.code, message=str(refused))
        raise
    except KeyRefused as refused:
        await vault.claims.answer_refused(claim, status=None, code="key", message=str(refused))
        raise
    except (TakeModerated, VaultError):
        # Both come from after the answer: it is in the vault, or the vault has said that it cannot write it.
        raise
    except Unusable:
        # What came is kept, and why it is no still stands beside the claim.
        raise
    except Exception as error:
        # Whatever else went wrong, the request may have arrived. Nobody is to wait for an answer to it.
        reason = error.why if isinstance(error, SubmitUnknown) else str(error)
        await vault.claims.answer_unknown(claim, reason=reason)
        raise
    return await _accepted(vault, claim, request_id)


async def _accepted(vault: Vault, claim: Claim, request_id: str) -> str:
    try:
        await vault.claims.answer_accepted(claim, request_id)
    except VaultError as error:
        # The id is known nowhere else. Elsewhere on this machine the next run finds it.
        came = await vault.deliveries.deliver(claim, Delivery(nonce=claim.nonce, request_id=request_id))
        raise VaultError(f"{error}; it is kept as {came.place}, where the next run on this machine finds it") from error
    return request_id


async def any_turned_up(
    vault: Vault, client: Imagine, attempts: Sequence[Attempt], asked: set[str], *, buying: bool
) -> bool:
    """
    Look once more after requests whose answers were lost, and say whether one of them was taken after all: its clip has been
    put into the vault, or the service knows the id that came with an answer that was no success.

    Args:
        attempts: All at one step.
        asked: The attempts that were asked for in this run; added to.
        buying: Whether something would be bought in their place: then a service that does not say is an error.

    Raises:
        ServiceUnreachable: It does not say.
    """
    for attempt in attempts:
        if attempt.state in ("unknown", "lost") and await put_already(vault, attempt):
            return True
        if attempt.doubtful_id is None or attempt.claim.key in asked:
            continue
        try:
            if await turned_up(vault, client, attempt, given_up=attempt.state == "lost"):
                return True
        except ServiceUnreachable:
            if buying:
                raise
            continue  # what is unknown stays so
        asked.add(attempt.claim.key)
    return False


async def put_already(vault: Vault, attempt: Attempt) -> bool:
    """
    Whether the service has put the clip of a request into the vault. Then it was taken, and that is written down.

    Its id is one of ours, since the service's was lost.
    """
    claim = attempt.claim
    if not await vault.inbox.has(claim.service, claim.fingerprint, claim.attempt):
        return False
    await vault.claims.answer_accepted(claim, inbox_id(claim.fingerprint, claim.attempt))
    return True


async def turned_up(vault: Vault, client: Imagine, attempt: Attempt, *, given_up: bool = False) -> bool:
    """
    Whether the service knows the id that came with an answer that was no success. Then it is written down as accepted.

    Args:
        given_up: Whether a person has given it up: an id that cannot be asked for, for its length or its form, is then
            one that the service does not know.

    Raises:
        ServiceUnreachable: It does not say, and until it does nothing is bought in its place.
    """
    request_id = attempt.doubtful_id or ""
    other_name = attempt.named is not None and _is_success(attempt.named.status)
    if other_name and await _is_of_another(vault, attempt.claim, request_id):
        return False
    known = await client.knows(request_id, times=ASKED_TIMES, given_up=given_up, of_a_take=other_name)
    if known is None:
        raise ServiceUnreachable(
            f"a request was answered with the id {request_id}, and the service does not say now "
            "whether it knows that; nothing is sent in its place until it does",
            request_id=request_id,
        )
    if known:
        await vault.claims.answer_accepted(attempt.claim, request_id)
    return known


async def _is_of_another(vault: Vault, claim: Claim, request_id: str) -> bool:
    """Whether the service has given an id to another request as well, so that it tells nothing of either."""
    others, _ = await vault.attempts.every(claim.service)
    return any(one.claim.key != claim.key and request_id in (*one.request_ids, one.doubtful_id) for one in others)


def _is_success(status: int) -> bool:
    """Whether an answer with such a status has an id under a name of a gateway's own: under the service's it is an acceptance."""
    return 200 <= status < 300


async def _asked_for(vault: Vault, client: Imagine, step: Step, claim: Claim, named: SubmitNamed) -> str:
    """Return the id of an answer that was no success, if the service knows it: then the request was taken all the same."""
    request_id = named.request_id or ""
    unwritten: VaultError | None = None
    try:
        await vault.claims.name(claim, request_id, named.status, named.code, named.words)
    except VaultError as error:
        unwritten = error  # an acceptance can be kept elsewhere, so it is asked for all the same
    other_name = _is_success(named.status)
    known: bool | None = False
    # What stands in each of its answers, such as the account's id, is no request's.
    if not other_name or not await _is_of_another(vault, claim, request_id):
        known = await client.knows(request_id, of_a_take=other_name)
    if known and step.kind != "still":
        return await _accepted(vault, claim, request_id)
    if unwritten is not None:
        raise unwritten
    if known is False and named.refusal is not None:
        code = "key" if isinstance(named.refusal, KeyRefused) else named.code
        await vault.claims.answer_refused(claim, status=named.status, code=code, message=str(named.refusal))
        raise named.refusal
    await vault.claims.answer_unknown(claim, reason=named.why)
    raise named


async def _forbidden(vault: Vault, claim: Claim) -> str:
    """Return why a claim may not be sent any more. A vault that cannot be read is a reason as well."""
    try:
        return await vault.claims.forbidden(claim)
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
    """A still answers with the picture itself: kept as it came, then judged; then its take, then the answer."""
    try:
        still = await client.make_still(recipe.operation, recipe.body, packed, idempotency_key=key, lease=lease)
    except TakeModerated as moderated:
        withheld = Delivery(nonce=claim.nonce, charge=moderated.ticks, withheld=moderated.words or str(moderated))
        request_id = await receive(vault, client, step, claim, await vault.deliveries.deliver(claim, withheld))
        take = await vault.takes.get(claim.service, request_id)
        raise (moderated if take is None else ended(step.id, take)) from moderated
    came, content = await deliver(vault, claim, still)
    return await receive(vault, client, step, claim, came, content)
