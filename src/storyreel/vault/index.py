"""
The index: which request was last claimed for a step of a storyboard, or taken by it from whoever had claimed it, so that a plan can
say what has changed since.

It decides nothing. A mark is made before its claim or long after, and by nobody between a claim and its answer: missing, damaged or
ahead of its claim it costs the reason alone. What was sent stands in the claims; marks only lead there, and all that a
mark says is in its name, so that one listing tells everything of a storyboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from storyreel.errors import RecordDamaged, VaultError
from storyreel.model.recipe import ServiceName
from storyreel.vault.attempts import Attempts
from storyreel.vault.paths import index_folder, mark_key, segment, slate_folder
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import read_back, written
from storyreel.vault.records import Claim, Record
from storyreel.vault.services import Services

_NAME = re.compile(
    r"(?P<step>[^@]+)@(?P<at>[0-9]{8}T[0-9]{12})-(?P<fingerprint>[0-9a-f]{64})-(?P<attempt>[1-9][0-9]*)\.json"
)


class Mark(Record):
    """
    An attempt is about to be claimed for a step of a storyboard, or is what it has. All of it stands in its name, too.

    Args:
        board: The storyboard's slug; empty where the claim that it was made from names none.
    """

    service: ServiceName
    board: str
    step: str
    fingerprint: str
    attempt: int


@dataclass(frozen=True, order=True)
class Marked:
    """The name of a mark, read: `at` sorts as time does, and `step` is the step's id as names in the vault have it."""

    at: str
    step: str
    fingerprint: str
    attempt: int

    @property
    def request(self) -> tuple[str, int]:
        """What was to be claimed: a fingerprint, and the number of an attempt."""
        return self.fingerprint, self.attempt

    def is_before(self, claim: Claim) -> bool:
        """Whether it was made for a claim, and not when a step took what had been claimed before."""
        return self.at <= _at(claim.at)


class Index:
    """Marks by storyboard and step, the newest last."""

    def __init__(self, records: RecordStore, *, attempts: Attempts, services: Services) -> None:
        self._records = records
        self._store = records.store
        self._attempts = attempts
        self._services = services
        self._newest: dict[str, dict[str, Marked]] = {}

    async def mark(self, service: ServiceName, board: str, step: str, fingerprint: str, attempt: int) -> None:
        """
        Mark what is about to be claimed for a step, or what it has from a claim of its own or of others. What the vault does not take
        is not marked, and nobody is told.

        To be called before the claim, or when its answer is there: between a claim and its answer nothing else is done.
        """
        with suppress(VaultError):
            folder, name = index_folder(service, board), segment(step)
            if folder not in self._newest:
                self._newest[folder] = {each.step: each for each in await self.of_board(service, board)}
            newest = self._newest[folder].get(name)
            # Whoever was asked to wait comes here again, and has been marked.
            if newest is None or newest.request != (fingerprint, attempt):
                mark = Mark(service=service, board=board, step=step, fingerprint=fingerprint, attempt=attempt)
                self._newest[folder][name] = await self._write(mark)

    async def of_board(self, service: ServiceName, board: str) -> tuple[Marked, ...]:
        """
        Return the marks of a storyboard, oldest first, with those of claims that name no storyboard. No file is read.

        Where they cannot be listed there are none: nothing depends on them.
        """
        folders = (index_folder(service, board), index_folder(service, ""))
        names = [name for folder in folders for name in await self._names(folder)]
        return tuple(sorted(marked for name in names if (marked := _read(name)) is not None))

    async def claims(self, service: ServiceName, marks: Iterable[Marked]) -> dict[tuple[str, int], Claim]:
        """
        Return the claims that some marks lead to, many read at once; a mark that is ahead of its claim, or damaged, has none.

        Raises:
            VaultError: The vault cannot be read.
        """
        keys = {f"{slate_folder(service, f)}/{n}/claim.json": (f, n) for f, n in {each.request for each in marks}}
        claims: dict[tuple[str, int], Claim] = {}
        async for key, data in self._records.contents(list(keys)):
            with suppress(RecordDamaged):
                if data is not None:
                    claims[keys[key]] = read_back(Claim, data, key)
        return claims

    async def unmarked(self, service: ServiceName) -> int:
        """
        Return how many claims no mark leads to: those of a version without an index, and of a vault that lost marks.

        Raises:
            VaultError: The vault cannot be read.
        """
        marks = map(_read, await self._names(index_folder(service)))
        marked = {each.request for each in marks if each is not None}
        return len(await self._attempts.claimed(service) - marked)

    async def damaged(self, service: ServiceName) -> tuple[str, ...]:
        """
        Return the keys of the marks that cannot be read. Nothing waits for them.

        Raises:
            VaultError: The vault cannot be read.
        """
        keys = [key for key in await self._store.keys(index_folder(service) + "/") if _read(key.rpartition("/")[2])]
        damaged = []
        async for key, data in self._records.contents(keys):
            try:
                read_back(Mark, data or b"", key)
            except RecordDamaged:
                damaged.append(key)
        return tuple(damaged)

    async def complete(self) -> int:
        """
        Write the index anew from the claims: a mark for each that has none, and those that are damaged; return how many.

        Raises:
            VaultError: The vault cannot be read or written.
        """
        return sum([await self._complete(service) for service in await self._services.names()])

    async def _complete(self, service: ServiceName) -> int:
        for key in await self.damaged(service):
            await self._store.delete(key)
        known: dict[str, set[tuple[str, tuple[str, int]]]] = {}
        count = 0
        keys = [f"{slate_folder(service, f)}/{n}/claim.json" for f, n in sorted(await self._attempts.claimed(service))]
        async for key, data in self._records.contents(keys):
            try:
                claim = read_back(Claim, data or b"", key)
            except RecordDamaged:
                continue  # `vault check` tells it
            if claim.board not in known:
                known[claim.board] = {(each.step, each.request) for each in await self.of_board(service, claim.board)}
            if (segment(claim.step), (claim.fingerprint, claim.attempt)) not in known[claim.board]:
                of = {
                    name: getattr(claim, name) for name in ("at", "service", "board", "step", "fingerprint", "attempt")
                }
                await self._write(Mark(**of))
                count += 1
        return count

    async def _names(self, folder: str) -> list[str]:
        with suppress(VaultError):
            return [key.rpartition("/")[2] for key in await self._store.keys(f"{folder}/")]
        return []

    async def _write(self, mark: Mark) -> Marked:
        at = _at(mark.at)
        await self._store.create(
            mark_key(mark.service, mark.board, mark.step, at, mark.fingerprint, mark.attempt), written(mark)
        )
        return Marked(at, segment(mark.step), mark.fingerprint, mark.attempt)


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")


def request_of(key: str) -> tuple[str, int] | None:
    """Return what was to be claimed when the mark under a key was made; None if that is the name of no mark."""
    marked = _read(key.rpartition("/")[2])
    return marked.request if marked is not None else None


def _read(name: str) -> Marked | None:
    parts = _NAME.fullmatch(name)
    return Marked(parts["at"], parts["step"], parts["fingerprint"], int(parts["attempt"])) if parts else None
