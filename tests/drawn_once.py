"""
A sandbox that draws once: clips of one kind, size and length show the same picture, and so do stills of one size, so
that a test waits for storyreel.

Each is a file of its own all the same, with bytes of its own. What the sandbox draws is tested where it is drawn.

In the same way a run draws its placeholders once for each size and length, whatever their words; and what ffmpeg makes of
the same samples, or reads of the same pictures, it does once. Both are tested where they are made.
"""

import asyncio
import functools
import hashlib
import importlib
import os
import shutil
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from storyreel import media
from storyreel.media.quality import inspect
from storyreel.model.drawn import Placeholder
from storyreel.sandbox.api.inputs import seconds_of
from storyreel.sandbox.stage import clips as film

FREE = b"free"
DRAWN = ("text_to_video", "image_to_video", "extend_video", "edit_video")


def one_picture(masters: Path) -> Iterator[tuple[str, Callable[..., None]]]:
    """Return what stands in for each function that draws a clip; what was drawn is kept in a folder."""
    masters.mkdir(parents=True, exist_ok=True)
    for name in DRAWN:
        yield name, drawn_once(getattr(film, name), masters)
    yield "still", painted_once(film.still, masters)


def run_once(masters: Path) -> Iterator[tuple[Any, str, Any]]:
    """Return what stands in for what a run would do again and again: the module, the name there, and the function."""
    masters.mkdir(parents=True, exist_ok=True)
    finish = importlib.import_module("storyreel.media.mixing.finish")
    yield media, "draw", placeholders_drawn_once(media.draw, masters)
    yield finish, "run_ffmpeg", encoded_once(finish.run_ffmpeg, masters)
    yield inspect, "run_ffmpeg", read_once(inspect.run_ffmpeg, masters)


def placeholders_drawn_once(draw: Any, folder: Path) -> Any:
    """Let a placeholder be drawn once for each size and length; whatever else is drawn is drawn."""

    async def draw_or_copy(drawn: Any, house: Any, to: Path, *, before: int, frames: int) -> Any:
        if not isinstance(drawn.what, Placeholder):
            return await draw(drawn, house, to, before=before, frames=frames)
        await ffmpeg_is_there()
        master = folder / f"placeholder-{named(house, before, frames)}.mp4"
        if not master.exists():
            part = master.with_suffix(f".{uuid4()}.mp4")
            await draw(drawn, house, part, before=before, frames=frames)
            part.rename(master)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(master, to)
        return await asyncio.to_thread(media.probe, to, container="mov")

    return draw_or_copy


def encoded_once(run: Any, folder: Path) -> Any:
    """Let the same samples be encoded once by the same words."""

    async def encode_or_copy(args: Sequence[str], *, timeout_s: float, stdin: Any) -> None:
        await ffmpeg_is_there()
        *words, to = args
        samples = stdin if isinstance(stdin, bytes) else await asyncio.to_thread(b"".join, stdin)
        master = folder / f"encoded-{named(words, hashlib.sha256(samples).hexdigest())}.mp4"
        if not master.exists():
            part = master.with_suffix(f".{uuid4()}.mp4")
            await run([*words, str(part)], timeout_s=timeout_s, stdin=samples)
            part.rename(master)
        shutil.copyfile(master, to)

    return encode_or_copy


def read_once(run: Any, folder: Path) -> Any:
    """Let what is read of a clip be read once of all that are the same but for the bytes of their own."""

    async def read_or_copy(args: Sequence[str], *, timeout_s: float) -> None:
        await ffmpeg_is_there()
        clip = Path(args[args.index("-i") + 1])
        content = clip.read_bytes()
        if content[-20:-16] == FREE:
            content = content[:-24]
        outputs = [Path(word) for word in args if word.endswith(("/picture", "/sound"))]
        name = named(hashlib.sha256(content).hexdigest(), [word for word in args if not word.startswith("/")])
        masters = [folder / f"{output.name}-{name}" for output in outputs]
        if not all(master.exists() for master in masters):
            await run(args, timeout_s=timeout_s)
            for output, master in zip(outputs, masters, strict=True):
                part = master.with_suffix(f".{uuid4()}")
                shutil.copyfile(output, part)
                part.rename(master)
            return
        for output, master in zip(outputs, masters, strict=True):
            shutil.copyfile(master, output)

    return read_or_copy


async def ffmpeg_is_there() -> None:
    """Fail as whatever runs ffmpeg does where there is none, also where nothing of it is needed."""
    await asyncio.to_thread(media.ffmpeg_binary)


def named(*told: object) -> str:
    """Return a name for a file that stands for some values."""
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


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
            clip.write(struct.pack(">I4s16s", 24, FREE, uuid4().bytes))

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
        case Path() if not film.is_picture(told):
            return f"{seconds_of(told):.2f}s"
        case float() | int():
            return f"{told:g}"
        case _:
            return "any"
