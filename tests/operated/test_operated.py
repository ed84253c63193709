"""
Many machines: two workers share a database, a bucket and two limits, and make films as one would.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time

import pytest

from storyreel.media import probe
from tests.operated.conftest import JOBS, SUBMITS_A_SECOND, House

pytestmark = pytest.mark.long


def test_both_workers_take_part_and_their_films_are_right(house: House):
    """
    Two storyboards are shot at the same time, each by a worker of its own, and each film has the frames of its scenes.
    """
    states = {name: (run["state_type"], run["state"]["message"]) for name, run in house.ran.items()}

    assert {"first.yaml": ("COMPLETED", None), "second.yaml": ("COMPLETED", None)} == states
    assert {"hoist": 1, "winch": 1} == {worker: len(films) for worker, films in house.films().items()}
    assert [72, 72] == [probe(film).frames for films in house.films().values() for film in films]


def test_the_service_accepted_what_was_planned(house: House):
    """
    Six steps were planned, and six requests were accepted, each for another take.
    """
    posts = [post for post in house.lines("posts.jsonl") if not post["path"].endswith("/files")]
    takes = {line["idempotency_key"] for line in house.accepted()}

    assert 6 == len(posts) == len(house.accepted()) == len(takes)


def test_the_limit_of_jobs_holds_over_both_workers(house: House):
    """
    At no time are more jobs under way at the service than the limit says, and it is used to the full.
    """
    done = house.done()
    moments = sorted(
        [(line["time"], 1) for line in house.accepted()] + [(done[line["request_id"]], -1) for line in house.accepted()]
    )
    under_way = [sum(change for _, change in moments[: upto + 1]) for upto in range(len(moments))]

    assert JOBS == max(under_way)


def test_the_limit_of_submits_holds_over_both_workers(house: House):
    """
    Between two requests there is the time that the limit says, whoever sends them.
    """
    times = [line["time"] for line in house.accepted()]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]

    # The slot is given by the server, and the request is sent a little later: now a little more, now a little less.
    assert min(gaps) > 0.5 / SUBMITS_A_SECOND


def test_prefects_page_is_complete_soon_after(house: House):
    """
    Every task of both runs shows its end within seconds, and no slot of the limits is held any more.
    """
    deadline = time.monotonic() + 10
    while True:
        runs = house.asked("POST", "task_runs/filter", limit=200)
        ends = [run["state_type"] for run in runs]
        if set(ends) == {"COMPLETED"} and len(ends) == 2 * (3 + 3 + 1):
            break
        assert time.monotonic() < deadline, ends
        time.sleep(0.2)

    jobs = house.asked("GET", "v2/concurrency_limits/storyreel-jobs")
    assert 0 == jobs["active_slots"]


def test_a_limit_that_nobody_made_sends_nothing(house: House):
    """
    A machine that names a limit which the server does not have is told so, and buys nothing.
    """
    before = len(house.accepted())
    told = subprocess.run(
        [sys.executable, "-m", "storyreel", "shoot", "third.yaml"],
        cwd=house.folder / "boards",
        env=house.worker_env | {"STORYREEL_JOBS_LIMIT": "nobody-made-it", "PREFECT_HOME": str(house.folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == told.returncode, told.stdout + told.stderr
    assert "prefect gcl create nobody-made-it" in told.stdout + told.stderr
    assert before == len(house.accepted())


def test_what_one_worker_paid_for_another_does_not_buy(house: House):
    """
    A third machine, which has nothing but the address of the bucket, has the takes of a film that it never saw.
    """
    told = subprocess.run(
        [sys.executable, "-m", "storyreel", "plan", "second.yaml", "--json"],
        cwd=house.folder / "boards",
        env=house.worker_env | {"XDG_CACHE_HOME": str(house.folder / "elsewhere")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ["reuse"] * 3 == [step["outlook"] for step in json.loads(told.stdout)["steps"]]


def test_no_secret_is_on_prefects_page(house: House):
    """
    Neither the key of the API nor the bucket's is in a parameter, a state, an environment or a log that the server has.
    """
    told = [
        house.asked("POST", f"{what}/filter", limit=200) for what in ("deployments", "flow_runs", "task_runs", "logs")
    ]
    told.append(house.asked("POST", "artifacts/filter", limit=200))

    assert "not-to-be-seen" not in json.dumps(told)
