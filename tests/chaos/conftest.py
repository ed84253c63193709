"""
One service, one Prefect server and one launcher for all kills; a folder and words of its own for each.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.buckets import way_to
from tests.chaos.scene_of_events import Scene
from tests.chaos.stage import ended, line, started
from tests.media.filming import film_clip
from tests.vault.hands import BucketHands, FolderHands, Hands

CATALOG = "[service]\nsubmits_per_second = 1000.0\n"


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
    process = started("-m", "tests.chaos.service", str(chaos_place / "service"))
    yield line(process)
    ended(process)


@pytest.fixture(scope="session")
def port_of_no_retention(chaos_place: Path) -> Iterator[str]:
    """Run a service that keeps nothing and puts each clip where it is told to, and return its port."""
    process = started("-m", "tests.chaos.service", str(chaos_place / "no-retention"), "zero-retention")
    yield line(process)
    ended(process)


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
    place, port = "service", service_port
    kind = getattr(request, "param", "folder")
    if kind == "no-retention":
        place, port = "no-retention", request.getfixturevalue("port_of_no_retention")
    if kind != "folder":
        vault = BucketHands(request.getfixturevalue("make_bucket")("chaos"), "reels", monkeypatch.setattr)
        way = way_to(request.getfixturevalue("s3_server"))
    made = Scene(
        folder=tmp_path,
        service=chaos_place / place,
        launcher=launcher,
        name=request.node.name,
        vault=vault,
        env={
            **way,
            "XAI_API_KEY": "chaos",
            "XAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "STORYREEL_VAULT": vault.address,
            "STORYREEL_OUT": str(tmp_path / "out"),
            "STORYREEL_CATALOG": str(chaos_place / "catalog.toml"),
            "STORYREEL_POLL": "0.02",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
    )
    made.lay_out()
    return made
