"""
The index of a folder of films: a row for each film of a name, real or rehearsed, with how its storyboard stands where that is here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from storyreel.delivery.page.boards import ListedBoard, Look
from storyreel.delivery.page.films import FilmOnPage
from storyreel.delivery.page.pictures import Pictures
from storyreel.model.recipe import Frozen, ServiceName
from storyreel.model.storyboard import MASTER

CUT = "film"
ROUGH = "rough cut"


class Linked(Frozen):
    """A file of a film, by what it is called here."""

    label: str
    address: str


class Row(Frozen):
    """
    One name in the index. `state` is that of its storyboard; of films without one `film` or `rough cut`. `page` is the address of its page.
    `at` is when its newest film was cut, ISO 8601; empty where there is none.
    """

    slug: str
    title: str
    page: str
    board: str
    rehearsal: bool
    state: str
    why: str
    to_buy: str
    at: str
    date: str
    facts: str
    picture: str
    rough: bool
    films: tuple[Linked, ...]
    looks: tuple[Look, ...] = ()

    @property
    def words(self) -> str:
        """What it is looked for by."""
        return f"{self.slug} {self.title} {self.board}".casefold()


async def indexed(films: Sequence[FilmOnPage], boards: Sequence[ListedBoard], pictures: Pictures) -> tuple[Row, ...]:
    """
    Return the rows of an index: what waits for a person first, then the newest film first.

    Args:
        films: The films of the folder, the newest first.
        boards: How the storyboards stand that are here.
    """
    own: dict[tuple[str, ServiceName], list[FilmOnPage]] = {}
    for film in films:
        own.setdefault((film.slug, "sandbox" if film.rehearsal else "xai"), []).append(film)
    listed = {(board.slug or board.board, board.service): board for board in boards}
    keys = [*own, *(key for key in listed if key not in own)]
    # What was never shot is one row, and none where it was rehearsed.
    shot = {slug for slug, service in keys if (slug, service) in own or listed[slug, service].state != "never shot"}
    keys = [
        (slug, service)
        for slug, service in keys
        if (slug, service) in own
        or listed[slug, service].state != "never shot"
        or (service == "xai" and slug not in shot)
    ]
    rows = await asyncio.gather(*(_row(*key, listed.get(key), own.get(key, []), pictures) for key in keys))
    newest = sorted(rows, key=lambda row: row.at, reverse=True)
    return tuple(sorted(newest, key=lambda row: not row.looks))


async def _row(
    slug: str, service: ServiceName, board: ListedBoard | None, films: Sequence[FilmOnPage], pictures: Pictures
) -> Row:
    first = next(iter(sorted(films, key=lambda film: (bool(film.delivery), not film.plays))), None)
    rough = any(film.rough for film in films)
    return Row(
        slug=slug,
        title=board.title if board is not None else first.title if first is not None else slug,
        page=_page(slug, service, board),
        board=board.board if board is not None else "",
        rehearsal=service == "sandbox",
        state=board.state if board is not None else ROUGH if rough else CUT,
        why=board.why if board is not None else "",
        to_buy=board.to_buy if board is not None else "",
        at=films[0].cut_at.isoformat(timespec="seconds") if films else "",
        date=f"{films[0].cut_at.astimezone():%Y-%m-%d %H:%M}" if films else "",
        facts=" · ".join(first.facts[:-1]) if first is not None else "",
        picture=await _picture(first, pictures) if first is not None else "",
        rough=rough,
        films=tuple(Linked(label=_label(film), address=film.film) for film in films),
        looks=board.looks if board is not None else (),
    )


def _page(slug: str, service: ServiceName, board: ListedBoard | None) -> str:
    if board is None:
        return f"{quote(slug)}/"
    return f"{quote(slug)}/{'rehearsal/' if service == 'sandbox' else ''}" if board.slug else ""


def _label(film: FilmOnPage) -> str:
    return " ".join(filter(None, ["rough cut" if film.rough else film.delivery or MASTER]))


async def _picture(film: FilmOnPage, pictures: Pictures) -> str:
    if not film.plays:
        return ""
    content = f"{film.path} {film.cut_at.timestamp()}"
    return await pictures.of(film.path, content, (film.seconds or 2.0) / 3)
