"""
The films of plans as data: part of what `storyreel plan --json` prints.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from storyreel.model.finish import Codec
from storyreel.model.money import usd
from storyreel.model.recipe import Frozen
from storyreel.production.film_sums import FilmSums


class SharedPurchase(Frozen):
    """What a film needs and is counted with one before it."""

    film: Annotated[str, Field(description="What that one's files are called.")]
    buy: Annotated[int, Field(description="How many requests.")]


class FilmData(Frozen):
    """One film: the master, or what is delivered beside it."""

    name: Annotated[str, Field(description="What its files are called: the slug, a dot, and its delivery's name.")]
    slug: str
    variant: Annotated[str, Field(description="Empty where its storyboard has none.")]
    delivery: Annotated[str, Field(description="Empty for the master.")]
    aspect_ratio: str
    width: int
    height: int
    seconds: float
    scenes: Annotated[tuple[str, ...], Field(description="What its shots show, in the order of the film.")]
    regenerate: Annotated[bool, Field(description="Whether scenes are bought again in its ratio.")]
    codec: Codec
    rate: Annotated[float | None, Field(description="Frames a second; null for those that it has.")]
    burn_in: bool
    overlay: Annotated[str | None, Field(description="The picture that lies over it.")]
    steps: Annotated[tuple[str, ...], Field(description="The steps that it is made from.")]
    buy: Annotated[int, Field(description="How many requests a run would send for it, and for none before it.")]
    usd: Annotated[float, Field(description="What they are estimated to cost.")]
    saved_usd: Annotated[float, Field(description="What need not be spent on it, and is not counted before it.")]
    shared: Annotated[
        tuple[SharedPurchase, ...], Field(description="What it needs that is to be bought, and counted with others.")
    ]


def film_data(each: FilmSums) -> FilmData | None:
    """Return what a film comes to as data; None for what no film shows."""
    if each.film is None:
        return None
    board, finish = each.film.board, each.film.board.finish
    width, height = each.film.timeline.size
    return FilmData(
        name=each.name,
        slug=board.slug,
        variant=board.variant,
        delivery=board.delivery,
        aspect_ratio=board.aspect_ratio,
        width=width,
        height=height,
        seconds=round(each.seconds, 6),
        scenes=tuple(shot.scene for shot in each.film.timeline.picture),
        regenerate=board.is_regenerated,
        codec=finish.codec,
        rate=None if finish.rate is None else float(finish.rate),
        burn_in=finish.burn_in,
        overlay=None if finish.overlay is None else finish.overlay.picture.path.name,
        steps=each.film.needs,
        buy=len(each.bought),
        usd=usd(each.buy_ticks),
        saved_usd=usd(each.saved_ticks),
        shared=tuple(SharedPurchase(film=name, buy=many) for name, many in each.shared.items()),
    )
