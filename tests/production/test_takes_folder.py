"""
A folder with every take under a name that people can read: linked or copied, never over what is there, and the same on a second run.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.model.plan import Plan
from storyreel.production.prepare import prepare_all
from storyreel.production.takes_data import takes_of_all
from storyreel.production.takes_folder import TakesFolder, fill_folder
from storyreel.vault import Vault, open_vault
from tests.desk import Desk
from tests.production.test_pinning import bought

BOARD = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
cast: {fox: {references: [{prompt: "A fox."}]}}
scenes:
  - {id: coast, references: [fox], prompt: "{{ ref.fox }} on a coast."}
  - {id: door, prompt: "It opens."}
"""
NAMES = ["SMALL_000_fox_still-1_t01.jpg", "SMALL_010_coast_video_t01.mp4", "SMALL_010_coast_video_t03.mp4"]
"""The second take of the coast failed, and the door has none."""


@pytest.fixture
def board(desk: Desk) -> Desk:
    """Return a desk with a board of two scenes and a member of the cast."""
    desk.write(BOARD)
    return desk


def plans(board: Desk) -> list[Plan]:
    return [each.plan for each in prepare_all(str(board.board), to_look=True)]


async def take(vault: Vault, folder: Path, step: str, request_id: str, suffix: str = "mp4") -> None:
    """Have a take in the vault, whose clip is a few bytes of its own."""
    file = folder / "download"
    file.write_bytes(request_id.encode() * 100)
    await bought(vault, step, request_id, sha256=await vault.clips.keep(file, suffix))


async def three_takes(vault: Vault, folder: Path) -> None:
    await take(vault, folder, "fox/still-1", "still-ab-1", "jpg")
    await take(vault, folder, "coast/video", "aa8c0a59-1748")
    await bought(vault, "coast/video", "bb00", end="failed")
    await take(vault, folder, "coast/video", "cc8c0a77-0000")


async def filled(board: Desk, vault: Vault, folder: Path) -> TakesFolder:
    data = await takes_of_all(plans(board), vault, "sandbox")
    return await fill_folder(plans(board), data.takes, vault, "sandbox", folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_takes_are_linked_once_and_names_stay_when_new_ones_come(board: Desk, tmp_path: Path):
    """
    Stills of the cast come first, scenes by tens, takes by their numbers; a second run has nothing to do.
    """
    vault, folder = prepare_all(str(board.board))[0].vault, tmp_path / "takes" / "tram"
    await three_takes(vault, tmp_path)
    first, second = await filled(board, vault, folder), await filled(board, vault, folder)
    links = [path.stat().st_nlink for path in folder.iterdir()]
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o222 for path in folder.iterdir()}
    await take(vault, tmp_path, "coast/video", "dd8c0a77-0000")
    third = await filled(board, vault, folder)

    assert [(3, 0), (0, 0), (1, 0)] == [(each.new, each.copies) for each in (first, second, third)]
    assert [2, 2, 2] == links
    assert {0} == modes, "who writes over one of them does not write over what was paid for"
    assert [*NAMES, "SMALL_010_coast_video_t04.mp4"] == names(folder)
    assert b"aa8c0a59-1748" * 100 == third.files["coast/video", 1].read_bytes()


async def test_what_is_in_a_bucket_is_downloaded(
    board: Desk, tmp_path: Path, make_bucket: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    """
    And each take says then where its file is.
    """
    vault = open_vault(f"s3://{make_bucket()}/reels", cache=tmp_path / "cache")
    await three_takes(vault, tmp_path)
    await filled(board, vault, tmp_path / "takes")
    data = await takes_of_all(plans(board), vault, "sandbox")

    assert NAMES == names(tmp_path / "takes")
    assert [True, True, False, True] == [each.file is not None for each in data.takes]
    assert all(Path(each.file).is_file() for each in data.takes if each.file is not None)


@pytest.mark.parametrize("links", ["no-links-to-the-vault", "no-links-at-all"])
async def test_where_a_disk_has_no_links_clips_are_copied(
    board: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: str
):
    """
    On another disk, or a card from a camera; a copy is a copy on the second run as well.
    """
    vault = prepare_all(str(board.board))[0].vault
    await three_takes(vault, tmp_path)
    link = os.link

    def refuse(source: Path, place: Path) -> None:
        if links == "no-links-at-all" or str(source).startswith(vault.address):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, place)

    monkeypatch.setattr(os, "link", refuse)
    first, second = await filled(board, vault, tmp_path / "takes"), await filled(board, vault, tmp_path / "takes")

    assert [(3, 3), (0, 0)] == [(each.new, each.copies) for each in (first, second)]
    assert NAMES == names(tmp_path / "takes")


async def test_what_somebody_else_has_put_there_is_never_written_over(board: Desk, tmp_path: Path):
    """
    A file of theirs, a link that leads nowhere: the clip is called by its id as well, and so on every later run.
    """
    vault, folder = prepare_all(str(board.board))[0].vault, tmp_path / "takes"
    await three_takes(vault, tmp_path)
    folder.mkdir()
    (folder / NAMES[1]).write_text("mine")
    (folder / NAMES[2]).symlink_to(tmp_path / "nowhere")
    first, second = await filled(board, vault, folder), await filled(board, vault, folder)

    others = ["SMALL_010_coast_video_t01-aa8c0a59.mp4", "SMALL_010_coast_video_t03-cc8c0a77.mp4"]
    assert sorted([*NAMES, *others]) == names(folder)
    assert (3, 0) == (first.new, second.new)
    assert others == [path.name for path in first.called_otherwise]
    assert "mine" == (folder / NAMES[1]).read_text()
    assert not (tmp_path / "nowhere").exists()


async def test_what_is_gone_is_told_and_a_folder_that_cannot_be_is_refused(board: Desk, tmp_path: Path):
    """
    A clip that nobody has any more stops no other; a file is no folder, and the vault is nobody's.
    """
    vault = prepare_all(str(board.board))[0].vault
    await bought(vault, "coast/video", "aa8c0a59-1748", sha256="a" * 64)
    await take(vault, tmp_path, "door/video", "dd8c0a77-0000")
    some = await filled(board, vault, tmp_path / "takes")
    with pytest.raises(SettingsError, match="is a file"):
        await filled(board, vault, tmp_path / "download")
    with pytest.raises(SettingsError, match="lies in the vault"):
        await filled(board, vault, Path(vault.address) / "takes")

    assert ["coast/video"] == [each.step for each in some.missing]
    assert ["SMALL_020_door_video_t01.mp4"] == names(tmp_path / "takes")
