"""
What was asked for a storyboard so far, and what that was charged: every attempt at its steps, whatever came of it.

There is one such figure. The terminal, Prefect's page, the cut list, `storyreel takes` and whoever is asked to approve
show this one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from storyreel.errors import VaultError
from storyreel.model.money import believed, charges, costs, dollars, usd
from storyreel.model.plan import Plan, Step
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.vault.decide import Collect, Have, decide
from storyreel.vault.deliveries import Delivered
from storyreel.vault.records import Attempt, State, Take
from storyreel.vault.vault import Vault

AT_ONCE = 32
"""How many records are read at the same time."""

UNPAID = ("refused", "lost")
"""What an attempt ends as that the service did not take: it costs nothing."""


@dataclass(frozen=True)
class Records:
    """
    What the vault has of a storyboard's steps; of other storyboards' too, which is no matter.

    Args:
        attempts: All attempts at a fingerprint, in order.
        pinned: The takes that the storyboard is pinned to, by id, as far as they have ended.
        delivered: What came for an attempt that has no end yet, by the attempt's key.
        damaged: What cannot be read.
    """

    attempts: Mapping[str, Sequence[Attempt]]
    pinned: Mapping[str, Take] = field(default_factory=dict)
    delivered: Mapping[str, Delivered] = field(default_factory=dict)
    damaged: tuple[VaultError, ...] = ()


@dataclass(frozen=True)
class Row:
    """
    One request for a step: an attempt, or one of the ids that the service gave for it.

    Args:
        attempt: None where somebody else asked for it, and the storyboard is pinned to it.
        used: Whether the storyboard as it is now uses it.
        charge: What the service said it charged, where that can be believed.
        number: Its place among the requests for its step, oldest first, from 1.
        same_request_as: The step that had its request id before: it is in the sums there, and not again here.
        same_file_as: The step that had the same file before, under another request id.
    """

    step: str
    attempt: Attempt | None
    request_id: str | None
    take: Take | None
    state: State
    used: bool
    at: datetime
    estimate_ticks: int
    charge: int | None
    number: int = 0
    same_request_as: str | None = None
    same_file_as: str | None = None

    @property
    def scene(self) -> str:
        """The first half of its step's id."""
        return self.step.partition("/")[0]


class Totals(Frozen):
    """What some requests came to."""

    takes: Annotated[int, Field(description="Requests, each once, however many steps have its id.")]
    estimated_usd: Annotated[
        float,
        Field(description="What they had been expected to cost, but for those that are refused or lost."),
    ]
    charged_usd: Annotated[float, Field(description="What the service said it charged; 0 where it said nothing.")]


@dataclass(frozen=True)
class Sums:
    """
    What some requests came to. `charged_ticks` is None where the service said of none of them what it charged.

    `estimated_ticks` is what all that it took, or may have taken, had been expected to cost, told or not.
    """

    takes: int
    charged_ticks: int | None
    estimated_ticks: int

    @property
    def words(self) -> str:
        """The sums as a person reads them."""
        return f"{self.takes} take{'' if self.takes == 1 else 's'}, {costs(self.charged_ticks, self.estimated_ticks)}"

    @property
    def so_far(self) -> str:
        """The sums in short, for a sentence: one figure, where what was charged is what had been expected."""
        alike = self.charged_ticks == self.estimated_ticks
        short = dollars(self.estimated_ticks) if alike else costs(self.charged_ticks, self.estimated_ticks)
        return f"{short} so far"

    @property
    def totals(self) -> Totals:
        """The sums as data, in US dollars."""
        return Totals(
            takes=self.takes, estimated_usd=usd(self.estimated_ticks), charged_usd=usd(self.charged_ticks or 0)
        )


@dataclass(frozen=True)
class Costs:
    """The requests for a storyboard, in the order of its steps and oldest first within a step."""

    rows: tuple[Row, ...]

    @property
    def sums(self) -> Sums:
        """What all of it came to."""
        return summed(self.rows)

    def of_scene(self, scene: str) -> Sums:
        """Return what the requests for one scene (or one member of the cast) came to."""
        return summed(row for row in self.rows if row.scene == scene)

    def of_step(self, step: str) -> Sums:
        """Return what the requests for one step came to."""
        return summed(row for row in self.rows if row.step == step)

    def by_run(self, run_id: str, board: str) -> str:
        """
        Return, in words, what one run was charged for a storyboard, however often it was begun: failed and withheld takes included,
        and not what it has asked for to make another variant, though this one has it as well.

        Args:
            board: The storyboard's slug.
        """
        ended = [
            row
            for row in self.rows
            if row.attempt is not None and row.attempt.claim.ask.run_id == run_id
            if row.attempt.claim.board in ("", board)
            if row.take is not None and row.same_request_as is None
        ]
        untold = sum(row.estimate_ticks for row in ended if row.charge is None)
        return charges(sum(row.charge or 0 for row in ended), untold)


def summed(rows: Iterable[Row]) -> Sums:
    """Return the sums of some requests, each once, however many steps have its id."""
    once = [row for row in rows if row.same_request_as is None]
    charges = [row.charge for row in once if row.charge is not None]
    return Sums(
        takes=len(once),
        charged_ticks=sum(charges) if charges else None,
        estimated_ticks=sum(row.estimate_ticks for row in once if row.state not in UNPAID),
    )


def side_by_side(every: Iterable[Costs]) -> Costs:
    """Return what was asked for all variants of a storyboard: what several of them have is in the sums once."""
    rows: list[Row] = []
    for own in every:
        # What one variant has asked for, and got no id for, is no attempt of another as well.
        sent = {row.attempt.claim.key for row in rows if row.attempt is not None and row.request_id is None}
        rows += [row for row in own.rows if row.attempt is None or row.attempt.claim.key not in sent]
    return Costs(tuple(with_repeats(rows)))


def with_repeats(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, each with the step that had its request id before, or its file, where one had."""
    requests: dict[str, Row] = {}
    files: dict[str, Row] = {}
    same: dict[int, Row] = {}
    for row in sorted(rows, key=lambda row: row.at):
        first = requests.setdefault(row.request_id, row) if row.request_id is not None else row
        if first is not row:
            same[id(row)] = replace(row, same_request_as=first.step)
            continue
        sha256 = row.take.sha256 if row.take is not None else None
        like = files.setdefault(sha256, row) if sha256 is not None else row
        if like.step != row.step:
            same[id(row)] = replace(row, same_file_as=like.step)
    return [same.get(id(row), row) for row in rows]


@dataclass(frozen=True)
class Request:
    """One of the ids that the service gave for an attempt, or the attempt itself where it gave none: its end, and its charge."""

    request_id: str | None
    take: Take | None
    state: State
    charge: int | None


def requests_of(attempt: Attempt, came: Delivered | None) -> tuple[Request, ...]:
    """
    Return what an attempt has asked for: once, but where an answer came late, which is a request of its own.

    Args:
        came: What came for it, where it has no end yet.
    """
    charge = believed(came.charge, attempt.claim.estimate_ticks) if came is not None else None
    requests = []
    for request_id in attempt.request_ids or (None,):
        take = next((take for take in attempt.takes if take.request_id == request_id), None)
        waits = next((take for take in attempt.without_url if take.request_id == request_id), None)
        counts = request_id == attempt.request_id
        state = attempt.state if counts else "open" if take is None else take.end
        known = take.charge if take is not None else waits.charge if waits is not None else charge
        if counts or take is not None or request_id in attempt.open_ids:
            requests.append(Request(request_id, take, state, known))
    return tuple(requests)


def costs_of(plan: Plan, service: ServiceName, records: Records) -> Costs:
    """
    Return what was asked for a storyboard, from what the vault has.

    That is every attempt at what its steps send now, whoever asked for it; every attempt at a step of this name for this
    storyboard, also with a prompt of before; and what it is pinned to.
    """
    uses = _uses(plan, service, records)
    # The same request may have been sent for a scene of another name, or for another storyboard.
    shared = {use.fingerprint: step for step, use in uses.items() if use.fingerprint is not None}
    rows = []
    for attempt in (attempt for attempts in records.attempts.values() for attempt in attempts):
        step = shared.get(attempt.claim.fingerprint)
        own = uses.get(attempt.claim.step)
        if step is not None and own is not None and own.fingerprint == attempt.claim.fingerprint:
            step = attempt.claim.step
        if step is None and attempt.claim.step in uses and attempt.claim.board in ("", plan.board.slug):
            step = attempt.claim.step
        if step is not None:
            rows += _rows(step, attempt, records, uses)
    rows += _elsewhere(plan, records, uses, {row.request_id for row in rows})
    order = {step.id: place for place, step in enumerate(plan.steps)}
    rows.sort(key=lambda row: (order[row.step], row.at))
    return Costs(tuple(with_repeats(_numbered(rows))))


async def read_costs(plan: Plan, vault: Vault, service: ServiceName) -> Costs:
    """
    Return what was asked for a storyboard. Of all that the vault has, only what may be about it is read.

    Raises:
        VaultError: The vault cannot be read. What is damaged in it is left out.
    """
    return costs_of(plan, service, await records_of(plan, vault, service))


async def records_of(plan: Plan, vault: Vault, service: ServiceName, *, every: bool = False) -> Records:
    """
    Return what the vault has of a storyboard's steps, many records read at once.

    Args:
        every: Read all attempts at the service, so that everything that is damaged is known.

    Raises:
        VaultError: The vault cannot be read.
    """
    purposes = await vault.attempts.purposes(service)
    steps, boards = {step.id for step in plan.steps}, ("", plan.board.slug)
    pins = {step.pin for step in plan.steps if step.pin is not None}
    pinned = {pin: take for pin in pins if (take := await vault.takes.get(service, pin)) is not None}
    wanted = {take.fingerprint for take in pinned.values()}
    wanted |= {f for f, ours in purposes.items() if any(one.step in steps and one.board in boards for one in ours)}
    wanted = set(await vault.attempts.fingerprints(service)) if every else wanted & purposes.keys()
    records, looked = Records({}, pinned), set[str]()
    # What a step sends now may have been asked for by another storyboard or variant, and what follows it is known only then.
    while wanted := (wanted | _sent_by(plan, service, records) & purposes.keys()) - looked:
        looked |= wanted
        attempts, damaged = await vault.attempts.of_each(service, sorted(wanted))
        records = replace(records, attempts={**records.attempts, **attempts}, damaged=(*records.damaged, *damaged))
    return await _with_deliveries(plan, vault, service, records)


async def _with_deliveries(plan: Plan, vault: Vault, service: ServiceName, records: Records) -> Records:
    gate = asyncio.Semaphore(AT_ONCE)

    async def delivered(attempt: Attempt) -> Delivered | VaultError | None:
        async with gate:
            try:
                return await vault.deliveries.delivered(attempt.claim)
            except VaultError as error:
                return error

    attempts = [
        row.attempt for row in costs_of(plan, service, records).rows if row.attempt and row.attempt.take is None
    ]
    came = await asyncio.gather(*map(delivered, attempts))
    return replace(
        records,
        delivered={a.claim.key: one for a, one in zip(attempts, came, strict=True) if isinstance(one, Delivered)},
        damaged=(*records.damaged, *(one for one in came if isinstance(one, VaultError))),
    )


# --- what the above is made of -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Use:
    """What a step sends now, and the take that it uses; None where that is not known (yet)."""

    fingerprint: str | None = None
    request_id: str | None = None


def _uses(plan: Plan, service: ServiceName, records: Records) -> dict[str, _Use]:
    uses: dict[str, _Use] = {}
    for step in plan.steps:
        uses[step.id] = _use(step, service, records, uses)
    return uses


def _sent_by(plan: Plan, service: ServiceName, records: Records) -> set[str]:
    """Return the fingerprints of what steps send now, as far as that is known."""
    return {use.fingerprint for use in _uses(plan, service, records).values() if use.fingerprint is not None}


def _use(step: Step, service: ServiceName, records: Records, uses: Mapping[str, _Use]) -> _Use:
    if step.pin is not None:
        take = records.pinned.get(step.pin)
        return _Use(None, step.pin if take is None or take.end == "clip" or take.without_url else None)
    takes = {need: request_id for need in step.needs if (request_id := uses[need].request_id) is not None}
    if len(takes) < len(step.needs):
        return _Use()
    fingerprint = step.recipe.filled(takes).fingerprint(service)
    verdict = decide(records.attempts.get(fingerprint, ()))
    return _Use(fingerprint, verdict.request_id if isinstance(verdict, Have | Collect) else None)


def _numbered(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each with its place among those of its step."""
    before: Counter[str] = Counter()
    numbered = []
    for row in rows:
        before[row.step] += 1
        numbered.append(replace(row, number=before[row.step]))
    return numbered


def _rows(step: str, attempt: Attempt, records: Records, uses: Mapping[str, _Use]) -> list[Row]:
    came = records.delivered.get(attempt.claim.key)
    return [
        Row(
            step=step,
            attempt=attempt,
            request_id=each.request_id,
            take=each.take,
            state=each.state,
            used=each.request_id is not None and each.request_id == uses[step].request_id,
            at=attempt.claim.at,
            estimate_ticks=attempt.claim.estimate_ticks,
            charge=each.charge,
        )
        for each in requests_of(attempt, came)
    ]


def _elsewhere(plan: Plan, records: Records, uses: Mapping[str, _Use], listed: set[str | None]) -> list[Row]:
    """Return the takes that the storyboard is pinned to and that are no attempts at its own steps."""
    attempts = {
        request_id: attempt
        for all_at_one in records.attempts.values()
        for attempt in all_at_one
        for request_id in attempt.request_ids
    }
    rows = []
    for step in plan.steps:
        take = records.pinned.get(step.pin or "")
        if step.pin is None or step.pin in listed or take is None:
            continue
        listed.add(step.pin)
        if step.pin in attempts:
            rows += [row for row in _rows(step.id, attempts[step.pin], records, uses) if row.request_id == step.pin]
            continue
        state, used = ("open" if take.without_url else take.end), uses[step.id].request_id == step.pin
        rows.append(Row(step.id, None, step.pin, take, state, used, take.at, take.estimate_ticks, take.charge))
    return rows
