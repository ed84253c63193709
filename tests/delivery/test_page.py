"""
The films in a browser: what belongs to a film is there, by ranges; nothing else of the folder is.
"""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyreel.delivery.page.drawing import films_html
from storyreel.delivery.page.films import films_in
from storyreel.delivery.page.server import listen, serve_films
from storyreel.errors import SettingsError

MOVIE = bytes(range(256)) * 8


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder with a film, and with things that are nobody's business."""
    folder = tmp_path / "out"
    (folder / "keeper").mkdir(parents=True)
    (folder / "keeper" / "keeper.sandbox.mp4").write_bytes(MOVIE)
    (folder / "keeper" / "keeper.sandbox.png").write_bytes(b"png")
    told = {"title": "<b>The Keeper", "seconds": 24.0, "size": [1280, 720], "service": "sandbox"}
    (folder / "keeper" / "keeper.sandbox.cut.json").write_text(json.dumps(told))
    (folder / "keeper" / "notes.txt").write_text("mine")
    (folder / "keeper" / "other.mp4").write_bytes(b"mine")
    (folder / "keeper" / ".keeper.mp4").write_bytes(b"mine")
    (folder / "vault").mkdir()
    (folder / "vault" / "claim.json").write_text("{}")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    (folder / "leak").mkdir()
    (folder / "leak" / "leak.mp4").symlink_to(tmp_path / "secret.mp4")
    return folder


@pytest.fixture
def shown(out: Path) -> Iterator[httpx.Client]:
    """Show the folder, and return a client of it."""
    with showing_on("127.0.0.1", out) as client:
        yield client


@contextmanager
def showing_on(host: str, out: Path) -> Iterator[httpx.Client]:
    loop, ready = asyncio.new_event_loop(), threading.Event()
    with listen(host, 0) as listening:
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        showing = loop.create_task(serve_films(out, listening, ready.set))

        def run() -> None:
            with pytest.raises(asyncio.CancelledError):
                loop.run_until_complete(showing)

        thread = threading.Thread(target=run)
        thread.start()
        assert ready.wait(10)
        with httpx.Client(base_url=address) as client:
            yield client
        loop.call_soon_threadsafe(showing.cancel)
        thread.join(10)
        loop.close()


def test_the_index_has_a_row_for_each_name(shown: httpx.Client):
    """
    With what is known of its film, and a way to its page; a title is text, whatever is in it.
    """
    page = shown.get("/").text

    assert '<a href="keeper/">&lt;b&gt;The Keeper</a>' in page
    assert "24 s · 1280 × 720 · rehearsal: nothing was billed" in page
    assert 1 == page.count("<article")


def test_the_page_lists_films_with_their_sheets(shown: httpx.Client):
    """
    Each film can be played, with its contact sheet and its cut list; a title is text, whatever is in it.
    """
    page = shown.get("/keeper/").text

    assert '<video controls preload="metadata" src="../keeper/keeper.sandbox.mp4"' in page
    assert 'src="../keeper/keeper.sandbox.png"' in page
    assert 'href="../keeper/keeper.sandbox.cut.json"' in page
    assert "&lt;b&gt;The Keeper" in page
    assert "24 s · 1280 × 720 · rehearsal: nothing was billed" in page
    assert page.count("<article") == 1


def captioned_in(out: Path, language: object) -> None:
    """Put captions beside the film in a folder, and into its cut list."""
    (out / "keeper" / "keeper.sandbox.vtt").write_text("WEBVTT\n")
    (out / "keeper" / "keeper.sandbox.srt").write_text("1\n")
    listed = {"title": "The Keeper", "captions": {"language": language}}
    (out / "keeper" / "keeper.sandbox.cut.json").write_text(json.dumps(listed))


def test_a_film_is_shown_with_its_captions(out: Path, shown: httpx.Client):
    """
    The player has them as a track, and both files can be taken.
    """
    captioned_in(out, "pt-BR")
    page = shown.get("/keeper/").text

    assert (
        '<track kind="captions" src="../keeper/keeper.sandbox.vtt" srclang="pt-BR" label="pt-BR" default></video>'
        in page
    )
    for kind, mime in (("vtt", "text/vtt"), ("srt", "application/x-subrip")):
        assert f'href="../keeper/keeper.sandbox.{kind}" download' in page
        assert shown.get(f"/keeper/keeper.sandbox.{kind}").headers["content-type"].startswith(mime)
    assert 404 == shown.get("/keeper/other.srt").status_code


def test_prores_is_there_to_be_taken(out: Path, shown: httpx.Client):
    """
    As QuickTime, and not as a picture that no browser plays.
    """
    (out / "keeper" / "keeper.mov").write_bytes(MOVIE)

    page = shown.get("/keeper/").text

    assert '<a href="../keeper/keeper.mov" download>film</a>' in page
    assert '<video controls preload="metadata" src="../keeper/keeper.mov">' not in page
    assert "video/quicktime" == shown.get("/keeper/keeper.mov").headers["content-type"]


@pytest.mark.parametrize("language", [None, 3, '"><script>', "pt BR", ["pt"]])
def test_a_language_that_is_none_is_not_shown(out: Path, language: object):
    """
    A cut list may come from anywhere.
    """
    captioned_in(out, language)
    page = films_html(films_in(out))

    assert 'src="../keeper/keeper.sandbox.vtt" label="captions" default' in page
    assert "srclang" not in page
    assert "<script>" not in page


def rough_in(out: Path, name: str = "keeper.rough.sandbox") -> Path:
    """Put a rough cut of three scenes, one of which stands there twice, into a folder."""
    film = out / "keeper" / f"{name}.mp4"
    film.write_bytes(MOVIE)
    film.with_suffix(".png").write_bytes(b"png")
    cuts = [{"scene": "a", "placeholder": None}, *[{"scene": "b", "placeholder": "refused"}] * 2, {"scene": "c"}]
    film.with_suffix(".cut.json").write_text(json.dumps({"title": "The Keeper", "seconds": 8.0, "cuts": cuts}))
    return film


@pytest.mark.parametrize(("name", "rehearsal"), [("keeper.rough.sandbox", True), ("keeper.rough", False)])
def test_a_rough_cut_is_shown_as_one(out: Path, shown: httpx.Client, name: str, rehearsal: bool):
    """
    With how many of its scenes are placeholders, its sheet and its cut list.
    """
    rough_in(out, name)
    page = shown.get("/keeper/").text

    assert "The Keeper <small>rough cut</small></h2>" in page
    assert ("8 s · 1 of 3 scenes are placeholders · rehearsal" in page) == rehearsal
    for kind in ("mp4", "png", "cut.json"):
        assert 200 == shown.get(f"/keeper/{name}.{kind}").status_code
    assert 2 == page.count("<article")


def test_a_rough_cut_is_shown_until_there_is_a_film_that_is_newer(out: Path):
    """
    A film of before stands beside the rough cut of what it is to become.
    """
    rough, film = rough_in(out), out / "keeper" / "keeper.sandbox.mp4"
    os.utime(film, (1000, 1000))
    assert ["keeper.rough.sandbox", "keeper.sandbox"] == [each.name for each in films_in(out)]

    os.utime(rough, (900, 900))
    assert ["keeper.sandbox"] == [each.name for each in films_in(out)]


@pytest.mark.parametrize("cuts", [None, "b", [1], [{"scene": ["b"], "placeholder": "x"}], {}])
def test_a_rough_cut_whose_list_says_nothing_is_shown_all_the_same(out: Path, cuts: Any):
    """
    A cut list may come from anywhere.
    """
    rough_in(out).with_suffix(".cut.json").write_text(json.dumps({"cuts": cuts}))

    assert any(each.rough for each in films_in(out))
    assert "rough cut" in films_html(films_in(out))


def test_the_films_of_deliveries_are_shown_with_their_names_and_what_no_browser_plays_as_a_file(
    out: Path, shown: httpx.Client
):
    """
    A film for an editor has its sheet and its links, and no player.
    """
    for name in ("keeper.vertical.sandbox.mp4", "keeper.editor.mov", "keeper.editor.png"):
        (out / "keeper" / name).write_bytes(b"film")
    films = {each.name: each for each in films_in(out)}
    page = shown.get("/keeper/").text

    assert {"keeper.sandbox": "", "keeper.vertical.sandbox": "vertical", "keeper.editor": "editor"} == {
        name: each.delivery for name, each in films.items() if name.startswith("keeper")
    }
    assert "<small>vertical</small>" in page
    assert 'src="../keeper/keeper.vertical.sandbox.mp4"' in page
    assert 'href="../keeper/keeper.editor.mov"' in page
    assert 'src="../keeper/keeper.editor.mov"' not in page
    assert "video/quicktime" == shown.get("/keeper/keeper.editor.mov").headers["content-type"]


def test_a_film_can_be_wound_to_any_place(shown: httpx.Client):
    """
    A player asks for the bytes that it needs, and gets those.
    """
    whole = shown.get("/keeper/keeper.sandbox.mp4")
    part = shown.get("/keeper/keeper.sandbox.mp4", headers={"Range": "bytes=1000-1099"})
    beyond = shown.get("/keeper/keeper.sandbox.mp4", headers={"Range": f"bytes={len(MOVIE)}-"})

    assert (200, MOVIE, "video/mp4") == (whole.status_code, whole.content, whole.headers["content-type"])
    assert (206, MOVIE[1000:1100]) == (part.status_code, part.content)
    assert f"bytes 1000-1099/{len(MOVIE)}" == part.headers["content-range"]
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "/keeper/notes.txt",
        "/keeper/other.mp4",
        "/keeper/.keeper.mp4",
        "/vault/claim.json",
        "/leak/leak.mp4",
        "/../secret.mp4",
        "/keeper/../../secret.mp4",
        "/keeper/%2e%2e/%2e%2e/secret.mp4",
        "/..%2fsecret.mp4",
        "/%2e%2e/secret.mp4",
        "/keeper/keeper.sandbox.mp4%00.txt",
        "/keeper",
        "/vault/",
    ],
)
def test_nothing_else_is_there(shown: httpx.Client, path: str):
    """
    Other files, hidden ones, a vault, a link that leads out, a path that climbs out: all of them do not exist.
    """
    raw = shown.build_request("GET", "/")
    raw.url = raw.url.copy_with(raw_path=path.encode())

    assert shown.send(raw).status_code in (307, 404)
    assert b"secret" not in shown.send(raw).content


def test_a_page_from_elsewhere_cannot_read_it_under_another_name(shown: httpx.Client):
    """
    A name that somebody else has given to this machine is refused.
    """
    assert 400 == shown.get("/", headers={"Host": "films.example"}).status_code
    assert 200 == shown.get("/", headers={"Host": "localhost:4201"}).status_code


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_films_are_shown_under_the_address_that_was_asked_for(out: Path, host: str):
    """
    Every address of this machine alone, and under no other name.
    """
    with showing_on(host, out) as client:
        assert 200 == client.get("/").status_code
        assert 400 == client.get("/", headers={"Host": "films.example"}).status_code


@pytest.mark.parametrize("cut_list", ["", "[]", "{", '{"title": 7, "seconds": "x", "size": [1], "totals": 3}', "é"])
def test_a_cut_list_that_cannot_be_read_hides_no_film(out: Path, cut_list: str):
    """
    What is not known of a film is left out; the film is shown all the same.
    """
    (out / "keeper" / "keeper.sandbox.cut.json").write_text(cut_list, encoding="latin-1")

    assert ["keeper.sandbox"] == [film.name for film in films_in(out)]


@pytest.mark.parametrize(
    ("steps", "unused", "shows"),
    [
        ([None, None], [], None),
        ([None], [None], None),
        ([None], [0.07], "$0.07"),
        ([0.05], [None], "$0.07"),
        ([0.0], [], "$0.07"),
    ],
)
def test_a_film_says_no_sum_where_nobody_told_a_charge(out: Path, steps: Any, unused: Any, shows: str | None):
    """
    What the film was charged stands there as its cut list has it, unless the service said of no request what it charged.
    """
    rows = {"steps": [{"charged_usd": usd} for usd in steps], "unused": [{"charged_usd": usd} for usd in unused]}
    (out / "keeper" / "keeper.mp4").write_bytes(MOVIE)
    told = {"title": "Keeper", **rows, "totals": {"charged_usd": 0.07 if shows else 0}}
    (out / "keeper" / "keeper.cut.json").write_text(json.dumps(told))
    page = films_html([film for film in films_in(out) if film.name == "keeper"])

    assert shows in page if shows else "$" not in page


def test_no_folder_means_no_film(tmp_path: Path):
    """
    Before the first film there is a page, and it says so.
    """
    assert [] == films_in(tmp_path / "not there")


def test_a_taken_port_is_told(place: Any):
    """
    Who has the port is not known; what to do is.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="choose another --port"):
        listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["a..b", "\0x", "ä" * 300, "\ud800", "-1", "http://x", "192.0.2.1", "::2", " "])
def test_a_host_that_is_none_is_told_with_what_to_choose(host: str):
    """
    Another port would not help: it is the address that is not this machine's.
    """
    with pytest.raises(SettingsError, match="choose another --host, such as 127"):
        listen(host, 0)


ODD = {
    "400-digits": '{"seconds": %s}' % ("9" * 400),
    "5000-digits": f'{{"seconds": {"9" * 5000}, "size": [{"9" * 5000}, 1]}}',
    "brackets": "[" * 200_000,
    "braces": '{"title":' * 100_000,
    "surrogate": '{"title": "\\ud800 x", "service": "\\udfff"}',
    "infinite": '{"seconds": Infinity, "size": [NaN, -1], "totals": {"charged_usd": 1e999}}',
    "shapes": '{"title": {"a": []}, "seconds": [], "size": {"0": 1}, "totals": [1], "service": {}}',
    "list": "[1, 2]",
    "null": "null",
    "binary": "\x00\x01",
    "empty": "",
    "long": '{"title": "%s"}' % ("x" * 100_000),
}


@pytest.mark.parametrize("kind", ODD)
def test_a_bad_cut_list_is_one_line_of_the_page(shown: httpx.Client, out: Path, kind: str):
    """
    Whatever stands in a cut list, the page comes, with all films: one that cannot be read says so beside its own film.
    """
    (out / "odd").mkdir()
    (out / "odd" / "odd.mp4").write_bytes(MOVIE)
    (out / "odd" / "odd.cut.json").write_text(ODD[kind])
    page = shown.get("/")

    assert 200 == page.status_code
    assert 2 == page.text.count("<article")
    assert "24 s · 1280 × 720" in page.text
    assert len(page.text) < 40_000
    if kind in ("5000-digits", "brackets", "braces", "list", "null", "binary", "empty"):
        assert "its cut list cannot be read" in page.text


@pytest.mark.parametrize("seconds", [-(10**11), 10**12])
def test_a_film_of_another_age_is_shown_too(out: Path, seconds: int):
    """
    A file's time that no calendar has is no reason to show no film.
    """
    film = out / "keeper" / "keeper.sandbox.mp4"
    os.utime(film, (0, seconds))

    assert "keeper.sandbox.mp4" in films_html(films_in(out))


def test_the_sheet_of_a_review_can_be_looked_at(shown: httpx.Client, out: Path):
    """
    What a person is asked to approve has an address of its own, of the sandbox as of the real API.
    """
    for name in ("keeper.sandbox.review-0123456789abcdef.png", "keeper.review-0123456789abcdef.png"):
        (out / "keeper" / name).write_bytes(b"sheet")
        assert b"sheet" == shown.get(f"/keeper/{name}").content
