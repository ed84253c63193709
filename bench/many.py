"""
Many scenes on two workers: is each bought once, is Prefect's page complete soon after, and how much memory does it take?

    python bench/many.py                    10 storyboards of 50 scenes, then one of 500; about twenty minutes on two cores
    python bench/many.py --quick            4 of 10 scenes, then one of 40; about two minutes
    python bench/many.py --scenes 1000 --boards 0      one run of 1,000 alone

All is real but the machines and the service: PostgreSQL, Prefect's server with the recorder in batches, what `storyreel
deploy` makes (two strict limits among it), two process workers in folders of their own, and the vault in a bucket (an S3
server on this machine; `--folder` puts it into a folder). The service is the sandbox on a port; a clip of each kind is
drawn once. It prints its numbers, and exits with 1 where one of them is not as it has to be:

    accepted submits = planned steps, each for another take; both workers take part; every film has its frames
    every task run in a final state 10 s after the last run has ended
    no worker and no flow process ever held more than 400 MB
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.operated import premises

from storyreel.media import probe

WORKERS = ("hoist", "winch")
IN_FLIGHT = 32
"""The limit of jobs that both workers share."""
MOST_MB = 400
SOON_S = 10.0
FINAL = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


@dataclass
class Memory:
    """The most that processes held, in MB, by kind."""

    most: dict[str, float] = field(default_factory=dict)
    flows: Counter[str] = field(default_factory=Counter)
    _seen: set[int] = field(default_factory=set)

    def look(self, workers: Mapping[str, int]) -> None:
        """Look at the workers and at the flows that they run."""
        for name, pid in workers.items():
            self._note(f"worker {name}", pid)
            for child in premises.children_of(pid):
                self._note(f"flow on {name}", child)
                if child not in self._seen:
                    self._seen.add(child)
                    self.flows[name] += 1

    def _note(self, what: str, pid: int) -> None:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.most[what] = max(self.most.get(what, 0.0), int(line.split()[1]) / 1024)


class Many:
    """The house, and what is shot in it."""

    def __init__(self, folder: Path, stack: ExitStack, until: float, *, in_a_folder: bool) -> None:
        self._folder = folder
        self._until = until
        self.wrong: list[str] = []
        base_url = stack.enter_context(premises.service(folder / "service", one_picture=True))
        vault = {"STORYREEL_VAULT": f"file:{folder / 'vault'}"}
        if not in_a_folder:
            vault = stack.enter_context(premises.bucket(folder))
        say("starting PostgreSQL, Prefect's server and two workers")
        database = stack.enter_context(premises.postgres(folder / "postgres"))
        self._api = stack.enter_context(premises.prefect_server(folder / "server", database))
        self._boards = folder / "boards"
        self._boards.mkdir()
        catalog = folder / "catalog.toml"
        catalog.write_text(f"[service]\njobs_in_flight = {IN_FLIGHT}\nsubmits_per_second = 1000.0\n")
        env = premises.surroundings(
            PREFECT_API_URL=self._api,
            PREFECT_WORKER_QUERY_SECONDS="1",
            PREFECT_HOME=str(folder / "prefect"),
            XAI_API_KEY="bench",
            XAI_BASE_URL=base_url,
            STORYREEL_CATALOG=str(catalog),
            **premises.QUIET,
            **vault,
        )
        subprocess.run([sys.executable, "-m", "storyreel", "deploy"], cwd=self._boards, env=env, check=True)
        self._workers = {}
        for name in WORKERS:
            own = env | {
                "PREFECT_HOME": str(folder / name / "prefect"),
                "STORYREEL_OUT": str(folder / name / "out"),
                "XDG_CACHE_HOME": str(folder / name / "cache"),
            }
            process = stack.enter_context(premises.worker(folder / name, name, own, films_at_once=2))
            self._workers[name] = process.pid
        self._sequence = self._asked("GET", "deployments/name/sequence/sequence")["id"]

    def shoot(self, boards: int, scenes: int) -> None:
        """Shoot storyboards of so many scenes, all at once, and print what came of it."""
        names = [f"many-{boards}-{scenes}-{number}" for number in range(boards)]
        for name in names:
            (self._boards / f"{name}.yaml").write_text(flat(name, scenes))
        say(f"{boards} x {scenes} scenes")
        before = len(self._accepted())
        memory, began = Memory(), time.monotonic()
        runs = [
            self._asked(
                "POST", f"deployments/{self._sequence}/create_flow_run", parameters={"storyboard": f"{name}.yaml"}
            )["id"]
            for name in names
        ]
        self._await(runs, memory, before, boards * scenes)
        took = time.monotonic() - began
        planned = boards * scenes
        complete_s, tasks = self._complete(runs, 2 * planned + boards)
        accepted = self._accepted()[before:]
        takes = {line["idempotency_key"] for line in accepted}
        states = Counter(self._asked("GET", f"flow_runs/{run}")["state_name"] for run in runs)
        films = [self._film(name) for name in names]
        good = sum(film is not None and probe(film).frames == 24 * scenes for film in films)
        print(f"{boards} x {scenes} scenes")
        self._line("accepted submits", f"{len(accepted)} of {planned} planned", len(accepted) == len(takes) == planned)
        self._line("runs", ", ".join(f"{n} {state}" for state, n in states.items()), set(states) == {"Completed"})
        self._line("films with all their frames", f"{good} of {boards}", good == boards)
        self._line(
            "flows on each worker",
            ", ".join(f"{memory.flows[name]} {name}" for name in WORKERS),
            boards < len(WORKERS) or all(memory.flows[name] for name in WORKERS),
        )
        self._line("task runs in a final state", tasks, complete_s is not None)
        if complete_s is not None:
            self._line("complete after the last run's end", f"{complete_s:.1f} s", complete_s <= SOON_S)
        size = sum(file.stat().st_size for file in (self._folder / "postgres" / "data" / "base").rglob("*"))
        print(f"  {'PostgreSQL, all that it has so far':36} {size / 2**20:.0f} MB")
        for what, most in sorted(memory.most.items()):
            self._line(f"most memory, {what}", f"{most:.0f} MB", most <= MOST_MB)
        print(f"  {'wall, runs side by side':36} {took:.0f} s, {took / planned * 1000:.0f} ms a step", flush=True)

    def _await(self, runs: Sequence[str], memory: Memory, before: int, planned: int) -> None:
        """Wait until all runs have ended, looking at the memory meanwhile."""
        shown_at = time.monotonic()
        # A crashed run is taken up again.
        ends = {"type": {"any_": [state for state in FINAL if state != "CRASHED"]}}
        while True:
            memory.look(self._workers)
            ended = self._asked("POST", "flow_runs/count", flow_runs={"id": {"any_": list(runs)}, "state": ends})
            if ended == len(runs):
                return
            if time.monotonic() > self._until:
                raise premises.NotUp(f"the time is over, {ended} of {len(runs)} runs have ended; --minutes gives more")
            if time.monotonic() - shown_at > 15:
                shown_at = time.monotonic()
                say(f"{len(self._accepted()) - before} of {planned} accepted, {ended} of {len(runs)} runs ended")
            time.sleep(0.25)

    def _complete(self, runs: Sequence[str], expected: int) -> tuple[float | None, str]:
        """Return the seconds until the server shows every task run's end; None if that takes a minute and more."""
        mine = {"id": {"any_": list(runs)}}
        began = time.monotonic()
        while True:
            final = self._asked(
                "POST", "task_runs/count", flow_runs=mine, task_runs={"state": {"type": {"any_": FINAL}}}
            )
            after = time.monotonic() - began
            there = self._asked("POST", "task_runs/count", flow_runs=mine)
            if final == there == expected:
                return after, f"{final} of {expected}"
            if after > 60:
                return None, f"{final} of {expected} after 60 s ({there} are there)"
            time.sleep(0.1)

    def _film(self, name: str) -> Path | None:
        films = list(self._folder.glob(f"*/out/{name}/{name}.sandbox.mp4"))
        return films[0] if len(films) == 1 else None

    def _accepted(self) -> list[dict[str, Any]]:
        log = self._folder / "service" / "accepted.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def _asked(self, method: str, path: str, **body: Any) -> Any:
        # A server that has its hands full says so, and is asked again.
        for _ in range(20):
            with suppress(httpx.TransportError):
                answer = httpx.request(method, f"{self._api}/{path}", json=body or None, trust_env=False, timeout=60)
                if answer.is_success:
                    return answer.json()
                if answer.status_code != 503:
                    raise premises.NotUp(f"{path}: {answer.status_code} {answer.text[:500]}")
            time.sleep(0.5)
        raise premises.NotUp(f"{path}: the server does not answer")

    def _line(self, what: str, figure: str, good: bool) -> None:
        print(f"  {what:36} {figure}{'' if good else '   <- not as it has to be'}", flush=True)
        if not good:
            self.wrong.append(what)


def flat(name: str, scenes: int) -> str:
    """Return a storyboard of so many scenes that do not wait for each other."""
    sequence = "".join(
        f'  - {{id: s{number}, prompt: "A lighthouse, {name}, {number}."}}\n' for number in range(scenes)
    )
    return f"title: {name}\nbudget: 1000\ndefaults: {{duration: 1, resolution: 480p}}\nscenes:\n{sequence}"


def say(text: str) -> None:
    """Tell a person how far it is."""
    print(f"... {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run the bench, print its numbers, and return 1 if one is not as it has to be."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--scenes", type=int, help="scenes in all, and of the one large storyboard")
    flags.add_argument("--boards", type=int, help="over how many storyboards they are spread first; 0 leaves that out")
    flags.add_argument("--without-one", action="store_true", help="leave the one large storyboard out")
    flags.add_argument("--folder", action="store_true", help="a vault in a folder instead of a bucket")
    flags.add_argument("--quick", action="store_true", help="few scenes")
    flags.add_argument("--minutes", type=float, default=40.0, help="stop after so many minutes")
    given = flags.parse_args()
    scenes = (40 if given.quick else 500) if given.scenes is None else given.scenes
    boards = (4 if given.quick else 10) if given.boards is None else given.boards
    # Ended by a signal it ends what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        folder.chmod(0o755)
        many = Many(folder, stack, time.monotonic() + given.minutes * 60, in_a_folder=given.folder)
        if boards:
            many.shoot(boards, scenes // boards)
        if not given.without_one:
            many.shoot(1, scenes)
    return 1 if many.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
