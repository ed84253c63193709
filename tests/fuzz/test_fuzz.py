"""
A few of what bench/fuzz.py tries by the thousand: odd answers, odd runs, damaged vaults, odd boards, odd files.
"""

import pytest

from tests.fuzz.parts import tried

SEED = 20261126
SMALL = ("photo.jpg", "picture.png", "picture.webp", "browser-safari.mp4")
"""Files that are made in no time."""


@pytest.mark.parametrize(
    ("part", "cases"), [("answers", 60), ("runs", 10), ("records", 12), ("boards", 8), ("files", 4)]
)
def test_nothing_odd_is_paid_twice_lost_or_a_traceback(part: str, cases: int):
    """
    Whatever is answered, given, or has become of a record: no traceback, no hang, nothing sent again, nothing lost.
    """
    assert [] == [finding for finding in tried(part, SEED, range(cases), SMALL) if finding is not None]
