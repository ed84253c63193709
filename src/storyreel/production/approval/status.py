"""
What a person has approved, and what still waits for them: the gate of a storyboard, seen by somebody who sends nothing.

An approval is kept in the vault, so it holds for every later run that would show the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storyreel.errors import NotApproved
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Gate
from storyreel.production.approval.marked import prospect_of_marked
from storyreel.production.approval.review import Look, Review, behind, review_of, stills_of, to_look_at
from storyreel.production.approval.stills import (
    ONE_BY_ONE,
    Decision,
    Door,
    again,
    approval_of,
    as_set,
    decide_each,
    in_words,
    with_all_words,
    with_words,
)
from storyreel.production.outlook import Forecast
from storyreel.vault import Approval, Vault
from storyreel.vault.costs import read_costs


@dataclass(frozen=True)
class GateState:
    """
    How the gate of a storyboard stands now.

    `missing` is what a person would look at and is not made yet; `review` is there once nothing is missing, `approval`
    if the gate is open: somebody has approved exactly that, or each still of it, and no still is rejected. `stills` are those that
    are made, each with what people have said of it, whatever is missing.
    """

    missing: tuple[Forecast, ...]
    review: Review | None = None
    approval: Approval | None = None
    stills: tuple[Look, ...] = ()


async def gate_of(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    outlook: Sequence[Forecast],
    *,
    allowed: Collection[str],
    gate: Gate | None = None,
) -> GateState | None:
    """
    Return how the gate of a storyboard stands, of several the first that is closed, else the last that has something to show; None if
    it has none, or nothing to show at any.

    Args:
        service: Whose takes they are, `xai` or `sandbox`.
        outlook: What a run would do with each step of the plan.
        allowed: The steps that may be bought.
        gate: The only one that is looked at.
    """
    state = None
    for each in plan.board.review if gate is None else (gate,):
        one = await _state_of(plan, vault, service, outlook, allowed, each)
        if one is not None and one.approval is None:
            return one
        state = one or state
    return state


async def _state_of(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    outlook: Sequence[Forecast],
    allowed: Collection[str],
    gate: Gate,
) -> GateState | None:
    if gate == "on-fault":
        marked = await prospect_of_marked(plan, vault, service, outlook, allowed)
        return None if marked is None else GateState((), await priced(marked, plan, vault, outlook))
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    steps = to_look_at(plan, allowed, gate)
    missing = tuple(each for each in outlook if each.step.id in steps and each.clip is None)
    if missing:
        stills = stills_of(plan, clips, allowed)
        return GateState(missing, stills=await with_words(vault, service, "before-video", stills))
    review = review_of(plan, service, clips, allowed, gate)
    if review is None:
        return None
    review = await with_all_words(vault, review)
    stills = review.looks if review.gate == "before-video" else ()
    return GateState((), await priced(review, plan, vault, outlook), await approval_of(vault, review), stills)


def waiting(plan: Plan, state: GateState | None) -> frozenset[str]:
    """Return the steps of which nothing is sent before a person has approved what comes before them."""
    if state is None or state.approval is not None:
        return frozenset()
    return _held(plan, state.review)


def _held(plan: Plan, review: Review | None) -> frozenset[str]:
    return review.held if review is not None and review.gate == "on-fault" else behind(plan)


async def approve(plan: Plan, vault: Vault, review: Review, decision: Decision, door: Door) -> Approval:
    """
    Write down that a person approved what they were shown, and return the approval that stands: each still that nobody has
    said anything of, and the set.

    Raises:
        NotApproved: A still of it is rejected, which stands until somebody approves that one by name. All others are approved.
    """
    if review.gate in ONE_BY_ONE:
        unsaid = [look for look in review.looks if look.decided is None]
        await decide_each(vault, review.service, review.gate, unsaid, decision, door)
        review = await with_all_words(vault, review)
        refuse(plan, review)
    return await vault.approvals.approve(as_set(review, decision, door))


def refuse(plan: Plan, review: Review) -> None:
    """
    Refuse to go on where a still is rejected.

    Raises:
        NotApproved: One is, with the line that makes it again.
    """
    if rejected := review.rejected:
        stills = f"{len(rejected)} of {len(review.looks)} stills" if len(review.looks) > 1 else "the still"
        are = "are" if len(rejected) > 1 else "is"
        raise NotApproved(
            f"{stills} {are} rejected, so {review.what_waits}: {in_words(rejected)}; {again(plan, review.service, rejected)}"
        )


async def files(plan: Plan, vault: Vault, review: Review) -> tuple[tuple[Look, Path], ...]:
    """Return what a person is to look at, each with a file of this machine."""
    footage = {
        shot.scene: shot.footage.path
        for film in plan.films
        for shot in film.timeline.picture
        if shot.footage is not None
    }
    return tuple(
        [
            (look, footage[look.step] if look.request_id is None else await vault.clips.local(look.sha256))
            for look in review.looks
        ]
    )


def awaits(review: Review) -> str:
    """Return what is waited for, as the beginning of a sentence."""
    if rejected := review.rejected:
        some = f"{len(rejected)} of " if len(rejected) < len(review.looks) else ""
        stills = f"{some}{len(review.looks)} {review.noun}{'' if len(review.looks) == 1 else 's'}"
        return f"{stills} rejected ({', '.join(look.step for look in rejected)}), so {review.what_waits}"
    if review.gate == "on-fault":
        marked = ", ".join(f"{look.step} ({look.marks})" for look in review.looks)
        saved = f"{dollars(review.ticks)} was not spent on what follows" if review.ticks else "nothing follows"
        return f"{review.what} not yet approved, so nothing is bought on {'it' if len(review.looks) == 1 else 'them'}: {marked}; {saved}"
    return f"{review.what} made and not yet approved, so {review.what_waits}"


def goes_on(plan: Plan, review: Review, approve: str) -> str:
    """Return what a person does about it, as the end of a sentence; `approve` is the command that approves what waits."""
    return (
        again(plan, review.service, review.rejected)
        if review.rejected
        else f"look at what was made, and then: {approve}"
    )


def sheet_place(film: Path, review: Review) -> Path:
    """
    Return where the sheet of a review is, beside the film.

    Each set has a sheet of its own: a person who still looks at one is never shown another set under its name.
    """
    return film.with_suffix(f".review-{review.mark}.png")


async def sheet(shown: Sequence[tuple[Look, Path]], to: Path) -> None:
    """
    Draw what a person is to look at on one page, as a PNG: the stills, or a frame from within each clip.

    Raises:
        MediaError: It cannot be read or written.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    # Who only asks how a gate stands need not wait for what draws.
    from storyreel.delivery.contact_sheet import Tile, contact_sheet

    await contact_sheet([Tile(path, look.start + 1.0, look.step, look.request_id or "") for look, path in shown], to)


def as_form(review: Review, where: str) -> str:
    """
    Return what stands above the form on Prefect's page, as Markdown: what it is about, and what each answer does.

    Args:
        where: Where the sheet of what is to be approved can be seen: an address or a path.
    """
    head = f"{review.what} to approve, {review.so_far}. With your approval: {review.what_follows}."
    sheet_at = f"[All of them on one page]({where})" if "://" in where else f"All of them on one page: `{where}`"
    looks = [
        f"- **{look.step}**{f' ({look.request_id})' if look.request_id else ''}{f': {look.marks}' if look.marks else ''}{f', {look.decided.words}' if look.decided else ''}"
        for look in review.looks
    ]
    how = f"Switch *Approve* on to go on. Left off, *Resume* says no: the run ends here, and {review.what_waits}."
    return "\n".join([head, "", sheet_at, "", *looks, "", how])


def approve_command(
    plan: Plan,
    *,
    only: Sequence[str] = (),
    vault: str | None = None,
    sandbox: bool = False,
    shown: Review | None = None,
) -> str:
    """Return the command that approves what waits: exactly `shown`, or (None) what it shows before it asks."""
    words = ["storyreel", "approve", *plan.board.words]
    for flag, names in (("--only", only), ("--deliver", plan.deliver)):
        words += [word for name in names for word in (flag, name)]
    words += ["--vault", vault] if vault is not None else []
    words += ["--sandbox"] if sandbox else []
    return shlex.join([*words, *(["--as", shown.mark] if shown is not None else [])])


async def priced(review: Review, plan: Plan, vault: Vault, outlook: Sequence[Forecast]) -> Review:
    """Return a review with what the storyboard has cost so far, and with the price of what follows."""
    costs = await read_costs(plan, vault, review.service)
    held = _held(plan, review)
    follow = [each.step for each in outlook if each.buys and each.step.id in held]
    return replace(
        review,
        so_far=costs.sums.so_far,
        requests=len(follow),
        ticks=sum(step.ticks for step in follow),
    )
