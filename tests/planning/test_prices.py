"""
Why a step costs what it costs, where that surprises. The numbers are the catalogue's.
"""

from pathlib import Path

import pytest

from storyreel.catalog import load_catalog
from storyreel.planning.prices import Price, price
from storyreel.production.read_plan import read_plan

BOARD = """
defaults: {model: grok-imagine-video, duration: 4, aspect_ratio: "16:9", resolution: 720p}
scenes:
  - id: river
    prompt: "A river."
    then:
      - {extend: "It falls.", duration: 4}
      - edit: "Add snow."
"""
CHEAP_TO_ADD = """
[video."grok-imagine-video".price]
input_second = 0.0
"""


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("river/video", None),
        (
            "river/extend-1",
            Price(8, 2_820_000_000, "adds 4 s, 8 s are billed; a new scene from its last frame: $0.282"),
        ),
        ("river/edit-1", Price(8, None, "the 8 s that go in are billed too: $0.08 of it")),
    ],
)
def test_a_price_that_surprises_is_explained(tmp_path: Path, step: str, expected: Price | None):
    """
    An extension is billed for the clip that comes back, and an edit for what goes in; a clip costs what its seconds do.
    """
    board, catalog = tmp_path / "river.yaml", load_catalog()
    board.write_text(BOARD)
    _, plan = read_plan(board, catalog)

    assert price(plan.step(step), catalog) == expected


def test_a_price_is_explained_by_the_catalogue_of_the_day(tmp_path: Path):
    """
    Where nothing is billed for what goes in, an edit costs what its seconds do.
    """
    board, own = tmp_path / "river.yaml", tmp_path / "own.toml"
    board.write_text(BOARD)
    own.write_text(CHEAP_TO_ADD)
    catalog = load_catalog(own)
    _, plan = read_plan(board, catalog)

    assert price(plan.step("river/edit-1"), catalog) is None
