"""
A run on Prefect's page: its progress, the table of its steps, its film, and what waits to be approved.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Awaitable, Sequence
from pathlib import Path
from uuid import UUID

from prefect.artifacts import (
    acreate_image_artifact,
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_API_URL

from storyreel.delivery.film import Film
from storyreel.delivery.places import film_files, rough_files
from storyreel.delivery.rough import RoughCut
from storyreel.model.plan import Step
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.review import Look, Review
from storyreel.production.approval.status import sheet, sheet_place
from storyreel.production.prepare import Prepared
from storyreel.production.report import as_page, as_table, film_links, plain, reported
from storyreel.production.retry_wait import Later, in_words
from storyreel.production.run import RunWatcher
from storyreel.production.session import Session
from storyreel.production.summary import Ends
from storyreel.variables.table import UNWATCHED
from storyreel.vault.costs import read_costs

PROGRESS_EVERY_S = 5.0
"""How often Prefect is told at most how far a run is: its page is for people, and each word to it is a request."""


class PrefectPage(RunWatcher):
    """
    What a producer sees of a run on Prefect's page: how far it is, each step with its charge, and the film's links.

    A server for one command is gone with the run, so it is told nothing. That the page cannot be drawn stops no film.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key = session.plan.board.slug.lower().replace("_", "-")
        self._progress: UUID | None = None
        self._clips = 0
        self._drawn = time.monotonic()

    async def begin(self) -> None:
        """Draw the progress of the run."""
        if PREFECT_API_URL.value() is not None and UNWATCHED.read() is None:
            self._progress = await _courtesy(
                acreate_progress_artifact(0.0, f"{self._key}-progress", "How far the film is")
            )

    async def has_clip(self) -> None:
        """Count a step that has its clip."""
        self._clips += 1
        if self._progress is not None and time.monotonic() - self._drawn > PROGRESS_EVERY_S:
            self._drawn = time.monotonic()
            await _courtesy(aupdate_progress_artifact(self._progress, self._percent()))

    async def waits(self, step: Step, later: Later) -> None:
        """Write into the run's log for how long a step waits, and why."""
        get_run_logger().warning("%s %s", step.id, in_words(later))

    async def review(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> None:
        """Draw what a person is asked to approve: on a page of its own beside the film's place, and among the artifacts."""
        if self._progress is not None:
            await _courtesy(self._sheet(review, shown))

    async def _sheet(self, review: Review, shown: Sequence[tuple[Look, Path]]) -> UUID:
        page = sheet_place(self._session.files.film, review)
        await sheet(shown, page)
        # The picture travels in its own address: Prefect's page at a desk shows none from elsewhere, the films' page included.
        address = f"data:image/png;base64,{_base64(page)}"
        return await acreate_image_artifact(address, f"{self._key}-review", "What is to be approved")

    async def ended(self, ends: Ends, film: Film | None, rough: RoughCut | None) -> None:
        """Draw the table of steps, and the page of the film, or of its rough cut."""
        if self._progress is not None:
            await _courtesy(aupdate_progress_artifact(self._progress, 100.0 if film is not None else self._percent()))
            await _courtesy(self._reported(ends, film is not None, rough))

    async def _reported(self, ends: Ends, cut: bool, rough: RoughCut | None) -> UUID:
        session = self._session
        lines, costs = await reported(session, ends), await read_costs(session.plan, session.vault, session.service)
        await acreate_table_artifact(
            as_table(session.plan, lines, costs), f"{self._key}-steps", "What became of each step"
        )
        page = as_page(session, lines, costs, cut=cut, rough=rough, films_url=self._session.settings.films_url)
        return await acreate_markdown_artifact(page, f"{self._key}-film", "The film, and what it cost")

    def _percent(self) -> float:
        """How far a run is whose film is not cut yet."""
        return 100.0 * self._clips / (len(self._session.plan.steps) + 1)


async def draw_cut(ready: Prepared, service: ServiceName, cut: RoughCut | Film) -> None:
    """Draw the page of what was cut without a run: a rough cut, or the film where nothing is missing."""
    if PREFECT_API_URL.value() is None or UNWATCHED.read() is not None:
        return
    slug, rough = ready.plan.board.slug, isinstance(cut, RoughCut)
    files = (rough_files if rough else film_files)(ready.out, slug, service)
    what = "rough cut" if rough else "film"
    words = f"Rough cut: {cut.words}." if isinstance(cut, RoughCut) else f"Nothing is missing: {cut.seconds:g} s."
    lines = [
        f"# {plain(ready.plan.board.title)}",
        "",
        *film_links(files, what, ready.settings.films_url),
        "",
        plain(words),
    ]
    key = f"{slug.lower().replace('_', '-')}-film"
    await _courtesy(acreate_markdown_artifact("\n".join(lines) + "\n", key, f"The {what}"))


def _base64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode("ascii")


async def _courtesy(drawn: Awaitable[UUID]) -> UUID | None:
    try:
        return await drawn
    except Exception as error:
        get_run_logger().warning("Prefect's page could not be drawn: %s", error)
        return None
