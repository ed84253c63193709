"""
Caps over all runs of a vault: what is set aside is charged, given back, or left by a kill where it can be seen.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.errors import BudgetError, SettingsError, VaultError
from storyreel.model.events import Event
from storyreel.production.attachments import Inputs
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.reserve import today
from storyreel.production.run import run
from storyreel.production.session import Session
from storyreel.vault import Vault
from storyreel.vault.cap import Sum, days_of_month, total
from storyreel.vault.stores.folder import FileStore
from tests.desk import ONE, TWO, Desk
from tests.production.patiently import buy
from tests.production.test_session import shoot

CENT = 10**8
PRICE = 10 * CENT
"""The estimate of the board's one clip, and what the sandbox charges for it."""


@pytest.fixture
def capped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with one clip to buy, and a cap of a dollar a day and two a month."""
    monkeypatch.setenv("STORYREEL_CAP_DAY", "1")
    monkeypatch.setenv("STORYREEL_CAP_MONTH", "2")
    desk.write(ONE.format(marker=""))
    return desk


async def in_the_month(desk: Desk) -> Sum:
    """Return what the sandbox has come to this month, as somebody sees it who looks for the first time."""
    vault = Vault(FileStore(desk.folder / "vault"), "the vault")
    return total(await vault.cap.days("sandbox", days_of_month(today())))


class Killed(BaseException):
    """The process is gone."""


class Dying(FileStore):
    """A vault's folder, of a process that is killed right after one of its records was written: nothing follows."""

    def __init__(self, root: Path, last: str) -> None:
        super().__init__(root)
        self._last = last
        self._dead = False

    async def create(self, key: str, data: bytes) -> bool:
        """Create an object, unless the process is dead; die after the last one."""
        if self._dead:
            raise VaultError("nobody writes any more")
        ours = await super().create(key, data)
        if self._last in key:
            self._dead = True
            raise Killed
        return ours


@asynccontextmanager
async def killed_after(desk: Desk, record: str, name: str) -> AsyncIterator[Session]:
    """Open a session of a process that will be killed after it has written a record whose key has this in it."""
    async with open_session(prepare(str(desk.board)), run=name, sandbox=True) as session:
        vault = Vault(Dying(desk.folder / "vault", record), session.vault.address)
        inputs = Inputs(vault, session.client, session.service, session.plan.files)
        try:
            yield replace(session, vault=vault, inputs=inputs)
        finally:
            session.reserve.tills.clear()  # who is gone gives nothing back


POINTS = [
    pytest.param(f"tills/cap-{today()}", id="after-the-cap's-entry"),
    pytest.param("tills/first", id="after-the-till's-entry"),
    pytest.param("/index/", id="before-the-claim"),
]


@pytest.mark.parametrize("record", POINTS)
async def test_a_run_that_is_taken_up_sets_nothing_aside_again(capped: Desk, record: str):
    """
    Killed anywhere before its claim, its money stays reserved and is seen; the same run goes on with that, and is charged once.
    """
    with suppress(Killed):
        async with killed_after(capped, record, "first") as session:
            await run(session)
    left = await in_the_month(capped)
    await shoot(capped, "first")
    end = await in_the_month(capped)

    assert (PRICE, PRICE) == (left.ticks, left.held_ticks)
    assert (PRICE, 0) == (end.ticks, end.held_ticks)
    assert 1 == len(capped.posts())


@pytest.mark.parametrize("record", POINTS)
async def test_what_a_killed_run_leaves_stays_reserved(capped: Desk, record: str):
    """
    Another run buys the same for itself: the cap holds its charge, and what the kill left.
    """
    with suppress(Killed):
        async with killed_after(capped, record, "first") as session:
            await run(session)
    await shoot(capped, "second")
    end = await in_the_month(capped)

    assert (2 * PRICE, PRICE) == (end.ticks, end.held_ticks)
    assert ["first"] == [key.rpartition(" ")[2] for key in end.held]
    assert 1 == len(capped.posts())


async def test_runs_at_once_are_charged_once(capped: Desk):
    """
    Three runs of one board at the same time send one request: who does not send it gives its own back.
    """
    await asyncio.gather(*(shoot(capped, name) for name in ("one", "two", "three")))
    end = await in_the_month(capped)

    assert (PRICE, 0) == (end.ticks, end.held_ticks)


async def test_what_ends_before_its_claim_gives_back(capped: Desk):
    """
    A run that goes wrong, or is stopped by a person, while it waits for its claim leaves nothing reserved.
    """
    reached = asyncio.Event()

    async def held_up(_: str) -> None:
        reached.set()
        await asyncio.sleep(60)

    async def first_run() -> None:
        ready = prepare(str(capped.board))
        async with open_session(ready, run="first", sandbox=True, before_claim=held_up) as session:
            await run(session)

    task = asyncio.create_task(first_run())
    await reached.wait()
    before = await in_the_month(capped)
    task.cancel()
    await asyncio.wait({task})

    assert (PRICE, 0) == (before.ticks, (await in_the_month(capped)).ticks)


async def test_a_cap_stops_before_the_step_that_would_pass_it(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    Over two runs, with any budget: one clip is made, the other one is not sent, and the next day it is.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "0.07")
    desk.write(TWO)
    with pytest.raises(BudgetError, match=r"the day's cap of \$0.07"):
        await shoot(desk, "one", budget=100)

    assert 1 == len(desk.posts())
    monkeypatch.setattr("storyreel.production.set_aside.today", lambda: today().replace(year=2100))
    await shoot(desk, "two")
    assert 2 == len(desk.posts())


async def test_somebody_who_watches_is_warned_once(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    From four fifths of a cap on, at the step that reaches them.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "0.11")
    monkeypatch.setenv("STORYREEL_CAP_MONTH", "100")
    desk.write(TWO)
    events: list[Event] = []
    caller = Caller(watcher=events.append)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True, caller=caller) as session:
        for step in session.plan.steps:
            await buy(session, step.scene, step.name, [])

    assert ["$0.10 of the day's cap of $0.11 is spent or set aside"] == [e.text for e in events if e.stage == "noted"]


async def test_without_a_cap_nothing_is_written_for_one(desk: Desk):
    """
    No till, and no word in a claim, so that a vault without caps is read by versions that know none.
    """
    desk.write(ONE.format(marker=""))
    await shoot(desk, "one")
    vault = desk.folder / "vault" / "sandbox"

    assert ["one"] == [till.name for till in (vault / "tills").iterdir()]
    assert all("cap" not in json.loads(claim.read_text()) for claim in vault.rglob("claim.json"))
    assert all("held" not in json.loads(entry.read_text()) for entry in (vault / "tills").rglob("*.json"))


async def test_no_till_is_called_like_a_day_of_a_cap(capped: Desk):
    """
    Its name is a parameter of a flow, and no parameter spends from a cap.
    """
    with pytest.raises(SettingsError, match="cap-2026-11-26"):
        async with open_session(prepare(str(capped.board)), run="one", till="cap-2026-11-26", sandbox=True):
            pass
