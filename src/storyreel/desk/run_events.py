"""
Events of a run for Prefect's automations: a film is made, an approval waits, a budget is reached, a step failed or is unknown.

Each is sent once, for whatever people have hung on it: by a run that is taken up after a crash, or resumed, only if it has not
been sent. docs/operate.md has names, resources and payloads.

Nothing is sent while a request is under way: all of it comes when steps are at their end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from prefect.context import FlowRunContext

from storyreel.delivery.film import Film
from storyreel.desk.event_outbox import EventOutbox
from storyreel.errors import BudgetError, NotReached, SubmitUnknown
from storyreel.model.money import usd
from storyreel.model.recipe import Clip, ServiceName
from storyreel.production.approval.review import Review
from storyreel.production.dailies import Line, Night
from storyreel.production.outlook import forecast
from storyreel.production.report import film_address
from storyreel.production.session import Session
from storyreel.production.summary import Ends, words_of
from storyreel.vault.costs import Costs

FILM_MADE = "storyreel.film.made"
APPROVAL_WAITING = "storyreel.approval.waiting"
BUDGET_REACHED = "storyreel.budget.reached"
STEP_UNKNOWN = "storyreel.step.unknown"
STEP_FAILED = "storyreel.step.failed"


class RunEvents:
    """
    What Prefect's automations hear of a run.

    Args:
        outbox: By which it is sent.
        taken_up: Whether the run is run again because it crashed: then a film that it has put at its place before is its own.
    """

    def __init__(self, session: Session, outbox: EventOutbox, *, taken_up: bool) -> None:
        self._session = session
        self._outbox = outbox
        self._taken_up = taken_up
        self._again = False

    async def begin(self) -> None:
        """Find out whether something may have been sent in this ask before."""
        self._again = await self._session.vault.asks.times_begun(self._session.ask) > 1

    def approval_waits(self, review: Review, command: str) -> None:
        """Say that a person has to approve what was made, and how."""
        self._film(
            APPROVAL_WAITING,
            review.key,
            lambda: {
                "waiting": review.what,
                "steps": [look.step for look in review.looks],
                "so_far": review.so_far,
                "with_approval": review.what_follows,
                "requests": review.requests,
                "expected_usd": usd(review.ticks),
                "command": command,
            },
        )

    async def ended(self, ends: Ends, films: Sequence[Film], costs: Costs | None) -> None:
        """Say what came of a run: its films, the budget that held steps back, and each step that has no clip."""
        for film in films:
            if film.fresh or self._placed_here(film):
                self._send(FILM_MADE, self._film_resource(of=film.delivery), partial(self._of_film, film, costs))
        held = {step: end for step, end in ends.items() if isinstance(_root(end, ends), BudgetError)}
        if reached := next((end for end in held.values() if isinstance(end, BudgetError)), None):
            await self._budget(reached, list(held))
        for step, end in ends.items():
            if isinstance(end, SubmitUnknown):
                self._step(STEP_UNKNOWN, step, end)
            elif not isinstance(end, Clip | NotReached | BudgetError):
                self._step(STEP_FAILED, step, end)

    async def not_begun(self, error: BudgetError) -> None:
        """Say that a run has bought nothing, since it is known not to fit into its budget."""
        session = self._session
        outlook = await forecast(
            session.plan, session.vault, session.service, allowed=session.allowed, redo=session.redo
        )
        await self._budget(error, [each.step.id for each in outlook if each.buys])

    def _of_film(self, film: Film, costs: Costs | None) -> dict[str, Any]:
        totals = {} if costs is None else costs.sums.totals.model_dump()
        where = film_address(film.path, self._session.settings.films_url)
        return {"film": where, "delivery": film.delivery, "seconds": film.seconds, "notes": list(film.notes), **totals}

    async def _budget(self, error: BudgetError, steps: Collection[str]) -> None:
        session = self._session
        spent = await session.vault.ledger.spent(session.service, session.till)
        payload = {
            "till": session.till,
            "budget_usd": None if session.budget.ticks is None else usd(session.budget.ticks),
            "spent_usd": usd(spent),
            "missing_usd": usd(sum(session.plan.step(step).ticks for step in steps)),
            "steps": list(steps),
            "why": words_of(error),
        }
        shared = session.till != str(session.ask.run_id)
        self._send(
            BUDGET_REACHED,
            till_resource(session.till),
            lambda: payload,
            related=[self._film_resource("film")],
            shared=till_reached(session.service, session.till, session.budget.ticks) if shared else None,
        )

    def _step(self, name: str, step: str, end: BaseException) -> None:
        slug = self._session.plan.board.slug
        resource = {"prefect.resource.id": f"storyreel.step.{slug}/{step}", "prefect.resource.name": f"{slug} {step}"}
        ticks = getattr(end, "ticks", None)
        payload = {
            "step": step,
            "request_id": getattr(end, "request_id", None),
            "kind": type(end).__name__,
            "why": words_of(end),
            "charged_usd": usd(ticks) if isinstance(ticks, int) else None,
            "expected_usd": usd(self._session.plan.step(step).ticks),
        }
        self._send(name, resource, lambda: payload, related=[self._film_resource("film")])

    def _film(self, name: str, of: str, payload: Callable[[], dict[str, Any]]) -> None:
        self._send(name, self._film_resource(), payload, of=of)

    def _film_resource(self, role: str | None = None, *, of: str = "") -> dict[str, str]:
        """Return the storyboard's film as Prefect's events name it, or the one of a delivery."""
        board = self._session.plan.board
        resource = {
            "prefect.resource.id": f"storyreel.film.{board.slug}{f'.{of}' if of else ''}",
            "prefect.resource.name": f"{board.title}{f', {of}' if of else ''}",
        }
        return resource | ({} if role is None else {"prefect.resource.role": role})

    def _placed_here(self, film: Film) -> bool:
        """Whether this run had put the film at its place when it crashed, and could not say so any more."""
        context = FlowRunContext.get()
        began = None if context is None or context.flow_run is None else context.flow_run.start_time
        if not self._taken_up or began is None:
            return False
        return film.path.stat().st_mtime >= datetime.fromisoformat(began.isoformat()).timestamp()

    def _send(
        self,
        name: str,
        resource: Mapping[str, str],
        payload: Callable[[], dict[str, Any]],
        *,
        related: Collection[dict[str, str]] = (),
        of: str = "",
        shared: str | None = None,
    ) -> None:
        """Send an event of this ask, or one that others may have sent as well."""
        board, service, ask = self._session.plan.board, self._session.service, self._session.ask
        self._outbox.send(
            name,
            {**resource, "storyreel.slug": board.slug, "storyreel.service": service},
            lambda: {"slug": board.slug, "title": board.title, "service": service, **payload()},
            what=shared or f"{ask.run_id}#{ask.k} {name} {resource['prefect.resource.id']} {of}",
            related=related,
            first=shared is None and not self._again,
            late=self._again,
        )


async def night_reached(outbox: EventOutbox, night: Night, lines: Collection[Line]) -> None:
    """Say that the budget of a night held films back, whether or not it has begun them, unless a run of one has said so."""
    held = [line for line in lines if line.fate == "over budget"]
    if not held:
        return
    payload = {
        "till": night.till,
        "service": night.service,
        "budget_usd": night.budget,
        "spent_usd": usd(await night.spent_ticks()),
        "missing_usd": usd(sum(line.missing_ticks for line in held)),
        "storyboards": [line.board for line in held],
        "why": held[0].note,
    }
    outbox.send(
        BUDGET_REACHED,
        {**till_resource(night.till), "storyreel.service": night.service},
        lambda: payload,
        what=till_reached(night.service, night.till, night.budget_ticks),
        first=False,
        late=True,
    )


def till_resource(till: str) -> dict[str, str]:
    """Return a till as Prefect's events name it."""
    return {"prefect.resource.id": f"storyreel.till.{till}", "prefect.resource.name": till}


def till_reached(service: ServiceName, till: str, budget_ticks: int | None) -> str:
    """Return what makes it one event that a till is used up: whoever says it first; with another budget it is another one."""
    return f"{service} {till} {budget_ticks}"


def _root(end: BaseException | Clip, ends: Ends) -> BaseException | Clip:
    """Return why a step has no clip: what the first of those that it follows has come to."""
    while type(end) is NotReached and end.because in ends:
        end = ends[end.because]
    return end
