"""
Older films stay beside the film that has taken their place, with the storyboards that they were cut for.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.delivery import versions as module
from storyreel.delivery.film import Film, cut_film, film_there
from storyreel.delivery.places import FilmFiles, film_files
from storyreel.delivery.version_records import FilmOf, readable, versions
from storyreel.delivery.versions import keep_foreign, keep_former, remember, turn
from storyreel.errors import MediaError
from storyreel.files.place import place_bytes
from storyreel.media import measure
from storyreel.model.plan import Plan
from storyreel.model.recipe import ServiceName, sha256_of
from storyreel.planning.steps import plan
from storyreel.storyboard import load
from storyreel.vault import open_vault

BOARD = """
title: Tram
defaults: {{aspect_ratio: "1:1", resolution: 480p}}
scenes: [{{id: sea, card: {{text: {text}}}, duration: 0.25}}]
"""


class Folder:
    """A folder of films in which films are only bytes, put there as a run puts them."""

    def __init__(self, out: Path, service: ServiceName = "xai") -> None:
        self.service: ServiceName = service
        self.files: FilmFiles = film_files(out, "tram", service)
        self.folder = self.files.film.parent
        self.folder.mkdir(parents=True, exist_ok=True)

    def of(
        self, content: bytes, cut: str, storyboard: str = "/boards/tram.yaml", text: str = "a", **given: str
    ) -> FilmOf:
        self.coming = self.folder / "coming"
        self.coming.write_bytes(content)
        return FilmOf(
            film=self.files.film.name,
            sha256=sha256_of(self.coming),
            identity=cut,
            title="Tram",
            service=self.service,
            storyboard=storyboard,
            given=tuple(given.items()),
            text=text,
        )

    def put(
        self, content: bytes, cut: str, storyboard: str = "/boards/tram.yaml", text: str = "a", **given: str
    ) -> tuple[str, ...]:
        whose = self.of(content, cut, storyboard, text, **given)
        words = keep_former(self.files, whose, keeps_older=self.service == "xai")
        remember(self.files, whose)
        self.coming.replace(self.files.film)
        listed = {"film": whose.film, "sha256": whose.sha256, "identity": cut}
        place_bytes(json.dumps(listed).encode(), self.files.cut_list)
        return words

    def films(self) -> list[bytes]:
        return [version.film.read_bytes() for version in versions(self.folder)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_older_cut_is_kept_with_the_storyboard_that_it_was_cut_for(folder: Folder):
    """
    Its text and what was given for its variables, as they were, its cut list, its sheet; by a hard link, and nothing is said of it.
    """
    folder.put(b"first", "cut-1", text="title: Tram", city="Lisbon")
    folder.files.sheet.write_bytes(b"sheet")
    first = folder.files.film.stat().st_ino

    assert () == folder.put(b"second", "cut-2", text="title: Trem")

    (version,) = versions(folder.folder)
    assert ("tram-0001", first) == (version.folder.name, version.film.stat().st_ino)
    assert version.storyboard is not None
    assert version.cut_list is not None
    assert version.sheet is not None
    assert "title: Tram" == version.storyboard.read_text()
    assert "cut-1" == json.loads(version.cut_list.read_text())["identity"]
    assert b"sheet" == version.sheet.read_bytes()
    assert version.record.of is not None
    assert (("city", "Lisbon"),) == version.record.of.given
    assert b"second" == folder.files.film.read_bytes()


def test_the_same_cut_that_says_something_else_of_itself_takes_the_place_of_the_former(folder: Folder):
    """
    A title, a caption or a label are no other film.
    """
    folder.put(b"first", "cut-1")

    assert () == folder.put(b"first, with a label", "cut-1")
    assert [] == folder.films()


def test_a_film_of_another_storyboard_is_kept_and_the_run_says_whose_it_was(tmp_path: Path):
    """
    In a rehearsal too; and as often as they take turns, each is kept once.
    """
    folder = Folder(tmp_path, "sandbox")
    folder.put(b"one", "cut-1", "/one/film.yaml", text="one")

    for _ in range(2):
        words = folder.put(b"two", "cut-2", "/two/film.yaml", text="two")
        assert ("tram.sandbox.mp4 was the film of /one/film.yaml, and is kept in versions/tram.sandbox-0001",) == words
        words = folder.put(b"one", "cut-1", "/one/film.yaml", text="one")
        assert ("tram.sandbox.mp4 was the film of /two/film.yaml, and is kept in versions/tram.sandbox-0002",) == words
    assert {b"one", b"two"} == {*folder.films()}


def test_a_rehearsal_keeps_no_older_cut_of_its_own_storyboard(tmp_path: Path):
    """
    It costs nothing to make it again. A storyboard that was only moved is no other one.
    """
    folder = Folder(tmp_path, "sandbox")
    folder.put(b"one", "cut-1", "/one/film.yaml", text="one")

    assert () == folder.put(b"two", "cut-2", "/one/film.yaml", text="two")
    assert () == folder.put(b"three", "cut-3", "/moved/film.yaml", text="two")
    assert [] == folder.films()


def test_a_file_of_a_persons_own_with_the_name_of_a_film_is_never_thrown_away(folder: Folder):
    """
    Whether a film comes to its place, or a rough cut is taken away from there.
    """
    folder.put(b"ours", "cut-1")
    folder.files.film.write_bytes(b"their own")
    rough = folder.files.rough
    assert rough is not None
    rough.film.write_bytes(b"their own, too")

    assert ("tram.mp4 was no film that was put there by storyreel, and is kept in versions/tram-0001",) == folder.put(
        b"ours", "cut-1"
    )
    words = keep_foreign(rough)
    assert (
        "tram.rough.mp4 was no film that was put there by storyreel, and is kept in versions/tram.rough-0001",
    ) == words
    assert {b"their own", b"their own, too"} == {*folder.films()}
    assert all(version.record.of is None and version.storyboard is None for version in versions(folder.folder))


def test_what_a_link_leads_to_is_no_version(folder: Folder, tmp_path: Path):
    """
    Neither a film nor what lies beside one: the film takes the link's place, and a person's own file is where it was, and there alone.
    """
    private = tmp_path / "private"
    private.write_bytes(b"private")
    folder.put(b"first", "cut-1")
    folder.files.sheet.symlink_to(private)
    folder.put(b"second", "cut-2")
    folder.files.film.unlink()
    folder.files.film.symlink_to(private)
    folder.put(b"third", "cut-3")

    assert ([b"first"], b"third") == (folder.films(), folder.files.film.read_bytes())
    assert (b"private", 1) == (private.read_bytes(), private.stat().st_nlink)


def test_what_cannot_be_read_at_the_place_of_a_film_stays_there(folder: Folder):
    """
    What cannot be read is never taken for absent.
    """
    os.mkfifo(folder.files.film)

    with pytest.raises(MediaError, match=r"tram\.mp4 has the name of a film and is a pipe, not a file.*; move it away"):
        folder.put(b"film", "cut-1")


def test_the_oldest_versions_go_first(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    """
    Where there are too many of a film, or all of them together have no room; the newest stays however large it is.
    """
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(6):
        folder.put(b"%d" % number, f"cut-{number}")
    assert [b"4", b"3", b"2"] == folder.films()

    monkeypatch.setattr(module, "MOST_BYTES", 10)
    folder.put(b"6", "cut-6")
    assert [b"5"] == folder.films()
    assert ["storyboards", "tram-0006"] == sorted(path.name for path in (folder.folder / "versions").iterdir())


def test_what_gave_way_last_goes_last_though_it_stood_there_before(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    """
    A cut that was put back, and has to give way again, is not the oldest by the day on which it first did.
    """
    monkeypatch.setattr(module, "MOST", 3)
    for cut in (b"0", b"1", b"2", b"0", b"3", b"4"):
        folder.put(cut, f"cut-{cut.decode()}")

    assert [b"3", b"0", b"2"] == folder.films()


def test_a_file_of_a_persons_own_stays_whatever_comes_after_it(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    """
    Nobody can cut it again: it goes by no bound, of number or of room.
    """
    monkeypatch.setattr(module, "MOST", 1)
    monkeypatch.setattr(module, "MOST_BYTES", 1)
    folder.files.film.write_bytes(b"their own")
    for number in range(4):
        folder.put(b"%d" % number, f"cut-{number}")

    assert [b"2", b"their own"] == folder.films()


def test_a_disk_without_hard_links_has_copies(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    """
    A version is whole all the same.
    """

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    folder.put(b"first", "cut-1")
    folder.put(b"second", "cut-2")

    assert [b"first"] == folder.films()


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.delivery.test_versions import Folder

at, out = int(sys.argv[1]), Path(sys.argv[2])
folder = Folder(out)
calls = 0

def watch(event, args):
    global calls
    if event in ("os.link", "os.rename", "open", "os.mkdir", "os.rmdir", "os.remove") and str(out) in str(args):
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
folder.put(b"second", "cut-2")
"""


@pytest.mark.long
def test_a_run_that_is_killed_leaves_a_film_and_no_half_of_a_version(tmp_path: Path):
    """
    At each of its steps; and the next run goes on from there.
    """
    at, killed = 0, True
    while killed:
        at += 1
        folder = Folder(tmp_path / f"{at}")
        folder.put(b"first", "cut-1")
        ended = subprocess.run([sys.executable, "-c", KILLED, f"{at}", str(tmp_path / f"{at}")], check=False)
        assert ended.returncode in (0, -signal.SIGKILL)
        killed = ended.returncode != 0

        assert folder.files.film.read_bytes() in (b"first", b"second")
        assert folder.films() in ([], [b"first"])
        assert b"first" in (folder.files.film.read_bytes(), *folder.films())
        folder.put(b"third", "cut-3")
        assert b"first" in folder.films()
    assert at > 8


async def test_runs_at_once_keep_each_others_films(folder: Folder):
    """
    One holds the folder until its film is there.
    """
    folder.put(b"0", "cut-0", "/0.yaml", "0")

    async def run(number: int) -> None:
        async with turn(folder.files):
            folder.put(b"%d" % number, f"cut-{number}", f"/{number}.yaml", f"{number}")
            await asyncio.sleep(0.01)

    await asyncio.gather(*(run(number) for number in range(1, 6)))
    assert {b"%d" % number for number in range(6)} == {folder.files.film.read_bytes(), *folder.films()}


def test_what_is_no_version_is_left_out_and_left_alone(folder: Folder):
    """
    A folder of a person's own, a version without its film, one whose record leads elsewhere.
    """
    folder.put(b"first", "cut-1")
    folder.put(b"second", "cut-2")
    beside = folder.folder / "versions"
    (beside / "mine").mkdir()
    (beside / "mine-0001").mkdir()
    (beside / "tram-0007").mkdir()
    (beside / "tram-0007" / "version.json").write_text(
        '{"number": 7, "film": "../../tram.mp4", "sha256": "", "replaced_at": ""}'
    )

    assert ["tram-0001"] == [version.folder.name for version in versions(folder.folder)]
    folder.put(b"third", "cut-3")
    assert ["tram-0008", "tram-0001"] == [version.folder.name for version in versions(folder.folder)]
    assert (beside / "mine-0001").is_dir()


async def test_a_film_that_is_cut_anew_leaves_the_former_one_beside_it(tmp_path: Path):
    """
    And so does one that is put back, when the storyboard says again what it said before.
    """
    vault = open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")
    files = film_files(tmp_path / "out", "tram", "xai")

    def board(text: str) -> Plan:
        catalog = load_catalog()
        read = load(tmp_path / "tram.yaml", catalog=catalog, measure=measure, text=BOARD.format(text=text))
        return plan(read, catalog)

    async def cut(board: Plan) -> Film:
        return await cut_film(board, board.films[0], "xai", {}, vault, files, lambda _: None)

    await cut(board("Mar"))
    first = sha256_of(files.film)
    await cut(board("Sea"))
    (version,) = versions(files.film.parent)
    assert first == sha256_of(version.film) == version.record.sha256
    assert version.storyboard is not None
    assert BOARD.format(text="Mar") == version.storyboard.read_text()

    again = board("Mar")
    film = await film_there(again, again.films[0], "xai", {}, vault, files)
    assert film is not None
    assert first == sha256_of(files.film)
    assert 2 == len(versions(files.film.parent))
    assert [files.film.name] == [
        path.name.split(".mp4")[0] + ".mp4" for path in (files.film.parent / "versions/storyboards").iterdir()
    ]


def test_whose_a_film_is_can_be_written_whatever_its_folder_is_called(folder: Folder):
    """
    A name of bytes that are no letters, in no encoding that there is.
    """
    odd = "/\udcff\u202e/tram.yaml"
    folder.put(b"one", "cut-1", readable(odd), text="one", city=readable("\udcff"))
    folder.put(b"two", "cut-2", readable(odd), text="two")

    (version,) = versions(folder.folder)
    assert version.record.of is not None
    assert "/\\xff\u202e/tram.yaml" == version.record.of.storyboard
