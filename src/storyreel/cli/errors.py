"""
The rim of the command line: whatever is raised below becomes a line and an exit code, and output that nobody reads stops
nothing.
"""

from __future__ import annotations

import os
import re
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

INTERRUPTED = 130
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Screen(Console):
    """
    What a person reads. Text is text: what a path, a title or an id has in brackets or between colons is no markup.

    And no text commands a terminal: what the service, a file's name or a record brings along of control characters is shown
    as a mark in their place.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        # Where nobody looks at a terminal, nothing is to be broken into lines of eighty characters.
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 120
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Return what is printed, piece by piece: all that is drawn comes by here, however deep it lies."""
        for piece in super().render(renderable, options):
            plain = piece.control is not None or _CONTROL.search(piece.text) is None
            yield piece if plain else piece._replace(text=_CONTROL.sub("\ufffd", piece.text))

    def on_broken_pipe(self) -> None:
        """Go on in silence: whoever read our output has stopped reading (`| head`), which is no reason to stop a film."""
        self.quiet = True
        _silence(sys.stdout)


def at_the_rim(command: Callable[[], object]) -> int:
    """Run a command and return its exit code. Whatever it raises is told on stderr; nothing but this process's end is."""
    _open_what_is_closed()
    try:
        result = command()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException as error:
        words, code = ending(error)
        _say(words)
    else:
        code = result if isinstance(result, int) else 0
    return _flushed(code)


def ending(error: BaseException) -> tuple[str | Text, int]:
    """Return what is said of an exception that ended a command, some of it in colour, and the exit code."""
    # Where nothing goes wrong, and least of all where only help is wanted, nothing of it is loaded.
    import asyncio

    from cyclopts import CycloptsError, UnusedCliTokensError
    from rich.text import Text

    from storyreel.cli.render import broken, problems
    from storyreel.defects import known, leaves
    from storyreel.errors import SequenceFailed, SettingsFileError, StoryboardError, StoryreelError

    if isinstance(error, CycloptsError):
        command = " ".join(["storyreel", *(error.command_chain or ())])
        words = str(error)
        if isinstance(error, UnusedCliTokensError):
            more = ", ".join(map(repr, error.unused_tokens or ()))
            words = f"{command} does not take {more}: a name with spaces in it stands in quotes"
        return f"{words}\nSee: {command} --help", 2
    if all(isinstance(one, KeyboardInterrupt | asyncio.CancelledError) for one in leaves(error)):
        return "", INTERRUPTED
    if isinstance(error, BrokenPipeError) and _nobody_reads():
        return "", 0
    final, console = error if isinstance(error, StoryreelError) else known(error), Screen(stderr=True)
    if isinstance(final, StoryboardError):
        return problems(final, console), final.exit_code
    if isinstance(final, SequenceFailed):
        from storyreel.production.outcomes import RETRY

        # What was begun here has no Retry on Prefect's page: it is run again here.
        lines = (broken(Text(f"  {line.replace(RETRY, '')}"), console, "    ") for line in final.lines)
        return Text("\n").join([Text(f"storyreel: {final.head}"), *lines]), final.exit_code
    if isinstance(final, SettingsFileError):
        return "\n".join(f"storyreel: {line}" for line in final.lines), final.exit_code
    return f"storyreel: {final}", final.exit_code


def _nobody_reads() -> bool:
    """Whether it was our own output that broke off, and not some other pipe."""
    try:
        sys.stdout.flush()
        # What is not buffered has nothing left to flush: the pipe itself says that its reader is gone.
        output = select.poll()
        output.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _, event in output.poll(0))
    except BrokenPipeError:
        return True
    except (OSError, ValueError, AttributeError):
        return False  # nor does it where the system has no `poll`


def _say(words: str | Text) -> None:
    if words:
        with suppress(OSError, ValueError):
            Screen(stderr=True).print(words, soft_wrap=True)


def _open_what_is_closed() -> None:
    """
    Put the null device where a stream was closed before we began.

    Else the next file that is opened would be the stream: what is printed would go into a vault's record.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            there = os.open(os.devnull, os.O_RDWR)
            if there != number:
                os.dup2(there, number)
                os.close(there)
        stream: TextIO | None = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False, encoding="utf-8"))
    for output in (sys.stdout, sys.stderr):
        # A name that is no UTF-8, or a terminal that knows no accents, is no reason to stop.
        with suppress(AttributeError, ValueError, OSError):
            output.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _flushed(code: int) -> int:
    """Write what is still to be written; Python would do it later, and end with a code of its own where it cannot."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except (OSError, ValueError) as error:
        _silence(sys.stdout)
        words, failed = ending(error)
        _say(words)
        code = code or failed
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    return code


def _silence(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
