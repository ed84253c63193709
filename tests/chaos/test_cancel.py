"""
Cancel, as it is pressed on Prefect's page while a worker's runner executes the run: nothing is unknown after it.
"""

from typing import Any

import pytest

from tests.chaos.runner import Starter, running, spawned, struck
from tests.chaos.scene_of_events import Scene
from tests.chaos.test_kills import all_is_well

pytestmark = [pytest.mark.prefect, pytest.mark.journey, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize(
    ("point", "sent"),
    [
        ("post-sent-and-no-answer", 2),
        # The same point is struck below in a process that Prefect starts.
        pytest.param("answer-and-not-recorded", 2, marks=pytest.mark.long),
        pytest.param("polling", 2, marks=pytest.mark.long),
        pytest.param("half-downloaded", 2, marks=pytest.mark.long),
        pytest.param("splicing", 3, marks=pytest.mark.long),
    ],
)
async def test_cancelled_at(scene: Scene, sequence: Any, point: str, sent: int):
    """
    A Cancel waits for the answer that is under way, in time for the runner's patience, and the next run goes on.
    """
    async with running(sequence) as (runner, flow_run):
        starter = Starter(scene, runner, point)
        states = await struck(scene, runner, flow_run, starter, sequence)
    posts = len(scene.posts())
    again = scene.shoot()

    assert scene.reached(), starter.told
    # Of a run that crashed, an automation would take it up again.
    assert {"Cancelled"} == set(states), starter.told
    assert posts == sent
    assert again.code == 0, again.said
    all_is_well(scene)


@pytest.mark.long
async def test_cancelled_in_a_process_that_prefect_starts(scene: Scene, sequence: Any):
    """
    The same where the runner starts the process as well, and waits for its end in its own way.
    """
    async with running(sequence) as (runner, flow_run):
        states = await struck(scene, runner, flow_run, spawned(scene, runner, "answer-and-not-recorded"), sequence)
    posts = len(scene.posts())
    again = scene.shoot()

    assert scene.reached()
    assert {"Cancelled"} == set(states)
    # A busy machine may come one step further before the Cancel is heard.
    assert posts >= 2
    assert again.code == 0, again.said
    all_is_well(scene)


async def test_a_run_whose_machine_is_shut_down_is_not_cancelled(scene: Scene, sequence: Any):
    """
    The same signal without a Cancel is a crash to Prefect, so that the run is taken up again, and its answer is kept.
    """
    async with running(sequence) as (runner, flow_run):
        starter = Starter(scene, runner, "post-sent-and-no-answer")
        states = await struck(scene, runner, flow_run, starter, sequence, by_hand=True)
    posts = len(scene.posts())
    again = scene.shoot()

    assert {"Crashed"} == set(states), starter.told
    assert posts == 2
    assert again.code == 0, again.said
    all_is_well(scene)
