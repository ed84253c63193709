"""
A run as a terminal shows it: a line for each scene, with its chain, what is done about it, its seconds, its dollars and its time.

Lines are made for a window of some size, and never broken by it. They say all that they have to say without colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from storyreel.cli.progress import GOOD, MARK, TAKEN, Known, Monitor, in_words
from storyreel.model.events import is_rough
from storyreel.model.money import TICKS_PER_USD, charges, dollars
from storyreel.model.plan import Step

GAP = 2
"""Columns between two columns."""
LONGEST_CHAIN = 12
"""Steps of a scene that are shown one by one."""
WORDS_LEAST = 22
"""Columns that the words on a scene need; where there are fewer, numbers are left away."""
REQUEST = 36
"""Columns of a request id as the service writes them."""

Fate = Literal["at work", "failed", "not reached", "waits", "done", "left out"]
FATES: tuple[Fate, ...] = ("at work", "failed", "not reached", "waits", "done", "left out")
"""What becomes of a scene, and which are shown first where not all can be."""
STYLES: dict[Fate, str] = {
    "at work": "yellow",
    "failed": "red",
    "not reached": "red",
    "waits": "dim",
    "done": "green",
    "left out": "dim",
}


@dataclass(frozen=True)
class Row:
    """A scene, a member of the cast, or the film: texts for each column."""

    name: str
    chain: tuple[tuple[str, str], ...]
    words: str
    fate: Fate
    seconds: str = ""
    money: str = ""
    time: str = ""
    request: str = ""


def screen(monitor: Monitor, width: int, height: int) -> tuple[Text, ...]:
    """
    Return a run as lines for a window.

    Args:
        monitor: What is known of the run. Once it is over all scenes are shown, whatever the height.
        width: Columns of the window.
        height: Its lines, of which one stays free.
    """
    with monitor.changing:
        to_come = frozenset(step.id for step in monitor.purchases_to_come)
        rows = [*(_scene(monitor, name, steps, to_come) for name, steps in monitor.scenes.items())]
        below = _below(monitor, rows, width)
        rows += [_film(monitor, name) for name in monitor.films]
    shown, hidden = _that_fit(rows, max(1, height - 1 - len(below)), over=monitor.over)
    lines = _table(shown, rows, width)
    if hidden:
        fates = Counter(row.fate for row in hidden)
        words = ", ".join(f"{fates[fate]} {_fate(fate, fates[fate])}" for fate in FATES if fates[fate])
        lines.append(Text(cut(f"  and {len(hidden)} more: {words}", width), "dim"))
    return (*lines, *below)


def clock(seconds: float) -> str:
    """Return a time as a clock shows it: 0:07, 12:30, 1:02:03."""
    whole = max(0, int(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def about(seconds: float) -> str:
    """Return a time that is only guessed."""
    if seconds >= 7200:
        return f"about {round(seconds / 3600)} h"
    return f"about {round(seconds / 60)} min" if seconds >= 90 else f"about {max(1, round(seconds))} s"


def _fate(fate: Fate, count: int) -> str:
    return "wait" if fate == "waits" and count > 1 else fate


# --- scenes --------------------------------------------------------------------------------------------------------


def _scene(monitor: Monitor, name: str, steps: Sequence[Step], to_come: Collection[str]) -> Row:
    known = {step.id: monitor.known[step.id] for step in steps if step.id in monitor.known}
    fate = _fate_of(monitor, steps, known)
    request = next((one.event.request_id for one in known.values() if one.at_work and one.event.request_id), None)
    return Row(
        name,
        _chain(monitor, steps),
        _words(monitor, steps, known, fate),
        fate,
        seconds=_seconds(sum(step.bought_seconds for step in steps)),
        money=_money(monitor, steps, to_come),
        time=_time(monitor, known),
        request=request or "",
    )


def _fate_of(monitor: Monitor, steps: Sequence[Step], known: dict[str, Known]) -> Fate:
    if any(one.at_work for one in known.values()):
        return "at work"
    stages = {one.event.stage for one in known.values()}
    without: tuple[Fate, ...] = ("failed", "not reached", "left out")
    for fate in without:
        if fate in stages:
            return fate
    settled = all(step.id in monitor.there or (step.id in known and known[step.id].settled) for step in steps)
    return "done" if settled else "waits"


def _chain(monitor: Monitor, steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Return a mark for each step of a scene, or how many are done where there are too many of them."""
    marks = [
        MARK[monitor.known[step.id].event.stage]
        if step.id in monitor.known
        else ("=", "green")
        if step.id in monitor.there
        else (".", "dim")
        for step in steps
    ]
    if len(marks) <= LONGEST_CHAIN:
        return tuple(marks)
    done = sum(mark in ("=", "+") for mark, _ in marks)
    return ((f"{done}/{len(marks)}", ""),)


def _words(monitor: Monitor, steps: Sequence[Step], known: dict[str, Known], fate: Fate) -> str:
    """Return what is done about a scene, or why nothing is."""
    if fate in ("at work", "failed", "not reached"):
        meant = [step for step in steps if step.id in known]
        wanted = [
            step
            for step in meant
            if (known[step.id].at_work if fate == "at work" else known[step.id].event.stage == fate)
        ]
        first, more = wanted[0], len(wanted) - 1
        words = _of_step(first, known[first.id], over=monitor.over)
        return f"{words}, and {more} more" if more and fate == "at work" else words
    if fate == "waits":
        return "not begun" if monitor.over else _waits(monitor, steps)
    if fate == "left out":
        return fate
    if not any(one.event.stage == "made" for one in known.values()):
        return "reused" if known else "in the vault"
    odd = next((one.event.text for one in known.values() if one.event.stage == "made" and one.event.text), "")
    return f"made: {odd}" if odd else "made"


def _of_step(step: Step, known: Known, *, over: bool) -> str:
    event = known.event
    if over and event.stage in TAKEN:
        words = "accepted; the next run fetches it"
    elif over and known.at_work:
        words = "not sent" if event.stage == "refused" else "sent; see storyreel watch"
    elif event.stage == "accepted":
        words = "accepted"
    elif event.stage == "refused":
        words = event.text or "is to wait"
    elif event.stage == "failed":
        words = event.text or "failed"
    else:
        words = in_words(event).partition(", $")[0]
    return words if step.name == "video" else f"{step.name}: {words}"


def _waits(monitor: Monitor, steps: Sequence[Step]) -> str:
    """Return what the next step of a scene waits for, where that is another scene."""
    for step in steps:
        if step.id in monitor.there or step.id in monitor.known:
            continue
        for need in step.needs:
            other = monitor.steps[need]
            ready = need in monitor.there or (need in monitor.known and monitor.known[need].event.stage in GOOD)
            if other.scene != step.scene and not ready:
                return f"waits for {other.scene}"
        return "waits"
    return "waits"


def _money(monitor: Monitor, steps: Sequence[Step], to_come: Collection[str]) -> str:
    """Return what a scene costs this run: charges where they are known, else estimates, which is said."""
    ticks, certain = 0, True
    for step in steps:
        event = monitor.known[step.id].event if step.id in monitor.known else None
        if event is not None and event.stage in ("made", "failed"):
            # What was accepted and has an end without a charge may have cost what was expected.
            untold = event.ticks is None and (event.stage == "made" or event.request_id is not None)
            ticks += step.ticks if untold else event.ticks or 0
            certain = certain and not untold
        elif step.id in to_come and (not monitor.over or (event is not None and event.stage in TAKEN)):
            ticks += step.ticks
            certain = False
    amount = f"${ticks / TICKS_PER_USD:.{3 if monitor.fine else 2}f}"
    return f"{'' if certain else '~'}{amount}" if ticks else ""


def _time(monitor: Monitor, known: dict[str, Known]) -> str:
    """Return how long a scene has been worked at by this run; nothing where only the vault was looked into."""
    mine = [one for one in known.values() if one.at_work or one.since > one.began]
    if not mine:
        return ""
    end = monitor.clock() if any(one.at_work for one in mine) and not monitor.over else max(one.since for one in mine)
    return clock(end - min(one.began for one in mine))


def _seconds(seconds: float) -> str:
    return f"{round(seconds, 2):g} s" if seconds else ""


def _film(monitor: Monitor, name: str) -> Row:
    known = monitor.known.get(name)
    if known is None or known.event.stage == "checked":
        words = ("not begun" if is_rough(name) else "not cut") if monitor.over else "waits"
        return Row(name, ((".", "dim"),), words, "waits")
    fate: Fate = "done" if known.settled else "at work"
    time = _time(monitor, {name: known})
    return Row(name, (MARK[known.event.stage],), in_words(known.event), fate, time=time)


# --- which of them, and where --------------------------------------------------------------------------------------


def _that_fit(rows: Sequence[Row], room: int, *, over: bool) -> tuple[list[Row], list[Row]]:
    """Return the rows that have room, in the storyboard's order, and the others: those at work come first, then what failed."""
    if len(rows) <= room:
        return list(rows), []
    if over:
        # What was there before is no news; all else is shown once more, and stays on the screen.
        news = [row for row in rows if row.words not in ("reused", "in the vault")]
        return news, [row for row in rows if row not in news]
    ranked = sorted(range(len(rows)), key=lambda at: (FATES.index(rows[at].fate), at))
    chosen = set(ranked[: max(0, room - 1)])
    return [row for at, row in enumerate(rows) if at in chosen], [
        row for at, row in enumerate(rows) if at not in chosen
    ]


def _table(shown: Sequence[Row], rows: Sequence[Row], width: int) -> list[Text]:
    """Return rows as lines. Columns are as wide as all rows need, so that nothing moves when others are shown."""
    chain = max((sum(cell_len(mark) for mark, _ in row.chain) for row in rows), default=1)
    name = min(max((cell_len(row.name) for row in rows), default=0), max(12, width // 4))
    numbers: list[tuple[str, int]] = []
    left = width - chain - GAP - name - GAP
    for column, least in (("time", 5), ("money", 6), ("seconds", 4)):
        wide = max(least, *(cell_len(getattr(row, column)) for row in rows))
        if left - wide - GAP >= WORDS_LEAST:
            numbers.insert(0, (column, wide))
            left -= wide + GAP
    request = REQUEST if left - REQUEST - GAP >= 2 * WORDS_LEAST else 0
    left -= request + GAP if request else 0
    return [_line(row, chain, name, max(0, left), numbers, request) for row in shown]


def _line(row: Row, chain: int, name: int, words: int, numbers: Sequence[tuple[str, int]], request: int) -> Text:
    marks = Text.assemble(*row.chain)
    marks.append(" " * (chain - marks.cell_len + GAP))
    line = Text.assemble(marks, (_fill(row.name, name), "dim" if row.fate == "waits" else ""), " " * GAP)
    line.append(_fill(row.words, words), STYLES[row.fate])
    for column, wide in numbers:
        line.append(" " * GAP + " " * (wide - cell_len(getattr(row, column))) + getattr(row, column))
    if request:
        line.append(" " * GAP + cut(row.request, request), "dim")
    line.rstrip()
    return line


def _below(monitor: Monitor, rows: Sequence[Row], width: int) -> list[Text]:
    """Return what stands below the scenes: how many are done, the money, the time; on as many lines as that takes."""
    passed = clock(monitor.clock() - monitor.began)
    if not monitor.known:
        return [Text(cut(f"starting Prefect, {passed}", width), "dim")]
    parts = list(_parts(monitor, rows, passed))
    lines = [parts[0]]
    for part in parts[1:]:
        joined = f"{lines[-1]}   {part}"
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return [Text(cut(line, width), "dim") for line in lines]


def _parts(monitor: Monitor, scenes: Sequence[Row], passed: str) -> Iterator[str]:
    fates = Counter(row.fate for row in scenes)
    words = f"{fates['done']} of {len(scenes)} done"
    others: tuple[Fate, ...] = ("at work", "failed", "not reached")
    called = {"at work": "not fetched"} if monitor.over else {}
    yield ", ".join([words, *(f"{fates[fate]} {called.get(fate, fate)}" for fate in others if fates[fate])])
    yield money(monitor)
    if monitor.budget_ticks is not None:
        rest = monitor.budget_ticks - monitor.charged_ticks - monitor.uncharged_ticks
        yield f"{dollars(max(0, rest))} left of {dollars(monitor.budget_ticks)}"
    left = monitor.seconds_left
    yield passed if left is None else f"{passed}, {about(left)} to the last clip"


def money(monitor: Monitor) -> str:
    """Return what a run was charged so far, and what is expected to come."""
    words = charges(monitor.charged_ticks, monitor.uncharged_ticks)
    to_come = 0 if monitor.over else sum(step.ticks for step in monitor.purchases_to_come)
    return f"{words}, ~{dollars(to_come)} to come" if to_come else words


def cut(text: str, width: int) -> str:
    """Return a text in so many columns at most, whatever the width of its characters."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    if cell_len(plain) <= width:
        return plain
    return set_cell_size(plain, max(0, width - 2)).rstrip() + ".." if width > 2 else set_cell_size(plain, width)


def _fill(text: str, width: int) -> str:
    return set_cell_size(cut(text, width), width)
