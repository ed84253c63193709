"""
The gate at which a run waits for a person: whether it is open, who is asked, and what came of it.

Who is asked is a matter of the door: the command line has an approver, Prefect's flow suspends itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from storyreel.errors import AwaitingApproval, HeldBack, NotApproved, VaultError
from storyreel.model.recipe import Clip
from storyreel.model.storyboard import Gate
from storyreel.production.approval.marked import review_of_marked
from storyreel.production.approval.review import Review, behind, not_reached, review_of, to_look_at
from storyreel.production.approval.status import approve, approve_command, awaits, priced, refuse
from storyreel.production.approval.stills import Decision, Door, approval_of, with_all_words
from storyreel.production.outlook import forecast
from storyreel.production.session import Session
from storyreel.production.summary import Ends, clips_of, words_of

Approver = Callable[[Review], Awaitable[Decision]]
"""Asked whether what was made is good."""


def held_back(session: Session, ends: Ends) -> dict[str, BaseException]:
    """Return what becomes of the steps behind the gate if it cannot be reached, since a still has no clip; else nothing."""
    held = behind(session.plan)
    wanted = to_look_at(session.plan, session.allowed) if held else ()
    missing = next((step for step in wanted if not isinstance(ends.get(step), Clip)), None)
    return {} if missing is None else {s.id: HeldBack(s.id, missing) for s in session.plan.steps if s.id in held}


async def at_gate(session: Session, ends: Ends) -> Review | None:
    """
    Return what a person has to approve before this run goes on; None if nothing has to be, or all of it is approved.

    Args:
        ends: What became of the steps so far. If something that is to be shown was not made, nobody is asked: the run
            comes to its summary.

    Raises:
        NotApproved: A still of it is rejected, so that nobody needs to be asked. The run has come to its end with that.
    """
    for gate in session.plan.board.review:
        if (review := await _closed(session, ends, gate)) is not None:
            return review
    return None


async def _closed(session: Session, ends: Ends, gate: Gate) -> Review | None:
    """Return what has to be approved at one gate; None where it is open, or is not reached yet."""
    plan, clips = session.plan, clips_of(ends)
    if gate == "on-fault":
        review = await review_of_marked(plan, session.vault, session.service, ends)
    elif clips.keys() >= set(to_look_at(plan, session.allowed, gate)):
        review = review_of(plan, session.service, clips, session.allowed, gate)
    else:
        review = None
    if review is None:
        return None
    review = await with_all_words(session.vault, review)
    if await approval_of(session.vault, review):
        return None
    try:
        refuse(plan, review)
    except NotApproved as rejected:
        await _summed_up(session, ends, rejected)
        raise
    again = session.redo & not_reached(plan, review)
    outlook = await forecast(plan, session.vault, session.service, allowed=session.allowed, redo=again)
    return await priced(review, plan, session.vault, outlook)


async def pass_gate(session: Session, ends: Ends, approver: Approver | None = None) -> None:
    """
    Ask the person who waits for this run for what has to be approved, if anything has to be, and write their word down.

    Raises:
        AwaitingApproval, NotApproved: It does not go on.
    """
    async with session.questions:
        if (review := await at_gate(session, ends)) is not None:
            await settle(session, ends, review, await ask(session, ends, review, approver), "terminal")


async def ask(session: Session, ends: Ends, review: Review, approver: Approver | None) -> Decision:
    """
    Ask the person who waits for this run.

    Raises:
        AwaitingApproval: There is none. The run has come to its end with that.
    """
    try:
        if approver is not None:
            return await approver(review)
        how = how_to_approve(session, review)
        raise AwaitingApproval(f"{awaits(review)}; to go on, look at what was made, say `{how}`, and run it again")
    except AwaitingApproval as waiting:
        await _summed_up(session, ends, waiting)
        raise


def how_to_approve(session: Session, review: Review) -> str:
    """Return the command by which a person approves what a run shows."""
    plan = session.plan
    every = session.allowed >= {step.id for step in plan.steps}
    # Scenes as a command names them, with the delivery that buys one for itself; of the cast nothing is named.
    ids = {scene.id for scene in plan.board.scenes}
    named = [step.scene for step in plan.steps if step.id in session.allowed and step.scene_id in ids]
    return approve_command(
        plan,
        only=() if every else tuple(dict.fromkeys(named)),
        vault=session.vault.address,
        sandbox=session.service == "sandbox",
        shown=review,
    )


async def settle(session: Session, ends: Ends, review: Review, decision: Decision, door: Door) -> None:
    """
    Write down what a person said.

    Raises:
        NotApproved: It was no. The run has come to its end with that.
    """
    if decision.approve:
        try:
            await approve(session.plan, session.vault, review, decision, door)
        except NotApproved as rejected:
            await _summed_up(session, ends, rejected)
            raise
        return
    refusal = NotApproved(
        f"{review.what} not approved{f' ({decision.note})' if decision.note else ''}, so {review.what_waits}; edit the prompt of "
        f"what is not right, or have it made again with --redo {review.waits[0].step}, and run it again"
    )
    await _summed_up(session, ends, refusal)
    raise refusal


async def _summed_up(session: Session, ends: Ends, end: AwaitingApproval) -> None:
    """Write down that this run came to its end here: a later try of it is a person's."""
    summary = {step: each.request_id if isinstance(each, Clip) else words_of(each) for step, each in ends.items()}
    with suppress(VaultError):
        board = session.plan.board
        await session.conclusion.ended(board.variant, {**summary, f"{board.prefix}review": words_of(end)})
