"""
What a person sees while a film is shot: a line for each step that lives in a terminal, plain lines elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from storyreel.cli.screen import dollars
from storyreel.reel import Plan
from storyreel.studio.events import Event, Stage

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
    "cutting": (">", "cyan"),
    "cut": ("+", "green"),
}
QUIET: frozenset[Stage] = frozenset({"making", "fetching", "sending"})
"""Stages that are told in a terminal only; in a log they would be noise."""


@dataclass
class Board:
    """The newest word on each step."""

    plan: Plan
    live: bool
    console: Console
    said: dict[str, Event] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    requests: int = 0

    def __call__(self, event: Event) -> None:
        """Take note of what happened to a step."""
        before = self.said.get(event.step)
        if event.stage == "sending":
            self.requests += 1
        if event.stage == "reused":
            # A still is in the vault as soon as it is accepted: what this run has just bought, it does not reuse.
            event = replace(event, stage="made") if before is not None else replace(event, ticks=None)
        self.said[event.step] = event
        if not self.live and event.stage not in QUIET:
            self.console.print(Text(self._line(event)), soft_wrap=True)

    def __rich__(self) -> Table:
        """Draw the steps of the plan, in its order, with the newest word on each."""
        table = Table.grid(padding=(0, 2))
        for step in [*(step.id for step in self.plan.steps), "film"]:
            event = self.said.get(step)
            if event is None:
                table.add_row(Text("."), Text(step, style="dim"), Text("waits", style="dim"))
                continue
            mark, style = MARK[event.stage]
            table.add_row(Text(mark, style=style), step, Text(self._words(event), style=style))
        table.add_row("", "", Text(f"{time.monotonic() - self.began:.0f} s", style="dim"))
        return table

    def _line(self, event: Event) -> str:
        return f"{MARK[event.stage][0]} {event.step}: {self._words(event)}"

    def _words(self, event: Event) -> str:
        words: str = event.stage
        if event.stage == "making" and event.percent is not None:
            words = f"making {event.percent} %"
        if event.stage == "accepted" and event.request_id:
            words = f"accepted, request {event.request_id}"
        if event.ticks is not None:
            words += f", {dollars(event.ticks)}"
        # Why a step failed is told at the end, in full and once.
        return f"{words}: {event.text}" if event.text and event.stage == "refused" else words


@contextmanager
def progress(plan: Plan, console: Console) -> Iterator[Board]:
    """Show the steps of a plan while they are made; the board is what they are told to."""
    board = Board(plan, live=console.is_terminal, console=console)
    if not board.live:
        yield board
        return
    with Live(board, console=console, refresh_per_second=4, transient=False):
        yield board
