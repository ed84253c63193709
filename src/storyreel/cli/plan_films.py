"""
The films of a plan as a terminal shows them: what is delivered beside the master, and what the films of several plans come to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from storyreel.cli.render import print_prose, print_table
from storyreel.console import counted
from storyreel.model.finish import Finish
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.plan import Plan, PlannedFilm
from storyreel.production.film_sums import FilmSums, left_out
from storyreel.production.top_sheet import TopSheet

MASTER_ROW = "master"


def show_deliveries(console: Console, plan: Plan, sums: Sequence[FilmSums], *, fine: bool) -> None:
    """
    Show each film of a plan: its picture, how it fills it, how it is handed over, and what it costs beside those above it.

    Args:
        sums: Those of the plan's films.
        fine: Whether dollars have thousandths.
    """
    rows = [
        [
            Text(each.film.name or MASTER_ROW),
            Text(_picture(each.film)),
            Text(f"{round(each.seconds, 2):g}"),
            Text(str(len(each.film.timeline.picture))),
            Text(usd(each.buy_ticks, fine=fine) or "nothing"),
            Text("; ".join(how(plan, each.film))),
        ]
        for each in sums
        if each.film is not None
    ]
    heads = ("film", "picture", "seconds", "shots", "adds", "how")
    print_table(console, heads, rows, numbers=("seconds", "shots", "adds"), last=20)


def show_films(console: Console, sums: Sequence[FilmSums]) -> None:
    """Show what the films of several plans come to; of the requests that several need, with which film each is counted."""
    fine = any(ticks % (TICKS_PER_USD // 100) for each in sums for ticks in (each.buy_ticks, each.saved_ticks))
    rows = [
        [
            Text(each.name if each.film is not None else f"{each.name}, in no film"),
            Text(f"{round(each.seconds, 2):g}" if each.film is not None else ""),
            Text(str(len(each.bought)) if each.bought else ""),
            Text(usd(each.buy_ticks, fine=fine)),
            Text(usd(each.saved_ticks, fine=fine)),
            Text(", ".join(f"{many} of {name}" for name, many in each.shared.items())),
        ]
        for each in sums
    ]
    films = [each for each in sums if each.film is not None]
    total = [
        counted(len(films), "film"),
        f"{round(sum(each.seconds for each in films), 2):g}",
        str(sum(len(each.bought) for each in sums)),
        usd(sum(each.buy_ticks for each in sums), fine=fine) or "$0.00",
        usd(sum(each.saved_ticks for each in sums), fine=fine),
        "",
    ]
    rows.append([Text(cell, "bold") for cell in total])
    heads = ("film", "seconds", "requests", "to buy", "saved", "counted above")
    print_table(console, heads, rows, numbers=heads[1:-1], last=20)


def show_budget(console: Console, sheets: Sequence[TopSheet]) -> None:
    """Show which variants of a storyboard do not fit into the budget of a run that makes them all."""
    first = sheets[0]
    budget = first.budget
    if budget.ticks is None or not (out := left_out(sheets, budget.ticks)):
        return
    names = ", ".join(sheets[number].plan.board.variant for number in out)
    print_prose(
        console,
        (f"over {budget.words}", "red"),
        f": a run does not begin {names}, and makes what fits; --partial begins all of them, {budget.another}",
    )


def how(plan: Plan, film: PlannedFilm) -> Iterator[str]:
    """Yield how a film fills its picture, where that is not the master's, and how it is handed over."""
    if film.board.is_regenerated:
        yield "regenerated"
    elif film.board.delivery and film.board.aspect_ratio != plan.board.aspect_ratio:
        shown = {shot.scene for shot in film.timeline.picture}
        fits = dict.fromkeys(scene.framing.fit for scene in film.board.scenes if scene.id in shown)
        yield f"fitted: {', '.join(fits)}"
    yield from finish_words(film.board.finish)
    if film.timeline.captions.burn:
        yield "captions burnt in"


def finish_words(finish: Finish) -> Iterator[str]:
    """Yield how a film is handed over, where that is not as it is cut."""
    if finish.codec != "h264":
        yield finish.codec
    if finish.rate is not None:
        yield f"{float(finish.rate):g} frames a second"
    if finish.burn_in:
        yield "timecode burnt in"
    if finish.overlay is not None:
        yield f"over it {finish.overlay.picture.path.name}, {finish.overlay.place}"


def usd(ticks: int, *, fine: bool) -> str:
    """Return an amount, empty where it is none, with as many decimals as all beside it have."""
    return f"${ticks / TICKS_PER_USD:.{3 if fine else 2}f}" if ticks else ""


def _picture(film: PlannedFilm) -> str:
    width, height = film.timeline.size
    return f"{film.board.aspect_ratio} {width}x{height}"
