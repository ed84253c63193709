"""
How the storyboards of a folder stand, as a person reads it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.text import Text

from storyreel.catalog import load_catalog
from storyreel.cli.closed import say_if_closed
from storyreel.cli.render import amount, print_table
from storyreel.console import counted, say
from storyreel.errors import SettingsError
from storyreel.files.storyboards import storyboards_of
from storyreel.model.storyboard import MASTER
from storyreel.production.boards_data import BoardsData, BoardState, BoardStatus, boards_data
from storyreel.production.service import service_asked
from storyreel.settings import read_settings, vault_from
from storyreel.vault import open_vault

STYLES: dict[BoardState, str] = {
    "wrong": "red",
    "failed": "red",
    "waits": "yellow",
    "stale": "yellow",
    "never shot": "dim",
    "current": "green",
}


async def read_folder(folder: Path, address: str | None, out: Path | None, sandbox: bool) -> BoardsData:
    """
    Return how the storyboards of a folder stand.

    Raises:
        SettingsError: There is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"there is no folder {folder}; name the one that has the storyboards, such as storyboards")
    settings, boards = read_settings(folder=Path.cwd() / folder), storyboards_of(folder)
    catalog = load_catalog(settings.catalog)
    opened = open_vault(vault_from(Path.cwd(), address or settings.vault), cache=settings.cache, to_look=True)
    await say_if_closed(opened)
    service = await service_asked(settings, catalog, opened, sandbox=sandbox)
    return await boards_data(boards, str(folder), catalog, opened, service, Path.cwd() / (out or settings.out))


def show(console: Console, data: BoardsData) -> None:
    """Show how storyboards stand, a row for each film."""
    if not data.boards:
        say(console, f"There is no storyboard in {data.folder}.")
        return
    fine = any(round(board.usd * 1000) % 10 for board in data.boards)
    films = Counter(board.board for board in data.boards)
    several = max(films.values()) > 1
    rows = [_row(board, fine=fine, several=several, alone=films[board.board] == 1) for board in data.boards]
    heads = ("storyboard", *(["film"] if several else []), "state", "to buy", "price", "why")
    print_table(console, heads, rows, numbers=("to buy", "price"), last=24 if several else 30)
    states = Counter(board.state for board in data.boards)
    buy, usd = sum(board.buy for board in data.boards), sum(board.usd for board in data.boards)
    # Three storyboards wait, where one waits.
    words = [
        f"{states[state]} {'wait' if state == 'waits' and states[state] > 1 else state}"
        for state in reversed(STYLES)
        if states[state]
    ]
    say(console, (", ".join(words), "bold"), f"   to buy: {counted(buy, 'request')}, {amount(usd)}")
    say(console, f"vault: {data.vault} ({'rehearsals' if data.service == 'sandbox' else 'the real API'})")


def _row(board: BoardStatus, *, fine: bool, several: bool, alone: bool) -> list[Text]:
    film = "" if alone else ":".join(filter(None, [board.variant, board.delivery])) or MASTER
    return [
        Text(board.board),
        *([Text(film)] if several else []),
        Text(board.state, STYLES[board.state]),
        Text(str(board.buy) if board.buy else ""),
        Text(f"${board.usd:.{3 if fine else 2}f}" if board.buy else ""),
        Text(board.why),
    ]
