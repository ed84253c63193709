"""
What a run says of itself on Prefect's server: into which vault it has bought.

Begun again where another vault is, a run would buy everything anew. Its label says so before its first claim; a run
without one has bought nothing.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from prefect.client.orchestration import get_client

VAULT = "storyreel.vault"


class Purchases:
    """The vault that one run buys into, as its label tells it."""

    def __init__(self, run: str) -> None:
        self._run = UUID(run)
        self._noted: asyncio.Task[None] | None = None

    async def vault(self) -> str | None:
        """Return the address of the vault that this run has bought into so far; None if it has bought nothing."""
        async with get_client() as client:
            address = (await client.read_flow_run(self._run)).labels.get(VAULT)
        return None if address is None else str(address)

    async def into(self, vault: str) -> None:
        """Have the label written: once a run, and whoever is about to buy waits for it."""
        former = self._noted
        if former is None or (former.done() and (former.cancelled() or former.exception() is not None)):
            former = self._noted = asyncio.create_task(self._note(vault))
        await asyncio.shield(former)

    async def _note(self, vault: str) -> None:
        async with get_client() as client:
            await client.update_flow_run_labels(self._run, {VAULT: vault})
