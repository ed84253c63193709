"""
A vault in a folder of its own, and processes that race for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from storyreel.vault import Vault, open_vault

# Each runner is a process of its own that is used for many rounds: it reads a moment and what to do, waits for the
# moment, does it, and says what came of it. CLOCK_MONOTONIC is the same for all of them.
RUNNER = """
import asyncio, json, sys, time
from pathlib import Path
from storyreel.errors import StoryreelError
from storyreel.vault import Ask, Take, open_vault

vault = open_vault(sys.argv[1], cache=Path(sys.argv[1]))
me = sys.argv[2]

async def act(order):
    match order["do"]:
        case "claim":
            claim = await vault.claim(
                "sandbox", order["fingerprint"], 1, ask=Ask(run_id=me, k=0), recipe={}, step="climb/video",
                estimate_ticks=1, till=None,
            )
            return claim and claim.nonce
        case "end":
            take = Take(
                service="sandbox", request_id=order["id"], fingerprint="f" * 64, attempt=1, end="failed", message=me
            )
            return (await vault.end_take(take)).message
        case "spend":
            await vault.spend(
                "sandbox", order["till"], attempt_key=order.get("key") or me, estimate_ticks=order["ticks"],
                budget_ticks=order["budget"],
            )
            return True
        case "keep":
            return await vault.keep(Path(order["path"]), ".mp4")

print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    time.sleep(max(0, order["at"] - time.monotonic() - 0.001))
    while time.monotonic() < order["at"]:
        pass
    try:
        told = asyncio.run(act(order))
    except StoryreelError as error:
        told = type(error).__name__
    print(json.dumps(told), flush=True)
"""

Race = Callable[..., list[Any]]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault."""
    return open_vault(f"file:{tmp_path / 'vault'}", cache=tmp_path / "cache")


@pytest.fixture
def race(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Race]:
    """Let as many processes as the test asks for do the same thing at the same moment, and return what each says."""
    with ExitStack() as stack:
        runners = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", RUNNER, str(tmp_path / "vault"), f"runner-{n}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for n in range(getattr(request, "param", 2))
        ]
        for runner in runners:
            assert runner.stdout is not None
            assert runner.stdout.readline() == "ready\n"

        def run(**order: Any) -> list[Any]:
            order["at"] = time.monotonic() + 0.004
            for runner in runners:
                assert runner.stdin is not None
                runner.stdin.write(json.dumps(order) + "\n")
                runner.stdin.flush()
            return [json.loads(runner.stdout.readline()) for runner in runners if runner.stdout is not None]

        yield run
        for runner in runners:
            assert runner.stdin is not None
            runner.stdin.close()
