"""
One run, from its first step to its films: the way that everybody goes who shoots a storyboard.

Each step is a chain of its own that waits for what it needs, so scenes go side by side. A failed scene stops no other:
all come to their own end before anything is told. Whoever begins a run may hand in what buys, collects and cuts (Prefect's
tasks, in a flow); left out, they are plain calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from storyreel.defects import known
from storyreel.delivery.film import Film, cut_film
from storyreel.delivery.head_start import HeadStart
from storyreel.delivery.rough import RoughCut
from storyreel.errors import AwaitingApproval, BudgetError, NotReached
from storyreel.model.plan import Plan, PlannedFilm, Step
from storyreel.model.recipe import Clip, Slate
from storyreel.production.approval.gate import held_back, pass_gate
from storyreel.production.approval.last_look import refuse_unapproved
from storyreel.production.approval.marked import held_on_fault
from storyreel.production.approval.review import behind
from storyreel.production.collect import collect as collect_take
from storyreel.production.collect import tell_reuse
from storyreel.production.fit import check_fit
from storyreel.production.proof import paid, prove
from storyreel.production.purchase import try_to_buy
from storyreel.production.recall import recall
from storyreel.production.retry_wait import Later
from storyreel.production.rough import rough_cut, rough_cut_at_gate
from storyreel.production.session import Session
from storyreel.production.summary import Ends, clips_of, complete_films, of_films, record, tell_end, with_failures

Buy = Callable[[Step, list[Clip]], Awaitable[Slate | Later]]
"""Sends the request of a step made from these clips, once."""
Collect = Callable[[Step, Slate, list[Clip]], Awaitable[Clip]]
"""Brings the clip of a take into the vault."""
Cut = Callable[[PlannedFilm, list[Clip], Mapping[str, Clip]], Awaitable[Film]]
"""Cuts a film from the clips that it shows, given those of all steps."""
Place = Callable[[Slate | None], AbstractAsyncContextManager[None]]
"""A place among the jobs in flight, for a step that is bought (None) or has this slate."""
Approval = Callable[[Ends], Awaitable[None]]
"""Waits for a person where something has to be approved; raises where the run is not to go on."""


class RunWatcher:
    """Whoever shows a run to people; this one shows nothing."""

    async def begin(self) -> None:
        """The run begins."""

    async def has_clip(self) -> None:
        """One more step has its clip."""

    async def failed(self, step: Step, error: BaseException) -> None:
        """A step has come to its end without a clip; others go on."""

    async def ended(self, ends: Ends, films: Sequence[Film], rough: RoughCut | None) -> None:
        """The run has come to its end, with films or with a rough cut of the master, or with neither."""


@dataclass(frozen=True)
class RunResult:
    """What came of a run: how each step of the plan ended, the films that were cut, and a rough cut where the master was not."""

    plan: Plan
    ends: Ends
    films: tuple[Film, ...] = ()
    rough: RoughCut | None = None

    @property
    def film(self) -> Film | None:
        """The master, or the first of the films that this run was to make where that was left out; None if it was not cut."""
        return next((film for film in self.films if film.delivery == self.plan.films[0].name), None)


async def run(
    session: Session,
    *,
    buy: Buy | None = None,
    collect: Collect | None = None,
    film: Cut | None = None,
    place: Place | None = None,
    approval: Approval | None = None,
    watcher: RunWatcher | None = None,
) -> RunResult:
    """
    Make what is missing of a storyboard's clips, and cut each film whose clips are all there, one after the other; where there is no
    master, a rough cut of what there is.

    Raises:
        MediaError: One of the person's own clips cannot be shown or sent, and so nothing was bought; or films cannot be cut, and all
            others were.
        BudgetError: It is known not to fit into its budget or a cap, and so nothing was bought.
        AwaitingApproval, NotApproved: The gate is closed. The run has come to its end with that.
        VaultError: That it came to its end cannot be written down.
    """
    buy = buy or (lambda step, sources: try_to_buy(session, step.scene, step.name, sources))
    collect = collect or (lambda step, slate, _: collect_take(session, step.id, slate))
    place = place or (lambda slate: place_of(session, slate))
    watcher = watcher or RunWatcher()
    await watcher.begin()
    try:
        await check_fit(session)
        await prove(session)
    except Exception as error:
        # Nothing more is bought; but what is paid is fetched, while the service still has it.
        fetched = await _Steps(session, _buy_nothing, collect, place, watcher, None).make(await paid(session))
        unsent = {step.id: NotReached(step.id, because="own footage") for step in session.plan.steps}
        held_back_by_budget = {step.id: error for step in session.plan.steps if isinstance(error, BudgetError)}
        if fetched or session.refusal is None:  # of what was not begun there is nothing new to look at
            await rough_cut(session, {**unsent, **held_back_by_budget, **fetched})
        raise
    timelines = [each.timeline for each in session.plan.films]
    async with HeadStart(timelines, session.vault, session.survey, session.cutting) as ahead:
        steps = _Steps(session, buy, collect, place, watcher, ahead)
        held = behind(session.plan)
        gates = _Gates(session, steps, approval or (lambda ends: pass_gate(session, ends)))
        ends = await gates.make([step for step in session.plan.steps if step.id not in held])
        unreached = held_back(session, ends)
        if not unreached:
            await gates.ask(ends)
            if held:
                ends = await gates.make([step for step in session.plan.steps if step.id in held])
                if "before-final" in session.plan.board.review:
                    await gates.ask(ends)
        ends = {**ends, **unreached}
        ends = {step.id: ends[step.id] for step in session.plan.steps}
        await record(session, ends)
        if complete_films(session.plan, ends):
            await ahead.end()
    async with session.cutting:
        films, faults = await _all_cut(session, ends, film or (lambda film, _, clips: cut(session, film, clips)))
        rough = None if any(not film.delivery for film in films) else await rough_cut(session, ends)
    await watcher.ended(ends, films, rough)
    if faults:
        raise of_films(faults)
    return RunResult(session.plan, ends, films, rough)


async def _all_cut(session: Session, ends: Ends, film: Cut) -> tuple[tuple[Film, ...], dict[str, Exception]]:
    """Cut all films that can be, one after the other; return them, and what is wrong with others, by what they are called."""
    clips, films, faults = clips_of(ends), list[Film](), dict[str, Exception]()
    for planned in complete_films(session.plan, ends):
        try:
            films.append(await film(planned, [clips[step] for step in planned.timeline.steps], clips))
        except Exception as error:
            faults[planned.name] = error
    return tuple(films), faults


async def _buy_nothing(step: Step, _: list[Clip]) -> Slate | Later:
    """Buy nothing, whatever has become of a step's take since it was looked at."""
    raise NotReached(step.id, because="own footage")


@asynccontextmanager
async def place_of(session: Session, slate: Slate | None) -> AsyncIterator[None]:
    """Take a place among the jobs in flight of this run; what is here already needs none."""
    if is_here(slate):
        yield
        return
    async with session.slots:
        yield


def is_here(slate: Slate | None) -> bool:
    """Whether the vault has the clip of a step's take, so that nothing is in flight for it."""
    return slate is not None and not slate.clip_missing


class _Steps:
    """The steps of a run that are under way or at their end."""

    def __init__(
        self,
        session: Session,
        buy: Buy,
        collect: Collect,
        place: Place,
        watcher: RunWatcher,
        ahead: HeadStart | None,
    ) -> None:
        self._session = session
        self._buy = buy
        self._collect = collect
        self._place = place
        self._watcher = watcher
        self._ahead = ahead
        self._shots: dict[str, asyncio.Task[Clip]] = {}

    async def make(self, steps: Iterable[Step]) -> dict[str, Clip | BaseException]:
        """Make these steps, and return how each ended, those before them included. One that fails cancels no other."""
        for step in steps:
            self._shots[step.id] = shot = asyncio.create_task(self._shot(step), name=step.id)
            shot.add_done_callback(self._ended)
        ends = await asyncio.gather(*self._shots.values(), return_exceptions=True)
        return {
            step: known(end) if isinstance(end, Exception) else end for step, end in zip(self._shots, ends, strict=True)
        }

    def _ended(self, shot: asyncio.Task[Clip]) -> None:
        """Tell at once of a step that has no clip: others may go on for long."""
        error = None if shot.cancelled() else shot.exception()
        if isinstance(error, Exception):
            tell_end(self._session, shot.get_name(), error)

    async def _shot(self, step: Step) -> Clip:
        try:
            clip = await self._make(step)
        except Exception as error:
            await self._watcher.failed(step, error)
            raise
        self._session.clips[step.id] = clip
        if self._ahead is not None:
            self._ahead.has_clip(step.id, clip)
        await self._watcher.has_clip()
        return clip

    async def _make(self, step: Step) -> Clip:
        sources = await self._sources(step)
        slate = await recall(self._session, step, sources)
        if self._ahead is not None and not is_here(slate):
            self._ahead.begin()
        while True:
            async with self._place(slate):
                sent = slate or await self._bought(step, sources)
                if isinstance(sent, Slate):
                    if is_here(sent):
                        # Told here: what Prefect remembers as collected, it does not collect again.
                        await tell_reuse(self._session, step, sent)
                    return await self._collect(step, sent, sources)
            # The place among the jobs is free for others meanwhile, those of other runs too.
            await self._session.waits.pause(step.id, sent, self._session.tell)

    async def _bought(self, step: Step, sources: list[Clip]) -> Slate | Later:
        session = self._session
        await session.brake.room(step.id)
        await refuse_unapproved(session, step, sources)
        return await self._buy(step, sources)

    async def _sources(self, step: Step) -> list[Clip]:
        """Wait for the clips that a step is made from; if one has none, this step is not reached."""
        clips: list[Clip] = []
        for need in step.needs:
            try:
                clips.append(await asyncio.shield(self._shots[need]))
            except Exception as error:
                raise NotReached(step.id, because=need) from error
        return clips


class _Gates:
    """The places of a run at which a person may have to approve something."""

    def __init__(self, session: Session, steps: _Steps, approval: Approval) -> None:
        self._session = session
        self._steps = steps
        self._approval = approval

    async def make(self, steps: Sequence[Step]) -> dict[str, Clip | BaseException]:
        """Make these steps; what is not bought on a take that has a mark goes on once a person has approved that."""
        ends = await self._steps.make(steps)
        # Each time something is bought that was held, so there are no more turns than steps.
        for _ in self._session.plan.steps:
            if not (held := held_on_fault(self._session.plan, ends)):
                break
            await self.ask(ends)
            ends = await self._steps.make(held)
        return ends

    async def ask(self, ends: Ends) -> None:
        """
        Ask for what has to be approved now, if anything has to be.

        Raises:
            AwaitingApproval, NotApproved: It does not go on. A rough cut is made of what there is.
            SequenceFailed: The same, and other steps failed.
        """
        try:
            await self._approval(ends)
        except AwaitingApproval as waiting:
            await rough_cut_at_gate(self._session, ends, waiting)
            if not held_on_fault(self._session.plan, ends):
                raise
            raise with_failures(self._session.plan, ends, waiting) from waiting.__cause__


async def cut(session: Session, film: PlannedFilm, clips: Mapping[str, Clip]) -> Film:
    """
    Cut a film of a run from the clips of its steps.

    Raises:
        MediaError: It could not be cut, or is not what was asked for.
    """
    files = session.files_of(film)
    return await cut_film(
        session.plan, film, session.service, clips, session.vault, files, session.tell, session.survey
    )
