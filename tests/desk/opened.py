"""
A desk that is open, for tests: with a board of its own for each run, and kills.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from storyreel.desk.processes import children_of
from tests.desk import BOARD, Desk, let_in, outside

FIRST = "A lighthouse at dusk."


def until(so: Callable[[], Any], patience_s: float = 180.0) -> Any:
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + patience_s
    while not (it := so()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.4)
    return it


def words_of(pid: int) -> list[bytes]:
    """Return the command line of a process; nothing if it has just ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def processes_of(run: str) -> list[int]:
    """Return the processes that work on a run, without what one of them has only forked: it is its parent until it is another."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if run.encode() in (place / "environ").read_bytes() and b"storyreel.desk.run" in words_of(int(place.name)):
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                found.append((int(place.name), parent))
    pids = {pid for pid, _ in found}
    return [pid for pid, parent in found if parent not in pids]


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
            **outside(),
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
        until(lambda: "Ctrl-C" in self.told() or self.process.poll() is not None, 400)
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
        """Return the process of the worker; waits for the next one when it was killed."""

        def there() -> list[int]:
            words = {pid: words_of(pid) for pid in children_of(self.process.pid)}
            return [pid for pid, said in words.items() if b"storyreel.desk.worker" in said]

        return int(until(there)[0])

    def kill(self, *runs: str, worker: bool = False) -> None:
        """Kill the processes of runs, and the worker first."""
        processes = [pid for run in runs for pid in processes_of(run)]
        for pid in [self.worker(), *processes] if worker else processes:
            os.kill(pid, signal.SIGKILL)

    def all_sent(self, name: str) -> bool:
        """
        Whether all is sent and answered of a board's but what continues its first scene, the slow one.

        A kill between a request and its answer would be a matter for a person.
        """
        vault = self.folder / "data" / "storyreel" / "vault"
        claims, answers = (len(list(vault.rglob(file))) for file in ("claim.json", "answer.json"))
        return len(self.posts(name)) == 5 and claims == answers

    def posts(self, name: str) -> list[dict[str, Any]]:
        """Return what the sandbox has received from the board of that name."""
        return [post for post in Desk(self.folder).posts() if f"{name}: " in json.dumps(post)]
