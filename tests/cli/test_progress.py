"""
What is told of a run: each step's newest word, what was sent and made, and what it cost.
"""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.progress import Display, Monitor, shown
from storyreel.media import measure
from storyreel.model.events import Event, Stage
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.storyboard import load

CENT = 10**8
BOARD = """
scenes:
  - {id: coast, prompt: "A coast."}
  - {id: door, prompt: "A door."}
  - {id: stair, prompt: "A stair."}
"""


@pytest.fixture
def planned() -> Plan:
    """Return a plan of three steps."""
    catalog = load_catalog()
    return plan(load(Path("small.yaml"), catalog=catalog, measure=measure, text=BOARD), catalog)


def paper(**size: int) -> Console:
    """Return a console that writes into memory."""
    return Console(file=io.StringIO(), force_terminal=bool(size), color_system=None, **size)


def written(console: Console) -> str:
    """Return what was written so far."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_this_run_made_is_counted_and_what_it_found_is_not(planned: Plan):
    """
    A take that was there costs this run nothing, one that it bought and lost to moderation does.
    """
    monitor = Monitor(planned, paper())
    monitor(Event("coast/video", "reused", ticks=5 * CENT))
    for word in (Event("door/video", "sending", ticks=9 * CENT), Event("door/video", "made", ticks=8 * CENT)):
        monitor(word)
    for word in (Event("stair/video", "sending", ticks=9 * CENT), Event("stair/video", "failed", ticks=7 * CENT)):
        monitor(word)

    assert (2, 1, 15 * CENT) == (monitor.requests, monitor.takes, monitor.charged_ticks)


@pytest.mark.parametrize(
    ("last", "sums"), [("accepted", (0, 9 * CENT)), ("making", (0, 9 * CENT)), ("refused", (0, 0)), ("sending", (0, 0))]
)
def test_what_failed_without_a_charge_is_estimated_where_it_was_taken(
    planned: Plan, last: Stage, sums: tuple[int, int]
):
    """
    What the service took and said no charge of may have cost its estimate; what it did not take cost nothing.
    """
    planned = replace(planned, steps=tuple(replace(step, ticks=9 * CENT) for step in planned.steps))
    monitor = Monitor(planned, paper())
    for stage in dict.fromkeys(("sending", last)):
        monitor(Event("door/video", stage))
    monitor(Event("door/video", "failed"))

    assert sums == (monitor.charged_ticks, monitor.uncharged_ticks)


def test_one_id_for_two_steps_is_counted_once(planned: Plan):
    """
    The service has made, and charged, one clip, whatever the number of steps that have its id.
    """
    monitor = Monitor(planned, paper())
    for step, stage in (("door/video", "made"), ("stair/video", "reused")):
        monitor(Event(step, "sending", ticks=9 * CENT))
        monitor(Event(step, stage, request_id="71c2", ticks=8 * CENT))

    assert (2, 1, 8 * CENT, 0) == (monitor.requests, monitor.takes, monitor.charged_ticks, monitor.uncharged_ticks)


def test_an_old_failure_is_not_charged_again(planned: Plan):
    """
    A step that ended without a clip in another run is told as failed, without a price.
    """
    monitor = Monitor(planned, paper())
    monitor(Event("door/video", "failed", ticks=7 * CENT))

    assert 0 == monitor.charged_ticks
    assert written(monitor.console) == "! door/video: failed\n"


def test_where_nobody_watches_each_word_is_a_plain_line(planned: Plan):
    """
    In a log stand the words that matter, one a line, and that Prefect is being started.
    """
    monitor = Monitor(planned, paper())
    with shown(monitor):
        monitor(Event("door/video", "sending", ticks=9 * CENT))
        monitor(Event("door/video", "accepted", request_id="71c2"))
        monitor(Event("door/video", "making", percent=40))
        monitor(Event("door/video", "made", ticks=8 * CENT))

    assert written(monitor.console) == (
        "> starting Prefect\n> door/video: accepted, request 71c2\n+ door/video: made, $0.08\n"
    )


@pytest.mark.parametrize("size", [{}, {"width": 60, "height": 20}], ids=["plain", "at-a-terminal"])
def test_a_note_is_said_and_changes_nothing_of_how_a_step_stands(planned: Plan, size: dict[str, int]):
    """
    It is no stage: a step that waits goes on waiting.
    """
    monitor = Monitor(planned, console := paper(**size))
    monitor(Event("door/video", "noted", text="it begins on a last frame"))

    assert "note: door/video: it begins on a last frame\n" == written(console)
    assert {} == monitor.newest


def test_before_the_first_word_it_says_what_it_waits_for(planned: Plan):
    """
    A screen on which nothing moves yet says that Prefect is being started.
    """
    console = paper(width=60, height=20)
    console.print(Monitor(planned, console))

    assert "starting Prefect" in written(console)


@pytest.mark.parametrize(("height", "over", "lines"), [(20, False, 5), (5, False, 2), (5, True, 5)])
def test_a_low_window_shows_the_steps_at_work(planned: Plan, height: int, over: bool, lines: int):
    """
    Where not all steps fit, those at work are shown and the others counted; at the end all are.
    """
    console = paper(width=60, height=height)
    monitor = Monitor(planned, console, over=over)
    monitor(Event("coast/video", "made"))
    monitor(Event("stair/video", "making", percent=40))
    console.print(monitor)
    told = written(console).splitlines()

    assert lines == len(told)
    assert any("stair/video" in line and "making 40 %" in line for line in told)
    assert (lines == 2) == ("1 of 4 settled, 2 wait" in told[-1])


@pytest.mark.parametrize(
    ("heard", "over", "words"),
    [
        pytest.param((), False, {"coast/video": "in the vault", "stair/video": "waits", "film": "waits"}, id="begun"),
        pytest.param(("coast/video",), False, {"coast/video": "reused", "film": "waits"}, id="told"),
        pytest.param(
            (), True, {"coast/video": "in the vault", "stair/video": "not begun", "film": "not cut"}, id="over"
        ),
    ],
)
def test_what_is_in_the_vault_waits_for_nothing(
    planned: Plan, heard: tuple[str, ...], over: bool, words: dict[str, str]
):
    """
    Before a run comes to a step, and at a question in between, what is there is called so; at the end nothing waits.
    """
    console = paper(width=60, height=20)
    monitor = Monitor(planned, console, frozenset({"coast/video", "door/video"}), over=over)
    for step in heard:
        monitor(Event(step, "reused"))
    console.print(monitor)
    told = {line[1:].split()[0]: " ".join(line[1:].split()[1:]) for line in written(console).splitlines()[:-1]}

    assert words == {step: told[step] for step in words}
    assert "in the vault" == told["door/video"]


def test_a_low_window_counts_what_is_in_the_vault_as_settled(planned: Plan):
    """
    Of four, two are there, one is at work and the film waits.
    """
    console = paper(width=60, height=4)
    monitor = Monitor(planned, console, frozenset({"coast/video", "door/video"}))
    monitor(Event("stair/video", "making", percent=40))
    console.print(monitor)

    assert "2 of 4 settled, 1 wait" in written(console)


def test_what_is_asked_meanwhile_stays_on_the_screen(planned: Plan):
    """
    After a question the display goes on below it: nothing of what a person has read and said is drawn over.
    """
    console = paper(width=60, height=20)
    display = Display(Monitor(planned, console))
    display.show()
    display.hold()
    console.print("approve these? [y/N] y", markup=False)
    display.show()
    display.hold()
    _, _, after = written(console).partition("approve these? [y/N] y")
    goes_on, _, _ = after.partition("coast/video")

    assert "\x1b[1A" not in goes_on
    assert "film" in after
