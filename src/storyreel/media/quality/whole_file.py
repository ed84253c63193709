"""
Read what was written out small, unless it is not.
"""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 400_000_000
"""More than half an hour of either is not held in memory for remarks."""


def read_if_small(path: Path) -> bytes | None:
    """Return the content of a file; None where it is too large to be held in memory."""
    return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
