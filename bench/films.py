"""
Kill shoots of all films of a storyboard at random seconds, and count what was sent twice, what clips were lost and what films came.

    python bench/films.py                                  20 kills of storyboards/tram.yaml, some minutes on two cores
    python bench/films.py --kills 40 --seed 7 storyboards/lighthouse.yaml

Each shoot is the command that a person gives, in a process group of its own, ended by SIGKILL at a second that a seeded dice gives,
anywhere from its start to the end of a whole one: before the first request, between a claim and its answer, while films are cut, between
two of them. After some kills in one vault a person looks up what is unknown, as in chaos.py, and a last shoot makes what is missing.
The service is the sandbox in a process that no kill reaches, whose answers come late.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from chaos import UNKNOWN, Case, accepted, begin, ended, kill, lines, resolve, service  # type: ignore[import-not-found]
from storyreel.delivery.places import files_of
from storyreel.media import probe
from storyreel.production.open import open_sessions
from storyreel.production.prepare import Prepared, prepare_all

KILLS_A_VAULT = 4
LONGEST_S = 600.0
STORYREEL = Path(sys.executable).with_name("storyreel")


@dataclass
class Count:
    """What was seen, over all vaults."""

    vaults: int = 0
    kills: int = 0
    posts: int = 0
    unknown: int = 0
    duplicates: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Shoots:
    """Shoots of one storyboard into one vault."""

    board: Path
    folder: Path
    sandbox: Path

    def begin(self) -> subprocess.Popen[bytes]:
        """Start a shoot as a person does."""
        with (self.folder / "screen.txt").open("ab") as screen:
            command = [str(STORYREEL), "shoot", str(self.board), "--yes"]
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, start_new_session=True
            )

    def killed(self, after_s: float) -> bool:
        """Start a shoot and end it after so many seconds; return whether it was still there."""
        shoot = self.begin()
        try:
            shoot.wait(after_s)
        except subprocess.TimeoutExpired:
            os.killpg(shoot.pid, 9)
            shoot.wait()
            return True
        return False

    def finished(self) -> int:
        """Shoot to the end, with a person's help where nobody can know; return the last exit code."""
        for _ in range(len(self.ready()[0].plan.steps) + 2):
            code = self.begin().wait(LONGEST_S)
            if code != UNKNOWN:
                return code
            helping = begin(self.resolved, self.folder / "screen.txt")
            if ended(helping, 60.0) is None:
                kill(helping)
        return code

    def ready(self) -> tuple[Prepared, ...]:
        """Return the storyboard, read."""
        ready: tuple[Prepared, ...] = prepare_all(self.board)
        return ready

    async def resolved(self) -> None:
        """Do as a person: look up each lost answer in the service's list, and say what came of it."""
        async with open_sessions(self.ready(), run=f"person-{time.time_ns()}") as sessions:
            for session in sessions:
                await resolve(session, self.sandbox, self.folder / "resolved.txt")

    def judged(self, count: Count, before: int, whole: dict[str, int]) -> None:
        """Count what the service received since then, look for every clip that it made, and for every film with its frames."""
        posts = lines(self.sandbox / "posts.jsonl")[before:]
        keys = [post["idempotency_key"] for post in posts]
        taken = {key: request_id for key, request_id in accepted(self.sandbox).items() if key in keys}
        count.vaults += 1
        count.posts += len(keys)
        # Nothing is refused here, and nothing failed: a second POST of a fingerprint is one too many.
        count.duplicates += len(keys) - len({key.rpartition("-")[0] for key in keys})
        case = Case(self.folder, self.sandbox, "", random.Random(0), 0.0)
        count.lost += sum(not case.has(key, request_id) for key, request_id in taken.items())
        resolved = self.folder / "resolved.txt"
        count.unknown += len(resolved.read_text().splitlines()) if resolved.exists() else 0
        if whole and (films := self.films()) != whole:
            count.wrong.append(f"{self.folder.name}: {films}, not {whole}")

    def films(self) -> dict[str, int]:
        """Return the frames of each film that is there, by its file's name."""
        paths = [files_of(each.out, film.board, "sandbox").film for each in self.ready() for film in each.plan.films]
        return {path.name: probe(path).frames for path in paths if path.exists()}


def bench(board: Path, kills: int, seed: int, place: Path, port: str) -> tuple[Count, dict[str, int], float, int]:
    """Kill so many shoots; return what was seen, the films with their frames, how long a whole shoot took and what it sent."""
    count, dice = Count(), random.Random(seed)
    catalog = place / "catalog.toml"
    catalog.write_text("[service]\nsubmits_per_second = 1000.0\n")
    whole: dict[str, int] = {}
    seconds, sent = 0.0, 0
    while count.kills < kills:
        folder = place / f"vault-{count.vaults}"
        folder.mkdir()
        os.environ.update(
            XAI_API_KEY="bench",
            XAI_BASE_URL=f"http://127.0.0.1:{port}/v1",
            STORYREEL_VAULT=f"file:{folder / 'vault'}",
            STORYREEL_OUT=str(folder / "out"),
            STORYREEL_CATALOG=str(catalog),
            STORYREEL_POLL="0.5",
            XDG_CACHE_HOME=str(folder / "cache"),
            XDG_DATA_HOME=str(folder / "data"),
        )
        shoots = Shoots(board, folder, place / "service")
        before = len(lines(shoots.sandbox / "posts.jsonl"))
        if whole:
            for _ in range(min(KILLS_A_VAULT, kills - count.kills)):
                if not shoots.killed(dice.uniform(0, seconds)):
                    break
                count.kills += 1
        began = time.monotonic()
        code = shoots.finished()
        if not whole:
            seconds, whole = time.monotonic() - began, shoots.films()
            sent = len(lines(shoots.sandbox / "posts.jsonl")) - before
        if code:
            count.wrong.append(f"{folder.name}: exit {code}: {(folder / 'screen.txt').read_text()[-2000:]}")
        shoots.judged(count, before, whole)
        shutil.rmtree(folder)
        print(f"{count.kills} kills, {count.vaults} vaults", file=sys.stderr)
    return count, whole, seconds, sent


def main() -> int:
    """Run the bench and print its table; return 1 if it shows what must not be."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("board", nargs="?", type=Path, default=Path("storyboards/tram.yaml"))
    flags.add_argument("--kills", type=int, default=20, help="how many shoots are killed (20)")
    flags.add_argument("--seed", type=int, default=1, help="of the dice that says when (1)")
    given = flags.parse_args()
    for name in [name for name in os.environ if name.startswith(("XAI_", "STORYREEL_"))]:
        del os.environ[name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="storyreel-films-") as place, service(Path(place) / "service") as port:
        count, whole, seconds, sent = bench(given.board.absolute(), given.kills, given.seed, Path(place), port)
    print(
        f"{given.board}, seed {given.seed}, {time.monotonic() - began:.0f} s; a whole shoot: {seconds:.0f} s, {sent} requests",
        *(f"  {name:<32} {frames:>5} frames" for name, frames in whole.items()),
        f"  kills                 {count.kills:>6}   in {count.vaults - 1} vaults",
        f"  POSTs received        {count.posts:>6}   in {count.vaults} vaults",
        f"  unknown submissions   {count.unknown:>6}",
        f"  sent twice            {count.duplicates:>6}   must be 0",
        f"  clips lost            {count.lost:>6}   must be 0",
        f"  not all films, whole  {len(count.wrong):>6}   must be 0",
        *count.wrong,
        sep="\n",
    )
    return 1 if count.duplicates or count.lost or count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
