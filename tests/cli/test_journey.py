"""
The promise, with real processes and real kills: whatever happens to a run, nothing is sent twice and the film comes.
"""

import json
import os
import re
import signal
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from storyreel.media import probe
from tests.desk import TWO, WAITING, Desk

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

ONE = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
"""


@pytest.fixture
def desk(quick_desk: Desk) -> Desk:
    """Return a desk whose runs use one server, as they would use one that a person had started."""
    return quick_desk


def records(desk: Desk, name: str) -> list[Path]:
    """Return the records of that name in the vault."""
    return list((desk.folder / "vault").rglob(name))


def sent_more_than_once(desk: Desk) -> list[str]:
    """Return the keys (fingerprint and attempt) of the requests that the sandbox received more than once."""
    return [key for key, count in Counter(post["idempotency_key"] for post in desk.posts()).items() if count > 1]


@pytest.mark.long
def test_killed_while_it_polls_it_goes_on(desk: Desk):
    """
    Killed at once with all requests accepted, the next run fetches what was sent and sends only the rest.
    """
    process = desk.begin("shoot", desk.board.name, "--sandbox", STORYREEL_SANDBOX_LATENCY="3")
    desk.end(process, lambda: len(records(desk, "answer.json")) >= 3, by=signal.SIGKILL)
    sent = len(desk.posts())
    desk.shoot()

    assert 3 <= sent < 6
    assert sent_more_than_once(desk) == []
    assert len(desk.posts()) == 6
    assert probe(desk.film).frames == 192


@pytest.mark.long
def test_killed_while_it_downloads_it_goes_on(desk: Desk):
    """
    Killed with a clip half here, the next run fetches it again and sends nothing for it.
    """
    desk.change("A lighthouse at dusk.", "A lighthouse at dusk. [[sandbox: download slow 1]]")
    process = desk.begin("shoot", desk.board.name, "--sandbox", "--only", "coast")
    rendered = desk.folder / "sandbox" / "media"
    desk.end(process, lambda: any(rendered.glob("*.mp4")) and process_is_fetching(desk), by=signal.SIGKILL)
    before = len(desk.posts())
    desk.shoot()

    assert before == 1
    assert sent_more_than_once(desk) == []
    assert len(desk.posts()) == 6
    assert probe(desk.film).frames == 192


def process_is_fetching(desk: Desk) -> bool:
    """Whether the job is answered as accepted and no take has ended yet: all that is left is to fetch it."""
    return len(records(desk, "answer.json")) == 1 and not records(desk, "takes/*.json")


@pytest.mark.long
def test_stopped_by_hand_it_says_how_to_go_on(desk: Desk):
    """
    Ctrl-C ends it with the command that goes on from there, and that command buys nothing twice.
    """
    process = desk.begin("shoot", desk.board.name, "--sandbox", STORYREEL_SANDBOX_LATENCY="5")
    told = desk.end(process, lambda: len(records(desk, "answer.json")) >= 3, by=signal.SIGINT)
    desk.shoot()

    assert process.returncode == 130
    assert "storyreel shoot small.yaml --sandbox" in told
    assert "Traceback" not in told
    assert sent_more_than_once(desk) == []
    assert len(desk.posts()) == 6


@pytest.mark.long
def test_a_film_that_stands_is_told_at_once(desk: Desk):
    """
    A second run says that all is there; a deleted film comes back, the same to the byte; neither sends anything.
    """
    desk.write(ONE)
    desk.shoot()
    film, before = desk.film.read_bytes(), len(desk.posts())
    stands = desk.shoot()
    desk.film.unlink()
    back = desk.shoot()

    assert "the film stands" in stands
    assert "the film is back" in back
    assert film == desk.film.read_bytes()
    assert before == len(desk.posts())


@pytest.mark.long
def test_reordered_scenes_are_another_film_and_cost_nothing(desk: Desk):
    """
    Another order is cut from the same takes.
    """
    desk.shoot()
    film, before = desk.film.read_bytes(), len(desk.posts())
    desk.write(desk.board.read_text() + "cut:\n  order: [stair, coast, door]\n")
    desk.shoot()

    assert film != desk.film.read_bytes()
    assert probe(desk.film).frames == 192
    assert before == len(desk.posts())


@pytest.mark.long
def test_the_cut_list_accounts_for_every_second(desk: Desk):
    """
    Beside the film stands which scene, step and request each second is, without a gap, and what was charged.
    """
    desk.shoot()
    told = json.loads(desk.film.with_suffix(".cut.json").read_text())
    spans = [(part["start"], part["end"]) for cut in told["cuts"] for part in cut["parts"]]

    assert spans[0][0] == 0
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert told["seconds"] == spans[-1][1] == 8
    assert all(part["request_id"] and part["charged_usd"] for cut in told["cuts"] for part in cut["parts"])
    assert sum(step["charged_usd"] for step in told["steps"]) == pytest.approx(told["totals"]["charged_usd"])
    assert desk.film.with_suffix(".png").exists()


@pytest.mark.long
def test_a_scene_can_be_looked_at_by_itself(desk: Desk):
    """
    With --only the run ends with the place of that scene's clip, as the vault has it, beside a contact sheet; the film is a rough
    cut with placeholders. Once it is there nothing is sent, and that is said again.
    """
    told = desk.shoot("--only", "coast").splitlines()
    scene = desk.film.parent / "scenes" / "coast.sandbox.mp4"
    again = desk.shoot("--only", "coast").splitlines()

    assert [f"contact sheet of coast: {scene.with_suffix('.png')}", f"scene coast: {scene}"] == told[-2:] == again[-2:]
    rough = desk.film.with_name("small.rough.sandbox.mp4")
    line = f"rough cut: {rough}, 8.0 s, 2 of 3 scenes are placeholders: door (not bought yet), stair (waits for door)"
    assert line in told
    assert 192 == probe(rough).frames
    assert scene.read_bytes() in {clip.read_bytes() for clip in (desk.folder / "vault" / "clips").rglob("*.mp4")}
    assert scene.with_suffix(".png").exists()
    assert 2 == len(desk.posts())


@pytest.mark.long
def test_films_are_made_by_name_and_a_run_ends_with_the_place_of_each(desk: Desk):
    """
    One by its name buys what it needs; then all of them, in their order; then nothing is left to do. What a delivery buys for itself can
    be looked at by itself.
    """
    desk.write(TWO + 'deliver: {native: {aspect_ratio: "9:16", regenerate: true, order: [door]}}\n')
    film = desk.film.with_name("small.native.sandbox.mp4")
    scene = desk.film.parent / "scenes" / "native.door.sandbox.mp4"
    alone = desk.shoot("--deliver", "native", "--only", "native:door").splitlines()
    sent = len(desk.posts())
    every, again = desk.shoot().splitlines(), desk.shoot().splitlines()

    assert 1 == sent
    assert [
        str(film),
        f"contact sheet of native:door: {scene.with_suffix('.png')}",
        f"scene native:door: {scene}",
    ] == alone[-3:]
    assert [str(desk.film), str(film)] == every[-2:] == again[-2:]
    assert "Everything is in the vault and its 2 films stand: 2 s, 1 s, nothing was sent." in again
    assert 3 == len(desk.posts())


SLOW_FFMPEG = """#!/bin/sh
case "$*" in *drawn.mp4*) touch {begun}; exec sleep 60;; esac
exec {ffmpeg} "$@"
"""


@pytest.mark.long
def test_killed_during_a_rough_cut_nothing_is_bought_twice_and_no_take_is_lost(desk: Desk):
    """
    All that was paid for is written down before it begins: the next run goes by that, and cuts it.
    """
    # Of a shape that no other test has, so that its placeholders are not drawn yet.
    desk.change('aspect_ratio: "1:1"', 'aspect_ratio: "2:3"')
    desk.change("The door opens.", "The door opens. [[sandbox: failed invalid_argument]]")
    ffmpeg, begun = desk.folder / "ffmpeg", desk.folder / "begun"
    ffmpeg.write_text(SLOW_FFMPEG.format(ffmpeg=os.environ["STORYREEL_FFMPEG"], begun=begun))
    ffmpeg.chmod(0o755)
    process = desk.begin("shoot", desk.board.name, "--sandbox", STORYREEL_FFMPEG=str(ffmpeg))
    desk.end(process, begun.exists, by=signal.SIGKILL)
    sent, takes = len(desk.posts()), len(records(desk, "takes/*.json"))
    rough = desk.film.with_name("small.rough.sandbox.mp4")
    assert not rough.exists()
    told = desk.shoot(code=3)

    assert (4, 4) == (sent, takes)
    assert sent == len(desk.posts())
    assert "2 of 3 scenes are placeholders: door (failed: " in told
    assert 192 == probe(rough).frames


def test_a_rough_cut_buys_nothing(desk: Desk):
    """
    It is cut from what is there, and is no film.
    """
    told = desk.shoot("--rough")

    assert (
        "8.0 s, 3 of 3 scenes are placeholders: coast (not bought yet), door (not bought yet), stair (waits for door)"
        in told
    )
    assert [] == desk.posts()
    assert not desk.film.exists()
    assert "--redo means nothing beside it" in desk.shoot("--rough", "--redo", "door", code=2)


def test_a_lost_answer_stops_its_scene_and_is_never_sent_again(desk: Desk):
    """
    Sent, and no answer came: the rest goes on, exit code 7, and the next run does not send it either.
    """
    desk.change("A lighthouse at dusk.", "A lighthouse at dusk. [[sandbox: drop after]]")
    told = desk.shoot(code=7)
    before = len(desk.posts())
    again = desk.shoot(code=7)

    assert "coast/video" in told
    assert "$0.10" in told
    assert "coast/video" in again
    assert before == len(desk.posts()) == 5
    assert sent_more_than_once(desk) == []


@pytest.mark.parametrize(
    "by", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)], ids=["by-hand", "by-the-system"]
)
def test_stopped_while_a_picture_is_on_its_way_it_waits_for_it(desk: Desk, by: signal.Signals):
    """
    A still is paid when it comes and comes but once: the answer is written down before the run ends.
    """
    desk.change("An iron door.", "[[sandbox: slow 2]] An iron door.")
    process = desk.begin("shoot", desk.board.name, "--sandbox", "--only", "door")
    told = desk.end(process, lambda: bool(desk.posts()), by=by)
    desk.shoot("--only", "door")

    assert process.returncode == 130
    assert "Stopped" in told
    assert "Traceback" not in told
    assert sent_more_than_once(desk) == []
    assert len(desk.posts()) == 2


@pytest.mark.long
def test_no_setting_of_prefect_speaks_for_a_person(desk: Desk):
    """
    A run that failed is not tried again by itself, whatever Prefect does with other flows: that would buy again.
    """
    desk.change("A lighthouse at dusk.", "A lighthouse at dusk. [[sandbox: moderated]]")
    desk.shoot("--only", "coast", code=3, PREFECT_FLOWS_DEFAULT_RETRIES="2", PREFECT_TASKS_DEFAULT_RETRIES="2")

    assert len(desk.posts()) == 1


@pytest.mark.long
def test_a_prefect_server_that_is_down_is_told_in_a_line(desk: Desk):
    """
    Nothing is sent, and the message names the setting.
    """
    told = desk.shoot(code=1, PREFECT_API_URL="http://127.0.0.1:9/api")

    assert "PREFECT_API_URL" in told
    assert "Traceback" not in told
    assert desk.posts() == []


@pytest.mark.long
def test_a_shoot_that_waits_for_a_person_shows_its_sheet_among_the_films_and_goes_on(desk: Desk):
    """
    The sheet is where films are, whatever folder the process works in by then, and what was approved is shot with the same
    command.
    """
    desk.write(WAITING)
    waits = desk.run("shoot", desk.board.name, "--sandbox", "--out", "out", code=8)
    sheet = re.search(r"^  sheet  (.*)$", waits, re.MULTILINE)
    desk.run("approve", desk.board.name, "--sandbox", "--as", waits.partition("--as ")[2].split()[0])
    desk.shoot()

    assert sheet is not None
    assert Path(sheet[1]).parent == desk.film.parent
    assert Path(sheet[1]).is_file()
    assert desk.film.is_file()
    assert sent_more_than_once(desk) == []
