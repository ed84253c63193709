"""
Every attempt at a storyboard's steps, as data: what `storyreel takes --json` prints. docs/takes.schema.json is made from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from storyreel.delivery.clip_marks import marks_of
from storyreel.model.marks import Mark
from storyreel.model.money import usd
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.model.storyboard import Storyboard
from storyreel.vault import Vault
from storyreel.vault.costs import Records, Row, Sums, Totals, costs_of, records_of, summed, with_repeats
from storyreel.vault.records import State

AT_ONCE = 16
"""Of how many takes the marks are read at the same time."""


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
    films: Annotated[tuple[str, ...], Field(description="The films that use it, by what their files are called.")]
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
    number: Annotated[
        int,
        Field(ge=1, description="Its place among the takes of its step, oldest first: `t02` in the name of a file."),
    ]
    file: Annotated[
        str | None,
        Field(
            description="The file of its clip on this machine: in the vault's folder, or the copy of a clip that is in a "
            "bucket. null where there is none; it belongs to the vault and is never written to."
        ),
    ]
    marks: Annotated[
        tuple[Mark, ...],
        Field(
            description="What was seen to be wrong with its clip when it came; empty where nothing was, or where it came before "
            "clips were looked at. In a CSV cell `kind@start-end`, parted by spaces."
        ),
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
    slug: Annotated[str, Field(description="Of the first variant, where there are several.")]
    films: Annotated[tuple[str, ...], Field(description="What is made of it, by what the files are called.")]
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
    return await takes_of_all([plan], vault, service)


async def takes_of_all(plans: Sequence[Plan], vault: Vault, service: ServiceName) -> TakesData:
    """
    Return every attempt at the steps of a storyboard, or of its variants in their order.

    Raises:
        VaultError: The vault cannot be read.
    """
    takes: list[TakeData] = []
    every: list[Row] = []
    damaged: list[str] = []
    sent: set[str] = set()
    for plan in plans:
        records = await records_of(plan, vault, service, every=True)
        # What one variant has asked for, and got no id for, is no attempt of another as well.
        rows = [
            row
            for row in costs_of(plan, service, records).rows
            if row.attempt is None or row.request_id or row.attempt.claim.key not in sent
        ]
        sent.update(row.attempt.claim.key for row in rows if row.attempt is not None)
        rows = with_repeats([*every, *rows])[len(every) :]
        marks = await _marks(rows, vault)
        takes += [_take(row, records, plan, await _file(row, vault), own) for row, own in zip(rows, marks, strict=True)]
        every += rows
        damaged += map(str, records.damaged)
    boards = [
        (board, plan)
        for plan in plans
        for board in (plan.board, *(film.board for film in plan.films if film.board.is_regenerated))
    ]
    scenes = [f"{_before(board)}{scene.id}" for board, _ in boards for scene in board.scenes]
    members = [
        name for plan in plans for name in dict.fromkeys(step.scene for step in plan.steps) if name not in scenes
    ]
    return TakesData(
        slug=plans[0].board.slug,
        films=tuple(called(plan, film) for plan in plans for film in plan.films),
        service=service,
        takes=tuple(takes),
        scenes=tuple(_scene(scene, _of_scene(every, scene)) for scene in scenes),
        cast=tuple(_member(member, _of_scene(every, member)) for member in members),
        totals=summed(every).totals,
        damaged=tuple(dict.fromkeys(damaged)),
    )


def called(plan: Plan, film: PlannedFilm) -> str:
    """Return what the files of a film are called: the storyboard's slug, and its delivery's name."""
    return ".".join(filter(None, [plan.board.slug, film.name]))


def _before(board: Storyboard) -> str:
    return f"{board.prefix}{board.delivery}:" if board.delivery else board.prefix


def _of_scene(rows: Iterable[Row], scene: str) -> Sums:
    return summed(row for row in rows if row.scene == scene)


def _scene(scene: str, sums: Sums) -> SceneTotals:
    return SceneTotals(scene=scene, **sums.totals.model_dump())


def _member(member: str, sums: Sums) -> MemberTotals:
    return MemberTotals(member=member, **sums.totals.model_dump())


async def _file(row: Row, vault: Vault) -> Path | None:
    sha256 = row.take.sha256 if row.take is not None else None
    return await vault.clips.nearby(sha256) if sha256 is not None else None


async def _marks(rows: Sequence[Row], vault: Vault) -> list[tuple[Mark, ...]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def of(row: Row) -> tuple[Mark, ...]:
        async with gate:
            return await marks_of(vault, row.take, row.attempt.claim.recipe if row.attempt is not None else None)

    return await asyncio.gather(*map(of, rows))


def _take(row: Row, records: Records, plan: Plan, file: Path | None, marks: tuple[Mark, ...]) -> TakeData:
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
        films=tuple(called(plan, film) for film in plan.films if row.used and row.step in film.needs),
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
        number=row.number,
        file=str(file) if file is not None else None,
        marks=marks,
    )
