"""
What several commands show alike: amounts, notes, and data as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storyreel.console import counted
from storyreel.diagnostics.excerpt import excerpt, remedy_margin
from storyreel.errors import StoryboardError
from storyreel.model.money import TICKS_PER_USD, dollars


def amount(usd: float) -> str:
    """Return US dollars as a person reads them."""
    return dollars(round(usd * TICKS_PER_USD))


def print_prose(console: Console, *words: str | tuple[str, str]) -> None:
    """Print words that are read and not copied: a terminal shows them broken between words, a file has them on one line."""
    console.print(Text.assemble(*words), soft_wrap=not console.is_terminal)


def notes(console: Console, *remarks: str) -> None:
    """Show what is worth a thought, a line for each."""
    for remark in remarks:
        print_prose(console, (f"note: {remark}", "yellow"))


GUTTER = 3
"""Columns of the terminal between two columns of a table."""


def print_table(
    console: Console,
    heads: Sequence[str],
    rows: Sequence[Sequence[Text]],
    *,
    numbers: Collection[str] = (),
    last: int = 24,
    places: Sequence[str] = (),
) -> None:
    """
    Print a table; where the terminal is too narrow for it, each row by itself. Nothing is ever cut off.

    Args:
        heads: What is in each column; empty where that needs no word.
        rows: Their cells. The last one may be broken into lines.
        numbers: The columns whose cells stand at the right.
        last: Of how many columns of the terminal the last cells have need, so that nothing in them is torn apart.
        places: The file of each row, empty where it has none: on a line of its own, below its row or below the table.
    """
    widest = [max(map(cell_len, (head, *(row[at].plain for row in rows)))) for at, head in enumerate(heads)]
    if sum(widest[:-1]) + GUTTER * (len(heads) - 1) + min(widest[-1], last) <= console.width:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for head in heads[:-1]:
            table.add_column(head, no_wrap=True, justify="right" if head in numbers else "left")
        table.add_column(heads[-1], overflow="fold", justify="right" if heads[-1] in numbers else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        for row, place in zip(rows, places, strict=False):
            if place:
                console.print(Text.assemble(row[0], " ", row[1], "  ", place), soft_wrap=True)
        return
    for number, (first, *facts, words) in enumerate(rows):
        named = [
            Text.assemble(f"{head} " if head in numbers else "", fact)
            for head, fact in zip(heads[1:-1], facts, strict=True)
            if fact
        ]
        console.print(Text("  ").join([first, *named]))
        for line in [*words.split("\n", allow_blank=False), *map(Text, places[number : number + 1])]:
            # Broken into lines by the terminal alone, so that it can be copied whole. One word has all of a line that is too short for it.
            if line:
                indent = "" if " " not in line.plain and cell_len(line.plain) + 2 > console.width else "  "
                console.print(Text.assemble(indent, line), soft_wrap=True)


def broken(text: Text, console: Console, below: str = "") -> Text:
    """
    Return a text as a terminal shows it: broken between words. One with a command in it is left whole, so that it can be copied;
    so is any that goes into a file.

    Args:
        below: What each line but the first begins with.
    """
    if not console.is_terminal or "storyreel " in text.plain:
        return text
    lines = text.wrap(console, max(20, console.width - cell_len(below)))
    for line in lines:
        line.rstrip()
    return Text(f"\n{below}").join(lines)


def problems(error: StoryboardError, console: Console) -> Text:
    """Return everything that is wrong with a storyboard, as a console shows it."""
    shown = Text()
    for each in error.problems:
        head = Text.assemble((str(each.place), "bold"), f": {each.message} ", (f"[{each.code}]", "dim"))
        shown.append(broken(head, console, "  ")).append("\n")
        if (cut := excerpt(each, console.width)) is not None:
            shown.append(cut.margin, "blue").append(f"{cut.source}\n")
            shown.append(cut.below, "blue").append(f"{cut.mark}\n", "red")
        if each.remedy:
            margin = remedy_margin(each)
            remedy = Text.assemble((f"{margin}= ", "blue"), (each.remedy, "green"))
            shown.append(broken(remedy, console, " " * (cell_len(margin) + 2))).append("\n")
        shown.append("\n")
    return shown.append(f"{counted(len(error.problems), 'problem')}; nothing was sent.")


def show_wrong(console: Console, wrong: Iterable[StoryboardError]) -> None:
    """Show everything that is wrong with some storyboards, below what is shown of others."""
    for error in wrong:
        console.print(Text("\n").join([Text(""), problems(error, console)]), soft_wrap=True)


def print_json(data: Mapping[str, Any] | BaseModel) -> None:
    """Print data as JSON that a person can read, too."""
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    # Where not every character can be written, all that are not plain are escaped: what is left out is no JSON.
    plain_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    print(json.dumps(plain, indent=2, ensure_ascii=plain_only))
