"""
Make with the code of another commit what tests/test_before.py opens with this one's: a vault, films, Prefect's home and a desk's folder.

    python bench/before.py CHECKOUT [TO]

CHECKOUT is the project at that commit. All is made in a scratch folder with the sandbox, trimmed to what a person would
not want to lose, and packed into TO (tests/fixtures/before/before.tar.xz; README.md beside it says which commit it was).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TO = Path(__file__).parents[1] / "tests" / "fixtures" / "before" / "before.tar.xz"
PARTS = ("boards", "vault", "out", "prefect", "desk")
"""What is kept; the sandbox's jobs are not, so that whoever asks it for an old take is told that there is none."""

ENDS = """
title: Ends
defaults: {duration: 1, resolution: 480p}
scenes:
  - id: good
    prompt: "A lake at dawn."
  - id: withheld
    prompt: "A forest at night. [[sandbox: moderated]]"
  - id: failing
    prompt: "A harbour at noon. [[sandbox: failed invalid_argument]]"
  - id: late
    prompt: "A desert at dusk. [[sandbox: expired]]"
  - id: refused
    prompt: "A street in the rain. [[sandbox: refused argument]]"
  - id: unanswered
    prompt: "A meadow in summer. [[sandbox: drop after]]"
"""
"""Every end that a step can come to, with one whose answer was lost."""

KILLED = """
title: Killed
defaults: {duration: 1, resolution: 480p}
scenes:
  - id: door
    image: {prompt: "An iron door. [[sandbox: slow 30]]"}
    prompt: "The door opens."
"""
"""One whose process was killed while its request was on its way."""

REVIEWED = """
title: Reviewed
review: before-final
defaults: {duration: 1, resolution: 480p}
scenes:
  - id: boat
    image: {prompt: "A small boat on a grey sea."}
    prompt: "The boat rocks."
  - id: quay
    prompt: "A quay in fog."
"""
"""One that waits for a person's word before its film is cut."""

NIGHTS = """
import asyncio, sys
from storyreel.cli.prefect_run import load_flow
asyncio.run(load_flow()(storyboard="boards/night.yaml", till="dailies-2026-11-22", sandbox=True))
"""


def main(checkout: Path, to: Path) -> None:
    """Make all parts, and pack them."""
    with tempfile.TemporaryDirectory(prefix="before-") as scratch:
        place = Path(scratch)
        shoot_all(checkout.resolve(), place)
        wait_at_a_desk(checkout.resolve(), place)
        trim(place)
        with tarfile.open(to, "w:xz", preset=9) as packed:
            for part in PARTS:
                packed.add(place / part, part)
    print(f"{to.stat().st_size / 1e6:.1f} MB in {to}")


def shoot_all(checkout: Path, place: Path) -> None:
    """Shoot each board to the end that it is here for."""
    boards = place / "boards"
    boards.mkdir()
    text = (checkout / "storyboards" / "lighthouse.yaml").read_text(encoding="utf-8")
    (boards / "lighthouse.yaml").write_text(short(text), encoding="utf-8")
    shutil.copytree(checkout / "storyboards" / "lighthouse", boards / "lighthouse")
    for name, text in {"ends": ENDS, "killed": KILLED, "reviewed": REVIEWED, "night": ENDS}.items():
        (boards / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    night = (boards / "night.yaml").read_text(encoding="utf-8")
    (boards / "night.yaml").write_text(
        night.partition("  - id: withheld")[0].replace("Ends", "Night"), encoding="utf-8"
    )

    def storyreel(*words: str, code: int = 0) -> None:
        with begun(checkout, place, "-m", "storyreel", *words) as process:
            output, _ = process.communicate(timeout=300)
        print(f"$ storyreel {' '.join(words)}\n{output}")
        assert process.returncode == code, process.returncode

    storyreel("shoot", "boards/lighthouse.yaml", "--sandbox")
    storyreel("shoot", "boards/lighthouse.yaml", "--sandbox", "--redo", "storm/edit-1", "--yes")
    storyreel("shoot", "boards/ends.yaml", "--sandbox", code=7)
    storyreel("shoot", "boards/reviewed.yaml", "--sandbox", code=8)
    with begun(checkout, place, "-c", NIGHTS) as process:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    claims = set(place.glob("vault/*/slates/*/*/*/claim.json"))
    with begun(checkout, place, "-m", "storyreel", "shoot", "boards/killed.yaml", "--sandbox") as process:
        while set(place.glob("vault/*/slates/*/*/*/claim.json")) == claims:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextmanager
def begun(checkout: Path, place: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run the checkout's Python code in the scratch folder, with nothing of the person's in its environment."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(checkout / "src"),
        "HOME": str(place / "home"),
        "PREFECT_HOME": str(place / "prefect"),
        "STORYREEL_VAULT": "file:vault",
        "STORYREEL_OUT": "out",
        "STORYREEL_SANDBOX": str(place / "sandbox"),
        "STORYREEL_SANDBOX_LATENCY": "0",
        "STORYREEL_POLL": "0.1",
    }
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=place,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_at_a_desk(checkout: Path, place: Path) -> None:
    """Have a desk run the board that wants approval, and close it while that run is suspended."""
    with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("127.0.0.1", 0)) as other:
        port, films = free.getsockname()[1], other.getsockname()[1]
    words = ("studio", "--folder", "desk", "--port", str(port), "--films-port", str(films))
    with begun(checkout, place, "-m", "storyreel", *words) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="")
            if line.startswith("Ctrl-C"):
                break
        api = f"http://127.0.0.1:{port}/api"
        deployment = asked(f"{api}/deployments/name/sequence/sequence-rehearsal")["id"]
        run = asked(
            f"{api}/deployments/{deployment}/create_flow_run", {"parameters": {"storyboard": "boards/reviewed.yaml"}}
        )
        while asked(f"{api}/flow_runs/{run['id']}")["state_name"] != "Suspended":
            assert process.poll() is None
            time.sleep(1)
        time.sleep(5)
        process.send_signal(signal.SIGINT)
        print(process.communicate(timeout=60)[0])


def asked(address: str, body: dict[str, Any] | None = None) -> Any:
    """Return what Prefect's server answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def short(text: str) -> str:
    """Return a board in its smallest size, a second a scene, two where it is extended."""
    text = re.sub(r"duration: \d+", "duration: 1", text.replace("720p", "480p").replace("end: 2", "end: 1"))
    text = text.replace('"16:9"', '"1:1"')
    extended = r"(    duration: 1\n)?(    then:\n      - extend: .*\n        duration: )1"
    return re.sub(extended, r"    duration: 2\n\g<2>2", text)


def trim(place: Path) -> None:
    """Leave out what can be made again, and what Prefect's server needs only while it runs."""
    shutil.rmtree(place / "vault" / "derived", ignore_errors=True)
    # A contact sheet of ten steps weighs more than all the clips that it shows, and is drawn again.
    (place / "out" / "lighthouse" / "lighthouse.sandbox.png").unlink()
    for home in (place / "prefect", place / "desk"):
        for path in home.iterdir():
            if path.name not in ("storage", "prefect.db"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        database = sqlite3.connect(home / "prefect.db")
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("VACUUM")
        database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else TO)
