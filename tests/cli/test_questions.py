"""
What is asked of a person before money is spent or files are removed, and what is not asked of a script.
"""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.desk import WAITING, Desk
from tests.production.patiently import buy

ONE = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
  - id: stair
    image: {last_frame_of: coast}
    prompt: "A stair."
"""


def at_a_terminal(desk: Desk, *args: str, answer: str) -> tuple[int, str]:
    """Run a command in a terminal, answer its question as soon as it stands there, and return its exit code and all that was on the screen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "storyreel", *args]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=desk.folder) as process:
        os.close(theirs)
        screen, answered = b"", False
        try:
            while piece := os.read(ours, 4096):
                screen += piece
                if b"[y/N]" in screen and not answered:
                    answered = os.write(ours, f"{answer}\n".encode()) > 0
        except OSError:
            pass  # the other end is closed: it is over
        code = process.wait(timeout=60)
    os.close(ours)
    return code, screen.decode()


@pytest.fixture
async def bought(desk: Desk) -> Desk:
    """A desk with both takes of its board in the vault."""
    desk.write(ONE)
    async with open_session(prepare(str(desk.board)), run="before", sandbox=True) as session:
        coast = await collect(session, "coast/video", await buy(session, "coast", "video", []))
        await collect(session, "stair/video", await buy(session, "stair", "video", [coast]))
    return desk


def test_a_redo_says_what_follows_and_asks(bought: Desk):
    """
    The step, what is made from it, and the price of both; whoever says no has sent nothing.
    """
    before = len(bought.posts())
    code, screen = at_a_terminal(bought, "shoot", "small.yaml", "--sandbox", "--redo", "coast", answer="n")

    assert code == 1
    assert "coast/video  $0.05  made again" in screen
    assert "stair/video  $0.052  follows" in screen
    assert "2 requests, $0.102" in screen
    assert "Make them again? The former takes are kept. [y/N]" in screen
    assert "Nothing was sent" in screen
    assert len(bought.posts()) == before


def test_a_redo_before_an_approval_says_what_is_sent_now_and_what_later(desk: Desk):
    """
    What was never made is not made again, and what waits for a person is not sent before they have said yes.
    """
    desk.write(WAITING)
    code, screen = at_a_terminal(desk, "shoot", "small.yaml", "--sandbox", "--redo", "door/still", answer="n")

    assert code == 1
    assert "door/still  $0.02  not made yet\r\n" in screen
    assert "door/video  $0.052  not made yet, after approval" in screen
    assert "1 request, $0.02, and after approval 2 requests, $0.102" in screen
    assert "Make them? [y/N]" in screen
    assert [] == desk.posts()


def aged(folder: Path) -> None:
    """Let all that is in a folder have been written two hours ago."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 7200,) * 2)


def test_what_may_go_is_said_first(bought: Desk):
    """
    A script that did not say --yes removes nothing; a person is asked; the paid clips are there afterwards.
    """
    aged(bought.folder / "vault")
    derived = [path for path in (bought.folder / "vault" / "derived").rglob("*") if path.is_file()]
    told = bought.run("gc")
    _, refused = at_a_terminal(bought, "gc", answer="")
    kept = [path.exists() for path in derived]
    _, agreed = at_a_terminal(bought, "gc", answer="y")

    assert f"{len(derived)} files" in told
    assert "made again when wanted" in told
    assert "To remove it: storyreel gc --yes" in told
    assert "Remove it? [y/N]" in refused
    assert "Nothing was removed" in refused
    assert {".png", ".json"} == {path.suffix for path in derived}
    assert all(kept)
    assert f"{len(derived)} files removed" in agreed
    assert not any(path.exists() for path in derived)
    assert 2 == len(list((bought.folder / "vault" / "clips").rglob("*.mp4")))
    assert "Nothing in" in bought.run("gc", "--yes")
