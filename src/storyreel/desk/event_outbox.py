"""
Send events of our own to Prefect, each once: what may have been sent before is asked for first, behind the back of the run.

That one cannot be sent is a warning in the run's log, and stops nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.filters import EventFilter, EventIDFilter
from prefect.logging import get_run_logger

from storyreel.defects import without_secrets
from storyreel.desk.run_log import watched
from storyreel.production.summary import words_of

OURS = UUID("5d7a1b0e-6a53-5c0e-9a4f-3f2b8c1d7e90")
"""What the ids of our events are made under."""
SEEN_WITHIN_S = 6.0
"""How long Prefect's server may take to show an event that it has got: it writes them down every five seconds (3.9.1)."""
PATIENCE_S = 10.0
"""How long the end of a run waits for what has yet to be sent."""


class EventOutbox:
    """Where the events of one execution of a run go, from its beginning to its end."""

    def __init__(self) -> None:
        self._sending: set[asyncio.Task[None]] = set()
        self._began = time.monotonic()

    async def __aenter__(self) -> EventOutbox:
        """Begin."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait a little for what has yet to be sent; not where somebody has stopped the run."""
        sending = tuple(self._sending)
        if sending and not (kind is not None and issubclass(kind, asyncio.CancelledError)):
            await asyncio.wait(sending, timeout=PATIENCE_S)
        for task in sending:
            task.cancel()

    def send(
        self,
        name: str,
        resource: Mapping[str, str],
        payload: Callable[[], Mapping[str, Any]],
        *,
        what: str,
        related: Iterable[dict[str, str]] = (),
        first: bool = True,
        late: bool = False,
    ) -> None:
        """
        Send an event: at once, or as soon as it is known that it was not sent before.

        Args:
            what: What makes it this one and no other, over all executions of all runs: its id follows from that.
            first: Whether nobody can have sent it before.
            late: Whether it may have been sent only just now, and cannot be seen yet.
        """
        if not watched():
            return
        event = uuid5(OURS, what)

        def emit() -> None:
            labels = {key: without_secrets(value) for key, value in resource.items()}
            emit_event(name, labels, related=list(related), payload=plain_data(dict(payload())), id=event)

        try:
            if first:
                emit()
                return
            task = asyncio.create_task(self._unless_sent(event, name, emit, late=late))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        except Exception as error:
            _not_sent(name, error)

    async def _unless_sent(self, event: UUID, name: str, emit: Callable[[], None], *, late: bool) -> None:
        try:
            if late:
                await asyncio.sleep(max(0.0, self._began + SEEN_WITHIN_S - time.monotonic()))
            async with get_client() as client:
                there = await client.read_events(EventFilter(id=EventIDFilter(id=[event])), limit=1)
            if not there.events:
                emit()
        except Exception as error:
            _not_sent(name, error)


def plain_data(value: Any) -> Any:
    """Return data in which no text has a secret."""
    match value:
        case str():
            return without_secrets(value)
        case dict():
            return {key: plain_data(each) for key, each in value.items()}
        case list() | tuple():
            return [plain_data(each) for each in value]
        case _:
            return value


def _not_sent(name: str, error: Exception) -> None:
    get_run_logger().warning(
        "Prefect's automations could not be told of %s: %s", name, without_secrets(words_of(error))
    )
