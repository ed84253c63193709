"""
The pages of a folder's storyboards, as a server shows them: what waits is approved still by still, and from their own pages alone.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import opentimelineio
import pytest
from httpx import ASGITransport, AsyncClient, Response

from storyreel.catalog import load_catalog
from storyreel.delivery.page.notes import read_notes
from storyreel.delivery.page.server import create_app
from storyreel.production.board_pages import BoardPages, Folders
from storyreel.settings import read_settings
from tests.cli.shot import shoot

BOARD = """
title: The Door
slug: door
review: before-video
cast:
  ana: {references: [{prompt: "portrait of Ana"}, {prompt: "Ana from behind"}]}
scenes:
  - id: open
    references: [ana]
    prompt: "{{ ref.ana }} opens the door."
"""
OURS = {"Origin": "http://127.0.0.1"}


class Browser:
    """A browser in front of the pages of a folder."""

    def __init__(self, place: Path, *, guarded: bool = True) -> None:
        folders = Folders(place, (place,), place / "out", f"file:{place / 'vault'}")
        pages = BoardPages(folders, read_settings(), load_catalog(None), by="ana@desk")
        self._app = create_app(place / "out", boards=pages, guarded=guarded)

    def get(self, path: str) -> Response:
        """Return what a server answers."""
        return self._asked("GET", path)

    def post(self, path: str, headers: dict[str, str] = OURS, **body: object) -> Response:
        """Return what a server answers to what is written."""
        return self._asked("POST", path, headers=headers, **body)

    def _asked(self, method: str, path: str, **what: object) -> Response:
        async def ask() -> Response:
            async with AsyncClient(transport=ASGITransport(self._app), base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **what)  # type: ignore[arg-type]

        return asyncio.run(ask())


@pytest.fixture
def board(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a board of which the stills are made, and another one that cannot be read."""
    monkeypatch.chdir(place)
    path = place / "door.yaml"
    path.write_text(BOARD)
    shoot(path, "2026-11-22 10:00")
    (place / "broken.yaml").write_text("scenes:\n  - id: x\n")
    (place / "compose.yaml").write_text("services: {}\n")
    return path


@pytest.fixture
def browser(board: Path) -> Browser:
    """Return a browser at a desk."""
    return Browser(board.parent)


def stills(page: str) -> list[str]:
    """Return the takes that a page offers to approve."""
    return [part.partition('"')[0] for part in page.split('name="key" value="')[1:]]


def verdict(key: str, word: str, seen: int = 0) -> dict[str, str]:
    """Return what a page sends of a still."""
    return {"key": key, "verdict": word, "seen": str(seen), "note": "too dark"}


def test_the_index_has_each_storyboard_and_what_is_wrong_with_one(browser: Browser):
    """
    By name and state, and not a file that is something else's.
    """
    page = browser.get("/").text

    assert '<a href="door/">The Door</a>' in page
    assert "waits" in page
    assert "broken.yaml" in page
    assert "scene &#39;x&#39; has no prompt" in page
    assert "compose.yaml" not in page


def test_the_page_of_a_board_is_there_with_its_clips_and_of_no_other(browser: Browser):
    """
    Under the names that they have beside a page in a file.
    """
    assert "portrait of Ana" in browser.get("/door/").text
    assert 200 == browser.get("/door/media/DOOR_000_ana_still-1_t01.jpg").status_code
    assert [404, 404, 404] == [
        browser.get(path).status_code
        for path in ("/door/media/..%2f..%2fdoor.yaml", "/door/media/claim.json", "/broken/")
    ]


def test_stills_are_approved_and_rejected_one_by_one(browser: Browser):
    """
    Who rejected what, and why, stands there with what has it made again; the gate opens with the last approval.
    """
    first, second = stills(browser.get("/door/").text)
    assert 303 == browser.post("/door/verdict", data=verdict(first, "approved")).status_code
    assert 303 == browser.post("/door/verdict", data=verdict(second, "rejected")).status_code
    page = browser.get("/door/").text

    assert "rejected by ana@desk (too dark)" in page
    assert "<code>storyreel shoot door.yaml --redo ana/still-2</code>" in page

    browser.post("/door/verdict", data=verdict(second, "approved", seen=1))
    assert 'id="waiting"' not in browser.get("/door/").text


def test_a_rejection_that_came_after_the_page_was_drawn_is_not_overruled(browser: Browser):
    """
    Two people look at one still at once; who has not seen the other's word approves nothing.
    """
    first, _ = stills(browser.get("/door/").text)
    browser.post("/door/verdict", data=verdict(first, "rejected"))
    late = browser.post("/door/verdict", data=verdict(first, "approved"))

    assert 409 == late.status_code
    assert "after this page was drawn" in late.text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "null"}, {"Origin": "http://evil.test"}, {"Origin": "https://127.0.0.1"}]
)
def test_nothing_is_written_but_from_a_page_of_its_own(browser: Browser, headers: dict[str, str]):
    """
    Whatever the guard before it lets in.
    """
    first, _ = stills(browser.get("/door/").text)

    assert 403 == browser.post("/door/verdict", headers, data=verdict(first, "approved")).status_code
    assert 403 == browser.post("/door/notes", headers, json={"remove": "a"}).status_code


def test_without_a_guard_pages_are_read_alone(board: Path):
    """
    They offer nothing to be pressed, and take nothing.
    """
    reader = Browser(board.parent, guarded=False)

    assert [] == stills(reader.get("/door/").text)
    assert "storyreel approve door.yaml --still still-" in reader.get("/door/").text
    assert 403 == reader.post("/door/notes", json={"remove": "a"}).status_code


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"remove": ""},
        {"add": {"id": "a", "film": "door", "at": -1, "text": "x"}},
        {"add": {"id": "a", "film": "door", "at": 1, "text": ""}},
        {"add": {"id": "a", "film": "door", "at": 1, "text": "x" * 5000}},
        {"add": {"id": "a", "film": "door", "at": 1, "text": "x", "more": 1}},
    ],
)
def test_what_is_no_note_is_refused(browser: Browser, body: dict[str, object]):
    """
    And nothing of it is kept.
    """
    assert 422 == browser.post("/door/notes", json=body).status_code


def test_notes_are_kept_beside_the_film_as_markers_that_opentimelineio_reads(browser: Browser, board: Path):
    """
    Whatever they say; removed by their id, and there again on the page.
    """
    text = "Too dark </script>\u2028 \U0001f319"
    for number, at in ((1, 2.5), (2, 1.0)):
        note = {"id": f"n{number}", "film": "door", "at": at, "text": text, "by": "Ana", "scene": "open"}
        assert 204 == browser.post("/door/notes", json={"add": note}).status_code
    place = board.parent / "out" / "door" / "door.notes.json"
    markers = opentimelineio.adapters.read_from_file(str(place), adapter_name="otio_json")

    assert [(24, text), (60, text)] == [(each.marked_range.start_time.value, each.comment) for each in markers]
    assert ["n2", "n1"] == [each.metadata["storyreel"]["id"] for each in markers]
    assert ["n2", "n1"] == [note.id for note in read_notes(place)]
    data = browser.get("/door/").text.partition('id="data">')[2].partition("</script>")[0]
    assert [text, text] == [note["text"] for note in json.loads(data)["reviews"]]

    browser.post("/door/notes", json={"remove": "n2"})
    assert ["n1"] == [note.id for note in read_notes(place)]


def test_no_more_notes_are_kept_than_can_be_read_again(browser: Browser, board: Path, monkeypatch: pytest.MonkeyPatch):
    """
    The one that would be too much is refused, and those of before are there.
    """
    monkeypatch.setattr("storyreel.delivery.page.notes.WORDS_MOST", 30_000)
    add = [{"id": f"n{number}", "film": "door", "at": number, "text": "\u263e" * 4000} for number in (1, 2)]
    answers = [browser.post("/door/notes", json={"add": note}) for note in add]

    assert [204, 409] == [answer.status_code for answer in answers]
    assert "remove some first" in answers[1].text
    assert ["n1"] == [note.id for note in read_notes(board.parent / "out" / "door" / "door.notes.json")]


@pytest.mark.parametrize("length", [None, "200000"])
def test_of_a_word_on_a_still_no_more_is_read_than_a_form_of_ours_has(browser: Browser, length: str | None):
    """
    Neither where it says how much comes, nor where it does not.
    """

    async def sent() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"&verdict=approved&seen=0&key=still-1&note=" + b"x" * 20_000

    form = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Content-Length": length} if length else {})
    answer = browser.post("/door/verdict", headers=OURS | form, content=sent())

    assert "Say approved or rejected" in answer.text
    assert 422 == answer.status_code


def test_notes_that_cannot_be_read_are_not_written_over(browser: Browser, board: Path):
    """
    They are somebody's work; the page is shown without them.
    """
    place = board.parent / "out" / "door" / "door.notes.json"
    place.parent.mkdir(parents=True)
    place.write_text("{")
    refused = browser.post("/door/notes", json={"add": {"id": "a", "film": "door", "at": 1, "text": "x"}})

    assert (409, "{") == (refused.status_code, place.read_text())
    assert "has the notes on a film" in refused.text
    assert 200 == browser.get("/door/").status_code
