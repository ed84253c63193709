"""
The databases that temporary servers copy: one for each version that is used here, and none for those that are not any more.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

UNUSED_AFTER_S = 30 * 86400.0
"""How long nobody copies one before nobody uses its version any more."""
HALF_AFTER_S = 86400.0
"""How old one is that was never made whole before nobody writes to it any more."""


def used(template: Path) -> None:
    """Note that a database was copied now."""
    with suppress(OSError):
        os.utime(template)


def remove_unused(template: Path) -> None:
    """
    Remove the databases that other versions have made and nobody has copied for a month, and halves that killed servers have left.

    Args:
        template: The one that was made now, which stays. So do those of other versions that are used beside it.
    """
    now = time.time()
    for other in template.parent.glob("prefect-*.*"):
        after = UNUSED_AFTER_S if other.suffix == template.suffix else HALF_AFTER_S
        with suppress(OSError):
            if other != template and now - other.stat().st_mtime > after:
                other.unlink()
