"""
A run as a window shows it: a line for each scene, as wide and as high as the window is.
"""

import io
import time
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from storyreel.catalog import load_catalog
from storyreel.cli.progress import Monitor
from storyreel.cli.run_screen import about, clock, screen
from storyreel.media import measure
from storyreel.model.events import Event
from storyreel.model.plan import Plan
from storyreel.planning.steps import plan
from storyreel.production.turnaround import Pace, sort_of
from storyreel.storyboard import load

CENT = 10**8
ID = "71c20000-1111-2222-3333-444455556666"
BOARD = """
defaults: {model: grok-imagine-video, duration: 4, aspect_ratio: "16:9", resolution: 480p}
cast: {fox: {description: a fox, references: [{prompt: "A fox."}]}}
scenes:
  - {id: coast, prompt: "A coast."}
  - id: stair
    image: {last_frame_of: coast}
    prompt: "A stair."
    then: [{extend: "And on.", duration: 4}]
  - {id: door, image: {prompt: "A door."}, prompt: "It opens."}
  - {id: den, references: [fox], prompt: "{{ ref.fox }} sleeps."}
"""


class Run:
    """A run whose time is made: what a monitor knows of it, and how it looks."""

    def __init__(self, planned: Plan, *there: str) -> None:
        self.now = 0.0
        console = Console(file=io.StringIO(), force_terminal=True)
        pace = Pace({sort_of(step): (40.0,) for step in planned.steps}, load_catalog())
        self.monitor = Monitor(planned, console, there=there, pace=pace, clock=lambda: self.now)

    def at(self, now: float, *events: Event) -> None:
        """Let these things happen at a time."""
        self.now = now
        for event in events:
            self.monitor(event)

    def looks(self, width: int = 80, height: int = 24) -> str:
        """Return how it looks in a window."""
        return "\n".join(line.plain for line in screen(self.monitor, width, height))


@pytest.fixture
def planned() -> Plan:
    """Return a plan with a member of the cast, a chain, a still, and scenes that wait for others."""
    return planned_from(BOARD)


def planned_from(board: str) -> Plan:
    """Return the plan of a storyboard."""
    catalog = load_catalog()
    return plan(load(Path("small.yaml"), catalog=catalog, measure=measure, text=board), catalog)


@pytest.fixture
def run(planned: Plan) -> Run:
    """Return a run that is half done: one scene was there, one is made, two are at work."""
    run = Run(planned, "coast/video")
    run.at(0, Event("coast/video", "reused", ticks=21 * CENT))
    run.at(3, Event("stair/video", "sending"), Event("stair/video", "accepted", request_id=ID))
    run.at(5, Event("door/still", "sending"), Event("door/still", "accepted"), Event("door/still", "fetching"))
    run.at(9, Event("door/still", "made", ticks=2 * CENT), Event("door/video", "sending"))
    run.at(75, Event("stair/video", "making", percent=40))
    return run


def test_a_line_for_each_scene_has_its_chain_phase_seconds_dollars_and_time(run: Run):
    """
    What a run has charged and what is still to come, and how long it will take by what such steps took.
    """
    assert run.looks() == (
        """\
.   fox    waits                                                  ~$0.020
=   coast  reused                                            4 s
>.  stair  making 40 %                                       8 s  ~$0.602   1:12
+>  door   sending                                           4 s  ~$0.222   1:10
.   den    waits for fox                                     4 s  ~$0.202
.   film   waits
1 of 5 done, 2 at work   $0.02 charged, ~$1.026 to come
1:15, about 62 s to the last clip"""
    )


def test_a_wide_window_has_the_request_that_is_at_work(run: Run):
    """
    It can be given to the service's support while it is still being made.
    """
    stair = run.looks(140).splitlines()[2]

    assert stair.startswith(">.  stair  making 40 %  ")
    assert stair.endswith(f"  8 s  ~$0.602   1:12  {ID}")


@pytest.mark.parametrize(
    ("height", "shown", "hidden"),
    [
        (24, ["fox", "coast", "stair", "door", "den", "film"], ""),
        (8, ["fox", "stair", "door", "den"], "  and 2 more: 1 waits, 1 done"),
        (6, ["stair", "door"], "  and 4 more: 3 wait, 1 done"),
        (5, ["stair"], "  and 5 more: 1 at work, 3 wait, 1 done"),
        (2, [], "  and 6 more: 2 at work, 3 wait, 1 done"),
    ],
)
def test_a_low_window_shows_what_is_at_work_and_says_how_many_more_there_are(
    run: Run, height: int, shown: list[str], hidden: str
):
    """
    All lines fit into the window with one to spare: a terminal that scrolls cannot be drawn over.
    """
    lines = run.looks(80, height).splitlines()
    scenes = lines[: -3 if hidden else -2]

    assert shown == [line[4:].split()[0] for line in scenes]
    assert [hidden] * bool(hidden) == [line for line in lines if line.startswith("  and ")]
    assert len(lines) <= max(3, height - 1)


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 100, 140, 200])
def test_no_line_is_wider_than_its_window(run: Run, width: int):
    """
    A line that is broken by the terminal is two, and what is drawn next would be a line too low.
    """
    run.at(80, Event("den/video", "failed", text="moderated, request 71c2: 雪の中の狐" * 9))

    assert all(cell_len(line) <= width for line in run.looks(width).splitlines())


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Event("den/video", "sending"), ">   den    sending  "),
        (Event("den/video", "refused", text="waits 5 s: too many at once"), "~   den    waits 5 s: too many at once  "),
        (Event("den/video", "fetching"), "v   den    fetching  "),
        (Event("den/video", "made", ticks=CENT), "+   den    made  "),
        (Event("den/video", "made", text="the same file as 99"), "+   den    made: the same file as 99  "),
        (Event("den/video", "failed", text="moderated, $0.21 charged"), "!   den    moderated, $0.21 charged  "),
        (Event("den/video", "left out"), "-   den    left out  "),
        (Event("den/video", "not reached", text="fox failed"), "-   den    not reached  "),
        (Event("stair/extend-1", "accepted", request_id=ID), ">>  stair  making 40 %, and 1 more  "),
        (Event("stair/video", "made"), "+.  stair  waits  "),
        (Event("film", "checking"), ">   film   your own clips are tried out"),
        (Event("film", "checked"), ".   film   waits"),
        (Event("film", "cutting"), ">   film   cutting"),
        (Event("rough cut", "cut", text="den is missing"), "+   rough cut  cut"),
    ],
    ids=lambda value: f"{value.step} {value.stage}" if isinstance(value, Event) else "",
)
def test_each_word_on_a_step_has_a_mark_and_words(run: Run, event: Event, line: str):
    """
    Whoever has no colours knows as much.
    """
    run.at(80, event)

    assert any(shown.startswith(line) or f"{shown}  ".startswith(line) for shown in run.looks().splitlines())


@pytest.mark.parametrize(
    ("heard", "over", "words"),
    [
        ((), False, {"coast": "in the vault", "stair": "waits", "film": "waits"}),
        (("coast/video",), False, {"coast": "reused", "film": "waits"}),
        ((), True, {"coast": "in the vault", "stair": "not begun", "film": "not cut"}),
    ],
    ids=["begun", "told", "over"],
)
def test_what_is_in_the_vault_waits_for_nothing(
    planned: Plan, heard: tuple[str, ...], over: bool, words: dict[str, str]
):
    """
    Before a run comes to a step, and at a question in between, what is there is called so; at the end nothing waits.
    """
    run = Run(planned, "coast/video", "door/still", "door/video")
    for step in heard:
        run.at(1, Event(step, "reused"))
    run.monitor.over = over
    shown = {line[4:].split("  ")[0].strip(): line[4:].split("  ")[1:] for line in run.looks().splitlines()[:-1]}

    assert words == {name: next(word for word in shown[name] if word).strip() for name in words}
    assert "in the vault" == shown["door"][0].strip() or "in the vault" in shown["door"]


def test_what_a_run_took_from_the_vault_costs_nothing_and_took_no_time(run: Run):
    """
    A reused scene has its seconds, and neither dollars nor a clock.
    """
    assert "=   coast  reused                                            4 s" == run.looks().splitlines()[1]


def test_what_built_on_a_failed_step_is_no_longer_to_come(run: Run):
    """
    A run that failed has its charge, and not the price of what will not be sent.
    """
    run.at(80, Event("stair/video", "failed", ticks=30 * CENT, text="moderated"))
    stair = run.looks().splitlines()[2]

    assert "!.  stair  moderated" == stair[:20]
    assert stair.endswith("8 s   $0.300   1:17")
    assert "1 of 5 done, 1 at work, 1 failed   $0.32 charged, ~$0.424 to come" in run.looks()


def test_at_the_end_all_of_it_stands_on_the_screen_but_what_was_there(planned: Plan):
    """
    However low the window is: nothing is drawn over any more.
    """
    run = Run(planned, "coast/video", "door/still", "door/video")
    run.at(1, Event("stair/video", "sending"), Event("stair/video", "failed", text="moderated"))
    run.monitor.over = True
    lines = run.looks(80, 5).splitlines()

    assert ["fox", "stair", "den", "film"] == [line[4:].split()[0] for line in lines[:4]]
    assert "  and 2 more: 2 done" == lines[4]


def test_a_run_that_was_stopped_leaves_no_percentage_behind(run: Run):
    """
    What the service has is paid, and is fetched by the next run: it is not being made here any more.
    """
    run.monitor.over = True
    stair, door = run.looks().splitlines()[2:4]

    assert ">.  stair  accepted; the next run fetches it" == stair[:44]
    assert stair.endswith("8 s  ~$0.202   1:12")
    assert "+>  door   sent; see storyreel watch" == door[:36]
    assert "1 of 5 done, 2 not fetched   $0.02 charged   1:15" == run.looks().splitlines()[-1]


def test_what_is_left_of_a_budget_is_what_was_not_charged(run: Run):
    """
    A rehearsal without one says nothing of it.
    """
    without = run.looks()
    run.monitor.budget_ticks = 500 * CENT

    assert "left of" not in without
    assert "$0.02 charged, ~$1.026 to come   $4.98 left of $5.00\n1:15" in run.looks()


def test_a_chain_that_is_too_long_for_marks_is_counted():
    """
    Thirteen marks tell nobody anything.
    """
    then = ", ".join('{edit: "More."}' for _ in range(13))
    run = Run(planned_from(f'scenes: [{{id: a, model: grok-imagine-video, prompt: "A.", then: [{then}]}}]'))
    run.at(1, Event("a/video", "sending"), Event("a/video", "made"))

    assert run.looks().splitlines()[0].startswith("1/14  a     waits")


def test_an_escape_in_what_somebody_else_said_reaches_no_terminal(run: Run):
    """
    It could colour, move or hide all that follows.
    """
    run.at(80, Event("den/video", "failed", text="moderated\x1b[2J\r\nnow"))

    assert "\x1b" not in run.looks()
    assert "moderated [2J  now" in run.looks()


def test_before_the_first_word_it_says_what_it_waits_for(planned: Plan):
    """
    A screen on which nothing moves yet says that Prefect is being started.
    """
    run = Run(planned)
    run.now = 3

    assert "starting Prefect, 0:03" == run.looks().splitlines()[-1]


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (7.9, "0:07"), (754, "12:34"), (3723, "1:02:03")])
def test_a_time_is_told_as_a_clock_shows_it(seconds: float, words: str):
    """
    Seconds are whole, and never rounded up.
    """
    assert words == clock(seconds)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "about 1 s"), (89, "about 89 s"), (100, "about 2 min"), (9000, "about 2 h")]
)
def test_a_guess_is_called_one(seconds: float, words: str):
    """
    It is told in the unit in which it may be believed.
    """
    assert words == about(seconds)


def test_a_storyboard_of_a_thousand_scenes_is_drawn_in_no_time():
    """
    It is drawn four times a second, beside the run itself.
    """
    scenes = ", ".join(f"{{id: s{n}, prompt: A., then: [{{extend: B., duration: 2}}]}}" for n in range(1000))
    run = Run(planned_from(f"defaults: {{model: grok-imagine-video, duration: 4}}\nscenes: [{scenes}]"))
    run.at(1, *(Event(f"s{n}/video", "sending") for n in range(30)))
    began = time.process_time()
    run.looks()

    assert 0.25 > time.process_time() - began


def test_every_film_has_a_line_and_what_a_delivery_buys_for_itself_stands_below_its_scene():
    """
    A rough cut stands in the place of the master.
    """
    delivered = 'deliver: {native: {aspect_ratio: "9:16", regenerate: true, order: [coast]}}\n'
    run = Run(planned_from(BOARD + delivered))
    run.at(3, Event("rough cut", "cutting"), Event("film native", "cutting"), Event("film native", "cut"))
    names = [line.split()[1] for line in run.looks().splitlines()[:8]]

    assert ["fox", "coast", "native:coast", "stair", "door", "den", "rough", "film"] == names
    assert "film native   cut" in run.looks()
