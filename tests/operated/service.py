"""
The service, on a port: the sandbox, as fast as it is asked. `service.py FOLDER LATENCY [--one-picture]` prints its port.

With `--one-picture` clips of one kind and length show the same picture, which is drawn once: what is measured then is who
asks, not who draws. Each is a file of its own all the same, with bytes of its own.
"""

import asyncio
import functools
import shutil
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from storyreel.catalog import load_catalog
from storyreel.sandbox import SandboxSettings, film, serve
from storyreel.sandbox.inputs import seconds_of


def ready(port: int) -> None:
    """Say where it is."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def drawn_once(draw: Callable[..., None], folder: Path) -> Callable[..., None]:
    """Let a function draw once for each size and length, and copy what it drew."""
    turn = threading.Lock()

    @functools.wraps(draw)
    def draw_or_copy(*given: Any) -> None:
        *told, to = given
        key = "-".join([draw.__name__, *map(size_and_length, told)])
        master = folder / f"{key}.mp4"
        with turn:
            if not master.exists():
                draw(*told, master.with_suffix(".part.mp4"))
                master.with_suffix(".part.mp4").rename(master)
        shutil.copyfile(master, to)
        with to.open("ab") as clip:
            # An empty box, which players skip.
            clip.write(struct.pack(">I4s16s", 24, b"free", uuid4().bytes))

    return draw_or_copy


def size_and_length(told: object) -> str:
    """Return what a clip's length and size depend on."""
    match told:
        case film.Shot():
            return f"{told.width}x{told.height}x{told.frames}"
        case Path() if told.suffix == ".mp4":
            return f"{seconds_of(told):.2f}s"
        case float() | int():
            return f"{told:g}"
        case _:
            return "any"


if __name__ == "__main__":
    settings = SandboxSettings(folder=Path(sys.argv[1]), latency_s=float(sys.argv[2]), submits_per_second=None)
    if "--one-picture" in sys.argv:
        masters = settings.folder / "masters"
        masters.mkdir(parents=True)
        for name in ("text_to_video", "image_to_video", "extend_video", "edit_video"):
            setattr(film, name, drawn_once(getattr(film, name), masters))
    asyncio.run(serve(settings, load_catalog(), port=0, ready=ready))
