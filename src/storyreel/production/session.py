"""
A session: all that a run works with, opened once and handed down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.delivery.places import FilmFiles, files_of, rough_files
from storyreel.errors import BudgetError, StoryreelError
from storyreel.imagine import Imagine
from storyreel.media import Survey
from storyreel.model.events import Event, Watcher
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import Clip, ServiceName
from storyreel.production.attachments import Inputs
from storyreel.production.budget import Budget
from storyreel.production.circuit_breaker import Brake
from storyreel.production.conclusion import Conclusion
from storyreel.production.reserve import Reserve
from storyreel.production.retry_wait import Waits
from storyreel.settings import Settings
from storyreel.vault import Ask, Vault


@dataclass
class Retention:
    """Whether the service keeps nothing for the team that asks; learned in the course of a run."""

    none: bool = False


@dataclass(frozen=True)
class Session:
    """
    What a run works with: a plan, the vault, a client of the service, and what it may do.

    `redo` names steps that are to be made again, `allowed` those that may be bought at all. `till` is the name of the
    till that `budget` bounds; `reserve` spends from it, and from the caps that bound all runs. `sandbox` says that the service is inside this process.
    """

    plan: Plan
    catalog: Catalog
    vault: Vault
    client: Imagine
    service: ServiceName
    team: str | None
    ask: Ask
    till: str
    budget: Budget
    reserve: Reserve
    redo: frozenset[str]
    allowed: frozenset[str]
    out: Path
    sandbox: bool
    inputs: Inputs
    settings: Settings = field(repr=False)
    conclusion: Conclusion = field(repr=False)
    """What becomes of the run as a whole, which may make several variants: each of them has a session of its own."""
    slots: asyncio.Semaphore = field(repr=False)
    """Places among the jobs in flight: held from before a step is bought until it is collected."""
    unasked: StoryreelError | None = None
    """Why the service could not be asked, if it could not: then nothing is bought."""
    partial: bool = False
    """Whether it may begin although it is known not to fit into its budget or a cap."""
    refusal: BudgetError | None = None
    """Why it buys nothing: others are made of what there is to spend."""
    before_claim: Callable[[str], Awaitable[None]] | None = field(default=None, repr=False)
    """Told the vault's address before each claim."""
    watcher: Watcher | None = field(default=None, repr=False)
    """Told what happens to each step; nobody has to watch."""
    survey: Survey = field(default_factory=Survey, repr=False)
    """What is known of clips, so that each is read once a run."""
    retention: Retention = field(default_factory=Retention)
    brake: Brake = field(default_factory=Brake, repr=False)
    waits: Waits = field(default_factory=Waits, repr=False)
    first_of: dict[str, str] = field(default_factory=dict, repr=False)
    """The request that gave each file of this run first."""
    clips: dict[str, Clip] = field(default_factory=dict, repr=False)
    """The clips of this run's steps that are there by now."""
    without_clip: set[str] = field(default_factory=set, repr=False)
    """Steps of which it was told that they have no clip."""
    cutting: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held while films are cut or own clips are decoded: those of one variant at a time."""
    proven: set[Hashable] = field(default_factory=set, repr=False)
    """What a person gave that was found to be whole: what several films show alike is decoded once."""
    questions: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held while a person is asked something: one thing at a time."""
    unknown_ids: set[str] = field(default_factory=set, repr=False)
    """Attempts whose doubtful id the service does not know, as it said in this run."""

    @property
    def files(self) -> FilmFiles:
        """Where the master goes, with its cut list and its contact sheet."""
        return files_of(self.out, self.plan.board, self.service)

    def files_of(self, film: PlannedFilm) -> FilmFiles:
        """Return where a film goes, with its cut list and its contact sheet."""
        return files_of(self.out, film.board, self.service)

    @property
    def rough(self) -> FilmFiles:
        """Where a rough cut goes."""
        board = self.plan.board
        return rough_files(self.out, board.slug, self.service, container=board.finish.container)

    def tell(self, event: Event) -> None:
        """Tell whoever watches. That they cannot show it (a full disk, a closed screen) holds up nothing."""
        if self.watcher is not None:
            with suppress(OSError, ValueError):
                self.watcher(event)
