"""
One service, one Prefect server and one launcher for all kills; a folder and words of its own for each.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.scene_of_events import Scene
from tests.media.filming import film_clip

ROOT = Path(__file__).parents[2]
CATALOG = "[service]\nsubmits_per_second = 1000.0\n"


def _started(*args: str, **env: str) -> "subprocess.Popen[str]":
    """Start a Python process that says one line when it is ready."""
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=ROOT,
        env={**os.environ, **env, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(ROOT)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ended(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=10)


@pytest.fixture(scope="session")
def chaos_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder for what all kills share: the service's, a catalogue without a pace, and own footage."""
    place = tmp_path_factory.mktemp("chaos")
    (place / "catalog.toml").write_text(CATALOG)
    film_clip(place / "endcard.mp4", size="320x180", fps="30", seconds=1.0)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def service_port(chaos_place: Path) -> Iterator[str]:
    """Run the service in a process of its own, and return its port."""
    process = _started("-m", "tests.chaos.service", str(chaos_place / "service"))
    yield _line(process)
    _ended(process)


@pytest.fixture(scope="session")
def launcher(prefect_server: str) -> Iterator["subprocess.Popen[str]"]:
    """Run what starts storyreel."""
    process = _started("-m", "tests.chaos.launch", PREFECT_API_URL=prefect_server)
    assert _line(process) == "ready"
    yield process
    _ended(process)


@pytest.fixture
def scene(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    chaos_place: Path,
    service_port: str,
    launcher: "subprocess.Popen[str]",
) -> Scene:
    """Return a folder with a board of its own."""
    shutil.copy(chaos_place / "endcard.mp4", tmp_path)
    made = Scene(
        folder=tmp_path,
        service=chaos_place / "service",
        launcher=launcher,
        name=request.node.name,
        env={
            "XAI_API_KEY": "chaos",
            "XAI_BASE_URL": f"http://127.0.0.1:{service_port}/v1",
            "STORYREEL_VAULT": f"file:{tmp_path / 'vault'}",
            "STORYREEL_OUT": str(tmp_path / "out"),
            "STORYREEL_CATALOG": str(chaos_place / "catalog.toml"),
            "STORYREEL_POLL": "0.05",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
    )
    made.lay_out()
    return made
