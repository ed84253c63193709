"""
What it costs to be looked after: storyreel under Prefect beside a plain asyncio client and Snakemake, at one service.

    python bench/orchestration.py                      10, 100 and 1,000 steps; about twenty minutes on two cores
    python bench/orchestration.py --quick              10 and 50 steps, short chains; about four minutes
    python bench/orchestration.py --sizes 100 --without-snakemake
    python bench/orchestration.py --sizes "" --scenes 40 --latency 5     the chains alone

The service is the sandbox on a port, in a process of its own; a clip of each kind is drawn once, so that nobody waits for
pictures. Everybody polls every 0.05 s and has 8 jobs in flight. The plain client keeps no promise: it sends, polls,
downloads, and writes down the sha256 of the prompt, which is how it knows what it has. Snakemake (installed for this,
in a folder that goes again) runs one Python process a step, which is how it is used.

"first submit" is from the command to the first POST that the service receives, "shooting" from there to the last clip
done, "a step" what shooting took more than the plain client's, divided by the steps, "in all" the command's wall
time with the film, which only storyreel cuts, and "again" the same command when there is nothing to do.

Chains: every scene is made and extended twice. The longest chain is the longest sum of the service's own times from
accepted to done. No client can be faster than that.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.operated import premises

IN_FLIGHT = 8
POLL_S = 0.05
SNAKEMAKE = "snakemake==9.27.1"

PLAIN = """
import asyncio, hashlib, json, sys
from pathlib import Path
import httpx

async def main(base, steps, poll, in_flight):
    kept = Path("hashes.json")
    have = json.loads(kept.read_text()) if kept.exists() else {}
    turn = asyncio.Semaphore(in_flight)
    async with httpx.AsyncClient(headers={"Authorization": "Bearer k"}, timeout=60, trust_env=False) as client:
        async def make(number):
            body = {"model": "grok-imagine-video", "prompt": f"A lighthouse at dusk, {number}.", "duration": 1,
                    "aspect_ratio": "16:9", "resolution": "480p"}
            key = hashlib.sha256(json.dumps(body).encode()).hexdigest()
            if have.get(f"{number}.mp4") == key and Path(f"{number}.mp4").exists():
                return
            async with turn:
                answer = await client.post(f"{base}/videos/generations", json=body)
                answer.raise_for_status()
                while True:
                    told = (await client.get(f"{base}/videos/{answer.json()['request_id']}")).json()
                    if told["status"] == "done":
                        break
                    await asyncio.sleep(poll)
                Path(f"{number}.mp4").write_bytes((await client.get(told["video"]["url"])).content)
            have[f"{number}.mp4"] = key
            kept.write_text(json.dumps(have))
        await asyncio.gather(*map(make, range(steps)))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
"""

STEP = """
import json, sys, time, urllib.request

base, number, poll = sys.argv[1], sys.argv[2], float(sys.argv[3])
body = {"model": "grok-imagine-video", "prompt": f"A lighthouse at dusk, {number}.", "duration": 1,
        "aspect_ratio": "16:9", "resolution": "480p"}
head = {"Authorization": "Bearer k", "Content-Type": "application/json"}

def ask(path, data=None):
    with urllib.request.urlopen(urllib.request.Request(path, data, head), timeout=60) as answer:
        return answer.read()

made = json.loads(ask(f"{base}/videos/generations", json.dumps(body).encode()))["request_id"]
while (told := json.loads(ask(f"{base}/videos/{made}")))["status"] != "done":
    time.sleep(poll)
with open(sys.argv[4], "wb") as clip:
    clip.write(ask(told["video"]["url"]))
"""

SNAKEFILE = """
rule all:
    input: expand("{{number}}.mp4", number=range({steps}))
rule clip:
    output: "{{number}}.mp4"
    shell: "{python} step.py {base} {{wildcards.number}} {poll} {{output}}"
"""


@dataclass(frozen=True)
class Row:
    """One line of the table, in seconds."""

    name: str
    steps: int
    first_submit: float
    shooting: float
    wall: float
    cpu: float
    again: float


@dataclass(frozen=True)
class Place:
    """A folder for one measurement, the service in it, and how long a command may take."""

    folder: Path
    base_url: str
    patience_s: float

    def log(self, name: str) -> list[dict[str, Any]]:
        """Return a log of the service's."""
        log = self.folder / "service" / name
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def done(self) -> dict[str, float]:
        """Return when each job was done."""
        return {end.stem: json.loads(end.read_text())["at"] for end in (self.folder / "service/ends").glob("*.json")}

    def run(self, words: Sequence[str | Path], env: dict[str, str]) -> tuple[float, float]:
        """Run a command to its end, and return the wall and CPU seconds that it took."""
        before, began = cpu(), time.perf_counter()
        with premises.running([*words], self.folder / "command.log", env, cwd=self.folder) as process:
            try:
                code = process.wait(self.patience_s)
            except subprocess.TimeoutExpired:
                raise premises.NotUp(f"{words[0]} took longer than {self.patience_s:.0f} s") from None
        took = time.perf_counter() - began
        if code:
            raise premises.NotUp(f"{' '.join(map(str, words))}: {(self.folder / 'command.log').read_text()[-2000:]}")
        return took, cpu() - before

    def measured(self, name: str, steps: int, words: Sequence[str | Path], env: dict[str, str]) -> Row:
        """Run a command twice: with everything to do, and with nothing."""
        began = time.time()
        wall, used = self.run(words, env)
        posts, done = self.log("posts.jsonl"), self.done()
        if not steps == len(posts) == len(done):
            raise premises.NotUp(f"{name}: {len(posts)} requests for {steps} steps")
        first = min(post["time"] for post in posts)
        again, _ = self.run(words, env)
        if len(self.log("posts.jsonl")) != steps:
            raise premises.NotUp(f"{name} bought again")
        return Row(name, steps, first - began, max(done.values()) - first, wall, used, again)


def cpu() -> float:
    """Return the CPU seconds of the processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


class Bench:
    """The measurements, each in a folder of its own, all within a time."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self._folder = folder
        self._until = time.monotonic() + minutes * 60
        self._numbers = count()

    @contextmanager
    def place(self, name: str, latency_s: float = 0.0) -> Iterator[Place]:
        """Return a place with a service in it."""
        left = self._until - time.monotonic()
        if left < 0:
            raise premises.NotUp("the time is over; --minutes gives more")
        say(f"{name} ({left / 60:.0f} min left)")
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        with premises.service(folder / "service", latency_s=latency_s, one_picture=True) as base_url:
            yield Place(folder, base_url, left)
        shutil.rmtree(folder)

    def plain(self, steps: int) -> Row:
        """Measure the plain client."""
        with self.place(f"plain asyncio, {steps} steps") as place:
            (place.folder / "plain.py").write_text(PLAIN)
            words = [sys.executable, "plain.py", place.base_url, str(steps), str(POLL_S), str(IN_FLIGHT)]
            return place.measured("plain asyncio", steps, words, premises.surroundings())

    def snakemake(self, steps: int, python: Path) -> Row:
        """Measure Snakemake."""
        with self.place(f"Snakemake, {steps} steps") as place:
            (place.folder / "step.py").write_text(STEP)
            (place.folder / "Snakefile").write_text(
                SNAKEFILE.format(steps=steps, python=sys.executable, base=place.base_url, poll=POLL_S)
            )
            words: list[str | Path] = [python, "-m", "snakemake", "--cores", str(IN_FLIGHT), "--quiet", "all"]
            return place.measured("Snakemake", steps, words, premises.surroundings())

    def storyreel(self, name: str, steps: int, api: str | None) -> Row:
        """Measure `storyreel shoot`, on a temporary server where there is no address of one."""
        with self.place(f"{name}, {steps} steps") as place:
            env = house_env(place, api, in_flight=IN_FLIGHT)
            (place.folder / "board.yaml").write_text(flat(steps))
            return place.measured(name, steps, [sys.executable, "-m", "storyreel", "shoot", "board.yaml"], env)

    def chains(self, scenes: int, latency_s: float, name: str, api: str | None) -> None:
        """Measure how close a run comes to its longest chain."""
        with self.place(f"{scenes} chains of 3, about {latency_s:g} s a link, {name}") as place:
            env = house_env(place, api, in_flight=scenes)
            # So many that ask so often would keep both sides busy with asking: as often as the client does by itself.
            env.pop("STORYREEL_POLL")
            (place.folder / "board.yaml").write_text(chained(scenes, latency_s))
            began = time.time()
            wall, _ = place.run([sys.executable, "-m", "storyreel", "shoot", "board.yaml"], env)
            accepted, done = {line["request_id"]: line["time"] for line in place.log("accepted.jsonl")}, place.done()
            took = {request: done[request] - at for request, at in accepted.items()}
            longest = max(sum(took[link] for link in chain) for chain in linked(place, accepted))
            first, last = min(accepted.values()), max(done.values())
            print(
                f"{scenes} chains of 3, about {latency_s:g} s a link, {name}:",
                f"  longest chain, by the service's own times      {longest:7.2f} s",
                f"  first accepted to last done                    {last - first:7.2f} s   {(last - first) / longest:.3f}",
                f"  first accepted to the end, film and all        {began + wall - first:7.2f} s   {(began + wall - first) / longest:.3f}",
                f"  last done to the end, which is the film          {began + wall - last:7.2f} s   {(began + wall - last) / longest:.3f}",
                f"  command to first accepted                      {first - began:7.2f} s",
                f"  the service took for a link                    {min(took.values()):.2f} to {max(took.values()):.2f} s",
                f"  between two links of a chain                   {between(place, accepted, done)}",
                sep="\n",
                flush=True,
            )


def linked(place: Place, accepted: dict[str, float]) -> list[list[str]]:
    """Return the chains of requests: by the name of their scene, which is in each prompt."""
    chains: dict[str, list[str]] = {}
    for request in sorted(accepted, key=lambda known: accepted[known]):
        job = json.loads((place.folder / "service" / "jobs" / f"{request}.json").read_text())
        chains.setdefault(job["ask"]["prompt"].split()[-1], []).append(request)
    return list(chains.values())


def between(place: Place, accepted: dict[str, float], done: dict[str, float]) -> str:
    """Return how long it takes from a link that is done to the next that is accepted."""
    gaps = sorted(
        accepted[later] - done[earlier] for chain in linked(place, accepted) for earlier, later in pairwise(chain)
    )
    return f"{gaps[0]:.2f} to {gaps[-1]:.2f} s, median {gaps[len(gaps) // 2]:.2f} s"


def house_env(place: Place, api: str | None, *, in_flight: int) -> dict[str, str]:
    """Return the environment of `storyreel shoot` for one measurement."""
    catalog = place.folder / "catalog.toml"
    catalog.write_text(f"[service]\njobs_in_flight = {in_flight}\nsubmits_per_second = 1000.0\n")
    env = {
        "XAI_API_KEY": "k",
        "XAI_BASE_URL": place.base_url,
        "STORYREEL_VAULT": f"file:{place.folder / 'vault'}",
        "STORYREEL_OUT": str(place.folder / "out"),
        "STORYREEL_CATALOG": str(catalog),
        "STORYREEL_POLL": str(POLL_S),
        "XDG_CACHE_HOME": str(place.folder / "cache"),
        "XDG_DATA_HOME": str(place.folder / "data"),
        "PREFECT_HOME": str(place.folder / "prefect"),
    }
    if api:
        env["PREFECT_API_URL"] = api
    return premises.surroundings(**env)


def flat(steps: int) -> str:
    """Return a storyboard of so many scenes that do not wait for each other."""
    scenes = "".join(f'  - {{id: s{number}, prompt: "A lighthouse at dusk, {number}."}}\n' for number in range(steps))
    return f"title: Flat\nbudget: 1000\ndefaults: {{duration: 1, resolution: 480p}}\nscenes:\n{scenes}"


def chained(scenes: int, latency_s: float) -> str:
    """Return a storyboard of so many scenes, each made and extended twice; links take half as long to half as long again."""
    dice = random.Random(scenes)

    def slow() -> str:
        return f"[[sandbox: slow {dice.uniform(0.5, 1.5) * latency_s:.2f}]]"

    sequence = "".join(
        f'  - id: s{number}\n    prompt: "{slow()} A lighthouse at dusk, s{number}"\n    then:\n'
        f'      - {{extend: "{slow()} It goes on, s{number}", duration: 2}}\n'
        f'      - {{extend: "{slow()} And on, s{number}", duration: 2}}\n'
        for number in range(scenes)
    )
    return f"title: Chained\nbudget: 1000\ndefaults: {{duration: 2, resolution: 480p}}\nscenes:\n{sequence}"


def table(rows: Sequence[Row]) -> None:
    """Print the rows, each beside the plain client of the same size."""
    plain = {row.steps: row for row in rows if row.name == "plain asyncio"}
    print(f"{'':32}{'steps':>6}{'first submit':>14}{'shooting':>10}{'a step':>10}{'in all':>9}{'CPU':>8}{'again':>8}")
    for row in sorted(rows, key=lambda row: row.steps):
        more = (row.shooting - plain[row.steps].shooting) / row.steps * 1000
        print(
            f"{row.name:32}{row.steps:>6}{row.first_submit:>12.2f} s{row.shooting:>8.2f} s{more:>7.1f} ms"
            f"{row.wall:>7.2f} s{row.cpu:>6.1f} s{row.again:>6.2f} s"
        )


def install_snakemake(folder: Path) -> Path:
    """Install Snakemake into an environment of its own, and return its Python."""
    say(f"installing {SNAKEMAKE} into a folder of its own")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    words: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SNAKEMAKE]
    installation = subprocess.run(words, capture_output=True, text=True, check=False)
    if installation.returncode:
        raise premises.NotUp(
            f"{SNAKEMAKE} cannot be installed; --without-snakemake does without: {installation.stderr[-1000:]}"
        )
    return python


def say(text: str) -> None:
    """Tell a person how far it is."""
    print(f"... {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run the bench and print its tables."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--sizes", help="steps, with commas between them; empty leaves this part out")
    flags.add_argument("--scenes", type=int, help="chains of 3; 0 leaves this part out")
    flags.add_argument("--latency", type=float, help="seconds that the service takes for a link")
    flags.add_argument("--quick", action="store_true", help="small sizes")
    flags.add_argument("--without-snakemake", action="store_true")
    flags.add_argument("--snakemake", type=Path, help="the Python of an environment that has it already")
    flags.add_argument("--minutes", type=float, default=40.0, help="stop after so many minutes")
    given = flags.parse_args()
    asked = ("10,50" if given.quick else "10,100,1000") if given.sizes is None else given.sizes
    sizes = [int(size) for size in asked.split(",") if size]
    scenes = (10 if given.quick else 40) if given.scenes is None else given.scenes
    latency_s = (2.0 if given.quick else 5.0) if given.latency is None else given.latency
    # Ended by a signal it ends what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        folder.chmod(0o755)
        bench = Bench(folder, given.minutes)
        python = given.snakemake or (
            None if given.without_snakemake or not sizes else install_snakemake(folder / "snakemake")
        )
        say("starting Prefect's servers")
        sqlite = stack.enter_context(premises.prefect_server(folder / "sqlite"))
        database = stack.enter_context(premises.postgres(folder / "postgres"))
        on_postgres = stack.enter_context(premises.prefect_server(folder / "prefect", database))
        servers = {
            "storyreel, temporary server": None,
            "storyreel, SQLite server": sqlite,
            "storyreel, PostgreSQL": on_postgres,
        }
        try:
            for steps in sizes:
                rows.append(bench.plain(steps))
                if python:
                    rows.append(bench.snakemake(steps, python))
                for name, api in servers.items():
                    rows.append(bench.storyreel(name, steps, api))
        finally:
            if rows:
                table(rows)
        if scenes:
            bench.chains(scenes, latency_s, "PostgreSQL", on_postgres)
    return 0


if __name__ == "__main__":
    sys.exit(main())
