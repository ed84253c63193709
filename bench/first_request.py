"""
How long it takes from a command to its first request: with a temporary server in a fresh home, in one that has been used, and at a
desk that is open.

    python bench/first_request.py [RUNS] [KIND ...]        (5 runs of fresh, migrated and desk)

Each run is `storyreel shoot ONE.yaml --sandbox`, from its start to the request's line in the sandbox's log; the command is ended then, as
Ctrl-C ends it. Prints the median, least and most of the wall seconds, and the median of the CPU seconds that all of its processes
took until they were gone, interleaved by kind: what else a machine does meets all of them. It judges nothing.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ONE = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse. [[sandbox: slow 20]]"}
"""
RUNS = 5
KINDS = {
    "fresh": "temporary server, a home that was never used",
    "migrated": "temporary server, a home that was used before",
    "desk": "at a desk that is open",
}
PATIENCE_S = 240
PORT = 4870


def main() -> None:
    """Time each kind, round by round, and print a line for it."""
    words = sys.argv[1:]
    runs = int(words[0]) if words else RUNS
    kinds = [kind for kind in KINDS if not words[1:] or kind in words[1:]]
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        (folder / "one.yaml").write_text(ONE)
        with _desk(folder) if "desk" in kinds else _nothing():
            for number in range(runs + 1):
                for kind in kinds:
                    home = folder / (f"fresh-{number}" if kind == "fresh" else kind)
                    measured = first_request(folder, home, folder / f"{kind}-{number}")
                    if number:
                        took[kind].append(measured)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"storyreel shoot one.yaml --sandbox: {runs} runs after one that does not count; load {load}")
    print(f"{'until the first request':48} {'median':>8} {'least':>8} {'most':>8} {'CPU s':>8}")
    for kind, values in took.items():
        walls, cpus = zip(*values, strict=True)
        numbers = (statistics.median(walls), min(walls), max(walls), statistics.median(cpus))
        print(f"{KINDS[kind]:48} {' '.join(f'{each:8.2f}' for each in numbers)}")


def environment(home: Path, own: Path) -> dict[str, str]:
    """Return the environment of a command: its data in a home, its vault and sandbox its own."""
    theirs = {
        name: value for name, value in os.environ.items() if not name.startswith(("XAI_", "PREFECT_", "STORYREEL_"))
    }
    return {
        **theirs,
        "XDG_DATA_HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "STORYREEL_VAULT": f"file:{own}/vault",
        "STORYREEL_SANDBOX": f"{own}/sandbox",
        "STORYREEL_OUT": f"{own}/out",
    }


def first_request(folder: Path, home: Path, own: Path) -> tuple[float, float]:
    """Return the seconds until the first request of a command, and the CPU seconds of all of its processes."""
    own.mkdir()
    log = own / "sandbox" / "posts.jsonl"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (own / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "storyreel", "shoot", "one.yaml", "--sandbox"],
            cwd=folder,
            env=environment(home, own),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while not log.exists() or not log.stat().st_size:
                if process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                    sys.exit(f"no request was sent:\n{(own / 'output').read_text()}")
                time.sleep(0.005)
            wall = time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(own)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def _desk(folder: Path) -> Iterator[None]:
    """Open a desk in the home `desk`, and close it."""
    own = folder / "desk-own"
    own.mkdir()
    with (own / "output").open("w+b") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "storyreel", "studio", "--port", str(PORT)],
            cwd=own,
            env=environment(folder / "desk", own),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + PATIENCE_S
        try:
            while b"Ctrl-C" not in (own / "output").read_bytes():
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"no desk was opened:\n{(own / 'output').read_text()}")
                time.sleep(0.1)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


if __name__ == "__main__":
    main()
