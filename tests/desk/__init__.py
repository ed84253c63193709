"""
A desk to work at: a small board, the commands that shoot it, and what the sandbox has received from there.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from storyreel.desk.secret import SECRET, read_secret

BOARD = """
title: Small
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
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
"""What can be made of a storyboard: a clip, one that goes on, an edit, a still, a frame handed over."""
ONE = """
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    prompt: "A lighthouse. {marker}"
"""
"""One clip; `marker` is a word to the sandbox."""
TWO = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: door, prompt: "A door."}
"""
"""Two clips that do not need each other."""
WAITING = """
title: Small
review: before-video
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
  - id: door
    image: {prompt: "An iron door."}
    prompt: "The door opens."
"""
"""A clip and a still that is to be approved before it goes into one."""


SETTINGS = ("STORYREEL_", "XAI_", "XDG_", "HOME")
"""Variables that a test may set and a run of storyreel reads."""


class Process(Protocol):
    """What a test wants of a process."""

    pid: int
    returncode: int | Any

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""

    def communicate(self, timeout: float | None = None) -> tuple[str, Any]:
        """Wait for its end, and return all that it said."""


@dataclass
class Forked:
    """A process that the launcher has forked: it has loaded Prefect already, which takes seconds."""

    launcher: "subprocess.Popen[str]"
    pid: int
    said: str
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        stat = Path(f"/proc/{self.pid}/stat")
        if self.returncode is None and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            self.communicate()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, Any]:  # noqa: ARG002 - as a process has it
        """Wait for its end, and return all that it said."""
        if self.returncode is None:
            self.returncode = ordered(self.launcher, "end", pid=self.pid, said=self.said)["code"]
        return Path(self.said).read_text(encoding="utf-8"), None


def outside() -> dict[str, str]:
    """Return the environment without the Prefect home that tests in this process may have."""
    return {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}


def let_in(data: Path, studio: str = "storyreel/studio") -> dict[str, str]:
    """Return the headers with which a process of the person's gets in at the desk whose data are in a folder."""
    return read_secret(data / studio / SECRET).headers


@dataclass(frozen=True)
class Desk:
    """A folder with a board in it, and what the sandbox has received from there."""

    folder: Path
    launcher: "subprocess.Popen[str] | None" = None
    """What starts its commands, where it is quicker; else each is a process that loads all that it needs."""

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

    def begin(self, *args: object, **env: str) -> Process:
        """Start `storyreel` with these arguments, in a process group of its own."""
        # Prefect reads its settings when it is loaded.
        if self.launcher is not None and not any(name.startswith("PREFECT_") for name in env):
            ours = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
            said = str(self.folder / f"said-{time.monotonic_ns()}.txt")
            order = {"args": list(map(str, args)), "env": {**ours, **env}, "folder": str(self.folder), "said": said}
            begun = ordered(self.launcher, "begin", **order, flow_run="", point="", blow="", careless=False)
            return Forked(self.launcher, begun["pid"], said)
        return subprocess.Popen(
            [sys.executable, "-m", "storyreel", *map(str, args)],
            env={**os.environ, **env},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: object, code: int = 0, within_s: float = 120.0, **env: str) -> str:
        """Run `storyreel` with these arguments to its end, and return all that it said."""
        process = self.begin(*args, **env)
        told, _ = process.communicate(timeout=within_s)
        assert process.returncode == code, told
        return told

    def shoot(self, *args: object, code: int = 0, **env: str) -> str:
        """Shoot the board with the sandbox, and return all that was said."""
        return self.run("shoot", self.board.name, "--sandbox", *args, code=code, **env)

    def end(self, process: Process, when: Callable[[], bool], *, by: signal.Signals) -> str:
        """Wait until something is so, end the whole process group, and return all that was said."""
        deadline = time.monotonic() + 60
        while not when():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.02)
        os.killpg(process.pid, by)
        return process.communicate(timeout=60)[0]


def ordered(launcher: "subprocess.Popen[str]", what: str, **order: Any) -> dict[str, Any]:
    """Give the launcher an order, and return its answer."""
    assert launcher.stdin is not None
    assert launcher.stdout is not None
    print(json.dumps({"do": what, **order}), file=launcher.stdin, flush=True)
    answer: dict[str, Any] = json.loads(launcher.stdout.readline())
    return answer
