"""
What a newcomer waits for, as whole processes: a clip from the sandbox, a plan; beside a bare Python and a bare ffmpeg.

    python bench/first_minute.py            (five runs after one that does not count, on one core where the system can)

Prints the median, least and most of the wall seconds. It judges nothing.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from storyreel.media import ffmpeg_binary

ROOT = Path(__file__).parents[1]
CALM = "A lighthouse on a rocky cliff above the sea at dusk, gulls, slow dolly right"
BUSY = "A lighthouse on a rocky cliff above the sea at dusk, gulls, a rising wind, slow dolly right"
CLIP = """
import sys
from pathlib import Path
from storyreel.sandbox.stage import clips as film
film.text_to_video(film.Shot(sys.argv[1], 1280, 720, 10.0), Path("clip.mp4"))
"""
RUNS = 5


def main() -> None:
    """Time each command and print a line for it."""
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ffmpeg -version": [ffmpeg_binary(), "-version"],
        "10 s of 720p with sound": [sys.executable, "-c", CLIP, CALM],
        "the same, leaves in the wind": [sys.executable, "-c", CLIP, BUSY],
        "storyreel plan": [sys.executable, "-m", "storyreel", "plan", str(ROOT / "storyboards" / "lighthouse.yaml")],
    }
    print(
        f"{'command':30} {'median':>8} {'least':>8} {'most':>8}   seconds, {RUNS} runs, {' '.join(pinned) or 'not pinned'}"
    )
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "STORYREEL_VAULT": f"file:{folder}/vault"}
        for name, command in commands.items():
            took = []
            for _ in range(RUNS + 1):
                began = time.perf_counter()
                subprocess.run([*pinned, *command], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
                took.append(time.perf_counter() - began)
            counted = took[1:]
            print(f"{name:30} {statistics.median(counted):8.2f} {min(counted):8.2f} {max(counted):8.2f}")


if __name__ == "__main__":
    main()
