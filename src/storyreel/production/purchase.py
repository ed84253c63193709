"""
Buy a step: the order of a purchase is the promise.

Inputs ready, money set aside, the pace kept, the claim won - and then nothing but the request and the record of its
answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.clock import Since
from storyreel.errors import KeyRefused, NoRetention, SubmitPaced, SubmitRefused, SubmitUnknown
from storyreel.model.events import Event
from storyreel.model.plan import Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.approval.last_look import refuse_unapproved
from storyreel.production.frame_sources import beyond_the_clip
from storyreel.production.outcomes import lost
from storyreel.production.recall import decide_on, not_usable, recalled, recipe_of, slate_of
from storyreel.production.receive import Unusable
from storyreel.production.retry_wait import Later
from storyreel.production.session import Session
from storyreel.production.set_aside import claimed, give_back, set_aside
from storyreel.production.settle import settle
from storyreel.production.shutdown import to_its_end
from storyreel.production.submit import send
from storyreel.production.zero_retention import upload_url
from storyreel.vault import Buy, attempt_key

CLAIMS_TRIED = 9
"""How often one step is claimed that other runs claim before us."""
HELD_S = 0.5
"""A shorter hold is waited for in line; a longer one elsewhere, since who is in line has a place among the jobs."""


async def try_to_buy(session: Session, scene: str, name: str, sources: Sequence[Clip]) -> Slate | Later:
    """
    Send the request of a step, once, and return its slate. The request id is in the vault before this returns.

    Args:
        scene: First half of the step's id.
        name: Second half of the step's id.
        sources: The clips of the steps that it needs, in the plan's order.

    Returns:
        Later, where the service does not take it now: nothing was bought, and it is to be tried again.

    Raises:
        BudgetError: It would pass the budget or a cap; nothing was sent.
        SubmitRefused: The service did not take it; nothing was paid.
        SubmitUnknown: It was sent, and no answer was kept.
        Braked: Three others in a row met what is wrong with the service; nothing was sent.
        VaultError, MediaError: Something that goes in cannot be had, or the claim cannot be written; nothing was sent.
        VaultClosed: The vault was closed meanwhile; nothing was sent.
        NotApproved, HeldOnFault: A person has not approved what it is made from; nothing was sent.
    """
    step = session.plan.step(f"{scene}/{name}")
    recipe = recipe_of(step, sources)
    fingerprint = recipe.fingerprint(session.service)
    request_ids = dict(zip(step.needs, (clip.request_id for clip in sources), strict=True))
    async with session.brake.sending(step.id):
        if later := _held(session, step):
            return later
        packed = await session.inputs.all_ready(recipe.inputs)
        if note := await beyond_the_clip(session.plan, step, session.vault, session.service, request_ids):
            session.tell(Event(step.id, "noted", text=note))
        for _ in range(CLAIMS_TRIED):
            verdict = await decide_on(session, step, fingerprint)
            if not isinstance(verdict, Buy):
                # Another run was quicker: its take is ours as well.
                return await recalled(session, step, fingerprint, verdict)
            key = attempt_key(fingerprint, verdict.attempt)
            cap = await set_aside(session, step, key)
            # Before the claim: between a claim and its answer nothing is written that money does not need.
            await session.vault.index.mark(
                session.service, session.plan.board.slug, step.id, fingerprint, verdict.attempt
            )
            if session.before_claim is not None:
                await session.before_claim(session.vault.address)
            if not await session.client.paced() and (later := _held(session, step)):
                return later
            # Signed before the claim as well; it holds for a day.
            put_to = await upload_url(session, step, fingerprint, verdict.attempt)
            # After all that waits: what a person rejects meanwhile is not built on.
            await refuse_unapproved(session, step, sources)
            since = Since()
            # After the clock is read: who closes the vault waits as long as what passed here may still be sent.
            await session.vault.closing.check()
            claim = await session.vault.claims.claim(
                session.service,
                fingerprint,
                verdict.attempt,
                ask=session.ask,
                recipe=recipe.model_dump(mode="json"),
                step=step.id,
                estimate_ticks=step.ticks,
                till=session.till,
                cap=cap,
                team=session.team,
                board=session.plan.board.slug,
            )
            if claim is None:
                await _give_back(session, fingerprint, verdict.attempt)
                continue
            claimed(session, claim.key)
            session.tell(Event(step.id, "sending", ticks=step.ticks))
            try:
                request_id = await to_its_end(
                    send(session.vault, session.client, step, recipe, packed, claim, since, put_to)
                )
            except SubmitPaced as refused:
                session.unknown_ids.add(claim.key)
                await settle(session.vault, claim, charged=0)
                return session.waits.after(step.id, refused, held_s=session.client.held()[0])
            except NoRetention:
                await settle(session.vault, claim, charged=0)
                if put_to is not None or step.kind == "still":
                    raise
                # It is sent again, and says where the clip is to go.
                session.unknown_ids.add(claim.key)
                session.retention.none = True
                continue
            except (SubmitRefused, KeyRefused):
                await settle(session.vault, claim, charged=0)
                raise
            except Unusable as error:
                raise not_usable(session, step, error, claim) from error
            except SubmitUnknown as unknown:
                raise lost(step, session.plan.board, unknown.why, claim.at, sandbox=session.sandbox) from unknown
            session.brake.taken()
            session.tell(Event(step.id, "accepted", request_id=request_id))
            take = await session.vault.takes.get(session.service, request_id)
            return slate_of(session, fingerprint, claim.attempt, request_id, take)
    raise SubmitRefused("other runs kept claiming it; run it again")


def _held(session: Session, step: Step) -> Later | None:
    """Return for how long nothing is to be sent, since the service has asked some step of this run to wait."""
    seconds, why = session.client.held()
    return session.waits.held(step.id, seconds, why) if seconds >= HELD_S else None


async def _give_back(session: Session, fingerprint: str, number: int) -> None:
    """Put back what was set aside for an attempt that another run has claimed, out of a till of its own and out of the cap."""
    await give_back(session, attempt_key(fingerprint, number))
    for attempt in await session.vault.attempts.of(session.service, fingerprint):
        if attempt.number == number and attempt.claim.till != session.till:
            await session.vault.ledger.settle(
                session.service,
                session.till,
                attempt_key=attempt.claim.key,
                charged_ticks=0,
            )
