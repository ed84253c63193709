"""
What each film of one or several plans comes to: what several films need alike is counted with the first of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from storyreel.model.plan import Plan, PlannedFilm
from storyreel.model.recipe import ServiceName
from storyreel.planning.alike import Buyer, buyers_of
from storyreel.production.outlook import Forecast
from storyreel.production.top_sheet import saved


class LaidOver(Protocol):
    """A plan that was laid over the vault."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def service(self) -> ServiceName:
        """Whose takes count."""

    @property
    def outlook(self) -> Sequence[Forecast]:
        """What a run would do with each of its steps."""


@dataclass(frozen=True)
class FilmSums:
    """
    What one film comes to beside those before it.

    Args:
        name: What its files are called: the storyboard's slug, and its delivery's name.
        film: None where it is what is bought and no film shows.
        sheet: The number of its plan.
        bought: What would be bought for it, and for none before it.
        saved_ticks: What need not be spent on it, and is not counted with one before it.
        shared: The films before it with which something is counted that would be bought and that it needs as well, each with how
            many requests.
    """

    name: str
    film: PlannedFilm | None
    sheet: int
    bought: tuple[Forecast, ...]
    saved_ticks: int
    shared: Mapping[str, int]

    @property
    def buy_ticks(self) -> int:
        """What is to be spent for it, and for none before it."""
        return sum(each.step.ticks for each in self.bought)

    @property
    def seconds(self) -> float:
        """How long it is to last."""
        return self.film.seconds if self.film is not None else 0.0


def film_sums(sheets: Sequence[LaidOver]) -> tuple[FilmSums, ...]:
    """
    Return what each film comes to of plans that are laid over one vault, in their order: the sums of all add up to what a person
    has to pay.
    """
    return tuple(_Count(sheets).films()) if sheets else ()


def left_out(sheets: Sequence[LaidOver], budget_ticks: int) -> tuple[int, ...]:
    """
    Return the numbers of the plans of one run that it would not begin: in their order each is begun whose purchases, beside those of
    what is begun before it, fit into what is left of the budget.
    """
    begun: list[LaidOver] = []
    out: list[int] = []
    for number, sheet in enumerate(sheets):
        *_, buyers = buyers_of([each.outlook for each in (*begun, sheet)], sheet.service)
        own = [each for each in sheet.outlook if buyers.get(each.step.id) == (len(begun), each.step.id)]
        ticks = sum(each.step.ticks for each in own)
        if ticks > budget_ticks:
            out.append(number)
        else:
            budget_ticks -= ticks
            begun.append(sheet)
    return tuple(out)


class _Count:
    """Counts each purchase, and each take that is kept, with the first film that needs it."""

    def __init__(self, sheets: Sequence[LaidOver]) -> None:
        self._sheets = sheets
        self._buyers = buyers_of([sheet.outlook for sheet in sheets], sheets[0].service)
        self._bought_with: dict[Buyer, str] = {}
        self._plan_of: dict[str, int] = {}
        self._seen: set[tuple[int, str]] = set()

    def films(self) -> Iterator[FilmSums]:
        for number, sheet in enumerate(self._sheets):
            slug, asked = sheet.plan.board.slug, {each.step.id: each for each in sheet.outlook}
            for film in sheet.plan.films:
                name = ".".join(filter(None, [slug, film.name]))
                yield self._sums(name, film, number, [asked[step] for step in film.needs])
            shown = {step for film in sheet.plan.films for step in film.needs}
            beside = self._sums(slug, None, number, [each for each in sheet.outlook if each.step.id not in shown])
            if beside.bought or beside.saved_ticks:
                yield beside

    def _sums(self, name: str, film: PlannedFilm | None, number: int, needed: Sequence[Forecast]) -> FilmSums:
        bought, saving, shared = [], 0, Counter[str]()
        for each in needed:
            if each.buys:
                buyer = self._buyers[number][each.step.id]
                if buyer not in self._bought_with:
                    self._bought_with[buyer] = name
                    bought.append(each)
                elif (other := self._bought_with[buyer]) != name:
                    shared[other] += 1
            elif self._is_kept_first(each, number):
                saving += saved(each)
        return FilmSums(name, film, number, tuple(bought), saving, shared)

    def _is_kept_first(self, each: Forecast, number: int) -> bool:
        """Whether what the vault has is not counted yet. Steps of one plan that have one take are counted as its scenes count them."""
        key = (number, each.step.id)
        if key in self._seen:
            return False
        self._seen.add(key)
        return each.request_id is None or self._plan_of.setdefault(each.request_id, number) == number
