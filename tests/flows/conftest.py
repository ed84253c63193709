"""
One Prefect server for all tests of flows, since it takes seconds to start, and a small board to shoot.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BOARD = """
title: Small
defaults: {duration: 2, resolution: 480p}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
    then:
      - extend: "The lamp flares."
        duration: 2
  - id: door
    image:
      prompt: "An iron door."
    prompt: "The door opens."
  - id: stair
    image: {last_frame_of: door}
    prompt: "A stair."
    then:
      - edit: "Add snow."
"""


@dataclass(frozen=True)
class Desk:
    """A folder with a board in it, and what the sandbox has received from there."""

    folder: Path

    @property
    def board(self) -> Path:
        """The storyboard's file."""
        return self.folder / "small.yaml"

    @property
    def film(self) -> Path:
        """Where the film is to be."""
        return self.folder / "out" / "small" / "small.sandbox.mp4"

    def write(self, text: str) -> None:
        """Write the storyboard."""
        self.board.write_text(text, encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        """Edit the storyboard."""
        text = self.board.read_text(encoding="utf-8")
        assert old in text
        self.write(text.replace(old, new))

    def posts(self) -> list[dict[str, Any]]:
        """Every paid POST that the sandbox has received, in order: uploads are free and left out."""
        log = self.folder / "sandbox" / "posts.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [post for post in map(json.loads, lines) if not post["path"].endswith("/files")]


@pytest.fixture
def desk(place: Path) -> Desk:
    """Return a folder with a small board in it."""
    made = Desk(place)
    made.write(BOARD)
    return made


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run one temporary Prefect server for all tests that need it."""
    from prefect.testing.utilities import prefect_test_harness

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("PREFECT_LOGGING_LEVEL", "CRITICAL")
        with prefect_test_harness(server_startup_timeout=120):
            yield


@pytest.fixture(scope="session")
def sequence(prefect_server: None) -> Any:
    """Return the flow, loaded as Prefect loads it."""
    from storyreel.cli.shooting import load_flow

    path = list(sys.path)
    yield load_flow()
    sys.path[:] = path
