"""
Two runs of one storyboard at the same time, in two processes: what one buys is the other's as well.
"""

import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.scene_of_events import PLANNED, Scene
from tests.chaos.test_kills import all_is_well

pytestmark = [pytest.mark.prefect, pytest.mark.journey]


def until(so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@pytest.mark.parametrize("scene", ["folder", pytest.param("bucket", marks=pytest.mark.long)], indirect=True)
def test_two_runs_at_once_buy_it_once(scene: Scene):
    """
    Both come to the film, and the service has received each request once.
    """
    runs = [scene.begin("shoot", "small.yaml") for _ in range(2)]
    told = [scene.end(run) for run in runs]

    assert [0, 0] == [each.code for each in told], told
    assert len(scene.posts()) == PLANNED
    all_is_well(scene)


@pytest.mark.long
def test_a_run_that_waits_for_another_never_sends_in_its_place(scene: Scene):
    """
    When the one whose answer it waits for is killed, nobody knows what came of that, and the other stops and says so.
    """
    first = scene.begin("shoot", "small.yaml", point="post-sent-and-no-answer", blow="held")
    until(scene.reached)
    second = scene.begin("shoot", "small.yaml")
    until(lambda: any("/joined-" in name for name in scene.vault.names("sandbox/slates")))
    first.strike(signal.SIGKILL)
    killed, stopped = scene.end(first), scene.end(second)
    sent = len(scene.posts())
    unknown = scene.unknown()
    for step in unknown:
        scene.resolve(step)
    last = scene.shoot()

    assert killed.code == -signal.SIGKILL
    assert stopped.code == 7, stopped.said
    assert sent == 2
    assert unknown == ["coast/video"]
    assert last.code == 0, last.said
    all_is_well(scene)
