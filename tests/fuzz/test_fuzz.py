"""
A few hundred of what bench/fuzz.py tries by the thousand: odd answers, odd runs, damaged vaults.
"""

import pytest

from tests.fuzz.parts import tried

SEED = 20261126


@pytest.mark.parametrize(("part", "cases"), [("answers", 120), ("runs", 20), ("records", 20)])
def test_nothing_odd_is_paid_twice_lost_or_a_traceback(part: str, cases: int):
    """
    Whatever is answered, and whatever has become of a record: no traceback, no hang, nothing sent again, nothing lost.
    """
    assert [] == [finding for finding in tried(part, SEED, range(cases)) if finding is not None]
