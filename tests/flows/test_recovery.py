"""
A desk from its opening to its end: what is lost there goes on without a person, and nothing is sent twice.

One desk for all of it: Prefect's server, a worker and the films as processes of their own, real runs, real kills.
"""

import os
import re
import signal
from collections.abc import Iterator

import httpx
import pytest

from storyreel.desk.pool import FORMER_AUTOMATIONS
from storyreel.desk.processes import alive, children_of
from storyreel.media import probe
from storyreel.production.open import TAKEN_UP
from tests.desk import Desk, let_in
from tests.desk.opened import Opened, processes_of, until

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a desk."""
    desk = Opened(tmp_path_factory.mktemp("studio"))
    desk.open()
    yield desk
    if desk.process.poll() is None:
        desk.close()


def test_a_shoot_uses_the_desk_that_is_open(opened: Opened, desk: Desk):
    """
    It needs no word for it, and starts no server of its own; the run stands on the desk's page.
    """
    told = desk.shoot("--only", "door", XDG_DATA_HOME=opened.env["XDG_DATA_HOME"])

    assert re.search(rf"Using the desk at http://d[0-9a-f]+\.localhost:{opened.port}\n", told)
    assert ["Completed"] == [run["state_name"] for run in opened.post("flow_runs/filter") if not run["deployment_id"]]


@pytest.fixture(scope="module")
def lost(opened: Opened) -> str:
    """Begin a run, and kill it with its worker in the middle."""
    run = opened.begin("lost", "slow 20")
    until(lambda: opened.all_sent("lost"))
    opened.kill(run, worker=True)
    return run


@pytest.fixture(scope="module")
def twice(opened: Opened, lost: str) -> str:
    """Have a run whose worker was killed taken up while its process lives: as if nobody could see it."""
    run = opened.begin("twice", "slow 20")
    until(lambda: opened.posts("twice"))
    opened.kill(worker=True)
    again = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": f"{TAKEN_UP}: it was silent."}
    opened.post(f"flow_runs/{run}/set_state", state=again)
    return run


def test_a_lost_run_is_taken_up_again_by_itself(opened: Opened, lost: str):
    """
    Worker and run killed at once in the middle: another worker comes, the run goes on, and the film is there.
    """
    until(lambda: opened.state(lost) == "Completed")

    assert ["Running", "AwaitingRetry"] == opened.history(lost)[:2]
    assert 6 == len(opened.posts("lost"))
    assert 192 == probe(opened.folder / "out" / "lost" / "lost.sandbox.mp4").frames
    assert "another one takes its place" in opened.told()


def test_two_processes_of_one_run_send_nothing_twice(opened: Opened, twice: str):
    """
    A run that is only taken for lost goes on beside the one that takes it up: each request is sent by one of them.
    """
    most: set[int] = set()

    def ended() -> bool:
        mine = processes_of(twice)
        most.update(mine)
        return opened.state(twice) == "Completed" and not mine

    until(ended, 150)

    assert 2 == len(most)
    assert 6 == len(opened.posts("twice"))
    assert 192 == probe(opened.folder / "out" / "twice" / "twice.sandbox.mp4").frames


def test_one_death_is_one_death(opened: Opened):
    """
    A flow that is killed while its worker lives crashes once, is begun once more, and has its film.
    """
    run = opened.begin("once", "slow 20")
    until(lambda: opened.all_sent("once"))
    opened.kill(run)
    until(lambda: opened.state(run) == "Completed")

    assert ["Running", "Crashed", "AwaitingRetry", "Running", "Completed"] == opened.history(run)
    assert 2 == opened.api.get(f"flow_runs/{run}").json()["run_count"]
    assert 6 == len(opened.posts("once"))


def test_a_run_whose_worker_dies_before_it_runs_is_begun_by_the_next(opened: Opened):
    """
    Killed between taking it and starting it, a worker leaves it Pending, and nobody else would look at it.
    """
    run = opened.begin("pending", "slow 0")
    until(lambda: opened.state(run) in ("Pending", "Submitting"), 30)
    opened.kill(run, worker=True)
    until(lambda: opened.state(run) == "Completed")

    assert 6 == len(opened.posts("pending"))


def test_a_run_that_was_being_cancelled_when_all_died_is_cancelled(opened: Opened):
    """
    Nobody has to cancel it once more, and it does not begin again.
    """
    run = opened.begin("stopped", "slow 30")
    until(lambda: opened.posts("stopped"))
    worker, (flow,) = opened.worker(), processes_of(run)
    for pid in (worker, flow):
        os.kill(pid, signal.SIGSTOP)
    opened.post(f"flow_runs/{run}/set_state", state={"type": "CANCELLING", "name": "Cancelling"})
    for pid in (worker, flow):
        os.kill(pid, signal.SIGKILL)
    until(lambda: opened.state(run) == "Cancelled")


def test_a_closed_desk_goes_on_where_it_was(opened: Opened):
    """
    Ctrl-C ends all that it started within seconds, with a run in flight; opened again, that run is brought to its end,
    former runs and films are there, and what a person has changed on the page stands.
    """
    (limit,) = [it for it in opened.post("v2/concurrency_limits/filter") if it["name"] == "storyreel-jobs"]
    assert opened.api.patch(f"v2/concurrency_limits/{limit['id']}", json={"limit": 3}).is_success
    dailies = opened.api.get("deployments/name/dailies/dailies").json()
    (weeknights,) = [it["id"] for it in dailies["schedules"]]
    assert opened.api.patch(f"deployments/{dailies['id']}/schedules/{weeknights}", json={"active": True}).is_success
    run = opened.begin("closed", "slow 5")
    until(lambda: len(opened.posts("closed")) >= 3)
    started = children_of(opened.process.pid) + children_of(opened.worker())
    seconds = opened.close()
    left = [pid for pid in started if alive(pid)]
    opened.open()
    until(lambda: opened.state(run) == "Completed")
    page = httpx.get(f"http://127.0.0.1:{opened.films_port}/", headers=let_in(opened.folder / "data")).text
    automations = [it["name"] for it in opened.post("automations/filter")]
    dailies = opened.api.get("deployments/name/dailies/dailies").json()

    assert len(started) == 3
    assert left == []
    assert seconds < 15
    assert 6 == len(opened.posts("closed"))
    assert all(f"{name}/{name}.sandbox.mp4" in page for name in ("lost", "twice", "closed"))
    assert 3 == opened.api.get(f"v2/concurrency_limits/{limit['id']}").json()["limit"]
    assert not set(FORMER_AUTOMATIONS) & set(automations)
    assert [("weeknights-2am-berlin-20-usd", True)] == [(it["slug"], it["active"]) for it in dailies["schedules"]]
