"""
What is drawn anew at a terminal: only what has changed, whole pictures, and nothing over what a person has read or typed.
"""

import fcntl
import io
import os
import pty
import re
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from storyreel.catalog import load_catalog
from storyreel.cli.display import Display, Picture, shown
from storyreel.cli.progress import Monitor
from storyreel.media import measure
from storyreel.model.events import Event
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.storyboard import load

BOARD = 'scenes: [{id: coast, prompt: "A coast."}, {id: door, prompt: "A door."}, {id: stair, prompt: "A stair."}]'
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a person look, also where CI runs the tests."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def planned() -> Plan:
    """Return a plan of three scenes."""
    catalog = load_catalog()
    return plan(load(Path("small.yaml"), catalog=catalog, measure=measure, text=BOARD), catalog)


class Terminal:
    """A terminal of some size, and a console on it."""

    def __init__(self, ours: int, theirs: int) -> None:
        self._ours = ours
        self.console = Console(file=os.fdopen(theirs, "w"), force_terminal=True, markup=False, highlight=False)

    def shows(self) -> str:
        """Return all that was written to it since it was last asked."""
        os.set_blocking(self._ours, False)
        written = b""
        try:
            while piece := os.read(self._ours, 65536):
                written += piece
        except OSError:
            pass
        return written.decode()


@contextmanager
def terminal(columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    """Open a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    here = Terminal(ours, theirs)
    yield here
    here.console.file.close()
    os.close(ours)


def test_what_has_not_changed_is_not_drawn_again():
    """
    A screen on which nothing happens gets not a byte; a picture that changes is between two marks, all of it at once.
    """
    words = ["one"]
    with terminal() as screen:
        picture = Picture(screen.console, lambda: [Text(words[0])])
        picture.show()
        first = screen.shows()
        for _ in range(9):
            picture.draw()
        still = screen.shows()
        words[0] = "two"
        picture.draw()
        second = screen.shows()
        picture.hold()

    assert "one" in first
    assert "" == still
    assert second.count(BEGIN) == second.count(END) == 1
    assert re.fullmatch(rf"{re.escape(BEGIN)}.*two.*{re.escape(END)}", second, re.DOTALL)


@pytest.mark.parametrize("lines", [6, 24])
def test_a_run_at_a_terminal_is_drawn_over_itself_alone(planned: Plan, lines: int):
    """
    Each picture begins where the one before it began, in a low window too; at the end all scenes stand there.
    """
    with terminal(60, lines) as screen:
        monitor = Monitor(planned, screen.console)
        with shown(monitor):
            for step in planned.steps:
                monitor(Event(step.id, "sending"))
                monitor(Event(step.id, "making", percent=40))
            time.sleep(0.6)
            monitor(Event("coast/video", "noted", text="it is odd"))
            drawn = screen.shows()
        last = screen.shows()

    tallest = max(picture.count("\n") for picture in drawn.split(BEGIN))
    assert tallest < lines
    assert "note: coast/video: it is odd" in drawn
    assert all(f"{step.scene}  " in last for step in planned.steps)
    assert "not cut" in last


def test_what_is_asked_meanwhile_stays_on_the_screen(planned: Plan):
    """
    After a question the display goes on below it: nothing of what a person has read and said is drawn over.
    """
    with terminal() as screen:
        display = Display(Monitor(planned, screen.console))
        display.show()
        display.hold()
        screen.console.print("approve these? [y/N] y")
        screen.shows()
        display.show()
        goes_on = screen.shows()
        display.hold()

    assert "\x1b[1A" not in goes_on.partition("coast")[0]
    assert "film" in goes_on


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"CI": "true"}, {"CI": "1", "FORCE_COLOR": "1"}], ids=str)
def test_where_nothing_can_be_drawn_anew_there_are_plain_lines(
    planned: Plan, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
):
    """
    A terminal that calls itself dumb gets what a file gets, and so does CI that has one: whole lines, no control characters.
    """
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with terminal() as screen:
        monitor = Monitor(planned, screen.console)
        with shown(monitor) as display:
            monitor(Event("door/video", "made"))
        lines = screen.shows()

    assert None is display
    assert "> starting Prefect\r\n+ door/video: made\r\n" == lines


def test_a_pipe_that_is_to_be_coloured_is_no_terminal(planned: Plan, monkeypatch: pytest.MonkeyPatch):
    """
    FORCE_COLOR asks for colours, and for nothing that moves the cursor of a log.
    """
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = Console(file=io.StringIO())
    with shown(Monitor(planned, console)):
        pass

    assert console.is_terminal
    assert "> starting Prefect\n" == console.file.getvalue()  # type: ignore[attr-defined]
