"""
How long a film will take, by what such steps took: measured in the vault, or not told.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.production.outlook import Forecast
from storyreel.production.read_plan import read_plan
from storyreel.production.turnaround import Sort, seconds_left

BOARD = """
defaults: {model: grok-imagine-video, duration: 2, aspect_ratio: "16:9", resolution: 480p}
scenes:
  - id: one
    prompt: "One."
    then: [{extend: "And on.", duration: 2}]
  - {id: two, prompt: "Two."}
  - {id: three, prompt: "Three."}
"""
VIDEO, EXTEND = Sort("video", "grok-imagine-video"), Sort("extend", "grok-imagine-video")


def outlook(folder: Path, *there: str) -> list[Forecast]:
    """Return what a run would do with the board: all is bought but what is there."""
    board = folder / "board.yaml"
    board.write_text(BOARD)
    _, plan = read_plan(board, load_catalog())
    return [Forecast(step, "reuse" if step.id in there else "buy", "") for step in plan.steps]


@pytest.mark.parametrize(
    ("there", "at_once", "expected"),
    [
        ((), 8, 10 + 60),
        ((), 1, 3 * 10 + 60),
        (("one/video",), 8, 60),
        (("one/video", "one/extend-1"), 8, 11),
        (("one/video", "one/extend-1", "two/video", "three/video"), 8, None),
    ],
)
def test_a_film_takes_as_long_as_its_longest_way(
    tmp_path: Path, there: tuple[str, ...], at_once: int, expected: float | None
):
    """
    What goes on from another step waits for it; the rest is made beside, as many at a time as the catalogue says, one a second.
    """
    catalog = replace(load_catalog(), jobs_in_flight=at_once)

    assert seconds_left(outlook(tmp_path, *there), {VIDEO: (8, 10, 99), EXTEND: (60,)}, catalog) == expected


def test_nothing_is_told_of_what_was_never_measured(tmp_path: Path):
    """
    Of a sort of step that no vault has a take of nobody knows.
    """
    assert seconds_left(outlook(tmp_path), {VIDEO: (10,)}, load_catalog()) is None
