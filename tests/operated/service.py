"""
The service, on a port: the sandbox, as fast as it is asked. `service.py FOLDER LATENCY [--one-picture]` prints its port.

With `--one-picture` each kind of clip is drawn once: what is measured then is who asks, not who draws.
"""

import asyncio
import sys
from pathlib import Path

from storyreel.catalog import load_catalog
from storyreel.sandbox import SandboxSettings, serve
from storyreel.sandbox.stage import clips as film


def ready(port: int) -> None:
    """Say where it is."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    settings = SandboxSettings(folder=Path(sys.argv[1]), latency_s=float(sys.argv[2]), submits_per_second=None)
    if "--one-picture" in sys.argv:
        # Run by its path, it finds its sibling here.
        sys.path.insert(0, str(Path(__file__).parents[1]))
        from drawn_once import one_picture

        for name, stand_in in one_picture(settings.folder / "masters"):
            setattr(film, name, stand_in)
    asyncio.run(serve(settings, load_catalog(), port=0, ready=ready))
