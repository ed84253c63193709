"""
What a film costs to cut: storyreel beside copying its files, ffmpeg's own ways, MoviePy and melt; hard cuts and dissolves.

    python bench/assembly.py                      all of it; about an hour on two cores, and 12 GB of disk
    python bench/assembly.py --quick              10 and 60 clips, and 100 of 4 s; about five minutes
    python bench/assembly.py --only cuts          one part of it: cuts, others, many, dissolves, chain
    python bench/assembly.py --only chain --chain 60

The clips are made here: 720p, 24 frames a second, 10 s, a key frame every 48 frames, 3 Mbit/s, each with tones, noise, and a beep at its
start. Ten are encoded; the others are the same under other bytes, since a box is added that says nothing, so that each is a clip of its own.

"copy + AAC" is the least that a film of them can cost with ffmpeg: its concat demuxer copies the picture, and the sound is encoded
once. "cp" copies the files. "storyreel" is the cut as a run makes it, from clips in a vault to a proven film in it, in a process
of its own without its start. CPU seconds are user and system, of a process and all that it starts; memory is the most that they hold
together at one time (0 where there is no /proc). The floors, each with its number:

    60 clips: at most 1.5 times the CPU of copy + AAC, and 300 MB; 14,400 frames, 600.000 s; each beep within 1 ms of its joint
    1,000 clips: a clip costs no more than one of 100 does
    one joint of 60 changed: exactly one window is rendered

MoviePy is installed for this, in a folder that goes again (`pip install moviepy`). melt is used where it is installed
(`apt-get install melt`). What is missing is named in the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from storyreel.delivery.assemble import assemble
from storyreel.media import ffmpeg_binary
from storyreel.model.recipe import Clip
from storyreel.model.shot import Credit, Shot, StepClip
from storyreel.model.storyboard import Transition
from storyreel.model.timeline import Timeline
from storyreel.vault import open_vault

SIZE, RATE, SECONDS = (1280, 720), 24, 10
DISSOLVE_S = 0.5
DISTINCT = 10
MOVIEPY = "moviepy==2.2.1"
MOST_TIMES, MOST_MB, MOST_MS, MOST_GROWTH = 1.5, 300, 1.0, 1.15
BEEP = "if(lt(t,0.1),0.5*sin(2*PI*1000*t),0.06*sin(2*PI*{pitch}*t)+0.06*sin(2*PI*{pitch}*2.5*t)+0.06*(random(0)-0.5))"


@dataclass(frozen=True)
class Row:
    """One line of the table: what was done, how many clips, CPU and wall seconds, the most memory in MB, and a remark."""

    name: str
    clips: int
    cpu: float
    wall: float
    memory: float
    remark: str = ""


class Memory(threading.Thread):
    """The most that a process and its descendants hold together, in MB; shared pages are shared out among them."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.most = 0.0

    def run(self) -> None:
        """Look ten times a second."""
        while not self._over.wait(0.1):
            self.most = max(self.most, sum(map(_held, _family(self._pid))))

    def end(self) -> float:
        """Look no more, and return the most there was."""
        self._over.set()
        self.join()
        return self.most


def _family(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(each for child in children for each in _family(child))]


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def cpu() -> float:
    """Return the CPU seconds of this process and of those that it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measured(name: str, clips: int, command: Sequence[str | Path], remark: str = "") -> Row:
    """Run a command to its end."""
    before, began = cpu(), time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    memory = Memory(process.pid)
    memory.start()
    _, stderr = process.communicate()
    held = memory.end()
    if process.returncode:
        return Row(name, clips, 0, 0, 0, f"failed: {stderr.decode(errors='replace').strip().splitlines()[-1:]}")
    return Row(name, clips, cpu() - before, time.perf_counter() - began, held, remark)


class Studio:
    """Clips in a folder, made when they are first wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def clips(self, count: int, *, seconds: int = SECONDS, group: int = 48, rate: str = "3M") -> list[Path]:
        """Return so many clips, each of other bytes."""
        folder = self._folder / f"{seconds}-{group}"
        folder.mkdir(exist_ok=True)
        made = [self._encoded(folder, number, seconds, group, rate) for number in range(min(count, DISTINCT))]
        clips = [folder / f"clip{number:04}.mp4" for number in range(count)]
        for number, clip in enumerate(clips):
            if not clip.exists():
                # A box that a player passes by; ISO/IEC 14496-12, 4.2.
                box = struct.pack(">I4s16sI", 28, b"uuid", b"storyreel-bench-", number)
                clip.write_bytes(made[number % len(made)].read_bytes() + box)
        return clips

    def _encoded(self, folder: Path, number: int, seconds: int, group: int, rate: str) -> Path:
        clip = folder / f"base{number}.mp4"
        if clip.exists():
            return clip
        width, height = SIZE
        picture = f"testsrc2=s={width}x{height}:r={RATE},hue=h={360 // DISTINCT * number},format=yuv420p"
        colours = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
        ffmpeg(
            *("-f", "lavfi", "-i", f"{picture},noise=alls=5:allf=t,setparams={colours}"),
            *("-f", "lavfi", "-i", f"aevalsrc='{BEEP.format(pitch=220 + 55 * number)}':s=48000"),
            *("-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high", "-b:v", rate),
            *("-maxrate", rate, "-bufsize", "6M", "-g", str(group), "-c:a", "aac", "-ac", "2", "-b:a", "128k"),
            *("-x264-params", "8x8dct=1:cabac=1:bframes=3:b-adapt=0:ref=3:scenecut=0", str(clip)),
        )
        return clip


def ffmpeg(*words: str) -> None:
    """Run ffmpeg."""
    subprocess.run([ffmpeg_binary(), "-v", "error", "-nostdin", "-y", *words], check=True)


class Bench:
    """The measurements, in a folder that goes again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._studio = Studio(folder)
        self.rows: list[Row] = []
        self.faults: list[str] = []

    def add(self, row: Row) -> Row:
        """Keep a line, and print it."""
        self.rows.append(row)
        print(line(row), flush=True)
        return row

    def floor(self, holds: bool, text: str) -> None:
        """Note a floor that has not held."""
        print(f"  {'holds' if holds else 'DOES NOT HOLD'}: {text}", flush=True)
        if not holds:
            self.faults.append(text)

    def cuts(self, counts: Sequence[int]) -> None:
        """Hard cuts, beside the least that they can cost."""
        for count in counts:
            clips = self._studio.clips(count)
            listed, film = self._folder / "list.txt", self._folder / "film.mp4"
            listed.write_text("".join(f"file '{clip}'\n" for clip in clips))
            copy: list[str | Path] = [ffmpeg_binary(), "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", listed]
            self.add(measured("cp", count, ["cp", *clips, self._emptied("copies")]))
            self._emptied("copies")
            least = self.add(
                measured("ffmpeg, copy + AAC", count, [*copy, "-c:v", "copy", "-c:a", "aac", "-b:a", "192k", film])
            )
            (cut,) = self._ours(clips, [[]])
            row = self.add(cut.row("storyreel", f"{cut.cpu / least.cpu:.2f} times the CPU of copy + AAC"))
            if count == 60:
                self.floor(row.cpu <= MOST_TIMES * least.cpu, f"at most {MOST_TIMES} times the CPU of copy + AAC")
                self.floor(row.memory <= MOST_MB, f"at most {MOST_MB} MB")
            self.floor(cut.frames == count * SECONDS * RATE, f"{cut.frames} frames, {cut.seconds:.3f} s")
            apart = apart_ms(cut.film, SECONDS)
            self.floor(
                len(apart) == count and max(apart) < MOST_MS, f"{len(apart)} beeps, {max(apart):.2f} ms off at most"
            )
            self._emptied("vault")

    def others(self, count: int) -> None:
        """The ways that encode every frame, and those that other programs go."""
        clips = self._studio.clips(count)
        film = self._folder / "film.mp4"
        inputs = [word for clip in clips for word in ("-i", clip)]
        joined = "".join(f"[{number}:v][{number}:a]" for number in range(count)) + f"concat=n={count}:v=1:a=1[v][a]"
        mapped = ["-filter_complex", joined, "-map", "[v]", "-map", "[a]"]
        self.add(
            measured("ffmpeg, filter concat", count, [ffmpeg_binary(), "-v", "error", "-y", *inputs, *mapped, film])
        )
        if python := self._moviepy():
            script = (
                "import sys\nfrom moviepy import VideoFileClip, concatenate_videoclips\n"
                "concatenate_videoclips([VideoFileClip(clip) for clip in sys.argv[2:]]).write_videofile(sys.argv[1], logger=None)"
            )
            self.add(measured("MoviePy", count, [python, "-c", script, film, *clips]))
        if melt := shutil.which("melt"):
            consumer = [f"avformat:{film}", "vcodec=libx264", "acodec=aac"]
            self.add(measured("melt", count, [melt, "-silent", *clips, "-consumer", *consumer]))
        else:
            self.add(Row("melt", count, 0, 0, 0, "not installed: apt-get install melt"))

    def many(self, counts: Sequence[int]) -> None:
        """Very many short clips: what one of them costs."""
        each: list[float] = []
        for count in counts:
            (cut,) = self._ours(self._studio.clips(count, seconds=4, rate="1M"), [[]], seconds=4)
            each.append(cut.cpu / count * 1000)
            self.add(cut.row("storyreel, clips of 4 s", f"{each[-1]:.0f} ms a clip"))
            self._emptied("vault")
        growth = each[-1] / each[0]
        self.floor(growth <= MOST_GROWTH, f"{growth:.2f} times as much a clip at {counts[-1]} as at {counts[0]}")

    def dissolves(self, count: int) -> None:
        """A dissolve into each clip, and then one that is changed."""
        changed = ["dissolve"] * count
        changed[count // 2] = "wipe-left"
        for name, group in (("groups of 48", 48), ("one group", 250)):
            clips = self._studio.clips(count, group=group)
            cut, dissolved, again = self._ours(clips, [[], ["dissolve"], changed])
            joints = count - 1
            self.add(cut.row(f"{name}, hard cuts"))
            self.add(dissolved.row(f"{name}, dissolves", f"{(dissolved.cpu - cut.cpu) / joints:.2f} CPU s a joint"))
            self.add(again.row(f"{name}, one joint changed", f"{again.encoded} window rendered"))
            self.floor(again.encoded == 1, f"{again.encoded} rendered where one joint of {joints} was changed")
            self._emptied("vault")

    def chain(self, count: int) -> None:
        """Ffmpeg's own way to dissolves: filters behind each other, through which every frame goes."""
        clips = self._studio.clips(count)
        inputs = [word for clip in clips for word in ("-threads", "1", "-i", clip)]
        steps, picture, sound = [], "[0:v]", "[0:a]"
        for number in range(1, count):
            offset = number * (SECONDS - DISSOLVE_S)
            steps += [
                f"{picture}[{number}:v]xfade=transition=fade:duration={DISSOLVE_S}:offset={offset:.3f}[v{number}]",
                f"{sound}[{number}:a]acrossfade=d={DISSOLVE_S}[a{number}]",
            ]
            picture, sound = f"[v{number}]", f"[a{number}]"
        encoder = ["-c:v", "libx264", "-preset", "faster", "-crf", "16", "-c:a", "aac", "-b:a", "192k"]
        mapped = ["-filter_complex", ";".join(steps), "-map", picture, "-map", sound, *encoder]
        command = [ffmpeg_binary(), "-v", "error", "-y", *inputs, *mapped, self._folder / "film.mp4"]
        row = measured("ffmpeg, chain of xfade", count, command)
        self.add(
            Row(
                row.name,
                count,
                row.cpu,
                row.wall,
                row.memory,
                row.remark or f"{row.cpu / (count - 1):.2f} CPU s a joint",
            )
        )

    def _ours(self, clips: Sequence[Path], films: Sequence[Sequence[str]], seconds: int = SECONDS) -> list[Cut]:
        """Cut films of the same clips one after the other in one vault, in a process of its own."""
        task = {"clips": [str(clip) for clip in clips], "films": films, "seconds": seconds}
        task["vault"] = str(self._emptied("vault"))
        process = subprocess.Popen(
            [sys.executable, __file__, "--cut"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        memory = Memory(process.pid)
        memory.start()
        answer, _ = process.communicate(json.dumps(task))
        held = memory.end()
        if process.returncode:
            sys.exit("the cut failed")
        return [Cut(**each, clips=len(clips), memory=held) for each in json.loads(answer)]

    def _emptied(self, name: str) -> Path:
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _moviepy(self) -> Path | None:
        python = self._folder / "moviepy" / "bin" / "python"
        try:
            subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
            subprocess.run([python, "-m", "pip", "install", "-q", MOVIEPY], check=True, capture_output=True)
        except subprocess.CalledProcessError:
            self.add(Row("MoviePy", 0, 0, 0, 0, f"cannot be installed: pip install {MOVIEPY}"))
            return None
        return python


@dataclass(frozen=True)
class Cut:
    """A film that was cut: what it cost, and what it is. `encoded` are the times that ffmpeg encoded a picture for it."""

    film: str
    frames: int
    seconds: float
    cpu: float
    wall: float
    encoded: int
    clips: int
    memory: float

    def row(self, name: str, remark: str = "") -> Row:
        """Return it as a line of the table."""
        return Row(name, self.clips, self.cpu, self.wall, self.memory, remark)


async def cut_films(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut films, each from the clips of a task, and return what each cost; the joints of a film are repeated as often as is wanted."""
    folder, seconds = Path(task["vault"]), task["seconds"]
    log = folder / "log"
    os.environ["STORYREEL_FFMPEG_LOG"] = str(log)
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    clips = {
        f"s{number}/video": Clip(
            request_id=f"r{number}", sha256=await vault.clips.keep(Path(clip), ".mp4"), frames=seconds * RATE
        )
        for number, clip in enumerate(task["clips"])
    }
    results = []
    for kinds in task["films"]:
        log.write_text("")
        before, began = cpu(), time.perf_counter()
        path, record = await assemble(Timeline(SIZE, shots(list(clips), seconds, kinds)), clips, vault)
        results.append(
            {
                "film": str(path),
                "frames": record.timeline.frames,
                "seconds": record.timeline.seconds,
                "cpu": cpu() - before,
                "wall": time.perf_counter() - began,
                "encoded": log.read_text().count('"encodes_video": true'),
            }
        )
    return results


def shots(steps: Sequence[str], seconds: int, kinds: Sequence[str]) -> tuple[Shot, ...]:
    """Return a shot of each step's clip, with a transition of these kinds, in turn, into all but the first; none makes cuts."""
    return tuple(
        Shot(
            step.partition("/")[0],
            StepClip(step, seconds),
            0.0,
            None,
            (Credit(step, 0.0, seconds),),
            Transition(kinds[number % len(kinds)], DISSOLVE_S) if number and kinds else None,
            Fraction(1),
        )
        for number, step in enumerate(steps)
    )


def apart_ms(film: str, seconds: int) -> list[float]:
    """Return of each beep of a film of hard cuts by how many milliseconds it is off the first frame of its clip."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48000)
    samples: list[np.ndarray] = []
    with av.open(film) as reader:
        start = 0
        for frame in reader.decode(audio=0):
            if not samples:
                start = round((frame.pts or 0) * frame.time_base * 48000) if frame.time_base else 0
            samples += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    heard = np.concatenate([np.zeros(max(0, start), np.int16), *samples])[max(0, -start) :]
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 0.25 * 32767)
    firsts = loud[np.flatnonzero(np.diff(loud, prepend=-48000) > 24000)]
    return [abs(first - round(first / (seconds * 48000)) * seconds * 48000) / 48 for first in firsts.tolist()]


def line(row: Row) -> str:
    """Return a row as text."""
    if not row.cpu:
        return f"{row.name:32}{row.clips:>6}  {row.remark}"
    return f"{row.name:32}{row.clips:>6}{row.cpu:>10.2f} s{row.wall:>9.2f} s{row.memory:>8.0f} MB  {row.remark}"


def main() -> int:
    """Run the bench and print its table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("cuts", "others", "many", "dissolves", "chain")
    flags.add_argument("--only", choices=parts, action="append", help="this part alone; may be given more than once")
    flags.add_argument("--quick", action="store_true", help="fewer clips")
    flags.add_argument("--clips", type=int, default=60, help="how many the films with dissolves have")
    flags.add_argument(
        "--chain", type=int, help="how many clips the chain of xfade has; as many as those, if not given"
    )
    flags.add_argument("--cut", action="store_true", help=argparse.SUPPRESS)
    given = flags.parse_args()
    if given.cut:
        print(json.dumps(asyncio.run(cut_films(json.load(sys.stdin)))))
        return 0
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as folder:
        bench = Bench(Path(folder))
        work: dict[str, Callable[[], None]] = {
            "cuts": lambda: bench.cuts((10, 60) if given.quick else (10, 60, 240)),
            "others": lambda: bench.others(10),
            "many": lambda: bench.many((25, 100) if given.quick else (100, 1000)),
            "dissolves": lambda: bench.dissolves(given.clips),
            "chain": lambda: bench.chain(given.chain or given.clips),
        }
        print(f"{'':32}{'clips':>6}{'CPU':>12}{'wall':>11}{'memory':>11}")
        for part in given.only or parts:
            work[part]()
    for fault in bench.faults:
        print(f"does not hold: {fault}")
    return 1 if bench.faults else 0


if __name__ == "__main__":
    sys.exit(main())
