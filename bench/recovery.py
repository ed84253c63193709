"""
How lost runs are taken up: kills at random seconds, at a desk and at a server of one's own, and nobody does anything.

    python bench/recovery.py                                 a few of each kind, about five minutes on two cores
    python bench/recovery.py --desk 100 --plain 20 --pending 10 --many 200 --night 200 --shoot 200     all of it

Each kind begins rehearsals of small boards of its own, kills, waits, and prints how many films there are, how soon runs were
taken up, and how many requests were sent twice. It judges only that no film is missing and no request was sent twice.

    --desk N      N runs at an open desk, each killed once at a random second: the flow, or the flow and its worker
    --plain N     the same at a plain server with `storyreel worker`, at Prefect's default query interval of 10 s
    --pending N   N workers killed while a run of theirs is Pending
    --many N      N runs created by 20 clients at once, at the deployment's limit as it is
    --night N     a night of N boards
    --shoot N     N times `storyreel shoot`, 10 at a time
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from storyreel.desk.secret import SECRET, read_secret

BOARD = """
title: {name}
defaults: {{duration: 1, resolution: 480p}}
scenes:
  - id: coast
    prompt: "{name}: A lighthouse at dusk.{cue}"
  - id: stair
    prompt: "{name}: A stair."
"""
ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
SECONDS_A_RUN = 30
"""How long one run may take, of four at a time, on two busy cores, with its death."""


@dataclass
class House:
    """Where runs are begun: a desk, or a server with a worker."""

    folder: Path
    api: httpx.Client
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    begin_worker: Callable[[], None] | None = None

    def board(self, name: str, cue: str = "") -> str:
        """Write a board of its own for a run, so that no run finds another's clips."""
        place = self.folder / "boards" / f"{name}.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(BOARD.format(name=name, cue=cue))
        return f"boards/{name}.yaml"

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Ask Prefect's API; a server that is busy is asked again."""
        for pause in (0.5, 1, 2, 4, 8, 0):
            with suppress(httpx.TransportError):
                answer = self.api.request(method, path, json=body or None)
                if answer.is_success:
                    return answer.json() if answer.content else None
                if answer.status_code < 500:
                    sys.exit(f"{path}: {answer.text[:300]}")
            time.sleep(pause)
        sys.exit(f"{path}: the server does not take it")

    def begin(self, name: str, cue: str = "") -> str:
        """Begin a rehearsal of a board."""
        deployment = self.ask("GET", "deployments/name/sequence/sequence-rehearsal")["id"]
        parameters = {"storyboard": self.board(name, cue), "sandbox": True}
        return str(self.ask("POST", f"deployments/{deployment}/create_flow_run", parameters=parameters)["id"])

    def states(self, run: str) -> list[dict[str, Any]]:
        """Return the states of a run in order."""
        states = self.ask("GET", f"flow_run_states/?flow_run_id={run}")
        return sorted(states, key=lambda state: str(state["timestamp"]))

    def films(self, names: list[str]) -> int:
        """Return how many of the films are there."""
        return sum((self.folder / "out" / name / f"{name}.sandbox.mp4").exists() for name in names)

    def worker(self) -> int | None:
        """Return the worker, if there is one just now."""
        return next(iter(processes_with("storyreel.desk.worker", str(self.folder))), None)


def processes_with(module: str, word: str) -> list[int]:
    """Return the processes that run a module and have a word in their environment."""
    pids = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (place / "cmdline").read_bytes().split(b"\0")
            if module.encode() in words and word.encode() in (place / "environ").read_bytes():
                pids.append(int(place.name))
    return pids


def kill(pids: list[int]) -> None:
    """Kill processes."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a house: nothing of the person's, but for where programs are."""
    passed_on = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in passed_on if name in os.environ} | {
        "XDG_DATA_HOME": str(folder / "data"),
        "STORYREEL_VAULT": f"file:{folder}/vault",
        "STORYREEL_SANDBOX": str(folder / "sandbox"),
        "STORYREEL_OUT": str(folder / "out"),
        "STORYREEL_SANDBOX_LATENCY": "0",
        "STORYREEL_POLL": "0.3",
        "DO_NOT_TRACK": "1",
    }


@contextmanager
def desk(folder: Path) -> Iterator[House]:
    """Open a desk."""
    ports = [free_port(), free_port()]
    words = [sys.executable, "-m", "storyreel", "studio", "--port", str(ports[0]), "--films-port", str(ports[1])]
    with (folder / "desk.log").open("wb") as log:
        process = subprocess.Popen(words, env=environment(folder), cwd=folder, stdout=log, stderr=log)
    try:
        until(lambda: b"Ctrl-C" in (folder / "desk.log").read_bytes(), 600)
        secret = read_secret(folder / "data" / "storyreel" / "studio" / SECRET)
        with httpx.Client(
            base_url=f"http://127.0.0.1:{ports[0]}/api/", timeout=90, headers=secret.headers, trust_env=False
        ) as api:
            yield House(folder, api)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


@contextmanager
def plain(folder: Path) -> Iterator[House]:
    """Run a server, deploy, and have a worker at its default interval; whoever kills it starts another one."""
    port = free_port()
    env = environment(folder) | {"PREFECT_HOME": str(folder / "prefect")}
    there = env | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    (folder / "prefect").mkdir()
    house = House(folder, httpx.Client(base_url=f"http://127.0.0.1:{port}/api/", timeout=90, trust_env=False))

    def start(*words: str, env: dict[str, str] = there) -> None:
        with (folder / "processes.log").open("ab") as log:
            house.processes.append(
                subprocess.Popen([sys.executable, "-m", *words], env=env, cwd=folder, stdout=log, stderr=log)
            )

    house.begin_worker = lambda: start("storyreel", "worker", "--limit", "4")
    try:
        start("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), env=env)
        until(lambda: answers(house.api), 600)
        subprocess.run([sys.executable, "-m", "storyreel", "deploy"], env=there, cwd=folder, check=True)
        house.begin_worker()
        yield house
    finally:
        for process in reversed(house.processes):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(45)
            process.kill()
        house.api.close()


def answers(api: httpx.Client) -> bool:
    """Whether a server answers."""
    with suppress(httpx.HTTPError):
        return api.get("health").status_code == 200
    return False


# --- what is tried -----------------------------------------------------------------------------------------------------


def killed_once(house: House, runs: int, kind: str) -> None:
    """Begin runs, kill each once at a random second of its life, and wait for all films."""
    names = [f"{kind}-{n}" for n in range(runs)]
    begun = {house.begin(name, " [[sandbox: slow 6]]"): name for name in names}
    chosen = random.Random(9)
    # One in four dies while it is Pending, the others in the first ten seconds of their work.
    early = {run for run in begun if chosen.random() < 0.25}
    due: dict[str, float] = {}
    kills: dict[str, float] = {}
    pending_too = 0
    deadline = time.monotonic() + 240 + runs * SECONDS_A_RUN
    open_runs = set(begun)
    while open_runs and time.monotonic() < deadline:
        for run in house.ask("POST", "flow_runs/filter", flow_runs={"id": {"any_": sorted(open_runs)[:200]}}):
            kind_of, now = run["state_type"], time.monotonic()
            if run["id"] in kills and kind_of in ENDS - {"CRASHED"}:
                open_runs.discard(run["id"])
            elif run["id"] not in kills and kind_of in ("PENDING", "RUNNING"):
                if kind_of == "RUNNING" or run["id"] in early:
                    due.setdefault(run["id"], now + (0 if run["id"] in early else chosen.uniform(0, 10)))
                # Between a request and its answer a death is a person's matter: that one is to die a moment later.
                if now >= due.get(run["id"], now + 1) and answered(house.folder, run["id"]):
                    flow = processes_with("storyreel.desk.run", run["id"])
                    with_worker = chosen.random() < 0.2
                    if with_worker and (worker := house.worker()):
                        kill([worker])
                    kill(flow)
                    kills[run["id"]] = time.time()
                    pending_too += kind_of == "PENDING"
                    if with_worker and house.begin_worker:
                        house.begin_worker()
            elif kind_of == "COMPLETED":
                # It was done before its second came.
                kills[run["id"]] = 0.0
                open_runs.discard(run["id"])
        time.sleep(0.5)
    print(f"    {pending_too} of the kills while Pending")
    report(house, names, list(begun), {run: at for run, at in kills.items() if at})


def answered(folder: Path, run: str) -> bool:
    """Whether every request of a run has its answer in the vault."""
    claims = (folder / "vault").rglob("claim.json")
    return all(claim.with_name("answer.json").exists() for claim in claims if run in claim.read_text())


def pending(house: House, runs: int) -> None:
    """Kill the worker each time a run of its is Pending; and the process that it has just started for it."""
    names, begun, kills = [f"pending-{n}" for n in range(runs)], [], {}
    for name in names:
        run = house.begin(name)
        begun.append(run)
        until(lambda run=run: house.states(run)[-1]["type"] in ("PENDING", "RUNNING"), 90, 0.05)  # type: ignore[misc]
        if worker := house.worker():
            kill([worker])
        kill(processes_with("storyreel.desk.run", run))
        kills[run] = time.time()
        until(lambda: house.worker() is not None, 60)
    wait_for(house, begun, 120 + runs * SECONDS_A_RUN)
    report(house, names, begun, kills)


def many(house: House, runs: int) -> None:
    """Create runs by 20 clients at once."""
    names = [f"many-{n}" for n in range(runs)]
    for name in names:
        house.board(name)
    began = time.monotonic()
    with ThreadPoolExecutor(20) as clients:
        begun = list(clients.map(house.begin, names))
    print(f"    {len(set(begun))} of {runs} created in {time.monotonic() - began:.1f} s")
    wait_for(house, begun, 120 + runs * SECONDS_A_RUN)
    report(house, names, begun, {})


def night(house: House, boards: int) -> None:
    """Have a night of small boards."""
    names = [f"night-{n}" for n in range(boards)]
    for name in names:
        (house.folder / "night").mkdir(exist_ok=True)
        (house.folder / "night" / f"{name}.yaml").write_text(BOARD.format(name=name, cue=""))
    deployment = house.ask("GET", "deployments/name/dailies/dailies")["id"]
    parameters = {"folder": "night", "sandbox": True, "deployment": "sequence/sequence-rehearsal"}
    run = house.ask("POST", f"deployments/{deployment}/create_flow_run", parameters=parameters)["id"]
    wait_for(house, [run], 240 + boards * SECONDS_A_RUN)
    report(house, names, [run], {})


def shoot(house: House, times: int) -> None:
    """Shoot boards from the command line, ten at a time."""
    names = [f"shoot-{n}" for n in range(times)]

    def once(name: str) -> int:
        words = [sys.executable, "-m", "storyreel", "shoot", house.board(name), "--sandbox"]
        done = subprocess.run(
            words, env=environment(house.folder), cwd=house.folder, capture_output=True, check=False, timeout=600
        )
        if done.returncode:
            print(f"    {name}: {done.returncode}: {done.stderr.decode()[-300:]}")
        return done.returncode

    with ThreadPoolExecutor(10) as hands:
        codes = list(hands.map(once, names))
    print(f"    {sum(code == 0 for code in codes)} of {times} ended with 0")
    report(house, names, [], {})


def wait_for(house: House, runs: list[str], patience_s: float) -> None:
    """Wait until runs have ended, and not crashed."""
    deadline = time.monotonic() + patience_s
    left = set(runs)
    while left and time.monotonic() < deadline:
        for run in house.ask("POST", "flow_runs/filter", flow_runs={"id": {"any_": sorted(left)[:200]}}):
            if run["state_type"] in ENDS - {"CRASHED"}:
                left.discard(run["id"])
        time.sleep(1)


FAULTS: list[str] = []


def report(house: House, names: list[str], runs: list[str], kills: dict[str, float]) -> None:
    """Print what became of runs, and note what is wrong with it."""
    films, sent = house.films(names), requests(house.folder, names)
    soon = []
    begun = 0
    for run in runs:
        states = house.states(run)
        begun += sum(state["type"] == "RUNNING" for state in states)
        for state in states:
            at = datetime.fromisoformat(state["timestamp"]).timestamp()
            if run in kills and state["name"] == "AwaitingRetry" and at > kills[run]:
                soon.append(at - kills[run])
                break
    print(f"    {films} of {len(names)} films; {len(kills)} killed, {len(soon)} taken up, {begun} times begun in all")
    if soon:
        print(f"    taken up after {statistics.median(soon):.1f} s, the last after {max(soon):.1f} s")
    print(f"    {len(sent)} requests sent, {len(sent) - len(set(sent))} of them twice", flush=True)
    for name, run in zip(names, runs, strict=False) if films < len(names) else ():
        if not house.films([name]):
            history = [f"{state['name']} ({state['message']})" for state in house.states(run)]
            print(f"    {name}: {', '.join(history)}")
    if films < len(names):
        FAULTS.append(f"{len(names) - films} films are missing")
    if len(sent) != len(set(sent)):
        FAULTS.append(f"{len(sent) - len(set(sent))} requests were sent twice")


def requests(folder: Path, names: list[str]) -> list[str]:
    """Return what the sandbox has received for boards, but for uploads, which are free: a prompt for each."""
    log = folder / "sandbox" / "posts.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    prompts = [json.dumps(line) for line in lines if not line["path"].endswith("/files")]
    wanted = {f"{name}: " for name in names}
    keys = [line["idempotency_key"] for line in lines if not line["path"].endswith("/files")]
    return [key for key, prompt in zip(keys, prompts, strict=True) if any(each in prompt for each in wanted)]


def until(so: Callable[[], bool], patience_s: float, pause_s: float = 0.25) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience_s
    while not so():
        if time.monotonic() > deadline:
            sys.exit("it never came to that")
        time.sleep(pause_s)


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def main() -> None:
    """Try what is asked for, and say whether a film is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, few in (("desk", 4), ("plain", 2), ("pending", 2), ("many", 8), ("night", 4), ("shoot", 0)):
        parser.add_argument(f"--{kind}", type=int, default=few, metavar="N")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rooms = {name: Path(folder) / name for name in ("desk", "plain")}
        for room in rooms.values():
            room.mkdir()
        if given.desk or given.pending or given.many or given.night or given.shoot:
            with desk(rooms["desk"]) as house:
                tried("killed once, at a desk", given.desk, lambda n: killed_once(house, n, "desk"))
                tried("a worker killed while a run is Pending", given.pending, lambda n: pending(house, n))
                tried("created by 20 clients at once", given.many, lambda n: many(house, n))
                tried("a night", given.night, lambda n: night(house, n))
                tried("storyreel shoot, 10 at a time", given.shoot, lambda n: shoot(house, n))
        if given.plain:
            with plain(rooms["plain"]) as house:
                tried("killed once, at a plain server", given.plain, lambda n: killed_once(house, n, "plain"))
    sys.exit("; ".join(FAULTS) or 0)


def tried(what: str, count: int, trial: Callable[[int], None]) -> None:
    """Try something, if it is to be tried at all."""
    if count:
        print(f"{count} x {what}", flush=True)
        began = time.monotonic()
        trial(count)
        print(f"    {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
