"""
Run one flow run in this process, as our worker starts it: `python -P -m storyreel.desk.run`.

Which run, Prefect's variables say, as they do to its own engine. Which flow, our own table says: what a deployment names
as its entrypoint, its steps before it, or its hooks, is not looked at. Nor is a stored result that is anything
but plain JSON: to read it may run what is in it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any
from uuid import UUID

from prefect._internal.control_listener import configure_from_env  # noqa: PLC2701 - Prefect has no other name for it
from prefect.engine import _drive_run_flow_result, handle_engine_signals  # noqa: PLC2701 - Prefect has no other name for it
from prefect.flow_engine import load_flow_run, run_flow
from prefect.logging.loggers import flow_run_logger
from prefect.serializers import CompressedSerializer, JSONSerializer, PickleSerializer

from storyreel.defects import to_the_end
from storyreel.desk.flows import load


def read_plain_results_alone() -> None:
    """
    Have this process read no stored result but one that is JSON as our flows write it.

    A stored result names what reads it, and that may be a pickle, or any function at all. Who may write to the server can
    call a folder of theirs its default storage, or end a run with a result that is in a file of theirs.
    """
    for kind in (CompressedSerializer, JSONSerializer, PickleSerializer):
        kind.loads = _plain(kind.loads)  # type: ignore[method-assign, assignment]


def _plain(loads: Callable[[Any, bytes], Any]) -> Callable[[Any, bytes], Any]:
    """Return how a result is read, if it is as our flows write it."""

    def checked(serializer: Any, blob: bytes) -> Any:
        if serializer != JSONSerializer():
            raise PermissionError(
                "a stored result that is no plain JSON is not read here: reading it may run what is in it"
            )
        return loads(serializer, blob)

    return checked


def main() -> None:
    """Run the flow run that PREFECT__FLOW_RUN_ID names; the exit code is that of Prefect's engine."""
    # Started in the background of a shell, a worker has Ctrl-C ignored, and hands that on to its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_id = UUID(os.environ["PREFECT__FLOW_RUN_ID"])
    read_plain_results_alone()
    # Whether a SIGTERM is a Cancel is told on a line of its own.
    configure_from_env()
    with handle_engine_signals(run_id):
        run = load_flow_run(flow_run_id=run_id)
        flow = load(os.environ["PREFECT__FLOW_NAME"])
        # Async flows run in the main thread, where Prefect can take a SIGTERM for what it is.
        log: Any = flow_run_logger(flow_run=run)
        _drive_run_flow_result(flow, run_flow(flow, flow_run=run, error_logger=log))


if __name__ == "__main__":
    to_the_end(main)
