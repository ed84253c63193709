"""
A desk whose commands are started by the launcher, on the one Prefect server of the test run.
"""

import subprocess
from pathlib import Path

import pytest

from tests.desk import BOARD, Desk


@pytest.fixture
def quick_desk(
    place: Path, launcher: "subprocess.Popen[str]", prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Return a folder with a small board in it, whose runs begin at once and use one server."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    made = Desk(place, launcher)
    made.write(BOARD)
    return made
