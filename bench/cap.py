"""
Spend against one cap from many processes, kill them at random, and count: never over it, and nothing is miscounted.

    python bench/cap.py                        200 tasks in 20 processes, 100 kills: a few minutes on two cores
    python bench/cap.py --processes 6 --tasks 4 --kills 20 --seed 7

Each process is a run of ten steps that go at once; every other one shoots the same board as the one before it, so that they
race for the same requests. Some requests are refused, some fail, are withheld, cost less than was expected, or have their
answer lost. Processes are ended by SIGKILL: some of them at any time, the rest at the moment in which the cap has an entry
of theirs, which is before the till of the run has one or before the claim. Who was killed is started again under the same run
id. Half-way through it is midnight: the runs that start from then on believe that it is the next day, but for some whose
clock is behind. Somebody else looks at the caps all the while.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from chaos import begin, ended, kill, service  # type: ignore[import-not-found]
from storyreel.errors import BudgetError, StoryreelError
from storyreel.model.money import TICKS_PER_USD, dollars
from storyreel.model.recipe import Clip
from storyreel.production import set_aside
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.purchase import try_to_buy
from storyreel.production.recall import recall
from storyreel.production.retry_wait import Later
from storyreel.production.session import Session
from storyreel.vault import Vault
from storyreel.vault.cap import Day, days_of_month, total
from storyreel.vault.stores.folder import FileStore

TODAY = date(2026, 11, 26)
TOMORROW = TODAY + timedelta(days=1)
PRICE = TICKS_PER_USD // 20
"""What a clip of a second is expected to cost."""
FAULTS = (
    *("", "[[sandbox: moderated]]", "[[sandbox: moderated]]", "[[sandbox: moderated]]"),
    *("[[sandbox: moderated]][[sandbox: charge 0.02]]", "[[sandbox: failed invalid_argument]]"),
    *("[[sandbox: failed]]", "[[sandbox: submit 429 x1]]", "[[sandbox: drop after]]", "[[sandbox: refused argument]]"),
)
PATIENCE_S = 300.0


# --- one run, in a process of its own ---------------------------------------------------------------------------------


async def spend(board: Path, name: str, day: date) -> None:
    """Buy every step of a board, all at once; cut nothing. What does not fit is refused, and the rest goes on."""
    set_aside.today = lambda: day  # type: ignore[attr-defined]
    async with open_session(prepare(str(board), budget=1000), run=name) as session:
        ends = await asyncio.gather(*(shot(session, step.id) for step in session.plan.steps), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, StoryreelError):
            raise end
    if any(isinstance(end, BudgetError) for end in ends):
        raise BudgetError("some did not fit")


async def shot(session: Session, step_id: str) -> Clip:
    """Make one step as a run does."""
    step = session.plan.step(step_id)
    slate = await recall(session, step, [])
    while slate is None:
        tried = await try_to_buy(session, step.scene, step.name, [])
        if isinstance(tried, Later):
            await session.waits.pause(step.id, tried, session.tell)
        else:
            slate = tried
    return await collect(session, step.id, slate)


# --- many of them ------------------------------------------------------------------------------------------------------


@dataclass
class Count:
    """What was seen."""

    kills: int = 0
    at_an_entry: int = 0
    looks: int = 0
    most_day: int = 0
    most_month: int = 0
    killed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Bench:
    """A folder with a vault, the boards, and the runs that are under way."""

    place: Path
    tasks: int
    day_ticks: int
    month_ticks: int
    dice: random.Random
    count: Count
    alive: dict[str, int] = field(default_factory=dict)

    def board(self, number: int) -> Path:
        """Return the storyboard of a run, which it shares with its neighbour."""
        path = self.place / f"board-{number // 2:02}.yaml"
        scenes = [
            f'  - {{id: s{n}, prompt: "Board {number // 2}, scene {n}. {FAULTS[(n + number) % len(FAULTS)]}"}}\n'
            for n in range(self.tasks)
        ]
        if not path.exists():
            path.write_text(
                'defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}\nscenes:\n' + "".join(scenes)
            )
        return path

    def start(self, number: int, day: date) -> None:
        """Start a run, or take it up again after it was killed."""
        name = f"run-{number:02}"
        log = self.place / f"{name}.log"
        self.alive[name] = begin(lambda: spend(self.board(number), name, day), log)

    def kill(self, name: str) -> None:
        """End a run at once."""
        kill(self.alive.pop(name))
        self.count.kills += 1
        self.count.killed.add(name)

    def over(self) -> list[str]:
        """Return the runs that have come to their end, and let go of them."""
        codes = {name: code for name, pid in self.alive.items() if (code := ended(pid, 0)) is not None}
        for name, code in codes.items():
            del self.alive[name]
            if code not in (0, BudgetError.exit_code):
                self.count.wrong.append(f"{name} ended with {code}: {self.log(name)}")
        return list(codes)

    def log(self, name: str) -> str:
        """Return the last that a run said."""
        return (self.place / f"{name}.log").read_text()[-500:]

    def look(self, vault: Vault) -> Mapping[date, Day]:
        """Look at the caps as somebody else, and count what is over."""
        days = asyncio.run(vault.cap.days("sandbox", days_of_month(TODAY)))
        month, most = total(days).ticks, max((day.sum.ticks for day in days.values()), default=0)
        self.count.looks += 1
        self.count.most_day, self.count.most_month = max(self.count.most_day, most), max(self.count.most_month, month)
        if most > self.day_ticks or month > self.month_ticks:
            self.count.wrong.append(f"over: {dollars(most)} in a day, {dollars(month)} in the month")
        return days

    def day(self, night: bool) -> date:
        """Return what day a run believes that it is: after midnight some clocks are behind."""
        behind = self.dice.random() < 0.3
        return TOMORROW if night and not behind else TODAY


def entries(vault: Path) -> list[Path]:
    """Return what the days' tills have, the newest last."""
    return sorted(vault.glob("sandbox/tills/cap-*/*.json"), key=lambda path: (path.parent.name, path.name))


def disturbed(bench: Bench, processes: int, kills: int) -> None:
    """Start all runs, kill as many as are to be killed, take them up again, and wait until all have ended."""
    folder = bench.place / "vault"
    vault = Vault(FileStore(folder), str(folder))
    for number in range(processes):
        bench.start(number, bench.day(night=False))
    seen, until = 0, time.monotonic() + PATIENCE_S
    again: set[str] = set()
    while bench.alive or again:
        if time.monotonic() > until:
            bench.count.wrong.append(f"not at an end after {PATIENCE_S:g} s: {sorted(bench.alive)}")
            break
        night = bench.count.kills >= kills // 2
        now = entries(folder)
        if bench.count.kills < kills and bench.alive:
            if bench.dice.random() < 0.15:
                time.sleep(bench.dice.uniform(0, 0.1))
                victims = [bench.dice.choice(sorted(bench.alive))]
            else:
                text = "".join(path.read_text() for path in now[seen:] if path.exists())
                victims = [name for name in sorted(bench.alive) if f'/1 {name}"' in text or f'/2 {name}"' in text][:2]
                bench.count.at_an_entry += len(victims)
            for name in victims:
                bench.kill(name)
                again.add(name)
        seen = len(now)
        bench.look(vault)
        again |= {name for name in bench.over() if bench.count.kills < kills}
        for name in sorted(again):
            bench.start(int(name[4:]), bench.day(night))
        again.clear()
        time.sleep(0.01)


def judged(bench: Bench, processes: int) -> tuple[str, ...]:
    """Run everything to its end without kills, compare the tills with what was charged, and say it."""
    for number in range(processes):
        bench.start(number, TOMORROW)
    while bench.alive:
        bench.over()
        time.sleep(0.05)
    folder = bench.place / "vault"
    fresh = Vault(FileStore(folder), str(folder))
    days = bench.look(fresh)
    month = total(days)
    attempts, damaged = asyncio.run(fresh.attempts.every("sandbox"))
    bench.count.wrong += [str(each) for each in damaged]
    names = {f"{each.claim.key} {each.claim.ask.run_id}": each for each in attempts}
    ends = {name: each for name, each in names.items() if each.take is not None}
    charged = sum(take.charge or 0 for name, each in ends.items() if name not in month.held for take in each.takes)
    lost = {name: each.claim.estimate_ticks for name, each in names.items() if each.state == "unknown"}
    by_kills = {key: ticks for key, ticks in month.held.items() if key not in lost}
    if month.ticks != charged + sum(lost.values()) + sum(by_kills.values()):
        bench.count.wrong.append(f"{dollars(month.ticks)} in the tills, {dollars(charged)} charged")
    if not lost.keys() <= month.held.keys():
        bench.count.wrong.append("an answer that was lost has nothing held for it")
    for key in by_kills:
        if key.rpartition(" ")[2] not in bench.count.killed:
            bench.count.wrong.append(f"held, and its run was never killed: {key}")
    closed = f"of {len(days)} days, {sum(day.closed for day in days.values())} closed"
    return (
        f"  claims                    {len(attempts):>7}   {len(ends)} ended, {len(lost)} answers lost",
        f"  entries in the tills      {sum(day.length for day in days.values()):>7}   {closed}",
        f"  in the tills at the end   {dollars(month.ticks):>7}",
        f"  = charged                 {dollars(charged):>7}",
        f"  + held for lost answers   {dollars(sum(lost.values())):>7}",
        f"  + left by kills           {dollars(sum(by_kills.values())):>7}   {len(by_kills)} entries",
    )


def main() -> int:
    """Run the bench and print its table; return 1 if it shows what must not be."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--processes", type=int, default=20, help="how many runs go at once (20)")
    flags.add_argument("--tasks", type=int, default=10, help="steps of each run (10)")
    flags.add_argument("--kills", type=int, default=100, help="how many are killed (100)")
    flags.add_argument("--seed", type=int, default=1, help="of the dice that says when (1)")
    given = flags.parse_args()
    for name in [name for name in os.environ if name.startswith(("XAI_", "STORYREEL_"))]:
        del os.environ[name]
    began = time.monotonic()
    # The days have room for two thirds of what is wanted, each for less than half.
    wanted = given.processes // 2 * given.tasks * PRICE
    day_ticks, month_ticks = round(wanted * 0.45) // PRICE * PRICE, round(wanted * 0.7) // PRICE * PRICE
    with tempfile.TemporaryDirectory(prefix="storyreel-cap-") as name, service(Path(name) / "service") as port:
        place = Path(name)
        (place / "catalog.toml").write_text("[service]\nsubmits_per_second = 5.0\njobs_in_flight = 50\n")
        os.environ.update(
            XAI_API_KEY="bench",
            XAI_BASE_URL=f"http://127.0.0.1:{port}/v1",
            STORYREEL_VAULT=f"file:{place / 'vault'}",
            STORYREEL_CATALOG=str(place / "catalog.toml"),
            STORYREEL_POLL="0.1",
            STORYREEL_CAP_DAY=str(day_ticks / TICKS_PER_USD),
            STORYREEL_CAP_MONTH=str(month_ticks / TICKS_PER_USD),
            XDG_CACHE_HOME=str(place / "cache"),
            XDG_STATE_HOME=str(place / "state"),
        )
        count = Count()
        bench = Bench(place, given.tasks, day_ticks, month_ticks, random.Random(given.seed), count)
        try:
            disturbed(bench, given.processes, given.kills)
            table = judged(bench, given.processes)
        finally:
            for pid in bench.alive.values():
                kill(pid)
    print(
        f"seed {given.seed}, {time.monotonic() - began:.0f} s: {given.processes * given.tasks} tasks in {given.processes} processes",
        f"  kills                     {count.kills:>7}   {count.at_an_entry} at an entry of theirs",
        f"  looks at the caps         {count.looks:>7}   by somebody else, meanwhile",
        f"  most in a day             {dollars(count.most_day):>7}   cap {dollars(day_ticks)}",
        f"  most in the month         {dollars(count.most_month):>7}   cap {dollars(month_ticks)}",
        *table,
        f"  wrong                     {len(count.wrong):>7}   must be 0",
        *count.wrong[:20],
        sep="\n",
    )
    return 1 if count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
