"""
The night on a real Prefect server: a worker shoots what is not current, one till bounds it, and a report is left.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Scheduled

from storyreel.desk.flows import load
from storyreel.settings import read_settings
from storyreel.vault import open_vault
from tests.desk import ONE
from tests.production.test_status import film

ROOT = Path(__file__).parents[2]
SEQUENCE = "sequence/of-the-night"
TILL = "dailies-2026-11-01"

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]


@contextmanager
def working(pool: str, *args: str, **env: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Have one of Prefect's own workers at work, which sweeps nothing."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--type", "process", *args],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=20)
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.fixture(scope="module")
def crew(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start one worker for all tests of this file; return the folder with its vault, its sandbox and its films."""
    place = tmp_path_factory.mktemp("night")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "STORYREEL_VAULT": f"file:{place / 'vault'}",
            "STORYREEL_SANDBOX": str(place / "sandbox"),
            "STORYREEL_SANDBOX_LATENCY": "0",
            "STORYREEL_POLL": "0.05",
            "STORYREEL_OUT": str(place / "out"),
            "XDG_CACHE_HOME": str(place / "cache"),
            "PREFECT_API_URL": prefect_server,
            "PREFECT_WORKER_QUERY_SECONDS": "0.5",
        }.items():
            patch.setenv(name, value)
        with working("night"):
            # The worker goes by the environment that it was started with; the tests by their own.
            patch.delenv("PREFECT_API_URL")
            yield place


@pytest.fixture(scope="module")
def dailies(prefect_server: str) -> Any:
    """Return the flow."""
    return load("dailies")


@asynccontextmanager
async def in_a_pool(pool: str, deployment: str, sequence: Any) -> AsyncIterator[UUID]:
    """Have the sequence deployed to a pool, and give the deployment's id."""
    async with get_client() as client:
        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        deployment_id = await client.create_deployment(
            await client.create_flow(sequence),
            deployment,
            entrypoint="flows/sequence.py:sequence",
            work_pool_name=pool,
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
        )
        yield deployment_id
        await client.delete_deployment(deployment_id)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployed(crew: Path, sequence: Any) -> AsyncIterator[None]:
    """Deploy the sequence to the worker for the tests of this file."""
    async with in_a_pool("night", SEQUENCE.partition("/")[2], sequence):
        yield


@pytest.fixture
def boards(crew: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder of storyboards for one test."""
    folder = crew / str(request.node.name)
    folder.mkdir()
    return folder


def write(folder: Path, name: str, marker: str = "", seconds: int = 2) -> Path:
    path = folder / name
    text = ONE.format(marker=f"{folder.name} {name} {marker}").replace("duration: 2", f"duration: {seconds}")
    path.write_text(text, encoding="utf-8")
    return path


def posts(crew: Path, folder: Path) -> list[str]:
    """Return which boards of a folder the sandbox has received paid requests for, one each, by name."""
    log = crew / "sandbox" / "posts.jsonl"
    return sorted(re.findall(rf"{folder.name} (\w+\.yaml)", log.read_text(encoding="utf-8") if log.exists() else ""))


async def report(state: State) -> tuple[str, dict[str, str]]:
    """Return the page that a night left, and the state of each storyboard in its table."""
    mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    async with get_client() as client:
        drawn = {artifact.key: artifact.data for artifact in await client.read_artifacts(artifact_filter=mine)}
    table = json.loads(str(drawn["dailies-storyboards"]))
    return str(drawn["dailies"]), {row["storyboard"]: row["state"] for row in table}


@dataclass(frozen=True)
class Night:
    """What is known of a night that crashed, was taken up again, and came to its end."""

    folder: Path
    crashed: State | None
    state: State
    below: list[FlowRun]
    page: str
    told: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night(dailies: Any, deployed: None, crew: Path) -> Night:
    """Have one night with a bit of everything, which crashes as soon as its runs are started."""
    boards = crew / "boards"
    boards.mkdir()
    # This one was shot before, on the same day and out of the same till.
    await film(write(boards, "current.yaml"), till=TILL)
    write(boards, "dear.yaml", seconds=6)
    write(boards, "fails.yaml", "[[sandbox: failed invalid_argument]]")
    write(boards, "new.yaml")
    (boards / "wrong.yaml").write_text("scenes: 3\n")
    # Half past one in the night there; at Greenwich it is still October.
    schedule = CronSchedule(cron="30 1 * * *", timezone="Pacific/Kiritimati")
    due = Scheduled(scheduled_time=datetime(2026, 10, 31, 11, 30, tzinfo=UTC))
    parameters = {"folder": str(boards), "budget": 0.35, "sandbox": True, "deployment": SEQUENCE}
    async with get_client() as client:

        async def below() -> list[FlowRun]:
            of_tonight = FlowRunFilter.model_validate({"parent_flow_run_id": {"any_": [run.id]}})
            return await client.read_flow_runs(flow_run_filter=of_tonight)

        # No worker knows this deployment: its run is taken up here, and here it crashes.
        deployment_id = await client.create_deployment(
            await client.create_flow(dailies),
            "tonight",
            schedules=[DeploymentScheduleCreate(schedule=schedule, active=False)],
        )
        run = await client.create_flow_run_from_deployment(deployment_id, parameters=parameters, state=due)
        first = asyncio.ensure_future(run_flow(dailies, run, parameters, return_type="state"))
        while len(await below()) < 2:
            assert not first.done()
            await asyncio.sleep(0.05)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        crashed = (await client.read_flow_run(run.id)).state
        await client.set_flow_run_state(run.id, AwaitingRetry(scheduled_time=datetime.now(UTC)), force=True)
        state = await run_flow(dailies, await client.read_flow_run(run.id), parameters, return_type="state")
        runs = await below()
        await client.delete_deployment(deployment_id)
    return Night(boards, crashed, state, runs, *await report(state))


@pytest.mark.long
def test_a_night_shoots_what_is_not_current_and_says_what_became_of_each(night: Night):
    """
    One that is wrong, one that fails and one that is too dear stop no other; they are named and let the night fail.
    """
    assert {
        "current.yaml": "current",
        "dear.yaml": "over budget",
        "fails.yaml": "failed",
        "new.yaml": "shot",
        "wrong.yaml": "wrong",
    } == night.told
    assert night.state.is_failed()
    assert "3 of 5 films are not current: dear.yaml (over budget), fails.yaml (failed), wrong.yaml (wrong)" in str(
        night.state.message
    )


@pytest.mark.long
def test_the_report_says_where_the_film_is_and_why_another_is_not(night: Night, crew: Path):
    """
    The page has the film's place, the reason of each failure, and what the night cost.
    """
    assert f"| new.yaml | shot | 2 | $0.10 | `{crew}/out/new/new.sandbox.mp4` |" in night.page
    assert "1 of 1 steps failed / coast/video: failed" in night.page
    assert "wrong.yaml:1:9: scenes is 3" in night.page
    assert "1 current, 1 shot, 3 not; 2 runs for $0.20; $0.30 is spent of the day's $0.35" in night.page


@pytest.mark.long
def test_a_night_that_crashed_finds_the_runs_that_it_started(night: Night, crew: Path):
    """
    Taken up again, it waits for the runs below it and starts none a second time: each board was paid for once.
    """
    assert night.crashed is not None
    assert night.crashed.is_crashed()
    assert ["fails", "new"] == sorted(run.name for run in night.below)
    assert ["current.yaml", "fails.yaml", "new.yaml"] == posts(crew, night.folder)


@pytest.mark.long
async def test_one_till_bounds_all_runs_of_the_day(night: Night, crew: Path):
    """
    What the till does not have for all of a film is not begun; the day is that of the schedule's own time zone.
    """
    assert {TILL} == {run.parameters["till"] for run in night.below}
    assert 3_000_000_000 == await open_vault(read_settings().vault, cache=crew).ledger.spent("sandbox", TILL)
    assert "1 request for about $0.30 is still to buy, and $0.25 is left of the budget of $0.35" in night.page
    assert "$0.30 more is needed for dear.yaml" in night.page


@pytest.mark.long
async def test_the_next_night_buys_nothing(dailies: Any, deployed: None, crew: Path, boards: Path):
    """
    What is current is left alone, and so is what would only fail again: it is named with the command that resolves it.
    """
    await film(write(boards, "done.yaml"))
    await film(write(boards, "fails.yaml", "[[sandbox: failed invalid_argument]]"), run="the night before")
    before = posts(crew, boards)
    state = await dailies(folder=str(boards), sandbox=True, deployment=SEQUENCE, return_state=True)
    page, told = await report(state)

    assert state.is_failed()
    assert {"done.yaml": "current", "fails.yaml": "blocked"} == told
    assert before == posts(crew, boards) == ["done.yaml", "fails.yaml"]
    assert "0 runs for $0.00" in page
    assert f"storyreel shoot {boards / 'fails.yaml'} --redo coast/video --sandbox".replace("_", r"\_") in page


@pytest.mark.long
async def test_without_the_deployment_nothing_is_bought(dailies: Any, deployed: None, crew: Path, boards: Path):
    """
    A name that Prefect does not know is told with the command that makes it, and the report is left all the same.
    """
    write(boards, "new.yaml")
    state = await dailies(folder=str(boards), sandbox=True, deployment="sequence/none", return_state=True)
    page, told = await report(state)

    assert state.is_failed()
    assert {"new.yaml": "failed"} == told
    assert "there is no deployment sequence/none; make it with: prefect --no-prompt deploy --all" in page
    assert [] == posts(crew, boards)


@pytest.mark.long
async def test_a_night_makes_the_variants_that_fit_and_the_next_one_the_others(
    dailies: Any, deployed: None, crew: Path, boards: Path
):
    """
    Five, with money for three and a half: three runs, nothing spent on the others. Tried again with more, two runs more.
    """
    names = ("aveiro", "braga", "coimbra", "evora", "faro")
    variants = ", ".join(f"{name}: {{vars: {{city: {name}}}}}" for name in names)
    text = ONE.format(marker=f"{boards.name} tram.yaml {{{{ city }}}}")
    (boards / "tram.yaml").write_text(f"vars: {{city: ''}}\nvariants: {{{variants}}}{text}")
    till = f"dailies-{datetime.now(UTC).astimezone().date().isoformat()}"
    spent = await open_vault(read_settings().vault, cache=crew).ledger.spent("sandbox", till) / 10_000_000_000

    async def shot(budget: float) -> dict[str, str]:
        state = await dailies(
            folder=str(boards), sandbox=True, deployment=SEQUENCE, budget=spent + budget, return_state=True
        )
        return (await report(state))[1]

    first, second = await shot(0.35), await shot(0.50)

    assert [*["shot"] * 3, *["over budget"] * 2] == [first[f"tram.yaml {name}"] for name in names]
    assert [*["current"] * 3, *["shot"] * 2] == [second[f"tram.yaml {name}"] for name in names]
    assert 5 == len(posts(crew, boards))


@pytest.mark.long
async def test_a_night_with_nothing_to_do_is_a_good_one(dailies: Any, deployed: None, boards: Path):
    """
    Every film is current: no run is started, and the night is Completed.
    """
    await film(write(boards, "done.yaml"))
    state = await dailies(folder=str(boards), sandbox=True, deployment=SEQUENCE, return_state=True)
    page, told = await report(state)

    assert state.is_completed()
    assert {"done.yaml": "current"} == told
    assert "1 of 1 films are current" in page


def killed(run: UUID) -> None:
    """Kill whatever works on a run."""
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"PREFECT__FLOW_RUN_ID={run}".encode() in (place / "environ").read_bytes().split(b"\0"):
                os.kill(int(place.name), signal.SIGKILL)


@pytest.mark.long
@pytest.mark.timeout(500)
async def test_a_night_takes_up_its_dead_runs_itself(
    dailies: Any, sequence: Any, prefect_server: str, crew: Path, boards: Path
):
    """
    Nobody sweeps here. One run is killed and reported as Crashed; then the worker dies, with one run that stays Running and
    one that stays Pending. With another worker there the night ends with three films, each paid once.
    """
    for name, marker in {"a.yaml": "[[sandbox: slow 20]]", "b.yaml": "[[sandbox: slow 20]]", "c.yaml": ""}.items():
        write(boards, name, marker)

    async with in_a_pool("mortal", "mortal", sequence) as deployment, get_client() as client:

        async def until(**wanted: set[str]) -> dict[str, FlowRun]:
            theirs = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment]))
            async with asyncio.timeout(120):
                while True:
                    runs = {run.name: run for run in await client.read_flow_runs(flow_run_filter=theirs)}
                    if all(name in runs and runs[name].state_name in states for name, states in wanted.items()):
                        return runs
                    await asyncio.sleep(0.1)

        async def sent(*names: str) -> None:
            async with asyncio.timeout(120):
                while posts(crew, boards) != list(names):
                    await asyncio.sleep(0.1)

        server = {"PREFECT_API_URL": prefect_server}
        night = asyncio.ensure_future(
            dailies(folder=str(boards), sandbox=True, deployment="sequence/mortal", return_state=True)
        )
        with working("mortal", "--limit", "2", **server) as worker:
            await sent("a.yaml", "b.yaml")
            killed((await until(a={"Running"}))["a"].id)
            runs = await until(a={"Crashed"}, b={"Running"}, c={"Pending", "Submitting"})
            os.kill(worker.pid, signal.SIGKILL)
            for name in ("b", "c"):
                killed(runs[name].id)
        with working("mortal", **server):
            async with asyncio.timeout(300):
                state = await night
        histories = {
            name: [each.name for each in sorted(await client.read_flow_run_states(run.id), key=lambda s: s.timestamp)]
            for name, run in runs.items()
        }
    _, told = await report(state)

    assert state.is_completed()
    assert {"a.yaml": "shot", "b.yaml": "shot", "c.yaml": "shot"} == told
    assert ["a.yaml", "b.yaml", "c.yaml"] == posts(crew, boards)
    assert ["a"] == [name for name, history in histories.items() if "Crashed" in history], histories
    assert 1 == histories["c"].count("Running"), histories
    for name, history in histories.items():
        assert "AwaitingRetry" in history, (name, history)
        assert "Completed" == history[-1], (name, history)
