"""
Take up the runs that died: look every few seconds which of them have no process, and have them run again.

It reads states and processes, not events, so that none can be lost; what it cannot write now it writes the next time. A
run that was being cancelled is cancelled; one that died too often stays Crashed and says why. The states that it sets say
that no person has spoken, and so buy nothing that only a Retry may. What has failed is left alone.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import AwaitingRetry, Cancelled, Crashed

from storyreel.defects import to_the_end
from storyreel.desk.lost_runs import Lookout, SharedLookout
from storyreel.desk.pool import FORMER_AUTOMATIONS, TAG
from storyreel.desk.restarts import restarts
from storyreel.production.open import TAKEN_UP

EVERY_S = 5.0
"""How often is looked."""
LOST_FOR = timedelta(days=7)
"""How long ago a run may have crashed and still be taken up: one of last month is nobody's wish any more."""
NOT_AGAIN = "Not taken up again by itself"
"""What the state of a run begins with that died too often."""
MORTAL = frozenset({StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.CRASHED})
"""In which states a run can be dead; one that is suspended has no process and waits for a person."""
log = logging.getLogger("prefect.storyreel.sweep")


async def keep_sweeping(client: PrefectClient, lookout: Lookout) -> None:
    """Sweep for ever; a server that is away for a while is waited for."""
    dropped = False
    while True:
        try:
            if not dropped:
                await drop_former_automations(client)
                dropped = True
            await sweep(client, lookout)
        except Exception as error:
            log.warning("Lost runs could not be looked for, and are looked for again: %r", error)
        await asyncio.sleep(EVERY_S)


async def drop_former_automations(client: PrefectClient) -> None:
    """Remove what took up lost runs before there was a sweep; both together would take up one run twice."""
    for name in FORMER_AUTOMATIONS:
        for automation in await client.read_automations_by_name(name):
            try:
                await client.delete_automation(automation.id)
            except httpx.HTTPStatusError as error:
                # Whoever else looks after this server removes them as well.
                if error.response.status_code != httpx.codes.NOT_FOUND:
                    raise


async def sweep(client: PrefectClient, lookout: Lookout) -> int:
    """Have those runs go on that nobody works on; return how many were set to another state."""
    candidates = await _candidates(client)
    if candidates:
        await lookout.look(client)
    return sum([await take_up(client, lookout, run) for run in candidates])


async def take_up(client: PrefectClient, lookout: Lookout, run: FlowRun) -> bool:
    """Have a run go on if nobody works on it; return whether it was set to another state."""
    assert run.state is not None
    if run.state.type not in MORTAL or lookout.mine(run.id) or not await lookout.lost(client, run):
        return False
    state = await _what_follows(client, run)
    # Since it was read somebody else may have taken it up, or it came to its end by itself.
    now = (await client.read_flow_run(run.id)).state
    if now is None or now.id != run.state.id or lookout.mine(run.id):
        return False
    # Only what Prefect's rules would not let happen is forced.
    await client.set_flow_run_state(run.id, state, force=state.type is not StateType.SCHEDULED)
    log.info("%s (%s): %s", run.name, run.id, state.message)
    return True


async def _candidates(client: PrefectClient) -> list[FlowRun]:
    """Ask for the runs that may have died: those under way, and those that crashed lately."""

    def of(*types: StateType, ended: FlowRunFilterEndTime | None = None) -> FlowRunFilter:
        return FlowRunFilter(
            tags=FlowRunFilterTags(all_=[TAG]),
            deployment_id=FlowRunFilterDeploymentId(is_null_=False),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))),
            end_time=ended,
        )

    # As many as a server gives at once: what is left is seen the next time, when these have moved on.
    under_way = await client.read_flow_runs(
        flow_run_filter=of(StateType.RUNNING, StateType.PENDING, StateType.CANCELLING),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
    )
    lately = FlowRunFilterEndTime(after_=datetime.now(UTC) - LOST_FOR)
    crashed = await client.read_flow_runs(
        flow_run_filter=of(StateType.CRASHED, ended=lately), sort=FlowRunSort.END_TIME_DESC
    )
    return under_way + [run for run in crashed if not given_up(run.state)]


def given_up(state: State | None) -> bool:
    """Whether a run has crashed for good, until a person retries it."""
    return state is not None and state.is_crashed() and (state.message or "").startswith(NOT_AGAIN)


async def _what_follows(client: PrefectClient, run: FlowRun) -> State:
    """Return the state that a lost run goes into."""
    assert run.state is not None
    if run.state.type is StateType.CANCELLING:
        return Cancelled(message="Cancelled; its process is gone.")
    too_many = restarts(await client.read_flow_run_states(run.id)).too_many
    if too_many is not None:
        words = " ".join((run.state.message or "").split())
        last = f" The last time: {words}" if words else ""
        return Crashed(message=f"{NOT_AGAIN}: {too_many}. Nothing is lost; see why, then retry it.{last}")
    return AwaitingRetry(message=f"{TAKEN_UP}: its process is gone.")


async def _watch_over() -> None:
    async with get_client() as client:
        await keep_sweeping(client, SharedLookout())


if __name__ == "__main__":
    log.info("Looking every %g s for runs that died", EVERY_S)
    with suppress(KeyboardInterrupt):
        to_the_end(lambda: asyncio.run(_watch_over()))
