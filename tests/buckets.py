"""
Buckets for the tests: one S3 server on this machine, and the environment that leads to it.
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

Buckets = Callable[..., str]
NUMBERS = itertools.count(1)
SERVER = Path(__file__).parent / "vault" / "s3_server.py"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Start one S3 server for all tests that need one, and return its address."""
    with subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.kill()


def way_to(server: str) -> dict[str, str]:
    """Return the variables with which a process finds an S3 server."""
    return {
        "NO_PROXY": "127.0.0.1",
        "AWS_ENDPOINT_URL": server,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-to-be-seen",
        # Where there are no credentials, nobody asks the machine's own metadata service either.
        "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1",
    }


@pytest.fixture
def make_bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """Return what makes a new bucket, and set the environment up for it. The server tells what the names mean."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in way_to(s3_server).items():
        monkeypatch.setenv(name, value)

    # One trial of eight creations tells enough of a server that is known; those that it is about run all of them.
    monkeypatch.setattr("storyreel.vault.stores.bucket.ROUNDS", 1)

    def make(word: str = "films") -> str:
        name = f"{word}-{next(NUMBERS)}"
        assert httpx.put(f"{s3_server}/{name}").status_code == 200
        return name

    return make
