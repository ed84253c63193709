"""
Plans of several storyboards, or of the variants of one, as data: what `storyreel plan --json` prints of them.
docs/plans.schema.json is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from storyreel.errors import StoryboardError
from storyreel.model.money import usd
from storyreel.model.recipe import Frozen
from storyreel.production.check_data import DiagnosticData, diagnostics_data
from storyreel.production.film_sums import FilmSums
from storyreel.production.films_data import FilmData, film_data
from storyreel.production.plan_data import PlanData, plan_data
from storyreel.production.top_sheet import TopSheet


class WrongBoard(Frozen):
    """A storyboard of which there is no plan."""

    board: Annotated[str, Field(description="Its file.")]
    problems: tuple[DiagnosticData, ...]


class PlansTotals(Frozen):
    """What all films would cost; what several need is counted once."""

    films: int
    buy: Annotated[int, Field(description="How many requests would be sent.")]
    usd: Annotated[float, Field(description="What they are estimated to cost.")]
    saved_usd: float
    seconds: Annotated[float, Field(description="Of all films.")]


class PlansData(Frozen):
    """Several plans, in their order, and their films."""

    version: Literal[1] = 1
    plans: tuple[PlanData, ...]
    films: Annotated[
        tuple[FilmData, ...],
        Field(description="Those of all plans, in their order. What several need is counted with the first of them."),
    ]
    totals: PlansTotals
    wrong: Annotated[tuple[WrongBoard, ...], Field(description="Storyboards in which something is wrong.")]


def plans_data(sheets: Sequence[TopSheet], sums: Sequence[FilmSums], wrong: Mapping[str, StoryboardError]) -> PlansData:
    """
    Return several plans that were laid over the vault as data.

    Args:
        sums: What their films come to.
        wrong: What is wrong with other storyboards, by their files.
    """
    films = tuple(data for each in sums if (data := film_data(each)) is not None)
    return PlansData(
        plans=tuple(map(plan_data, sheets)),
        films=films,
        totals=PlansTotals(
            films=len(films),
            buy=sum(len(each.bought) for each in sums),
            usd=usd(sum(each.buy_ticks for each in sums)),
            saved_usd=usd(sum(each.saved_ticks for each in sums)),
            seconds=round(sum(each.seconds for each in sums), 6),
        ),
        wrong=tuple(
            WrongBoard(board=board, problems=diagnostics_data(error.problems)) for board, error in wrong.items()
        ),
    )
