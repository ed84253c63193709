"""
A run that is put to sleep between its claim and its request: it wakes to find that its claim is no longer its own.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storyreel.production.lost_answers import give_up
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.vault import open_vault
from tests.desk import Desk
from tests.imagine.conftest import Say, Stub
from tests.production.patiently import buy

pytestmark = pytest.mark.long

ONE = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
"""

# A run that falls asleep when a function of the vault has done its work: the process, as a closed lid does it.
SLEEPER = """
import asyncio, functools, os, signal, sys
from storyreel.imagine import send_deadline
from storyreel.production.open import open_session
from storyreel.production.purchase import try_to_buy
from storyreel.production.prepare import prepare
from storyreel.production.retry_wait import Later
from storyreel.vault.claims import Claims

send_deadline.SENT_WITHIN_S = 1.0
plain, tired = getattr(Claims, sys.argv[2]), [True]

@functools.wraps(plain)
async def asleep(*args, **kwargs):
    result = await plain(*args, **kwargs)
    if tired and tired.pop():
        os.kill(os.getpid(), signal.SIGSTOP)
    return result

setattr(Claims, sys.argv[2], asleep)

async def main():
    async with open_session(prepare(sys.argv[1]), run="sleeper") as session:
        while isinstance(tried := await try_to_buy(session, "coast", "video", []), Later):
            await session.waits.pause("coast/video", tried, session.tell)
        print(tried.request_id)

asyncio.run(main())
"""


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """Return a service that accepts whatever comes."""
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.port = server.sockets[0].getsockname()[1]
    stub.on_submit(Say(200, {"request_id": "first"}), Say(200, {"request_id": "second"}))
    yield stub
    server.close()
    await stub.hang_up()
    await server.wait_closed()


def posts(stub: Stub) -> int:
    return sum(heard.method == "POST" for heard in stub.heard)


def begin(desk: Desk, after: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(desk.board), after],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def asleep(sleeper: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 30
    while Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert sleeper.poll() is None, sleeper.communicate()[0]
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.2)


def answers(desk: Desk) -> list[dict[str, object]]:
    """Return every answer in the vault, by attempt."""
    return [
        json.loads(path.read_text()) for path in sorted((desk.folder / "vault").glob("*/slates/*/*/*/answer*.json"))
    ]


@pytest.mark.parametrize("after", ["claim", "forbidden"])
async def test_a_sleeper_wakes_and_does_not_send_what_a_person_has_called_lost(
    desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch, after: str
):
    """
    While it slept its claim was called lost and the step was bought: it sends nothing, and takes what was bought.
    """
    desk.write(ONE)
    monkeypatch.setenv("XAI_API_KEY", "sleeper")
    monkeypatch.setenv("XAI_BASE_URL", stub.base_url)
    sleeper = begin(desk, after)
    await asleep(sleeper)
    (claim,) = (desk.folder / "vault").glob("xai/slates/*/*/1/claim.json")
    os.utime(claim, (time.time() - 400, time.time() - 400))
    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder)
    (attempt,) = await vault.attempts.of("xai", claim.parent.parent.name)
    await give_up(vault, attempt)
    async with open_session(prepare(str(desk.board)), run="other") as session:
        bought = await buy(session, "coast", "video", [])
    sleeper.send_signal(signal.SIGCONT)
    told, _ = await asyncio.to_thread(sleeper.communicate, timeout=30)

    assert told.strip() == bought.request_id == "first"
    assert posts(stub) == 1
    assert [("refused", "not_sent"), ("lost", None), ("accepted", None)] == [
        (a["kind"], a["code"]) for a in answers(desk)
    ]


async def test_a_sleeper_that_nobody_missed_begins_anew(desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch):
    """
    Woken late, it writes down that nothing was sent and that it slept, and buys under a claim that is fresh.
    """
    desk.write(ONE)
    monkeypatch.setenv("XAI_API_KEY", "sleeper")
    monkeypatch.setenv("XAI_BASE_URL", stub.base_url)
    sleeper = begin(desk, "claim")
    await asleep(sleeper)
    sleeper.send_signal(signal.SIGCONT)
    told, _ = await asyncio.to_thread(sleeper.communicate, timeout=30)

    slept, bought = answers(desk)
    assert told.strip() == "first"
    assert posts(stub) == 1
    assert (slept["kind"], slept["code"], str(slept["message"])[:6]) == ("refused", "not_sent", "slept:")
    assert bought["kind"] == "accepted"
