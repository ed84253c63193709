"""
What may be spent in a day and in a month, by all runs together: a till for each day, in UTC, beside those of the runs.

A day's sum is exact as that of any till. The month's is the sum of its days, and exact since only one of its days can be
spent from: whoever begins a day closes all those before it, and a closed till takes no estimate any more, from nobody, by
whatever clock. Corrections still go into the till of their entry, so a closed day is remembered by its sum and by what was
held then, and what came after is added to that.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from weakref import WeakValueDictionary

from storyreel.clock import Since
from storyreel.errors import BudgetError
from storyreel.model.money import dollars
from storyreel.model.recipe import ServiceName
from storyreel.variables.table import CAP_DAY, CAP_MONTH
from storyreel.vault.ledger import Ledger, last_spent, worth
from storyreel.vault.paths import till_folder
from storyreel.vault.record_store import TOGETHER
from storyreel.vault.records import Entry
from storyreel.vault.stores.folder import Store

ONE_DAY = timedelta(days=1)
REMEMBERED_S = 60.0
"""For how long the sums of closed days are taken for what they were."""
WARNED_AT = 0.8
"""From which part of a cap on a person is told that little is left."""


@dataclass(frozen=True)
class Caps:
    """The most that may be spent in a day and in a month, in ticks; None for no bound. `day_by` and `month_by` are what a person sets them with."""

    day_ticks: int | None = None
    month_ticks: int | None = None
    day_by: str = CAP_DAY.name
    month_by: str = CAP_MONTH.name

    def __bool__(self) -> bool:
        return self.day_ticks is not None or self.month_ticks is not None


@dataclass(frozen=True)
class Sum:
    """
    What is in some tills, in ticks: `ticks` in all, `held` of it set aside and not settled, by what it is for.

    What is held is under way, or was left by a run that was killed, or the service did not say what it charged.
    """

    ticks: int = 0
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def held_ticks(self) -> int:
        """What is held in all."""
        return sum(self.held.values())

    @property
    def spent_ticks(self) -> int:
        """What was charged, as far as that is settled."""
        return self.ticks - self.held_ticks


@dataclass(frozen=True)
class Day:
    """
    The till of one day.

    Args:
        length: How many entries it has.
        closed: Whether another day has begun, so that nothing more is spent from it.
    """

    sum: Sum = Sum()
    length: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Reached:
    """How far two caps are used once something was set aside: the day's till, its sum, and that of its month if it is bounded."""

    till: str
    day_ticks: int
    month_ticks: int | None

    def warnings(self, caps: Caps) -> dict[str, str]:
        """Return, of each cap of which four fifths or more are used, in words how far it is."""
        pairs = (("day", self.day_ticks, caps.day_ticks), ("month", self.month_ticks, caps.month_ticks))
        return {
            name: f"{dollars(ticks)} of the {name}'s cap of {dollars(most)} is spent or set aside"
            for name, ticks, most in pairs
            if ticks is not None and most is not None and ticks >= WARNED_AT * most
        }


class Cap:
    """The days' tills of a vault."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        # From the closing on, for days that were closed before they were looked at: entries never change.
        self._tails: dict[str, tuple[int, list[Entry]]] = {}
        self._months: dict[tuple[ServiceName, str], tuple[Since, dict[date, Day]]] = {}
        self._turns: WeakValueDictionary[ServiceName, asyncio.Lock] = WeakValueDictionary()

    async def spend(
        self,
        service: ServiceName,
        *,
        attempt_key: str,
        run: str,
        estimate_ticks: int,
        caps: Caps,
        today: date,
    ) -> Reached:
        """
        Set an estimate aside in the till of a day, before its attempt is claimed.

        What a run has set aside for an attempt already and is not settled stands, and is not set aside again; from an
        earlier day of the month it is moved to the day on which it is sent. Runs that want the same attempt set aside each
        for itself, and who does not get it gives its own back.

        Args:
            service: Who is asked.
            attempt_key: What it is for, as `Claim.key` says it.
            run: The run's own id, the same when it is taken up again.
            estimate_ticks: What it is expected to cost.
            caps: The most that may be spent.
            today: The day in UTC; where others have closed it, the one after it is spent from.

        Raises:
            BudgetError: It would be too much. Nothing was set aside.
            VaultError: What was spent cannot be read.
        """
        key = cap_key(attempt_key, run)
        entry = Entry(kind="spend", attempt=key, ticks=estimate_ticks, nonce=secrets.token_hex(8))
        turn = self._turns.setdefault(service, asyncio.Lock())
        async with turn:
            while True:
                days = await self._looked_at(service, today, month=caps.month_ticks is not None)
                day = days.get(today, Day())
                if day.closed:
                    today += ONE_DAY
                    continue
                if caps.month_ticks is not None and await self._closed(service, today, days):
                    continue
                month = total(days)
                more = 0 if key in day.sum.held or await self._charged(service, today, key) else estimate_ticks
                if more:
                    _check("day", caps.day_by, more, day.sum, caps.day_ticks, till_of(today), service)
                    _check("month", caps.month_by, more, month, caps.month_ticks, till_of(today), service)
                    if not await self._ledger.append(service, till_of(today), day.length + 1, entry):
                        continue
                break
            # What the same run left on an earlier day is held for nothing: it is sent from here.
            for earlier in [each for each, of in days.items() if each < today and key in of.sum.held]:
                await self.settle(service, till_of(earlier), attempt_key=attempt_key, run=run, charged_ticks=0)
            bounded = caps.month_ticks is not None
            return Reached(till_of(today), day.sum.ticks + more, month.ticks + more if bounded else None)

    async def settle(
        self, service: ServiceName, till: str, *, attempt_key: str, run: str, charged_ticks: int | None
    ) -> None:
        """Correct the till of a day, closed or not, once it is known what an attempt was charged (`Ledger.settle`)."""
        key = cap_key(attempt_key, run)
        await self._ledger.settle(service, till, attempt_key=key, charged_ticks=charged_ticks, even=True)
        self._months.clear()

    async def days(self, service: ServiceName, days: Iterable[date]) -> dict[date, Day]:
        """Return the tills of some days, in their order; a day without one is left out."""
        wanted = sorted(days)
        folders = [till_folder(service, till_of(day)) for day in wanted]
        listed = await asyncio.gather(*(self._store.keys(f"{folder}/") for folder in folders))
        there = [each for each in zip(wanted, folders, listed, strict=True) if each[2]]
        return {
            # The last one is likely to be open; of the others most are closed.
            day: await self._day(folder, self._ledger.longest(keys), whole=day == there[-1][0])
            for day, folder, keys in there
        }

    async def _looked_at(self, service: ServiceName, today: date, *, month: bool) -> dict[date, Day]:
        """
        Return a day's till, and with `month` all of its month: those before it, if they are closed, as they were less than a
        minute ago. What has come into them since are corrections, which might as well have come later.
        """
        if not month:
            return await self.days(service, [today])
        name = (service, f"{today:%Y-%m}")
        since, looked = self._months.get(name, (None, {}))
        fresh = since is not None and since.seconds() < REMEMBERED_S
        if fresh and all(looked.get(day, Day()).closed for day in days_before(today)):
            return {**looked, **await self.days(service, [today])}
        since = Since()
        looked = await self.days(service, days_of_month(today))
        self._months[name] = (since, looked)
        return looked

    async def _day(self, folder: str, length: int, *, whole: bool) -> Day:
        """Read one till: `whole` where it is likely to be open, else from its closing on."""
        if not whole and (tail := await self._tail(folder, length)):
            closing, *after = tail
            held = dict(closing.held or {})
            for entry in after:
                held.pop(entry.attempt, None)
            return Day(Sum(closing.ticks + sum(entry.ticks for entry in after), held), length, closed=True)
        chain = await self._ledger.entries_up_to(folder, length)
        closed = any(entry.kind == "close" for entry in chain)
        return Day(Sum(worth(chain), _held(chain)), len(chain), closed)

    async def _tail(self, folder: str, length: int) -> list[Entry]:
        """Return the entries of a closed till from its closing on; nothing where it is not closed."""
        if folder in self._tails:
            first, tail = self._tails[folder]
            tail += await self._ledger.numbered(folder, range(first + len(tail), length + 1))
            return tail
        tail, first, together = [], length + 1, 4
        while first > 1:
            # After a closing there are a few corrections, and rarely more.
            end, first, together = first, max(1, first - together), min(2 * together, TOGETHER)
            tail = [*await self._ledger.numbered(folder, range(first, end)), *tail]
            closings = [at for at, entry in enumerate(tail) if entry.kind == "close"]
            if closings:
                self._tails[folder] = (first + closings[0], tail[closings[0] :])
                return self._tails[folder][1]
        return []

    async def _closed(self, service: ServiceName, today: date, days: Mapping[date, Day]) -> bool:
        """
        Close the days of the month before this one that are open, and say whether there were any: then all is to be read anew.

        Days without a till are closed as well: a run whose clock is behind could begin one.
        """
        still_open = [day for day in days_before(today) if not days.get(day, Day()).closed]
        for each in still_open:
            day = days.get(each, Day())
            closing = Entry(
                kind="close", attempt="", ticks=day.sum.ticks, held=dict(day.sum.held), nonce=secrets.token_hex(8)
            )
            await self._ledger.append(service, till_of(each), day.length + 1, closing)
        if still_open:
            self._months.clear()
        return bool(still_open)

    async def _charged(self, service: ServiceName, day: date, key: str) -> bool:
        """Whether something was set aside on a day, and charged: then it was sent, and is nobody's to set aside again."""
        chain = await self._ledger.entries_up_to(till_folder(service, till_of(day)), 0)
        return sum(entry.ticks for entry in last_spent(chain, key)) > 0


_TILL = re.compile(r"cap-\d{4}-\d{2}-\d{2}")


def cap_key(attempt_key: str, run: str) -> str:
    """Return by which name an attempt stands in a day's till: which one it is, and which run has set it aside."""
    return f"{attempt_key} {run}"


def attempt_of(key: str, run: str | None) -> str | None:
    """Return which attempt a name in a day's till means, if this run has set it aside; else None."""
    attempt_key, _, by = key.partition(" ")
    return attempt_key if by == run else None


def till_of(day: date) -> str:
    """Return the name of a day's till."""
    return f"cap-{day.isoformat()}"


def is_days_till(name: str) -> bool:
    """Whether a till is called like one of the days'."""
    return _TILL.fullmatch(name) is not None


def days_before(day: date) -> list[date]:
    """Return the days of a month before one of them."""
    return [day - n * ONE_DAY for n in range(day.day - 1, 0, -1)]


def days_of_month(day: date) -> list[date]:
    """Return all days of a day's month."""
    return [day.replace(day=n + 1) for n in range(monthrange(day.year, day.month)[1])]


def total(days: Mapping[date, Day]) -> Sum:
    """Return the sum of some days."""
    held: dict[str, int] = {}
    for day in days.values():
        for key, ticks in day.sum.held.items():
            held[key] = held.get(key, 0) + ticks
    return Sum(sum(day.sum.ticks for day in days.values()), held)


def _held(chain: list[Entry]) -> dict[str, int]:
    """Return what is set aside in a till and not settled."""
    held: dict[str, int] = {}
    for entry in chain:
        match entry.kind:
            case "spend":
                held[entry.attempt] = entry.ticks
            case "settle":
                held.pop(entry.attempt, None)
    return held


def _check(
    what: str, variable: str, estimate_ticks: int, used: Sum, most: int | None, till: str, service: ServiceName
) -> None:
    if most is None or used.ticks + estimate_ticks <= most:
        return
    held = f" ({dollars(used.held_ticks)} of it for what is not settled yet)" if used.held_ticks else ""
    when = "at midnight UTC" if what == "day" else "with the next month, in UTC"
    raise BudgetError(
        f"the next step is expected to cost {dollars(estimate_ticks)}; {dollars(used.ticks)} of the {what}'s cap of "
        f"{dollars(most)} is spent or set aside{held}. It goes on {when}, or once a person has raised {variable} where runs "
        f"are started; `storyreel budget` shows it (till {till}, {service})"
    )
