"""
Look at a storyboard: whether its films are current, and if not, what a run would do about it and where it would be stuck.

Only the vault is read; nothing is sent and nothing is cut. A film that is merely gone from its place is put back.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.delivery.film import Film, film_there
from storyreel.delivery.places import files_of
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.planning.steps import within
from storyreel.production.approval.status import gate_of, waiting
from storyreel.production.outcomes import how_it_ended, lost
from storyreel.production.outlook import Forecast, forecast, purchases
from storyreel.production.service import call, remember
from storyreel.settings import Settings
from storyreel.vault import Stop, Unknown, Vault, decide

GOES_ON = frozenset({"buy", "follows", "fetch", "wait"})
"""What a run would still have to do about a step."""


@dataclass(frozen=True)
class Prospect:
    """
    What the vault knows of a storyboard.

    `films` are there if all of them are current: every clip is in the vault, and what is cut from them stands at its place.
    `outlook` has a forecast for each step of the plan, in its order; `waiting` names those that wait for an approval.
    """

    plan: Plan
    outlook: tuple[Forecast, ...]
    films: tuple[Film, ...] = ()
    waiting: frozenset[str] = frozenset()
    bought: tuple[Forecast, ...] = ()
    """What a run would buy, each purchase once."""
    replaced: tuple[str, ...] = ()
    """What films took the place of that were put back, in words."""

    @property
    def film(self) -> Film | None:
        """The first of the films, if all of them are current."""
        return next(iter(self.films), None)

    @property
    def ticks(self) -> int:
        """What a run is expected to spend."""
        return sum(each.step.ticks for each in self.bought)

    @property
    def stuck(self) -> tuple[Forecast, ...]:
        """The steps on which a plain run would only fail again; empty if there is anything else that it could do."""
        if any(each.outlook in GOES_ON for each in self.outlook):
            return ()
        return self.ended

    @property
    def ended(self) -> tuple[Forecast, ...]:
        """The steps that came to an end without a clip, and of which a plain run sends nothing."""
        return tuple(each for each in self.outlook if each.outlook in ("stopped", "unknown"))

    @property
    def all_made(self) -> bool:
        """Whether all is made but what waits for an approval."""
        return all(each.clip is not None or each.step.id in self.waiting for each in self.outlook)


async def prospect(
    plan: Plan,
    vault: Vault,
    service: ServiceName,
    out: Path,
    *,
    only: Collection[str] = (),
    redo: Collection[str] = (),
) -> Prospect:
    """
    Return what the vault knows of a storyboard.

    Args:
        service: Whose takes count, `xai` or `sandbox`.
        out: The folder for films.
        only: Scenes that may be bought, by id; all if empty.
        redo: The steps that are to be made again. While there are any, no film is current.

    Raises:
        VaultError: The vault cannot be read.
    """
    outlook = await forecast(plan, vault, service, allowed=within(plan, only), redo=redo)
    clips = {each.step.id: each.clip for each in outlook if each.clip is not None}
    films: list[Film] = []
    words: list[str] = []
    gate = await gate_of(plan, vault, service, outlook, allowed=within(plan, only))
    # A film that stands may have been cut for a storyboard without a gate: here a person has a word in it.
    waits = gate is not None and gate.approval is None
    if len(clips) == len(outlook) and not redo and not waits:
        for film in plan.films:
            there = await film_there(plan, film, service, clips, vault, files_of(out, film.board, service))
            if there is None:
                films = []
                break
            films.append(there)
            words.extend(there.replaced)
    bought = purchases(outlook, service)
    return Prospect(plan, outlook, tuple(films), waiting(plan, gate), bought, tuple(words))


async def who_is_asked(settings: Settings, catalog: Catalog, vault: Vault, *, sandbox: bool) -> ServiceName:
    """
    Return the service that a run would speak to. At the real API this is a question that costs nothing.

    Args:
        vault: Where it is remembered who has answered.
        sandbox: Rehearse, whatever the environment says of keys and addresses.

    Raises:
        SettingsError: The real API is wanted, and there is no key.
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us.
    """
    if sandbox:
        return "sandbox"
    async with call(settings, catalog, sandbox=False) as client:
        name = (await client.service()).name
    await remember(settings, vault, name)
    return name


async def advice(plan: Plan, stuck: Forecast, vault: Vault, service: ServiceName, *, sandbox: bool) -> str:
    """
    Return why a run is stuck on a step and the command by which a person goes on, as one line.

    Args:
        stuck: One of `Prospect.stuck`.
        sandbox: Whether the command needs `--sandbox`.

    Raises:
        VaultError: The vault cannot be read.
    """
    attempts = await vault.attempts.of(service, stuck.fingerprint) if stuck.fingerprint else ()
    board = plan.board
    match decide(attempts):
        case Unknown(claim=claim, why=why):
            return f"{stuck.step.id}: {lost(stuck.step, board, why, claim.at, sandbox=sandbox)}"
        case Stop(end=end):
            words = ["storyreel", "shoot", *board.words, "--redo", stuck.step.id, *(["--sandbox"] if sandbox else [])]
            return f"{stuck.step.id}: {how_it_ended(stuck.step.id, end, redo=shlex.join(words))}"
        case _:
            return f"{stuck.step.id}: {stuck.why}"
