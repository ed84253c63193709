"""
One writer at a time: whoever is turned away by a busy database is let in a little later, and only once.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storyreel.desk import sqlite_writers
from storyreel.desk.sqlite_writers import QUEUES, OneWriter, let_writers_queue


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no pause be noticed."""
    monkeypatch.setattr(sqlite_writers, "PAUSES_S", (0.001,) * 8)


class Busy:
    """An app that answers 503 so many times and raises then, as Prefect's does; it counts who is in it at once."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.inside = self.most = 0
        self.bodies: list[bytes] = []
        self.queued: list[bool] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.queued.append(QUEUES.get())
        self.most = max(self.most, self.inside)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        await asyncio.sleep(0.001)
        self.inside -= 1
        busy = self.refusals > 0
        self.refusals -= busy
        await send({"type": "http.response.start", "status": 503 if busy else 201, "headers": []})
        await send({"type": "http.response.body", "body": b"busy" if busy else b"made"})
        if busy:
            raise RuntimeError("database is locked")
        self.bodies.append(body)


async def asked(app: Any, method: str = "POST", path: str = "/api/flow_runs/", pieces: Any = (b"a", b"b")) -> Any:
    said: list[Any] = []
    rest = list(pieces)

    async def receive() -> Any:
        piece = rest.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(rest)}

    async def send(message: Any) -> None:
        said.append(message)

    await app({"type": "http", "method": method, "path": path}, receive, send)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])


async def test_who_is_turned_away_is_let_in_later():
    """
    Three refusals and then a yes are one yes, with the whole request, and the fault that followed each is not passed on.
    """
    busy = Busy(refusals=3)

    assert (201, b"made") == await asked(OneWriter(busy))
    assert [b"ab"] == busy.bodies
    assert [False, True, False, False] == busy.queued
    assert not QUEUES.get()


async def test_a_server_that_stays_busy_says_so():
    """
    After eight more tries its own answer goes to whoever asked.
    """
    busy = Busy(refusals=100)

    assert (503, b"busy") == await asked(OneWriter(busy))
    assert 100 - 9 == busy.refusals


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", "/api/deployments/x/create_flow_run", 1),
        ("PATCH", "/api/flow_runs/x", 1),
        ("PUT", "/api/flow_runs/x", 1),
        ("DELETE", "/api/flow_runs/x", 1),
        ("POST", "/api/flow_runs/filter", 20),
        ("POST", "/api/flow_runs/count", 20),
        ("POST", "/api/work_pools/studio/get_scheduled_flow_runs", 20),
    ],
)
async def test_writers_wait_for_each_other_and_readers_do_not(method: str, path: str, most: int):
    """
    Of twenty at once each gets its answer.
    """
    busy = Busy()
    guarded = OneWriter(busy)
    answers = await asyncio.gather(*(asked(guarded, method, path) for _ in range(20)))

    assert {(201, b"made")} == set(answers)
    assert most == busy.most
    assert 20 == len(busy.bodies)


async def test_a_request_without_end_is_not_taken(monkeypatch: pytest.MonkeyPatch):
    """
    What is kept until a try succeeds has a limit.
    """
    monkeypatch.setattr(sqlite_writers, "BODY_LIMIT", 10)
    busy = Busy()

    assert 413 == (await asked(OneWriter(busy), pieces=[b"12345"] * 3))[0]
    assert [] == busy.bodies


async def test_a_fault_without_an_answer_is_a_fault():
    """
    What broke before it said anything is not swallowed.
    """

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no answer")

    with pytest.raises(RuntimeError, match="no answer"):
        await asked(OneWriter(broken))


# --- in the database -----------------------------------------------------------------------------------------------


class Database:
    """A database as Prefect opens it, and somebody else who writes to it."""

    def __init__(self, place: Path) -> None:
        # Prefect's server takes a second to load, and every worker of a test run loads this file.
        from prefect.server.database.configurations import AioSqliteConfiguration

        self.place = place
        self.prefect = AioSqliteConfiguration(connection_url=f"sqlite+aiosqlite:///{place}")
        self.others("PRAGMA journal_mode=WAL")
        self.others("CREATE TABLE runs (name)")

    def others(self, statement: str) -> None:
        """Have somebody else say something to it, who does not wait."""
        with closing(sqlite3.connect(self.place, timeout=0, isolation_level=None)) as other:
            other.execute(statement)

    async def add(self, name: str, between: str) -> None:
        """Add a run as Prefect does, having read first; somebody else tries to write in between."""
        engine = await self.prefect.engine()
        async with await self.prefect.session(engine) as session, self.prefect.begin_transaction(session):
            await session.execute(text("SELECT name FROM runs"))
            try:
                self.others(between)
            except sqlite3.OperationalError:
                self.kept_out = True
            await session.execute(text("INSERT INTO runs VALUES (:name)"), {"name": name})


@pytest_asyncio.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Return a database of a server of ours."""
    from prefect.server.database.configurations import AioSqliteConfiguration

    monkeypatch.setattr(AioSqliteConfiguration, "begin_transaction", AioSqliteConfiguration.begin_transaction)
    let_writers_queue()
    made = Database(tmp_path / "prefect.db")
    yield made
    await (await made.prefect.engine()).dispose()


async def test_a_reader_that_would_write_is_turned_away_where_somebody_has_written(database: Database):
    """
    However long it would wait: what it has read is not so any more.
    """
    with pytest.raises(OperationalError, match="database is locked"):
        await database.add("mine", between="INSERT INTO runs VALUES ('another')")


async def test_whoever_queues_writes_what_it_has_read_for(database: Database):
    """
    It has its turn before it reads, and others have theirs after it.
    """
    queues = QUEUES.set(True)
    await database.add("mine", between="INSERT INTO runs VALUES ('another')")
    QUEUES.reset(queues)

    assert database.kept_out
    with closing(sqlite3.connect(database.place)) as opened:
        assert [("mine",)] == opened.execute("SELECT name FROM runs").fetchall()
