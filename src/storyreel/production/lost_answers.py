"""
What a person says about a request whose answer was lost: its id, its picture, or that it never arrived.

Nothing is sent from here but a question about the id, so that a slip of the pen is not written down for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyreel import media
from storyreel.errors import ServiceUnreachable, SettingsError, TakeExpired, TakeFailed, TakeModerated
from storyreel.files.regular import PICTURE_MOST, read_plain, reason_of
from storyreel.imagine import Imagine
from storyreel.model.money import believed
from storyreel.model.plan import Step
from storyreel.model.recipe import ServiceName, Slate
from storyreel.model.request_ids import is_in_inbox
from storyreel.production.outcomes import with_still
from storyreel.production.outlook import Forecast
from storyreel.production.settle import record_end, settle
from storyreel.production.submit import put_already, turned_up
from storyreel.vault import Attempt, Vault, inbox_id, still_id


async def lost_attempt(outlook: Sequence[Forecast], vault: Vault, service: ServiceName, step: Step) -> Attempt:
    """
    Return the attempt at a step of which nobody knows what came.

    Raises:
        SettingsError: There is none.
    """
    forecast = next(each for each in outlook if each.step.id == step.id)
    attempts = await vault.attempts.of(service, forecast.fingerprint) if forecast.fingerprint else ()
    for attempt in reversed(attempts):
        if attempt.state == "unknown":
            return attempt
    raise SettingsError(f"{step.id}: nothing is to be resolved; it is: {forecast.outlook} ({forecast.why})")


def not_lost(step: str, request_id: str) -> str:
    """Return what is told of a request that was called lost, and of which an id, or the clip itself, turned up."""
    why = "its clip is in the vault already" if is_in_inbox(request_id) else f"the service knows {request_id}"
    return f"{step}: not lost: {why}; the next run goes on from it"


async def adopt(vault: Vault, client: Imagine, attempt: Attempt, request_id: str) -> None:
    """
    Write down the id that the service gave, once the service has said that it knows it.

    Raises:
        TakeGone: The service does not know it, or not for this key. Nothing was written.
        ServiceUnreachable, KeyRefused: It does not say. Nothing was written.
        SettingsError: It is the id of another request.
    """
    others, _ = await vault.attempts.every(attempt.claim.service)
    for other in others:
        if other.claim.key != attempt.claim.key and request_id in other.request_ids:
            raise SettingsError(f"--request-id {request_id}: that is {other.claim.step}'s; look for another one")
    try:
        await client.ask(request_id)
    except (TakeFailed, TakeModerated, TakeExpired):
        pass  # how it ended is for the next run to say; that it ended says that the id is right
    except ServiceUnreachable:
        # It may have said that it is done, and not where it is: then it knows the id as well.
        if not await client.knows(request_id, times=1):
            raise
    await vault.claims.resolve(attempt, request_id)


async def adopt_still(vault: Vault, step: Step, attempt: Attempt, picture: Path) -> None:
    """
    Keep a picture as the still that the service made.

    Raises:
        MediaError: It is no picture.
        SettingsError: The file cannot be read.
    """
    try:
        content = read_plain(picture, PICTURE_MOST)
    except OSError as error:
        raise SettingsError(f"--file {picture}: {reason_of(error)}") from None
    width, height, suffix = media.check_picture(content)
    claim = attempt.claim
    slate = Slate(
        service=claim.service,
        fingerprint=claim.fingerprint,
        attempt=claim.attempt,
        request_id=still_id(claim.fingerprint, claim.attempt),
    )
    # What was looked at is kept, whatever has the name by now.
    sha256 = await vault.clips.keep_bytes(content, suffix)
    came = await vault.deliveries.delivered(claim)
    charge = came.charge if came is not None else None
    await record_end(vault, with_still(slate, step, sha256, suffix, (width, height), charge))
    await vault.claims.resolve(attempt, slate.request_id)


async def give_up(vault: Vault, attempt: Attempt, client: Imagine | None = None) -> str | None:
    """
    Write down that a request never arrived: what was set aside for it goes back, and the next run may send it.

    What came and was charged, and is of no use to the person, stays charged.

    Args:
        client: Wanted where an id came with the answer (`doubtful_id`), which the service is asked for first.

    Returns:
        None; or its id, if it is not lost but accepted after all: the one that came with its answer, which the service knows,
        or one of ours, since its clip has been put into the vault.

    Raises:
        ServiceUnreachable: There is such an id, and the service does not say now whether it knows it. Nothing was written.
    """
    if await put_already(vault, attempt):
        return inbox_id(attempt.claim.fingerprint, attempt.claim.attempt)
    if attempt.doubtful_id is not None:
        if client is None:
            raise ServiceUnreachable(f"the service has to be asked for {attempt.doubtful_id} before it is called lost")
        if await turned_up(vault, client, attempt, given_up=True):
            return attempt.doubtful_id
    await vault.claims.resolve(attempt, None)
    claim = attempt.claim
    came = await vault.deliveries.delivered(claim)
    charge = believed(came.charge, claim.estimate_ticks) if came is not None else None
    await settle(vault, claim, charged=0 if came is None else charge)
    return None
