"""
Clips that came before clips were looked at: a command looks at them, sends nothing, and writes what can be made again alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storyreel.cli.vault import check
from storyreel.delivery.clip_marks import inspection_parts
from storyreel.production.old_clips import look_at_old_clips
from tests.desk import Desk
from tests.production.test_marked import HEAD, marks, shot, vault_of

BOARD = f"""{HEAD}scenes:
  - {{id: coast, prompt: "[[sandbox: black]] A lighthouse."}}
  - {{id: door, image: {{prompt: "A door."}}, prompt: "It opens."}}
"""


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in a vault's folder, but for what can be made again."""
    there = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in there if "derived" not in path.relative_to(folder).parts}


@pytest.fixture
async def old(desk: Desk) -> Desk:
    """Return a desk with a vault whose clips nobody has looked at."""
    desk.write(BOARD)
    await shot(desk)
    shutil.rmtree(desk.folder / "vault" / "derived")
    return desk


async def test_old_clips_are_looked_at_and_told(old: Desk):
    """
    Each clip and still once; their marks are told then, nothing was sent, and the second time nothing is left to do.
    """
    before, sent, turns = files(old.folder / "vault"), len(old.posts()), list[tuple[int, int]]()
    unlooked = await marks(old)
    done = await look_at_old_clips(vault_of(old), lambda behind, of: turns.append((behind, of)))
    again = await look_at_old_clips(vault_of(old))

    assert {"coast/video": "", "door/still": "", "door/video": ""} == unlooked
    assert "3 clips looked at, 1 has a mark; `storyreel takes BOARD` tells them" == done.words
    assert [(0, 3), (1, 3), (2, 3)] == turns
    assert {"coast/video": "black@0-2", "door/still": "", "door/video": ""} == await marks(old)
    assert "all clips were looked at before" == again.words
    assert (before, sent) == (files(old.folder / "vault"), len(old.posts()))


async def test_a_clip_that_cannot_be_looked_at_is_named_and_stops_no_other(old: Desk):
    """
    A damaged one is, as is one whose file cannot be read.
    """
    broken = max((old.folder / "vault" / "clips").rglob("*.mp4"), key=lambda path: path.stat().st_size)
    broken.chmod(0o644)
    broken.write_bytes(b"no clip")
    done = await look_at_old_clips(vault_of(old))

    assert (2, 1) == (done.looked, len(done.unseen))
    assert f"1 clip could not be looked at: {done.unseen[0]}" in done.words


def test_a_vault_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """
    With a name typed wrong it says so, and leaves nothing behind.
    """
    assert 0 == check(vault=str(tmp_path / "vault"), marks=True)
    assert "is that the one?" in capsys.readouterr().out
    assert not (tmp_path / "vault").exists()


def test_the_command_says_what_it_has_looked_at(old: Desk, capsys: pytest.CaptureFixture[str]):
    """
    How far it is, and what came of it; a mark is no finding.
    """
    assert 0 == check(vault=str(old.folder / "vault"), marks=True)
    words = capsys.readouterr().out
    assert "0 of 3 clips looked at" in words
    assert "3 clips looked at, 1 has a mark" in words


async def test_it_begins_where_it_was_stopped(old: Desk):
    """
    What was looked at before it was stopped is kept, clip by clip.
    """

    def stopped(behind: int, _: int) -> None:
        if behind == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await look_at_old_clips(vault_of(old), stopped)

    assert 2 == len(list((old.folder / "vault" / "derived" / inspection_parts("")[0]).iterdir()))
    assert 1 == (await look_at_old_clips(vault_of(old))).looked
