"""
What several steps ask for alike, of one storyboard or of several, is one purchase.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.planning.alike import asked_once
from storyreel.production.read_plan import read_plan

SEA = "{id: sea, prompt: Waves., then: [{extend: And on., duration: 2}]}"


@pytest.mark.parametrize(
    ("one", "other", "bought"),
    [
        (SEA, SEA, ["sea/video", "sea/extend-1"]),
        (SEA, SEA.replace("id: sea", "id: coast"), ["sea/video", "sea/extend-1"]),
        (SEA, SEA.replace("And on.", "And back."), ["sea/video", "sea/extend-1", "sea/extend-1"]),
        (SEA, SEA.replace("Waves.", "Ice."), ["sea/video", "sea/extend-1"] * 2),
        (SEA, SEA.replace("prompt: Waves.", "prompt: Waves., take: 2"), ["sea/video", "sea/extend-1"] * 2),
        (f"{SEA}, {SEA.replace('id: sea', 'id: coast')}", SEA, ["sea/video", "sea/extend-1"]),
        (
            "{id: sea, prompt: Waves.}, {id: a, image: {last_frame_of: sea}, prompt: A.}",
            "{id: ice, prompt: Ice.}, {id: a, image: {last_frame_of: ice}, prompt: A.}",
            ["sea/video", "a/video", "ice/video", "a/video"],
        ),
    ],
)
def test_what_is_asked_for_alike_is_asked_for_once(place: Path, one: str, other: str, bought: list[str]):
    """
    Whatever the steps are called; what goes on from something else is something else, though its words are the same.
    """
    plans = []
    for name, scenes in (("one", one), ("other", other)):
        (place / f"{name}.yaml").write_text(f"scenes: [{scenes}]")
        plans.append(read_plan(place / f"{name}.yaml", load_catalog())[1])

    assert bought == [step.id for step in asked_once(plans)]
