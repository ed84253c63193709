"""
A film as people get it: its copy is made anew where it is to say something else, and nothing is cut for that.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from storyreel.catalog import load_catalog
from storyreel.delivery.assemble import find_film
from storyreel.delivery.film import Film, cut_film, film_there
from storyreel.delivery.places import FilmFiles, film_files
from storyreel.media import measure
from storyreel.media.tags import check_same
from storyreel.model.plan import Plan
from storyreel.model.recipe import sha256_of
from storyreel.planning.steps import plan
from storyreel.storyboard import load
from storyreel.vault import Vault, open_vault

BOARD = """
title: {title}
defaults: {{aspect_ratio: "1:1", resolution: 480p}}
scenes:
  - {{id: {scene}, card: {{text: Mar}}, duration: 0.5, {say}}}
  - {{id: end, card: {{text: Fim}}, duration: 0.25}}
{cut}
"""
SAY = 'say: "Look!"'


class Room:
    """A vault and a folder for films, and the film of a board of cards, which needs no clip."""

    def __init__(self, folder: Path, vault: Path | None = None) -> None:
        self.folder, self.derived = folder, (vault or folder) / "vault"
        self.vault: Vault = open_vault(str(self.derived), cache=folder / "cache")
        self.files: FilmFiles = film_files(folder / "out", "tram", "sandbox")

    def plan(self, title: str = "Tram", say: str = "", cut: str = "", scene: str = "sea") -> Plan:
        catalog, text = load_catalog(), BOARD.format(title=title, say=say, cut=cut, scene=scene)
        return plan(load(self.folder / "tram.yaml", catalog=catalog, measure=measure, text=text), catalog)

    async def film(self, board: Plan) -> Film:
        return await cut_film(board, board.films[0], "sandbox", {}, self.vault, self.files, lambda _: None)

    async def kept(self, board: Plan) -> Path:
        """Return the film as it was cut."""
        there = await find_film(board.timeline.identity({}), self.vault)
        assert there is not None
        return there[0]

    def listed(self) -> dict[str, object]:
        listed: dict[str, object] = json.loads(self.files.cut_list.read_bytes())
        return listed

    def beside(self) -> list[str]:
        return sorted(path.name for path in self.files.film.parent.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def cut_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a vault that has the film, once it was cut: it is the same for all that it says of itself."""
    return tmp_path_factory.mktemp("cut")


@pytest.fixture
def room(tmp_path: Path, cut_once: Path) -> Room:
    return Room(tmp_path, cut_once)


@pytest.fixture
def cutting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], int]:
    """Return a function that says how often ffmpeg was run since it was asked last."""
    log = tmp_path / "calls.jsonl"
    monkeypatch.setenv("STORYREEL_FFMPEG_LOG", str(log))

    def runs() -> int:
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    return runs


def title_of(film: Path) -> str:
    with av.open(str(film)) as reader:
        return reader.metadata.get("title", "")


async def test_a_film_has_its_captions_beside_it_in_it_and_in_its_cut_list(room: Room):
    """
    A track in its language, chapters, and both files.
    """
    board = room.plan(say=SAY, cut="cut: {captions: {language: pt}, chapters: true}")
    await room.film(board)

    with av.open(str(room.files.film)) as reader:
        assert ["por"] == [each.metadata["language"] for each in reader.streams.subtitles]
        assert ["sea", "end"] == [each["metadata"]["title"] for each in reader.chapters()]
    check_same(await room.kept(board), room.files.film)
    assert "1\n00:00:00,000 --> 00:00:00,500\nLook!\n" == room.files.srt.read_text()
    assert "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nLook!\n" == room.files.vtt.read_text()
    assert {
        "burnt": False,
        "language": "pt",
        "file": None,
        "captions": [{"scene": "sea", "start": 0.0, "end": 0.5, "text": "Look!"}],
    } == room.listed()["captions"]
    assert sha256_of(room.files.film) == room.listed()["sha256"]
    assert [
        "tram.sandbox.cut.json",
        "tram.sandbox.mp4",
        "tram.sandbox.png",
        "tram.sandbox.srt",
        "tram.sandbox.vtt",
    ] == room.beside()


async def test_what_a_film_says_of_itself_is_made_anew_without_a_cut(tmp_path: Path, cutting: Callable[[], int]):
    """
    Another title, another word, another language: the film that is kept is the same, and ffmpeg has nothing to do.
    """
    room = Room(tmp_path)
    first = room.plan(say=SAY)
    await room.film(first)
    assert cutting() > 0
    for board in (
        room.plan("Trem", say=SAY),
        room.plan("Trem", say="say: See!"),
        room.plan("Trem", say="say: See!", cut="cut: {captions: {language: en}}"),
        room.plan("Trem", say="say: See!", cut="cut: {chapters: true}"),
    ):
        before = sha256_of(room.files.film)
        film = await film_there(board, board.films[0], "sandbox", {}, room.vault, room.files)

        assert film is not None
        assert film.fresh
        assert before != sha256_of(room.files.film) == room.listed()["sha256"]
        check_same(await room.kept(first), room.files.film)
    assert "See!" in room.files.srt.read_text()
    assert 0 == cutting()


async def test_a_scene_that_is_called_otherwise_gives_its_chapter_the_name_that_it_has_now(
    room: Room, cutting: Callable[[], int]
):
    """
    Names are no part of what a film is: it is not cut for another one.
    """
    chapters = "cut: {chapters: true}"
    await room.film(room.plan(cut=chapters))
    cutting()
    await room.film(room.plan(cut=chapters, scene="shore"))

    with av.open(str(room.files.film)) as reader:
        assert ["shore", "end"] == [each["metadata"]["title"] for each in reader.chapters()]
    assert 0 == cutting()


async def test_what_is_as_it_was_is_left_alone(room: Room):
    """
    Neither the film nor what is beside it is written again; what is gone is put back as it was.
    """
    board = room.plan(say=SAY)
    assert (await room.film(board)).fresh
    there = [path for path in room.files.film.parent.rglob("*") if path.is_file()]
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in there}

    assert not (await room.film(board)).fresh
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in before}

    for path in (room.files.film, room.files.vtt):
        path.unlink()
    assert (await room.film(board)).fresh
    assert {path: content for path, (_, content) in before.items()} == {path: path.read_bytes() for path in before}


async def test_a_copy_of_which_nothing_is_known_any_more_is_known_again(room: Room):
    """
    What is derived may be freed at any time: the copy is the same, and as old as it was.
    """
    board = room.plan(say=SAY)
    await room.film(board)
    before = room.files.film.stat().st_mtime_ns
    tagged = room.derived / "derived" / "tagged"
    for path in tagged.iterdir():
        path.unlink()

    assert not (await room.film(board)).fresh
    assert before == room.files.film.stat().st_mtime_ns
    assert 1 == len([*tagged.iterdir()])


async def test_a_film_of_before_films_had_tags_stays_unless_it_is_to_say_more_than_its_title(room: Room):
    """
    It is the film as it was cut, byte by byte.
    """
    board = room.plan()
    await room.film(board)
    room.files.film.write_bytes((await room.kept(board)).read_bytes())

    assert not (await room.film(board)).fresh
    assert "" == title_of(room.files.film)
    assert (await room.film(room.plan(say=SAY))).fresh
    assert "Tram" == title_of(room.files.film)


async def test_captions_that_a_film_has_no_more_are_taken_away_and_nobody_elses(room: Room):
    """
    What its cut list says it had was ours; another file of that name is a person's own.
    """
    await room.film(room.plan(say=SAY))
    await room.film(room.plan())
    assert not room.files.srt.exists()
    assert not room.files.vtt.exists()

    room.files.srt.write_text("mine")
    await room.film(room.plan())
    assert "mine" == room.files.srt.read_text()


async def test_a_board_without_words_gives_the_packets_that_it_gave(room: Room):
    """
    Its copy has a title, and nothing else.
    """
    board = room.plan()
    await room.film(board)

    check_same(await room.kept(board), room.files.film)
    assert "Tram" == title_of(room.files.film)
    assert None is room.listed()["captions"]
    assert ["tram.sandbox.cut.json", "tram.sandbox.mp4", "tram.sandbox.png"] == room.beside()


STRUCK = """
import asyncio, sys
from pathlib import Path
from storyreel.delivery.assemble import FilmRecord
from storyreel.delivery.tagged import put_tagged
from storyreel.model.tags import Tags
from storyreel.vault import open_vault
vault, film, written, to = map(Path, sys.argv[1:])
vault = open_vault(str(vault), cache=vault.parent / "cache")
record = FilmRecord.model_validate_json(written.read_bytes())
for number in range(10_000):
    asyncio.run(put_tagged(film, record, Tags(title=f"{number}"), to, vault))
"""


async def test_a_run_that_is_killed_leaves_a_whole_film(room: Room):
    """
    The former or the next one, and what it has begun is swept later.
    """
    board = room.plan()
    await room.film(board)
    kept = await room.kept(board)
    run = subprocess.Popen(
        [sys.executable, "-c", STRUCK, room.derived, kept, kept.with_suffix(".json"), room.files.film]
    )
    deadline = time.monotonic() + 30
    while title_of(room.files.film) == "Tram":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    while not (halves := list(room.files.film.parent.glob("*.half"))):
        assert time.monotonic() < deadline
    run.send_signal(signal.SIGKILL)
    run.wait()

    check_same(kept, room.files.film)
    for half in room.files.film.parent.glob(".*.half"):
        os.utime(half, (1, 1))
    await room.film(room.plan("Next"))
    assert [] == list(room.files.film.parent.glob(".*.half"))
    assert halves


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from storyreel.delivery.assemble import FilmRecord
from storyreel.delivery.tagged import put_tagged
from storyreel.model.tags import Tags
from storyreel.vault import open_vault
vault, film, written, to = map(Path, sys.argv[1:])
vault = open_vault(str(vault), cache=vault.parent / "cache")
record = FilmRecord.model_validate_json(written.read_bytes())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (film.stat().st_size // 2, resource.RLIM_INFINITY))
asyncio.run(put_tagged(film, record, Tags(title="Next"), to, vault))
"""


async def test_where_there_is_no_room_for_a_copy_the_former_one_stays(room: Room):
    """
    And what is told names the film, and what to do.
    """
    board = room.plan()
    await room.film(board)
    kept = await room.kept(board)
    names = room.derived, kept, kept.with_suffix(".json"), room.files.film
    run = subprocess.run([sys.executable, "-c", FULL, *names], capture_output=True, text=True, check=False)

    assert f"{room.files.film} cannot be written: " in run.stderr
    assert "cannot be read" not in run.stderr
    assert "Tram" == title_of(room.files.film)
    check_same(kept, room.files.film)
    assert [] == list(room.files.film.parent.glob(".*"))
