"""
The pages of a folder's storyboards, for a server that shows them: each as it is now, and what people write on it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from storyreel.catalog import Catalog
from storyreel.delivery.page.boards import ListedBoard, Look, NoteChange, NothingThere
from storyreel.delivery.page.notes import MOST, notes_place, read_notes, write_notes
from storyreel.delivery.page.pictures import Pictures
from storyreel.delivery.page.shelf import Drawn, Shelf
from storyreel.errors import SettingsError, StoryreelError
from storyreel.files.regular import WORDS_MOST, read_plain
from storyreel.files.storyboards import storyboards_of
from storyreel.model.recipe import ServiceName
from storyreel.production.approval.named import StillsAsked
from storyreel.production.approval.status import gate_of
from storyreel.production.boards_data import BoardState, BoardStatus, boards_data
from storyreel.production.outlook import forecast
from storyreel.production.page_data import page_of
from storyreel.production.page_waiting import small_looks
from storyreel.production.prepare import Prepared
from storyreel.production.read_plan import read_plans
from storyreel.settings import Settings
from storyreel.vault import Vault, open_vault

WORST_FIRST: tuple[BoardState, ...] = ("wrong", "failed", "waits", "stale", "never shot", "current")
SERVICES: tuple[ServiceName, ...] = ("xai", "sandbox")
SCENES = re.compile(rb"^scenes\s*:", re.MULTILINE)
"""What every storyboard has: a YAML file that cannot be read and has it not is somebody else's."""


@dataclass(frozen=True)
class Folders:
    """
    Where the storyboards are, and what is made of them, as whole paths.

    Args:
        root: Where relative paths start.
        boards: The folders that have storyboards, one at least.
        out: The folder for films.
        vault: The address of the vault.
    """

    root: Path
    boards: tuple[Path, ...]
    out: Path
    vault: str


class BoardPages:
    """The pages of the storyboards of some folders."""

    def __init__(self, folders: Folders, settings: Settings, catalog: Catalog, *, by: str = "") -> None:
        """
        Args:
            by: Who writes on them, as far as it is known.
        """
        self._folders = folders
        self._by = by
        self._settings = replace(settings, root=folders.root, out=folders.out)
        self._catalog = catalog
        self._boards: dict[str, Path] = {}
        self._media: dict[tuple[str, ServiceName], Drawn] = {}
        self._turn = asyncio.Lock()

    @cached_property
    def _vault(self) -> Vault:
        """The vault, to look at; where there is no storyboard none is opened."""
        return open_vault(self._folders.vault, cache=self._settings.cache, to_look=True)

    async def listed(self) -> tuple[ListedBoard, ...]:
        """Return how each storyboard stands, real and rehearsed; what cannot be read is there with its reason."""
        boards = await asyncio.to_thread(lambda: [*self._files()])
        if not boards:
            return ()
        every = await asyncio.to_thread(self._every)
        return tuple([each for service in SERVICES for each in await self._conditions(boards, every, service)])

    async def drawn(self, slug: str, service: ServiceName) -> Drawn:
        """
        Return a board's page as it is now, and its files.

        Raises:
            NothingThere: No storyboard gives a film of this name.
        """
        ready = await asyncio.to_thread(self._prepared, slug)
        drawn = await page_of(ready, service)
        self._media[slug, service] = drawn
        return drawn

    async def media(self, slug: str, service: ServiceName, name: str) -> Path | None:
        """Return a file that the page shows under a name; None if it shows none."""
        drawn = self._media.get((slug, service)) or await self.drawn(slug, service)
        return drawn.media.get(name)

    async def note(self, slug: str, service: ServiceName, change: NoteChange) -> None:
        """
        Add a note on a film, or remove one.

        Raises:
            NothingThere: There is no such board.
            SettingsError: There are too many.
            MediaError: They cannot be read or written.
        """
        ready = await asyncio.to_thread(self._prepared, slug)
        drawn = self._media.get((slug, service)) or await self.drawn(slug, service)
        place = notes_place(self._folders.out, slug, service)
        async with self._turn:
            notes = [note for note in read_notes(place) if note.id not in (change.remove, change.add and change.add.id)]
            notes += [change.add] if change.add is not None else []
            if len(notes) > MOST:
                raise SettingsError(f"there are {MOST} notes on {slug}: remove some first")
            rates = {film.name: film.fps for film in drawn.page.films}
            await asyncio.to_thread(write_notes, notes, place, title=ready.plan.board.title, rates=rates)

    async def judge(
        self, slug: str, service: ServiceName, key: str, *, seen: int, approve: bool, note: str = ""
    ) -> None:
        """
        Write down what a person says of one still that waits.

        Args:
            key: The request id of the take that they were shown: another one is not approved by it.
            seen: How many words on it they had seen: a rejection that came since is not overruled.

        Raises:
            NothingThere: There is no such board.
            SettingsError: It does not wait, or is another one by now.
            VaultError: It cannot be written.
        """
        ready = await asyncio.to_thread(self._prepared, slug)
        vault = open_vault(self._folders.vault, cache=self._settings.cache)
        asked = StillsAsked(ready.plan, vault, service, ready.allowed)
        state = await asked.state()
        names = ([key], []) if approve else ([], [key])
        good, bad = (
            [replace(look, words=look.words[:seen]) for look in looks]
            for looks in asked.meant(state, *names, flags=("approved:", "rejected:"))
        )
        words = await asked.decide(good, bad, by=self._by, note=note, door="page")
        if words.overruled:
            who = ", ".join(look.decided.words for look in words.overruled if look.decided is not None)
            raise SettingsError(f"{slug}: it was {who}, after this page was drawn, so nothing was approved; look again")

    def _files(self) -> Iterator[Path]:
        """Yield the storyboards, each as a person would write it: from the root where it lies below that."""
        for folder in self._folders.boards:
            for path in storyboards_of(folder) if folder.is_dir() else ():
                yield path.relative_to(self._folders.root) if path.is_relative_to(self._folders.root) else path

    def _prepared(self, slug: str) -> Prepared:
        """Return the plan of the film of this name. Which storyboard has it is looked up once; what that says is read anew each time."""
        board = self._boards.get(slug)
        ready = self._read(board).get(slug) if board is not None else None
        if ready is None:
            ready = self._every().get(slug)
        if ready is not None:
            return ready
        raise NothingThere(f"no storyboard here gives a film that is called {slug}")

    def _every(self) -> dict[str, Prepared]:
        """Return the plan of every film, by name; of two of one name that of the first storyboard."""
        every: dict[str, Prepared] = {}
        for board in self._files():
            for slug, ready in self._read(board).items():
                if every.setdefault(slug, ready) is ready:
                    self._boards[slug] = board
        return every

    def _read(self, board: Path) -> dict[str, Prepared]:
        try:
            plans = read_plans(board, self._catalog, root=self._folders.root)
        except (StoryreelError, OSError):
            return {}
        return {
            plan.board.slug: Prepared(settings=self._settings, catalog=self._catalog, plan=plan, vault=self._vault)
            for plan in plans
        }

    async def _conditions(
        self, boards: Sequence[Path], every: Mapping[str, Prepared], service: ServiceName
    ) -> list[ListedBoard]:
        root = self._folders.root
        data = await boards_data(
            [root / board for board in boards], "", self._catalog, self._vault, service, self._folders.out
        )
        named = {board.name: board for board in boards}
        by_slug: dict[str, list[BoardStatus]] = {}
        for line in data.boards:
            by_slug.setdefault(line.slug or line.board, []).append(line)
        listed = []
        for lines in by_slug.values():
            worst = min(lines, key=lambda line: WORST_FIRST.index(line.state))
            if worst.state == "wrong" and (service != "xai" or not _is_storyboard(root / named[worst.board])):
                continue
            listed.append(await self._listed(worst, lines, every.get(worst.slug), service))
        return listed

    async def _listed(
        self, worst: BoardStatus, lines: Sequence[BoardStatus], ready: Prepared | None, service: ServiceName
    ) -> ListedBoard:
        title = worst.slug or worst.board
        looks: tuple[Look, ...] = ()
        if ready is not None:
            title = ready.plan.board.title
            looks = await self._looks(ready, service) if worst.state == "waits" else ()
        usd = sum(line.usd for line in lines)
        return ListedBoard(
            slug=worst.slug,
            title=title,
            board=worst.board,
            service=service,
            state=worst.state,
            why=worst.why,
            to_buy=f"${usd:.2f}" if usd else "",
            looks=looks,
        )

    async def _looks(self, ready: Prepared, service: ServiceName) -> tuple[Look, ...]:
        vault: Vault = ready.vault
        outlook = await forecast(ready.plan, vault, service, allowed=ready.allowed)
        gate = await gate_of(ready.plan, vault, service, outlook, allowed=ready.allowed)
        shelf = Shelf(vault, Pictures(vault))
        return tuple([Look(step=step, picture=picture) for step, picture in await small_looks(ready.plan, gate, shelf)])


def _is_storyboard(path: Path) -> bool:
    try:
        return SCENES.search(read_plain(path, WORDS_MOST)) is not None
    except OSError:
        return False
