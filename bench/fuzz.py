"""
Say odd things to storyreel by the thousand, damage its vaults, and count what must never be.

    python bench/fuzz.py                                      10,000 answers, 2,000 runs, 2,000 records
    python bench/fuzz.py --answers 500 --runs 100 --records 100 --seed 7
    python bench/fuzz.py --seed 7 --only runs:1234            one case again

Answers go through the client alone; runs are whole runs with odd answers, each followed by one to which all is said as
it should be; records are vaults with one thing wrong about them, in which a run is begun. The service is played in the
same process (tests/fuzz/service.py) and remembers what it took: that is held against what was sent and what is kept.
Pauses take no time there, so hours of patience are over at once; a case that takes 20 s, or days by its own clock, hangs.

Ends with 1 if anything was found: a traceback or an exit 70, a request sent again, an id or a clip lost, a hang, or a
refusal of what had been taken.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzz.parts import PARTS, Finding, tried

KINDS = ("traceback", "exit 70", "sent again", "id lost", "clip lost", "hang", "money", "other")
SHOWN = 5
"""How many findings of one kind are shown in full."""


def share(seed: int, counts: dict[str, int], begin: int, step: int, until: float) -> None:
    """Try every `step`-th case of each part, and print each finding as a line of JSON, and how many were tried."""
    for part in PARTS:
        tried_so_far = 0
        for finding in tried(part, seed, range(begin, counts[part], step)):
            tried_so_far += 1
            if finding is not None:
                print(json.dumps(vars(finding)), flush=True)
            if time.time() > until:
                break
        print(json.dumps({"part": part, "tried": tried_so_far}), flush=True)


def all_shares(seed: int, counts: dict[str, int], minutes: float) -> tuple[Counter[str], list[Finding], bool]:
    """Try all cases in two processes; return how many of each part were tried, what was found, and whether both ended well."""
    until = time.time() + minutes * 60
    asked = [word for part in PARTS for word in (f"--{part}", str(counts[part]))]
    words = [sys.executable, __file__, "--seed", str(seed), *asked, "--until", str(until), "--share"]
    processes = [subprocess.Popen([*words, str(n)], stdout=subprocess.PIPE, text=True) for n in (0, 1)]
    done: Counter[str] = Counter()
    findings = []
    for process in processes:
        output, _ = process.communicate()
        for line in map(json.loads, output.splitlines()):
            if "tried" in line:
                done[line["part"]] += line["tried"]
            else:
                findings.append(Finding(**line))
    return done, findings, all(process.returncode == 0 for process in processes)


def main() -> int:
    """Try, count and say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--minutes", type=float, default=15.0, help="the longest that all of it may take")
    parser.add_argument("--only", help="part:number")
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, default=0.0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    counts = {"answers": asked.answers, "runs": asked.runs, "records": asked.records}
    if asked.only:
        part, _, number = asked.only.partition(":")
        findings = [finding for finding in tried(part, asked.seed, [int(number)]) if finding is not None]
        print("\n".join(f"{finding.kind}: {finding.words}" for finding in findings) or "nothing is wrong")
        return 1 if findings else 0
    if asked.share is not None:
        share(asked.seed, counts, asked.share, 2, asked.until)
        return 0
    began = time.monotonic()
    done, findings, well = all_shares(asked.seed, counts, asked.minutes)
    kinds = Counter(finding.kind for finding in findings)
    for kind in KINDS:
        for finding in [finding for finding in findings if finding.kind == kind][:SHOWN]:
            print(f"  {kind}: --only {finding.part}:{finding.number}  {finding.words[:700]}")
    print(f"seed {asked.seed}: " + ", ".join(f"{done[part]} of {counts[part]} {part}" for part in PARTS))
    print(", ".join(f"{kind} {kinds[kind]}" for kind in KINDS) + f"; {time.monotonic() - began:.0f} s")
    if not well or any(done[part] < counts[part] for part in PARTS):
        print("not all of it was tried")
        return 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
