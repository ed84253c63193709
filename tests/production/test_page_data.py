"""
A board's page is filled in from its plan and its vault: scenes in their order, takes side by side, and why what is stale is stale.
"""

import asyncio
import json
import os
from base64 import b64encode
from pathlib import Path

import pytest

from storyreel.delivery.page.notes import Note, write_notes
from storyreel.delivery.page.shelf import Drawn
from storyreel.production.page_data import page_of
from storyreel.production.prepare import prepare
from tests.cli.shot import shoot

BOARD = """
title: Tram
slug: tram
review: before-video
cast:
  ana: {references: [{prompt: "portrait of Ana"}]}
scenes:
  - id: stop
    note: "Check the umbrella."
    prompt: "A tram stop in the rain."
  - id: ride
    references: [ana]
    prompt: "{{ ref.ana }} in the tram."
  - id: end
    card: {text: "The end"}
    duration: 2
"""


@pytest.fixture
def board(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a board that was shot, of which one scene was made again, and whose words were changed since."""
    monkeypatch.chdir(place)
    path = Path("tram.yaml")
    path.write_text(BOARD)
    shoot(path, "2026-11-22 10:00")
    shoot(path, "2026-11-22 11:00", redo=["stop"])
    path.write_text(BOARD.replace("in the tram", "in the night tram"))
    return path


def drawn(board: Path) -> Drawn:
    """Return the page of a board, of what the real API has made."""
    return asyncio.run(page_of(prepare(board, to_look=True), "xai"))


def test_a_page_has_the_cast_and_the_scenes_in_their_order(board: Path):
    """
    Also what is drawn and nobody shoots.
    """
    scenes = drawn(board).page.scenes

    assert [("ana", None), ("stop", 1), ("ride", 2), ("end", 3)] == [(each.id, each.number) for each in scenes]
    assert ["cast", "", "", "card"] == [each.kind for each in scenes]
    assert "Check the umbrella." == scenes[1].note


def test_takes_stand_side_by_side_with_what_chooses_each(board: Path):
    """
    The oldest first, with its file under a name that people can read.
    """
    page = drawn(board)
    first, second = page.page.scenes[1].steps[0].takes

    assert [("t01", False), ("t02", True)] == [(take.name, take.used) for take in (first, second)]
    assert f"pin: {first.request_id}" == first.pin
    assert "storyreel pin tram.yaml stop/video t01" == first.pin_command
    assert "media/TRAM_010_stop_video_t01.mp4" == first.media
    assert {"TRAM_000_ana_still-1_t01.jpg", "TRAM_010_stop_video_t01.mp4"} <= set(page.media)


def test_what_is_stale_says_why_and_what_would_be_sent_now(board: Path):
    """
    Word by word; the take of before has the words that were sent for it.
    """
    (ride,) = drawn(board).page.scenes[2].steps
    change = ride.prompt_change
    assert change is not None

    assert ("stale", "<IMAGE_0> in the night tram.") == (ride.condition, ride.prompt)
    assert ["night "] == [piece.text for piece in change.pieces if piece.kind == "in"]
    assert "<IMAGE_0> in the tram." == ride.takes[0].prompt
    assert ride.waits_for_approval


def test_what_waits_for_a_person_has_the_commands_for_it(board: Path):
    """
    The still of the cast, before anything is bought that it goes into; what is not right is made again by its step.
    """
    waiting = drawn(board).page.waiting
    assert waiting is not None

    assert ["ana/still-1"] == [look.step for look in waiting.looks]
    assert waiting.command.startswith("storyreel approve tram.yaml --as ")
    assert "storyreel shoot tram.yaml --redo ana/still-1" == waiting.looks[0].redo_command


def test_costs_are_those_of_all_takes_by_scene(board: Path):
    """
    As `takes` sums them, with what a run would buy beside them.
    """
    page = drawn(board).page

    assert [("ana", 1), ("stop", 2), ("ride", 1)] == [(line.name, line.takes) for line in page.costs]
    assert 4 == page.total.takes
    assert page.costs[2].to_buy == page.total.to_buy != ""


def test_a_page_is_drawn_where_no_clip_can_be_shown(board: Path, place: Path):
    """
    Of a clip that is damaged or gone the page has everything but its picture and its player.
    """
    for clip in (place / "vault" / "clips").rglob("*.mp4"):
        clip.unlink()
    takes = [take for scene in drawn(board).page.scenes for step in scene.steps for take in step.takes]

    assert {"missing", "clip"} == {take.state for take in takes}
    assert all(take.media is None and take.pin for take in takes if take.state == "missing")


def test_a_page_shows_the_rough_cut_that_is_newer_the_film_and_its_older_versions(board: Path, place: Path):
    """
    Whatever their cut lists say, of which nothing is believed; a film that no browser plays is named by its file.
    """
    folder = place / "out" / "tram"
    (folder / "versions" / "tram-0002").mkdir(parents=True)
    record = {"number": 2, "film": "tram.mp4", "sha256": "0" * 64, "replaced_at": "2026-11-21T09:00:00+00:00"}
    (folder / "versions" / "tram-0002" / "version.json").write_text(json.dumps(record))
    shots = [
        {"scene": "stop", "start": 0, "end": 2.5},
        {"scene": ["x"]},
        {"scene": "ride", "start": 2.5, "end": float("nan")},
    ]
    (folder / "tram.cut.json").write_text(
        json.dumps({"cuts": shots, "seconds": 5, "fps": 25, "size": [0, "x"], "notes": 3})
    )
    for name in ("versions/tram-0002/tram.mp4", "tram.mp4", "tram.rough.mp4"):
        (folder / name).write_bytes(b"film")
    os.utime(folder / "tram.mp4", (1000, 1000))
    films = {film.label: film for film in drawn(board).page.films}

    assert ["rough cut", "master", "version 2"] == list(films)
    assert [("stop", 0.0, 2.5), ("ride", 2.5, 0.0)] == [
        (each.scene, each.start, each.end) for each in films["master"].frames
    ]
    assert (25.0, (16, 9), ()) == (films["master"].fps, films["master"].size, films["master"].notes)
    assert "media/tram-0002.mp4" == films["version 2"].media
    assert "replaced 2026-11-21 09:00 UTC" in films["version 2"].notes


def test_notes_beside_a_film_are_on_its_page_and_broken_ones_are_not(board: Path, place: Path):
    """
    Those that came out of a page are read where they were put.
    """
    notes = place / "out" / "tram" / "tram.notes.json"
    note = Note(id="n", film="tram", at=1.5, text="Too dark")
    write_notes([note], notes, title="Tram", rates={"tram": 25.0})

    assert [note.model_dump()] == json.loads(drawn(board).page.reviews)

    notes.write_text("[1]")
    assert "[]" == drawn(board).page.reviews


@pytest.mark.parametrize("name", ["tram.mp4", "tram.rough.mp4", "tram.vtt"])
def test_what_only_has_a_films_name_and_leads_elsewhere_is_not_on_the_page(board: Path, place: Path, name: str):
    """
    A link that came with a stranger's folder would hand on a person's own file, in the page's folder or inside the page.
    """
    (place / "private").write_text("private")
    link = place / "out" / "tram" / name
    link.parent.mkdir(parents=True)
    link.with_name("tram.mp4").write_bytes(b"film")
    link.unlink(missing_ok=True)
    link.symlink_to(place / "private")
    os.utime(link, (4e9, 4e9), follow_symlinks=False)
    page = drawn(board)

    assert not [path for path in page.media.values() if path.resolve() == place / "private"]
    assert b64encode(b"private").decode() not in page.page.model_dump_json()
