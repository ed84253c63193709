"""
The report of a night: what became of each film of it, what it cost, and what a person has to look at.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyreel.model.money import dollars
from storyreel.production.dailies import Line, Night


def headline(lines: Sequence[Line]) -> str:
    """Return what became of all storyboards, in one line: how many, and which are not current."""
    bad = [line for line in lines if not line.good]
    if not bad:
        return f"{len(lines)} of {len(lines)} films are current"
    named = ", ".join(f"{line.board} ({line.fate})" for line in bad)
    return f"{len(bad)} of {len(lines)} films are not current: {named}"


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


def _plain(text: str) -> str:
    """Return text that means nothing but itself in Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
