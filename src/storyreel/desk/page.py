"""
A run on Prefect's page: its progress, the table of its steps, its film, and what waits to be approved.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.artifacts import (
    Artifact,
    ImageArtifact,
    MarkdownArtifact,
    ProgressArtifact,
    TableArtifact,
    aupdate_progress_artifact,
)

from storyreel.delivery.film import Film
from storyreel.delivery.places import files_of
from storyreel.delivery.rough import RoughCut
from storyreel.desk.run_artifacts import RunArtifacts
from storyreel.desk.run_events import RunEvents
from storyreel.desk.run_log import RunLog, watched
from storyreel.desk.run_names import FILM_TAG, courtesy, name_run
from storyreel.model.plan import Step
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.review import Look, Review
from storyreel.production.approval.status import sheet, sheet_place
from storyreel.production.prepare import Prepared
from storyreel.production.report import as_page, as_table, film_links, plain, reported
from storyreel.production.run import RunWatcher
from storyreel.production.session import Session
from storyreel.production.summary import Ends
from storyreel.vault.costs import Costs, read_costs

PROGRESS_EVERY_S = 5.0
"""How often Prefect is told at most how far a run is: its page is for people, and each word to it is a request."""


class PrefectPage(RunWatcher):
    """
    What a producer sees of a run on Prefect's page: how far it is, each step with its charge, and the film's links.

    A server for one command is gone with the run, so it is told nothing. That the page cannot be drawn stops no film.
    """

    def __init__(self, session: Session, log: RunLog, events: RunEvents) -> None:
        self._session = session
        self._log = log
        self._events = events
        self._artifacts = RunArtifacts()
        self._key = session.plan.board.slug.lower().replace("_", "-")
        self._progress: UUID | None = None
        self._clips = 0
        self._drawn = time.monotonic()

    async def begin(self) -> None:
        """Draw how far the run is."""
        if watched():
            await courtesy(self._events.begin())
            self._progress = await courtesy(
                self._draw(ProgressArtifact, "progress", "How far the film is", progress=0.0)
            )

    async def has_clip(self) -> None:
        """Count a step that has its clip."""
        self._clips += 1
        if self._progress is not None and time.monotonic() - self._drawn > PROGRESS_EVERY_S:
            self._drawn = time.monotonic()
            await courtesy(aupdate_progress_artifact(self._progress, self._percent()))

    async def failed(self, step: Step, error: BaseException) -> None:
        """Write into the run's log why a step has no clip."""
        self._log.failed(step.id, error)

    async def review(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> None:
        """Draw what a person is asked to approve: on a page of its own beside the film's place, and among the artifacts."""
        if self._progress is not None:
            await courtesy(self._sheet(review, shown))

    async def _sheet(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> UUID:
        page = sheet_place(self._session.files.film, review)
        await sheet(shown, page)
        # The picture travels in its own address: Prefect's page at a desk shows none from elsewhere, the films' page included.
        address = f"data:image/png;base64,{_base64(page)}"
        return await self._draw(ImageArtifact, "review", "What is to be approved", image_url=address)

    async def _draw(self, kind: type[Artifact], name: str, description: str, **content: Any) -> UUID:
        return await self._artifacts.draw(kind(key=f"{self._key}-{name}", description=description, **content))

    async def ended(self, ends: Ends, films: Sequence[Film], rough: RoughCut | None) -> None:
        """Draw the table of steps, and the page of the films, or of a rough cut; then automations hear of it."""
        if not watched():
            return
        if self._progress is not None:
            await courtesy(aupdate_progress_artifact(self._progress, self._percent(len(films))))
        costs = await courtesy(read_costs(self._session.plan, self._session.vault, self._session.service))
        if costs is not None:
            await courtesy(self._reported(ends, costs, films, rough))
        await courtesy(self._events.ended(ends, films, costs))

    async def _reported(self, ends: Ends, costs: Costs, films: Sequence[Film], rough: RoughCut | None) -> UUID:
        session, lines = self._session, await reported(self._session, ends)
        board = session.plan.board
        self._log.summed_up(board.variant, costs.by_run(session.ask.run_id, board.slug), costs.sums.words)
        table = as_table(session, lines, costs)
        await self._draw(TableArtifact, "steps", "What became of each step", table=table)
        page = as_page(session, lines, costs, films=films, rough=rough, films_url=self._session.settings.films_url)
        return await self._draw(MarkdownArtifact, "film", "The film, and what it cost", markdown=page)

    def _percent(self, films: int = 0) -> float:
        """How far a run is that has cut so many films."""
        plan = self._session.plan
        return 100.0 * (self._clips + films) / (len(plan.steps) + len(plan.films))


async def draw_cut(ready: Prepared, service: ServiceName, cut: RoughCut | Film) -> None:
    """Draw the page of what was cut without a run: a rough cut, or the film where nothing is missing."""
    if not watched():
        return
    slug, rough = ready.plan.board.slug, isinstance(cut, RoughCut)
    files = files_of(ready.out, ready.plan.board, service)
    files = files.rough or files if rough else files
    what = "rough cut" if rough else "film"
    words = f"Rough cut: {cut.words}." if isinstance(cut, RoughCut) else f"Nothing is missing: {cut.seconds:g} s."
    lines = [
        f"# {plain(ready.plan.board.title)}",
        "",
        *film_links(files, what, ready.settings.films_url),
        "",
        plain(words),
    ]
    await courtesy(name_run(slug, FILM_TAG, slug, service=service))
    key = f"{slug.lower().replace('_', '-')}-film"
    page = MarkdownArtifact(key=key, description=f"The {what}", markdown="\n".join(lines) + "\n")
    await courtesy(RunArtifacts().draw(page))


def _base64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode("ascii")
