"""
Shoot many boards from the command line, several at a time, where no desk is open and no server is named.

    python bench/shoots.py --shoots 200 --at-once 10

Each command has a server of its own, and the first ones make together what all others start from. Every one of them has to
end with its film and nothing sent twice, and no server may be left. Prints how long that took; ends with 1 if it is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BOARD = """
title: Board {n}
defaults: {{duration: 1, resolution: 480p}}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk, {n}."
"""
PATIENCE_S = 900


def main() -> int:
    """Shoot them, and tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--shoots", type=int, default=200)
    asked.add_argument("--at-once", type=int, default=10)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyreel-") as scratch:
        folder = Path(scratch)
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "STORYREEL_", "XAI_"))
        }
        env |= {
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "STORYREEL_SANDBOX_LATENCY": "0",
        }

        def shoot(n: int) -> tuple[int, float, str]:
            (folder / f"board-{n}.yaml").write_text(BOARD.format(n=n), encoding="utf-8")
            began = time.monotonic()
            words = [sys.executable, "-m", "storyreel", "shoot", f"board-{n}.yaml", "--sandbox"]
            done = subprocess.run(
                words, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
            return done.returncode, time.monotonic() - began, done.stdout + done.stderr

        began = time.monotonic()
        with ThreadPoolExecutor(options.at_once) as crew:
            ends = list(crew.map(shoot, range(options.shoots)))
        took = time.monotonic() - began
        films = list((folder / "out").glob("*/*.mp4"))
        posts = (folder / "data" / "storyreel" / "sandbox" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
        twice = [
            key for key, times in Counter(json.loads(post)["idempotency_key"] for post in posts).items() if times > 1
        ]
        left = [path.name for path in (folder / "data" / "storyreel" / "prefect" / "alone").iterdir() if path.is_dir()]
        wrong = [output for code, _, output in ends if code]
        each = sorted(seconds for _, seconds, _ in ends)
        print(
            f"{options.shoots} shoots, {options.at_once} at a time: {took:.0f} s, each {each[0]:.1f} to {each[-1]:.1f} s"
        )
        print(f"films {len(films)}, requests {len(posts)}, sent twice {len(twice)}, servers left {len(left)}")
        for output in wrong[:5]:
            print(f"--- one that went wrong:\n{output}")
        return int(bool(wrong or twice or left) or len(films) != options.shoots or len(posts) != options.shoots)


if __name__ == "__main__":
    sys.exit(main())
