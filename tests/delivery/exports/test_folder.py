"""
The folder of an export: what is somebody else's is left alone, and a kill leaves nothing that the next export does not know.
"""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from storyreel.delivery.exports.folder import LIST, FileList, Put, file_list, put, staging
from storyreel.errors import SettingsError
from storyreel.model.recipe import sha256_of


def export(folder: Path, files: dict[str, bytes | Path], *, link: bool = False) -> Put:
    """Put files into a folder, as an export does."""
    before = file_list(folder, "tram")
    with staging(folder) as bench:
        return put(folder, before, list(files.items()), bench, link=link)


def tree(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder but for its list."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != LIST]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_second_export_of_the_same_changes_nothing(tmp_path: Path):
    """
    Neither a file nor the list of files is written again.
    """
    files: dict[str, bytes | Path] = {"media/a.mp4": b"a", "tram.otio": b"{}"}
    assert Put(("media/a.mp4", "tram.otio"), (), ()) == export(tmp_path / "to", files)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "to").rglob("*") if path.is_file()}

    assert Put((), (), ()) == export(tmp_path / "to", files)

    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "to").rglob("*") if path.is_file()}


def test_what_is_not_part_of_it_any_more_goes_and_what_others_put_there_stays(tmp_path: Path):
    """
    An editor saves a project beside the timelines.
    """
    export(tmp_path, {"media/a.mp4": b"a", "media/b.mp4": b"b", "tram.otio": b"1"})
    (tmp_path / "tram.drp").write_bytes(b"theirs")
    (tmp_path / "media/b.mp4").write_bytes(b"regraded")

    came = export(tmp_path, {"media/c.mp4": b"c", "tram.otio": b"2"})

    assert (("media/c.mp4", "tram.otio"), ("media/a.mp4",)) == (came.changed, came.removed)
    assert {"media/b.mp4": b"regraded", "media/c.mp4": b"c", "tram.otio": b"2", "tram.drp": b"theirs"} == tree(tmp_path)


def test_what_somebody_has_changed_is_never_written_over(tmp_path: Path):
    """
    Nor is anything else: it is said before a file is put there.
    """
    export(tmp_path, {"media/a.mp4": b"a", "tram.otio": b"1"})
    (tmp_path / "tram.otio").write_bytes(b"my cut")
    (tmp_path / "tram.xml").write_bytes(b"mine too")

    with pytest.raises(
        SettingsError, match=r"tram\.otio, tram\.xml would be written over, and storyreel has not written that"
    ):
        export(tmp_path, {"media/a.mp4": b"new", "tram.otio": b"2", "tram.xml": b"3"})

    assert {"media/a.mp4": b"a", "tram.otio": b"my cut", "tram.xml": b"mine too"} == tree(tmp_path)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"letter.txt": b"dear"}, "is not empty, and no export lies in it"),
        ({LIST: b"{}"}, "is not what an export has written"),
        ({LIST: FileList(name="lisbon", files={}).as_bytes()}, "holds the export of lisbon, and this is tram"),
    ],
    ids=["letters", "another list", "another film"],
)
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, there: dict[str, bytes], words: str):
    """
    With what to do; nothing is put into it.
    """
    for name, content in there.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(SettingsError, match=words):
        export(tmp_path, {"tram.otio": b"1"})

    assert sorted(there) == sorted(path.name for path in tmp_path.iterdir())


def test_a_file_is_no_folder(tmp_path: Path):
    """
    Nor is it written over.
    """
    (tmp_path / "to").write_bytes(b"letter")

    with pytest.raises(SettingsError, match="Not a directory"):
        export(tmp_path / "to", {"tram.otio": b"1"})


@pytest.mark.parametrize("at", range(6))
def test_an_export_that_is_killed_leaves_files_of_the_former_or_the_new_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
):
    """
    Killed at each of its renames: whatever names a clip lies beside that clip, and nothing of it is taken for somebody else's.
    """
    old: dict[str, bytes | Path] = {"media/a.mp4": b"a", "media/b.mp4": b"b", "tram.otio": b"a b"}
    new: dict[str, bytes | Path] = {"media/a.mp4": b"A", "media/c.mp4": b"c", "tram.otio": b"A c"}
    export(tmp_path, old)
    renames, replace = [0], Path.replace

    def killed(path: Path, to: Path) -> Path:
        renames[0] += 1
        if renames[0] > at:
            raise KeyboardInterrupt
        return replace(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with suppress(KeyboardInterrupt):
            export(tmp_path, new)
    left = tree(tmp_path)

    assert {name: {old.get(name), new.get(name)} >= {content} for name, content in left.items()} == dict.fromkeys(
        left, True
    )
    assert [
        f"media/{name}.mp4" for name in left["tram.otio"].decode().lower().split() if f"media/{name}.mp4" not in left
    ] == []
    # What comes next may be a third cut.
    export(tmp_path, {"media/a.mp4": b"3", "tram.otio": b"a"})
    assert {"media/a.mp4": b"3", "tram.otio": b"a"} == tree(tmp_path)


def test_a_clip_is_a_copy_unless_links_are_asked_for(tmp_path: Path):
    """
    Who works on a copy brings nothing into the vault; a link costs nothing, and is there still when the vault is gone.
    """
    clip = tmp_path / "vault.mp4"
    clip.write_bytes(b"paid")
    place = tmp_path / "to/media/a.mp4"

    export(tmp_path / "to", {"media/a.mp4": clip}, link=True)
    linked = place.samefile(clip)
    export(tmp_path / "to", {"media/a.mp4": clip})
    copied = not place.samefile(clip)
    clip.unlink()

    assert (True, True, b"paid") == (linked, copied, place.read_bytes())


def test_where_nothing_can_be_linked_it_is_copied_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A vault on another disk.
    """
    clip = tmp_path / "vault.mp4"
    clip.write_bytes(b"paid")

    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)

    assert ("media/a.mp4",) == export(tmp_path / "to", {"media/a.mp4": clip}, link=True).copied_instead
    assert b"paid" == (tmp_path / "to/media/a.mp4").read_bytes()


def test_a_list_that_a_stranger_wrote_removes_nothing_elsewhere(tmp_path: Path):
    """
    Places lead nowhere else, whatever the list says.
    """
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"dear")
    export(tmp_path / "to", {"tram.otio": b"1"})
    written = FileList.model_validate_json((tmp_path / "to" / LIST).read_bytes())
    planted = {**written.files, "../letter.txt": (sha256_of(letter),), "/etc/hostname": ("x",)}
    (tmp_path / "to" / LIST).write_bytes(written.model_copy(update={"files": planted}).as_bytes())

    came = export(tmp_path / "to", {"tram.otio": b"2"})

    assert () == came.removed
    assert b"dear" == letter.read_bytes()
