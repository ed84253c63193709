"""
The gate at which a run waits for a person: whether it is open, who is asked, and what came of it.

Who is asked is a matter of the door: the command line sets an approver, Prefect's flow suspends itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar

from storyreel.errors import AwaitingApproval, NotApproved, NotReached, VaultError
from storyreel.model.recipe import Clip
from storyreel.production.approval.review import Review, behind, review_of, to_look_at
from storyreel.production.approval.status import Door, Word, approve, approve_command, awaits, priced
from storyreel.production.outlook import forecast
from storyreel.production.session import Studio
from storyreel.production.summary import Ends, said_by

Approver = Callable[[Review], Awaitable[Word]]

_approver: ContextVar[Approver | None] = ContextVar("storyreel_approver", default=None)


def approved_by(approver: Approver | None) -> None:
    """Have whatever needs an approval from here on, in this context, asked of `approver`."""
    _approver.set(approver)


class HeldBack(NotReached):
    """A step was not tried, because it waits for an approval, and what was to be approved was not made."""

    def __init__(self, step: str, because: str) -> None:
        super().__init__(step, because)
        self.args = (f"{step} was not reached: it waits for an approval of the stills, and {because} has no clip",)


def held_back(studio: Studio, ends: Ends) -> dict[str, BaseException]:
    """Return what becomes of the steps behind the gate if it cannot be reached, since a still has no clip; else nothing."""
    held = behind(studio.plan)
    wanted = to_look_at(studio.plan, studio.allowed) if held else ()
    missing = next((step for step in wanted if not isinstance(ends.get(step), Clip)), None)
    return {} if missing is None else {s.id: HeldBack(s.id, missing) for s in studio.plan.steps if s.id in held}


async def at_gate(studio: Studio, ends: Ends) -> Review | None:
    """
    Return what a person has to approve before this run goes on; None if nothing has to be, or all of it is approved.

    Args:
        ends: What became of the steps so far. If something that is to be shown was not made, nobody is asked: the run
            comes to its summary.
    """
    plan, clips = studio.plan, {step: end for step, end in ends.items() if isinstance(end, Clip)}
    wanted = to_look_at(plan, studio.allowed) if behind(plan) else [step.id for step in plan.steps]
    if not clips.keys() >= set(wanted):
        return None
    review = review_of(plan, studio.service, clips, studio.allowed)
    if review is None or await studio.vault.approval(review.service, review.gate, review.identity):
        return None
    again = studio.redo & behind(plan)
    outlook = await forecast(plan, studio.vault, studio.service, allowed=studio.allowed, redo=again)
    return await priced(review, plan, studio.vault, outlook)


async def ask(studio: Studio, ends: Ends, review: Review) -> Word:
    """
    Ask the person who waits for this run.

    Raises:
        AwaitingApproval: There is none. The run has come to its end with that.
    """
    approver = _approver.get()
    try:
        if approver is not None:
            return await approver(review)
        every = studio.allowed >= {step.id for step in studio.plan.steps}
        scenes = {step.scene for step in studio.plan.steps if step.id in studio.allowed}
        how = approve_command(
            studio.plan.board.path,
            only=() if every else [scene.id for scene in studio.plan.board.scenes if scene.id in scenes],
            vault=studio.vault.address,
            sandbox=studio.service == "sandbox",
            shown=review,
        )
        raise AwaitingApproval(f"{awaits(review)}; to go on, look at what was made, say `{how}`, and run it again")
    except AwaitingApproval as waiting:
        await _summed_up(studio, ends, waiting)
        raise


async def settle(studio: Studio, ends: Ends, review: Review, word: Word, door: Door) -> None:
    """
    Write down what a person said.

    Raises:
        NotApproved: It was no. The run has come to its end with that.
    """
    if word.approve:
        await approve(studio.vault, review, word, door)
        return
    refusal = NotApproved(
        f"{review.what} not approved{f' ({word.note})' if word.note else ''}, so {review.what_rests}; edit the prompt of "
        f"what is not right, or have it made again with --redo {review.looks[0].step}, and run it again"
    )
    await _summed_up(studio, ends, refusal)
    raise refusal


async def _summed_up(studio: Studio, ends: Ends, end: AwaitingApproval) -> None:
    """Write down that this run came to its end here: a later try of it is a person's."""
    told = {step: each.request_id if isinstance(each, Clip) else said_by(each) for step, each in ends.items()}
    with suppress(VaultError):
        await studio.vault.close_ask(studio.ask, {**told, "review": said_by(end)})
