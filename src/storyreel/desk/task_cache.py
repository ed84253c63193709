"""
What Prefect remembers of a take, and which failure it may try again.
"""

from __future__ import annotations

from typing import Any

from storyreel.errors import DownloadFailed, ServiceUnreachable, WaitedTooLong
from storyreel.model.recipe import Slate


def by_request_id(context: Any, parameters: dict[str, Any]) -> str:  # noqa: ARG001 - Prefect passes both
    """
    Name a take for Prefect's cache: who made it, and its request id. Pure, since it runs in the event loop.

    What is remembered names its class by where that is written: the number is raised when it moves.
    """
    slate: Slate = parameters["slate"]
    return f"2-{slate.key}"


def is_transient(task: Any, task_run: Any, state: Any) -> bool:  # noqa: ARG001 - Prefect passes all three
    """Say whether fetching a take may go better next time; buying is never repeated here."""
    return isinstance(state.data, DownloadFailed | ServiceUnreachable | WaitedTooLong)
