"""
A sandbox that draws once: clips of one kind, size and length show the same picture, and so do stills of one size, so
that a test waits for storyreel.

Each is a file of its own all the same, with bytes of its own. What the sandbox draws is tested where it is drawn.
"""

import functools
import os
import shutil
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from storyreel.sandbox.api.inputs import seconds_of
from storyreel.sandbox.stage import clips as film

DRAWN = ("text_to_video", "image_to_video", "extend_video", "edit_video")


def one_picture(masters: Path) -> Iterator[tuple[str, Callable[..., None]]]:
    """Return what stands in for each function that draws a clip; what was drawn is kept in a folder."""
    masters.mkdir(parents=True, exist_ok=True)
    for name in DRAWN:
        yield name, drawn_once(getattr(film, name), masters)
    yield "still", painted_once(film.still, masters)


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
                part = master.with_suffix(f".{os.getpid()}.mp4")
                draw(*told, part)
                part.rename(master)
        shutil.copyfile(master, to)
        with to.open("ab") as clip:
            # An empty box, which players skip.
            clip.write(struct.pack(">I4s16s", 24, b"free", uuid4().bytes))

    return draw_or_copy


def painted_once(paint: Callable[..., None], folder: Path) -> Callable[..., None]:
    """Let a function paint one JPEG for each size, and copy what it painted."""

    @functools.wraps(paint)
    def paint_or_copy(prompt: str, width: int, height: int, to: Path, references: Sequence[Path] = ()) -> None:
        if to.suffix == ".png":
            paint(prompt, width, height, to, references)
            return
        master = folder / f"still-{width}x{height}-{len(references)}.jpeg"
        if not master.exists():
            part = master.with_suffix(f".{uuid4()}.jpeg")
            paint(prompt, width, height, part, references)
            part.rename(master)
        picture = master.read_bytes()
        # A comment behind the mark with which a JPEG begins.
        to.write_bytes(picture[:2] + struct.pack(">2sH16s", b"\xff\xfe", 18, uuid4().bytes) + picture[2:])

    return paint_or_copy


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
