"""
A night of shooting: which storyboards of a folder need a run, and what became of each.

Nothing is bought here. Who starts the runs and waits for them is no matter of this room.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from storyreel.catalog import Catalog, load_catalog
from storyreel.console import counted
from storyreel.delivery.places import check_out
from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.errors import SettingsError, StoryboardError, StoryreelError
from storyreel.files.storyboards import storyboards_of
from storyreel.model.money import dollars, usd
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName
from storyreel.production.admission import Admission, Refusal
from storyreel.production.approval.status import approve_command, awaits, gate_of, goes_on, waiting
from storyreel.production.budget import Budget, night_budget, ticks_of
from storyreel.production.fit import Fit, limits_of
from storyreel.production.open import begun
from storyreel.production.outlook import Forecast
from storyreel.production.read_plan import read_plan, read_plans
from storyreel.production.report import film_address
from storyreel.production.reserve import caps_of
from storyreel.production.service import NOT_ASKED, with_every_clip
from storyreel.production.status import Prospect, advice, prospect, who_is_asked
from storyreel.production.summary import words_of
from storyreel.settings import Settings, read_settings, vault_from
from storyreel.vault import Ask, Attempt, Caps, Vault, open_vault

Fate = Literal["current", "shot", "waits", "failed", "over budget", "blocked", "wrong"]
"""
What becomes of a storyboard. With the first two its film is current; `waits` for a person's approval, as its storyboard
has it; the others have failed: `blocked` is one on which a run would only fail again, `wrong` one that cannot be read.
"""


@dataclass(frozen=True)
class Line:
    """
    What became of one storyboard, or of one variant of it.

    Args:
        board: The name of its file, and its variant's.
        note: Why it has no current film, or what that took the place of, in one line.
        film: Where the film stands; `seconds` is its length.
        spent_ticks: What this night paid for it, also where no film came of it; estimated where the service did not say.
        missing_ticks: What is still to be bought for it, as an estimate.
    """

    board: str
    fate: Fate
    note: str = ""
    film: Path | None = None
    seconds: float = 0.0
    spent_ticks: int = 0
    missing_ticks: int = 0

    @property
    def good(self) -> bool:
        """Whether its film is current now."""
        return self.fate in ("current", "shot")

    @property
    def failed(self) -> bool:
        """Whether something went wrong, and not merely waits."""
        return not self.good and self.fate != "waits"


@dataclass(frozen=True)
class NightFilm:
    """What one run of a night makes: a storyboard, or one variant of it."""

    board: Path
    variant: str = ""

    @property
    def name(self) -> str:
        """What reports call it: the name of its file, and its variant's."""
        return f"{self.board.name} {self.variant}".strip()

    @property
    def key(self) -> str:
        """What tells it from others of the same night."""
        return f"{self.board}{f' {self.variant}' if self.variant else ''}"


@dataclass(frozen=True)
class Night:
    """
    One night: the storyboards, the till that all runs spend from, and where things are.

    Args:
        boards: Absolute paths of the storyboards, by name.
        ask: Of the night itself: the same while it is taken up again after a crash, another one after a Retry.
        limit: What all runs of the day may spend together.
        caps: What bounds all runs of the vault.
        sandbox: Whether the runs are rehearsals inside their own processes.
        partial: Whether films are begun that do not fit into what is left.
        unasked: Why the service could not be asked, if it could not: then films are cut, and nothing is bought.
    """

    boards: tuple[Path, ...]
    catalog: Catalog
    vault: Vault
    service: ServiceName
    ask: Ask
    till: str
    limit: Budget
    out: Path
    films_url: str | None
    sandbox: bool
    caps: Caps = field(default_factory=Caps)
    partial: bool = False
    unasked: StoryreelError | None = None
    _outlooks: dict[NightFilm, tuple[Forecast, ...]] = field(default_factory=dict, repr=False)
    """What is known of the steps of each storyboard that was looked at."""
    _plans: dict[NightFilm, Plan] = field(default_factory=dict, repr=False)
    """What was read of storyboards that were not looked at yet."""
    _of: dict[str, str] = field(default_factory=dict, repr=False)
    """Which storyboard has a slug: the first that was seen with it."""

    @property
    def budget_ticks(self) -> int | None:
        """The day's budget in ticks; None for no bound."""
        return self.limit.ticks

    @property
    def budget(self) -> float | None:
        """The day's budget in US dollars."""
        return None if self.budget_ticks is None else usd(self.budget_ticks)

    async def films(self) -> AsyncIterator[NightFilm]:
        """Yield what the night makes: each storyboard, or each variant of it, in their order; a wrong one as a whole."""
        for board in self.boards:
            try:
                plans = await asyncio.to_thread(read_plans, board, self.catalog)
            except Exception:
                yield NightFilm(board)  # what is wrong with it is told when it is looked at
                continue
            films = {NightFilm(board, plan.board.variant): plan for plan in plans}
            self._plans.update(films)
            for film in films:
                yield film

    async def before(self, film: NightFilm) -> Line | None:
        """Return what is to be said of a storyboard without a run, or None if it is to be shot."""
        try:
            seen = await self._look(film)
            self._outlooks[film] = seen.outlook
            if seen.film is not None:
                words = "; ".join(seen.replaced)
                return Line(film.name, "current", words, film=seen.film.path, seconds=seen.film.seconds)
            waits = await self._waits(seen, begun=False)
            if waits is None and not seen.stuck:
                return self._out_of_reach(seen)
            ways = [
                await advice(seen.plan, each, self.vault, self.service, sandbox=self.sandbox) for each in seen.ended
            ]
            if waits is not None and not ways:
                return Line(film.name, "waits", waits, missing_ticks=seen.ticks)
            return Line(film.name, "blocked", " / ".join(filter(None, [*ways, waits])), missing_ticks=seen.ticks)
        except StoryboardError as wrong:
            return Line(film.name, "wrong", _first(wrong.problems))
        except Exception as error:
            return Line(film.name, "failed", words_of(error))

    async def left_out(self, film: NightFilm) -> Line | None:
        """Return what is said of a storyboard that is to be shot and does not fit into what is left; None if it is begun."""
        refusal = None if self.partial else await self._admission.refusal(self._outlooks[film])
        if refusal is None:
            return None
        missing = sum(each.step.ticks for each in refusal.bought)
        return Line(film.name, "over budget", _refused(refusal), missing_ticks=missing)

    def begin(self, film: NightFilm) -> None:
        """Note that a storyboard is being shot: what it still has to buy is gone for the others."""
        self._admission.begin(self._outlooks[film])

    @cached_property
    def _admission(self) -> Admission:
        limits = partial(limits_of, self.vault, self.service, self.limit, self.caps, till=self.till)
        return Admission(limits, self.service)

    async def after(self, film: NightFilm, run: str, failed: str | None) -> Line:
        """
        Return what became of a storyboard that was shot.

        Args:
            run: The run's own id, by which the vault knows what it bought.
            failed: Why the run failed; None if it went well.
        """
        try:
            seen = await self._look(film)
            line = Line(film.name, "failed", spent_ticks=await self._spent_by(seen, run), missing_ticks=seen.ticks)
            if failed is None and seen.film is not None:
                return replace(line, fate="shot", film=seen.film.path, seconds=seen.film.seconds)
            if (waits := await self._waits(seen)) is not None:
                if failed is None or seen.all_made:
                    return replace(line, fate="waits", note=waits)
                return replace(line, note=f"{_without_wait(failed)} / {waits}")
            if failed is None:
                return replace(line, note="it was changed while it was shot; it is shot again by the next run")
            over = Fit(seen.bought, await self._admission.limits()).passed is not None
            return replace(line, fate="over budget" if over else "failed", note=failed)
        except Exception as error:
            return Line(film.name, "failed", failed or words_of(error))

    async def spent_ticks(self) -> int:
        """Return what is in the day's till: charges where they are known, estimates where not."""
        return await self.vault.ledger.spent(self.service, self.till)

    async def close(self, lines: Sequence[Line]) -> None:
        """Write down that the night came to its end: whatever starts after it in this run is a person's Retry."""
        await self.vault.asks.close(self.ask, {line.board: f"{line.fate} {line.note}".strip() for line in lines})

    def link(self, film: Path) -> str:
        """Return where a film can be seen: its address if films are served, else its path."""
        return film_address(film, self.films_url)

    async def _look(self, film: NightFilm) -> Prospect:
        plan = self._plans.pop(film, None)
        if plan is None:
            plan = await asyncio.to_thread(_plan_of, film, self.catalog)
        slug = plan.board.slug
        if (other := self._of.setdefault(slug, film.name)) != film.name:
            message = f"its film is named {slug}, like that of {other}, and each would replace the other"
            raise StoryboardError(
                [Diagnostic("repeated-slug", Place(str(film.board), 1, 1), message, "give it a slug of its own")]
            )
        return await prospect(plan, self.vault, self.service, self.out)

    def _out_of_reach(self, seen: Prospect) -> Line | None:
        """Return what is said of a storyboard whose run would have to ask a service that cannot be asked."""
        if self.unasked is None or all(each.clip is not None for each in seen.outlook):
            return None
        return Line(seen.plan.board.path.name, "failed", words_of(self.unasked), missing_ticks=seen.ticks)

    async def _waits(self, seen: Prospect, *, begun: bool = True) -> str | None:
        """
        Return what a person has to approve before a run could go on, and how; None if nothing has to be.

        Args:
            begun: Whether it was shot this night. Before that, what waits on a fault holds up nothing that is not built on it.
        """
        steps = {each.step.id for each in seen.outlook}
        gate = await gate_of(seen.plan, self.vault, self.service, seen.outlook, allowed=steps)
        if gate is None or gate.review is None or gate.approval is not None:
            return None
        if gate.review.rejected:
            return f"{awaits(gate.review)}; {goes_on(seen.plan, gate.review, '')}"
        held = waiting(seen.plan, gate)
        if not begun and gate.review.gate == "on-fault" and any(each.step.id not in held for each in seen.bought):
            return None
        how = approve_command(seen.plan, vault=self.vault.address, sandbox=self.service == "sandbox", shown=gate.review)
        return f"{awaits(gate.review)}; to go on ({gate.review.what_follows}), look at what was made, and say: {how}"

    async def _spent_by(self, seen: Prospect, run: str) -> int:
        """Return what one run paid for a storyboard."""
        attempts = [
            attempt
            for fingerprint in {each.fingerprint for each in seen.outlook if each.fingerprint}
            for attempt in await self.vault.attempts.of(self.service, fingerprint)
        ]
        return sum(_cost(attempt) for attempt in attempts if attempt.claim.ask.run_id == run)


async def open_night(
    folder: str,
    *,
    run: str,
    day: date,
    taken_up: bool = False,
    budget: float | None = None,
    vault: str | None = None,
    out: str | None = None,
    sandbox: bool = False,
    partial: bool = False,
) -> Night:
    """
    Find the storyboards of a folder and open the till of the day.

    Args:
        folder: Where the storyboards are; what is in its own folders or hidden is left alone.
        run: The night's own id, the same when it is tried again.
        day: Whose till is spent from.
        taken_up: Whether it is run again because it crashed, and not because a person said so.
        budget: US dollars that all runs of that day may spend together. Else the default on the real API.
        vault: Address of the vault; else STORYREEL_VAULT.
        out: Folder for the films; else STORYREEL_OUT.
        sandbox: Rehearse: nothing is generated, nothing is billed.
        partial: Begin films that do not fit into what is left, and stop each before the step that would pass it.

    Raises:
        SettingsError: There is no such folder, or something else that was given is wrong.
        KeyRefused, ServiceUnreachable: The service does not answer, or not to us, and no film could be cut without it.
        VaultError: The vault cannot be used, or it has moved (VaultClosed).
        CrashedTooOften: The night was taken up again too often without coming to an end.
    """
    settings = read_settings(folder=Path(folder))
    where = settings.root / folder
    if not where.is_dir():
        raise SettingsError(f"there is no folder {where}; name the one that has the storyboards, such as storyboards")
    given_ticks = None if budget is None else ticks_of(budget, "budget")
    catalog = load_catalog(settings.catalog)
    settings = settings.with_out(Path(out or settings.out))
    films = settings.root / settings.out
    check_out(films)
    opened = open_vault(vault_from(settings.root, vault or settings.vault), cache=settings.cache)
    await opened.closing.check()
    boards = storyboards_of(where)
    service, unasked = await _reached(settings, catalog, opened, boards, sandbox=sandbox)
    return Night(
        boards=boards,
        catalog=catalog,
        vault=opened,
        service=service,
        ask=await begun(opened, run, taken_up=taken_up),
        till=f"dailies-{day.isoformat()}",
        limit=night_budget(given_ticks, service, settings),
        out=films,
        films_url=settings.films_url,
        sandbox=sandbox,
        caps=caps_of(settings),
        partial=partial,
        unasked=unasked,
    )


async def _reached(
    settings: Settings, catalog: Catalog, vault: Vault, boards: Sequence[Path], *, sandbox: bool
) -> tuple[ServiceName, StoryreelError | None]:
    """
    Ask the service who it is. Where it cannot be asked, the storyboards that have every clip are cut all the same.

    Returns:
        Whose takes count, and why nobody was asked if nobody was.
    """
    try:
        return await who_is_asked(settings, catalog, vault, sandbox=sandbox), None
    except NOT_ASKED as error:
        for board in boards:
            with suppress(StoryboardError):
                for plan in await asyncio.to_thread(read_plans, board, catalog):
                    service = await with_every_clip(plan, settings, vault)
                    if service is not None:
                        return service, error
        raise


def _refused(refusal: Refusal) -> str:
    """Return why a film was not begun, and what begins it, in words."""
    if not refusal.is_hopeless:
        return f"{refusal.words}, so it was not begun; a night that has enough left begins it"
    what = counted(len(refusal.bought), "request")
    return (
        f"{what} for about {dollars(refusal.wanted_ticks)} {'is' if len(refusal.bought) == 1 else 'are'} still to buy, which is more "
        f"than {refusal.limit.name} for a whole night, so it was not begun; with `partial` it is begun, and goes on night after night. "
        f"All of it fits into {refusal.limit.raised_by}"
    )


def _first(problems: Sequence[Diagnostic]) -> str:
    first, more = problems[0], len(problems) - 1
    place = f"{Path(first.place.file).name}:{first.place.line}:{first.place.column}"
    text = f"{place}: {first.message}" + (f"; {first.remedy}" if first.remedy else "")
    return f"{text} (and {more} more; see storyreel check)" if more else text


def _without_wait(failed: str) -> str:
    """Return why a run failed, in its own words, without what it said last of what waits: that is told with its command."""
    return " / ".join(words for words in failed.split(" / ") if "not yet approved, so " not in words) or failed


def _cost(attempt: Attempt) -> int:
    """Return what one attempt cost: nothing if it was refused or never arrived."""
    if attempt.state in ("refused", "lost"):
        return 0
    charged = attempt.take.charge if attempt.take is not None else None
    return attempt.claim.estimate_ticks if charged is None else charged


def _plan_of(film: NightFilm, catalog: Catalog) -> Plan:
    return read_plan(film.board, catalog, variant=[film.variant] if film.variant else ())[1]
