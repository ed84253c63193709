"""
A plan's money on one page: sums by scene and of all, what is saved, what is at risk, what the last run cost, and how long the
film will take. Where the plan is laid over the vault for all who show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from storyreel.model.money import TICKS_PER_USD
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.planning.prices import Price, price
from storyreel.production.budget import Budget, budget_of
from storyreel.production.outlook import Forecast, forecast, purchases
from storyreel.production.pins import noted
from storyreel.production.prepare import Prepared
from storyreel.production.reasons import with_reasons
from storyreel.production.settings_notes import settings_notes
from storyreel.production.turnaround import seconds_left, turnarounds
from storyreel.vault import Attempt, Claim, Vault
from storyreel.vault.costs import UNPAID
from storyreel.vault.index import Marked
from storyreel.vault.record_store import TOGETHER

KEPT = frozenset({"reuse", "fetch", "wait"})
"""What need not be bought, since it was."""


@dataclass(frozen=True)
class VaultFacts:
    """The vault as a plan shows it: its address, how many takes of the service it holds, whether anything was ever claimed in it."""

    address: str
    takes: int
    new: bool


@dataclass(frozen=True)
class LastRun:
    """The last run of a storyboard that asked for anything: when it first did, for how many requests, and what they came to."""

    at: datetime
    requests: int
    ticks: int


@dataclass(frozen=True)
class SceneSums:
    """What one scene, or one member of the cast, comes to: seconds that are made, ticks to buy, ticks that are saved."""

    name: str
    steps: tuple[Forecast, ...]
    seconds: float
    buy_ticks: int
    saved_ticks: int

    @property
    def delivery(self) -> str:
        """The delivery for which alone all of it is made; empty where there is none."""
        return self.steps[0].step.delivery


@dataclass(
    frozen=True, repr=False
)  # what asyncio.run returns is written out by Python's own signal handling, and thrown away
class TopSheet:
    """
    A plan laid over the vault.

    Args:
        service: Whose takes in the vault that is.
        outlook: What a run would do with each step, and why.
        budget: What a run may spend where nobody says so for it.
        of_settings: What is to be said of the settings that hold for it, a line each.
        prices: Of the steps whose price surprises, what it is made of.
        unmarked: How many claims the index does not lead to, where a reason may be missing for that.
        last_run: None where nothing was asked for yet, as far as the index tells.
        seconds_left: Until the last clip is there, by what such steps took; None where that is not known.
    """

    plan: Plan
    service: ServiceName
    outlook: tuple[Forecast, ...]
    vault: VaultFacts
    prices: Mapping[str, Price]
    budget: Budget
    of_settings: tuple[str, ...] = ()
    unmarked: int = 0
    last_run: LastRun | None = None
    seconds_left: float | None = None

    @cached_property
    def fine(self) -> bool:
        """Whether any amount has thousandths: then all are shown with them, so that they stand below each other."""
        return any(each.step.ticks % (TICKS_PER_USD // 100) for each in self.outlook)

    @property
    def buy_ticks(self) -> int:
        """What a run is expected to spend."""
        return sum(each.step.ticks for each in self.bought)

    @cached_property
    def bought(self) -> tuple[Forecast, ...]:
        """What a run would buy, each purchase once, however many steps ask for it."""
        return purchases(self.outlook, self.service)

    @property
    def saved_ticks(self) -> int:
        """What is not spent again, at the prices of today."""
        return sum(map(saved, self.outlook))

    @property
    def at_risk_ticks(self) -> int:
        """What was sent, never answered, and may be billed."""
        return sum(each.step.ticks for each in self.unanswered)

    @property
    def unanswered(self) -> tuple[Forecast, ...]:
        """What was sent, and never answered."""
        return tuple(each for each in self.outlook if each.outlook == "unknown" and not each.is_damaged)

    @property
    def scenes(self) -> tuple[SceneSums, ...]:
        """
        The sums of each member of the cast and each scene that has steps, in the order of the storyboard; what is bought for a
        delivery alone comes last, delivery by delivery.
        """
        by: dict[tuple[str, str], list[Forecast]] = {}
        for each in self.outlook:
            by.setdefault((each.step.delivery, each.step.scene_id), []).append(each)
        scenes = {scene.id: place for place, scene in enumerate(self.plan.board.scenes)}
        films = {each.delivery: place for place, each in enumerate(self.plan.board.deliveries, 1)}
        order = sorted(by, key=lambda key: (films.get(key[0], 0), scenes.get(key[1], -1)))
        return tuple(_sums(by[key][0].step.scene, by[key]) for key in order)


def saved(each: Forecast) -> int:
    """Return what need not be spent on a step, in ticks."""
    return each.step.ticks if each.outlook in KEPT and each.known else 0


async def top_sheet(ready: Prepared, service: ServiceName) -> TopSheet:
    """
    Return a plan laid over the vault. Only the vault is read.

    Raises:
        StoryboardError: It is pinned to what cannot be.
        VaultError: The vault cannot be read.
    """
    vault = ready.vault
    plan = await noted(ready.plan, vault, service)
    looked = await forecast(plan, vault, service, allowed=ready.allowed, redo=ready.redo)
    explained = await with_reasons(plan, looked, vault, service)
    outlook = explained.outlook
    takes = len(await vault.takes.ids(service))
    marks = await vault.index.of_board(service, plan.board.slug)
    measured = await turnarounds(outlook, vault, service)
    prices = {each.step.id: why for each in outlook if each.buys and (why := price(each.step, ready.catalog))}
    return TopSheet(
        plan=plan,
        service=service,
        outlook=outlook,
        vault=VaultFacts(
            vault.address, takes, new=not takes and not marks and not await vault.attempts.claimed(service)
        ),
        prices=prices,
        budget=budget_of(plan.board, None, service, ready.settings),
        of_settings=settings_notes(ready, service),
        unmarked=explained.unmarked,
        last_run=await _last_run(marks, outlook, plan.board.slug, vault, service),
        seconds_left=seconds_left(outlook, measured, ready.catalog),
    )


def _sums(name: str, steps: Sequence[Forecast]) -> SceneSums:
    return SceneSums(
        name,
        tuple(steps),
        seconds=sum(each.step.bought_seconds for each in steps),
        buy_ticks=sum(each.step.ticks for each in steps if each.buys),
        saved_ticks=sum(map(saved, steps)),
    )


async def _last_run(
    marks: Sequence[Marked], outlook: Sequence[Forecast], board: str, vault: Vault, service: ServiceName
) -> LastRun | None:
    """Return what the run cost that last claimed anything for a storyboard: its marks are the last ones, in a row."""
    known = {(a.claim.fingerprint, a.number): a for each in outlook if (a := each.attempt) is not None}
    own: list[Claim] = []
    for some in (marks[max(0, n - TOGETHER) : n] for n in range(len(marks), 0, -TOGETHER)):
        read = await vault.index.claims(service, [mark for mark in some if mark.request not in known])
        there = [(m, known[m.request].claim if m.request in known else read.get(m.request)) for m in reversed(some)]
        # What a step only took from the vault was not asked for when it was marked.
        claims = [
            claim for mark, claim in there if claim is not None and claim.board in ("", board) and mark.is_before(claim)
        ]
        own += [claim for claim in claims if claim.ask.run_id == (own or claims)[0].ask.run_id]
        if any(claim.ask.run_id != own[0].ask.run_id for claim in claims):
            break
    if not own:
        return None
    once = {(claim.fingerprint, claim.attempt): claim for claim in own}
    others = sorted({fingerprint for fingerprint, number in once if (fingerprint, number) not in known})
    attempts, _ = await vault.attempts.of_each(service, others)
    known |= {(a.claim.fingerprint, a.number): a for each in attempts.values() for a in each}
    ticks = sum(_cost(known[key]) for key in once if key in known)
    return LastRun(min(claim.at for claim in own), len(once), ticks)


def _cost(attempt: Attempt) -> int:
    """Return what an attempt cost: its charges where they are known, else what was expected, where it was taken at all."""
    charges = [take.charge for take in attempt.takes if take.charge is not None]
    return sum(charges) if charges else 0 if attempt.state in UNPAID else attempt.claim.estimate_ticks
