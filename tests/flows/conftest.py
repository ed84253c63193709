"""
What tests of flows leave behind is swept up after each of them, so that no other test is blamed for it.
"""

import gc
from collections.abc import Iterator

import pytest

from storyreel.desk import event_outbox


@pytest.fixture(autouse=True)
def sweep() -> Iterator[None]:
    """Collect the sockets that Prefect's client leaves open while this test's own leniency still holds."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a run that is begun again wait less for what the server may not have written down yet."""
    monkeypatch.setattr(event_outbox, "SEEN_WITHIN_S", 0.3)
