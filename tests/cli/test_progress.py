"""
What is known of a run: each step's newest word, what was sent and made, what it cost, and what is still to come.
"""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.display import pulse, shown
from storyreel.cli.progress import Monitor
from storyreel.media import measure
from storyreel.model.events import Event, Stage
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.production.turnaround import Pace, Sort
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


def test_what_several_steps_ask_for_alike_is_one_purchase(planned: Plan):
    """
    It is to come once, and its charge stands with the step that has asked for it, whichever has its clip first.
    """
    door, stair = planned.steps[1:]
    monitor = Monitor(planned, paper(), there={"coast/video"}, alike={"stair/video": "door/video"})
    before = (monitor.to_come, monitor.purchases_to_come)
    monitor(Event("door/video", "sending", ticks=9 * CENT))
    monitor(Event("door/video", "accepted", request_id="71c2"))
    for step in ("stair/video", "door/video"):
        monitor(Event(step, "made", request_id="71c2", ticks=8 * CENT))

    assert ((door, stair), (door,)) == before
    assert (1, 1, 8 * CENT) == (monitor.requests, monitor.takes, monitor.charged_ticks)
    assert ["= stair/video: reused", "+ door/video: made, $0.08"] == written(monitor.console).splitlines()[-2:]
    assert 8 * CENT == sum(event.ticks or 0 for event in monitor.newest.values())


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


def test_what_is_still_to_come_is_what_has_no_end_and_is_to_be_bought(planned: Plan):
    """
    What is in the vault costs nothing, nor does what --only leaves out, or what builds on a step that failed.
    """
    coast, door, stair = planned.steps
    planned = replace(planned, steps=(coast, door, replace(stair, needs=("door/video",))))
    monitor = Monitor(planned, paper(), there={"coast/video"}, bought={"door/video", "stair/video"})
    begun = [step.id for step in monitor.to_come]
    monitor(Event("door/video", "sending"))
    sent = [step.id for step in monitor.to_come]
    monitor(Event("door/video", "failed"))

    assert ["door/video", "stair/video"] == begun == sent
    assert () == monitor.to_come


def test_the_time_that_is_left_goes_down_while_clips_are_made(planned: Plan):
    """
    By what such steps took before: all three at once, then what is left of them; nothing once the last is there.
    """
    now = [0.0]
    pace = Pace({Sort("video", str(planned.steps[0].recipe.body["model"])): (40.0,)}, load_catalog())
    monitor = Monitor(planned, paper(), pace=pace, clock=lambda: now[0])
    left = [monitor.seconds_left]
    for step in planned.steps:
        monitor(Event(step.id, "sending"))
    now[0] = 30
    left.append(monitor.seconds_left)
    now[0] = 50
    left.append(monitor.seconds_left)
    for step in planned.steps:
        monitor(Event(step.id, "made"))

    assert [42, 10, 0] == [round(seconds or 0) for seconds in left]
    assert None is monitor.seconds_left


def test_where_nothing_was_ever_measured_a_run_learns_from_its_own_clips(planned: Plan):
    """
    Before the first clip nobody knows; after it the others are expected to take as long.
    """
    now = [0.0]
    monitor = Monitor(planned, paper(), pace=Pace({}, load_catalog()), clock=lambda: now[0])
    monitor(Event("coast/video", "sending"))
    before = monitor.seconds_left
    now[0] = 20
    monitor(Event("coast/video", "made"))

    assert None is before
    assert 21 == round(monitor.seconds_left or 0)


def test_a_request_keeps_the_id_that_was_told_once(planned: Plan):
    """
    The service gives it when it accepts, and says it no more while it makes.
    """
    monitor = Monitor(planned, paper(width=80, height=20))
    for event in (Event("door/video", "accepted", request_id="71c2"), Event("door/video", "making", percent=4)):
        monitor(event)

    assert "71c2" == monitor.newest["door/video"].request_id


def test_where_nobody_watches_a_line_now_and_then_says_that_it_goes_on(planned: Plan):
    """
    What runs commands for others ends those that say nothing for long.
    """
    now = [0.0]
    monitor = Monitor(planned, paper(), clock=lambda: now[0])
    for step in planned.steps:
        monitor(Event(step.id, "making", percent=40))
    now[0] = 60

    assert (
        ". 1:00: coast/video making 40 %; door/video making 40 %; stair/video making 40 %; $0.00 charged, ~$1.26 to come"
    ) == pulse(monitor)
