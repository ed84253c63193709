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
from typing import Any

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

    def begin(self, *args: object, **env: str) -> "subprocess.Popen[str]":
        """Start `storyreel` with these arguments, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "storyreel", *map(str, args)],
            env={**os.environ, **env},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *args: object, code: int = 0, **env: str) -> str:
        """Run `storyreel` with these arguments to its end, and return all that it said."""
        process = self.begin(*args, **env)
        told, _ = process.communicate(timeout=120)
        assert process.returncode == code, told
        return told

    def shoot(self, *args: object, code: int = 0, **env: str) -> str:
        """Shoot the board with the sandbox, and return all that was said."""
        return self.run("shoot", self.board.name, "--sandbox", *args, code=code, **env)

    def end(self, process: "subprocess.Popen[str]", when: Callable[[], bool], *, by: signal.Signals) -> str:
        """Wait until something is so, end the whole process group, and return all that was said."""
        deadline = time.monotonic() + 60
        while not when():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.02)
        os.killpg(process.pid, by)
        return process.communicate(timeout=60)[0]
