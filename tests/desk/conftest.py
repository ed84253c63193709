"""
A guard for each test.
"""

import pytest

from tests.desk.doors import Door


@pytest.fixture
def door() -> Door:
    """Return a guard with an app behind it."""
    return Door()
