"""
What a vault has cost, by month, storyboard, variant and kind of step: what `storyreel costs --json` prints. docs/costs.schema.json is
made from it.

Each request is here once, in the month (UTC) in which it was claimed. What was charged is what the service said; what it did
not say, what is under way, and what may be billed since its answer was lost, are estimates and stand apart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from storyreel.errors import SettingsError, VaultError
from storyreel.model.money import usd
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.production.turnaround import KINDS
from storyreel.vault import Attempt, Take, Vault
from storyreel.vault.costs import AT_ONCE, UNPAID, Request, requests_of
from storyreel.vault.deliveries import Delivered
from storyreel.vault.records import State

CostKind = Literal["video", "extend", "edit", "still", "pinned"]
"""What was asked for; `pinned`: a take that this vault has not asked for, and a storyboard is pinned to."""
HELD: frozenset[State] = frozenset({"claimed", "open"})
"""What an attempt is whose charge is still to come."""
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


class CostSums(Frozen):
    """What some requests came to. Dollars are rounded to a millionth; ticks (10**10 a dollar) are exact."""

    requests: Annotated[int, Field(description="Each once, those that were refused or lost too, which cost nothing.")]
    charged_usd: Annotated[float, Field(description="What the service said it charged.")]
    charged_ticks: int
    untold_usd: Annotated[float, Field(description="Estimate of what came to its end without a word on its charge.")]
    untold_ticks: int
    held_usd: Annotated[float, Field(description="Estimate of what is being sent or made, and not charged yet.")]
    held_ticks: int
    unknown_usd: Annotated[float, Field(description="Estimate of what was sent and never answered: it may be billed.")]
    unknown_ticks: int


class CostRow(CostSums):
    """The requests of one kind for one storyboard, or one variant of it, in one month."""

    month: Annotated[str, Field(description="2026-11, in UTC.")]
    board: Annotated[str, Field(description="The storyboard's slug; empty where the request names none.")]
    variant: Annotated[
        str,
        Field(
            description="What the names of its steps begin with: the variant, and the delivery for which alone they were bought, as "
            "in lisbon:vertical; empty where they have neither."
        ),
    ]
    kind: CostKind


class MonthSums(CostSums):
    """All requests of one month."""

    month: str


class CostsData(Frozen):
    """What a vault has cost."""

    version: Literal[1] = 1
    service: Annotated[ServiceName, Field(description="Who was asked.")]
    vault: str
    month: Annotated[str | None, Field(description="The only month that is looked at; null for all.")]
    rows: tuple[CostRow, ...]
    months: tuple[MonthSums, ...]
    totals: CostSums
    damaged: Annotated[
        tuple[str, ...], Field(description="Records that cannot be read or contradict each other, each with its files.")
    ]


@dataclass(frozen=True)
class _Paid:
    """One request: when and for what it was claimed, and what it cost."""

    at: datetime
    board: str
    variant: str
    kind: CostKind
    state: State
    charge: int | None
    estimate: int


async def costs_data(vault: Vault, service: ServiceName, month: str | None = None) -> CostsData:
    """
    Return what a vault has cost.

    Args:
        month: The only month that is looked at, such as 2026-11.

    Raises:
        SettingsError: That is no month.
        VaultError: The vault cannot be read.
    """
    if month is not None and not _MONTH.fullmatch(month):
        raise SettingsError(f"--month {month}: a month is written like 2026-11")
    attempts, damaged = await vault.attempts.every(service)
    came = await _deliveries(vault, [attempt for attempt in attempts if attempt.take is None])
    paid = _once(attempts, came)
    asked = {request_id for attempt in attempts for request_id in attempt.request_ids}
    paid += [_pinned(take) for take in await vault.takes.every(service) if not _is_asked(take, asked)]
    paid = [one for one in paid if month is None or _month(one.at) == month]
    by: dict[tuple[str, str, str, CostKind], list[_Paid]] = {}
    for one in paid:
        by.setdefault((_month(one.at), one.board, one.variant, one.kind), []).append(one)
    months = {
        name: [one for one in paid if _month(one.at) == name] for name in sorted({_month(one.at) for one in paid})
    }
    return CostsData(
        service=service,
        vault=vault.address,
        month=month,
        rows=tuple(
            CostRow(month=name, board=board, variant=variant, kind=kind, **_sums(by[name, board, variant, kind]))
            for name, board, variant, kind in sorted(by)
        ),
        months=tuple(MonthSums(month=name, **_sums(ones)) for name, ones in months.items()),
        totals=CostSums(**_sums(paid)),
        damaged=tuple(str(one) for one in damaged),
    )


async def _deliveries(vault: Vault, attempts: Sequence[Attempt]) -> Mapping[str, Delivered]:
    """Return what came for attempts that have no end yet, by their keys."""
    came: dict[str, Delivered] = {}

    async def look(attempt: Attempt) -> None:
        try:
            delivered = await vault.deliveries.delivered(attempt.claim)
        except VaultError:
            return  # `takes` and `vault check` tell it
        if delivered is not None:
            came[attempt.claim.key] = delivered

    for some in (attempts[n : n + AT_ONCE] for n in range(0, len(attempts), AT_ONCE)):
        await asyncio.gather(*map(look, some))
    return came


def _once(attempts: Iterable[Attempt], came: Mapping[str, Delivered]) -> list[_Paid]:
    """Return each request once: the service may give one id to two, and has made, and charged, one."""
    seen: set[str] = set()
    paid = []
    for attempt in sorted(attempts, key=lambda each: each.claim.at):
        for request in requests_of(attempt, came.get(attempt.claim.key)):
            if request.request_id is None or request.request_id not in seen:
                paid.append(_of(attempt, request))
                seen.update([] if request.request_id is None else [request.request_id])
    return paid


def _of(attempt: Attempt, request: Request) -> _Paid:
    claim = attempt.claim
    operation = str(claim.recipe.get("operation"))
    kind = KINDS.get(operation, "video")
    variant = claim.step.partition("/")[0].rpartition(":")[0]
    return _Paid(claim.at, claim.board, variant, kind, request.state, request.charge, claim.estimate_ticks)


def _is_asked(take: Take, asked: set[str]) -> bool:
    """Whether an attempt of this vault stands for a take, or should: what contradicts that is damaged, and told as that."""
    return bool(take.fingerprint) or take.request_id in asked


def _pinned(take: Take) -> _Paid:
    state: State = "open" if take.without_url else take.end
    return _Paid(take.at, "", "", "pinned", state, take.charge, take.estimate_ticks)


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _sums(paid: Iterable[_Paid]) -> dict[str, int | float]:
    ticks = dict.fromkeys(("charged", "untold", "held", "unknown"), 0)
    count = 0
    for one in paid:
        count += 1
        if one.charge is not None:
            ticks["charged"] += one.charge
        elif one.state in HELD:
            ticks["held"] += one.estimate
        elif one.state == "unknown":
            ticks["unknown"] += one.estimate
        elif one.state not in UNPAID:
            ticks["untold"] += one.estimate
    sums: dict[str, int | float] = {"requests": count}
    for name, amount in ticks.items():
        sums |= {f"{name}_usd": usd(amount), f"{name}_ticks": amount}
    return sums
