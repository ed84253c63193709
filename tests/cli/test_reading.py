"""
A command reads what it is given once: the storyboard, the catalogue, each file of a person's, and the film as it goes.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.desk import Desk

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

MEDIA = Path(__file__).parents[2] / "storyboards" / "lighthouse"

BOARD = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    image: path.png
    prompt: "The path goes up."
  - id: card
    clip: endcard.mp4
"""

# Each file that Python opens, with what it is opened for: to be read from its beginning to its end, or for a look.
COUNTED = """
import atexit, json, os, sys

WHOLE = {"copy_plain", "read_plain", "put_file", "_measure"}
opened = []

def note(event, args):
    if event == "open" and isinstance(args[0], (str, os.PathLike)) and not (args[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        frame, names = sys._getframe(), set()
        while frame is not None and len(names) < 12:
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        if names & WHOLE or str(args[0]).endswith("catalog.toml"):
            opened.append(os.fspath(args[0]))

sys.addaudithook(note)
from storyreel.cli.app import main
import storyreel.media

sys.modules["storyreel.media.measure"].SETTLED_NS = 0  # the files of a person have lain there for longer than those of a test

atexit.register(lambda: open(os.environ["COUNTED"], "w").write(json.dumps(opened)))
sys.argv[0] = "storyreel"
main()
"""


@pytest.mark.long
def test_a_shoot_reads_everything_once(desk: Desk, prefect_server: str):
    """
    Storyboard, catalogue and own footage once; a picture that is sent once more, when it is copied for that: what is sent is
    what was checked. The film once, for its name; its copy for people is made of its packets.
    """
    desk.write(BOARD)
    for name in ("path.png", "endcard.mp4"):
        shutil.copy2(MEDIA / name, desk.folder / name)
    counted = desk.folder / "opened.json"
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, "shoot", desk.board.name, "--sandbox"],
        cwd=desk.folder,
        env={**os.environ, "COUNTED": str(counted), "PREFECT_API_URL": prefect_server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    opened = Counter(Path(path) for path in json.loads(counted.read_text()))
    names = Counter(path.name for path in opened.elements())
    films = [
        path for path in opened.elements() if path.suffix == ".mp4" and "film" in (path.stem, path.parent.name[:4])
    ]

    assert {desk.board.name: 1, "path.png": 2, "endcard.mp4": 1, "catalog.toml": 1} == {
        name: names[name] for name in (desk.board.name, "path.png", "endcard.mp4", "catalog.toml")
    }
    assert len(films) == 1
