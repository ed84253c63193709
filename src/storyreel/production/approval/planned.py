"""
A plan whose gate has yet to be opened: what a run does before that, and what waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storyreel.console import counted
from storyreel.model.money import dollars
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.planning.steps import within
from storyreel.production.approval.review import behind
from storyreel.production.approval.status import GateState, awaits, gate_of, goes_on, waiting
from storyreel.production.outlook import Forecast
from storyreel.vault import Vault


async def with_review(
    plan: Plan,
    outlook: Sequence[Forecast],
    vault: Vault,
    service: ServiceName,
    only: Sequence[str],
    approve: str,
) -> tuple[Plan, tuple[Forecast, ...]]:
    """Return a plan with a note on what has to be approved, and its outlook with the steps that wait for that."""
    state = await gate_of(plan, vault, service, outlook, allowed=within(plan, only))
    if state is None or state.approval is not None:
        return plan, tuple(outlook)
    held = waiting(plan, state)
    gated = tuple(
        replace(each, why=f"{each.why}, after approval") if each.buys and each.step.id in held else each
        for each in outlook
    )
    note = _note(plan, state, [each for each in outlook if each.buys and each.step.id not in held], approve)
    return replace(plan, notes=(*plan.notes, note)), gated


def _note(plan: Plan, state: GateState, before: Sequence[Forecast], approve: str) -> str:
    if state.review is not None:
        return f"review: {awaits(state.review)}; {goes_on(plan, state.review, approve)}"
    what = "these stills" if behind(plan) else "these clips"
    price = dollars(sum(each.step.ticks for each in before))
    first = f"sends {counted(len(before), 'request')} for {price}" if before else "collects what is on its way"
    return f"review: a run {first} first, and then waits until a person approves {what}: {approve}"
