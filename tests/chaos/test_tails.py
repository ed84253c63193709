"""
A chain that goes on from its tail, killed while that is cut, sent, fetched or joined: nothing is bought twice, and no clip is lost.
"""

import signal

import pytest

from tests.chaos.conftest import CATALOG
from tests.chaos.scene_of_events import Scene

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

BOARD = """
title: Small
defaults: {{duration: 2, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: ride
    prompt: "A tram, {name}."
    then:
      - {{extend: "A tunnel, {name}.", duration: 2}}
"""
TAILS = """\
      - {{extend: "Light, {name}.", duration: 2}}
      - {{extend: "Rain, {name}.", duration: 3}}
"""
SHORT = f'{CATALOG}[video."grok-imagine-video".extend]\ninput_seconds = [2, 3]\n'
"""A catalogue by which a clip of four seconds is too long to go in: its last three do."""
FRAMES = (4 + 2 + 3) * 24
ANSWERS_LOST = {
    "conforming": [],
    "before-the-claim": [],
    "between-claim-and-post": ["ride/extend-2"],
    "post-sent-and-no-answer": ["ride/extend-2"],
    "answer-and-not-recorded": ["ride/extend-2"],
    "half-downloaded": [],
    "downloaded-and-not-recorded": [],
    "splicing": [],
}
"""Where the first tail is cut, where it is sent and fetched, and where the clip is joined."""
QUICK = ("post-sent-and-no-answer",)
POINTS = [pytest.param(point, marks=() if point in QUICK else pytest.mark.long) for point in ANSWERS_LOST]


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(scene: Scene, point: str):
    """
    The chain is shot as far as it goes in whole; of what comes then the run is killed at its first tail, or when all is joined.
    """
    catalogue = scene.folder / "short.toml"
    catalogue.write_text(SHORT, encoding="utf-8")
    scene.env["STORYREEL_CATALOG"] = str(catalogue)
    board = scene.folder / "small.yaml"
    board.write_text(BOARD.format(name=scene.name), encoding="utf-8")
    first = scene.shoot()
    board.write_text((BOARD + TAILS).format(name=scene.name), encoding="utf-8")
    killed = scene.shoot(point)
    again = scene.shoot()
    unknown = scene.unknown() if again.code else []
    for step in unknown:
        scene.resolve(step)
    last = scene.shoot() if unknown else again

    assert first.code == 0, first.said
    assert killed.code == -signal.SIGKILL, killed.said
    assert unknown == ANSWERS_LOST[point]
    assert last.code == 0, last.said
    assert scene.sent_again() == 0
    assert len(scene.accepted()) == 4
    assert scene.lost_clips() == []
    assert scene.frames() == FRAMES
