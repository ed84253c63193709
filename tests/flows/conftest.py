"""
What tests of flows leave behind is swept up after each of them, so that no other test is blamed for it.
"""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def sweep() -> Iterator[None]:
    """Collect the sockets that Prefect's client leaves open while this test's own leniency still holds."""
    yield
    gc.collect()
