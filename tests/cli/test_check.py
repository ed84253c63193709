"""
`storyreel check` and `storyreel explain`: what is wrong with a storyboard, for people and for programs.
"""

import json
import shutil
from pathlib import Path

import pytest

from storyreel.cli import app as cli
from storyreel.cli.errors import at_the_rim
from storyreel.diagnostics.codes import pages

CHECKS = Path(__file__).parent / "checks"
RIGHT = "scenes: [{id: sea, prompt: Waves., then: [{extend: a}]}]\ncast: {fox: {description: a fox}}\n"


def run(*words: str) -> int:
    return at_the_rim(lambda: cli.app(words, exit_on_error=False, print_error=False))


@pytest.fixture
def broken(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a storyboard with five problems, seen from its folder at a terminal of 80 columns."""
    shutil.copy(CHECKS / "broken.yaml", place)
    monkeypatch.chdir(place)
    return "broken.yaml"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_a_broken_board_is_told_in_every_format(broken: str, form: str, capsys: pytest.CaptureFixture[str]):
    """
    Each format has all five problems with code, place, message and remedy; exit code 2. Written anew with
    `storyreel check broken.yaml --format FORMAT` in tests/cli/checks.
    """
    code = run("check", broken, "--format", form)
    told = capsys.readouterr()

    assert code == 2
    assert (told.err if form == "text" else told.out) == (CHECKS / f"broken.{form}").read_text(encoding="utf-8")
    assert (told.out if form == "text" else told.err) == ""


def test_a_right_board_has_its_notes_in_every_format(place: Path, capsys: pytest.CaptureFixture[str]):
    """
    Notes are remarks, notices, and results of level note; exit code 0.
    """
    board = place / "sea.yaml"
    board.write_text(RIGHT)
    shown = {}
    for form in ("text", "json", "github", "sarif"):
        assert run("check", str(board), "--format", form) == 0
        shown[form] = capsys.readouterr().out

    assert "note: " in shown["text"]
    assert [each["code"] for each in json.loads(shown["json"])["remarks"]] == ["unused-member"]
    assert shown["github"].startswith("::notice title=unused-member,")
    assert [each["level"] for each in json.loads(shown["sarif"])["runs"][0]["results"]] == ["note"]


def test_json_is_the_same_by_its_old_name(broken: str, capsys: pytest.CaptureFixture[str]):
    """
    `--json` is `--format json`.
    """
    run("check", broken, "--json")
    old = capsys.readouterr().out
    run("check", broken, "--format", "json")

    assert old == capsys.readouterr().out


@pytest.mark.parametrize("code", ["yaml-comment", "[yaml-comment]", "YAML-COMMENT"])
def test_a_code_is_explained_with_both_examples(code: str, capsys: pytest.CaptureFixture[str]):
    """
    As it is printed by a check, with its brackets or without.
    """
    assert run("explain", code) == 0

    told = capsys.readouterr().out
    assert told.startswith("yaml-comment: ")
    assert "Not so:\n" in told
    assert "But so:\n" in told


def test_all_codes_are_listed(capsys: pytest.CaptureFixture[str]):
    """
    A line for each.
    """
    assert run("explain") == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(pages())


def test_a_code_that_there_is_not_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]):
    """
    Exit code 2.
    """
    assert run("explain", "yaml-coment") == 2

    assert "did you mean 'yaml-comment'?" in capsys.readouterr().err
