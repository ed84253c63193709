"""
Kill runs at random times, many hundred times, and count what the service received twice and what clips were lost.

    python bench/chaos.py                     500 kills: about twenty minutes on two cores, never more than forty
    python bench/chaos.py --runs 40 --seed 7
    python bench/chaos.py --without-claim     the same with the claim switched off: it must find duplicates

Each run is a process of its own with a process group of its own, ended by SIGKILL at a time that a seeded dice gives:
half of them at any time, half of them a moment after some claim has appeared in the vault, which is before its POST is
sent or before its answer is there. Some run beside a second run of the same storyboard, some are recovered under the
same run id, some are followed by a fresh run. Then a person looks into the service's list and resolves what is unknown,
and a last run makes the film.

The service is the sandbox in a process that no kill reaches. It ignores `Idempotency-Key`, writes every POST down before
it looks at it, and answers up to 0.4 s late, as over a network. The runs drive the studio as the flow does, without
Prefect, which has no say in what is bought and would only make the bench ten times slower; `tests/chaos` kills the whole
thing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from storyreel.catalog import load_catalog
from storyreel.errors import StoryreelError
from storyreel.media import probe
from storyreel.production.lost_answers import adopt, adopt_still, give_up, lost_attempt
from storyreel.production.open import open_session
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.production.run import run
from storyreel.production.session import Session
from storyreel.production.summary import raise_for
from storyreel.sandbox import SandboxSettings, create_app
from storyreel.settings import read_settings

BOARD = """
title: Small
defaults: {{duration: 1, resolution: 480p}}
scenes:
  - id: coast
    image: {{prompt: "A lighthouse, {name}."}}
    prompt: "The lamp flares, {name}."
  - id: stair
    prompt: "A stair, {name}."
  - id: door
    image: {{last_frame_of: stair}}
    prompt: "A door, {name}."
"""
PLANNED, FRAMES = 4, 72
LATE_S = 0.4
"""How late the service answers a POST at most."""
UNKNOWN = 7
"""The exit code of a run that stops because nobody knows what came of a request."""
UNSENT_S = 0.002
"""How long a claim stands, more or less, before its POST is on its way."""
PATIENCE_S = 60.0


# --- one run, in a process of its own ------------------------------------------------------------------------------


async def make_film(board: Path, name: str) -> None:
    """Do what the flow does, with plain calls where it has tasks."""
    async with open_session(prepare(str(board)), run=name) as session:
        result = await run(session)
    raise_for(session.plan, result.ends)


# --- the service, in a process that no kill reaches ------------------------------------------------------------------


def serve(folder: Path) -> None:
    """Serve the sandbox, with answers to POSTs that come late; say the port."""
    plain = create_app(SandboxSettings(folder=folder, latency_s=0.1, submits_per_second=None), load_catalog())
    dice = random.Random(0)

    async def late(scope: Any, receive: Any, send: Any) -> None:
        async def held(message: Any) -> None:
            if scope.get("method") == "POST" and message["type"] == "http.response.start":
                await asyncio.sleep(dice.uniform(0, LATE_S))
            await send(message)

        await plain(scope, receive, held)

    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(late, lifespan="off", log_config=None, log_level="critical", access_log=False)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """Run the service; give its port."""
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


# --- processes -------------------------------------------------------------------------------------------------------


def begin(work: Callable[[], Awaitable[None]], log: Path) -> int:
    """Fork a process that does some work in a process group of its own; return its pid."""
    pid = os.fork()
    if pid:
        # Said by both, since either may be the first to need it.
        os.setpgid(pid, pid)
        return pid
    code = 70
    try:
        os.setpgid(0, 0)
        to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(to, 1)
        os.dup2(to, 2)
        asyncio.run(_awaited(work))
        code = 0
    except StoryreelError as error:
        code = error.exit_code
        os.write(2, f"{error}\n".encode())
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def ended(pid: int, within_s: float) -> int | None:
    """Wait so long for a process; return its exit code, or None if it lives."""
    until = time.monotonic() + within_s
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        left = until - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(0.005, left))


def kill(pid: int) -> None:
    """End a process group at once, and see it gone."""
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


# --- one storyboard, killed until it is enough -----------------------------------------------------------------------


@dataclass
class Count:
    """What was seen, over all storyboards."""

    boards: int = 0
    kills: int = 0
    unknown: int = 0
    arrived: int = 0
    posts: int = 0
    duplicates: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Case:
    """One storyboard with words of its own, and a folder of its own."""

    folder: Path
    sandbox: Path
    name: str
    dice: random.Random
    seconds: float
    """How long a run takes, more or less; kills fall within."""

    @property
    def board(self) -> Path:
        """The storyboard's file."""
        return self.folder / "small.yaml"

    def begin_run(self, run: str) -> int:
        """Start a run of the board."""
        return begin(lambda: make_film(self.board, run), self.folder / "said.txt")

    def disturbed(self, most: int) -> int:
        """Kill runs until one comes through, or `most` were killed; return how many were."""
        killed, run = 0, f"{self.name}-0"
        while killed < most:
            twin = self.begin_run(f"{self.name}-twin-{killed}") if self.dice.random() < 0.25 else None
            began = time.monotonic()
            pid = self.begin_run(run)
            code = self.ended_in_time(pid)
            if code is None:
                kill(pid)
                killed += 1
            if twin is not None and ended(twin, self.dice.uniform(0, self.seconds)) is None:
                kill(twin)
                killed += 1
            if code == UNKNOWN:
                self.helped()
            elif code is not None:
                # From nothing to a film: so long does a run take on this machine, just now.
                self.seconds = time.monotonic() - began if not killed else self.seconds
                break
            # Recovered under its id, or started anew by somebody who knows nothing of it.
            run = run if self.dice.random() < 0.5 else f"{self.name}-{killed}"
        return killed

    def ended_in_time(self, pid: int) -> int | None:
        """Wait for a run up to the time at which it is to be killed; return its exit code, or None if it is to be."""
        claimed = self.claimed()
        if claimed >= PLANNED or self.dice.random() < 0.5:
            return ended(pid, self.dice.uniform(0, self.seconds))
        claimed += self.dice.randint(1, PLANNED - claimed)
        while self.claimed() < claimed:
            if (code := ended(pid, 0.0005)) is not None:
                return code
        return ended(pid, self.dice.uniform(0, self.dice.choice([UNSENT_S, LATE_S])))

    def claimed(self) -> int:
        """Return how many requests were claimed so far."""
        return sum(1 for _ in (self.folder / "vault" / "sandbox" / "slates").glob("*/*/*/claim.json"))

    def finished(self, count: Count) -> None:
        """Run to the end, with a person's help where nobody can know; a run may uncover what the next needs."""
        for last in range(PLANNED + 1):
            code = ended(pid := self.begin_run(f"{self.name}-last-{last}"), PATIENCE_S)
            if code is None:
                kill(pid)
            if code != UNKNOWN:
                break
            self.helped()
        if code != 0:
            count.wrong.append(f"{self.name}: exit {code}: {self.last_words()}")

    def helped(self) -> None:
        """Have a person see to what is unknown."""
        # A request that was on the wire when its sender died has to be in the service's list before somebody reads it.
        time.sleep(0.1)
        assert ended(begin(self.resolved, self.folder / "said.txt"), PATIENCE_S) == 0, self.last_words()

    def last_words(self) -> str:
        """Return the last that the runs said."""
        return (self.folder / "said.txt").read_text()[-2000:]

    async def resolved(self) -> None:
        """Do as a person: look up each lost answer in the service's list, and say what came of it."""
        async with open_session(prepare(str(self.board)), run=f"{self.name}-person") as session:
            await resolve(session, self.sandbox, self.folder / "resolved.txt")

    def judged(self, count: Count) -> None:
        """Count what the service received, and look for every clip that it made."""
        keys = [post["idempotency_key"] for post in lines(self.sandbox / "posts.jsonl") if self.name in prompt_of(post)]
        # Nothing is refused here, and nothing failed: a second POST of a fingerprint is one too many.
        again = len(keys) - len({key.rpartition("-")[0] for key in keys})
        ours = {key: request_id for key, request_id in accepted(self.sandbox).items() if key in keys}
        gone = [key for key, request_id in ours.items() if not self.has(key, request_id)]
        resolved = self.folder / "resolved.txt"
        words = resolved.read_text().split() if resolved.exists() else []
        count.boards += 1
        count.posts += len(keys)
        count.duplicates += again
        count.lost += len(gone)
        count.unknown += len(words) // 2
        count.arrived += words.count("arrived")
        film = self.folder / "out" / "small" / "small.sandbox.mp4"
        frames = probe(film).frames if film.exists() else 0
        if frames != FRAMES:
            count.wrong.append(f"{self.name}: {frames} frames, not {FRAMES}")
        if len(ours) != PLANNED:
            count.wrong.append(f"{self.name}: {len(ours)} accepted, not {PLANNED}")

    def has(self, key: str, request_id: str) -> bool:
        """Say whether the clip of an accepted request is whole in the vault."""
        fingerprint, _, attempt = key.rpartition("-")
        for name in (request_id, f"still-{fingerprint[:24]}-{attempt}"):
            take = self.folder / "vault" / "sandbox" / "takes" / f"{name}.json"
            if take.exists() and (sha256 := json.loads(take.read_text())["sha256"]):
                clips = list((self.folder / "vault" / "clips").rglob(f"{sha256}.*"))
                return bool(clips) and hashlib.sha256(clips[0].read_bytes()).hexdigest() == sha256
        return False


async def resolve(session: Session, sandbox: Path, log: Path) -> None:
    """Say of each lost answer what came of it, by what the service's list has; note it in a log."""
    steps = {step.id for step in session.plan.steps}
    for step in session.plan.steps:
        outlook = await forecast(session.plan, session.vault, session.service, allowed=steps)
        if next(each.outlook for each in outlook if each.step.id == step.id) != "unknown":
            continue
        attempt = await lost_attempt(outlook, session.vault, session.service, step)
        request_id = accepted(sandbox).get(f"{attempt.claim.fingerprint}-{attempt.number}")
        if request_id is None:
            await give_up(session.vault, attempt)
        elif step.kind == "still":
            await adopt_still(session.vault, step, attempt, sandbox / "media" / f"{request_id}.jpeg")
        else:
            await adopt(session.vault, session.client, attempt, request_id)
        with log.open("a") as notes:
            notes.write(f"{step.id} {'arrived' if request_id else 'lost'}\n")


def accepted(sandbox: Path) -> dict[str, str]:
    """Return what the service lists as accepted: idempotency key -> request id (the last, if there are several)."""
    return {line["idempotency_key"]: line["request_id"] for line in lines(sandbox / "accepted.jsonl")}


def prompt_of(post: dict[str, Any]) -> str:
    """Return the words of a request."""
    return str(post.get("prompt") or "")


def lines(path: Path) -> list[dict[str, Any]]:
    """Return a log's lines."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- the bench -------------------------------------------------------------------------------------------------------


def bench(runs: int, seed: int, minutes: float, place: Path, port: str) -> Count:
    """Kill so many runs, or as many as there is time for."""
    count, dice = Count(), random.Random(seed)
    until = time.monotonic() + minutes * 60
    (place / "catalog.toml").write_text("[service]\nsubmits_per_second = 1000.0\n")
    seconds = 3.0
    while count.kills < runs and time.monotonic() < until:
        name = f"board-{count.boards:04}-of-{seed}"
        folder = place / name
        folder.mkdir()
        os.environ.update(
            XAI_API_KEY="bench",
            XAI_BASE_URL=f"http://127.0.0.1:{port}/v1",
            STORYREEL_VAULT=f"file:{folder / 'vault'}",
            STORYREEL_OUT=str(folder / "out"),
            STORYREEL_CATALOG=str(place / "catalog.toml"),
            STORYREEL_POLL="0.05",
            XDG_CACHE_HOME=str(folder / "cache"),
        )
        case = Case(folder, place / "service", name, dice, seconds)
        case.board.write_text(BOARD.format(name=case.name))
        if not count.boards:
            began = time.monotonic()
            ended(case.begin_run("undisturbed"), PATIENCE_S)
            seconds = time.monotonic() - began
        else:
            count.kills += case.disturbed(min(dice.randint(1, 6), runs - count.kills))
            seconds = case.seconds
        case.finished(count)
        case.judged(count)
        shutil.rmtree(folder)
        if sys.stderr.isatty():
            print(f"\r{count.kills} kills, {count.boards} storyboards", end="", file=sys.stderr)
    return count


def main() -> int:
    """Run the bench and print its table; return 1 if it shows what must not be."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--runs", type=int, default=500, help="how many runs are killed (500)")
    flags.add_argument("--seed", type=int, default=1, help="of the dice that says when (1)")
    flags.add_argument("--minutes", type=float, default=40.0, help="stop after so many minutes (40)")
    flags.add_argument("--without-claim", action="store_true", help="switch the claim off: duplicates must show")
    flags.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = flags.parse_args()
    if given.serve:
        serve(given.serve)
        return 0
    for name in [name for name in os.environ if name.startswith(("XAI_", "STORYREEL_"))]:
        del os.environ[name]
    if given.without_claim:
        sys.path.append(str(Path(__file__).parents[1]))
        from tests.chaos.points import careless

        careless()
    read_settings()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="storyreel-chaos-") as place, service(Path(place) / "service") as port:
        count = bench(given.runs, given.seed, given.minutes, Path(place), port)
    print(
        f"seed {given.seed}, {time.monotonic() - began:.0f} s" + (", the claim switched off" * given.without_claim),
        f"  storyboards              {count.boards:>6}   of {PLANNED} requests each",
        f"  kills                    {count.kills:>6}",
        f"  unknown submissions      {count.unknown:>6}   {count.arrived} had arrived, {count.unknown - count.arrived} had not",
        f"  POSTs received           {count.posts:>6}",
        f"  duplicate POSTs          {count.duplicates:>6}   must be {'more than 0' if given.without_claim else 0}",
        f"  clips lost               {count.lost:>6}   {'' if given.without_claim else 'must be 0'}",
        f"  storyboards not as planned {len(count.wrong):>4}   {'' if given.without_claim else 'must be 0'}",
        *([] if given.without_claim else count.wrong),
        sep="\n",
    )
    if given.without_claim:
        return 0 if count.duplicates else 1
    return 1 if count.duplicates or count.lost or count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
