"""
What a budget has spent: a chain of numbered entries, each created once.

To spend is to add the chain up and to create the next number; whoever finds that number taken adds up again. So the
sum is exact with any number of processes, and no lock is held by anybody who may die.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from weakref import WeakValueDictionary

from storyreel.errors import BudgetError, VaultError
from storyreel.model.money import believed, dollars
from storyreel.model.recipe import ServiceName
from storyreel.vault.paths import till_folder
from storyreel.vault.record_store import RecordStore
from storyreel.vault.record_text import read_back
from storyreel.vault.records import Entry


class Ledger:
    """The tills of a vault, each the account of one budget."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._store = records.store
        # Entries never change, so each is read once.
        self._entries: dict[str, list[Entry]] = {}
        # Steps of one process that want the next number at once would all but one do it for nothing, again and again.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def spend(
        self,
        service: ServiceName,
        till: str,
        *,
        attempt_key: str,
        estimate_ticks: int,
        budget_ticks: int | None,
        raised_by: str = "a larger budget (--budget)",
    ) -> None:
        """
        Take an estimate out of a till, before its attempt is claimed.

        An attempt that is in the till already was paid for by whoever began it, and is not taken out again.

        Args:
            service: Who is asked.
            till: The budget's name.
            attempt_key: What it is for, as `Claim.key` says it.
            estimate_ticks: What it is expected to cost.
            budget_ticks: The most that may be in the till; None for no limit.
            raised_by: What lets a run go on that has come to it, in words.

        Raises:
            BudgetError: It would be too much. Nothing was taken.
        """
        entry = Entry(kind="spend", attempt=attempt_key, ticks=estimate_ticks, nonce=secrets.token_hex(8))
        async with self._turn(service, till):
            while True:
                chain = await self._chain(service, till)
                if any(e.attempt == attempt_key and e.kind == "spend" for e in chain):
                    return
                spent = worth(chain)
                if budget_ticks is not None and spent + estimate_ticks > budget_ticks:
                    raise BudgetError(
                        f"the next step is expected to cost {dollars(estimate_ticks)}; {dollars(spent)} of the budget"
                        f" of {dollars(budget_ticks)} is spent; {raised_by} lets it go on (till {till}, {service})"
                    )
                if await self.append(service, till, len(chain) + 1, entry):
                    return

    async def settle(
        self,
        service: ServiceName,
        till: str,
        *,
        attempt_key: str,
        charged_ticks: int | None,
        even: bool = False,
    ) -> None:
        """
        Correct a till once it is known what an attempt was charged: once an attempt, whoever says it first.

        Args:
            service: Who was asked.
            till: The budget's name.
            attempt_key: What was bought. If nothing was taken out for it here, nothing is corrected.
            charged_ticks: What was charged: 0 for a refused attempt. None, for a service that did not say, and what
                is not to be believed leave the estimate standing.
        """
        if charged_ticks is None:
            return
        async with self._turn(service, till):
            while True:
                chain = await self._chain(service, till)
                ours = last_spent(chain, attempt_key)
                if not ours or believed(charged_ticks, _estimate(ours)) is None:
                    return
                missing = charged_ticks - sum(e.ticks for e in ours)
                settled = any(e.kind == "settle" for e in ours)
                # What was called lost may turn up and have been charged after all; nothing is given back twice.
                if (not missing and (settled or not even)) or (settled and missing < 0):
                    return
                entry = Entry(kind="settle", attempt=attempt_key, ticks=missing, nonce=secrets.token_hex(8))
                if await self.append(service, till, len(chain) + 1, entry):
                    return

    async def append(self, service: ServiceName, till: str, number: int, entry: Entry) -> bool:
        """Write the entry of a number, and say whether it was us; else the till has another one of that number."""
        return await self._records.create(f"{till_folder(service, till)}/{number:05}.json", entry)

    async def spent(self, service: ServiceName, till: str) -> int:
        """Return what is in a till, in ticks: charges where they are known, estimates where not."""
        return worth(await self._chain(service, till))

    async def attempts_in(self, service: ServiceName, till: str) -> frozenset[str]:
        """Return the attempts for which something was taken out of a till."""
        return frozenset(entry.attempt for entry in await self._chain(service, till) if entry.kind == "spend")

    def _turn(self, service: ServiceName, till: str) -> asyncio.Lock:
        """Return what the steps of this process take turns by; other processes are met at the next number."""
        return self._turns.setdefault(till_folder(service, till), asyncio.Lock())

    async def _chain(self, service: ServiceName, till: str) -> list[Entry]:
        return await self.entries_in(till_folder(service, till))

    async def entries_in(self, folder: str) -> list[Entry]:
        """Return all entries of the till in a folder, in order."""
        return await self.entries_up_to(folder, self.longest(await self._store.keys(folder + "/")))

    def longest(self, keys: Iterable[str]) -> int:
        """
        Return the highest number that an entry has; 0 where there is none.

        Args:
            keys: All that is in a till's folder.

        Raises:
            VaultError: Something else is in it.
        """
        longest = 0
        for key in keys:
            number = key.rpartition("/")[2].removesuffix(".json")
            if not (number.isascii() and number.isdecimal()):
                raise VaultError(
                    f"{self._records.address}/{key} is no entry of a till, so nobody knows what was spent; if storyreel has not "
                    "written it, take it out of the folder"
                )
            longest = max(longest, int(number))
        return longest

    async def entries_up_to(self, folder: str, longest: int) -> list[Entry]:
        """Return the entries of the till in a folder up to a number, and those after it that were read before."""
        chain = self._entries.setdefault(folder, [])
        # By number and not by the listing: one made while others write may skip a number.
        first = len(chain) + 1
        for number, entry in enumerate(await self.numbered(folder, range(first, longest + 1)), start=first):
            if len(chain) == number - 1:
                chain.append(entry)
        return list(chain)

    async def numbered(self, folder: str, numbers: range) -> list[Entry]:
        """
        Read the entries of some numbers, many at once.

        Raises:
            VaultError: One is missing, or cannot be read.
        """
        entries = []
        async for key, data in self._records.contents([f"{folder}/{number:05}.json" for number in numbers]):
            if data is None:
                raise VaultError(
                    f"{self._records.address}/{key} is missing, so nobody knows what was spent; restore it from a copy"
                )
            entries.append(read_back(Entry, data, f"{self._records.address}/{key}"))
        return entries


def worth(chain: Sequence[Entry]) -> int:
    """
    Return what is in a till, in ticks.

    A correction that nobody could believe, as older versions wrote it, leaves its estimate standing.
    """
    attempts: dict[str, list[Entry]] = {}
    for entry in chain:
        if entry.kind != "close":
            attempts.setdefault(entry.attempt, []).append(entry)
    return sum(_worth(entries) for entries in attempts.values())


def last_spent(chain: Sequence[Entry], attempt_key: str) -> list[Entry]:
    """Return the entries of an attempt from where it was last taken out: before that, all of it was given back."""
    ours = [entry for entry in chain if entry.attempt == attempt_key and entry.kind != "close"]
    last = max((at for at, entry in enumerate(ours) if entry.kind == "spend"), default=0)
    return ours[last:]


def _worth(entries: Sequence[Entry]) -> int:
    estimate, worth = _estimate(entries), sum(entry.ticks for entry in entries)
    return estimate if believed(worth, estimate) is None else worth


def _estimate(entries: Sequence[Entry]) -> int:
    return max(0, sum(entry.ticks for entry in entries if entry.kind == "spend"))
