"""
What starts processes for the tests: one launcher for all that run storyreel with Prefect, which takes seconds to load.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def started(*args: str, **env: str) -> "subprocess.Popen[str]":
    """Start a Python process that says one line when it is ready."""
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=ROOT,
        env={**os.environ, **env, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(ROOT)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="session")
def launcher(prefect_server: str, masters: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run what starts storyreel."""
    process = started("-m", "tests.chaos.launch", str(masters), PREFECT_API_URL=prefect_server)
    assert line(process) == "ready"
    yield process
    ended(process)
