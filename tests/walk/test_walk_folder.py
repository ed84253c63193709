"""
A desk that is opened in a stranger's folder, behind a proxy that leads nowhere: nothing there is run or read but the board.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from storyreel.desk.secret import read_secret
from tests.desk.downloaded import Downloaded
from tests.walk.conftest import free_ports

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Downloaded, httpx.Client, Path]]:
    """Open a desk in a stranger's folder, under strace; return the folder, a client of its API, and what was opened."""
    trap, trace = Downloaded(tmp_path / "downloaded").lay(), tmp_path / "opened.txt"
    page, films = free_ports()
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "PATH": os.pathsep.join(["", ".", os.environ["PATH"]]),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "STORYREEL_SANDBOX_LATENCY": "0",
        "STORYREEL_POLL": "0.05",
        "XAI_API_KEY": "not-to-be-seen",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "socks4://127.0.0.1:9",
        "NO_PROXY": "[::1],fe80::/10",
        "no_proxy": "localhost",
    }
    words = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=open,openat,openat2,execve", "-o", str(trace)]
    words = [*(words if shutil.which("strace") else ()), str(Path(sys.executable).parent / "storyreel"), "studio"]
    with (tmp_path / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [*words, "--port", str(page), "--films-port", str(films)],
            cwd=trap.folder,
            env=env,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 400
        while "Ctrl-C stops all of it" not in (told := (tmp_path / "said.txt").read_text(encoding="utf-8")):
            assert process.poll() is None, told
            assert time.monotonic() < deadline, told
            time.sleep(0.2)
        secret = read_secret(tmp_path / "data/storyreel/studio/secret")
        api = f"http://127.0.0.1:{page}/api"
        with httpx.Client(base_url=api, headers=secret.headers, trust_env=False, timeout=60) as client:
            yield trap, client, trace
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=90)


def test_a_strangers_folder_is_read_for_its_storyboard_alone(opened: tuple[Downloaded, httpx.Client, Path]):
    """
    Server, worker, deployments and a run: no mark is left, the film is made from a relative path, and where the system can
    tell, no file of the folder was opened but the storyboard and what the desk makes there.
    """
    trap, client, trace = opened
    deployment = client.get("/deployments/name/sequence/sequence-rehearsal").raise_for_status().json()["id"]
    created = client.post(
        f"/deployments/{deployment}/create_flow_run", json={"parameters": {"storyboard": "film.yaml"}}
    )
    run = created.raise_for_status().json()["id"]
    deadline = time.monotonic() + 240
    while (state := client.get(f"/flow_runs/{run}").json()["state"])["type"] not in ("COMPLETED", "FAILED", "CRASHED"):
        assert time.monotonic() < deadline, state
        time.sleep(0.5)
    read = {
        name.partition("/")[0]
        for line in (trace.read_text(errors="replace").splitlines() if trace.exists() else [])
        if f'"{trap.folder}/' in line and "ENOENT" not in line and "O_DIRECTORY" not in line
        for name in [line.partition(f'"{trap.folder}/')[2].partition('"')[0]]
    }

    assert "COMPLETED" == state["type"], state
    assert (trap.folder / "out" / "film" / "film.sandbox.mp4").exists()
    assert [] == trap.marks
    assert {"film.yaml", "out"} >= read
