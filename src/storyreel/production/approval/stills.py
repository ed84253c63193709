"""
One still at a time: what people have said of each, and their next word on one. A set is approved when each of its stills is.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from storyreel.errors import NotApproved
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip, ServiceName
from storyreel.model.storyboard import Gate
from storyreel.production.approval.review import Look, Review, stills_of
from storyreel.vault import Approval, Decided, Vault

Door = Literal["terminal", "command", "prefect", "page", "program"]

ONE_BY_ONE: frozenset[Gate] = frozenset({"before-video", "on-fault"})
"""Gates at which each take has words of its own. What a film shows is looked at as a whole."""
AT_ONCE = 32
"""How many stills are looked up at the same time."""


@dataclass(frozen=True)
class Decision:
    """What a person said: whether what was shown is good, who they are, and what they added."""

    approve: bool
    by: str
    note: str = ""


async def with_words(vault: Vault, service: ServiceName, gate: Gate, looks: Iterable[Look]) -> tuple[Look, ...]:
    """
    Return what a person looks at, each take with what people have said of it alone.

    Raises:
        VaultError: Words cannot be read: they are never taken for none.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def with_its_words(look: Look) -> Look:
        if look.request_id is None:
            return look
        async with turns:
            return replace(look, words=await vault.approvals.decided(service, gate, look.asked_at(gate, service)))

    return tuple(await asyncio.gather(*map(with_its_words, looks)))


async def with_all_words(vault: Vault, review: Review) -> Review:
    """Return a review in which each still has what people have said of it alone. A film is looked at as a whole."""
    if review.gate not in ONE_BY_ONE:
        return review
    return replace(review, looks=await with_words(vault, review.service, review.gate, review.looks))


async def approval_of(vault: Vault, review: Review) -> Approval | None:
    """
    Return by what the gate is open: that the set was approved, or each of its stills; None while it is closed.

    Whatever was said of the set, a still that is rejected closes the gate until somebody approves it after all, or another one is
    in its place.

    Args:
        review: With the words on each still.
    """
    if review.rejected:
        return None
    approval = await vault.approvals.of(review.service, review.gate, review.identity)
    if approval is not None or review.waits:
        return approval
    last = max((look.decided for look in review.looks if look.decided is not None), key=lambda word: word.at)
    return as_set(review, Decision(True, last.by, last.note), last.door).model_copy(update={"at": last.at})


def as_set(review: Review, decision: Decision, door: Door) -> Approval:
    """Return the approval of a set, as each version reads it: a door that not all of them know is written as that of a command."""
    return Approval(
        service=review.service,
        gate=review.gate,
        identity=review.identity,
        shown=review.shown,
        by=decision.by,
        door="command" if door in ("page", "program") else door,
        note=decision.note,
    )


async def decide(vault: Vault, service: ServiceName, gate: Gate, look: Look, decision: Decision, door: Door) -> Decided:
    """
    Write down what a person said of one take, and return the word that stands.

    Args:
        look: What they were shown, with the words on it that they had seen.

    Returns:
        Their word, or one of before that says the same. It is a rejection, though they approved, where somebody has rejected the
        take since they had looked: their word was not written then.
    """
    assert look.request_id is not None, "of a person's own footage there is no word"
    word = Decided(
        service=service,
        gate=gate,
        identity=look.asked_at(gate, service),
        step=look.step,
        request_id=look.request_id,
        approve=decision.approve,
        by=decision.by,
        door=door,
        note=decision.note,
    )
    return await vault.approvals.decide(word, seen=len(look.words))


async def decide_each(
    vault: Vault, service: ServiceName, gate: Gate, looks: Iterable[Look], decision: Decision, door: Door
) -> tuple[Look, ...]:
    """Write down what a person said of some stills, one record for each, and return them with the words that stand now."""
    looks = tuple(looks)
    for look in looks:
        await decide(vault, service, gate, look, decision, door)
    return await with_words(vault, service, gate, looks)


async def refuse_rejected(
    plan: Plan, vault: Vault, service: ServiceName, step: str, clips: Mapping[str, Clip], allowed: Collection[str]
) -> None:
    """
    Refuse to buy what is made from a still that somebody has rejected: also after the gate was open, while others are made.

    Args:
        step: What would be bought.
        clips: What is made so far, by step.
        allowed: The steps that may be bought.

    Raises:
        NotApproved: A still that it is made from is rejected.
        VaultError: That cannot be read.
    """
    if "before-video" not in plan.board.review:
        return
    before = _before(plan, step)
    looks = [look for look in stills_of(plan, clips, allowed) if look.step in before]
    rejected = [look for look in await with_words(vault, service, "before-video", looks) if look.is_rejected]
    if rejected:
        raise NotApproved(f"{step} was not sent: {in_words(rejected)}; {again(plan, service, rejected)}")


def _before(plan: Plan, step: str) -> set[str]:
    """Return the steps that a step is made from, and those that they are made from."""
    before, next_ones = set[str](), list(plan.step(step).needs)
    while next_ones:
        if (need := next_ones.pop()) not in before:
            before.add(need)
            next_ones += plan.step(need).needs
    return before


def in_words(rejected: Sequence[Look]) -> str:
    """Return which stills are rejected, and by whom: `door/still (rejected by ana@desk (too dark), 2026-11-28 09:30 UTC)`."""
    return ", ".join(f"{look.step} ({look.decided.words})" for look in rejected if look.decided is not None)


def again(plan: Plan, service: ServiceName, rejected: Sequence[Look]) -> str:
    """Return how a person goes on from what is rejected, as the end of a sentence."""
    redo = redo_command(plan, [look.step for look in rejected], sandbox=service == "sandbox")
    them = "it" if len(rejected) == 1 else "them"
    return f"make {them} again with: {redo}; or approve {them} after all with --still of storyreel approve"


def redo_command(plan: Plan, steps: Sequence[str], *, vault: str | None = None, sandbox: bool = False) -> str:
    """Return the command that makes stills again."""
    words = ["storyreel", "shoot", *plan.board.words, *(word for step in steps for word in ("--redo", step))]
    words += ["--vault", vault] if vault is not None else []
    return shlex.join([*words, *(["--sandbox"] if sandbox else [])])
