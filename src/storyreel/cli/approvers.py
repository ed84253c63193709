"""
Who is asked to approve what was made, while it is shot: the person at the terminal, or nobody here.
"""

from __future__ import annotations

import asyncio
import getpass
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from rich.console import Console

from storyreel.cli.display import Display
from storyreel.console import forget_what_was_typed, say
from storyreel.delivery.places import film_files
from storyreel.errors import AwaitingApproval, MediaError
from storyreel.production.approval.review import Review
from storyreel.production.approval.status import awaits, files, sheet, sheet_place
from storyreel.production.approval.stills import Decision
from storyreel.production.prepare import Prepared

if TYPE_CHECKING:
    # It knows the client, which who only plans never loads.
    from storyreel.production.approval.gate import Approver


def approver_for(
    ready: Prepared,
    console: Console,
    display: Display | None,
    *,
    how: Callable[[Review], str],
    go_on: Callable[[Review], str],
) -> Approver:
    """
    Return who is asked to approve what was made: the person at the terminal; where none is, the one who comes later.

    Args:
        display: What is shown at the terminal meanwhile.
        how: Says by which command what was shown is approved.
        go_on: Says by which command is shot on from there.
    """
    if sys.stdin.isatty() and console.is_terminal:
        return AtTheTerminal(ready, console, display)
    return WithoutTerminal(ready, console, how, go_on)


class AtTheTerminal:
    """Asks whoever shoots: shows what was made and what would follow, and waits for a `y`."""

    def __init__(self, ready: Prepared, console: Console, display: Display | None) -> None:
        self._ready = ready
        self._console = console
        self._display = display

    async def __call__(self, review: Review) -> Decision:
        """Return what the person said; anything but a yes is a no."""
        if self._display is not None:
            self._display.hold()
        await show(self._console, self._ready, review)
        decision = await asked(self._console, review)
        if self._display is not None and decision.approve:
            self._display.show()
        return decision


class WithoutTerminal:
    """Asks nobody, since nobody is there: says by which commands a person approves and goes on."""

    def __init__(
        self, ready: Prepared, console: Console, approve: Callable[[Review], str], go_on: Callable[[Review], str]
    ) -> None:
        self._ready = ready
        self._console = console
        self._approve = approve
        self._go_on = go_on

    async def __call__(self, review: Review) -> Decision:
        """
        Show what waits.

        Raises:
            AwaitingApproval: Always.
        """
        await show(self._console, self._ready, review)
        raise AwaitingApproval(
            f"{awaits(review)} (with an approval: {review.what_follows}). Look at what was made, approve it, and shoot again:\n"
            f"  {self._approve(review)}\n  {self._go_on(review)}"
        )


async def show(console: Console, ready: Prepared, review: Review) -> None:
    """Show exactly what would be approved: each file, and all of them on one sheet."""
    say(console)
    shown = await files(ready.plan, ready.vault, review)
    for look, path in shown:
        say(console, f"  {look.step}  {path}")
        if look.decided is not None:
            say(console, f"    {look.decided.words}")
        if look.marks:
            say(console, (f"    {look.marks}; --redo {look.step} makes it anew", "yellow"))
    # A whole path: the process may work elsewhere by now.
    drawn = sheet_place(film_files(ready.out, ready.plan.board.slug, review.service).film, review)
    try:
        await sheet(shown, drawn)
    except MediaError as error:
        say(console, f"  (no sheet of them could be drawn: {' '.join(str(error).split())})")
    else:
        say(console, f"  sheet  {drawn}")
        if served := _films_url(ready):
            say(console, f"  page   {served}/{quote(drawn.parent.name)}/{quote(drawn.name)}")
    say(console, f"{review.what}, {review.so_far}")


def _films_url(ready: Prepared) -> str | None:
    """Return where the folder of films is served, if it is."""
    from storyreel.desk.discovery import running_desk

    if ready.settings.films_url is not None:
        return ready.settings.films_url
    desk = running_desk(project=ready.settings.project)
    return desk.films if desk is not None and ready.out == Path(desk.out) else None


async def asked(console: Console, review: Review) -> Decision:
    """Ask whoever is at the terminal; anything but a yes to this question is a no."""
    them = f"these {len(review.waits)} {review.noun}s" if len(review.waits) > 1 else f"this {review.noun}"
    forget_what_was_typed()
    say(console, f"approve {them} and go on ({review.what_follows})? [y/N] ", end="")
    return Decision((await _answer()).strip().lower() in ("y", "yes"), person())


async def _answer() -> str:
    """Read one line from the terminal."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def typed() -> None:
        if not line.done():
            line.set_result(sys.stdin.readline())

    # A thread that reads could not be stopped by Ctrl-C.
    loop.add_reader(sys.stdin.fileno(), typed)
    try:
        return await line
    finally:
        loop.remove_reader(sys.stdin.fileno())


def person() -> str:
    """Return who sits here, as far as the machine knows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = "somebody"
    return f"{name}@{platform.node()}"
