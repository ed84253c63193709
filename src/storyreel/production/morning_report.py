"""
The report of a night as a message: plain text for whoever reads it on a telephone in the morning.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.model.money import dollars
from storyreel.production.dailies import Line, Night
from storyreel.production.night_report import headline, sums


def title_of(night: Night) -> str:
    """Return what the message is called: which day, and that it was a rehearsal."""
    return f"{night.till.replace('-', ' ', 1).capitalize()}{' (rehearsal)' if night.service == 'sandbox' else ''}"


def as_message(night: Night, lines: Sequence[Line], spent_ticks: int, runs: int) -> str:
    """
    Return the report of a night: what became of all, the sums, and a line for each storyboard, those that want a person first.

    Args:
        spent_ticks: What is in the day's till.
        runs: How many runs were started.
    """
    bad, good = [line for line in lines if not line.good], [line for line in lines if line.good]
    parts = [f"{headline(lines)}.", f"{sums(night, lines, spent_ticks, runs)}."]
    parts += ["\n".join(_of(night, line) for line in some) for some in (bad, good) if some]
    return "\n\n".join(parts)


def _of(night: Night, line: Line) -> str:
    words: list[str] = [line.fate]
    if line.film is not None:
        words.append(f"{line.seconds:g} s")
    if line.spent_ticks:
        words.append(dollars(line.spent_ticks))
    if line.missing_ticks:
        words.append(f"{dollars(line.missing_ticks)} still to buy")
    text = f"- {line.board}: {', '.join(words)}"
    where = night.link(line.film) if line.film is not None else ""
    return " ".join(filter(None, [text, f"({line.note})" if line.note else "", where]))
