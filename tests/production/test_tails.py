"""
A chain that is as long as its story, shot and cut: no frame is shown twice, and none is lost.
"""

import pytest

from storyreel.production.run import RunResult
from storyreel.sandbox.stage import clips as stage
from tests.desk import Desk
from tests.production import numbered_clips
from tests.production.numbered_clips import numbers
from tests.production.test_several_films import listed, shot

HEAD = """\
title: Small
defaults: {model: grok-imagine-video, duration: 6, resolution: 480p, aspect_ratio: "16:9"}
scenes:
"""
MINUTE = (
    HEAD
    + """\
  - id: ride
    prompt: "Inside the tram, lights pass."
    then:
      - {extend: "A tunnel.", duration: 9}
      - {extend: "Light.", duration: 9}
      - {extend: "A bridge.", duration: 9}
      - {extend: "The sea.", duration: 9}
      - {extend: "A station.", duration: 9}
      - {extend: "Rain.", duration: 9}
"""
)


@pytest.fixture
def numbered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose sandbox numbers its frames."""
    monkeypatch.setattr(stage, "text_to_video", numbered_clips.from_words)
    monkeypatch.setattr(stage, "extend_video", numbered_clips.extended)
    catalogue = desk.folder / "small.toml"
    catalogue.write_text(numbered_clips.SIZES, encoding="utf-8")
    monkeypatch.setenv("STORYREEL_CATALOG", str(catalogue))
    return desk


def shown(result: RunResult) -> list[int]:
    """Return the numbers of the frames of a film."""
    return numbers(result.films[0].path)


async def test_six_extensions_make_a_minute_without_a_repeated_or_a_lost_frame(numbered: Desk) -> None:
    """
    Sixty seconds are 1440 frames, numbered by a service that counts on from what was fed to it. Shot again it buys and encodes nothing.
    """
    numbered.write(MINUTE)
    result = await shot(numbered)

    assert shown(result) == [*range(1440)]
    assert [(part["step"], part["start"], part["end"]) for part in listed(numbered)["cuts"][0]["parts"]] == [
        ("ride/video", 0, 6),
        *((f"ride/extend-{number}", 9 * number - 3, 9 * number + 6) for number in range(1, 7)),
    ]
    there, sent = {*(numbered.folder / "vault").rglob("*.mp4")}, len(numbered.posts())
    await shot(numbered, run_id="two")
    assert (there, sent) == ({*(numbered.folder / "vault").rglob("*.mp4")}, len(numbered.posts()))
