"""
A house of many machines for the tests: two workers with folders of their own share a database, a bucket and two limits.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.operated import premises

JOBS, SUBMITS_A_SECOND = 2, 1.5
LATENCY_S = 1.3
BOARD = """
title: {name}
defaults: {{duration: 1, resolution: 480p}}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk, {name}."
  - id: stair
    image: {{last_frame_of: coast}}
    prompt: "A stair, {name}."
  - id: door
    prompt: "The door opens, {name}."
"""


@dataclass(frozen=True)
class House:
    """Where everything is, and what became of what was shot in it."""

    folder: Path
    api: str
    worker_env: dict[str, str]
    ran: dict[str, dict[str, Any]]

    def lines(self, log: str) -> list[dict[str, Any]]:
        """Return a log of the service's."""
        return [json.loads(line) for line in (self.folder / "service" / log).read_text().splitlines()]

    def accepted(self) -> list[dict[str, Any]]:
        """Return what the service has accepted, in order."""
        return self.lines("accepted.jsonl")

    def done(self) -> dict[str, float]:
        """Return when each job at the service was done."""
        return {
            path.stem: json.loads(path.read_text())["at"] for path in (self.folder / "service" / "ends").glob("*.json")
        }

    def films(self) -> dict[str, list[Path]]:
        """Return the films that each worker has made."""
        return {name: sorted((self.folder / name).glob("out/*/*.mp4")) for name in ("hoist", "winch")}

    def asked(self, method: str, path: str, **body: Any) -> Any:
        """Ask Prefect's server."""
        return asked(self.api, method, path, **body)


def asked(api: str, method: str, path: str, **body: Any) -> Any:
    answer = httpx.request(method, f"{api}/{path}", json=body or None, trust_env=False, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """Open the house, shoot two storyboards at a time by its deployments, and keep it open for the tests."""
    with tempfile.TemporaryDirectory(prefix="storyreel-") as place, ExitStack() as stack:
        folder = Path(place)
        folder.chmod(0o755)
        base_url = stack.enter_context(premises.service(folder / "service", latency_s=LATENCY_S, one_picture=True))
        vault = stack.enter_context(premises.bucket(folder))
        database = stack.enter_context(premises.postgres(folder / "postgres", durable=False))
        api = stack.enter_context(premises.prefect_server(folder / "server", database))
        boards = folder / "boards"
        boards.mkdir()
        for name in ("first", "second", "third"):
            (boards / f"{name}.yaml").write_text(BOARD.format(name=name))
        (folder / "few.toml").write_text(
            f"[service]\njobs_in_flight = {JOBS}\nsubmits_per_second = {SUBMITS_A_SECOND}\n"
        )
        (folder / "many.toml").write_text("[service]\njobs_in_flight = 50\nsubmits_per_second = 1000.0\n")
        env = premises.surroundings(
            PREFECT_API_URL=api,
            PREFECT_WORKER_QUERY_SECONDS="0.5",
            XAI_API_KEY="not-to-be-seen",
            XAI_BASE_URL=base_url,
            # What binds the workers is the limit that they share, not what each of them allows itself.
            STORYREEL_CATALOG=str(folder / "many.toml"),
            **premises.QUIET,
            **vault,
        )
        for name in ("hoist", "winch"):
            own = env | {
                "PREFECT_HOME": str(folder / name / "prefect"),
                "STORYREEL_OUT": str(folder / name / "out"),
                "XDG_CACHE_HOME": str(folder / name / "cache"),
            }
            stack.enter_context(premises.worker(folder / name, name, own, films_at_once=1))
        subprocess.run(
            [sys.executable, "-m", "storyreel", "deploy"],
            cwd=boards,
            env=env | {"PREFECT_HOME": str(folder / "prefect"), "STORYREEL_CATALOG": str(folder / "few.toml")},
            check=True,
            capture_output=True,
        )
        sequence = asked(api, "GET", "deployments/name/sequence/sequence")["id"]
        begun = [
            asked(api, "POST", f"deployments/{sequence}/create_flow_run", parameters={"storyboard": f"{name}.yaml"})
            for name in ("first", "second")
        ]
        yield House(folder, api, env, {run["parameters"]["storyboard"]: ended(api, run["id"]) for run in begun})


def ended(api: str, run: str, patience_s: float = 90) -> dict[str, Any]:
    """Wait until a run has come to its end, and return it."""
    deadline = time.monotonic() + patience_s
    while True:
        told: dict[str, Any] = asked(api, "GET", f"flow_runs/{run}")
        if told["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            return told
        assert time.monotonic() < deadline, told["state"]
        time.sleep(0.2)
