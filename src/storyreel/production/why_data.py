"""
Why a step is bought, or is not, as data: what was last sent for it beside what would be sent now, and the same of each step
that it is made from. What `storyreel why --json` prints. docs/why.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from storyreel.model.money import usd
from storyreel.model.plan import Step
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.production.outlook import Forecast, Outlook, Sign
from storyreel.production.plan_data import PlannedChange, changes_data
from storyreel.production.top_sheet import TopSheet


class Claimed(Frozen):
    """What was last claimed for a step."""

    step: Annotated[str, Field(description="What the step was called then.")]
    at: Annotated[str, Field(description="ISO 8601.")]
    attempt: int
    fingerprint: str
    estimated_usd: float
    recipe: Annotated[dict[str, Any], Field(description="What was sent, its media by sha256, address and request id.")]


class WhyStep(Frozen):
    """One step: what was sent for it, what would be sent now, and what differs."""

    id: str
    sign: Sign
    outlook: Outlook
    why: str
    usd: float
    fingerprint: Annotated[
        str | None, Field(description="Of what would be sent now; null where it needs what is not made.")
    ]
    request_id: str | None
    then: Annotated[Claimed | None, Field(description="null where nothing was ever sent, as far as the vault tells.")]
    now: Annotated[
        dict[str, Any], Field(description="What would be sent, with the names of steps in place of their takes.")
    ]
    changes: tuple[PlannedChange, ...]


class WhyData(Frozen):
    """Why a step is bought, or is not: the step first, then all that it is made from, the nearest first."""

    version: Literal[1] = 1
    slug: str
    service: ServiceName
    steps: tuple[WhyStep, ...]


def why_data(sheet: TopSheet, step: Step) -> WhyData:
    """Return why a step of a plan that was laid over the vault is bought, or is not."""
    return WhyData(
        slug=sheet.plan.board.slug, service=sheet.service, steps=tuple(map(_step, chain(sheet.outlook, step)))
    )


def chain(outlook: Sequence[Forecast], step: Step) -> tuple[Forecast, ...]:
    """Return a step's forecast, and those of all that it is made from, the nearest first."""
    by_id = {each.step.id: each for each in outlook}
    names = [step.id]
    for name in names:  # it grows while it is gone through
        names += [need for need in by_id[name].step.needs if need not in names]
    return tuple(by_id[name] for name in names)


def _step(each: Forecast) -> WhyStep:
    return WhyStep(
        id=each.step.id,
        sign=each.sign,
        outlook=each.outlook,
        why=each.why,
        usd=usd(each.step.ticks),
        fingerprint=each.fingerprint,
        request_id=each.request_id,
        then=_claimed(each),
        now=each.step.recipe.model_dump(mode="json"),
        changes=changes_data(each),
    )


def _claimed(each: Forecast) -> Claimed | None:
    if (claim := each.claim) is None:
        return None
    return Claimed(
        step=claim.step,
        at=claim.at.isoformat(timespec="seconds"),
        attempt=claim.attempt,
        fingerprint=claim.fingerprint,
        estimated_usd=usd(claim.estimate_ticks),
        recipe=claim.recipe,
    )
