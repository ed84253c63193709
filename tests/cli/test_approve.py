"""
Approving: at the terminal that shoots, by a command afterwards, and what is told where nobody is there.
"""

import asyncio
import io
import os
import pty
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.cli.approve import approve_board
from storyreel.cli.approvers import AtTheTerminal
from storyreel.errors import AwaitingApproval, SettingsError
from storyreel.production.approval.review import Look, Review
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.desk import WAITING, Desk
from tests.production.patiently import buy


@pytest.fixture
def board(desk: Desk) -> Desk:
    """Return a desk whose board stops after its still."""
    desk.write(WAITING)
    return desk


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Return what a person types into: the other end of this process's terminal."""
    person, terminal = pty.openpty()
    with os.fdopen(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield person
    os.close(person)


def read_until(screen: int, mark: bytes) -> bytes:
    """Return what a terminal shows, up to some words; with none, up to the end of its last process."""
    told = b""
    while not mark or mark not in told:
        assert select.select([screen], [], [], 60)[0], told.decode()
        try:
            told += os.read(screen, 4096)
        except OSError:
            break
    return told


@pytest.mark.prefect
@pytest.mark.journey
def test_where_nobody_is_there_it_stops_and_says_how_to_go_on(quick_desk: Desk):
    """
    Exit code 8, the picture's file, what it cost and what follows, and two commands that can be typed as they stand.
    """
    board = quick_desk
    board.write(WAITING)
    told = board.shoot("--redo", "door", "--redo", "door/still", "--yes", code=8)
    still = re.search(r"^  door/still  (/.*)$", told, re.MULTILINE)
    commands = told.splitlines()[-2:]
    before = board.run("plan", board.board.name, "--sandbox")
    approved = board.run(*commands[0].split()[1:])
    after = board.run("plan", board.board.name, "--sandbox")

    assert still is not None
    assert Path(still[1]).exists()
    assert "1 request sent, 1 take made, $0.02 charged" in told
    assert (
        "1 still made and not yet approved, so nothing that follows is sent (with an approval: 2 requests for about $0.10"
        in told
    )
    assert re.fullmatch("  storyreel approve small.yaml --sandbox --as [0-9a-f]{16}", commands[0])
    assert "  storyreel shoot small.yaml --redo door/video --sandbox" == commands[1]
    assert "never shot, after approval" in before
    assert "1 still approved" in approved
    assert "approval" not in after
    assert ["/v1/images/generations"] == [post["path"] for post in board.posts()]


@pytest.mark.long
@pytest.mark.prefect
@pytest.mark.journey
def test_a_yes_at_the_terminal_goes_on_in_the_same_run(board: Desk, prefect_server: str):
    """
    The steps are shown, the question is asked below them, and after a `y` the rest is made in one run.
    """
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "storyreel", "shoot", board.board.name, "--sandbox"],
        env={**os.environ, "PREFECT_API_URL": prefect_server},
        cwd=board.folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        told = read_until(screen, b"[y/N]")
        os.write(screen, b"y\n")
        told += read_until(screen, b"")
        code = process.wait(timeout=30)
    finally:
        process.kill()
        os.close(screen)

    assert 0 == code, told.decode()
    assert b"approve this still and go on (2 requests for about $0.10" in told
    assert 3 == len(board.posts())
    assert 1 == len(list((board.folder / "vault" / "runs").iterdir()))
    assert board.film.exists()


@pytest.mark.parametrize(
    ("typed", "approved"),
    [("y\n", True), (" Yes \n", True), ("\n", False), ("n\n", False), ("yellow\n", False), ("\x04", False)],
    ids=["y", "yes", "nothing", "n", "another-word", "end-of-file"],
)
async def test_anything_but_a_yes_is_a_no(board: Desk, keyboard: int, typed: str, approved: bool):
    """
    What was typed before the question is no answer to it; only a yes to the question lets money move.
    """
    ready = prepare(board.board, vault=str(board.folder / "vault"))
    vault = ready.vault
    picture = board.folder / "door.jpg"
    picture.write_bytes(b"a door")
    review = Review(
        "before-video", "sandbox", (Look("door/still", "still-1", await vault.clips.keep(picture, ".jpg")),)
    )
    screen = Console(file=io.StringIO())
    os.write(keyboard, b"y\n")
    asking = asyncio.create_task(AtTheTerminal(ready, screen, None)(review))
    while "[y/N]" not in screen.file.getvalue():  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    assert not asking.done()
    os.write(keyboard, typed.encode())
    word = await asyncio.wait_for(asking, 30)

    assert approved is word.approve
    assert word.by
    assert termios.tcgetattr(sys.stdin.fileno())


async def still_made(desk: Desk, run: str, *redo: str) -> None:
    """Make the still of the board, again if it is named."""
    async with open_session(prepare(str(desk.board), redo=redo), run=run, sandbox=True) as session:
        await collect(session, "door/still", await buy(session, "door", "still", []))


async def said(desk: Desk, **how: str | list[str]) -> str:
    """Approve the board where nobody can be asked, and return all that is said; an exit code 8 is part of it."""
    console = Console(file=io.StringIO(), width=400)
    try:
        await asyncio.to_thread(approve_board, desk.board, [], None, None, True, console, **how)  # type: ignore[arg-type]
    except AwaitingApproval as waits:
        return f"{console.file.getvalue()}{waits.exit_code}: {waits}"  # type: ignore[attr-defined]
    return str(console.file.getvalue())  # type: ignore[attr-defined]


async def test_what_is_approved_is_what_was_shown(board: Desk):
    """
    Where nobody can be asked a sheet is drawn and a command is printed; the command approves that set and no other.
    """
    approvals = board.folder / "vault" / "sandbox" / "approvals"
    await still_made(board, "one")
    first = await said(board)
    sheet = re.search(r"^  sheet  (.*)$", first, re.MULTILINE)
    shown = first.rpartition("--as ")[2]
    untouched = not approvals.exists()
    await still_made(board, "two", "door/still")
    late = await said(board, shown=shown)
    still_untouched = not approvals.exists()
    good = await said(board, shown=late.rpartition("--as ")[2])
    again = await said(board)

    assert "8: 1 still made and not yet approved" in first
    assert sheet is not None
    assert Path(sheet[1]).read_bytes().startswith(b"\x89PNG")
    assert untouched
    assert f"8: what {shown} was is not what is there now" in late
    assert still_untouched
    assert "1 still approved\n" in good
    assert "1 still approved before by" in again
    assert 1 == len(list(approvals.iterdir()))


async def test_a_single_still_is_approved_as_it_was_seen_and_rejected_with_the_line_that_makes_it_again(board: Desk):
    """
    By its step it is shown and asked about, or the command is printed; by its id it is exactly that one. A yes to all lifts no rejection.
    """
    await still_made(board, "one")
    asked = await said(board, still=["door"])
    exactly = asked.rpartition("--still ")[2]
    no = await said(board, reject=["door/still"], note="too dark")
    whole = (await said(board)).rpartition("--as ")[2]
    held = await said(board, shown=whole)
    yes = await said(board, still=[exactly])
    await still_made(board, "two", "door/still")
    gone = pytest.raises(SettingsError, match=f"--still {exactly}: that is no still that is there now")
    with gone:
        await said(board, still=[exactly])

    assert re.search(r"^  door/still  /.*\.jpg$|^  door/still  /.*\.png$", asked, re.MULTILINE)
    assert "8: 1 still to approve, and nobody can be asked here" in asked
    assert re.search(r"door/still: rejected by \S+ \(too dark\), .* UTC\n  still-", no)
    assert f"1 still rejected; made again by: storyreel shoot {board.board} --redo door/still --sandbox" in no
    assert "8: the still is rejected, so nothing that follows is sent: door/still (rejected by" in held
    assert "door/still: approved by" in yes
    assert "the next run goes on from here: 2 requests" in yes
    with pytest.raises(SettingsError, match="--note is said of single stills"):
        await said(board, note="why")


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\x04", 1)], ids=["yes", "no", "end-of-file"])
async def test_at_a_terminal_approve_asks(board: Desk, keyboard: int, typed: str, code: int):
    """
    The sheet is shown first, and only a yes is written down.
    """
    await still_made(board, "one")
    console = Console(file=io.StringIO(), width=400, force_terminal=True)
    asking = asyncio.create_task(asyncio.to_thread(approve_board, board.board, [], None, None, True, console))
    while "[y/N]" not in console.file.getvalue():  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)
        assert not asking.done(), await asking
    os.write(keyboard, typed.encode())

    assert code == await asyncio.wait_for(asking, 60)
    assert "  sheet  " in console.file.getvalue()  # type: ignore[attr-defined]
    assert (code == 0) is (board.folder / "vault" / "sandbox" / "approvals").exists()


@pytest.mark.parametrize("shown", ["", "3f2a", "-" * 16, "g" * 16, "../../../../etc/passwd", "0" * 65])
def test_what_is_no_name_of_a_set_is_told(board: Desk, shown: str):
    """
    A name that is too short to mean one set, or none at all, approves nothing.
    """
    with pytest.raises(SettingsError, match="--as"):
        approve_board(board.board, [], None, None, True, Console(file=io.StringIO()), shown=shown)


@pytest.mark.parametrize(
    ("old", "new", "gate", "says"),
    [
        pytest.param("x", "x", None, r"door/still \(new\).*storyreel shoot", id="not-made-yet"),
        pytest.param("review: before-video", "", None, "wants no approval", id="no-review"),
        pytest.param("x", "x", "before-final", "waits at before-video and not at before-final", id="another-gate"),
        pytest.param(
            '    image: {prompt: "An iron door."}\n', "", None, "nothing to approve before video", id="no-stills"
        ),
    ],
)
def test_what_cannot_be_approved_is_told_with_what_to_do(board: Desk, old, new, gate, says):
    """
    Nothing is written where nothing waits.
    """
    board.write(WAITING.replace(old, new) if old != "x" else WAITING)
    with pytest.raises(SettingsError, match=says):
        approve_board(board.board, [], gate, None, True, Console(file=io.StringIO()))

    assert not (board.folder / "vault" / "sandbox").exists()
