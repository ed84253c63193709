"""
A temporary Prefect server for the tests of one process, on a database that is a copy of an empty one.

To make an empty database takes Prefect as long as a few films take, and it is the same each time: so it is made once,
and kept for all processes and for later runs.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import certifi
import httpx
import prefect
from prefect.context import _temporary_global_settings_context, get_settings_context
from prefect.events.worker import EventsWorker
from prefect.settings import (
    PREFECT_API_SSL_CERT_FILE,
    PREFECT_API_URL,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    temporary_settings,
)

from tests.desk.opened import free_port

END = "-----END CERTIFICATE-----\n"


@contextmanager
def prefect_at(folder: Path, kept: Path) -> Iterator[str]:
    """
    Run a server, have the flows of this process use it, and return the address of its API.

    Args:
        folder: Where its database and its settings are.
        kept: Where an empty database is kept.
    """
    database, url = folder / "prefect.db", f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
    empty = kept / f"{prefect.__version__}.db"
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made := empty.exists():
            shutil.copyfile(empty, database)
            fcntl.flock(lock, fcntl.LOCK_UN)
        process, api = begun(url, empty=not made)
        if not made:
            part = empty.with_suffix(".part")
            part.unlink(missing_ok=True)
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as copy:
                source.backup(copy)
            part.rename(empty)
    told = {
        PREFECT_API_URL: api,
        PREFECT_API_SSL_CERT_FILE: os.environ["PREFECT_API_SSL_CERT_FILE"],
        PREFECT_SERVER_DATABASE_CONNECTION_URL: url,
    }
    try:
        with temporary_settings(told), _temporary_global_settings_context(get_settings_context()):
            yield api
            # What flows still had to say is said while the server is there to hear it.
            EventsWorker.drain_all()
    finally:
        process.terminate()
        process.wait(timeout=60)


def begun(url: str, *, empty: bool = True) -> "tuple[subprocess.Popen[bytes], str]":
    """
    Start a server on a database, wait until it answers, and return its process and the address of its API.

    Args:
        url: Of the database.
        empty: Whether the kinds of blocks that Prefect knows have yet to be written into it.
    """
    port = free_port()
    words = ["--factory", "prefect.server.api.server:create_app", "--host", "127.0.0.1", "--port", str(port)]
    # As Prefect starts the server for its own tests: without a page, and with few services.
    few = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
    few["PREFECT_API_BLOCKS_REGISTER_ON_START"] = str(empty).lower()
    # A test that looks for an event need not wait for five seconds until it is written down.
    few["PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL"] = "0.2"
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *words, "--log-level", "error", "--lifespan", "on"],
        env={**os.environ, **few, "PREFECT_SERVER_DATABASE_CONNECTION_URL": url},
    )
    api, patience = f"http://127.0.0.1:{port}/api", time.monotonic() + 170
    try:
        with httpx.Client(trust_env=False) as client:
            while True:
                assert process.poll() is None, "the server is gone"
                assert time.monotonic() < patience, "the server does not answer"
                try:
                    client.get(f"{api}/health").raise_for_status()
                except (httpx.ConnectError, httpx.TimeoutException):
                    time.sleep(0.1)
                else:
                    return process, api
    except BaseException:
        process.kill()
        process.wait()
        raise


def one_authority(to: Path) -> Path:
    """Write the first of the authorities that a client trusts by itself: to read them all takes a tenth of a second."""
    to.write_text(Path(certifi.where()).read_text(encoding="utf-8").partition(END)[0] + END, encoding="utf-8")
    return to
