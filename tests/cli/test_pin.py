"""
`storyreel pin`: what a person types and reads.
"""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.cli.pin import pin_board
from storyreel.errors import SettingsError
from storyreel.production.prepare import prepare
from tests.desk import Desk
from tests.production.test_pinning import BOARD, three_takes


@pytest.fixture
def board(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose board has three takes of a scene."""
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.folder / "state"))
    desk.write(BOARD)
    return desk


def typed(board: Desk, step: str, take: str | None, *, undo: bool = False, **how: object) -> str:
    console = Console(file=io.StringIO(), width=400)
    assert 0 == pin_board(board.board, step, take, undo, None, True, console, **how)  # type: ignore[arg-type]
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_a_pin_is_written_with_the_line_that_takes_it_back(board: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    A scene's id is its first clip; the whole id is written; the command that is printed gives the bytes back.
    """
    asyncio.run(three_takes(prepare(str(board.board)).vault))
    raw = board.board.read_bytes()
    first = typed(board, "coast", "aa8c0a5")
    again = typed(board, "coast/video", "t01")
    other = typed(board, "coast", "3")
    back = typed(board, "coast", None, undo=True)
    last = typed(board, "coast", None, undo=True)

    assert f"{board.board}:6: coast/video is pinned to t01\n  pin: aa8c0a59-1748\n" in first
    assert f"storyreel pin {board.board} coast/video --undo" in first
    assert "was already pinned to t01" in again
    assert "--undo" not in again
    assert "is pinned to t03" in other
    assert "coast/video is pinned to aa8c0a59-1748 again; that was aa8c0a77-0000" in back
    assert "coast/video is not pinned any more; that was aa8c0a59-1748" in last
    assert raw == board.board.read_bytes()

    (board.folder / "a-file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(board.folder / "a-file"))
    assert "cannot be taken back by --undo" in typed(board, "coast", "t01")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("coast", None), "name the take, or say --undo"),
        (("coast", "t01", True), "name the take, or say --undo"),
        (("coats", "t01"), "did you mean 'coast'"),
        (("coast", "t01"), "no take of coast/video has a clip yet: shoot it first"),
    ],
)
def test_what_cannot_be_pinned_is_told_with_what_to_do(board: Desk, words: tuple[str, str | None], problem: str):
    """
    And the storyboard is as it was.
    """
    with pytest.raises(SettingsError, match=problem):
        typed(board, *words[:2], undo=len(words) > 2)
    with pytest.raises(SettingsError, match=r"--variant porto: .* has no such variant"):
        typed(board, "coast", "t01", variant=["porto"])

    assert BOARD == Path(board.board).read_text()
