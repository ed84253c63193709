"""
What a person reads of what runs are doing: drawn for their window, as lines in a pipe, as data for a program.
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import validate
from rich.cells import cell_len

from storyreel.cli.watch_screen import news, screen
from storyreel.production.watch_data import RunState, WatchData, WatchedRun, WatchedState, WatchedStep
from tests.cli.shot import shoot
from tests.cli.test_render import DOCS, storyreel

AT = datetime(2026, 11, 26, 12, 31, 5, tzinfo=UTC)
ID = "71c20000-1111-2222-3333-444455556666"
BOARD = """
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
scenes: [{id: city, prompt: A city at night.}, {id: stop, prompt: A stop.}]
"""


def step(name: str, state: WatchedState, age_s: int = 130, **more: object) -> WatchedStep:
    """Return a request."""
    fields = {"at": AT.isoformat(), "request_id": ID, "usd": 0.35, "charged": state == "made", "why": "", **more}
    return WatchedStep.model_validate({"step": name, "state": state, "age_s": age_s, **fields})


def run(*steps: WatchedStep, state: RunState = "under way", waits: str = "", name: str = "3f2a91c4-77") -> WatchedRun:
    """Return a run of The Last Tram."""
    return WatchedRun(run=name, board="tram", service="xai", host="studio-1", state=state, waits=waits, steps=steps)


def data(*runs: WatchedRun, damaged: tuple[str, ...] = ()) -> WatchData:
    """Return what runs are doing."""
    return WatchData(vault="/vault", at=AT.isoformat(), runs=runs, damaged=damaged)


BUSY = data(
    run(
        step("city/video", "made", 62),
        step("stop/video", "accepted"),
        step("ride/extend-1", "claimed", 3, request_id=None),
        step("face/video", "moderated", 9, charged=True, why="withheld: a 雪の中の狐"),
        step("den/video", "unknown", 800, request_id=None, why="the line went dead"),
    ),
    run(
        step("pip/still-1", "made", 400, usd=0.02), state="ended", waits="1 still made and not yet approved", name="99"
    ),
)


def looks(of: WatchData, width: int = 80, height: int | None = 24, later: float = 0) -> list[str]:
    """Return how it looks in a window, so many seconds later."""
    return [line.plain for line in screen(of, AT + timedelta(seconds=later), width, height)]


def test_a_person_reads_what_each_run_does():
    """
    Since when, for how much, and by which request; what waits for a person says what to do.
    """
    assert looks(BUSY) == [
        "/vault  12:31:05 UTC",
        "tram  run 3f2a91c4 on studio-1, under way",
        "  + city/video     made         62 s   $0.35  71c20000",
        "  > stop/video     accepted    2 min  ~$0.35  71c20000",
        "  > ride/extend-1  claimed       3 s  ~$0.35",
        "  ! face/video     moderated     9 s   $0.35  withheld: a 雪の中の狐",
        "  ? den/video      unknown    13 min  ~$0.35  the line went dead",
        "    its answer was lost: storyreel resolve BOARD den/video",
        "tram  run 99 on studio-1, ended",
        "  + pip/still-1    made        7 min   $0.02  71c20000",
        "  ? waits for a person: 1 still made and not yet approved",
        "2 under way, 2 wait for you, 2 made, 1 failed   $0.72 charged, ~$1.05 to come",
    ]


def test_a_request_is_whole_where_it_fits_and_can_be_copied():
    """
    Half of an id is of no use to anybody; its beginning tells it from others.
    """
    assert looks(BUSY, 140)[2].endswith(f"$0.35  {ID}")
    assert looks(BUSY, 80)[2].endswith("$0.35  71c20000")


def test_ages_go_on_between_two_looks():
    """
    The clock of a request does not stand still until it is looked at again.
    """
    assert "accepted    3 min" in looks(BUSY, later=60)[3]


@pytest.mark.parametrize("width", [20, 40, 80, 140])
@pytest.mark.parametrize("height", [4, 8, 24])
def test_nothing_is_wider_or_higher_than_its_window(width: int, height: int):
    """
    A line that is broken by the terminal is two, and a picture that scrolls cannot be drawn over.
    """
    lines = looks(BUSY, width, height)

    assert all(cell_len(line) <= width for line in lines)
    assert len(lines) <= max(4, height - 1)


def test_a_step_of_a_delivery_is_known_by_its_scene():
    """
    Where a name is too long for its column, what is left out is not the scene and not what is made for it.
    """
    long = "lisbon:vertical-for-phones:stop-at-night/extend-1"
    busy = data(run(step(long, "accepted"), step("porto:native:stop/video", "claimed", 3, request_id=None)))
    lines = looks(busy)
    one = next(line for line in lines if "extend-1" in line)

    assert one.split()[1].startswith("lisbon:ve")
    assert one.split()[1].endswith(":stop-at-night/extend-1")
    assert any(" porto:native:stop/video " in line for line in lines)
    assert all(cell_len(line) <= 80 for line in lines)
    assert any(f" {long} " in line for line in looks(busy, 140))


def test_a_low_window_shows_what_goes_on_first():
    """
    What has come to its end can be missed; how much is hidden is said.
    """
    lines = looks(BUSY, 80, 9)

    assert ["stop/video", "ride/extend-1"] == [line.split()[1] for line in lines[2:4]]
    assert "  and 5 more lines" in lines


def test_a_run_that_is_gone_says_what_becomes_of_its_requests():
    """
    Nothing is lost, and somebody has to run it again.
    """
    (_, head, *_) = looks(data(run(step("stop/video", "accepted"), state="gone")))

    assert "tram  run 3f2a91c4 on studio-1, gone: what it sent is fetched by the next run" == head


def test_a_vault_in_which_nothing_goes_on_says_so():
    """
    Also then a person knows that somebody looks.
    """
    assert ["/vault  12:31:05 UTC", "0 under way"] == looks(data())


def test_in_a_pipe_each_change_is_a_line():
    """
    At first all that there is; then what is new, and nothing twice.
    """
    before = data(run(step("stop/video", "claimed", 3, request_id=None)))
    after = data(run(step("stop/video", "accepted", 1), step("den/video", "claimed", 0, request_id=None)))
    ended = data(run(step("stop/video", "made", 1), step("den/video", "claimed", 9, request_id=None), state="ended"))
    at = AT.isoformat()

    assert [
        f"{at} /vault: 1 under way   ~$0.35 to come",
        f"{at} tram 3f2a91c4 stop/video claimed, ~$0.35",
    ] == list(news(None, before))
    assert [] == list(news(before, before))
    assert [
        f"{at} tram 3f2a91c4 stop/video accepted, request {ID}, ~$0.35",
        f"{at} tram 3f2a91c4 den/video claimed, ~$0.35",
    ] == list(news(before, after))
    assert [f"{at} tram 3f2a91c4 stop/video made, request {ID}, $0.35", f"{at} tram 3f2a91c4 ended"] == list(
        news(after, ended)
    )


@pytest.fixture
def tram(place: Path) -> Path:
    """Return a board that was just shot; one answer was lost."""
    board = place / "tram.yaml"
    board.write_text(BOARD)
    shoot(board, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), lost=["stop/video"])
    return board


def test_once_is_enough_for_a_look_and_for_a_program(tram: Path):
    """
    The data are as the schema in the docs has them.
    """
    once = storyreel("watch", "--once", cwd=tram.parent).stdout
    seen = json.loads(storyreel("watch", "tram.yaml", "--json", cwd=tram.parent).stdout)
    rehearsed = json.loads(storyreel("watch", "--sandbox", "--json", cwd=tram.parent).stdout)
    validate(seen, json.loads((DOCS / "watch.schema.json").read_text()))

    named = storyreel("watch", "tram.yaml", "--once", cwd=tram.parent).stdout

    assert "  ? stop/video  unknown" in once
    assert "storyreel resolve BOARD stop/video" in once
    assert "storyreel resolve tram.yaml stop/video" in named
    assert [("city/video", "made"), ("stop/video", "unknown")] == [
        (one["step"], one["state"]) for one in seen["runs"][0]["steps"]
    ]
    assert [] == rehearsed["runs"]


def test_looks_are_neither_too_often_nor_never(place: Path):
    """
    A vault in a bucket is billed by the look.
    """
    assert "0.2 to 3600 seconds" in storyreel("watch", "--every", "0", cwd=place).stderr


def test_it_goes_on_in_a_pipe_until_it_is_stopped(tram: Path):
    """
    Ctrl-C is how it ends, and no failure.
    """
    command = [sys.executable, "-m", "storyreel", "watch", "--every", "0.2"]
    with subprocess.Popen(command, cwd=tram.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        rest, code = process.stdout.read(), process.wait(timeout=30)

    assert "1 waits for you, 1 made" in lines[0]
    assert "city/video made" in lines[1]
    assert "\x1b" not in "".join(lines)
    assert ("", 0) == (rest, code)


def test_at_a_terminal_it_is_drawn_over_itself(tram: Path, monkeypatch: pytest.MonkeyPatch):
    """
    It is one screen, which is drawn anew while ages grow.
    """
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "storyreel", "watch", "--every", "0.2"]
    with subprocess.Popen(command, cwd=tram.parent, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown, until = b"", time.monotonic() + 30
        while not re.search(rb"unknown.*\x1b\[2K.*unknown", shown, re.DOTALL) and time.monotonic() < until:
            shown += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
    os.close(ours)

    assert 0 == code
    assert b"city/video  made" in shown
    assert b"\x1b[1A" in shown
