"""
Words on a person's terminal: printed as they are, counted, asked.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from contextlib import suppress

from rich.console import Console
from rich.text import Text


def counted(count: int, what: str) -> str:
    """Return a number of things: `1 step`, `2 steps`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def redraws(console: Console) -> bool:
    """
    Whether a person looks at a terminal on which lines can be drawn anew.

    Not in CI, which keeps what was drawn over, whatever it says of colours (FORCE_COLOR) and of terminals; nor where a terminal
    calls itself dumb.
    """
    if (
        not console.is_terminal
        or console.is_dumb_terminal
        or os.environ.get("CI", "").lower() not in ("", "0", "false")
    ):
        return False
    return console.file.isatty()


def say(console: Console, *words: str | tuple[str, str], end: str = "\n") -> None:
    """Print words as they are, some with a style. Lines are broken by the terminal, so that paths can be copied."""
    console.print(Text.assemble(*words), soft_wrap=True, end=end)


def forget_what_was_typed() -> None:
    """Throw away what was typed at a terminal before a question: it is no answer to it."""
    with suppress(ImportError, OSError):
        import termios

        with suppress(termios.error):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def agreed(console: Console, question: str) -> bool:
    """
    Ask a person; anything but a yes to this question is a no, and so is the end of what they type, and what is no text.

    Raises:
        KeyboardInterrupt: They have pressed Ctrl-C. The loop of asyncio would note it, and go on waiting for the answer.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if _is_interrupted():
            raise KeyboardInterrupt
        forget_what_was_typed()
        say(console, f"{question} [y/N] ", end="")
        _wait_for_a_line()
        return input().strip().lower() in ("y", "yes")
    except (EOFError, UnicodeDecodeError):
        return False
    finally:
        signal.signal(signal.SIGINT, before)


def _wait_for_a_line() -> None:
    """
    Wait until a line was typed, and look up ten times a second.

    Whoever reads at once does not hear a Ctrl-C that came a moment before the read began, or that the system has given to another
    thread: Python notes it, and acts on it when the read is over.
    """
    with suppress(ImportError, OSError):
        import termios  # noqa: F401 - where there is none, a terminal cannot be waited for

        while not select.select([sys.stdin], [], [], 0.1)[0]:
            pass


def _is_interrupted() -> bool:
    """Whether Ctrl-C was pressed a moment ago, which the loop of asyncio has noted and the task has yet to learn."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0
