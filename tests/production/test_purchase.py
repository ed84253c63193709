"""
The order of a purchase is the promise: everything that is done for one, in the order in which it is done.

What is recorded is what reaches the vault's folder and the service: nothing inside is looked at.
"""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from storyreel.errors import StoryreelError
from storyreel.imagine import Imagine
from storyreel.model.money import dollars
from storyreel.model.recipe import Slate
from storyreel.production.attachments import Inputs
from storyreel.production.budget import Budget
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.purchase import try_to_buy
from storyreel.production.recall import recall
from storyreel.production.service import IN_PROCESS
from storyreel.production.session import Session
from storyreel.sandbox import SandboxSettings, create_app
from storyreel.vault import Vault
from storyreel.vault.stores.folder import FileStore
from tests.desk import Desk

VIDEO = """
defaults: {{duration: 1, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - {{id: coast, image: large.png, prompt: "A lighthouse. {fault}"}}
"""
"""A clip from a picture that is too large to travel inside the request."""
STILL = """
defaults: {{duration: 1, resolution: 480p, aspect_ratio: "1:1"}}
scenes:
  - {{id: coast, image: {{prompt: "A lighthouse. {fault}"}}, prompt: "The lamp flares."}}
"""
"""A still, and a clip that is not made here."""

Meanwhile = Callable[[], Awaitable[None]]


class Happened(list[str]):
    """What happened, in order; what happens again at once is written down once."""

    def __call__(self, event: str) -> None:
        """Write down what happens."""
        if self[-1:] != [event]:
            self.append(event)


class Folder(FileStore):
    """A vault's folder that says what is looked up and written there."""

    def __init__(self, root: Path, happened: Happened) -> None:
        super().__init__(root)
        self._happened = happened

    async def keys(self, prefix: str) -> tuple[str, ...]:
        """Return every key that begins so, sorted."""
        if "/slates/" in prefix:
            self._happened("attempts read")
        return await super().keys(prefix)

    async def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none."""
        if key.endswith("/claim.json") and self._happened[-1:] == ["claim"]:
            self._happened("claim is still ours")
        return await super().read(key)

    async def create(self, key: str, data: bytes) -> bool:
        """Create an object, and say whether it was us."""
        ours = await super().create(key, data)
        self._happened(written(key, data) if ours else f"{written(key, data)}, which another run has")
        return ours

    async def put_file(self, key: str, path: Path, sha256: str) -> None:
        """Copy a file in."""
        await super().put_file(key, path, sha256)
        self._happened("inspection" if key.startswith("derived/inspections/") else "clip")


def written(key: str, data: bytes) -> str:
    """Return what a record of the vault says, in few words."""
    name = key.rpartition("/")[2]
    record = json.loads(data) if name.endswith(".json") else {}
    if "/slates/" in key:
        return "claim" if name == "claim.json" else f"answer: {record.get('kind', 'unknown')}"
    if "/tills/cap-" in key:
        return f"cap: {record['kind']} {dollars(record['ticks'])}"
    if "/tills/" in key:
        return f"till: {record['kind']} {dollars(record['ticks'])}"
    if "/takes/" in key:
        return f"take: {record['end']}"
    if "/index/" in key:
        return "mark"
    return "charge" if "/deliveries/" in key else "clip"


class Line(httpx.ASGITransport):
    """A line to the sandbox that says what is sent there."""

    def __init__(self, folder: Path, session: Session, happened: Happened) -> None:
        settings = SandboxSettings(folder=folder, latency_s=0.0, submits_per_second=None)
        super().__init__(create_app(settings, session.catalog))
        self._happened = happened

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        if request.method == "POST":
            self._happened(f"POST {request.url.path.removeprefix('/v1/')}")
        return await super().handle_async_request(request)


class Client(Imagine):
    """A client that says when it has its turn, and lets others go first."""

    def __init__(self, line: Line, happened: Happened, meanwhile: Meanwhile) -> None:
        super().__init__(IN_PROCESS, "sandbox", transport=line, poll_s=0.05, submits_per_second=1000.0)
        self._happened = happened
        self._meanwhile = meanwhile

    async def paced(self) -> bool:
        """Wait for a turn to submit."""
        turn = await super().paced()
        self._happened("pace")
        await self._meanwhile()
        return turn


@asynccontextmanager
async def watched(
    desk: Desk, happened: Happened, meanwhile: Meanwhile, till: str | None = None
) -> AsyncIterator[Session]:
    """Open a session in which everything that reaches its vault and the service is written down."""

    async def before_claim(_: str) -> None:
        happened("vault told")

    async with open_session(prepare(str(desk.board)), run="ours", till=till, sandbox=True) as session:
        vault = Vault(Folder(desk.folder / "vault", happened), session.vault.address)
        async with Client(Line(desk.folder / "sandbox", session, happened), happened, meanwhile) as client:
            inputs = Inputs(vault, client, session.service, session.plan.files)
            yield replace(session, vault=vault, client=client, inputs=inputs, before_claim=before_claim)


def write(desk: Desk, board: str, faults: list[str]) -> None:
    """Write the storyboard with these faults of the sandbox, and the picture that it may want."""
    Image.frombytes("RGB", (800, 600), os.urandom(800 * 600 * 3)).save(desk.folder / "large.png")
    desk.write(board.format(fault="".join(f"[[sandbox: {fault}]]" for fault in faults)))


async def first_step(session: Session) -> str:
    """Make the first step as a run does, and return what came of it."""
    step = session.plan.steps[0]
    try:
        slate = await recall(session, step, []) or await try_to_buy(session, step.scene, step.name, [])
        if not isinstance(slate, Slate):
            return "waits"
        await collect(session, step.id, slate)
    except StoryreelError as error:
        return type(error).__name__
    return "made"


async def nobody() -> None:
    """Do nothing meanwhile."""


UPLOADED = ["attempts read", "POST files", "attempts read"]
READY = ["mark", "vault told", "pace", "claim", "claim is still ours"]
VIDEO_SENT = [*UPLOADED, "till: spend $0.052", *READY, "POST videos/generations"]
LOOKED_AT = ["inspection", "attempts read"]
"""What is seen to be wrong with a clip is of no weight: it is written when all that concerns money stands."""
STILL_SENT = ["attempts read", "till: spend $0.02", *READY, "POST images/generations"]


@pytest.mark.parametrize(
    ("board", "faults", "events"),
    [
        pytest.param(
            VIDEO,
            ["charge 0.42"],
            [
                *VIDEO_SENT,
                *("answer: accepted", "clip", "take: clip", "attempts read", "till: settle $0.368"),
                *LOOKED_AT,
                "made",
            ],
            id="video",
        ),
        pytest.param(
            STILL,
            ["charge 0.30"],
            [
                *STILL_SENT,
                *("clip", "charge", "take: clip", "attempts read", "till: settle $0.28", "answer: accepted"),
                *LOOKED_AT,
                "made",
            ],
            id="still",
        ),
        pytest.param(
            VIDEO,
            ["moderated", "charge 0.01"],
            [
                *VIDEO_SENT,
                "answer: accepted",
                "take: moderated",
                "attempts read",
                "till: settle $-0.042",
                "TakeModerated",
            ],
            id="video-withheld",
        ),
        pytest.param(
            STILL,
            ["moderated", "charge 0.01"],
            [
                *STILL_SENT,
                *("charge", "take: moderated", "attempts read", "till: settle $-0.01", "answer: accepted"),
                "TakeModerated",
            ],
            id="still-withheld",
        ),
        pytest.param(
            VIDEO,
            ["submit 429 60"],
            [*VIDEO_SENT, "answer: refused", "till: settle $-0.052", "waits"],
            id="video-too-many-requests",
        ),
        pytest.param(
            STILL,
            ["submit 429 60"],
            [*STILL_SENT, "answer: refused", "till: settle $-0.02", "waits"],
            id="still-too-many-requests",
        ),
        pytest.param(
            VIDEO,
            ["refused argument"],
            [*VIDEO_SENT, "answer: refused", "till: settle $-0.052", "SubmitRefused"],
            id="video-refused",
        ),
        pytest.param(
            STILL,
            ["refused argument"],
            [*STILL_SENT, "answer: refused", "till: settle $-0.02", "SubmitRefused"],
            id="still-refused",
        ),
        pytest.param(
            VIDEO, ["drop after"], [*VIDEO_SENT, "answer: unknown", "SubmitUnknown"], id="video-connection-lost"
        ),
        pytest.param(
            STILL, ["drop after"], [*STILL_SENT, "answer: unknown", "SubmitUnknown"], id="still-connection-lost"
        ),
    ],
)
async def test_a_purchase_goes_in_this_order(desk: Desk, board: str, faults: list[str], events: list[str]):
    """
    Inputs, till, mark, pace, claim; then nothing but the request and its answer. What was charged is settled once it is told,
    nothing where nothing was taken; where nobody knows, the estimate stands.
    """
    write(desk, board, faults)
    happened = Happened()
    async with watched(desk, happened, nobody) as session:
        happened(await first_step(session))

    assert events == happened


TAKEN = [*READY[:3], "claim, which another run has"]


@pytest.mark.parametrize(
    ("board", "till", "events"),
    [
        pytest.param(
            VIDEO,
            None,
            [*UPLOADED, "till: spend $0.052", *TAKEN, "attempts read", "till: settle $-0.052", "attempts read", "made"],
            id="video-from-tills-of-their-own",
        ),
        pytest.param(
            VIDEO, "night", [*UPLOADED, "till: spend $0.052", *TAKEN, "attempts read", "made"], id="video-from-one-till"
        ),
        pytest.param(
            STILL,
            None,
            [
                *("attempts read", "till: spend $0.02", *TAKEN, "attempts read", "till: settle $-0.02"),
                *("attempts read", "made"),
            ],
            id="still-from-tills-of-their-own",
        ),
        pytest.param(
            STILL,
            "night",
            ["attempts read", "till: spend $0.02", *TAKEN, "attempts read", "made"],
            id="still-from-one-till",
        ),
    ],
)
async def test_a_claim_that_another_run_has_is_given_way_to(
    desk: Desk, board: str, till: str | None, events: list[str]
):
    """
    Another run makes the same step while this one waits for its turn: nothing is sent for it here, its take is ours as
    well, and the till from which it was not paid gets its estimate back.
    """
    write(desk, board, [])

    async def other_run() -> None:
        async with open_session(prepare(str(desk.board)), run="theirs", till=till, sandbox=True) as session:
            assert "made" == await first_step(session)

    happened = Happened()
    async with watched(desk, happened, other_run, till) as session:
        happened(await first_step(session))
        spent = {name: await session.vault.ledger.spent("sandbox", name) for name in (session.till, till or "theirs")}

    assert events == happened
    assert 1 == len(desk.posts())
    assert session.plan.steps[0].ticks == sum(spent.values())


async def test_what_passes_the_budget_is_not_claimed(desk: Desk):
    """
    The till is asked before anything else is done: a step that it has nothing for ends there.
    """
    write(desk, VIDEO, [])
    happened = Happened()
    async with watched(desk, happened, nobody) as session:
        happened(await first_step(replace(session, budget=Budget(1))))

    assert [*UPLOADED, "BudgetError"] == happened


CAPPED = [*UPLOADED, "cap: spend $0.052", "till: spend $0.052", *READY, "POST videos/generations", "answer: accepted"]


@pytest.mark.parametrize(
    ("faults", "events"),
    [
        pytest.param(
            ["charge 0.42"],
            [
                *CAPPED,
                *("clip", "take: clip", "attempts read", "till: settle $0.368", "cap: settle $0.368"),
                *LOOKED_AT,
                "made",
            ],
            id="made",
        ),
        pytest.param(
            ["refused argument"],
            [*CAPPED[:-1], "answer: refused", "till: settle $-0.052", "cap: settle $-0.052", "SubmitRefused"],
            id="refused",
        ),
    ],
)
async def test_a_cap_is_asked_before_the_till(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, faults: list[str], events: list[str]
):
    """
    Where a person has set a cap, it comes first, and is settled after the till; the rest is as without one.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "1")
    write(desk, VIDEO, faults)
    happened = Happened()
    async with watched(desk, happened, nobody) as session:
        happened(await first_step(session))

    assert events == happened


async def test_where_the_till_says_no_the_cap_has_its_money_back(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    And where the cap says no, the till is not asked.
    """
    write(desk, VIDEO, [])
    happened = Happened()
    for cap in ("1", "0.05"):
        monkeypatch.setenv("STORYREEL_CAP_DAY", cap)
        async with watched(desk, happened, nobody) as session:
            happened(await first_step(replace(session, budget=Budget(1))))

    assert [
        *(*UPLOADED, "cap: spend $0.052", "attempts read", "cap: settle $-0.052", "BudgetError"),
        *(*UPLOADED, "BudgetError"),
    ] == happened
    assert [] == desk.posts()
