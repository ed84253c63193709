"""
What all tests stand on: no socket leaves this machine, no setting of the person's reaches a test.
"""

import os
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
runpy.run_path(str(HERE / "loopback" / "sitecustomize.py"))
# Processes that the tests start are guarded in the same way.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE / "loopback"), os.environ.get("PYTHONPATH")]))
for _name in [name for name in os.environ if name.startswith(("XAI_", "STORYREEL_", "PREFECT_"))]:
    del os.environ[_name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that does not say in a sentence what it shows."""
    silent = [item.nodeid for item in items if not getattr(getattr(item, "obj", None), "__doc__", None)]
    if silent:
        raise pytest.UsageError(f"a test says in its docstring what it shows; these do not: {', '.join(silent)}")


@pytest.fixture(scope="session")
def storyboards() -> Path:
    """Return the folder of the storyboards that come with the project."""
    return HERE.parent / "storyboards"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty folder in which a vault, a sandbox and films have their places, by environment."""
    monkeypatch.setenv("STORYREEL_VAULT", f"file:{tmp_path / 'vault'}")
    monkeypatch.setenv("STORYREEL_SANDBOX", str(tmp_path / "sandbox"))
    monkeypatch.setenv("STORYREEL_SANDBOX_LATENCY", "0")
    monkeypatch.setenv("STORYREEL_POLL", "0.05")
    monkeypatch.setenv("STORYREEL_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield tmp_path
    shutil.rmtree(tmp_path / "sandbox", ignore_errors=True)
