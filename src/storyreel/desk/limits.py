"""
The limits that all workers of a Prefect server share: jobs in flight, and submits a second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency, rate_limit

from storyreel.errors import SettingsError
from storyreel.model.recipe import Slate
from storyreel.production.run import is_here, place_of
from storyreel.production.session import Session

LEASE_S = 60.0
"""For how long a place is a run's that does not renew it; the least that Prefect takes (3.8.8), whose own is 300 s. A killed
run would keep its places for so long from the one that takes it up."""


async def wait_to_submit(session: Session) -> None:
    """
    Wait for the turn of a submit, where workers share a limit of these.

    Raises:
        SettingsError: Prefect has no limit of that name.
    """
    if limit := session.settings.submits_limit:
        try:
            await rate_limit(limit, strict=True)
        except ConcurrencySlotAcquisitionError as error:
            raise _no_limit("STORYREEL_SUBMITS_LIMIT", limit, "--limit 1 --slot-decay-per-second 1") from error


@asynccontextmanager
async def shared_place(session: Session, slate: Slate | None) -> AsyncIterator[None]:
    """
    Take a place among the jobs in flight: of this run, and of all workers where they share a limit.

    Raises:
        SettingsError: Prefect has no limit of that name.
    """
    limit = session.settings.jobs_limit
    async with place_of(session, slate):
        if limit is None or is_here(slate):
            yield
            return
        try:
            # A job goes on at the service whatever becomes of our lease, so its clip is waited for all the same.
            async with concurrency(limit, strict=True, lease_duration=LEASE_S, raise_on_lease_renewal_failure=False):
                yield
        except ConcurrencySlotAcquisitionError as error:
            raise _no_limit("STORYREEL_JOBS_LIMIT", limit, "--limit 4") from error


def _no_limit(variable: str, limit: str, how: str) -> SettingsError:
    return SettingsError(
        f"{variable} names the limit {limit}, which Prefect does not have, so nothing was sent; "
        f"make it with: storyreel deploy, or: prefect gcl create {limit} {how}"
    )
