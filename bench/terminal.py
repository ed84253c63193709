"""
How storyreel looks in a real terminal: runs its commands in tmux, and writes what stood there into docs/terminal.md.

    python bench/terminal.py            # makes the folder /films, which must not be there, and removes it again

Needs tmux (apt-get install tmux). Boards and vaults are made for it; the run is a rehearsal with the sandbox.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
PAGE = ROOT / "docs" / "terminal.md"
SIZES = ((80, 24), (140, 40))
_NUMBERS = count(1)
END = "~~~"
"""What the prompt is called, so that it is seen when a command has ended."""

BOARD = """\
title: The Last Tram
style: 35 mm film, muted colours
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
cast:
  ana: {references: [ana.png]}
scenes:
  - id: city
    prompt: A city at night from above, one tram climbs the hill.
  - id: stop
    references: [ana]
    prompt: "{{ ref.ana }} crosses a flower meadow at dusk, slowly, her hands in the tops of the grass, and looks back once."
    then:
      - extend: She runs on.
        duration: 4
  - id: face
    image: {last_frame_of: stop}
    prompt: She turns her head.
"""
NIGHT = """\
title: The Night Tram
defaults: {duration: 2, aspect_ratio: "16:9", resolution: 480p, model: grok-imagine-video}
cast: {fox: {description: a fox, references: [{prompt: "A fox."}]}}
scenes:
  - {id: city, prompt: "A city at night. [[sandbox: slow 4]]"}
  - id: stop
    image: {last_frame_of: city}
    prompt: "A stop. [[sandbox: slow 9]]"
    then: [{extend: "And on.", duration: 2}]
  - {id: face, prompt: "A face. [[sandbox: moderated x1]]"}
  - {id: ride, prompt: "A ride. [[sandbox: slow 12]]"}
  - {id: den, references: [fox], prompt: "{{ ref.fox }} sleeps. [[sandbox: slow 6]]"}
  - {id: mirror, image: {last_frame_of: face}, prompt: "She looks into a mirror."}
"""
FILMS = """\
title: "The Last Tram, {{ city }}"
vars: {city: Lisbon, end: "Nobody waits."}
variants:
  lisbon: {}
  porto: {vars: {city: Porto, end: "Ninguem espera."}}
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
scenes:
  - {id: city, prompt: "A city at night from above, one tram climbs the hill."}
  - {id: stop, prompt: "A woman runs to the stop and says: {{ end }}"}
deliver:
  vertical: {aspect_ratio: "9:16", fit: crop, order: [stop]}
  native: {aspect_ratio: "9:16", regenerate: true}
"""
WRONG = """\
title: "Die letzte Straßenbahn 最後の電車"
scenes:
  - {id: city, prompt: "A city at night from above, rain on the roofs, one tram climbs the hill slowly.", durations: 5}
  - {id: stop, prompt: "夜の停留所、雨、黄色いレインコートの女性が走る。カメラはゆっくり右へ。", duration: 40, references: [anna]}
"""


class Terminal:
    """A terminal of some size, in tmux."""

    def __init__(self, folder: Path, columns: int, lines: int) -> None:
        self._name = f"storyreel-{os.getpid()}-{columns}x{lines}-{next(_NUMBERS)}"
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        variables = {
            **clean,
            "PATH": f"{ROOT / '.venv' / 'bin'}:{clean['PATH']}",
            "LANG": "C.UTF-8",
            "STORYREEL_VAULT": str(folder / "vault"),
            "STORYREEL_OUT": str(folder / "out"),
            "STORYREEL_SANDBOX": str(folder / "sandbox"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        # Nothing of whoever takes the pictures is in them; what a terminal is called tmux says itself.
        bare = [f"{name}={value}" for name, value in {**variables, "TERM": "tmux-256color"}.items()]
        bash = shlex.join(["env", "-i", *bare, "bash", "--norc", "--noprofile"])
        size = ["-x", str(columns), "-y", str(lines)]
        self._tmux("new-session", "-d", "-s", self._name, *size, "-c", str(folder), bash)
        self._tmux("send-keys", "-t", self._name, f"PS1='{END} '", "Enter")
        time.sleep(0.5)

    def run(self, command: str, meanwhile: Callable[[str], bool] | None = None, within_s: float = 120) -> str:
        """
        Run a command, and return what stands on the screen at its end.

        Args:
            meanwhile: Asked what stands there, four times a second; once it says yes, that is returned, and nothing is waited for.
        """
        self._tmux("send-keys", "-t", self._name, "-l", f"clear; {command}")
        self._tmux("send-keys", "-t", self._name, "Enter")
        time.sleep(0.5)
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            shown = self._tmux("capture-pane", "-p", "-t", self._name)
            if meanwhile is not None and meanwhile(shown):
                return shown.rstrip()
            if shown.rstrip().endswith(END):
                return shown.rstrip().removesuffix(END).rstrip()
            time.sleep(0.25)
        raise TimeoutError(f"{command} is not over")

    def close(self) -> None:
        """End it."""
        with suppress(subprocess.CalledProcessError):
            self._tmux("kill-session", "-t", self._name)

    def shows(self) -> str:
        """Return what stands on the screen now."""
        return self._tmux("capture-pane", "-p", "-t", self._name).rstrip()

    def ended(self, within_s: float = 120) -> str:
        """Wait until what runs has ended, and return what stands on the screen."""
        deadline = time.monotonic() + within_s
        while not self.shows().endswith(END):
            if time.monotonic() > deadline:
                raise TimeoutError("it is not over")
            time.sleep(0.25)
        return self.shows().removesuffix(END).rstrip()

    @staticmethod
    def _tmux(*words: str) -> str:
        return subprocess.run(["tmux", *words], check=True, capture_output=True, text=True).stdout


def pictures(folder: Path, columns: int, lines: int) -> list[tuple[str, str, str]]:
    """Return what each command looks like in a terminal of this size: its headline, the command, the screen."""
    from tests.cli.shot import shoot

    os.environ |= {"STORYREEL_VAULT": str(folder / "vault"), "XDG_CACHE_HOME": str(folder / "cache")}
    board, night, wrong = folder / "tram.yaml", folder / "night.yaml", folder / "wrong.yaml"
    films = folder / "films.yaml"
    Image.new("RGB", (64, 36), "gold").save(folder / "ana.png")
    board.write_text(BOARD)
    shoot(board, "2026-10-26T11:17")
    board.write_text(BOARD.replace("flower meadow", "snowy field"))
    terminal, other = Terminal(folder, columns, lines), Terminal(folder, columns, lines)
    shots: list[tuple[str, str, str]] = []

    def picture(headline: str, command: str, meanwhile: Callable[[str], bool] | None = None) -> None:
        shots.append((headline, command, terminal.run(command, meanwhile)))

    try:
        picture("A plan", "storyreel plan tram.yaml")
        shoot(board, (datetime.now(UTC) - timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%S"), lost=["stop/video"])
        picture("A plan after an answer was lost", "storyreel plan tram.yaml")
        picture("Takes", "storyreel takes tram.yaml")
        films.write_text(FILMS)
        picture("The films of a storyboard", "storyreel plan films.yaml --variant porto")
        shoot(films, "2026-10-27T11:17", variant="lisbon")
        picture("Two variants, of which one is shot: the end of their plans", "storyreel plan films.yaml")
        picture("Costs", "storyreel costs")
        night.write_text(NIGHT)
        command = "storyreel shoot night.yaml --sandbox"
        picture("A run", command, busy)
        watched = "storyreel watch --once"
        shots.append(("The same run, watched from another terminal", watched, other.run(watched)))
        shots.append(("The same run at its end", command, terminal.ended()))
        picture("Run again: what is there is reused", "storyreel shoot night.yaml --sandbox --redo face --yes")
        wrong.write_text(WRONG)
        picture("A folder", "storyreel status --sandbox")
        picture("Errors", "storyreel check wrong.yaml")
    finally:
        terminal.close()
        other.close()
    return shots


def busy(shown: str) -> bool:
    """Whether a run is in the middle of its work, with a failure behind it."""
    return "failed" in shown and "making" in shown


def page(shots: dict[tuple[int, int], list[tuple[str, str, str]]], low: str) -> str:
    """Return docs/terminal.md."""
    text = (PAGE.read_text(encoding="utf-8") if PAGE.exists() else "").partition("<!-- pictures -->")[0]
    parts = [f"{text.rstrip()}\n\n<!-- pictures -->\n"]
    for (columns, lines), some in shots.items():
        parts.append(f"## {columns} columns, {lines} lines\n")
        for headline, command, shown in some:
            body = "\n".join(line.rstrip() for line in shown.splitlines())
            parts.append(f"{headline}: `{command}`\n\n```text\n{body}\n```\n")
    parts.append(f"## 80 columns, 8 lines\n\nThe same run in a low window:\n\n```text\n{low}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Take the pictures, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--at", type=Path, default=Path("/films"), help="A folder that is made for it, and shown in the pictures."
    )
    at = parser.parse_args().at
    shots = {}
    for size in SIZES:
        at.mkdir()
        try:
            shots[size] = pictures(at, *size)
        finally:
            shutil.rmtree(at)
    at.mkdir()
    try:
        (at / "night.yaml").write_text(NIGHT)
        terminal = Terminal(at, 80, 8)
        try:
            low = terminal.run("storyreel shoot night.yaml --sandbox", busy)
            terminal.ended()
        finally:
            terminal.close()
    finally:
        shutil.rmtree(at)
    PAGE.write_text(page(shots, low), encoding="utf-8")


if __name__ == "__main__":
    main()
