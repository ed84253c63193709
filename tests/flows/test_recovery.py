"""
A desk from its opening to its end: what is lost there goes on without a person, and nothing is sent twice.

One desk for all of it: Prefect's server, a worker and the films as processes of their own, real runs, real kills. A
heartbeat comes every 30 s at the shortest, so the real silence is waited for in bench/recovery.py; here a run counts as
lost after 13 s, which makes every run that lives longer a false alarm, and that is wanted too.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.cli.crew import alive, children_of
from storyreel.media import probe
from tests.desk import BOARD, Desk, let_in

pytestmark = [pytest.mark.journey, pytest.mark.long]
SILENCE_S = 13
FIRST = "A lighthouse at dusk."


def until(so: Callable[[], Any], patience_s: float = 90.0) -> Any:
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + patience_s
    while not (it := so()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.4)
    return it


def environment(pid: int) -> bytes:
    """Return the environment of a process; nothing if it has just ended."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Opened:
    """A desk that is open, with a board of its own for each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.films_port = free_port(), free_port()
        self.env = {
            **os.environ,
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "STORYREEL_OUT": "out",
            "STORYREEL_SANDBOX": "sandbox",
            "STORYREEL_SANDBOX_LATENCY": "0",
            "STORYREEL_POLL": "0.1",
        }
        self.ports = ("--port", str(self.port), "--films-port", str(self.films_port))
        self.log = folder / "desk.log"

    def open(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "storyreel", "studio", *self.ports],
                env=self.env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        until(lambda: "Ctrl-C" in self.told() or self.process.poll() is not None)
        assert self.process.poll() is None, self.told()
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/", timeout=30, headers=let_in(self.folder / "data")
        )

    def close(self) -> float:
        self.api.close()
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.told()
        return time.monotonic() - began

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def post(self, path: str, **body: Any) -> Any:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def begin(self, name: str, cue: str) -> str:
        """Start a run of a board of that name, with a cue to the sandbox at its first scene; return the run's id."""
        # Its own words in every prompt: what another board's run has bought would be reused.
        text = re.sub(r'(prompt|extend|edit): "', rf"\g<0>{name}: ", BOARD)
        (self.folder / f"{name}.yaml").write_text(text.replace(FIRST, f"{FIRST} [[sandbox: {cue}]]"))
        deployment = self.api.get("deployments/name/sequence/sequence-rehearsal").json()["id"]
        run = self.post(f"deployments/{deployment}/create_flow_run", parameters={"storyboard": f"{name}.yaml"})
        return str(run["id"])

    def state(self, run: str) -> str:
        return str(self.api.get(f"flow_runs/{run}").json()["state"]["name"])

    def history(self, run: str) -> list[str]:
        """Return the states of a run from its first start on, but for those in which it waits for a process."""
        states = self.api.get("flow_run_states/", params={"flow_run_id": run}).json()
        names = [state["name"] for state in sorted(states, key=lambda state: state["timestamp"])]
        return [name for name in names if name not in ("Scheduled", "Pending", "Submitting")]

    def worker(self) -> int:
        """Return the process of the worker."""
        return next(
            pid for pid in children_of(self.process.pid) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )

    def answers(self) -> int:
        """Return how many requests the vault has an answer to."""
        return len(list((self.folder / "data" / "storyreel" / "vault").rglob("answer.json")))

    def posts(self, name: str) -> list[dict[str, Any]]:
        """Return what the sandbox has received from the board of that name."""
        return [post for post in Desk(self.folder).posts() if f"{name}: " in json.dumps(post)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a desk whose runs count as lost after a short silence."""
    desk = Opened(tmp_path_factory.mktemp("studio"))
    desk.open()
    for automation in desk.post("automations/filter"):
        if automation["trigger"]["posture"] == "Proactive":
            assert automation["trigger"]["within"] == 80
            changed = {key: automation[key] for key in ("name", "description", "enabled", "trigger", "actions")}
            changed["trigger"]["within"] = SILENCE_S
            assert desk.api.put(f"automations/{automation['id']}", json=changed).is_success
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
    before = opened.answers()
    run = opened.begin("lost", "slow 8")
    # All but what continues the slow one is sent and answered: a kill between the two would be a matter for a person.
    until(lambda: len(opened.posts("lost")) == 5 == opened.answers() - before)
    worker = opened.worker()
    (flow,) = children_of(worker)
    os.kill(worker, signal.SIGKILL)
    os.killpg(flow, signal.SIGKILL)
    return run


@pytest.fixture(scope="module")
def twice(opened: Opened, lost: str) -> str:
    """Begin a run that lives longer than its silence may be, while the lost one is silent."""
    return opened.begin("twice", "slow 20")


def test_a_lost_run_is_taken_up_again_by_itself(opened: Opened, lost: str, twice: str):
    """
    Worker and run killed at once in the middle: another worker comes, the run goes on, and the film is there.
    """
    until(lambda: opened.state(lost) == "Completed")

    assert ["Running", "Crashed", "AwaitingRetry"] == opened.history(lost)[:3]
    assert 6 == len(opened.posts("lost"))
    assert 192 == probe(opened.folder / "out" / "lost" / "lost.sandbox.mp4").frames
    assert "another one takes its place" in opened.told()


def test_two_processes_of_one_run_send_nothing_twice(opened: Opened, twice: str):
    """
    A run that is only taken for lost goes on beside the one that takes it up: each request is sent by one of them.
    """
    most: set[int] = set()

    def ended() -> bool:
        mine = {pid for pid in children_of(opened.worker()) if twice.encode() in environment(pid)}
        most.update(mine)
        return opened.state(twice) == "Completed" and not mine

    until(ended)

    assert 2 <= len(most)
    assert 6 == len(opened.posts("twice"))
    assert 192 == probe(opened.folder / "out" / "twice" / "twice.sandbox.mp4").frames


def test_a_closed_desk_goes_on_where_it_was(opened: Opened):
    """
    Ctrl-C ends all that it started within seconds, with a run in flight; opened again, that run is brought to its end,
    former runs and films are there, and what a person has changed on the page stands.
    """
    (limit,) = [it for it in opened.post("v2/concurrency_limits/filter") if it["name"] == "storyreel-jobs"]
    assert opened.api.patch(f"v2/concurrency_limits/{limit['id']}", json={"limit": 3}).is_success
    dailies = opened.api.get("deployments/name/dailies/dailies").json()
    (sunday,) = [it["id"] for it in dailies["schedules"] if it["slug"] == "sunday-rehearsal"]
    assert opened.api.patch(f"deployments/{dailies['id']}/schedules/{sunday}", json={"active": True}).is_success
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
    assert 2 == len(automations) == len(set(automations))
    assert {"sunday-rehearsal": True, "weeknights": False} == {it["slug"]: it["active"] for it in dailies["schedules"]}
