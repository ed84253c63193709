"""
Odd media files as a person's own: measured, checked as a clip and as a picture, and, where they are taken, cut into frames
and conformed.
"""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyreel import media
from storyreel.cli.check import check
from storyreel.errors import MediaError
from tests.field.clips import CAMERAS, PHONES
from tests.field.pictures import PICTURES
from tests.field.screens import BROWSERS, EDITORS, RECORDERS
from tests.fuzz.boards import ran
from tests.fuzz.limit import within
from tests.fuzz.odd_files import odd_file

SECONDS = 15.0
"""The longest that this process may work on one thing that is done with such a file; each of them is under a megabyte."""
SHOWN_S = 2.0
MOST_BYTES = 2 << 30
"""The most memory that this process or ffmpeg may come to."""

File = tuple[str, str, bytes]


def made(folder: Path, names: Sequence[str] = ()) -> list[File]:
    """Return right files to begin with: of every kind from the field that is small, or those that are named; made if not there."""
    files: list[File] = []
    for kind in (*PHONES, *CAMERAS, *RECORDERS, *BROWSERS, *EDITORS, *PICTURES):
        if "refused" not in kind.expected and (not names or kind.name in names):
            path = folder / kind.name
            if not path.exists():
                kind.make(folder)
            if path.stat().st_size < 1 << 20:
                files.append((path.stem, path.suffix, path.read_bytes()))
    return files


@contextmanager
def bench(scratch: Path, files: Sequence[File]) -> Iterator[Callable[[Random], str]]:
    """Give what tries a file, in a folder of its own with the environment of a rehearsal."""
    place = scratch / "odd"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("STORYREEL_VAULT", "STORYREEL_OUT", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(scratch / name.lower()))

        def case(dice: Random) -> str:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            patch.chdir(place)
            name, content = odd_file(dice, files)
            return try_file(name, content, place)

        yield case


def try_file(name: str, content: bytes, place: Path) -> str:
    """Return what is wrong about what becomes of a file; empty if nothing is."""
    path = place / name
    path.write_bytes(content)
    footage = None
    with within(SECONDS):
        try:
            footage = media.measure(path)
        except MediaError as error:
            if not str(error).strip():
                return "an error without a word"
    clip, picture = {"id": "a", "clip": name}, {"id": "a", "image": name, "prompt": "It stays."}
    member = {"id": "a", "references": [name], "prompt": "It stays."}
    scenes = {"clip": clip, "edit": {**clip, "then": [{"edit": "Snow."}]}, "image": picture, "reference": member}
    taken = {}
    for use, scene in scenes.items():
        board = Path(f"{use}.yaml")
        board.write_text(json.dumps({"title": "Odd", "scenes": [scene]}), encoding="utf-8")
        with within(SECONDS):
            code, _, complained = ran(lambda board=board: check((board,)))  # type: ignore[misc]
        if code not in (0, 2) or "Traceback" in complained:
            return f"check of it as {use}: exit {code}: {complained[-300:]}"
        taken[use] = code == 0
    if footage is None and any(taken.values()):
        return f"it cannot be measured, and check takes it: {taken}"
    if footage is not None and not footage.is_picture and taken["clip"]:
        return _as_clip(path, footage.seconds) or _memory()
    return _memory()


def _as_clip(path: Path, seconds: float) -> str:
    """Take a clip's frames out of it, and conform and trim two seconds of it. That it fails in a sentence is no fault."""
    if not 0 < seconds < 1e6:
        return f"it is {seconds} s long"
    house, end = media.House(160, 90), min(seconds, SHOWN_S)
    uses: list[Callable[[Path], Coroutine[Any, Any, object]]] = [
        lambda to: media.first_frame(path, to),
        lambda to: media.last_frame(path, to),
        lambda to: media.frame_at(path, seconds / 2, to),
        lambda to: media.conform(path, house, to, end=end),
        lambda to: media.trim(path, 0.0, end, to),
    ]
    for number, use in enumerate(uses):
        to = path.with_name(f"out-{number}.mp4" if number > 2 else f"out-{number}.png")
        try:
            with within(SECONDS):
                asyncio.run(use(to))
        except MediaError as error:
            if not str(error).strip():
                return "an error without a word"
        else:
            if not to.exists():
                return f"use {number} said nothing and wrote nothing"
    return ""


def _memory() -> str:
    kilobyte = 1 if sys.platform == "darwin" else 1024
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * kilobyte
    return f"memory: {most >> 20} MB" if most > MOST_BYTES else ""
