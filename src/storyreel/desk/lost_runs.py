"""
Which runs are lost: nobody works on them any more. Seen by the processes of this machine, or by the signs of life of others.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter

from storyreel.desk.pool import POOL

SILENCE = timedelta(seconds=80)
"""
How long a run may be silent before its process counts as gone, where nobody sees it. Heartbeats come every 30 s at the
shortest, so two may be missed; with what the server and the worker take, a lost run runs again within two minutes.
"""
SECOND_REPORT = timedelta(seconds=8)
"""How long after a crash Prefect's own worker may report it once more, which would hit who takes the run up."""
UNDER_WAY, STARTING_AT_MOST = timedelta(seconds=15), timedelta(seconds=100)
"""How long a run may be between being taken by a worker and running: at least, and where that worker is there."""
WORKER_SILENCE = timedelta(seconds=60)
"""How long a worker may be silent before it counts as gone; it reports every 30 s, give or take a third."""
OUT_OF_TOUCH, HEARD_AGAIN = timedelta(seconds=30), timedelta(seconds=50)
"""
How long a sweep may not have looked and still know who was silent; and how long it then listens first. A server that was
away has heard nobody, and whoever is well is heard within half a minute.
"""
RUN_ID = b"PREFECT__FLOW_RUN_ID="
"""By which a process says in its environment which run it works on."""


class Lookout(Protocol):
    """Whoever can see whether a run has a process."""

    async def look(self, client: PrefectClient) -> None:
        """See who is there now: after the runs were asked for, so that nobody of them has only begun since."""

    async def lost(self, client: PrefectClient, run: FlowRun) -> bool:
        """Whether nobody works on a run any more."""

    def mine(self, run_id: UUID) -> bool:
        """Whether this process works on a run at this very moment."""


class LocalLookout:
    """
    A machine on which all runs of a work pool run, and from which they are all seen.

    Args:
        mine: Whether this process works on a run at this very moment; left out by who runs none.
        pool: Whose runs are judged: those of another pool have other workers. Left out: of all.
    """

    def __init__(self, mine: Callable[[UUID], bool] = lambda _: False, pool: str | None = None) -> None:
        self.mine = mine
        self._pool = pool
        self._alive: frozenset[UUID] = frozenset()

    async def look(self, client: PrefectClient) -> None:  # noqa: ARG002 - others ask it
        """See which processes there are."""
        self._alive = runs_here()

    async def lost(self, client: PrefectClient, run: FlowRun) -> bool:  # noqa: ARG002 - others ask it
        """Whether no process works on a run."""
        if self._pool is not None and run.work_pool_name != self._pool:
            return False
        return not (self.mine(run.id) or run.id in self._alive)


class SharedLookout:
    """
    One of several machines: of what runs on the others, only their signs of life are seen, by the server's clock.

    Args:
        name: The name of the worker in this process, if there is one: its runs are seen, as a `LocalLookout` sees them.
        mine: Whether this process works on a run at this very moment.
    """

    def __init__(self, name: str | None = None, mine: Callable[[UUID], bool] = lambda _: False) -> None:
        self._name = name
        self._here = LocalLookout(mine)
        self.mine = mine
        self.now = self.since = datetime.min.replace(tzinfo=UTC)
        self._workers: dict[str, dict[str, datetime]] = {}

    async def look(self, client: PrefectClient) -> None:
        """See which processes there are here, and what time it is there."""
        await self._here.look(client)
        now = _server_time(await client.hello())
        if now - self.now > OUT_OF_TOUCH:
            self.since = now
        self.now = now
        self._workers.clear()

    async def lost(self, client: PrefectClient, run: FlowRun) -> bool:
        """Whether there is no sign of life of a run any more."""
        assert run.state is not None
        if not await self._here.lost(client, run):
            return False
        worker = str(run.labels.get("prefect.worker.name", ""))
        if worker and worker == self._name:
            return True
        age = self.now - run.state.timestamp
        if run.state.type is StateType.CRASHED:
            return age > SECOND_REPORT
        if run.state.type is StateType.PENDING:
            return age > STARTING_AT_MOST or (age > UNDER_WAY and not await self._works(client, run, worker))
        if age < SILENCE or self.now - self.since < HEARD_AGAIN:
            return False
        return not await self._beats(client, run)

    async def _works(self, client: PrefectClient, run: FlowRun, worker: str) -> bool:
        """Whether a worker has reported lately."""
        pool = run.work_pool_name or POOL
        if pool not in self._workers:
            try:
                theirs = await client.read_workers_for_work_pool(pool)
            except httpx.HTTPStatusError as error:
                if error.response.status_code != httpx.codes.NOT_FOUND:
                    raise
                theirs = []
            self._workers[pool] = {each.name: each.last_heartbeat_time for each in theirs if each.last_heartbeat_time}
        last = self._workers[pool].get(worker)
        return last is not None and self.now - last < WORKER_SILENCE

    async def _beats(self, client: PrefectClient, run: FlowRun) -> bool:
        """Whether a run has given a sign of life lately."""
        wanted = EventFilter(
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
        )
        page = await client.read_events(wanted, limit=1)
        return any(self.now - (beat.received or beat.occurred) < SILENCE for beat in page.events)


def _server_time(answer: httpx.Response) -> datetime:
    """Return what time it is at the server: clocks of two machines differ."""
    with suppress(KeyError, ValueError):
        date = parsedate_to_datetime(answer.headers["date"])
        # A proxy may have added its own, and of two in one line the zone, which is always the same, is not read.
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return datetime.now(UTC)


def runs_here() -> frozenset[UUID]:
    """Return the runs that a process of this user on this machine works on, by what it was started with."""
    runs = set()
    for process in Path("/proc").glob("[0-9]*"):
        # Gone since, or somebody else's; what a run has started, such as ffmpeg, may outlive it and is no run.
        with suppress(OSError, ValueError):
            if not (process / "exe").readlink().name.startswith("python"):
                continue
            for each in (process / "environ").read_bytes().split(b"\0"):
                if each.startswith(RUN_ID):
                    runs.add(UUID(each[len(RUN_ID) :].decode("ascii")))
    return frozenset(runs)
