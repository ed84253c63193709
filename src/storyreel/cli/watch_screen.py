"""
What runs are doing, as a terminal and as lines: made for a window of some size, and never broken by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from storyreel.cli.run_screen import cut
from storyreel.model.money import TICKS_PER_USD, dollars
from storyreel.production.retry_wait import length
from storyreel.production.watch_data import WatchData, WatchedRun, WatchedState, WatchedStep

MARK: dict[WatchedState, tuple[str, str]] = {
    "claimed": (">", "yellow"),
    "accepted": (">", "yellow"),
    "made": ("+", "green"),
    "failed": ("!", "red"),
    "moderated": ("!", "red"),
    "expired": ("!", "red"),
    "missing": ("!", "red"),
    "refused": ("~", "yellow"),
    "lost": ("-", "dim"),
    "unknown": ("?", "red"),
}
ENDED = frozenset({"made", "failed", "moderated", "expired", "missing", "refused", "lost"})
GAP = "  "


def screen(data: WatchData, now: datetime, width: int, height: int | None, board: str = "BOARD") -> tuple[Text, ...]:
    """
    Return what runs are doing as lines for a window.

    Args:
        now: To when ages are counted.
        width: Columns of the window.
        height: Its lines, of which one stays free; None for as many as it takes.
        board: What the storyboard is called in a command; only who watches one knows its file.
    """
    head = Text(cut(f"{data.vault}  {now:%H:%M:%S} UTC", width), "dim")
    passed = max(0.0, (now - datetime.fromisoformat(data.at)).total_seconds())
    steps = [step for run in data.runs for step in run.steps]
    name = min(max((cell_len(step.step) for step in steps), default=0), max(12, width * 9 // 20))
    money = max((cell_len(_money(step)) for step in steps), default=0)
    body = [(line, keeps) for run in data.runs for line, keeps in _run(run, passed, width, name, money, board)]
    below = [*(Text(cut(damaged, width), "red") for damaged in data.damaged[:3]), Text(cut(_sums(data), width), "bold")]
    room = None if height is None else max(1, height - 2 - len(below))
    if room is not None and len(body) > room:
        # What has come to its end is the first that can be missed.
        ranked = sorted(range(len(body)), key=lambda at: (not body[at][1], at))
        shown = set(ranked[: room - 1])
        more = len(body) - len(shown)
        body = [line for at, line in enumerate(body) if at in shown]
        body.append((Text(cut(f"  and {more} more lines", width), "dim"), True))
    return (head, *(line for line, _ in body), *below)


def news(before: WatchData | None, data: WatchData) -> Iterator[str]:
    """Yield what has changed between two looks, a line for each; at the first look all that there is."""
    known = {(run.run, step.step): step.state for run in (before.runs if before else ()) for step in run.steps}
    states = {run.run: (run.state, run.waits) for run in (before.runs if before else ())}
    if before is None:
        yield f"{data.at} {data.vault}: {_sums(data)}"
    for run in data.runs:
        for step in run.steps:
            if known.get((run.run, step.step)) != step.state:
                yield f"{data.at} {run.board} {run.run[:8]} {step.step} {_in_words(step)}"
        if states.get(run.run) != (run.state, run.waits) and (run.state != "under way" or run.waits):
            yield f"{data.at} {run.board} {run.run[:8]} {run.state}{f', waits for a person: {run.waits}' if run.waits else ''}"
    for damaged in data.damaged if before is None or before.damaged != data.damaged else ():
        yield f"{data.at} damaged: {damaged}"


def _run(run: WatchedRun, passed: float, width: int, name: int, money: int, board: str) -> Iterator[tuple[Text, bool]]:
    """Yield the lines of a run, each with whether it is about something that goes on or waits."""
    rehearsal = ", a rehearsal" if run.service == "sandbox" else ""
    gone = ": what it sent is fetched by the next run" if run.state in ("gone", "silent") and not run.is_over else ""
    words = f"{run.board or 'a storyboard'}  run {run.run[:8]} on {run.host}{rehearsal}, {run.state}{gone}"
    yield Text(cut(words, width), "" if not run.is_over else "dim"), not run.is_over
    for step in run.steps:
        mark, style = MARK[step.state]
        age = length(step.age_s + passed)
        facts = f"{set_cell_size(_short(step.step, name), name)}{GAP}{step.state:<9}{GAP}{age:>6}{GAP}{_money(step):>{money}}"
        line = Text.assemble("  ", (f"{mark} ", style), facts)
        line.append(f"{GAP}{_more(step, width - line.cell_len - len(GAP))}", "dim")
        line.rstrip()
        line.plain = cut(line.plain, width)
        yield line, step.state not in ENDED
        if step.state == "unknown":
            sandbox = " --sandbox" if run.service == "sandbox" else ""
            yield (
                Text(cut(f"    its answer was lost: storyreel resolve {board} {step.step}{sandbox}", width), "yellow"),
                True,
            )
    if run.waits:
        yield Text(cut(f"  ? waits for a person: {run.waits}", width), "yellow"), True


def _short(step: str, width: int) -> str:
    """Return the name of a step in so many columns: what of it is cut out is the middle, since scene and step stand at its end."""
    if cell_len(step) <= width:
        return step
    end = step[-(width * 2 // 3) :]
    return f"{cut(step, width - cell_len(end))}{end}"


def _more(step: WatchedStep, room: int) -> str:
    """Return why a request has no clip, or its id: whole, so that it can be copied, or else only its beginning."""
    request = step.request_id or ""
    return step.why or (request if cell_len(request) <= room else request[:8])


def _money(step: WatchedStep) -> str:
    amount = dollars(round(step.usd * TICKS_PER_USD))
    return amount if step.charged else f"~{amount}" if step.usd else ""


def _in_words(step: WatchedStep) -> str:
    request = f", request {step.request_id}" if step.request_id is not None else ""
    money = f", {_money(step)}" if step.usd else ""
    since = f" {length(step.age_s)} ago" if step.age_s >= 10 else ""
    return f"{step.state}{since}{request}{money}{f': {step.why}' if step.why else ''}"


def _sums(data: WatchData) -> str:
    states = Counter(step.state for run in data.runs for step in run.steps)
    person = states["unknown"] + sum(bool(run.waits) for run in data.runs)
    failed = sum(states[state] for state in ("failed", "moderated", "expired", "missing"))
    words = [f"{states['claimed'] + states['accepted']} under way"]
    words += [f"{person} {'waits' if person == 1 else 'wait'} for you"] if person else []
    words += [f"{states['made']} made"] if states["made"] else []
    words += [f"{failed} failed"] if failed else []
    # What is rehearsed is billed by nobody, and no part of what is.
    billed = [run for run in data.runs if run.service == "xai"] or data.runs
    charged = sum(step.usd for run in billed for step in run.steps if step.charged)
    open_ = sum(step.usd for run in billed for step in run.steps if not step.charged and step.state not in ENDED)
    money = f"{dollars(round(charged * TICKS_PER_USD))} charged" if charged else ""
    money += f"{', ' if money else ''}~{dollars(round(open_ * TICKS_PER_USD))} to come" if open_ else ""
    return f"{', '.join(words)}{f'   {money}' if money else ''}"
