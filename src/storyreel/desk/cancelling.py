"""
What Prefect knows of a run that begins or is told to end: whether it was taken up after a crash, or cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Cancelled

from storyreel.desk.restarts import taken_up
from storyreel.production.caller import calling
from storyreel.production.shutdown import pass_on_sigterm

P = ParamSpec("P")


def cancellable(run: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[State | None]]:
    """
    Have a run that was cancelled say so itself, once the answers that were under way are there.

    Prefect's runner sends SIGTERM for a Cancel as for anything else. Its own way of telling the two apart wants its own
    handler of that signal, in whose place ours waits for answers: without this, a run that a person has cancelled would
    crash, and be taken up again after that.
    """

    @wraps(run)
    async def run_or_cancelled(*args: P.args, **kwargs: P.kwargs) -> State | None:
        held_back: list[None] = []
        try:
            with calling(pass_on=lambda: held_back.append(None)):
                await run(*args, **kwargs)
        except asyncio.CancelledError:
            if not held_back:
                raise
            if await _is_cancelled():
                return Cancelled(message="Cancelled. What was sent is in the vault; the next run fetches it.")
            pass_on_sigterm()
            raise
        return None

    return run_or_cancelled


async def is_taken_up() -> bool:
    """Ask Prefect whether this run is run again because it crashed, and not because a person said so."""
    if flow_run.run_count < 2:
        return False
    async with get_client() as client:
        return taken_up(await client.read_flow_run_states(UUID(flow_run.id)))


async def _is_cancelled() -> bool:
    """Ask Prefect whether somebody has cancelled this run; where it does not tell, nobody has."""
    try:
        async with get_client() as client:
            state = (await client.read_flow_run(UUID(flow_run.id))).state
        return state is not None and (state.is_cancelling() or state.is_cancelled())
    except Exception:
        return False
