"""
A server is begun while the rest is loaded and a person reads; where it is not wanted it is gone, and a kill leaves nothing of it.
"""

import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyreel.desk import early_server
from storyreel.desk.early_server import EarlyServer
from storyreel.desk.processes import alive
from storyreel.errors import SettingsError
from storyreel.told_once import first_time
from tests.desk import Desk
from tests.desk.test_temporary import alone, servers, until

__all__ = ["alone"]

BOARD = (
    'defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}\nscenes: [{id: coast, prompt: "A lighthouse."}]\n'
)


class Begun:
    """What is begun in the place of a server, and how it ended."""

    def __init__(self) -> None:
        self.ended = False
        self.wanted = False

    def end(self) -> None:
        """End it."""
        self.ended = True


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Begun]]:
    """Return the servers that are begun: to start one takes seconds."""
    every: list[Begun] = []

    def serve(*_: object) -> Begun:
        every.append(Begun())
        return every[-1]

    monkeypatch.setattr(early_server, "serve_alone", serve)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(tmp_path / "none.toml"))
    return every


def test_a_server_that_nobody_wants_is_gone_with_the_block(begun: list[Begun]):
    """
    Somebody said no, or something was wrong: it is ended at once, whatever was raised.
    """

    def goes_wrong() -> None:
        with EarlyServer(None) as early:
            early.begin()
            early.begin()
            raise SettingsError("wrong")

    with pytest.raises(SettingsError):
        goes_wrong()

    assert [True] == [each.ended for each in begun]


def test_one_that_is_wanted_is_left_to_the_end_of_the_process(begun: list[Begun]):
    """
    Prefect has something to say at the end of a process, and its server hears it.
    """
    with EarlyServer(None) as early:
        early.begin()
        early.server()

    assert [(True, False)] == [(each.wanted, each.ended) for each in begun]


def test_where_a_server_is_named_none_is_begun(begun: list[Begun], monkeypatch: pytest.MonkeyPatch):
    """
    Whoever has named one is spoken to.
    """
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with EarlyServer(None) as early:
        early.begin()

    assert [] == begun


def test_that_none_can_be_begun_is_told_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch, begun: list[Begun]):
    """
    Before, something else may be wrong, which is told first as it always was.
    """

    def refuses(*_: object) -> None:
        raise SettingsError("no room")

    monkeypatch.setattr(early_server, "serve_alone", refuses)
    early = EarlyServer(None)
    early.begin()
    with pytest.raises(SettingsError, match="no room"):
        early.server()
    assert [] == begun


def test_what_is_told_once_is_told_once_on_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A mark remembers it; where none can be left it is never told, and not each time.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    times = [first_time("a desk is sooner") for _ in range(3)]
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    assert [True, False, False] == times
    assert not first_time("a desk is sooner")


# --- real commands -------------------------------------------------------------------------------------------------


def test_a_board_that_is_wrong_starts_no_server(alone: Desk):
    """
    It is read first; the error and the exit code are as before.
    """
    alone.write(BOARD.replace("prompt", "promt"))
    told = alone.shoot(code=2)

    assert "promt" in told
    assert not (alone.folder / "data" / "storyreel" / "prefect").exists()


@pytest.mark.journey
def test_whoever_says_no_has_sent_nothing_and_no_server_is_left(alone: Desk):
    """
    It starts while the person reads; after their no it is gone, with all that was its own.
    """
    alone.write(BOARD)
    (before, after) = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "storyreel", "shoot", alone.board.name, "--sandbox", "--redo", "coast"],
            cwd=alone.folder,
            stdin=after,
            stdout=after,
            stderr=after,
            start_new_session=True,
        )
        os.close(after)
        read = b""
        while b"[y/N]" not in read:
            read += os.read(before, 4096)
        begun = until(lambda: servers(alone), 60)
        os.write(before, b"n\n")
        code = process.wait(60)
    finally:
        os.close(before)
    shelf = alone.folder / "data" / "storyreel" / "prefect" / "alone"

    assert (1, []) == (code, alone.posts())
    assert not [pid for pid in begun if alive(pid)]
    assert [] == [path for path in shelf.iterdir() if path.is_dir()]


@pytest.mark.long
@pytest.mark.journey
def test_ended_in_its_first_seconds_a_command_leaves_neither_a_server_nor_a_lock(alone: Desk):
    """
    Wherever it is, reading, loading, starting, or its server making a database, and however it is ended: its server ends with it, and the
    next command makes the film with one request.
    """
    alone.write(BOARD)
    dice = random.Random(18)
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        process = alone.begin("shoot", alone.board.name, "--sandbox", "--yes")
        time.sleep(dice.uniform(0.1, 3.0))
        os.kill(process.pid, how)
        process.communicate(timeout=60)
        until(lambda: not servers(alone), 60)
    alone.shoot("--yes")
    shelf = alone.folder / "data" / "storyreel" / "prefect" / "alone"

    assert 1 == len({post["idempotency_key"] for post in alone.posts()}) == len(alone.posts())
    assert [] == [path for path in shelf.glob("[!.]*") if path.is_dir()]
