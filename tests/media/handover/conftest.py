"""A film to hand over: a second at 24 frames, each brighter than the one before, with a beep at its beginning."""

from pathlib import Path

import pytest

from tests.media.filming import film_clip


@pytest.fixture(scope="session")
def film(reels: Path) -> Path:
    """Return a film as it was cut."""
    return film_clip(reels / "to-hand-over.mp4", seconds=1)
