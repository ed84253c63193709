"""
What is bought on a clip or still that has a mark: with `review: on-fault` nothing, until a person has looked at it and approved it,
or another one is in its place.

Who pins a take has looked at it, and so has who approved it among the stills before the videos. A person's own footage has no marks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from storyreel.errors import NotReached
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Clip, ServiceName
from storyreel.model.storyboard import Gate
from storyreel.production.approval.review import Look, Review, behind, to_look_at
from storyreel.production.approval.stills import with_words
from storyreel.production.outlook import Forecast
from storyreel.vault import Vault

ON_FAULT: Gate = "on-fault"
NOT_SEEN = "it could not be looked at"
"""What a take is held for of which nobody can tell whether it has marks."""


class HeldOnFault(NotReached):
    """A step was not sent: what it is made from has a mark, and nobody has approved it. `looks` are what has one."""

    def __init__(self, step: str, looks: Sequence[Look]) -> None:
        marked = ", ".join(f"{look.step} ({look.marks})" for look in looks)
        again = " ".join(f"--redo {look.step}" for look in looks)
        text = (
            f"{step} was not sent: it is made from {marked}; a person approves that, or has it made anew with {again}"
        )
        super().__init__(step, looks[0].step, text)
        self.looks = tuple(looks)


async def refuse_marked(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    step: Step,
    sources: Sequence[Clip],
    allowed: Collection[str],
) -> None:
    """
    Refuse to buy what is made from a take that has a mark, before anything is paid for it.

    A take that nobody has looked at, since it came before that was done, is looked at now; one that cannot be is held as one with a mark.

    Args:
        step: What would be bought.
        sources: The clips of the steps that it needs, in their order.
        allowed: The steps that may be bought.

    Raises:
        HeldOnFault: One has, and nobody has approved it.
        VaultError: What people have said of it cannot be read.
    """
    if ON_FAULT not in plan.board.review:
        return
    clips = dict(zip(step.needs, sources, strict=True))
    if looks := await marked_before(plan, vault, service, step, clips, allowed, look=True):
        raise HeldOnFault(step.id, looks)


async def marked_before(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    step: Step,
    clips: Mapping[str, Clip],
    allowed: Collection[str],
    *,
    look: bool = False,
) -> tuple[Look, ...]:
    """
    Return what a step is made from that has a mark and that no person has approved.

    Args:
        clips: What is made so far, by step.
        look: Whether a clip is looked at now that was not when it came.
    """
    # It loads what reads media, which a plan of a storyboard without `on-fault` need not wait for.
    from storyreel.delivery.clip_marks import in_words, marks_looked_at, marks_of

    looks = []
    seen = set(to_look_at(plan, allowed)) if step.id in behind(plan) else set[str]()
    for need in step.needs:
        clip = clips.get(need)
        if clip is None or need in seen or plan.step(need).pin is not None:
            continue
        take = await vault.takes.get(service, clip.request_id)
        marks = await (marks_looked_at(vault, take) if look else marks_of(vault, take))
        if marks is None or marks:
            looks.append(Look(need, clip.request_id, clip.sha256, marks=NOT_SEEN if marks is None else in_words(marks)))
    return tuple(each for each in await with_words(vault, service, ON_FAULT, looks) if not each.is_approved)


def held_on_fault(plan: Plan, ends: Mapping[str, Clip | BaseException]) -> tuple[Step, ...]:
    """Return the steps that wait for a word on what has a mark, and what follows them, in the plan's order."""
    held = _with_what_follows(plan, {step for step, end in ends.items() if isinstance(end, HeldOnFault)})
    return tuple(step for step in plan.steps if step.id in held and not isinstance(ends.get(step.id), Clip))


async def review_of_marked(
    plan: Plan, vault: Vault, service: ServiceName, ends: Mapping[str, Clip | BaseException]
) -> Review | None:
    """Return what a person has to look at before a run goes on that has held steps back; None if there is nothing."""
    ends_held = [end for end in ends.values() if isinstance(end, HeldOnFault)]
    held = frozenset(step.id for step in held_on_fault(plan, ends))
    return await _review(plan, vault, service, [look for end in ends_held for look in end.looks], held)


async def prospect_of_marked(
    plan: Plan, vault: Vault, service: ServiceName, outlook: Sequence[Forecast], allowed: Collection[str]
) -> Review | None:
    """Return what a person has to look at before a run would buy what follows, as far as the vault knows; None if there is nothing."""
    if ON_FAULT not in plan.board.review:
        return None
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    looks: list[Look] = []
    held: set[str] = set()
    for each in outlook:
        if each.buys and (marked := await marked_before(plan, vault, service, each.step, clips, allowed)):
            looks += marked
            held.add(each.step.id)
    return await _review(plan, vault, service, looks, _with_what_follows(plan, held))


async def _review(
    plan: Plan, vault: Vault, service: ServiceName, looks: Sequence[Look], held: frozenset[str]
) -> Review | None:
    alone = {look.request_id: look for look in looks}
    unapproved = [look for look in await with_words(vault, service, ON_FAULT, alone.values()) if not look.is_approved]
    if not unapproved:
        return None
    order = [step.id for step in plan.steps]
    unapproved.sort(key=lambda look: order.index(look.step))
    return Review(ON_FAULT, service, tuple(unapproved), variant=plan.board.variant, held=held)


def _with_what_follows(plan: Plan, steps: Collection[str]) -> frozenset[str]:
    held = set(steps)
    for step in plan.steps:
        if held.intersection(step.needs):
            held.add(step.id)
    return frozenset(held)
