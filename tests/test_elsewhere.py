"""
On a system without what Linux and macOS have in common, a person can check, plan and look, and is told in a sentence where to shoot.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storyreel import api
from tests.desk import ONE, Desk

ELSEWHERE = Path(__file__).parent / "elsewhere.py"


def run(desk: Desk, *words: str, code: int = 0) -> str:
    """Run storyreel where nothing is that Windows lacks, and return what it said."""
    ended = subprocess.run(
        [sys.executable, str(ELSEWHERE), *words],
        cwd=desk.folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_a_storyboard_is_planned_and_the_vault_read_elsewhere(desk: Desk):
    """
    Plan reads the board, the media, the vault; nothing of it wants /proc, fcntl or a signal.
    """
    desk.write(ONE.format(marker=""))

    assert "to buy: 1 request" in run(desk, "plan", "small.yaml", "--sandbox")


def test_what_shoots_says_in_one_sentence_where_it_can(desk: Desk):
    """
    It ends with 2 before anything is read, and names WSL.
    """
    told = run(desk, "shoot", "small.yaml", "--sandbox", code=2)

    assert told.startswith("storyreel: storyreel shoot wants Linux, macOS or, on Windows, WSL")
    assert len(told.splitlines()) == 1


@pytest.mark.long
@pytest.mark.parametrize("command", ["studio", "worker", "deploy", "sweep"])
def test_so_does_whatever_runs_films(desk: Desk, command: str):
    """
    None of them is loaded: what they are made of is not there.
    """
    assert f"storyreel {command} wants Linux" in run(desk, command, code=2)


@pytest.mark.long
def test_all_that_looks_works_on_a_rehearsed_vault_elsewhere(desk: Desk):
    """
    Check, plan, takes, export and page, and what else only looks, of a film that was shot on another system; and what begins one.
    """
    desk.write(ONE.format(marker=""))
    asyncio.run(api.shoot(desk.board, sandbox=True))

    assert "right" in run(desk, "check", "small.yaml")
    assert "reused: 1" in run(desk, "plan", "small.yaml", "--sandbox")
    (take,) = json.loads(run(desk, "takes", "small.yaml", "--sandbox", "--json"))["takes"]
    assert take["state"] == "clip"
    run(desk, "export", "small.yaml", "--sandbox", "--to", "edit")
    assert any(path.suffix == ".otio" for path in (desk.folder / "edit").rglob("*"))
    run(desk, "page", "small.yaml", "--sandbox")
    run(desk, "pin", "small.yaml", "coast", "t01", "--sandbox")
    run(desk, "pin", "small.yaml", "coast", "--undo")
    run(desk, "new", "film")
    (desk.folder / "film/.vscode").mkdir()
    (desk.folder / "film/.vscode/settings.json").write_text('{"a": 1}', encoding="utf-8")
    run(desk, "schema", "film", "--install", "--vscode")
    assert "nobody foresaw" not in run(desk, "doctor", "film/film.yaml", "--sandbox")
    assert (desk.folder / "out/small/page/index.html").is_file()
    for words in (
        ["status", ".", "--sandbox"],
        ["costs", "--sandbox"],
        ["vault", "check"],
        ["gc", "--yes"],
        ["settings"],
    ):
        run(desk, *words)
