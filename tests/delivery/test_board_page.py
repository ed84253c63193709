"""
A board's page: whatever stands in a board is text in it, one script runs, and its folder can be moved.
"""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from storyreel.delivery.page.board_page import (
    BoardPage,
    CostLine,
    Frame,
    ShownChange,
    ShownFilm,
    ShownLook,
    ShownMark,
    ShownPiece,
    ShownScene,
    ShownStep,
    ShownTake,
    Waiting,
)
from storyreel.delivery.page.drawing import board_html
from storyreel.delivery.page.folder import place_page
from storyreel.errors import MediaError
from storyreel.model.marks import Mark

HOSTILE = "\"'></script><script>pwned()</script><img src=x onerror=pwned()>\u2028&lt;!--{{ 7*7 }}"


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, and the texts of its scripts and its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag if tag in self.texts else ""

    def handle_endtag(self, _: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self.texts[self._in].append(data)


def page_full_of(text: str) -> BoardPage:
    """Return a page with the same text at each place where a person's words, or a file's name, can stand."""
    mark = ShownMark(mark=Mark(kind="black", start=0, end=1), words=text)
    take = ShownTake(
        number=1, state="failed", used=True, films=(text,), at=text, seconds=3, charge=text, request_id=text, prompt=text,
        why=text, media=None, picture="", marks=(mark,), pin=text, pin_command=text,
    )  # fmt: skip
    change = ShownChange(field=text, pieces=(ShownPiece(kind="in", text=text),), note="")
    step = ShownStep(
        id=text, kind="video", condition="stale", why=text, changes=(change,), prompt=text, model=text, seconds=3, price=text,
        takes=(take,), redo_command=text, waits_for_approval=True,
    )  # fmt: skip
    scene = ShownScene(
        id=text, number=1, kind="", seconds=3, starts=(0.0,), picture="", note=text, steps=(step,), charged=text, to_buy=text,
        takes=1,
    )  # fmt: skip
    film = ShownFilm(
        name=text, label=text, media="media/a.mp4", file=text, poster="", seconds=3, fps=24, size=(16, 9), cut_at=text,
        frames=(Frame(scene=text, start=0, end=3, picture="", placeholder=text),), language=text, captions="data:,x", notes=(text,),
    )  # fmt: skip
    look = ShownLook(
        step=text, key=text, picture="", media=None, is_still=True, verdict="rejected", words=text, seen=1, approve_command=text, reject_command=text,
        redo_command=text,
    )  # fmt: skip
    cost = CostLine(name=text, takes=1, charged=text, estimated=text, to_buy=text)
    return BoardPage(
        title=text, slug=text, board=text, service="sandbox", drawn_at=text, films=(film, film), no_film="",
        waiting=Waiting(words=text, follows=text, command=text, looks=(look,)), scenes=(scene,), costs=(cost,), total=cost,
        shoot_command=text, notes=(text,), reviews=json.dumps([{"text": text}]), served=True, writable=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def read() -> Reader:
    """Return a page that is full of markup, as a browser reads it."""
    return Reader(board_html(page_full_of(HOSTILE)))


def test_what_a_person_wrote_becomes_no_markup(read: Reader):
    """
    A page full of markup has the same elements as one full of plain words, and none that a text names.
    """
    plain = Reader(board_html(page_full_of("words")))

    assert [tag for tag, _ in plain.elements] == [tag for tag, _ in read.elements]
    assert [sorted(attributes) for _, attributes in plain.elements] == [sorted(each) for _, each in read.elements]
    assert not [
        name for _, attributes in read.elements for name in attributes if name.startswith("on") or name == "style"
    ]
    assert HOSTILE == "".join(read.texts["title"])


def test_one_script_runs_and_its_hash_is_in_the_policy(read: Reader):
    """
    The policy allows no other, no network, and no address that a text could name.
    """
    policy = next(each["content"] for tag, each in read.elements if tag == "meta" and "http-equiv" in each) or ""
    scripts = [each for tag, each in read.elements if tag == "script"]

    def named(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert [{"type": "application/json", "id": "data"}, {}] == scripts
    assert f"script-src {named(read.texts['script'][-1])};" in policy
    assert f"style-src {named(''.join(read.texts['style']))};" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy


def test_what_the_script_reads_is_json_without_a_character_that_html_knows(read: Reader):
    """
    It comes back as it was, also what ends a line in a script and in no JSON.
    """
    written = read.texts["script"][0]
    data: dict[str, Any] = json.loads(written)

    assert HOSTILE == data["title"] == data["films"][0]["name"] == data["reviews"][0]["text"]
    assert not re.search("[<>&'\u2028\u2029]", written)


def test_a_page_has_its_files_beside_it_and_those_of_before_are_taken_away(tmp_path: Path):
    """
    They are linked, not copied, and a person's own files stay.
    """
    clip, to = tmp_path / "clip.mp4", tmp_path / "out" / "tram" / "page" / "index.html"
    clip.write_bytes(b"clip")
    film = tmp_path / "out" / "tram" / "tram.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film")
    own = ["IMG_0123_bridge.mp4", "mine.mov", "mine.txt"]
    place_page(
        "one", dict.fromkeys(["TRAM_010_stop_video_t01.mp4", "tram.mp4", "tram-0001.mp4", "tram.rough.mp4"], clip), to
    )
    for name in own:
        (to.parent / "media" / name).write_text("mine")
    place_page("two", {"TRAM_010_stop_video_t02.mp4": clip, "tram.mp4": film}, to)

    assert "two" == to.read_text()
    assert sorted(["TRAM_010_stop_video_t02.mp4", "tram.mp4", *own]) == sorted(
        path.name for path in (to.parent / "media").iterdir()
    )
    assert (to.parent / "media" / "TRAM_010_stop_video_t02.mp4").samefile(clip)
    assert not clip.stat().st_mode & 0o222, "a clip is the vault's, and nobody writes over it by another name"
    assert film.stat().st_mode & 0o200, "a film is whoever's it is"


def test_a_page_is_written_into_no_folder_that_leads_elsewhere(tmp_path: Path):
    """
    What lies there is somebody else's.
    """
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "page").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(MediaError, match="page is no folder of its own"):
        place_page("page", {}, tmp_path / "page" / "index.html")
