"""
Two variants that share a scene, shot side by side by one run that is killed: nothing is bought twice, and no clip is lost.
"""

import signal

import pytest

from storyreel.media import probe
from tests.chaos.scene_of_events import Scene

pytestmark = [pytest.mark.prefect, pytest.mark.journey]

VARIED = """
vars: {{city: Lisbon}}
variants: {{lisbon: {{}}, porto: {{vars: {{city: Porto}}}}}}
defaults: {{duration: 1, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - id: coast
    image: {{prompt: "A lighthouse, {name}."}}
    prompt: "The lamp flares, {name}."
  - id: stair
    image: {{last_frame_of: coast}}
    prompt: "A stair in {{{{ city }}}}, {name}."
"""
PLANNED = 4
"""A still and a clip that both variants have, and a clip of each."""


@pytest.mark.parametrize(
    ("point", "code"),
    [
        pytest.param("before-the-claim", 0, marks=pytest.mark.long),
        pytest.param("post-sent-and-no-answer", 7, marks=pytest.mark.long),
        pytest.param("still-sent-and-no-answer", 7, marks=pytest.mark.long),
        pytest.param("half-downloaded", 0, marks=pytest.mark.long),
        pytest.param("splicing", 0, marks=pytest.mark.long),
    ],
)
def test_killed_at(scene: Scene, point: str, code: int):
    """
    What was sent for the scene that they share is unknown to both, and a person says once what became of it.
    """
    (scene.folder / "small.yaml").write_text(VARIED.format(name=scene.name), encoding="utf-8")
    killed = scene.shoot(point)
    again = scene.shoot()
    steps = scene.unknown() if again.code else []
    for step in {step.partition(":")[2] for step in steps}:
        scene.resolve(next(each for each in scene.claimed() if each.endswith(f":{step}")))
    last = scene.shoot()
    films = [scene.folder / "out" / f"small-{name}" / f"small-{name}.sandbox.mp4" for name in ("lisbon", "porto")]

    assert killed.code == -signal.SIGKILL, killed.said
    assert again.code == code, again.said
    assert last.code == 0, last.said
    assert scene.sent_again() == 0
    assert len(scene.accepted()) == len(scene.posts()) == PLANNED
    assert scene.lost_clips() == []
    assert [probe(film).frames for film in films] == [48, 48]
