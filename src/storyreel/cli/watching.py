"""
Watch what runs are doing: one look, or one after the other until Ctrl-C.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from storyreel.cli.closed import say_if_closed
from storyreel.cli.display import Picture
from storyreel.cli.errors import Screen
from storyreel.cli.render import print_json
from storyreel.cli.watch_screen import news, screen
from storyreel.console import redraws, say
from storyreel.errors import SettingsError
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import as_words
from storyreel.production.prepare import prepare_all
from storyreel.production.watch_data import Watch, WatchData
from storyreel.settings import read_settings, vault_from
from storyreel.vault import open_vault
from storyreel.vault.services import SERVICES


def watch_runs(
    board: Path | None,
    given: Mapping[str, str],
    variant: Sequence[str],
    vault: str | None,
    *,
    sandbox: bool,
    once: bool,
    every: float,
    as_json: bool,
) -> int:
    """
    Watch runs, and return the exit code.

    Raises:
        SettingsError: So often nobody looks; or texts are given for the variables of no storyboard.
        VaultError: The vault cannot be read.
    """
    if not 0.2 <= every <= 3600:
        raise SettingsError(f"--every {every:g}: 0.2 to 3600 seconds lie between two looks")
    watching = _watch(board, given, variant, vault, sandbox)
    asyncio.run(say_if_closed(watching.vault))
    if as_json:
        print_json(asyncio.run(watching.look()))
        return 0
    words = (
        []
        if board is None
        else [str(board), *(word for name in variant for word in ("--variant", name)), *as_words(given)]
    )
    console, named = Screen(), shlex.join(words) or "BOARD"
    if once:
        lines = screen(asyncio.run(watching.look()), datetime.now(UTC), console.width, None, named)
        console.print(Text("\n").join(lines), soft_wrap=True)
        return 0
    try:
        if redraws(console):
            asyncio.run(_redrawn(watching, console, every, named))
        else:
            asyncio.run(_in_lines(watching, console, every))
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # that is how it ends
    return 0


def _watch(
    board: Path | None, given: Mapping[str, str], variant: Sequence[str], address: str | None, sandbox: bool
) -> Watch:
    services: Sequence[ServiceName] = ("sandbox",) if sandbox else SERVICES
    if board is not None:
        every = prepare_all(board, vault=address, root=Path.cwd(), given=given, variant=variant, to_look=True)
        return Watch(every[0].vault, services, {ready.plan.board.slug for ready in every})
    if given or variant:
        raise SettingsError(f"{'--var' if given else '--variant'} is of a storyboard: name it")
    settings = read_settings()
    opened = open_vault(vault_from(Path.cwd(), address or settings.vault), cache=settings.cache, to_look=True)
    return Watch(opened, services)


async def _redrawn(watching: Watch, console: Console, every: float, board: str) -> None:
    """Draw what runs are doing, and draw it anew where it has changed."""
    newest = [await watching.look()]
    picture = Picture(console, lambda: screen(newest[0], datetime.now(UTC), console.width, console.height, board))
    picture.show()
    try:
        await _again(watching, every, lambda data: newest.__setitem__(0, data))
    finally:
        picture.hold()


async def _in_lines(watching: Watch, console: Console, every: float) -> None:
    """Print what has changed since the last look, a line for each."""
    before: list[WatchData | None] = [None]

    def tell(data: WatchData) -> None:
        for line in news(before[0], data):
            say(console, line)
        console.file.flush()
        before[0] = data

    tell(await watching.look())
    await _again(watching, every, tell)


async def _again(watching: Watch, every: float, tell: Callable[[WatchData], None]) -> None:
    while True:
        await asyncio.sleep(every)
        tell(await watching.look())
