"""
The kinds of odd things, each by number: the same seed and number give the same case.
"""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from tests.fuzz.answers import try_answer
from tests.fuzz.boards import desk
from tests.fuzz.clock import Hung, hasty
from tests.fuzz.files import bench
from tests.fuzz.files import made as made_files
from tests.fuzz.records import made, try_record
from tests.fuzz.runs import stage, try_run
from tests.media.filming import film_clip

PARTS = ("answers", "runs", "records", "boards", "files")


@dataclass(frozen=True)
class Finding:
    """What was wrong about one case: `kind` is traceback, exit 70, hang, crash, sent again, id lost, clip lost, memory or other."""

    part: str
    number: int
    kind: str
    words: str


Case = Callable[[Random], str]


def tried(
    part: str, seed: int, numbers: Iterable[int], seeds: Sequence[str] = (), folder: Path | None = None
) -> Iterator[Finding | None]:
    """
    Try the cases of a part, and say of each what was wrong about it; None if nothing was.

    Args:
        part: Of `PARTS`.
        seed: Of the dice.
        numbers: Of the cases.
        seeds: The kinds of files that odd ones are made of; all if empty.
        folder: Where these are, or are put.
    """
    with prepared(part, seeds, folder) as case:
        for number in numbers:
            try:
                words = case(Random(f"{seed}:{part}:{number}"))
            except Hung as hung:
                yield Finding(part, number, "hang", f"{hung}, {_where(hung)}")
            except Exception as error:
                yield Finding(part, number, "traceback", f"{type(error).__name__}: {str(error)[:300]}, {_where(error)}")
            else:
                yield Finding(part, number, _kind(words), words) if words else None


@contextmanager
def prepared(part: str, seeds: Sequence[str] = (), folder: Path | None = None) -> Iterator[Case]:
    """Make what the cases of a part need once, and give what tries one."""
    logging.getLogger("storyreel").setLevel(logging.ERROR)
    if part not in ("boards", "files"):
        with _beside_a_service(part) as case:
            yield case
        return
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        with desk(place) if part == "boards" else bench(place, made_files(folder or place, seeds)) as case:
            yield case


@contextmanager
def _beside_a_service(part: str) -> Iterator[Case]:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), (9, 80, 120)).save(picture, "JPEG")
    still = picture.getvalue()
    with tempfile.TemporaryDirectory() as scratch:
        clip = film_clip(Path(scratch) / "clip.mp4", size="64x64", seconds=1.0)
        whole = clip.read_bytes()
        with hasty() as clock, stage(clip) as folder:
            match part:
                case "answers":
                    yield lambda dice: try_answer(dice, clock, whole, still)
                case "runs":
                    yield lambda dice: _fresh(folder) or try_run(dice, clock, folder, whole, still)
                case _:
                    vaults = made(folder, clock, whole, still)
                    yield lambda dice: _fresh(folder) or try_record(dice, clock, vaults, whole, still)


def _fresh(folder: Path) -> str:
    for name in ("vault", "out", "cache"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return ""


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/storyreel/" in frame.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside storyreel"


def _kind(words: str) -> str:
    kinds = ("exit 70", "sent again", "id lost", "clip lost", "money", "memory")
    return next((kind for kind in kinds if kind in words[:200]), "other")
