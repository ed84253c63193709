"""
Waits are bounded and told: whatever a service asks for, a run gives up after some minutes, and says why and until when.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from storyreel.errors import SubmitPaced
from storyreel.imagine.rate import Pace
from storyreel.model.events import Event
from storyreel.production import retry_wait
from storyreel.production.caller import Caller
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.purchase import try_to_buy
from storyreel.production.retry_wait import PATIENCE_S, REFUSALS_BORNE, Later, Waits, length
from storyreel.production.session import Session
from tests.desk import Desk
from tests.production.patiently import buy

from .gateway import Gateway, gateway

__all__ = ["gateway"]

BOARD = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: door, prompt: "A door."}
"""
SUBMIT = "/v1/videos/generations"


def too_many(retry_after: str | None) -> Callable[[bytes], httpx.Response]:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda _: httpx.Response(429, headers=headers, json={"error": "Too many requests for team x."})


async def bought_one_by_one(desk: Desk, *steps: str, watcher: Callable[[Event], None] | None = None) -> list[Any]:
    """Buy single steps of the board, one after the other, as chains of one run do; return what came of each."""
    async with open_session(
        prepare(str(desk.board)), run="one", sandbox=True, caller=Caller(watcher=watcher)
    ) as session:
        return [await tried(session, step) for step in steps]


async def tried(session: Session, step: str) -> Any:
    scene, _, name = step.partition("/")
    try:
        return await buy(session, scene, name, [])
    except SubmitPaced as error:
        return error


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        ("86400", "24 h"),
        ("inf", "more than a year"),
        ("1e400", "more than a year"),
        ("9" * 40, "more than a year"),
        ("Sun, 22 Nov 2093 12:00:00 GMT", "more than a year"),
        ("601", "10 min"),
    ],
)
async def test_a_wait_that_is_too_long_is_not_begun(desk: Desk, gateway: Gateway, asks: str, told: str):
    """
    Asked to wait for a day, a run says so and goes on with what it can; nothing is sent again meanwhile.
    """
    desk.write(BOARD)
    gateway.on(SUBMIT, too_many(asks))
    before = time.monotonic()

    (error,) = await bought_one_by_one(desk, "coast/video")

    assert isinstance(error, SubmitPaced)
    assert time.monotonic() - before < 10
    assert f"asks to wait {told}" in str(error)
    assert "Too many requests for team x." in str(error)
    assert "run again later" in str(error)
    assert 1 == gateway.asked.count(SUBMIT)


@pytest.mark.parametrize(
    "asks",
    [None, "0", "-5", "-inf", "nan", "soon", "Sat, 01 Jan 2000 00:00:00 GMT", f"Sun, 22 Nov {'9' * 25} 12:00:00 GMT"],
)
async def test_what_asks_for_no_wait_is_tried_again_at_our_own_pace(
    desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, asks: str | None
):
    """
    Negative, past, worded or impossible: eight times more, with pauses that grow, then it is given up.
    """
    desk.write(BOARD)
    gateway.on(SUBMIT, too_many(asks))
    pauses: list[float] = []
    plain = asyncio.sleep

    async def sleep(seconds: float) -> None:
        # Prefect's own threads sleep too, where another test has begun them.
        ours = threading.current_thread() is threading.main_thread()
        pauses.extend([seconds] * ours)
        await plain(0 if ours else seconds)

    monkeypatch.setattr(retry_wait.asyncio, "sleep", sleep)
    monkeypatch.setattr(Pace, "refused", lambda *_: None)
    (error,) = await bought_one_by_one(desk, "coast/video")

    assert isinstance(error, SubmitPaced)
    assert 1 + REFUSALS_BORNE == gateway.asked.count(SUBMIT)
    assert sum(pauses) <= PATIENCE_S


async def test_whoever_watches_is_told_how_long_and_why(desk: Desk, gateway: Gateway):
    """
    A wait is an event with its length and the words of the service; what came of it is bought after all.
    """
    desk.write(BOARD)
    said: list[Event] = []

    def once(content: bytes) -> httpx.Response:
        gateway.changes.clear()
        return too_many("1")(content)

    gateway.on(SUBMIT, once)
    bought = await bought_one_by_one(desk, "coast/video", watcher=said.append)

    assert "coast/video" == said[0].step
    (told,) = [event.text for event in said if event.stage == "refused"]
    assert re.fullmatch(
        r"waits [12] s: the service takes no more requests for now: Too many requests for team x\.", told
    )
    assert bought[0].request_id
    assert 2 == gateway.asked.count(SUBMIT)


async def test_others_of_the_run_wait_without_asking(desk: Desk, gateway: Gateway):
    """
    What one step was told holds for all: nobody else asks before the pause is over, or stands in line meanwhile.
    """
    desk.write(BOARD)
    gateway.on(SUBMIT, too_many("30"))
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        first = await try_to_buy(session, "coast", "video", [])
        second = await try_to_buy(session, "door", "video", [])

    assert isinstance(first, Later)
    assert isinstance(second, Later)
    assert 29 < second.after_s <= 30
    assert "Too many requests" in second.why
    assert 1 == gateway.asked.count(SUBMIT)


async def test_a_line_that_is_held_sends_everybody_away():
    """
    Whoever stands in line when a long pause begins does not spend it there.
    """
    pace = Pace(5)
    await pace.turn()
    waiting_ = [asyncio.create_task(pace.turn()) for _ in range(3)]
    await asyncio.sleep(0.01)
    pace.hold_back(60, "too many")
    before = time.monotonic()

    assert [False, False, False] == await asyncio.gather(*waiting_)
    assert time.monotonic() - before < 2
    assert pace.held()[1] == "too many"


def test_waits_add_up_to_a_bound():
    """
    Many short waits are a long one.
    """
    waits = Waits(waited_s={"coast/video": PATIENCE_S - 10})

    assert 9 == waits.held("coast/video", 9, "busy").after_s
    with pytest.raises(SubmitPaced, match="10 min were waited already"):
        waits.held("coast/video", 11, "busy")
    assert 11 == waits.held("door/video", 11, "busy").after_s


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.4, "0.4 s"),
        (40, "40 s"),
        (150, "2 min"),
        (86_400, "24 h"),
        (2e5, "2 d"),
        (1e12, "more than a year"),
    ],
)
def test_a_length_of_time_is_said_as_people_do(seconds: float, said: str):
    """
    Neither 86400 s nor inf.
    """
    assert length(seconds) == said
