"""
Runs as a worker has them executed: Prefect's own executor, which hears of a Cancel and carries it out.

A worker keeps the process of a run under a `FlowRunExecutorContext`: it listens for `Cancelling`, tells the process over
a socket that it is cancelled, sends it SIGTERM, and says `Cancelled` when it is gone. All that is Prefect's here as
there. Only what starts the process may be ours, because Prefect takes four seconds to load in each: our launcher forks.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.runner._flow_run_executor import FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter
from prefect.states import Cancelling

from storyreel.desk.flows import flow_file
from tests.chaos.points import HELD_S
from tests.chaos.scene_of_events import Scene, Told

ENDS = ("Cancelled", "Completed", "Crashed", "Failed")


@dataclass
class Forked:
    """A process of the launcher, as Prefect looks at one."""

    pid: int
    returncode: int | None = None


EVENT_S = 15.0
"""How long the runner has to hear of a Cancel by an event."""
PATIENCE_S = 30.0
"""How long the runner waits between its SIGTERM and a kill."""


@dataclass
class OneSignal:
    """
    How a run is ended: by the runner's one SIGTERM.

    The runner looks every three seconds whether the process is gone, and kills it after thirty. Here the test looks, at
    once, and says itself that thirty seconds were enough.
    """

    wait_after_graceful_kill: bool = False
    sent: float | None = None

    def is_alive(self, pid: int) -> bool:
        """Whether the process is there."""
        return Path(f"/proc/{pid}").exists()

    def graceful_kill(self, pid: int) -> None:
        """Tell the process to end."""
        self.sent = time.monotonic()
        os.kill(pid, signal.SIGTERM)

    def hard_kill(self, pid: int) -> None:
        """Be out of patience, which must not be."""
        raise AssertionError(f"process {pid} did not end in time")

    def close(self) -> None:
        """Have nothing to give back."""


@dataclass
class Starter:
    """Starts a run in a process that the launcher forks, with a blow at a point."""

    scene: Scene
    runner: FlowRunExecutorContext
    point: str
    told: Told | None = None
    end: OneSignal = field(default_factory=OneSignal)

    async def start(self, flow_run: FlowRun, task_status: Any) -> None:
        """Start the process, say which it is, and wait for its end."""
        port, token = self.runner.control_channel.register(flow_run.id)
        own = {
            "PREFECT__CONTROL_PORT": str(port),
            "PREFECT__CONTROL_TOKEN": token,
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS": "false",
            "PREFECT__FLOW_ENTRYPOINT": f"{flow_file()}:sequence",
            "PREFECT__FLOW_RUN_ID": str(flow_run.id),
        }
        run = self.scene.begin(point=self.point, blow="held", flow_run=str(flow_run.id), env={**self.scene.env, **own})
        process = Forked(run.pid)
        task_status.started(ProcessHandle(process, self.end))  # type: ignore[arg-type]
        self.told = await asyncio.to_thread(self.scene.end, run)
        assert self.end.sent is None or time.monotonic() - self.end.sent < PATIENCE_S, "the runner would have killed it"
        process.returncode = self.told.code


def spawned(scene: Scene, runner: FlowRunExecutorContext, point: str) -> EngineCommandStarter:
    """Return what starts a run in a process as the worker does, by a command of its own."""
    return EngineCommandStarter(
        command=f"{sys.executable} -m tests.chaos.engine",
        entrypoint=f"{flow_file()}:sequence",
        cwd=scene.folder,
        env={**scene.env, "PYTHONPATH": os.pathsep.join(sys.path), "CHAOS_POINT": point, "CHAOS_BLOW": "held"},
        stream_output=False,
        control_channel=runner.control_channel,
    )


class Runner(FlowRunExecutorContext):
    """A runner that can be told of a Cancel."""

    async def cancel(self, flow_run: FlowRun) -> None:
        """Carry a Cancel out, as when an event of it has come."""
        await self._cancellation_manager.cancel_by_id(flow_run.id)


@asynccontextmanager
async def running(flow: Any) -> AsyncIterator[tuple[Runner, FlowRun]]:
    """Have a runner, and a flow run for it."""
    async with Runner() as runner:
        yield runner, await runner.client.create_flow_run(flow, parameters={"storyboard": "small.yaml"})


async def struck(
    scene: Scene, runner: Runner, flow_run: FlowRun, starter: Any, flow: Any, *, by_hand: bool = False
) -> list[str]:
    """
    Execute a run to where it is held, and press Cancel as the page does; return the ends that Prefect then shows of it.

    With `by_hand` nobody presses anything: its process is told to end, as when a machine is shut down.
    """

    async def resolved(_: FlowRun) -> Any:
        return flow

    work = asyncio.create_task(runner.create_executor(flow_run, starter, resolved).submit())
    await until(lambda: scene.reached() or work.done())
    if by_hand:
        handle = runner.process_manager.get(flow_run.id)
        assert handle is not None
        handle.graceful_kill()
    else:
        await runner.client.set_flow_run_state(flow_run.id, Cancelling())
        await asyncio.wait([work], timeout=EVENT_S)
        if isinstance(starter, Starter) and starter.end.sent is None:
            # On a busy machine Prefect's stream of events hangs for a minute, which is as long as an answer may take. What it
            # would call then is called now.
            await runner.cancel(flow_run)
    await asyncio.wait_for(work, HELD_S)
    for _ in range(200):
        states = [state.name or "" for state in await runner.client.read_flow_run_states(flow_run.id)]
        if states[-1] in ENDS:
            break
        await asyncio.sleep(0.05)
    return [state for state in states if state in ENDS]


async def until(so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.01)
