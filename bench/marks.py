"""
Count the marks that good clips get, and what looking at clips costs.

    python bench/marks.py                    both, about ten minutes
    python bench/marks.py --only marks       false marks over more than 200 ordinary clips
    python bench/marks.py --only cpu         processor time of the check, with and without the look

Ordinary clips are the sandbox's of many prompts and their extensions, night scenes with a lamp, slow and nearly still ones, fades, cards, and
files as cameras, phones, recorders, browsers and editors write them. None of them has anything wrong with it that a mark is for, so every
mark is a false one. Clips of the sandbox are too clean to be a measure by themselves: the others have grain, heavy compression, or both.

The processor time is of this process and of ffmpeg, for clips of the sandbox of 480p and 720p: counted and decoded, as a clip is proven
whole; and counted, decoded and looked at in the same decode. The two take turns, and the median of their ratio is told.

Ends with 1 if 2 % or more of the clips have a mark, or the look costs 15 % or more.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.field.clip import Clip, NotMade
from tests.field.clips import CAMERAS, PHONES
from tests.field.screens import BROWSERS, EDITORS, RECORDERS

from storyreel.errors import StoryreelError
from storyreel.mark_limits import USUAL, MarkLimits
from storyreel.media import ffmpeg_binary, probe
from storyreel.media.integrity import check_decodes, counted
from storyreel.media.quality.inspect import check_and_inspect, inspect
from storyreel.media.quality.judge import Asked, judge
from storyreel.sandbox.stage import clips

MOST_FALSE, MOST_COST = 0.02, 0.15
ROUNDS = 5
WIDE, SMALL, UPRIGHT = (1280, 720), (854, 480), (480, 854)

PLACES = (
    "A lighthouse on a rocky coast", "A tram on a hill in the rain", "A kitchen with a copper pot", "A forest path in fog",
    "A red barn in a field", "A harbour with fishing boats", "A desert road", "A snowy village", "A city from above",
    "A bottle of perfume on marble", "A cat on a window sill", "A car on a bridge", "A market street", "A mountain lake",
)  # fmt: skip
TIMES = ("at noon.", "at dusk, slowly pushing in.", "at night, windows lit.", "in the morning mist, static camera.",
         "under a stormy sky.", "at night, no moon, one lamp burns.")  # fmt: skip
NIGHT = (
    "color=c=0x{ground}:s=854x480:r=24:d=5,noise=alls={grain}:allf=t,drawbox=x={x}:y={y}:w={w}:h={w}:c=0xffd9a0:t=fill"
)
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "96k")
ROOM = "anoisesrc=c=pink:a=0.02:d=5:r=48000"


def ffmpeg(*args: str) -> None:
    """Run the ffmpeg that storyreel runs."""
    subprocess.run([ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *args], check=True)


Good = tuple[str, Path, Asked, MarkLimits]
"""The kind of an ordinary clip, its file, what was asked of it, and from where on it is told."""


def drawn(folder: Path) -> Iterator[Good]:
    """Yield clips of the sandbox, of every place at every time, and extensions of some."""
    for number, (place, time) in enumerate((place, time) for place in PLACES for time in TIMES):
        size = (SMALL, UPRIGHT, SMALL, UPRIGHT, SMALL, WIDE)[number % 6]
        path, seconds = folder / f"drawn-{number}.mp4", 3 + number % 2
        clips.text_to_video(clips.Shot(f"{place} {time}", *size, float(seconds)), path)
        asked = Asked(seconds=seconds, rate=24, ratio=size[0] / size[1], short_side=min(size), sound=True)
        yield "sandbox", path, asked, USUAL
        if number % 6 == 1:
            longer = folder / f"longer-{number}.mp4"
            clips.extend_video(PLACES[(number + 5) % len(PLACES)], path, 2.0, longer)
            yield (
                "extension",
                longer,
                Asked(seconds + 2, 24, seams=(float(seconds),), begins=seconds, sound=True),
                USUAL,
            )


def nights(folder: Path) -> Iterator[Good]:
    """Yield scenes that are dark and not black: grain over near black, and a small lamp, which may flicker."""
    grounds, lamps = ("101014", "0a0a10", "14141c", "06060a"), ((100, 60, 40), (700, 400, 16), (420, 220, 24))
    for number, (ground, (x, y, width)) in enumerate((ground, lamp) for ground in grounds for lamp in lamps):
        for grain in (8, 14):
            path = folder / f"night-{number}-{grain}.mp4"
            picture = NIGHT.format(ground=ground, grain=grain, x=x, y=y, w=width)
            if number % 2:
                picture += ",eq=brightness='0.02*sin(9*t)':eval=frame"
            ffmpeg(
                "-f",
                "lavfi",
                "-i",
                picture,
                "-f",
                "lavfi",
                "-i",
                ROOM,
                *X264,
                "-crf",
                "28",
                *AAC,
                "-shortest",
                str(path),
            )
            yield "night", path, Asked(5, 24, sound=True), USUAL


def slow(folder: Path) -> Iterator[Good]:
    """Yield scenes in which hardly anything moves: grain on a still, the slowest push, a flame in a corner; well and badly compressed."""
    for number, place in enumerate(PLACES[:8]):
        still = folder / f"still-{number}.png"
        clips.still(place, *SMALL, still)
        ways = {
            "grain": "noise=alls=12:allf=t",
            "push": "zoompan=z='1+0.004*on/24':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1:s=854x480:fps=24",
            "flame": "drawbox=x=600:y=330:w=16:h=20:c=0xffb060:t=fill:enable='lt(mod(t,0.4),0.2)'",
        }
        for way, filters in ways.items():
            path, crf = folder / f"slow-{number}-{way}.mp4", "30" if number % 2 else "20"
            ffmpeg("-loop", "1", "-framerate", "24", "-t", "5", "-i", str(still), "-f", "lavfi", "-i", ROOM, "-vf", filters,
                   *X264, "-crf", crf, *AAC, "-shortest", str(path))  # fmt: skip
            yield f"slow, {way}", path, Asked(5, 24, 854 / 480, 480, sound=True), USUAL


def fades(folder: Path) -> Iterator[Good]:
    """Yield clips that come out of the dark and go back into it."""
    for number, place in enumerate(PLACES):
        plain, path = folder / f"before-{number}.mp4", folder / f"fade-{number}.mp4"
        clips.text_to_video(clips.Shot(f"{place}, slowly.", *SMALL, 4.0), plain)
        length = (0.5, 0.8, 1.0)[number % 3]
        picture = f"fade=t=in:d={length},fade=t=out:st={4 - length}:d={length}"
        sound = f"afade=t=in:d={length},afade=t=out:st={4 - length}:d={length}"
        ffmpeg("-i", str(plain), "-vf", picture, "-af", sound, *X264, *AAC, str(path))
        yield "fade", path, Asked(4, 24, 854 / 480, 480, sound=True), USUAL


def cards(folder: Path) -> Iterator[Good]:
    """Yield cards, some with a fade. They stand, as they are meant to: of what is drawn here no run asks whether it moves."""
    from PIL import Image

    from storyreel.media.words.card import draw_card
    from storyreel.model.drawn import Card

    for number, ground in enumerate(
        ("#000000", "#0b1020", "#101010", "#ffffff", "#700000", "#003300", "#202020", "#f0e0c0")
    ):
        still = folder / f"card-{number}.png"
        card = Card(text=PLACES[number].upper(), background=ground, color="#000000" if number in (3, 7) else "#ffffff")
        picture: Image.Image = draw_card(card, WIDE)
        picture.save(still)
        for way in ("null", "fade=t=in:d=0.5,fade=t=out:st=2.5:d=0.5"):
            path = folder / f"card-{number}-{len(way)}.mp4"
            ffmpeg("-loop", "1", "-framerate", "24", "-t", "3", "-i", str(still), "-vf", way, *X264, str(path))
            yield "card", path, Asked(3, 24, 16 / 9, 720), MarkLimits(frozen=None)


def field(folder: Path) -> Iterator[Good]:
    """Yield files as people have them, with a beep in each; nobody has asked for their length, rate or size."""
    kinds: list[Clip] = [
        each for group in (PHONES, CAMERAS, RECORDERS, BROWSERS, EDITORS) for each in group if isinstance(each, Clip)
    ]
    for kind in kinds:
        if "refused" in kind.expected:
            continue
        try:
            path = kind.make(folder)
        except NotMade:
            continue
        yield "field", path, Asked(), USUAL


async def count_marks() -> bool:
    """Print the marks of ordinary clips by kind, and each one; return whether there are few enough."""
    looked, marked = Counter[str](), Counter[str]()
    unseen = 0
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as name:
        folder = Path(name)
        for ways in (drawn, nights, slow, fades, cards, field):
            for kind, path, asked, limits in ways(folder):
                try:
                    inspection = await inspect(path, await asyncio.to_thread(probe, path))
                except StoryreelError:
                    continue
                unseen += inspection is None
                looked[kind] += inspection is not None
                marks = judge(inspection, asked, limits) if inspection is not None else ()
                marked[kind] += bool(marks)
                if marks:
                    print(f"  {path.name}: {' '.join(map(str, marks))}", flush=True)
    for kind, count in looked.items():
        print(f"{kind:14} {count:4} clips {marked[kind]:4} with a mark")
    share = marked.total() / looked.total()
    print(
        f"{looked.total()} ordinary clips, {marked.total()} with a mark: {share:.1%} ({unseen} could not be looked at)"
    )
    return share < MOST_FALSE


def _spent() -> float:
    """Return the processor seconds of this process and of those that it has waited for."""
    mine, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + others.ru_utime + others.ru_stime


async def _before(path: Path) -> float:
    began = _spent()
    await check_decodes(path, await counted(path), strictly=True)
    return _spent() - began


async def _after(path: Path) -> float:
    began = _spent()
    await check_and_inspect(path)
    return _spent() - began


async def measure_cost() -> bool:
    """Print the processor time of the check with and without the look; return whether it is little enough."""
    shares: list[float] = []
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as name:
        for words, size in (("480p", SMALL), ("720p", WIDE)):
            for number, place in enumerate(PLACES[:3]):
                path = Path(name) / f"{words}-{number}.mp4"
                clips.text_to_video(clips.Shot(f"{place}, in the rain.", *size, 10.0), path)
                await _after(path)  # what is loaded once a process is loaded
                await _before(path)
                turns = [(await _before(path), await _after(path)) for _ in range(ROUNDS)]
                before, after = (statistics.median(times) for times in zip(*turns, strict=True))
                shares += [look / plain - 1 for plain, look in turns]
                print(
                    f"{words}, 10 s, {place:34} {before:.3f} s -> {after:.3f} s CPU: {after / before - 1:+.1%}",
                    flush=True,
                )
    share = statistics.median(shares)
    print(f"the look costs {share:.1%} of the check (median of {len(shares)} turns)")
    return share < MOST_COST


async def main() -> int:
    """Measure what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("marks", "cpu"))
    only = parser.parse_args().only
    few = only == "cpu" or await count_marks()
    cheap = only == "marks" or await measure_cost()
    return 0 if few and cheap else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
