"""
The log beside a film: what its runs asked for, when, by which request, for how much; for people who look back.
"""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storyreel.errors import SequenceFailed
from storyreel.model.events import Event
from storyreel.production.collect import collect
from storyreel.production.film_log import LONGEST, MOST, TURNED_AT, FilmLog
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.production.patiently import buy

CENT = 10**8
LINE = re.compile(r"2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z [0-9a-z-]{1,8} .+")
BOARD = """
title: The Last Tram
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes: [{id: coast, prompt: "A lighthouse."}]
"""


def lines(path: Path) -> list[str]:
    """Return the lines of a log without their times."""
    read = path.read_text(encoding="utf-8").splitlines()
    assert all(LINE.fullmatch(line) for line in read)
    return [line.partition(" ")[2] for line in read]


async def test_a_run_leaves_its_lines_beside_its_film(place: Path):
    """
    Also a run that no person watches: each request with its id and its dollars, and what all of it came to.
    """
    board = place / "tram.yaml"
    board.write_text(BOARD)
    ready, ids = prepare(board), []

    async def run() -> None:
        async with open_session(ready, run="3f2a91c4-77", sandbox=True) as session:
            slate = await buy(session, "coast", "video", [])
            ids.append(slate.request_id)
            await collect(session, "coast/video", slate)
            raise SequenceFailed("1 of 2 steps failed", ["the second"], [])

    with pytest.raises(SequenceFailed):
        await run()
    head, *rest = lines(place / "out" / "tram" / "tram.sandbox.log")

    assert re.fullmatch(r"3f2a91c4 run 3f2a91c4-77 begins: The Last Tram, sandbox, vault /.*/vault, storyreel .+", head)
    assert [
        "3f2a91c4 coast/video sending, $0.05 estimated",
        f"3f2a91c4 coast/video accepted, request {ids[0]}",
        f"3f2a91c4 coast/video made, request {ids[0]}, $0.05",
        "3f2a91c4 run ends: 1 of 2 steps failed; requests: 1, $0.05 charged",
    ] == rest


def told(path: Path, *events: Event) -> list[str]:
    """Return what a log has of a run to which this happened."""
    log = FilmLog(path, "run-1")
    for event in events:
        log.event(event)
    log.end()
    return [line.removeprefix("run-1 ") for line in lines(path)]


def test_what_is_news_for_a_second_alone_is_passed_over(tmp_path: Path):
    """
    A take that is at 40 % is made by the time that anybody reads it.
    """
    making = [Event("coast/video", "making", percent=percent) for percent in range(100)]

    assert ["run ends; requests: 0, $0.00 charged"] == told(tmp_path / "a.log", *making)


def test_what_a_run_did_not_buy_is_not_in_its_sum(tmp_path: Path):
    """
    A reused take was paid before; one that failed long ago was, too; one id that two steps have is charged once.
    """
    bought = [Event(step, "sending", ticks=5 * CENT) for step in ("b/video", "c/video")]
    made = [Event(step, "made", request_id="71c2", ticks=5 * CENT) for step in ("b/video", "c/video")]
    old = (Event("a/video", "reused", request_id="60b1", ticks=9 * CENT), Event("d/video", "failed", ticks=9 * CENT))
    written = told(tmp_path / "a.log", *old, *bought, *made)

    assert "a/video reused, request 60b1, $0.09 paid before" == written[0]
    assert "run ends; requests: 2, $0.05 charged" == written[-1]


def test_a_still_that_was_just_bought_is_made_and_not_reused(tmp_path: Path):
    """
    It is in the vault as soon as the service has answered.
    """
    still = Event("pip/still-1", "reused", request_id="still-9", ticks=2 * CENT)
    written = told(tmp_path / "a.log", Event("pip/still-1", "sending", ticks=2 * CENT), still)

    assert ["pip/still-1 made, request still-9, $0.02", "run ends; requests: 1, $0.02 charged"] == written[1:]


def test_a_run_that_was_stopped_says_what_becomes_of_what_it_sent(tmp_path: Path):
    """
    Whoever looks back sees that nothing is lost.
    """
    log = FilmLog(tmp_path / "a.log", "run-1")
    log.end(asyncio.CancelledError())

    assert lines(tmp_path / "a.log") == [
        "run-1 run ends: it was stopped; what was sent is fetched by the next run; requests: 0, $0.00 charged"
    ]


def test_no_secret_and_no_control_character_stands_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    What an error brings along of keys is starred out, a line stays one line, and none is endless.
    """
    monkeypatch.setenv("XAI_API_KEY", "a-very-secret-key")
    text = "no\nwith a-very-secret-key at http://me:word@host/\x1b[2J" + "x" * 9999
    written = told(tmp_path / "a.log", Event("a/video", "failed", text=text))

    assert 2 == len(written)
    assert written[0].startswith("a/video failed: no with *** at http://***@host/\\u001b[2Jxxx")
    assert LONGEST >= len(written[0])


def test_a_log_that_has_grown_long_is_put_aside_when_a_run_begins(tmp_path: Path):
    """
    One before it stays, and no older one.
    """
    log, before = tmp_path / "a.log", tmp_path / "a.log.1"
    before.write_text("older\n")
    log.write_text("x" * TURNED_AT + "\n")
    kept_short = told(tmp_path / "b.log")
    told(log)

    assert ["run ends; requests: 0, $0.00 charged"] == kept_short
    assert 1 == len(log.read_text().splitlines())
    assert "x" * TURNED_AT + "\n" == before.read_text()


def test_a_log_is_never_larger_than_it_may_be(tmp_path: Path):
    """
    A run that goes mad fills no disk.
    """
    log = tmp_path / "a.log"
    writing = FilmLog(log, "run-1")
    writing.event(Event("a/video", "made"))
    while not (log.exists() and log.stat().st_size):
        pass
    with log.open("a") as file:
        file.truncate(MOST)
    writing.event(Event("b/video", "made"))
    writing.end()

    assert MOST == log.stat().st_size


@pytest.mark.long
def test_two_processes_at_a_time_tear_no_line(tmp_path: Path):
    """
    Each line is written in one piece at the end of the file, wherever that is by then.
    """
    code = (
        "import sys; from pathlib import Path; from storyreel.model.events import Event\n"
        "from storyreel.production.film_log import FilmLog\n"
        "log = FilmLog(Path(sys.argv[1]), sys.argv[2])\n"
        "for n in range(300): log.event(Event(f's{n}/video', 'made', text=sys.argv[2] * 99))\n"
        "log.end()"
    )
    log = tmp_path / "a.log"
    running = [subprocess.Popen([sys.executable, "-c", code, str(log), run]) for run in ("aaaa", "bbbb")]
    codes = [process.wait() for process in running]
    written = lines(log)

    assert [0, 0] == codes
    assert 602 == len(written)
    assert all(line.count(line[:4]) == 100 for line in written if "made" in line)


@pytest.mark.parametrize("there", ["folder", "pipe", "link", "no-folder"])
def test_what_cannot_be_a_log_stops_nothing_and_is_not_written_to(tmp_path: Path, there: str):
    """
    A run waits for no pipe's reader, and follows no link out of its folder.
    """
    log, elsewhere = tmp_path / "a.log", tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    if there == "folder":
        log.mkdir()
    elif there == "pipe":
        os.mkfifo(log)
    elif there == "link":
        log.symlink_to(elsewhere)
    else:
        log = elsewhere / "a.log"
    writing = FilmLog(log, "run-1")
    writing.event(Event("a/video", "made"))
    writing.end()

    assert "mine" == elsewhere.read_text()
