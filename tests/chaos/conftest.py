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

from tests.buckets import way_to
from tests.chaos.scene_of_events import Scene
from tests.media.filming import film_clip
from tests.vault.hands import BucketHands, FolderHands, Hands

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
def launcher(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    """Run what starts storyreel."""
    # Nothing here is encrypted, and to read the list of authorities takes each run a tenth of a second.
    trusted = tmp_path_factory.mktemp("nobody")
    process = _started("-m", "tests.chaos.launch", PREFECT_API_URL=prefect_server, SSL_CERT_DIR=str(trusted))
    assert _line(process) == "ready"
    yield process
    _ended(process)


@pytest.fixture
def scene(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    chaos_place: Path,
    service_port: str,
    launcher: "subprocess.Popen[str]",
) -> Scene:
    """Return a folder with a board of its own, and a vault in a folder or, where the test asks for it, in a bucket."""
    shutil.copy(chaos_place / "endcard.mp4", tmp_path)
    vault: Hands = FolderHands(tmp_path / "vault")
    way: dict[str, str] = {}
    if getattr(request, "param", "folder") == "bucket":
        vault = BucketHands(request.getfixturevalue("make_bucket")("chaos"), "reels", monkeypatch.setattr)
        way = way_to(request.getfixturevalue("s3_server"))
    made = Scene(
        folder=tmp_path,
        service=chaos_place / "service",
        launcher=launcher,
        name=request.node.name,
        vault=vault,
        env={
            **way,
            "XAI_API_KEY": "chaos",
            "XAI_BASE_URL": f"http://127.0.0.1:{service_port}/v1",
            "STORYREEL_VAULT": vault.address,
            "STORYREEL_OUT": str(tmp_path / "out"),
            "STORYREEL_CATALOG": str(chaos_place / "catalog.toml"),
            "STORYREEL_POLL": "0.02",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
    )
    made.lay_out()
    return made
