"""
What the sound of a film costs: 60 and 240 clips of 10 s with hard cuts, as they are, with music and voices, and brought to a loudness.

    python bench/soundtrack.py                60 and 240 clips; about seven minutes on two cores, and 2 GB of disk
    python bench/soundtrack.py --clips 60

The clips are those of `bench/assembly.py`. Every fourth shot has a voice of 5 s over it, under which a bed of 30 s that is repeated
goes down by 10 dB; the loudness is -14 LUFS. Each film is cut in a process and a vault of its own, from clips in the vault to a proven film
in it; "AAC" is what ffmpeg takes to encode as many seconds of sound once. CPU is user and system; memory is the most that all its
processes hold together.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from assembly import (  # type: ignore[import-not-found]
    RATE,
    SECONDS,
    SIZE,
    Memory,
    Row,
    Studio,
    cpu,
    ffmpeg,
    line,
    measured,
    shots,
)

from storyreel.delivery.assemble import assemble
from storyreel.media import ffmpeg_binary, measure_sound
from storyreel.model.recipe import Clip
from storyreel.model.sound import LaidSound, Music
from storyreel.model.timeline import Timeline
from storyreel.vault import open_vault

FILMS = {"hard cuts alone": (False, None), "with music and voices": (True, None), "and -14 LUFS": (True, -14.0)}


def given(folder: Path) -> dict[str, str]:
    """Make a bed of music and a voice."""
    made = {"bed": (30, "0.2*sin(2*PI*(220+40*sin(t))*t)"), "voice": (5, "0.3*sin(2*PI*180*t)*abs(sin(7*t))")}
    for name, (seconds, wave) in made.items():
        ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{wave}':s=48000", "-t", str(seconds), str(folder / f"{name}.wav"))
    return {name: str(folder / f"{name}.wav") for name in made}


async def cut(task: dict[str, Any]) -> dict[str, float]:
    """Cut a film, and return what it cost and came out as."""
    folder = Path(task["vault"])
    vault = open_vault(str(folder / "vault"), cache=folder / "cache")
    clips = {
        f"s{number}/video": Clip(
            request_id=f"r{number}", sha256=await vault.clips.keep(Path(clip), ".mp4"), frames=SECONDS * RATE
        )
        for number, clip in enumerate(task["clips"])
    }
    picture = shots(list(clips), SECONDS, [])
    music: tuple[Music, ...] = ()
    if task["sounds"]:
        bed, voice = (measure_sound(Path(task["sounds"][name])) for name in ("bed", "voice"))
        picture = tuple(
            shot if number % 4 else replace(shot, laid=(LaidSound("voiceover", voice, at=1.0),))
            for number, shot in enumerate(picture)
        )
        music = (Music(bed, loop=True, gain_db=-12.0, fade_in=1.0, fade_out=2.0),)
    before, began = cpu(), time.perf_counter()
    film = Timeline(SIZE, picture, music=music, loudness=task["loudness"])
    _, record = await assemble(film, clips, vault)
    measured_loudness = record.sound.loudness if record.sound is not None else None
    return {"cpu": cpu() - before, "wall": time.perf_counter() - began, "loudness": measured_loudness or 0.0}


def ours(name: str, task: dict[str, Any], least: float) -> Row:
    """Cut a film in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as vault:
        process = subprocess.Popen(
            [sys.executable, __file__, "--cut"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        memory = Memory(process.pid)
        memory.start()
        answer, _ = process.communicate(json.dumps({**task, "vault": vault}))
        held = memory.end()
    if process.returncode:
        sys.exit("the cut failed")
    came = json.loads(answer)
    remark = f"{came['cpu'] / least:.2f} times one AAC" + (f", {came['loudness']:.2f} LUFS" if task["loudness"] else "")
    return Row(name, len(task["clips"]), came["cpu"], came["wall"], held, remark)


def main() -> int:
    """Run the bench and print its table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--clips", type=int, nargs="*", default=[60, 240])
    flags.add_argument("--cut", action="store_true", help=argparse.SUPPRESS)
    asked = flags.parse_args()
    if asked.cut:
        print(json.dumps(asyncio.run(cut(json.load(sys.stdin)))))
        return 0
    print(f"{'':32}{'clips':>6}{'CPU':>12}{'wall':>11}{'memory':>11}")
    with tempfile.TemporaryDirectory(prefix="storyreel-bench-") as place:
        folder = Path(place)
        files = given(folder)
        for count in asked.clips:
            clips = [str(clip) for clip in Studio(folder).clips(count)]
            listed = folder / "list.txt"
            listed.write_text("".join(f"file '{clip}'\n" for clip in clips))
            whole = folder / "whole.wav"
            ffmpeg("-f", "concat", "-safe", "0", "-i", str(listed), "-vn", str(whole))
            encode = [
                ffmpeg_binary(),
                "-v",
                "error",
                "-y",
                "-i",
                whole,
                "-c:a",
                "aac",
                "-b:a",
                "192k",
                folder / "a.m4a",
            ]
            least = measured("AAC", count, encode)
            print(line(least), flush=True)
            for name, (sounds, loudness) in FILMS.items():
                task = {"clips": clips, "sounds": files if sounds else None, "loudness": loudness}
                print(line(ours(name, task, least.cpu)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
