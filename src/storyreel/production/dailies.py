"""
A night of shooting: which storyboards of a folder need a run, what became of each, and what is reported of it.

Nothing is bought here. Who starts the runs and waits for them is no matter of this room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from storyreel.catalog import Catalog, load_catalog
from storyreel.delivery.places import check_out
from storyreel.diagnostics.diagnostic import Diagnostic, Place
from storyreel.errors import SettingsError, StoryboardError, StoryreelError
from storyreel.files.storyboards import storyboards_of
from storyreel.model.money import dollars, usd
from storyreel.model.recipe import ServiceName
from storyreel.production.admission import Admission
from storyreel.production.approval.status import approve_command, awaits, gate_of
from storyreel.production.budget import DEFAULT_BUDGET_TICKS, ticks_of
from storyreel.production.fit import Fit, limits_of
from storyreel.production.open import begun
from storyreel.production.outlook import Forecast
from storyreel.production.read_plan import read_plan
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
    What became of one storyboard.

    Args:
        board: The name of its file.
        note: Why it has no current film, in one line.
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
class Night:
    """
    One night: the storyboards, the till that all runs spend from, and where things are.

    Args:
        boards: Absolute paths of the storyboards, by name.
        ask: Of the night itself: the same while it is taken up again after a crash, another one after a Retry.
        budget_ticks: What all runs of the day may spend together; None for no bound.
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
    budget_ticks: int | None
    out: Path
    films_url: str | None
    sandbox: bool
    caps: Caps = field(default_factory=Caps)
    partial: bool = False
    unasked: StoryreelError | None = None
    _wanted: dict[Path, tuple[Forecast, ...]] = field(default_factory=dict, repr=False)
    """What each storyboard that was looked at still has to buy."""
    _of: dict[str, str] = field(default_factory=dict, repr=False)
    """Which storyboard has a slug: the first that was seen with it."""

    @property
    def budget(self) -> float | None:
        """The day's budget in US dollars."""
        return None if self.budget_ticks is None else usd(self.budget_ticks)

    async def before(self, board: Path) -> Line | None:
        """Return what is to be said of a storyboard without a run, or None if it is to be shot."""
        try:
            seen = await self._look(board)
            self._wanted[board] = seen.bought
            if seen.film is not None:
                return Line(board.name, "current", film=seen.film.path, seconds=seen.film.seconds)
            if (waits := await self._waits(seen)) is not None:
                return Line(board.name, "waits", waits, missing_ticks=seen.ticks)
            if not seen.stuck:
                return self._out_of_reach(seen)
            ways = [
                await advice(seen.plan, each, self.vault, self.service, sandbox=self.sandbox) for each in seen.stuck
            ]
            return Line(board.name, "blocked", " / ".join(ways))
        except StoryboardError as wrong:
            return Line(board.name, "wrong", _first(wrong.problems))
        except Exception as error:
            return Line(board.name, "failed", words_of(error))

    async def left_out(self, board: Path) -> Line | None:
        """Return what is said of a storyboard that is to be shot and does not fit into what is left; None if it is begun."""
        refusal = "" if self.partial else await self._admission.refusal(self._wanted[board])
        missing = sum(each.step.ticks for each in self._wanted[board])
        return Line(board.name, "over budget", refusal, missing_ticks=missing) if refusal else None

    def begin(self, board: Path) -> None:
        """Note that a storyboard is being shot: what it still has to buy is gone for the others."""
        self._admission.begin(self._wanted[board])

    @cached_property
    def _admission(self) -> Admission:
        return Admission(lambda: limits_of(self.vault, self.service, self.budget_ticks, self.caps, till=self.till))

    async def after(self, board: Path, run: str, failed: str | None) -> Line:
        """
        Return what became of a storyboard that was shot.

        Args:
            run: The run's own id, by which the vault knows what it bought.
            failed: Why the run failed; None if it went well.
        """
        try:
            seen = await self._look(board)
            line = Line(board.name, "failed", spent_ticks=await self._spent_by(seen, run), missing_ticks=seen.ticks)
            if failed is None and seen.film is not None:
                return replace(line, fate="shot", film=seen.film.path, seconds=seen.film.seconds)
            if (waits := await self._waits(seen)) is not None:
                return replace(line, fate="waits", note=waits)
            if failed is None:
                return replace(line, note="it was changed while it was shot; it is shot again by the next run")
            over = Fit(seen.bought, await self._admission.limits()).passed is not None
            return replace(line, fate="over budget" if over else "failed", note=failed)
        except Exception as error:
            return Line(board.name, "failed", failed or words_of(error))

    async def spent_ticks(self) -> int:
        """Return what is in the day's till: charges where they are known, estimates where not."""
        return await self.vault.ledger.spent(self.service, self.till)

    async def close(self, lines: Sequence[Line]) -> None:
        """Write down that the night came to its end: whatever starts after it in this run is a person's Retry."""
        await self.vault.asks.close(self.ask, {line.board: f"{line.fate} {line.note}".strip() for line in lines})

    def link(self, film: Path) -> str:
        """Return where a film can be seen: its address if films are served, else its path."""
        return film_address(film, self.films_url)

    async def _look(self, board: Path) -> Prospect:
        _, plan = await asyncio.to_thread(read_plan, board, self.catalog)
        slug = plan.board.slug
        if (other := self._of.setdefault(slug, board.name)) != board.name:
            message = f"its film is named {slug}, like that of {other}, and each would replace the other"
            raise StoryboardError(
                [Diagnostic("repeated-slug", Place(str(board), 1, 1), message, "give it a slug of its own")]
            )
        return await prospect(plan, self.vault, self.service, self.out)

    def _out_of_reach(self, seen: Prospect) -> Line | None:
        """Return what is said of a storyboard whose run would have to ask a service that cannot be asked."""
        if self.unasked is None or all(each.clip is not None for each in seen.outlook):
            return None
        return Line(seen.plan.board.path.name, "failed", words_of(self.unasked), missing_ticks=seen.ticks)

    async def _waits(self, seen: Prospect) -> str | None:
        """Return what a person has to approve before a run could go on, and how; None if nothing has to be."""
        steps = {each.step.id for each in seen.outlook}
        gate = await gate_of(seen.plan, self.vault, self.service, seen.outlook, allowed=steps)
        if gate is None or gate.review is None or gate.approval is not None:
            return None
        how = approve_command(
            seen.plan.board, vault=self.vault.address, sandbox=self.service == "sandbox", shown=gate.review
        )
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
        VaultError: The vault cannot be used.
        CrashedTooOften: The night was taken up again too often without coming to an end.
    """
    settings = read_settings()
    where = settings.root / folder
    if not where.is_dir():
        raise SettingsError(f"there is no folder {where}; name the one that has the storyboards, such as storyboards")
    given_ticks = None if budget is None else ticks_of(budget, "budget")
    catalog = load_catalog(settings.catalog)
    films = settings.root / (out or settings.out)
    check_out(films)
    opened = open_vault(vault_from(settings.root, vault or settings.vault), cache=settings.cache)
    boards = storyboards_of(where)
    service, unasked = await _reached(settings, catalog, opened, boards, sandbox=sandbox)
    default_ticks = DEFAULT_BUDGET_TICKS if service == "xai" else None
    return Night(
        boards=boards,
        catalog=catalog,
        vault=opened,
        service=service,
        ask=await begun(opened, run, taken_up=taken_up),
        till=f"dailies-{day.isoformat()}",
        budget_ticks=default_ticks if given_ticks is None else given_ticks,
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
                _, plan = await asyncio.to_thread(read_plan, board, catalog)
                service = await with_every_clip(plan, settings, vault)
                if service is not None:
                    return service, error
        raise


# --- the report ----------------------------------------------------------------------------------------------------


def headline(lines: Sequence[Line]) -> str:
    """Return what became of all storyboards, in one line: how many, and which have no current film."""
    bad = [line for line in lines if not line.good]
    if not bad:
        return f"{len(lines)} of {len(lines)} films are current"
    named = ", ".join(f"{line.board} ({line.fate})" for line in bad)
    return f"{len(bad)} of {len(lines)} storyboards have no current film: {named}"


def sums(night: Night, lines: Sequence[Line], spent_ticks: int, runs: int) -> str:
    """
    Return what the night did and cost, in one line.

    Args:
        spent_ticks: What is in the day's till.
        runs: How many runs were started.
    """
    current, shot = (sum(line.fate == fate for line in lines) for fate in ("current", "shot"))
    text = f"{current} current, {shot} shot, {len(lines) - current - shot} not; {runs} run{'' if runs == 1 else 's'}"
    text += f" for {dollars(sum(line.spent_ticks for line in lines))}; {dollars(spent_ticks)} is spent of the day's "
    text += f"{'till' if night.budget_ticks is None else dollars(night.budget_ticks)} ({night.till})"
    if over := [line for line in lines if line.fate == "over budget"]:
        named = ", ".join(line.board for line in over)
        text += f"; {dollars(sum(line.missing_ticks for line in over))} more is needed for {named}"
    return text + ("; a rehearsal with the sandbox, nothing is billed" if night.service == "sandbox" else "")


def as_table(night: Night, lines: Sequence[Line]) -> list[dict[str, str]]:
    """Return the lines as rows for a table, in words and dollars."""
    return [
        {
            "storyboard": line.board,
            "state": line.fate,
            "seconds": f"{line.seconds:g}" if line.film else "",
            "spent": dollars(line.spent_ticks) if line.spent_ticks else "",
            "still to buy": dollars(line.missing_ticks) if line.missing_ticks else "",
            "film": night.link(line.film) if line.film else "",
            "note": line.note,
        }
        for line in lines
    ]


def as_page(night: Night, lines: Sequence[Line], spent_ticks: int, runs: int) -> str:
    """Return the report of the night as a page of Markdown: the sums, a row for each storyboard, and what to do."""
    page = [f"# {_plain(night.till.replace('-', ' ', 1).capitalize())}", "", _plain(headline(lines)) + "."]
    page += ["", f"{sums(night, lines, spent_ticks, runs)}.", ""]
    page += ["| storyboard | state | seconds | spent | film |", "|---|---|--:|--:|---|"]
    for line, row in zip(lines, as_table(night, lines), strict=True):
        film = ""
        if line.film is not None:
            film = f"[{_plain(line.film.name)}]({row['film']})" if night.films_url else f"`{row['film']}`"
        page.append(f"| {_plain(line.board)} | {line.fate} | {row['seconds']} | {row['spent']} | {film} |")
    bad = [line for line in lines if not line.good]
    if bad:
        page += ["", "## What a person has to look at", ""]
        page += [f"- **{_plain(line.board)}** ({line.fate}{_more(line)}): {_plain(line.note)}" for line in bad]
    return "\n".join(page) + "\n"


def _more(line: Line) -> str:
    return f", {dollars(line.missing_ticks)} still to buy" if line.missing_ticks else ""


def _first(problems: Sequence[Diagnostic]) -> str:
    first, more = problems[0], len(problems) - 1
    place = f"{Path(first.place.file).name}:{first.place.line}:{first.place.column}"
    text = f"{place}: {first.message}" + (f"; {first.remedy}" if first.remedy else "")
    return f"{text} (and {more} more; see storyreel check)" if more else text


def _cost(attempt: Attempt) -> int:
    """Return what one attempt cost: nothing if it was refused or never arrived."""
    if attempt.state in ("refused", "lost"):
        return 0
    charged = attempt.take.charge if attempt.take is not None else None
    return attempt.claim.estimate_ticks if charged is None else charged


def _plain(text: str) -> str:
    """Return text that means nothing but itself in Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
