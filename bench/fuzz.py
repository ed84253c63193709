"""
Say odd things to storyreel by the thousand, damage its vaults, give it odd boards and files, and count what must never be.

    python bench/fuzz.py                      10,000 answers, 2,000 runs, 2,000 records, 2,000 boards, 500 files
    python bench/fuzz.py --boards 2000 --files 500           these two alone; so with every part
    python bench/fuzz.py --seed 7 --only files:123           one case again
    python bench/fuzz.py --seed 7 --only files:123 --keep    and its file or board is left where this is called

Answers go through the client alone; runs are whole runs with odd answers, each followed by one to which all is said as
it should be; records are vaults with one thing wrong about them, in which a run is begun. The service is played in the
same process (tests/fuzz/service.py) and remembers what it took: that is held against what was sent and what is kept.
Pauses take no time there, so hours of patience are over at once; a case that takes 20 s, or days by its own clock, hangs.

Boards are checked in every format, planned, and held against the schema; one of a hundred also by a process of its own.
Files are measured, checked as own footage and as pictures, cut into frames, conformed and trimmed.

Two processes try the cases. One that dies, or is silent for longer than any case may take, is a finding as well: it is
ended, and another one goes on behind the case.

Ends with 1 if anything was found: a traceback or an exit 70, a request sent again, an id or a clip lost, a hang, or a
refusal of what had been taken.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzz.files import made
from tests.fuzz.parts import PARTS, Finding, tried

USUAL = {"answers": 10_000, "runs": 2_000, "records": 2_000, "boards": 2_000, "files": 500}
KINDS = ("traceback", "exit 70", "sent again", "id lost", "clip lost", "hang", "crash", "money", "memory", "other")
SHOWN = 5
"""How many findings of one kind are shown in full."""
SILENT_S = 600.0
"""The longest that a process may say nothing: several times what any case may take."""


def share(
    seed: int, counts: dict[str, int], begin: dict[str, int], step: int, until: float, folder: Path | None
) -> None:
    """Try every `step`-th case of each part, and print as lines of JSON what is begun, what was found and what is done."""
    for part in PARTS:
        numbers = range(begin[part], counts[part], step)
        if not numbers:
            continue
        for number, finding in zip(numbers, tried(part, seed, _told(part, numbers), folder=folder), strict=False):
            if finding is not None:
                _say(vars(finding))
            _say({"done": part, "number": number})
            if time.time() > until:
                return


def _told(part: str, numbers: range) -> Any:
    for number in numbers:
        _say({"begun": part, "number": number})
        yield number


def _say(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


class Share:
    """A share of the cases, and the process that tries them: when it dies or hangs, another one goes on behind the case."""

    def __init__(self, number: int, step: int, counts: dict[str, int], words: list[str]) -> None:
        self.next = dict.fromkeys(PARTS, number)
        self.done: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self._step, self._counts, self._words = step, counts, words

    def try_all(self) -> None:
        """Try all cases of the share."""
        while any(self.next[part] < self._counts[part] for part in PARTS):
            before = dict(self.next)
            if self._one_process():
                return
            if before == self.next:
                self.findings.append(Finding("", -1, "crash", "a process ended before it began"))
                return

    def _one_process(self) -> bool:
        """Start a process and listen until it ends; return whether that was its end as it should be."""
        words = [sys.executable, __file__, *self._words, "--share", json.dumps(self.next)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
        now: tuple[str, int] | None = None
        silent = False
        while True:
            try:
                line = lines.get(timeout=SILENT_S)
            except queue.Empty:
                silent = True
                process.kill()
                break
            if line is None:
                break
            told = json.loads(line)
            if "begun" in told:
                now = told["begun"], told["number"]
            elif "done" in told:
                self._is_done(told["done"], told["number"])
                self.done[told["done"]] += 1
                now = None
            else:
                self.findings.append(Finding(**told))
                print(f"  {told['kind']}: --only {told['part']}:{told['number']}", file=sys.stderr, flush=True)
        code = process.wait()
        if code == 0 and not silent:
            return True
        if now is not None:
            kind, why = (
                ("hang", f"silent for {SILENT_S:g} s") if silent else ("crash", f"the process ended with {code}")
            )
            self.findings.append(Finding(*now, kind, why))
            self._is_done(*now)
            self.done[now[0]] += 1
        return False

    def _is_done(self, part: str, number: int) -> None:
        for earlier in PARTS[: PARTS.index(part)]:
            self.next[earlier] = max(self.next[earlier], self._counts[earlier])
        self.next[part] = number + self._step


def _listen(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def all_shares(seed: int, counts: dict[str, int], minutes: float) -> tuple[Counter[str], list[Finding]]:
    """Try all cases in two processes; return how many of each part were tried, and what was found."""
    asked = [word for part in PARTS for word in (f"--{part}", str(counts[part]))]
    until = time.time() + minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        if counts["files"]:
            made(Path(folder))
        words = ["--seed", str(seed), *asked, "--until", str(until), "--folder", folder]
        shares = [Share(number, 2, counts, words) for number in (0, 1)]
        threads = [threading.Thread(target=each.try_all) for each in shares]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum((each.done for each in shares), Counter()), [finding for each in shares for finding in each.findings]


def main() -> int:
    """Try, count and say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part in PARTS:
        parser.add_argument(f"--{part}", type=int, help=f"how many; {USUAL[part]} if no part is named, else none")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--minutes", type=float, default=40.0, help="the longest that all of it may take")
    parser.add_argument("--only", help="part:number")
    parser.add_argument("--keep", action="store_true", help="with --only: leave the board or the file in this folder")
    parser.add_argument("--share", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, default=0.0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    named = {part: getattr(asked, part) for part in PARTS}
    counts = USUAL if set(named.values()) == {None} else {part: count or 0 for part, count in named.items()}
    if asked.only:
        return again(asked.seed, asked.only, keep=asked.keep)
    if asked.share is not None:
        share(asked.seed, counts, asked.share, 2, asked.until, asked.folder)
        return 0
    began = time.monotonic()
    done, findings = all_shares(asked.seed, counts, asked.minutes)
    kinds = Counter(finding.kind for finding in findings)
    for kind in KINDS:
        for finding in [finding for finding in findings if finding.kind == kind][:SHOWN]:
            print(f"  {kind}: --seed {asked.seed} --only {finding.part}:{finding.number}  {finding.words[:700]}")
    print(
        f"seed {asked.seed}: " + ", ".join(f"{done[part]} of {counts[part]} {part}" for part in PARTS if counts[part])
    )
    print(", ".join(f"{kind} {kinds[kind]}" for kind in KINDS) + f"; {time.monotonic() - began:.0f} s")
    if any(done[part] < counts[part] for part in PARTS):
        print("not all of it was tried")
        return 1
    return 1 if findings else 0


def again(seed: int, which: str, *, keep: bool) -> int:
    """Try one case again; keep what it was about."""
    part, _, number = which.partition(":")
    here, found = Path.cwd(), False
    for finding in tried(part, seed, [int(number)]):
        if keep and part in ("boards", "files"):
            kept = here / f"{part}-{seed}-{number}"
            shutil.copytree(Path.cwd(), kept, ignore=None, dirs_exist_ok=True)
            print(f"its files are in {kept}")
        if finding is not None:
            found = True
            print(f"{finding.kind}: {finding.words}")
    os.chdir(here)
    if not found:
        print("nothing is wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
