"""
What a person and a program read of how a folder's storyboards stand.
"""

import json
from pathlib import Path

import pytest
from jsonschema import validate
from PIL import Image

from tests.cli.shot import shoot
from tests.cli.test_plan import BOARD
from tests.cli.test_render import DOCS, storyreel


@pytest.fixture
def boards(place: Path) -> Path:
    """Return a folder with a storyboard that has changed since it was shot, and one that was never shot."""
    folder = place / "boards"
    folder.mkdir()
    Image.new("RGB", (64, 36), "gold").save(folder / "ana.png")
    (folder / "tram.yaml").write_text(BOARD)
    shoot(folder / "tram.yaml", "2026-11-26T11:17")
    (folder / "tram.yaml").write_text(BOARD.replace("flower meadow", "snowy field"))
    (folder / "new.yaml").write_text("scenes: [{id: a, prompt: A.}]")
    return folder


def test_a_person_reads_a_line_for_each_storyboard(boards: Path):
    """
    What it is, what a run would buy, for how much, and one reason.
    """
    shown = storyreel("status", "boards", cwd=boards.parent)

    assert 0 == shown.returncode
    assert [line.rstrip() for line in shown.stdout.splitlines()] == [
        "storyboard   state        to buy    price   why",
        "─" * 109,
        "new.yaml     never shot        1   $0.420",
        'tram.yaml    stale             3   $1.334   stop/video: prompt: "flower meadow" -> "snowy field" (and 2 more)',
        "1 never shot, 1 stale   to buy: 4 requests, $1.754",
        f"vault: {boards.parent / 'vault'} (the real API)",
    ]


def test_a_storyboard_that_cannot_be_read_is_a_line_and_the_code_says_so(boards: Path):
    """
    Whoever runs it in a script has all the lines, and knows.
    """
    (boards / "bad.yaml").write_text("scenes: [")
    shown = storyreel("status", "boards", cwd=boards.parent)

    assert 2 == shown.returncode
    assert "bad.yaml     wrong" in shown.stdout
    assert "1 never shot, 1 stale, 1 wrong" in shown.stdout
    assert "" == shown.stderr


def test_a_program_reads_data(boards: Path):
    """
    The schema in the docs describes them; a rehearsal has other takes.
    """
    data = json.loads(storyreel("status", "boards", "--json", cwd=boards.parent).stdout)
    rehearsed = json.loads(storyreel("status", "boards", "--json", "--sandbox", cwd=boards.parent).stdout)
    validate(data, json.loads((DOCS / "status.schema.json").read_text()))

    assert [("new.yaml", "never shot"), ("tram.yaml", "stale")] == [
        (board["board"], board["state"]) for board in data["boards"]
    ]
    assert {"never shot"} == {board["state"] for board in rehearsed["boards"]}


def test_a_folder_without_storyboards_is_told_as_that(place: Path):
    """
    And one that is not there is a slip on the command line.
    """
    assert "There is no storyboard in ." in storyreel("status", cwd=place).stdout
    missing = storyreel("status", "nowhere", cwd=place)

    assert 2 == missing.returncode
    assert "there is no folder nowhere" in missing.stderr
