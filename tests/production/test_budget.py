"""
What a run may spend: what a person says, else what the storyboard says of itself, else ten dollars of real money.
"""

from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Storyboard
from storyreel.production.budget import budget_ticks, ticks_of


def board(budget: float | None) -> Storyboard:
    """Return a storyboard that says what it may cost, in US dollars."""
    return Storyboard(
        path=Path("board.yaml"), slug="board", title="", scenes=(), cut=(), aspect_ratio="16:9", resolution="480p",
        stills=(), budget_ticks=None if budget is None else round(budget * TICKS_PER_USD),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "own", "service", "shared", "dollars"),
    [
        pytest.param(None, None, "xai", False, 10, id="nothing-is-said"),
        pytest.param(None, None, "sandbox", False, None, id="nothing-is-said-of-a-rehearsal"),
        pytest.param(None, 3, "xai", False, 3, id="the-storyboard-says"),
        pytest.param(None, 3, "sandbox", False, 3, id="the-storyboard-says-of-a-rehearsal"),
        pytest.param(5, 3, "xai", False, 5, id="a-person-says"),
        pytest.param(0, 3, "xai", False, 0, id="a-person-says-nothing-at-all"),
        pytest.param(None, 3, "xai", True, 10, id="a-storyboard-does-not-bound-a-shared-till"),
        pytest.param(None, 3, "sandbox", True, None, id="nor-that-of-a-rehearsal"),
        pytest.param(5, 3, "xai", True, 5, id="a-person-bounds-a-shared-till"),
    ],
)
def test_a_run_may_spend_so_much(
    given: float | None, own: float | None, service: ServiceName, shared: bool, dollars: float | None
):
    """
    A till that several storyboards are paid from is bounded by a person, and by none of them.
    """
    expected = None if dollars is None else dollars * TICKS_PER_USD
    given_ticks = None if given is None else ticks_of(given, "--budget")

    assert expected == budget_ticks(board(own), given_ticks, service, shared=shared)


@pytest.mark.parametrize("given", [-1, 1e12, float("nan"), float("inf")])
def test_what_is_no_amount_of_money_is_refused(given: float):
    """
    Less than nothing, more than anybody has, and no number at all.
    """
    with pytest.raises(SettingsError, match="no amount of money"):
        ticks_of(given, "--budget")
