"""
The service, in a process that no kill of a run reaches: the sandbox on a port, as fast as it is asked.

It does not honour `Idempotency-Key`, as the original does not, and writes down every POST before it looks at it.
"""

import asyncio
import sys
from pathlib import Path

from storyreel.catalog import load_catalog
from storyreel.sandbox import SandboxSettings, serve
from storyreel.sandbox.stage import clips as film
from tests.drawn_once import one_picture


def ready(port: int) -> None:
    """Say where it is."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for name, stand_in in one_picture(Path(sys.argv[1]) / "masters"):
        setattr(film, name, stand_in)
    settings = SandboxSettings(
        folder=Path(sys.argv[1]),
        latency_s=0.0,
        submits_per_second=None,
        zero_retention="zero-retention" in sys.argv[2:],
    )
    asyncio.run(serve(settings, load_catalog(), port=0, ready=ready))
