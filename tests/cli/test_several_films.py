"""
What a person reads of several films: of the deliveries and the variants of one storyboard, and of several storyboards at once. Every file
`several/<case>.txt` is a screen of 80 columns.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate
from rich.console import Console

from tests.cli.shot import shoot
from tests.cli.test_render import DOCS, Done, storyreel

CASES = Path(__file__).parent / "several"
FILMS = """
  vertical: {aspect_ratio: "9:16", fit: crop, order: [stop, face]}
  native: {aspect_ratio: "9:16", regenerate: true}
  editor: {codec: prores, rate: 25, burn_in: true}
"""
SCENES = """
title: "The Last Tram, {{ city }}"
defaults: {duration: 5, aspect_ratio: "16:9", resolution: 720p}
scenes:
  - id: city
    prompt: A city at night from above, one tram climbs the hill.
  - id: stop
    prompt: "A woman runs to the stop and says: {{ end }}"
    then:
      - extend: She runs on.
        duration: 4
  - id: face
    image: {last_frame_of: stop}
    prompt: She turns her head.
"""
WORDS = "vars: {city: Lisbon, end: Nobody waits.}\n"
VARIANTS = "variants:\n  lisbon: {}\n  porto: {vars: {city: Porto, end: Ninguem espera.}}\n"
SHARED = 2
"""Requests that both variants ask for alike: the city, for each ratio."""


@pytest.fixture
def one(place: Path) -> Path:
    """Return a board with three films beside its master, of which one is bought anew, and one more that has no other film."""
    board = place / "tram.yaml"
    board.write_text(f"{WORDS}{SCENES}deliver:{FILMS}")
    (place / "sea.yaml").write_text("title: The Sea\nscenes: [{id: sea, prompt: Waves.}]\n")
    return board


@pytest.fixture
def two(place: Path) -> Path:
    """Return a board with two variants, each with a film that is bought anew."""
    board = place / "tram.yaml"
    board.write_text(f'{WORDS}{VARIANTS}{SCENES}deliver: {{native: {{aspect_ratio: "9:16", regenerate: true}}}}\n')
    return board


@pytest.fixture
def short(two: Path) -> Path:
    """Return the same board with less to shoot."""
    text = two.read_text()
    two.write_text(text[: text.index("    then:")] + text[text.index("deliver:") :])
    return two


def on_screen(place: Path, *words: str) -> str:
    """Return what a command shows at a terminal of 80 columns, without colour."""
    screen = partial(
        Console, width=80, force_terminal=True, color_system=None, highlight=False, markup=False, emoji=False
    )
    with pytest.MonkeyPatch.context() as patch:
        # The last is where the others take theirs from when they are loaded.
        for module in ("plan", "check", "why", "errors"):
            patch.setattr(f"storyreel.cli.{module}.Screen", screen)
        done = storyreel(*words, cwd=place)
    return f"$ storyreel {' '.join(words)}\n{done.stdout}{done.stderr}\nexit code {done.returncode}\n".replace(
        f"{place}/", ""
    )


def data(done: Done, schema: str) -> dict[str, Any]:
    """Return what a command printed as data, which is as its schema says."""
    read: dict[str, Any] = json.loads(done.stdout)
    validate(read, json.loads((DOCS / f"{schema}.schema.json").read_text(encoding="utf-8")))
    return read


def the_screen(case: str, shown: str) -> None:
    """Hold a screen against the one that is kept."""
    assert (CASES / f"{case}.txt").read_text(encoding="utf-8") == shown


def test_a_plan_says_what_each_delivery_is_and_adds(one: Path):
    """
    What is bought for one alone stands together, with its sum; the others have their pictures from the master's clips.
    """
    the_screen("deliveries", on_screen(one.parent, "plan", "tram.yaml"))


def test_a_plan_of_one_delivery_is_of_what_it_needs(one: Path):
    """
    The first film is the one that is named, and no scene is called free that is bought for it.
    """
    the_screen("one-delivery", on_screen(one.parent, "plan", "tram.yaml", "--deliver", "native"))


def test_plans_of_variants_end_with_a_table_of_their_films(two: Path):
    """
    What both ask for alike is counted with the first, and its row says so.
    """
    shoot(two, "2026-11-26T11:17", variant="lisbon")
    the_screen("variants", on_screen(two.parent, "plan", "tram.yaml"))


@pytest.mark.parametrize(
    ("budget", "fits"),
    [
        (6.5, ""),
        (4, "over the budget of $4.00: a run does not begin porto, and makes what fits"),
        (1, "over the budget of $1.00: a run does not begin lisbon, porto, and makes what fits"),
    ],
)
def test_variants_have_one_budget(two: Path, budget: float, fits: str):
    """
    Which of them a run would not begin is said once, below all of them.
    """
    two.write_text(f"budget: {budget}\n{two.read_text()}")
    shown = storyreel("plan", two).stdout

    assert fits in shown.splitlines()[-1]
    assert bool(fits) == shown.count("over the budget")


def test_plans_of_a_folder_are_shown_whatever_is_wrong_with_one_of_its_boards(one: Path):
    """
    Its problems come below the others', and the exit code is that of a wrong board.
    """
    (one.parent / "bad.yaml").write_text("scenes: [{id: a, promt: A.}]\n")
    (one.parent / "sea.yaml").unlink()
    the_screen("folder", on_screen(one.parent, "plan", "."))


def test_boards_of_a_folder_are_checked_with_one_sum(one: Path):
    """
    Each with a line, the wrong one with its problems, and what all of them would make.
    """
    (one.parent / "bad.yaml").write_text("scenes: [{id: a, promt: A.}]\n")
    the_screen("checked", on_screen(one.parent, "check", "."))


def test_a_folder_without_boards_is_told(place: Path):
    """
    It is more likely the wrong folder than one with nothing to do.
    """
    (place / "empty").mkdir()
    done = storyreel("check", "empty", cwd=place)

    assert 2 == done.returncode
    assert "there is no storyboard in empty" in done.stderr


def test_what_a_plan_counts_is_what_is_bought(two: Path):
    """
    Of its films, one after the other: nothing is missing, and nothing is counted twice. What both need was asked for, and cost, with the
    one that was first.
    """
    plans = data(storyreel("plan", two, "--json"), "plans")
    bought = [len(shoot(two, f"2026-11-26T1{hour}:00", variant=name)) for hour, name in enumerate(("lisbon", "porto"))]
    after = data(storyreel("plan", two, "--json"), "plans")

    assert [film["name"] for film in plans["films"]] == [
        "tram-lisbon", "tram-lisbon.native", "tram-porto", "tram-porto.native",
    ]  # fmt: skip
    assert [8, 8 - SHARED] == bought
    assert [4, 4, 3, 3] == [film["buy"] for film in plans["films"]]
    assert [{"film": "tram-lisbon", "buy": 1}] == plans["films"][2]["shared"]
    assert sum(bought) == plans["totals"]["buy"]
    assert [8, 8] == [plan["totals"]["buy"] for plan in plans["plans"]]
    assert plans["totals"]["usd"] == pytest.approx(sum(film["usd"] for film in plans["films"]))
    assert (0, plans["totals"]["usd"]) == (after["totals"]["buy"], pytest.approx(after["totals"]["saved_usd"]))
    the_screen("costs", on_screen(two.parent, "costs"))


def test_a_plan_of_one_board_is_data_as_before_with_its_films(one: Path):
    """
    How each is made, of which steps, and what it adds.
    """
    plan = data(storyreel("plan", one, "--json"), "plan")
    films = {film["delivery"]: film for film in plan["films"]}

    assert ["", "vertical", "native", "editor"] == list(films)
    assert plan["totals"]["usd"] == pytest.approx(films[""]["usd"] + films["native"]["usd"])
    assert (720, 1280, ["stop", "face"], 0) == tuple(
        films["vertical"][key] for key in ("width", "height", "scenes", "buy")
    )
    assert ("prores", 25, True) == tuple(films["editor"][key] for key in ("codec", "rate", "burn_in"))
    assert "native:stop/extend-1" in films["native"]["steps"]


def test_checks_of_several_boards_are_data(one: Path):
    """
    A list, with what all that is right would make.
    """
    (one.parent / "bad.yaml").write_text("scenes: [{id: a, promt: A.}]\n")
    done = storyreel("check", ".", "--json", cwd=one.parent)
    checks = data(done, "checks")

    assert (2, False) == (done.returncode, checks["ok"])
    assert ["bad.yaml", "sea.yaml", "tram.yaml"] == [board["board"] for board in checks["boards"]]
    assert [False, True, True] == [board["ok"] for board in checks["boards"]]
    assert (5, 9) == (checks["totals"]["films"], checks["totals"]["requests"])


def test_the_graph_of_several_plans_has_a_frame_for_each(two: Path):
    """
    Each step has its whole name.
    """
    lines = storyreel("plan", two, "--graph", "mermaid").stdout.splitlines()

    assert ['  subgraph b0["tram-lisbon"]', '  subgraph b1["tram-porto"]'] == [
        line for line in lines if "subgraph" in line
    ]
    assert '    s12["#43; porto:native:city/video $0.35"]:::buy' in lines


def test_takes_are_those_of_all_variants_with_the_films_that_use_them(short: Path):
    """
    What both have is in both lists, and in the sums once.
    """
    for hour, name in enumerate(("lisbon", "porto")):
        shoot(short, f"2026-11-26T1{hour}:00", variant=name)
    takes = data(storyreel("takes", short, "--json"), "takes")
    by_step = {take["step"]: take for take in takes["takes"]}
    rows = list(csv.DictReader(io.StringIO(storyreel("takes", short, "--csv").stdout)))

    assert 8 == len(by_step)
    assert (6, 6) == (takes["totals"]["takes"], sum(row["same_request_as"] == "" for row in rows))
    assert ["tram-lisbon"] == by_step["lisbon:city/video"]["films"]
    assert (["tram-porto"], "lisbon:city/video") == (
        by_step["porto:city/video"]["films"],
        by_step["porto:city/video"]["same_request_as"],
    )
    assert ["tram-porto.native"] == by_step["porto:native:stop/video"]["films"]
    assert list(by_step["lisbon:city/video"]) == list(rows[0])
    assert 4 == len(json.loads(storyreel("takes", short, "--variant", "porto", "--json").stdout)["takes"])


def test_why_of_a_step_of_a_variant_or_a_delivery(two: Path):
    """
    A name that several variants have is asked back for.
    """
    shoot(two, "2026-11-26T11:17", variant="lisbon")
    two.write_text(two.read_text().replace("Nobody waits.", "Nobody comes."))
    both = storyreel("why", two, "stop")

    the_screen("why", on_screen(two.parent, "why", "tram.yaml", "lisbon:native:stop"))
    assert (2, True) == (both.returncode, "say which one: lisbon:stop/video, porto:stop/video" in both.stderr)


def test_status_has_a_line_for_each_film(two: Path):
    """
    Each with its own reason: what one film needs is not the matter of another.
    """
    shoot(two, "2026-11-26T11:17", variant="lisbon")
    two.write_text(two.read_text().replace("Nobody waits.", "Nobody comes."))
    (two.parent / "sea.yaml").write_text("scenes: [{id: sea, prompt: Waves.}]\n")
    the_screen("status", on_screen(two.parent, "status", "."))


def test_an_answer_that_a_variant_has_lost_is_watched_and_resolved_by_its_step(short: Path):
    """
    Only runs of the variants that are meant are watched; what is lost of several is listed once.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    shoot(short, now, variant="lisbon", lost=["lisbon:city/video"])
    shoot(short, now, variant="porto")
    watched = json.loads(storyreel("watch", short, "--json").stdout)
    alone = json.loads(storyreel("watch", short, "--variant", "lisbon", "--json").stdout)
    listed = storyreel("resolve", short, "--list")
    written = storyreel("resolve", short, "lisbon:city", "--lost")
    after = storyreel("resolve", short, "--list")

    assert ["tram-lisbon", "tram-porto"] == sorted({run["board"] for run in watched["runs"]})
    assert {"tram-lisbon"} == {run["board"] for run in alone["runs"]}
    assert ["lisbon:city/video"] == re.findall(r"^(\S+/video):", listed.stdout, re.MULTILINE)
    assert "lisbon:city/video: written down as lost" in written.stdout
    assert "there is nothing to resolve" in after.stdout
