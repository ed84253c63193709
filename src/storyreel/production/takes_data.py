"""
Every attempt at a storyboard's steps, as data: what `storyreel takes --json` prints. docs/takes.schema.json is made from it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from storyreel.model.money import usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.vault import Vault
from storyreel.vault.costs import Records, Row, Sums, Totals, costs_of, records_of
from storyreel.vault.records import State


class TakeData(Frozen):
    """One attempt at a step, or one of the ids that the service gave for it."""

    step: str
    attempt: Annotated[
        int,
        Field(
            ge=0,
            description="Its number among the attempts at the same request, from 1; 0 where this vault did not ask, and the "
            "storyboard is pinned to it.",
        ),
    ]
    state: Annotated[
        State,
        Field(
            description="clip: in the vault. missing: made, and its file is not in the vault. open: at the service. claimed: "
            "being sent. unknown: sent, and its answer was lost. lost: a person said that it never arrived."
        ),
    ]
    used: Annotated[bool, Field(description="Whether the storyboard as it is now uses it.")]
    at: Annotated[str, Field(description="When it was claimed, ISO 8601.")]
    age_s: int
    request_id: str | None
    seconds: Annotated[float | None, Field(description="Measured length of its clip.")]
    estimated_usd: float
    charged_usd: Annotated[float | None, Field(description="null where the service did not say, or not yet.")]
    prompt: str
    why: Annotated[str, Field(description="Why it gave no clip, in the service's words; empty if it did.")]
    same_request_as: Annotated[
        str | None,
        Field(
            description="The step for which the service had given this request id before; the sums have it there, and once."
        ),
    ]
    same_file_as: Annotated[
        str | None, Field(description="The step that had the same file before, under another request id.")
    ]

    @property
    def scene(self) -> str:
        """The first half of its step's id."""
        return self.step.partition("/")[0]


class SceneTotals(Frozen):
    """What the requests for one scene came to, as in the totals of all."""

    scene: str
    takes: int
    estimated_usd: float
    charged_usd: float


class MemberTotals(Frozen):
    """What the stills of one member of the cast came to, as in the totals of all."""

    member: str
    takes: int
    estimated_usd: float
    charged_usd: float


class TakesData(Frozen):
    """Every attempt at a storyboard's steps, oldest first within a step, and what was charged."""

    version: Literal[1] = 1
    slug: str
    service: Annotated[ServiceName, Field(description="Who was asked.")]
    takes: tuple[TakeData, ...]
    scenes: tuple[SceneTotals, ...]
    cast: tuple[MemberTotals, ...]
    totals: Totals
    damaged: Annotated[
        tuple[str, ...],
        Field(
            description="Records of other attempts that cannot be read or contradict each other, each with its files; they "
            "hold their steps."
        ),
    ]


async def takes_data(plan: Plan, vault: Vault, service: ServiceName) -> TakesData:
    """
    Return every attempt at the steps of a storyboard.

    Raises:
        VaultError: The vault cannot be read.
    """
    records = await records_of(plan, vault, service, every=True)
    costs = costs_of(plan, service, records)
    scenes = [scene.id for scene in plan.board.scenes]
    members = [name for name in dict.fromkeys(step.scene for step in plan.steps) if name not in scenes]
    return TakesData(
        slug=plan.board.slug,
        service=service,
        takes=tuple(_take(row, records) for row in costs.rows),
        scenes=tuple(_scene(scene, costs.of_scene(scene)) for scene in scenes),
        cast=tuple(_member(member, costs.of_scene(member)) for member in members),
        totals=costs.sums.totals,
        damaged=tuple(str(one) for one in records.damaged),
    )


def _scene(scene: str, sums: Sums) -> SceneTotals:
    return SceneTotals(scene=scene, **sums.totals.model_dump())


def _member(member: str, sums: Sums) -> MemberTotals:
    return MemberTotals(member=member, **sums.totals.model_dump())


def _take(row: Row, records: Records) -> TakeData:
    attempt, take = row.attempt, row.take
    came = records.delivered.get(attempt.claim.key) if attempt is not None else None
    place = f"what came is kept as {came.place}" if came is not None and came.elsewhere else ""
    answer = attempt.answer.message if attempt is not None and attempt.answer is not None else ""
    unknown = attempt.unknown if attempt is not None else ""
    return TakeData(
        step=row.step,
        attempt=attempt.number if attempt is not None else 0,
        state=row.state,
        used=row.used,
        at=row.at.isoformat(timespec="seconds"),
        age_s=round((datetime.now(UTC) - row.at).total_seconds()),
        request_id=row.request_id,
        seconds=take.seconds if take is not None else None,
        estimated_usd=usd(row.estimate_ticks),
        charged_usd=usd(row.charge) if row.charge is not None else None,
        prompt=str(attempt.claim.recipe.get("body", {}).get("prompt", "")) if attempt is not None else "",
        why="; ".join(filter(None, [unknown or (take.message if take is not None else answer), place])),
        same_request_as=row.same_request_as,
        same_file_as=row.same_file_as,
    )
