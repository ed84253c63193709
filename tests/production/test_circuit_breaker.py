"""
An outage meets three requests, not all of them: what is wrong with the service holds the other scenes back.
"""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from storyreel.errors import Braked, KeyRefused, NotReached, SequenceFailed, SubmitPaced, SubmitRefused, SubmitUnknown
from storyreel.model.recipe import Clip, Slate
from storyreel.production.circuit_breaker import Brake, is_about_the_service
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run
from storyreel.production.summary import raise_for
from tests.desk import Desk
from tests.production.patiently import buy

from .gateway import Gateway, gateway

__all__ = ["gateway"]

SUBMIT = "/v1/videos/generations"
HTML = "<html><title>502 Bad Gateway</title>"
OUTAGES = {
    "503": httpx.Response(503, json={"error": "No available channel for model x (distributor)"}),
    "502-html": httpx.Response(502, text=HTML),
    "200-without-id": httpx.Response(200, json={"error": "quota"}),
    "captive-page": httpx.Response(200, text="<html>log in"),
    "401": httpx.Response(401),
    "wrong-key": httpx.Response(400, json={"code": "invalid-argument", "error": "Incorrect API key provided."}),
    "402": httpx.Response(402, json={"error": "payment required"}),
    "403-credits": httpx.Response(403, json={"code": "permission-denied", "error": "out of credits"}),
    "404-model": httpx.Response(404, json={"code": "not-found", "error": "The model x does not exist"}),
    "429-credits": httpx.Response(429, json={"error": "You have used all credits of this month"}),
    "zdr": httpx.Response(400, json={"error": "Zero Data Retention teams must provide output.upload_url."}),
    "307": httpx.Response(307, headers={"Location": "https://elsewhere.example/v1/videos/generations"}),
}
DIFFERENT = ("503", "200-without-id", "401", "307")
"""Which of them are tried each time: one for each class of status. The others are among the long tests."""
ABOUT_THE_REQUEST = {
    "400": httpx.Response(400, json={"code": "invalid-argument", "error": "Duration must be between 1 and 15 seconds"}),
    "403-safety": httpx.Response(403, json={"error": "Content violates usage guidelines. Failed check: SAFETY_CHECK"}),
    "422": httpx.Response(422, text="Failed to deserialize"),
    "413": httpx.Response(413),
    "moderated": httpx.Response(400, json={"code": "imagine:content-moderated", "error": "rejected"}),
}


def board(desk: Desk, scenes: int, then: str = "") -> None:
    lines = "".join(f'  - {{id: s{n}, prompt: "Scene {n}."{then}}}\n' for n in range(scenes))
    desk.write("defaults: {duration: 1, resolution: 480p}\nscenes:\n" + lines)


async def shoot(desk: Desk) -> tuple[dict[str, Clip | BaseException], SequenceFailed | None]:
    """Run all chains side by side, as the flow does."""
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        ends = dict((await run(session)).ends)
        try:
            raise_for(session.plan, ends)
        except SequenceFailed as failed:
            return ends, failed
        return ends, None


def answered(response: httpx.Response) -> Callable[[bytes], httpx.Response]:
    return lambda _: httpx.Response(response.status_code, headers=response.headers, content=response.content)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DIFFERENT else pytest.mark.long) for name in OUTAGES]
)
async def test_an_outage_meets_three_requests(desk: Desk, gateway: Gateway, name: str):
    """
    Twelve scenes, a service that is broken: three requests, three lines, and one message about the other nine.
    """
    board(desk, 12)
    gateway.on(SUBMIT, answered(OUTAGES[name]))

    ends, failed = await shoot(desk)

    assert failed is not None
    assert 3 == gateway.asked.count(SUBMIT)
    assert 9 == sum(isinstance(end, Braked) for end in ends.values())
    assert failed.head == "3 of 12 steps failed, 9 not reached"
    assert 4 == len(failed.lines)
    assert "and 6 more: not sent, since 3 in a row" in failed.lines[-1]
    assert "run again" in failed.lines[-1]


@pytest.mark.parametrize("name", ABOUT_THE_REQUEST)
@pytest.mark.some(1)
async def test_a_refusal_of_one_request_says_nothing_of_the_others(desk: Desk, gateway: Gateway, name: str):
    """
    Each scene whose own prompt or picture is refused is told, and the others are tried.
    """
    board(desk, 5)
    gateway.on(SUBMIT, answered(ABOUT_THE_REQUEST[name]))

    ends, _ = await shoot(desk)

    assert 5 == gateway.asked.count(SUBMIT)
    assert not [end for end in ends.values() if isinstance(end, NotReached)]


async def test_only_a_success_sets_it_back(desk: Desk, gateway: Gateway):
    """
    Two bad ones, a good one, two bad ones: nothing is held back. A refusal in between changes nothing.
    """
    board(desk, 9)
    bad, no = answered(OUTAGES["503"]), answered(ABOUT_THE_REQUEST["400"])
    script: list[Callable[[bytes], httpx.Response | None]] = [bad, bad, lambda _: None, bad, no, bad, no, bad]
    gateway.on(SUBMIT, lambda content: script.pop(0)(content))

    ends = {}
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        for step in session.plan.steps:
            try:
                ends[step.id] = await buy(session, step.scene, step.name, [])
            except Exception as error:
                ends[step.id] = error

    kinds = [type(end) for end in ends.values()]
    assert kinds == [
        *(SubmitUnknown, SubmitUnknown, Slate, SubmitUnknown, SubmitRefused),
        *(SubmitUnknown, SubmitRefused, SubmitUnknown, Braked),
    ]
    assert script == []


@pytest.mark.long
async def test_what_is_in_the_vault_is_made_all_the_same(desk: Desk, gateway: Gateway):
    """
    The brake holds purchases back; what was bought before needs none.
    """
    board(desk, 2)
    first, _ = await shoot(desk)
    board(desk, 6)
    gateway.on(SUBMIT, answered(OUTAGES["503"]))

    ends, failed = await shoot(desk)

    assert failed is not None
    assert [ends["s0/video"], ends["s1/video"]] == list(first.values())
    assert 3 == gateway.asked.count(SUBMIT) - 2


@pytest.mark.long
async def test_a_next_run_begins_anew(desk: Desk, gateway: Gateway):
    """
    When the service is well again, what was held back is sent.
    """
    board(desk, 6)
    gateway.on(SUBMIT, answered(OUTAGES["401"]))
    await shoot(desk)
    gateway.changes.clear()

    ends, failed = await shoot(desk)

    assert failed is None
    assert all(isinstance(end, Clip) for end in ends.values())


async def test_a_slow_outage_meets_three_requests_too():
    """
    Before anything was taken, no more are under way than would brake if all of them failed.
    """
    brake, sent = Brake(), 0

    async def send(step: str) -> None:
        nonlocal sent
        async with brake.sending(step):
            sent += 1
            await asyncio.sleep(0.02)
            raise SubmitUnknown("nothing within 60 s")

    ended = await asyncio.gather(*(send(f"s{n}") for n in range(10)), return_exceptions=True)

    assert sent == 3
    assert [SubmitUnknown] * 3 + [Braked] * 7 == [type(end) for end in ended]


async def test_a_service_that_is_well_is_not_held_up():
    """
    Once a request was taken, as many are sent at once as there are places.
    """
    brake, most, now = Brake(), 0, 0

    async def send(step: str) -> None:
        nonlocal most, now
        async with brake.sending(step):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            brake.taken()

    await send("first")
    await asyncio.gather(*(send(f"s{n}") for n in range(10)))

    assert most == 10


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        (True, SubmitUnknown("x")),
        (True, KeyRefused("x")),
        (True, SubmitPaced("x", status=429)),
        (True, SubmitRefused("x", status=402)),
        (True, SubmitRefused("x", status=403, code="permission-denied")),
        (False, SubmitRefused("Failed check: SAFETY_CHECK_TYPE_CSAM", status=403)),
        (True, SubmitRefused("x", status=404)),
        (False, SubmitRefused("x", status=400)),
        (False, SubmitRefused("x", status=415)),
        (False, SubmitRefused("other runs kept claiming it")),
        (False, OSError("disk")),
    ],
)
def test_what_counts(counts: bool, error: Exception):
    """
    What says something about the next request as well, whatever that is.
    """
    assert counts is is_about_the_service(error)
