"""
What is written over the picture of a film on its time line, as `storyreel plan` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from storyreel.cli.render import print_table
from storyreel.model.drawn import LETTERS_PERCENT
from storyreel.model.timeline import NOMINAL, Timeline
from storyreel.model.words import Title

HEADS = ("at", "to", "title", "over", "how")
MOST_OF_TEXT = 32
"""Columns of the terminal that a title's words take; the storyboard has all of them."""


def show_words(console: Console, film: Timeline) -> None:
    """Show the titles in the order of the film; nothing where there are none."""
    rows: list[tuple[float, float, str, str, str]] = []
    for shot, (at, frames) in zip(film.picture, film.places, strict=True):
        for title in shot.titles:
            first, end = (float((at + each) / NOMINAL) for each in title.span(frames, NOMINAL))
            rows.append((first, end, _short(title.text), shot.scene, ", ".join(_how(title))))
    cells = [
        [Text(f"{begins:.2f}"), Text(f"{ends:.2f}"), Text(text), Text(scene), Text(how)]
        for begins, ends, text, scene, how in sorted(rows, key=lambda row: row[0])
    ]
    if cells:
        print_table(console, HEADS, cells, numbers=("at", "to"))


def _how(title: Title) -> Iterator[str]:
    yield title.place
    if title.size != LETTERS_PERCENT:
        yield f"{title.size:g} %"
    if title.color != "#ffffff":
        yield title.color
    if title.font is not None:
        yield title.font.path.name


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if cell_len(words) <= MOST_OF_TEXT else f"{chop_cells(words, MOST_OF_TEXT - 1)[0]}…"
