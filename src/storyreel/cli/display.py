"""
A run on the screen while it goes on: drawn anew where a person watches, a plain line now and then where nobody does.

Only what has changed since is drawn, and all of it at once, so that nothing flickers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleRenderable, Group
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType, Segment
from rich.text import Text

from storyreel.cli.progress import Monitor, in_words
from storyreel.cli.run_screen import clock, money, screen
from storyreel.console import say

EVERY_S = 0.25
"""How often it is looked whether anything has changed."""
PULSE_S = 60.0
"""How long nothing is said where nobody watches: some that run others' commands end what is silent for ten minutes."""

_AT_ONCE = "\x1b[?2026h", "\x1b[?2026l"
"""Between these a terminal shows nothing half drawn. One that does not know them passes over them. Source: the synchronized
output of terminals, mode 2026 (Contour, kitty, iTerm2, tmux 3.4), read 2026-11-28."""


class Picture:
    """Lines at the bottom of a terminal that are drawn anew, below all that is printed meanwhile."""

    def __init__(self, console: Console, lines: Callable[[], Sequence[Text]]) -> None:
        self._console = console
        self._lines = lines
        self._live: Live | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawn: object = None

    def show(self) -> None:
        """Begin to draw, below all that stands on the screen."""
        # A new one each time: one that goes on draws over what was printed since it had stopped.
        self._live, self._drawn = _AllAtOnce(console=self._console, auto_refresh=False), None
        self._live.start()
        self.draw()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, args=(self._stopped,), name="display", daemon=True)
        self._thread.start()

    def draw(self) -> None:
        """Draw what has changed, if anything has."""
        lines = self._lines()
        looks = (self._console.size, [(line.plain, line.spans, line.style) for line in lines])
        if self._live is not None and looks != self._drawn:
            self._live.update(_group(lines), refresh=True)
            self._drawn = looks

    def hold(self) -> None:
        """Draw once more, and leave the screen to others."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self._live is not None:
            self.draw()
            self._live.stop()
        self._live = self._thread = None

    def _go_on(self, stopped: threading.Event) -> None:
        while not stopped.wait(EVERY_S):
            self.draw()


class Display(Picture):
    """A run that is drawn anew at a terminal, but for while somebody is asked."""

    def __init__(self, monitor: Monitor) -> None:
        console = monitor.console
        super().__init__(console, lambda: screen(monitor, console.width, console.height))


class _AllAtOnce(Live):
    """Has each of its pictures shown when it is whole."""

    def process_renderables(self, renderables: list[Any]) -> list[Any]:
        begin, end = (_Code(code) for code in _AT_ONCE)
        return [begin, *super().process_renderables(renderables), end]


class _Code(Control):
    """A code for the terminal that rich has no name for. It takes no room."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.segment = Segment(code, None, [(ControlType.BELL,)])


def _group(lines: Sequence[Text]) -> ConsoleRenderable:
    for line in lines:
        line.no_wrap, line.overflow = True, "crop"
    return Group(*lines)


@contextmanager
def shown(monitor: Monitor) -> Iterator[Display | None]:
    """Show what the monitor knows, as long as this lasts; yield the display, if there is one that is drawn anew."""
    if not monitor.live:
        say(monitor.console, "> starting Prefect")
        with _pulse(monitor):
            yield None
        return
    display = Display(monitor)
    display.show()
    try:
        yield display
    finally:
        monitor.over = True
        display.hold()


@contextmanager
def _pulse(monitor: Monitor) -> Iterator[None]:
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(PULSE_S):
            monitor.console.print(Text(pulse(monitor)), soft_wrap=True)

    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def pulse(monitor: Monitor) -> str:
    """Return how a run stands in a line, for whoever reads it later: what is at work, the money, the time."""
    with monitor.changing:
        busy = [f"{step} {in_words(known.event)}" for step, known in monitor.known.items() if known.at_work]
        shown = "; ".join(busy[:3]) + (f"; and {len(busy) - 3} more" if len(busy) > 3 else "")
        return f". {clock(monitor.clock() - monitor.began)}: {shown or 'nothing is at work'}; {money(monitor)}"
