"""
Odd storyboards through the commands: checked in every format, planned, and held against the schema that editors have.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from storyreel.catalog import load_catalog
from storyreel.cli.check import check
from storyreel.cli.errors import at_the_rim
from storyreel.cli.plan import plan
from storyreel.storyboard import schema
from storyreel.storyboard.text.source import read_source
from tests.field import numbered
from tests.fuzz.limit import within
from tests.fuzz.odd_boards import ROOT, sane_boards, twisted_board
from tests.media.filming import film_clip

SECONDS = 10.0
"""The longest that one command may work on one board."""
IN_A_PROCESS = 100
"""One of so many is also checked by a process of its own."""
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@contextmanager
def desk(scratch: Path) -> Iterator[Callable[[Random], str]]:
    """Give what tries a board: a folder with the media that the boards name, and the environment of a rehearsal."""
    shutil.copytree(ROOT / "storyboards" / "lighthouse", scratch / "lighthouse")
    for path in (ROOT / "storyboards" / "tram").glob("*.[jm]p*"):
        shutil.copy(path, scratch)
    for name in (
        "refs/mira-front.png",
        "refs/mira-side.png",
        "refs/lamp.png",
        "boards/020.png",
        "boards/square.png",
        "keeper/mira.png",
    ):
        (scratch / name).parent.mkdir(exist_ok=True)
        numbered.picture(1, 64, 36).save(scratch / name)
    (scratch / "media").mkdir()
    film_clip(scratch / "media" / "endcard.mp4", size="64x36", fps="4", seconds=5)
    (scratch / "looks").mkdir()
    (scratch / "looks" / "dusk.j2").write_text("dusk over {{ city }}", encoding="utf-8")
    boards, validator = sane_boards(), Draft202012Validator(schema(load_catalog()))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("XAI_API_KEY", raising=False)
        for name in ("STORYREEL_VAULT", "STORYREEL_OUT", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(scratch / name.lower()))
        patch.chdir(scratch)
        yield lambda dice: try_board(
            twisted_board(dice, boards), scratch, validator, alone=dice.random() < 1 / IN_A_PROCESS
        )


def try_board(content: bytes, folder: Path, validator: Draft202012Validator, *, alone: bool = False) -> str:
    """Return what is wrong about how a board is told of; empty if nothing is."""
    path = folder / "odd.yaml"
    path.write_bytes(content)
    ends: dict[str, tuple[int, str, str]] = {}
    for form in ("text", "json", "github", "sarif"):
        with within(SECONDS):
            ends[form] = ran(lambda form=form: check((Path("odd.yaml"),), form=form))  # type: ignore[misc]
    with within(SECONDS):
        ends["plan"] = ran(lambda: plan((Path("odd.yaml"),), sandbox=True, as_json=True))
    codes = {name: code for name, (code, _, _) in ends.items()}
    if set(codes.values()) not in ({0}, {2}):
        worst = next((name for name, code in codes.items() if code not in (0, 2)), "")
        return f"exit {codes[worst] if worst else codes}: {ends[worst][2][-400:] if worst else ''}"
    right = codes["text"] == 0
    if alone and (told := _in_a_process(path)) != codes["text"]:
        return f"a process of its own ends with {told}, not with {codes['text']}"
    return _ill_told(ends, content, right) or (_refused_by_schema(content, validator) if right else "")


def ran(command: Callable[[], object]) -> tuple[int, str, str]:
    """Run a command as the command line does; return its exit code and all that it said."""
    said, complained = _Stream(), _Stream()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        code = at_the_rim(command)
    return code, said.text(), complained.text()


class _Stream(io.TextIOWrapper):
    """What a terminal would show."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


def _in_a_process(path: Path) -> int:
    command = [sys.executable, "-m", "storyreel", "check", path.name]
    return subprocess.run(
        command, cwd=path.parent, env=os.environ, capture_output=True, timeout=60, check=False
    ).returncode


def _ill_told(ends: dict[str, tuple[int, str, str]], content: bytes, right: bool) -> str:
    """Return what is wrong with what was said: no data, a place outside the file, an empty sentence, a sign that moves a cursor."""
    told: dict[str, Any] = json.loads(ends["json"][1])
    json.loads(ends["sarif"][1])
    each_told = told.get("boards", [told])
    problems = [problem for board in each_told for problem in board["problems"]]
    if told["ok"] is not right or bool(problems) is right:
        return f"check --format json says ok {told['ok']} and {len(problems)} problems"
    everything = ends["text"][1] + ends["text"][2]
    if "Traceback" in everything or UNSEEN.search(everything):
        return f"what is printed has {UNSEEN.search(everything) or 'a traceback'}: {everything[:300]!r}"
    lines = len(content.decode("utf-8", "replace").splitlines()) + 1
    for each in (*problems, *(remark for board in each_told for remark in board["remarks"])):
        if not each["message"].strip() or each["line"] > lines or each["end_line"] > lines:
            return f"{each['code']} at {each['line']}:{each['column']} of {lines} lines: {each['message']!r}"
    if right and "steps" in (seen := json.loads(ends["plan"][1])) and not seen["steps"] and not seen["cut"]:
        return "a plan of nothing is right"
    return ""


def _refused_by_schema(content: bytes, validator: Draft202012Validator) -> str:
    """Return what an editor underlines in a board that is right: its schema has to take whatever the check takes."""
    data = json.loads(json.dumps(read_source(content.decode("utf-8-sig"), "odd.yaml").data, default=str))
    error = next(iter(validator.iter_errors(data)), None)
    return "" if error is None else f"the schema refuses what is right: {error.message[:200]} at {list(error.path)}"
