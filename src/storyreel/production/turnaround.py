"""
How long takes have taken, from their claim to their end, and what a film will take by that.

Measured in the vault. Where a kind of step was never measured nothing is told.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from storyreel.catalog import Catalog
from storyreel.model.plan import Kind, Step
from storyreel.model.recipe import STILLS, ServiceName
from storyreel.production.outlook import Forecast
from storyreel.vault import Attempt, Vault

SAMPLE = 64
"""How many takes of others are looked at. Fingerprints come in no order, so any are as good as others."""
LATE_S = 3600.0
"""What took longer was not waited for: its run was broken off, and a later one fetched it."""
KINDS: Mapping[str, Kind] = {"extend-video": "extend", "edit-video": "edit", **dict.fromkeys(STILLS, "still")}


class Sort(NamedTuple):
    """Which steps take alike long: of a kind, made by a model."""

    kind: Kind
    model: str


def sort_of(step: Step) -> Sort:
    """Return the sort of a step."""
    return Sort(step.kind, str(step.recipe.body.get("model")))


async def turnarounds(
    outlook: Sequence[Forecast], vault: Vault, service: ServiceName
) -> Mapping[Sort, tuple[float, ...]]:
    """
    Return the seconds that takes took, by sort: those of a plan, and of others in the vault where these are not enough.

    Raises:
        VaultError: The vault cannot be read.
    """
    wanted = {sort_of(each.step) for each in outlook if each.buys}
    own = [each.attempt for each in outlook if each.attempt is not None]
    measured = _measured(own)
    if wanted <= measured.keys():
        return measured
    known = {attempt.claim.fingerprint for attempt in own}
    others = [f for f in await vault.attempts.fingerprints(service) if f not in known][:SAMPLE]
    read, _ = await vault.attempts.of_each(service, others)
    return _measured([*own, *(attempt for attempts in read.values() for attempt in attempts)])


@dataclass(frozen=True)
class Pace:
    """
    How fast takes come: the seconds that each sort of step has taken, and how many requests the catalogue lets go side by side.
    """

    measured: Mapping[Sort, Sequence[float]]
    catalog: Catalog

    def left(
        self,
        steps: Iterable[Step],
        under_way: Mapping[str, float] | None = None,
        lately: Mapping[Sort, Sequence[float]] | None = None,
    ) -> float | None:
        """
        Return how many seconds it takes until the last of some steps has its clip; None where there are none, or where nothing is
        known of some sort of step.

        A step begins when all that it needs has ended, as soon after another and beside as many as the catalogue says.

        Args:
            steps: What has no clip yet.
            under_way: How many seconds ago some of them were sent.
            lately: What was measured since the pace was taken.
        """
        waiting, sent = {step.id: step for step in steps}, under_way or {}
        sorts = {sort_of(step) for step in waiting.values()}
        times = {sort: [*self.measured.get(sort, ()), *(lately or {}).get(sort, ())] for sort in sorts}
        if not waiting or not all(times.values()):
            return None
        takes = {sort: median(seconds) for sort, seconds in times.items()}
        missing = {step.id: sum(need in waiting for need in step.needs) for step in waiting.values()}
        followers: dict[str, list[str]] = {}
        for step in waiting.values():
            for need in step.needs:
                followers.setdefault(need, []).append(step.id)
        jobs = [(max(0.0, takes[sort_of(waiting[name])] - ago), name) for name, ago in sent.items() if name in waiting]
        heapq.heapify(jobs)
        ready = deque(name for name, count in missing.items() if not count and name not in sent)
        now = 0.0
        while ready or jobs:
            if ready and len(jobs) < max(1, self.catalog.jobs_in_flight):
                name = ready.popleft()
                heapq.heappush(jobs, (now + takes[sort_of(waiting[name])], name))
                now += 1 / self.catalog.submits_per_second
            else:
                end, name = heapq.heappop(jobs)
                now = max(now, end) if ready or not jobs else now
                for follower in followers.get(name, ()):
                    missing[follower] -= 1
                    if not missing[follower] and follower not in sent:
                        ready.append(follower)
                        now = max(now, end)
        return now


def seconds_left(
    outlook: Sequence[Forecast], measured: Mapping[Sort, Sequence[float]], catalog: Catalog
) -> float | None:
    """
    Return how many seconds a run will take until its last clip is there; None where nothing is bought, or where nothing is
    known of some sort of step.
    """
    return Pace(measured, catalog).left(each.step for each in outlook if each.buys)


def _measured(attempts: Iterable[Attempt]) -> dict[Sort, tuple[float, ...]]:
    times: dict[Sort, list[float]] = {}
    for attempt in attempts:
        take = attempt.take
        if take is None or take.end != "clip":
            continue
        recipe = attempt.claim.recipe
        sort = Sort(KINDS.get(str(recipe.get("operation")), "video"), str(recipe.get("body", {}).get("model")))
        seconds = (take.at - attempt.claim.at).total_seconds()
        if 0 <= seconds <= LATE_S:
            times.setdefault(sort, []).append(seconds)
    return {sort: tuple(seconds) for sort, seconds in times.items()}
