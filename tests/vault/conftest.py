"""
Vaults, in a folder and in a bucket, and processes that race for them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.buckets import Buckets
from tests.vault.hands import BucketHands, FolderHands, Hands

from storyreel.vault import Vault, open_vault

# Each runner is a process of its own that is used for all races: it reads where, when and what, opens that vault, waits
# for the moment, does it, and says what came of it. CLOCK_MONOTONIC is the same for all of them.
RUNNER = """
import asyncio, json, os, sys, time
from datetime import date
from pathlib import Path
from storyreel.errors import StoryreelError
from storyreel.vault import Ask, Caps, Decided, Take, open_vault

me = sys.argv[1]
vaults = {}

async def act(vault, order):
    match order["do"]:
        case "claim":
            claim = await vault.claims.claim(
                "sandbox", order["fingerprint"], 1, ask=Ask(run_id=me, k=0), recipe={}, step="climb/video",
                estimate_ticks=1, till=None,
            )
            return claim and claim.nonce
        case "end":
            take = Take(
                service="sandbox", request_id=order["id"], fingerprint="f" * 64, attempt=1, end="failed", message=me
            )
            return (await vault.takes.end(take)).message
        case "spend":
            await vault.ledger.spend(
                "sandbox", order["till"], attempt_key=order.get("key") or me, estimate_ticks=order["ticks"],
                budget_ticks=order["budget"],
            )
            return True
        case "spend what there is":
            spent = []
            for n, ticks in enumerate(order["ticks"][me]):
                try:
                    await vault.ledger.spend(
                        "sandbox", order["till"], attempt_key=f"{me}/{n}", estimate_ticks=ticks,
                        budget_ticks=order["budget"],
                    )
                    spent.append(ticks)
                except StoryreelError:
                    pass
            return spent
        case "set aside":
            reached = await vault.cap.spend(
                "sandbox", attempt_key=order.get("key") or me, run=me, estimate_ticks=order["ticks"],
                caps=Caps(order["day"], order["month"]), today=date.fromisoformat(order["today"][me]),
            )
            return reached.till
        case "set aside what there is":
            spent = []
            for n, ticks in enumerate(order["ticks"][me]):
                try:
                    await vault.cap.spend(
                        "sandbox", attempt_key=f"{me}/{n}", run=me, estimate_ticks=ticks,
                        caps=Caps(order["day"], order["month"]), today=date.fromisoformat(order["today"][me]),
                    )
                    spent.append(ticks)
                except StoryreelError:
                    pass
            return spent
        case "decide":
            for said in (True, False, True, False):
                await vault.approvals.decide(
                    Decided(
                        service="xai", gate="before-video", identity="ab" * 32, step="door/still", request_id="still-1",
                        approve=said, by=str(me), door="command",
                    ),
                    seen=len(await vault.approvals.decided("xai", "before-video", "ab" * 32)),
                )
        case "keep":
            return await vault.clips.keep(Path(order["path"]), ".mp4")

print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    os.environ.update(order["env"])
    address = order["vault"]
    if address not in vaults:
        vaults[address] = open_vault(address, cache=Path(order["cache"]))
    print("set", flush=True)
    order["at"] = float(sys.stdin.readline())
    time.sleep(max(0, order["at"] - time.monotonic() - 0.001))
    while time.monotonic() < order["at"]:
        pass
    try:
        told = asyncio.run(act(vaults[address], order))
    except StoryreelError as error:
        told = type(error).__name__
    print(json.dumps(told), flush=True)
"""

Race = Callable[..., list[Any]]
Runner = subprocess.Popen[str]


@pytest.fixture
def folder_hands(tmp_path: Path) -> FolderHands:
    """Hands in a folder that is not there yet."""
    return FolderHands(tmp_path / "vault")


@pytest.fixture
def bucket_hands(make_bucket: Buckets, monkeypatch: pytest.MonkeyPatch) -> BucketHands:
    """Hands in a bucket that is empty."""
    return BucketHands(make_bucket(), "reels/first", monkeypatch.setattr)


@pytest.fixture(params=["folder", "bucket"])
def hands(request: pytest.FixtureRequest) -> Hands:
    """Hands in a folder, then in a bucket: what holds of one vault holds of the other."""
    chosen: Hands = request.getfixturevalue(f"{request.param}_hands")
    return chosen


@pytest.fixture
def vault(hands: Hands, tmp_path: Path) -> Vault:
    """An empty vault."""
    return open_vault(hands.address, cache=tmp_path / "cache")


@pytest.fixture(scope="session")
def runners() -> Iterator[list[Runner]]:
    """Start the processes that race."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", RUNNER, f"runner-{n}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for n in range(4)
        ]
        assert ["ready\n"] * 4 == [hear(runner) for runner in started]
        yield started
        for runner in started:
            assert runner.stdin is not None
            runner.stdin.close()


@pytest.fixture
def race(runners: list[Runner], hands: Hands, tmp_path: Path, request: pytest.FixtureRequest) -> Race:
    """Let as many processes as the test asks for do the same thing at the same moment, and return what each says."""
    racing = runners[: getattr(request, "param", 2)]

    def run(**order: Any) -> list[Any]:
        env = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "NO_PROXY"))}
        for runner in racing:
            say(runner, json.dumps({**order, "vault": hands.address, "cache": str(tmp_path / "cache"), "env": env}))
        assert {"set\n"} == {hear(runner) for runner in racing}
        start = str(time.monotonic() + 0.004)
        for runner in racing:
            say(runner, start)
        return [json.loads(hear(runner)) for runner in racing]

    return run


def say(runner: Runner, line: str) -> None:
    assert runner.stdin is not None
    runner.stdin.write(line + "\n")
    runner.stdin.flush()


def hear(runner: Runner) -> str:
    assert runner.stdout is not None
    return runner.stdout.readline()
