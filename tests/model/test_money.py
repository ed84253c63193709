"""
Money in words: what was told, what was not, and nothing that nobody said.
"""

import pytest

from storyreel.cli.takes import sums
from storyreel.model.money import charges
from storyreel.production.takes_data import TakeData
from storyreel.vault.costs import Totals

CENT = 10**8
TAKE = TakeData(
    step="coast/video",
    attempt=1,
    state="clip",
    used=True,
    at="2026-11-01T12:00:00+00:00",
    age_s=60,
    request_id="a",
    seconds=2.0,
    estimated_usd=0.1,
    charged_usd=None,
    prompt="",
    why="",
    same_request_as=None,
    same_file_as=None,
    films=(),
    number=1,
    file=None,
    marks=(),
)


@pytest.mark.parametrize(
    ("told", "untold", "says"),
    [
        pytest.param(20 * CENT, 0, "$0.20 charged", id="all-told"),
        pytest.param(0, 0, "$0.00 charged", id="nothing-made"),
        pytest.param(0, 10 * CENT, "charge not told, about $0.10 estimated", id="none-told"),
        pytest.param(20 * CENT, 10 * CENT, "$0.20 charged, about $0.10 more estimated", id="some-told"),
    ],
)
def test_a_run_says_what_it_was_charged_and_makes_nothing_up(told: int, untold: int, says: str):
    """
    Where the service told no charge there is no sum of nothing, but the estimate, called so.
    """
    assert says == charges(told, untold)


@pytest.mark.parametrize(
    ("takes", "says"),
    [
        pytest.param([("clip", 0.1), ("clip", None)], "2 takes, $0.10 charged, $0.20 estimated", id="one-told"),
        pytest.param([("clip", None)], "1 take, charge not told, $0.10 estimated", id="none-told"),
        pytest.param([("refused", None)], "1 take, nothing charged, $0.10 estimated", id="refused"),
        pytest.param([("moderated", 0.1)], "1 take, $0.10 charged, $0.10 estimated", id="moderated"),
    ],
)
def test_the_ledger_says_what_was_charged_and_makes_nothing_up(takes: list[tuple[str, float | None]], says: str):
    """
    The sums of `storyreel takes` call a charge that nobody told just that.
    """
    listed = [TAKE.model_copy(update={"state": state, "charged_usd": charged}) for state, charged in takes]
    totals = Totals(
        takes=len(takes),
        estimated_usd=0.1 * len(takes),
        charged_usd=sum(charged or 0 for _, charged in takes),
    )

    assert says == sums(totals, listed)
