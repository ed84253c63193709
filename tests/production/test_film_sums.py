"""
What each film of some plans comes to: all of them together what is paid.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from storyreel.production.film_sums import FilmSums, film_sums
from storyreel.production.prepare import prepare
from storyreel.production.top_sheet import TopSheet, top_sheet
from tests.cli.shot import shoot

BOARD = """
slug: {slug}
scenes:
  - {{id: sea, prompt: Waves.}}
  - {{id: ice, prompt: "{ice}"}}
  - {{id: spare, prompt: A boat.}}
cut: {{order: [sea]}}
deliver: {{long: {{order: [sea, ice]}}}}
"""


def sheet(board: Path, *only: str) -> TopSheet:
    """Return a board's plan, laid over the vault."""
    return asyncio.run(top_sheet(prepare(board, only=only), "xai"))


def in_short(sums: FilmSums) -> tuple[str, list[str], dict[str, int]]:
    """Return what a film is called, what is bought for it, and with which others it shares."""
    name = sums.name if sums.film is not None else f"beside {sums.name}"
    return name, [each.step.id for each in sums.bought], dict(sums.shared)


def test_what_several_films_need_is_counted_with_the_first(place: Path):
    """
    Of one storyboard as of two, whose steps may well have the same names.
    """
    for slug, ice in (("one", "Ice."), ("two", "Snow.")):
        (place / f"{slug}.yaml").write_text(BOARD.format(slug=slug, ice=ice))

    assert [
        ("one", ["sea/video"], {}),
        ("one.long", ["ice/video"], {"one": 1}),
        ("two", [], {"one": 1}),
        ("two.long", ["ice/video"], {"one": 1}),
    ] == [in_short(each) for each in film_sums([sheet(place / "one.yaml"), sheet(place / "two.yaml")])]


def test_what_no_film_shows_is_in_the_sums_as_well(place: Path):
    """
    A scene that was named is bought, though nothing shows it.
    """
    board = place / "one.yaml"
    board.write_text(BOARD.format(slug="one", ice="Ice."))
    looked = sheet(board, "spare")
    sums = film_sums([looked])

    assert ("beside one", ["spare/video"], {}) == in_short(sums[-1])
    assert looked.buy_ticks == sum(each.buy_ticks for each in sums)


def test_a_take_that_two_storyboards_have_is_saved_once(place: Path):
    """
    It is paid once, and so it is spared once.
    """
    boards = [place / f"{slug}.yaml" for slug in ("one", "two")]
    for board in boards:
        board.write_text(BOARD.format(slug=board.stem, ice="Ice."))
    shoot(boards[0], "2026-11-26T11:17")
    sums = film_sums([sheet(board) for board in boards])
    price = sum(step.ticks for step in prepare(boards[0]).plan.steps)

    assert [price // 2, price // 2, 0, 0] == [each.saved_ticks for each in sums]
    assert all(not each.bought for each in sums)
