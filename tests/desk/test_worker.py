"""
The worker takes which run it is, and nothing else, from anybody.
"""

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError
from prefect.states import Cancelled, Cancelling, Completed, Crashed, Failed, Pending, Running, State

from storyreel.desk import worker
from storyreel.desk.flows import load
from storyreel.desk.pool import RUN_ENVIRONMENT, closed_template
from storyreel.desk.worker import COMMAND, OurConfiguration, cancel_if_asked, refusal

pytestmark = pytest.mark.filterwarnings("ignore")
FLOW = Flow(id=uuid4(), name="sequence")


def deployment(**changed: Any) -> DeploymentResponse:
    """Return a deployment of ours, but for what is changed."""
    return DeploymentResponse(**{"id": uuid4(), "name": "film", "flow_id": FLOW.id, "tags": ["storyreel"], **changed})


def run(**changed: Any) -> FlowRun:
    """Return a run."""
    return FlowRun(**{"id": uuid4(), "name": "r", "flow_id": FLOW.id, "deployment_id": uuid4(), **changed})


@pytest.mark.parametrize(
    "variables",
    [
        {"command": "touch marker"},
        {"env": {"XAI_BASE_URL": "https://elsewhere.example"}},
        {"env.PATH": "/elsewhere"},
        {"working_dir": "/elsewhere"},
        {"stream_output": False},
        {"anything": None},
    ],
    ids=lambda it: next(iter(it)),
)
def test_a_run_with_job_variables_is_refused(variables: dict[str, Any]):
    """
    Whatever they are: the sentence names them, and says what to do.
    """
    told = refusal(run(job_variables=variables), deployment(), FLOW)

    assert told is not None
    assert next(iter(variables)) in told
    assert "Run it again without them" in told


@pytest.mark.parametrize(
    ("theirs", "flow"),
    [
        (None, FLOW),
        (deployment(tags=[]), FLOW),
        (deployment(), Flow(id=uuid4(), name="another")),
        (deployment(), Flow(id=uuid4(), name="sequence.py")),
    ],
    ids=["no deployment", "no tag", "another flow", "a file"],
)
def test_a_run_of_nobody_we_know_is_refused(theirs: DeploymentResponse | None, flow: Flow):
    """
    A pool takes runs of whatever is deployed to it; this worker runs ours.
    """
    assert "the deployments of storyreel alone" in str(refusal(run(), theirs, flow))


@pytest.mark.parametrize(
    "theirs",
    [
        deployment(),
        deployment(job_variables={"command": "touch marker", "env": {"PATH": "/elsewhere"}}),
        deployment(entrypoint="evil.py:evil", pull_steps=[{"prefect.deployments.steps.run_shell_script": {}}]),
    ],
    ids=["as we made it", "its job variables", "its steps"],
)
def test_what_a_deployment_says_is_not_heard(theirs: DeploymentResponse, monkeypatch: pytest.MonkeyPatch):
    """
    Command, environment and folder are ours, whatever stands in the work pool, the deployment or the configuration.
    """
    monkeypatch.setenv("STORYREEL_JOBS_LIMIT", "another-limit")
    told = OurConfiguration(command="touch marker", env={"PATH": "/elsewhere", "X": "1"}, working_dir=Path("/"))
    told.prepare_for_flow_run(run(), theirs, FLOW, WorkPool(name="studio", type="process"), "desk")

    assert refusal(run(), theirs, FLOW) is None
    assert told.command is not None
    assert list(COMMAND) == told.command.split()
    assert Path.cwd() == told.working_dir
    assert os.environ["PATH"] == told.env["PATH"]
    assert "X" not in told.env
    assert "sequence" == told.env["PREFECT__FLOW_NAME"]
    assert {**RUN_ENVIRONMENT, "STORYREEL_JOBS_LIMIT": "another-limit"}.items() <= told.env.items()


async def test_no_hook_of_a_deployment_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    """
    When a run crashed or is cancelled Prefect loads its flow for its hooks; ours has none, and nothing is loaded.
    """
    flow = await worker.without_hooks(run())

    assert not flow.on_crashed_hooks
    assert not flow.on_cancellation_hooks


def test_our_own_flows_have_no_hooks():
    """
    So nothing is missed by looking for none.
    """
    for name in ("sequence", "dailies"):
        flow = load(name)
        hooks = (flow.on_crashed_hooks, flow.on_cancellation_hooks, flow.on_failure_hooks, flow.on_completion_hooks)

        assert all(not each for each in hooks)


# --- at a server --------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def client(prefect_server: str) -> AsyncIterator[PrefectClient]:
    """Return a client of a server whose work pool is closed."""
    async with get_client() as client:
        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(
                WorkPoolCreate(name="closed", type="process", base_job_template=closed_template())
            )
        yield client


@pytest.mark.prefect
@pytest.mark.parametrize(
    "variables",
    [{"command": "touch marker"}, {"env": {"X": "1"}}, {"env.X": "1"}, {"working_dir": "/"}, {"odd": 1}],
    ids=lambda it: next(iter(it)),
)
async def test_a_closed_pool_refuses_job_variables_when_a_run_is_made(client: PrefectClient, variables: dict[str, Any]):
    """
    By the API as by the form of the page, which shows nothing to fill in; without them a run is made.
    """
    flow = await client.create_flow_from_name("sequence")
    made = await client.create_deployment(flow, "closed", tags=["storyreel"], work_pool_name="closed")
    await client.create_flow_run_from_deployment(made)

    with pytest.raises((PrefectHTTPStatusError, httpx.HTTPStatusError)) as refused:
        await client.create_flow_run_from_deployment(made, job_variables=variables)

    assert 422 == refused.value.response.status_code
    assert {} == (await client.read_work_pool("closed")).base_job_template["variables"]["properties"]


class Cancels:
    """What ends the process of a run that is cancelled."""

    def __init__(self) -> None:
        self.runs: list[UUID] = []

    async def cancel(self, flow_run: FlowRun) -> None:
        """Note which one."""
        self.runs.append(flow_run.id)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Cancel be looked for three times, quickly."""
    monkeypatch.setattr(worker, "CANCEL_SEEN_S", (0.0, 0.01, 0.01))


@pytest.mark.prefect
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("state", "ended"), [(Running(), False), (Pending(), False), (Cancelling(), True), (Cancelled(), True)], ids=str
)
async def test_a_cancel_of_before_a_retry_ends_nothing(client: PrefectClient, state: State, ended: bool):
    """
    Prefect tells of the cancels of the last minute again; what counts is whether the run is being cancelled now.
    """
    flow_run = await client.create_flow_run(load("sequence"), state=state)
    cancels: Any = Cancels()
    await cancel_if_asked(client, cancels)(flow_run.id)

    assert cancels.runs == ([flow_run.id] if ended else [])


class LateServer:
    """A server that has said that a run is being cancelled, and shows it only when it is asked again."""

    def __init__(self, *answers: State | Exception) -> None:
        self.answers = list(answers)

    async def read_flow_run(self, run_id: UUID) -> FlowRun:
        """Return the run as it can be read by now, if it can."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return run(id=run_id, state=answer)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("first", [Running(), httpx.ConnectError("away")], ids=["not-written-yet", "server-away"])
async def test_a_cancel_that_cannot_be_read_yet_is_heard_all_the_same(first: State | Exception):
    """
    Prefect tells of a Cancel within the transaction that writes it, so who asks at once may see the state of before; and a
    server may be away for a moment.
    """
    cancels: Any = Cancels()
    server: Any = LateServer(first, first, Cancelling())
    await cancel_if_asked(server, cancels)(uuid4())

    assert 1 == len(cancels.runs)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("end", [Completed(), Failed(), Crashed()], ids=str)
async def test_of_a_run_that_has_ended_no_cancel_is_waited_for(end: State):
    """
    Its worker is free as soon as its process is gone.
    """
    cancels: Any = Cancels()
    server: Any = LateServer(end)
    await cancel_if_asked(server, cancels)(uuid4())

    assert [] == cancels.runs == server.answers


def test_a_cancel_is_looked_for_long_enough():
    """
    A slow disk, or a server elsewhere, takes its time to write a state down.
    """
    assert 20 < sum(worker.CANCEL_SEEN_S) < 60
