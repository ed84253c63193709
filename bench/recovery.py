"""
How long a lost run is lost, with the real silence: worker and run are killed at once in the middle, nobody does anything.

    python bench/recovery.py            (about three minutes, mostly waiting)

Opens a desk, begins a rehearsal whose clips take ten seconds each, kills, and prints when the server called it crashed,
when it ran again, when the film was there, and how many requests were sent. It judges only that none was too many.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from storyreel.catalog import load_catalog
from storyreel.cli.crew import children_of
from storyreel.desk.secret import SECRET, read_secret
from storyreel.studio.reading import read_plan

ROOT = Path(__file__).parents[1]
BOARD = ROOT / "storyboards" / "lighthouse.yaml"
LATENCY_S = 10


def main() -> None:
    """Lose a run, wait, and print when what happened."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        env = {
            **os.environ,
            "XDG_DATA_HOME": str(folder / "data"),
            "STORYREEL_VAULT": f"file:{folder}/vault",
            "STORYREEL_SANDBOX": str(folder / "sandbox"),
            "STORYREEL_OUT": str(folder / "out"),
            "STORYREEL_SANDBOX_LATENCY": str(LATENCY_S),
        }
        ports = [free_port(), free_port()]
        desk = subprocess.Popen(
            [sys.executable, "-m", "storyreel", "studio", "--port", str(ports[0]), "--films-port", str(ports[1])],
            env=env,
            cwd=ROOT,
            stdout=(folder / "desk.log").open("wb"),
        )
        try:
            began = time.monotonic()
            until(lambda: (folder / "data" / "storyreel" / "desk.json").exists(), 180)
            print(f"{'the desk is open after':42} {time.monotonic() - began:6.1f} s")
            secret = read_secret(folder / "data" / "storyreel" / "studio" / SECRET)
            with httpx.Client(base_url=f"http://127.0.0.1:{ports[0]}/api", timeout=60, headers=secret.headers) as api:
                lose(folder, desk.pid, api)
        finally:
            began = time.monotonic()
            desk.send_signal(signal.SIGINT)
            desk.wait(60)
            print(f"{'the desk is closed after':42} {time.monotonic() - began:6.1f} s")


def lose(folder: Path, desk: int, api: httpx.Client) -> None:
    """Begin a run, kill it with its worker, and tell what became of it."""
    posts = folder / "sandbox" / "posts.jsonl"
    planned = len(read_plan(BOARD, load_catalog())[1].steps)
    deployment = api.get("/deployments/name/sequence/sequence-rehearsal").json()["id"]
    run = api.post(f"/deployments/{deployment}/create_flow_run", json={}).json()["id"]

    def state() -> str:
        return str(api.get(f"/flow_runs/{run}").json()["state"]["name"])

    until(lambda: quiet(folder / "vault"), 120)
    worker = next(pid for pid in children_of(desk) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes())
    (flow,) = children_of(worker)
    os.kill(worker, signal.SIGKILL)
    os.killpg(flow, signal.SIGKILL)
    killed = time.monotonic()
    print(f"{'killed with requests sent':42} {len(sent(posts)):4} of {planned}")
    for name, words in (
        ("Crashed", "the server calls it crashed after"),
        ("AwaitingRetry", ""),
        ("Running", "it runs again after"),
        ("Completed", "the film is there after"),
    ):
        until(lambda name=name: name in history(api, run), 300)  # type: ignore[misc]
        if words:
            print(f"{words:42} {time.monotonic() - killed:6.1f} s")
    keys = sent(posts)
    print(f"{'requests sent in all':42} {len(keys):4} of {planned}, {len(keys) - len(set(keys))} of them twice")
    assert state() == "Completed"
    assert len(keys) == len(set(keys)) == planned


def history(api: httpx.Client, run: str) -> list[str]:
    """Return the states of a run since it was lost; none before."""
    states: list[dict[str, Any]] = api.get("/flow_run_states/", params={"flow_run_id": run}).json()
    names = [state["name"] for state in sorted(states, key=lambda state: str(state["timestamp"]))]
    return names[names.index("Crashed") :] if "Crashed" in names else []


def quiet(vault: Path) -> bool:
    """Whether requests were sent and all are answered: a kill before an answer is written would be a person's matter."""
    claims, answers = (len(list(vault.rglob(name))) for name in ("claim.json", "answer.json"))
    time.sleep(1)
    return 0 < claims == answers == len(list(vault.rglob("claim.json")))


def sent(posts: Path) -> list[str]:
    """Return the key of every request that would cost money, as the sandbox has received them; uploads are free."""
    told = [json.loads(line) for line in posts.read_text().splitlines()]
    return [post["idempotency_key"] for post in told if not post["path"].endswith("/files")]


def until(so: Callable[[], bool], patience_s: float) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience_s
    while not so():
        if time.monotonic() > deadline:
            sys.exit("it never came to that")
        time.sleep(0.25)


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
