"""
An upgrade leaves no database behind that nobody will copy again, and takes none from a version that is used beside it.
"""

import os
import time
from pathlib import Path

from storyreel.desk.unused_databases import HALF_AFTER_S, UNUSED_AFTER_S, remove_unused, used


def made(folder: Path, name: str, age_s: float) -> Path:
    """Make a database that was copied last so long ago."""
    place = folder / name
    place.write_bytes(b"SQLite")
    os.utime(place, (time.time() - age_s,) * 2)
    return place


def test_what_nobody_has_copied_for_a_month_goes_with_the_next_one(tmp_path: Path):
    """
    Of older versions of Prefect or of ours, and what was never whole; what is in use, and what is no database, stays.
    """
    ours = made(tmp_path, "prefect-4.0.0-storyreel-2.0.db", UNUSED_AFTER_S + 60)
    made(tmp_path, "prefect-3.8.8-storyreel-0.1.0.db", UNUSED_AFTER_S + 60)
    made(tmp_path, "prefect-3.8.8.db", UNUSED_AFTER_S + 60)
    made(tmp_path, "prefect-3.8.8-storyreel-0.1.4711", HALF_AFTER_S + 60)
    beside = made(tmp_path, "prefect-3.9.0-storyreel-1.0.db", UNUSED_AFTER_S - 60)
    half = made(tmp_path, "prefect-4.0.0-storyreel-2.815", 5)
    other = made(tmp_path, "making", UNUSED_AFTER_S + 60)
    remove_unused(ours)

    assert sorted((ours, beside, half, other)) == sorted(tmp_path.iterdir())


def test_to_copy_one_is_to_use_it(tmp_path: Path):
    """
    However long ago it was made; and one that is gone meanwhile is nobody's matter.
    """
    copied = made(tmp_path, "prefect-3.8.8-storyreel-0.1.0.db", UNUSED_AFTER_S + 60)
    used(copied)
    used(tmp_path / "gone.db")
    remove_unused(made(tmp_path, "prefect-4.0.0-storyreel-2.0.db", 0))

    assert copied.exists()
