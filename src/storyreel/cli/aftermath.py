"""
Take up the runs of a desk that was not closed but killed, or lost its power: nobody has told Prefect that they ended.

Prefect would notice by their silence, later; and what it then says of a run that had just begun, it holds back for a
quarter of an hour after a restart of its server (an event waits for the one before it, which the new server never saw).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from storyreel.cli.crew import alive
from storyreel.studio.opening import TAKEN_UP

UNDER_WAY = timedelta(seconds=60)
"""How long a run may be between being taken by a worker and having a process."""


async def take_up_lost_runs(client: httpx.AsyncClient, tag: str) -> int:
    """
    Have the runs taken up again whose process is gone; return how many. Those that were being cancelled are cancelled.

    Args:
        client: A client of Prefect's API, on whose server nobody works but on this machine.
        tag: The tag of our runs.

    Raises:
        httpx.HTTPError: Prefect does not answer.
    """
    wanted = {
        "flow_runs": {
            "tags": {"all_": [tag]},
            "state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}},
            "deployment_id": {"is_null_": False},
        }
    }
    answer = await client.post("flow_runs/filter", json=wanted)
    answer.raise_for_status()
    lost = [run for run in answer.json() if is_lost(run)]
    again = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": f"{TAKEN_UP}: its process is gone."}
    gone = {"type": "CANCELLED", "name": "Cancelled", "message": "Cancelled; its process is gone."}
    for run in lost:
        cancelled = run["state"]["type"] == "CANCELLING"
        told = await client.post(
            f"flow_runs/{run['id']}/set_state", json={"state": gone if cancelled else again, "force": cancelled}
        )
        told.raise_for_status()
    return sum(run["state"]["type"] != "CANCELLING" for run in lost)


def is_lost(run: Mapping[str, Any], now: datetime | None = None) -> bool:
    """Whether the process of a run, as Prefect's API tells of it, is gone from this machine."""
    pid = run["infrastructure_pid"]
    if pid:
        # Prefect's process workers name it `<pid>`, older ones `<host>:<pid>`.
        number = str(pid).rpartition(":")[2]
        return number.isdigit() and not _is_prefects(int(number))
    since = datetime.fromisoformat(run["state"]["timestamp"])
    return bool(run["state"]["type"] == "PENDING" and (now or datetime.now(UTC)) - since > UNDER_WAY)


def _is_prefects(pid: int) -> bool:
    if not alive(pid):
        return False
    with suppress(OSError):
        # The number may be another program's by now. Where the system does not tell, the run counts as alive.
        return b"prefect" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True
