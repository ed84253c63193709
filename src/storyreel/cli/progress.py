"""
What a person sees while a film is shot: a line for each step that lives in a terminal, plain lines elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from storyreel.model.events import FILM, ROUGH, Event, Stage
from storyreel.model.money import dollars
from storyreel.model.plan import Plan

MARK: dict[Stage, tuple[str, str]] = {
    "reused": ("=", "green"),
    "sending": (">", "yellow"),
    "refused": ("~", "yellow"),
    "accepted": (">", "yellow"),
    "making": (">", "yellow"),
    "fetching": ("v", "cyan"),
    "made": ("+", "green"),
    "failed": ("!", "red"),
    "not reached": ("-", "red"),
    "left out": ("-", "dim"),
    "checking": (">", "cyan"),
    "checked": (".", "dim"),
    "cutting": (">", "cyan"),
    "cut": ("+", "green"),
}
IN_WORDS: dict[Stage, str] = {"checking": "your own clips are tried out", "checked": "waits"}
QUIET: frozenset[Stage] = frozenset({"making", "fetching", "sending", "checking", "checked"})
"""Stages that are told in a terminal only; in a log they would be noise."""
ANNOUNCED: frozenset[Stage] = frozenset({"refused", "made", "reused", "cut"})
"""Stages whose text is told at once: why a step waits, what is odd about a clip, how the film is not as asked."""
SETTLED: frozenset[Stage] = frozenset({"reused", "made", "failed", "not reached", "left out", "cut"})
"""Stages after which a run does nothing more about a step."""
TAKEN: frozenset[Stage] = frozenset({"accepted", "making", "fetching"})
"""Stages in which the service has taken a request, and may charge for it."""


@dataclass
class Monitor:
    """
    The newest word on each step, and what this run has sent, made and been charged so far.

    Args:
        there: The steps whose clips were in the vault before: they wait for nothing, also where the run has not come to them.
    """

    plan: Plan
    console: Console
    there: Collection[str] = frozenset()
    newest: dict[str, Event] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    requests: int = 0
    takes: int = 0
    charged_ticks: int = 0
    uncharged_ticks: int = 0
    over: bool = False
    _counted: set[str] = field(default_factory=set, repr=False)
    """The request ids that are in the sums: the service may give one to two steps."""

    @property
    def live(self) -> bool:
        """Whether a person watches, so that lines can be drawn anew."""
        return self.console.is_terminal

    def __call__(self, event: Event) -> None:
        """Take note of what happened to a step."""
        if event.stage == "noted":
            self._note(event)
            return
        before = self.newest.get(event.step)
        if event.stage == "sending":
            self.requests += 1
        if event.stage == "reused":
            # A still is in the vault as soon as it is accepted: what this run has just bought, it does not reuse.
            event = replace(event, stage="made") if before is not None else replace(event, ticks=None)
        if event.stage == "failed" and before is None:
            # Nothing was done about this step: its end is an old one, paid for by another run.
            event = replace(event, ticks=None)
        taken = event.stage == "made" or (before is not None and before.stage in TAKEN)
        if event.stage in ("made", "failed") and event.request_id not in self._counted:
            self.takes += event.stage == "made"
            self.charged_ticks += event.ticks or 0
            if taken and event.ticks is None:
                self.uncharged_ticks += self.plan.step(event.step).ticks
            self._counted.update([event.request_id] if event.request_id is not None else [])
        self.newest[event.step] = event
        if not self.live and event.stage not in QUIET:
            self.console.print(Text(self._line(event)), soft_wrap=True)

    def _note(self, event: Event) -> None:
        """Say what changes nothing of how a step stands: at a terminal above all that is drawn anew."""
        self.console.print(Text(f"note: {event.step}: {event.text}"), soft_wrap=True)

    def __rich__(self) -> Table:
        """Draw the steps of the plan, in its order, with the newest word on each; in a low window those at work."""
        table = Table.grid(padding=(0, 2))
        steps = [*(step.id for step in self.plan.steps), *([ROUGH] if ROUGH in self.newest else [FILM])]
        shown = steps
        if len(steps) > (room := max(1, self.console.height - 3)) and not self.over:
            shown = [step for step in steps if step in self.newest and self.newest[step].stage not in SETTLED][:room]
        for step in shown:
            event = self.newest.get(step)
            if event is None:
                mark, words = self._unheard(step)
                table.add_row(Text(mark), Text(step, style="dim"), Text(words, style="dim"))
                continue
            mark, style = MARK[event.stage]
            table.add_row(Text(mark, style=style), Text(step), Text(self._words(event), style=style))
        clock = f"{time.monotonic() - self.began:.0f} s"
        if not self.newest:
            clock = f"starting Prefect, {clock}"
        if shown is not steps:
            there = len(set(self.there) - self.newest.keys())
            settled = sum(event.stage in SETTLED for event in self.newest.values()) + there
            clock = f"{settled} of {len(steps)} settled, {len(steps) - len(self.newest) - there} wait, {clock}"
        table.add_row("", "", Text(clock, style="dim"))
        return table

    def _unheard(self, step: str) -> tuple[str, str]:
        """Return mark and words of a step of which nothing was told yet."""
        if step in self.there:
            return "=", "in the vault"
        if not self.over:
            return ".", "waits"
        return ".", "not cut" if step == FILM else "not begun"

    def _line(self, event: Event) -> str:
        return f"{MARK[event.stage][0]} {event.step}: {self._words(event)}"

    def _words(self, event: Event) -> str:
        words: str = IN_WORDS.get(event.stage, event.stage)
        if event.stage == "making" and event.percent is not None:
            words = f"making {event.percent} %"
        if event.stage == "accepted" and event.request_id:
            words = f"accepted, request {event.request_id}"
        if event.ticks is not None:
            words += f", {dollars(event.ticks)}"
        # Why a step failed is told at the end, in full and once.
        announced = event.stage in ANNOUNCED and event.step != ROUGH  # what is missing of that, too
        return f"{words}: {event.text}" if event.text and announced else words


class Display:
    """A monitor that is drawn anew at a terminal, but for while somebody is asked."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._live: Live | None = None

    def show(self) -> None:
        """Begin to draw, below all that stands on the screen."""
        # A new one each time: one that goes on draws over what was said since it had stopped.
        self._live = Live(self._monitor, console=self._monitor.console, refresh_per_second=4)
        self._live.start(refresh=True)

    def hold(self) -> None:
        """Draw once more, and leave the screen to others."""
        if self._live is not None:
            self._live.stop()
            self._live = None


@contextmanager
def shown(monitor: Monitor) -> Iterator[Display | None]:
    """Show what the monitor is told, as long as this lasts; yield the display, if there is one that is drawn anew."""
    if not monitor.live:
        monitor.console.print("> starting Prefect")
        yield None
        return
    display = Display(monitor)
    display.show()
    try:
        yield display
    finally:
        monitor.over = True
        display.hold()
