"""
Our worker: Prefect's process worker, which takes nothing but a run's id from anybody, and takes up the runs that died.

    python -P -m storyreel.desk.worker --pool studio --name desk --alone

Command, environment, folder and flow of a run are ours. A run, a deployment or a work pool may say otherwise and is not
heard: whoever may write there would else run commands here, where the key is. Nothing of a deployment is loaded either,
no step before a flow and no hook after it, in this process or in that of a run.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio
import anyio.abc
import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import Flow as StoredFlow
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flows import Flow
from prefect.runner._cancellation_manager import CancellationManager
from prefect.runner._flow_run_executor import FlowRunExecutorContext  # noqa: PLC2701 - Prefect has no other name for it
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter  # noqa: PLC2701 - Prefect has no other name for it
from prefect.runner._state_proposer import StateProposer
from prefect.states import Failed
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult
from pydantic import PrivateAttr

from storyreel.defects import to_the_end
from storyreel.desk.flows import FLOWS
from storyreel.desk.lost_runs import LocalLookout, Lookout, SharedLookout
from storyreel.desk.pool import POOL, RUN_ENVIRONMENT, TAG, closed_template
from storyreel.desk.recovery import keep_sweeping, sweep

if TYPE_CHECKING:
    from prefect.client.schemas.objects import WorkerFlowRunResponse

COMMAND = (sys.executable, "-P", "-m", "storyreel.desk.run")
CANCEL_SEEN_S = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Pauses before each look whether a run is being cancelled of which Prefect has said so: half a minute in all."""

log = logging.getLogger("prefect.storyreel.worker")

ANSWER_PATIENCE_S = 28.0
"""How long runs that are stopped may take: each waits up to 25 s for the answers to what it has sent."""


def refusal(run: FlowRun, deployment: DeploymentResponse | None, flow: StoredFlow) -> str | None:
    """Return why a run is not run here; None if it is."""
    if deployment is None or TAG not in deployment.tags or flow.name not in FLOWS:
        return (
            f"this worker runs the deployments of storyreel alone, which have the tag `{TAG}` and the flow "
            f"{' or '.join(FLOWS)}; nothing was started"
        )
    if run.job_variables:
        return (
            f"the run has job variables ({', '.join(sorted(run.job_variables))}), and this worker takes command, "
            "environment and folder from nobody; nothing was started. Run it again without them"
        )
    return None


class OurConfiguration(ProcessJobConfiguration):
    """How a run is started: as we say, whatever its pool, its deployment and the run itself have to say about it."""

    _refusal: str | None = PrivateAttr(default=None)

    @property
    def refusal(self) -> str | None:
        """Why the run is not to be started; None if it is."""
        return self._refusal

    @classmethod
    async def resolve_for_flow_run(
        cls,
        flow_run: FlowRun,
        *,
        client: PrefectClient,
        work_pool: WorkPool,
        worker_name: str,
        worker_id: UUID | None = None,
        deployment: DeploymentResponse | None = None,
    ) -> OurConfiguration:
        """Return the configuration of a run."""
        if deployment is None and flow_run.deployment_id is not None:
            deployment = await client.read_deployment(flow_run.deployment_id)
        flow = await client.read_flow(flow_run.flow_id)
        configuration = cls()
        configuration._refusal = refusal(flow_run, deployment, flow)
        configuration.prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        return configuration

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: StoredFlow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Set command, environment and folder; Prefect adds which run it is."""
        self.command = command_to_string(list(COMMAND))
        # What the operator has set for this worker wins: they are us.
        self.env = {name: os.environ.get(name, value) for name, value in RUN_ENVIRONMENT.items()}
        self.working_dir = Path.cwd()
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)


class StudioWorker(ProcessWorker):
    """
    A process worker of ours.

    Args:
        alone: Whether no other worker and no other machine runs runs of this server.
        limit: How many runs it runs at once.
    """

    # By this name Prefect would find the class; another one's would be taken from it.
    type = "storyreel"
    job_configuration = OurConfiguration

    def __init__(self, pool: str, name: str, *, alone: bool, limit: int | None = None) -> None:
        super().__init__(work_pool_name=pool, name=name, limit=limit)
        # The type of the pools that it works for.
        self.type = "process"
        self._flying: dict[UUID, int | None] = {}
        self._closing = False
        self.lookout: Lookout = LocalLookout(self._works_on, pool) if alone else SharedLookout(name, self._works_on)

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Return the template of a pool that is not there yet."""
        return closed_template()

    def _works_on(self, run_id: UUID) -> bool:
        return run_id in self._flying or run_id in self._submitting_flow_run_ids

    async def _submit_scheduled_flow_runs(self, flow_run_response: list[WorkerFlowRunResponse]) -> list[FlowRun]:
        if self._closing:
            return []
        # A run that is retried at once may still have its former process, and is taken when that has gone.
        return await super()._submit_scheduled_flow_runs(
            [each for each in flow_run_response if each.flow_run.id not in self._flying]
        )

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run one run in a process of its own, or refuse it before there is one."""
        status = task_status or anyio.TASK_STATUS_IGNORED
        assert isinstance(configuration, OurConfiguration)
        if configuration.refusal is not None or self._closing:
            if configuration.refusal is not None:
                await self.client.set_flow_run_state(flow_run.id, Failed(message=configuration.refusal), force=True)
            status.started(0)
            return ProcessWorkerResult(status_code=0, identifier="none")
        self._flying[flow_run.id] = None
        try:
            await self._execute(flow_run, configuration, status)
        finally:
            del self._flying[flow_run.id]
        # The executor has told the server of a death; told once more, it would hit whoever takes the run up.
        return ProcessWorkerResult(status_code=0, identifier=str(flow_run.id))

    async def _execute(
        self, flow_run: FlowRun, configuration: OurConfiguration, status: anyio.abc.TaskStatus[int]
    ) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            async with FlowRunExecutorContext() as context:
                manager, proposer = context._cancellation_manager, context._state_proposer  # noqa: SLF001
                assert manager is not None
                manager.cancel_by_id = cancel_if_asked(self.client, manager)  # type: ignore[assignment, method-assign]
                self._cancel_once(proposer)
                starter = EngineCommandStarter(
                    command=configuration.command,
                    cwd=configuration.working_dir,
                    env=configuration.env,
                    stream_output=configuration.stream_output,
                    control_channel=context.control_channel,
                )
                executor = context.create_executor(
                    flow_run, starter, resolve_flow=without_hooks, propose_submitting=False
                )

                async def execute(
                    *, task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED
                ) -> None:
                    await executor.submit(task_status=task_status)

                async with anyio.create_task_group() as group:
                    handle = await group.start(execute)
                    self._flying[flow_run.id] = handle.pid
                    status.started(handle.pid or 0)

    def _cancel_once(self, proposer: StateProposer) -> None:
        """
        Have a run called Cancelled only while it is being cancelled.

        Our flows say so themselves, and a person may have retried the run before its former process is gone: Prefect would
        then force the Cancel upon what is to begin.
        """
        propose = proposer.propose_cancelled

        async def propose_cancelled(flow_run: FlowRun, state_updates: dict[str, Any] | None = None) -> bool:
            now = (await self.client.read_flow_run(flow_run.id)).state
            return True if now is not None and not now.is_cancelling() else await propose(flow_run, state_updates)

        proposer.propose_cancelled = propose_cancelled  # type: ignore[method-assign]

    async def close(self) -> None:
        """Stop the runs, wait for the answers to what they have sent, and have whoever comes next take them up."""
        self._closing = True
        deadline = time.monotonic() + ANSWER_PATIENCE_S
        stopped: set[int] = set()
        while self._flying and time.monotonic() < deadline:
            for pid in self._flying.values():
                if pid is not None and pid not in stopped:
                    stopped.add(pid)
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
            await asyncio.sleep(0.1)
        if stopped:
            with suppress(Exception):
                await sweep(self.client, self.lookout)


def cancel_if_asked(client: PrefectClient, manager: CancellationManager) -> Callable[[UUID], Coroutine[Any, Any, None]]:
    """
    Return how a run is cancelled: one that is being cancelled now, and no other.

    Prefect tells a worker of the cancels of the last minute as well: a Retry soon after a Cancel would be cancelled by
    that one, once more. And it tells of a new one before that can be read at the server, so it is asked again for a while.
    """

    async def cancel(run: UUID) -> None:
        for pause_s in CANCEL_SEEN_S:
            await asyncio.sleep(pause_s)
            try:
                flow_run = await client.read_flow_run(run)
            except httpx.HTTPError as error:
                log.warning("Whether run %s is being cancelled cannot be read, and is asked again: %r", run, error)
                continue
            state = flow_run.state
            if state is not None and (state.is_cancelling() or state.is_cancelled()):
                await manager.cancel(flow_run)
                return
            if state is not None and state.is_final():
                return  # whoever waits for the end of this run's process waits for us too

    return cancel


async def without_hooks(flow_run: FlowRun) -> Flow[Any, Any]:  # noqa: ARG001 - Prefect asks by the run
    """Return a flow without hooks. Prefect looks for a deployment's own when a run has crashed or is cancelled."""
    return Flow(lambda: None, name="none")


async def work(pool: str, name: str, *, alone: bool, limit: int | None = None, with_healthcheck: bool = False) -> None:
    """Work until the process is told to stop."""
    worker = StudioWorker(pool, name, alone=alone, limit=limit)
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopped.set)
    async with get_client() as client:
        tasks = {
            asyncio.create_task(worker.start(with_healthcheck=with_healthcheck)),
            asyncio.create_task(stopped.wait()),
            asyncio.create_task(keep_sweeping(client, worker.lookout)),
        }
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
            await worker.close()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def main(words: list[str] | None = None) -> None:
    """Read the command line and work."""
    parser = argparse.ArgumentParser(prog="storyreel worker")
    parser.add_argument("--pool", default=POOL)
    parser.add_argument("--name", default=socket.gethostname())
    parser.add_argument("--limit", type=int)
    parser.add_argument("--with-healthcheck", action="store_true")
    parser.add_argument("--alone", action="store_true", help="no other worker, and no other machine, runs runs")
    given = parser.parse_args(words)
    # Started in the background of a shell, a process has Ctrl-C ignored, and hands that on to its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Of two workers with one name each would take the other's runs for its own.
    name = given.name if given.alone else f"{given.name}-{secrets.token_hex(3)}".translate({ord(c): "-" for c in "/%"})
    with suppress(KeyboardInterrupt):
        health = bool(given.with_healthcheck)
        asyncio.run(work(given.pool, name, alone=given.alone, limit=given.limit, with_healthcheck=health))


if __name__ == "__main__":
    to_the_end(main)
