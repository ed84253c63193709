"""What is told of a rehearsal before it begins."""

import json
from pathlib import Path

import pytest

from storyreel.cli.plan import plan

BOARD = """
defaults: {duration: 2, resolution: 480p}
scenes:
  - id: hafen
    prompt: "Ein Leuchtturm, Möwen – dämmerig."
  - id: yoru
    prompt: "夜の灯台"
    then:
      - extend: "A fox 狐."
        duration: 2
      - edit: "雪が降る"
"""


def notes_of(board: Path, text: str, capsys: pytest.CaptureFixture[str], *, sandbox: bool) -> list[str]:
    """Return what is noted of a plan."""
    board.write_text(text, encoding="utf-8")
    plan((board,), sandbox=sandbox, as_json=True)
    notes: list[str] = json.loads(capsys.readouterr().out)["notes"]
    return notes


def test_a_plan_of_a_rehearsal_says_what_its_captions_cannot_show(place: Path, capsys: pytest.CaptureFixture[str]):
    """
    The note counts the characters, and names scripts and scenes; of an edit, which has no caption, none is counted.
    """
    (note,) = notes_of(place / "board.yaml", BOARD, capsys, sandbox=True)

    assert "cannot show 5 characters (Han, Hiragana) of yoru; what is sent has all" in note


@pytest.mark.parametrize(
    ("text", "sandbox"),
    [
        pytest.param(BOARD, False, id="for-real"),
        pytest.param(BOARD.partition("  - id: yoru")[0], True, id="letters-of-the-face"),
    ],
)
def test_else_there_is_no_such_note(text: str, sandbox: bool, place: Path, capsys: pytest.CaptureFixture[str]):
    """
    A real film has no captions, and accented letters are drawn.
    """
    assert [] == notes_of(place / "board.yaml", text, capsys, sandbox=sandbox)
