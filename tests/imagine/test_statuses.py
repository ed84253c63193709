"""Words and places of gateways: what means done, where the clip may stand, and what is waited on all the same."""

from __future__ import annotations

import pytest

from storyreel.errors import TakeFailed, WaitedTooLong
from storyreel.imagine import Finished, Imagine, Patience, Progress, answers
from storyreel.imagine.readings import Unlisted, Withheld, WithoutAddress
from storyreel.vault import PASSING

from .conftest import KEY, REQUEST_ID, Say, Stub

URL = "https://files.example/a.mp4"
WORDS = ["completed", "succeeded", "success", "finished", "ready", "Completed", " SUCCESS "]
PLACES = [
    pytest.param({"video": {"url": URL}}, id="the-service's-own"),
    pytest.param({"video": {"file_output": {"public_url": URL}}}, id="stored"),
    pytest.param({"video": URL}, id="video"),
    pytest.param({"video_url": URL}, id="video_url"),
    pytest.param({"url": URL}, id="url"),
    pytest.param({"data": {"url": URL}}, id="data.url"),
    pytest.param({"data": [{"url": URL}]}, id="data[0].url"),
    pytest.param({"data": {"video_url": URL}}, id="data.video_url"),
    pytest.param({"output": URL}, id="output"),
    pytest.param({"output": [URL]}, id="output[0]"),
    pytest.param({"result": {"url": URL}}, id="result.url"),
]


def read(**fields: object) -> object:
    import json

    return answers.read_poll(REQUEST_ID, 200, json.dumps(fields))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", ["done", *WORDS])
def test_a_word_that_means_done_beside_an_address_is_done(word: str, place: dict[str, object]) -> None:
    """
    A gateway's own word for done, and its own place for the clip, are as good as the service's.
    """
    answer = read(status=word, usage={"cost_in_usd_ticks": 5}, **place)

    assert isinstance(answer, Finished)
    assert (answer.url, answer.ticks) == (URL, 5)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", [{}, {"video": {"url": ""}}, {"video": {"url": 7}}])
def test_such_a_word_without_an_address_is_waited_on(word: str, place: dict[str, object]) -> None:
    """
    Where nothing can be fetched, nothing is done.
    """
    assert isinstance(read(status=word, **place), Unlisted)


def test_what_was_withheld_is_not_done_by_any_word() -> None:
    """
    Moderation is told by its own field, whatever the status is called.
    """
    assert isinstance(read(status="completed", video={"url": URL, "respect_moderation": False}), Withheld)


def test_done_without_an_address_tells_its_charge() -> None:
    """
    What was told of the money is not dropped with the address that is missing.
    """
    assert read(status="done", video={"url": None}, usage={"cost_in_usd_ticks": 7}) == WithoutAddress(7)


async def waited(stub: Stub, *says: dict[str, object]) -> Finished:
    stub.on_poll(*(Say(200, says_) for says_ in says))
    async with Imagine(stub.base_url, KEY, poll_s=0.001, patience=Patience(take_s=0.15, url_s=0.05)) as client:
        return await client.wait(REQUEST_ID)


async def test_an_unlisted_word_is_done_when_its_address_stays(stub: Stub) -> None:
    """
    Three answers in a row with the same address and no progress below the end: whatever the word, it is there.
    """
    answer = await waited(stub, {"status": "rendered", "video": {"url": URL}})

    assert answer.url == URL
    assert len(stub.heard) == 3


@pytest.mark.parametrize(
    "says",
    [
        pytest.param([{"status": "rendering", "progress": 40, "video": {"url": URL}}], id="still-at-it"),
        pytest.param(
            [{"status": "x", "video": {"url": f"{URL}?{n}"}} for n in range(400)], id="another-address-each-time"
        ),
        pytest.param(
            [{"status": "x", "video": {"url": URL}}, {"status": "x", "video": {"url": URL}}, {"status": "x"}] * 200,
            id="an-address-that-goes-again",
        ),
        pytest.param(
            [{"status": "x", "video": {"url": URL}}, {"status": "pending", "video": {"url": URL}}] * 200, id="pending"
        ),
        pytest.param([{"status": "error"}], id="no-address"),
    ],
)
async def test_what_may_still_change_is_waited_on(stub: Stub, says: list[dict[str, object]]) -> None:
    """
    A preview, an address that moves, a status that says otherwise: none of them is the clip.
    """
    with pytest.raises(WaitedTooLong):
        await waited(stub, *says)


async def test_a_take_that_shows_no_address_keeps_its_charge(stub: Stub) -> None:
    """
    Given up on for this run, with what it cost.
    """
    with pytest.raises(TakeFailed, match="each run asks for it again") as caught:
        await waited(stub, {"status": "done", "video": {"url": None}, "usage": {"cost_in_usd_ticks": 7}})

    assert (caught.value.code, caught.value.ticks) == ("done_without_url", 7)


async def test_progress_is_told_of_an_unlisted_word(stub: Stub) -> None:
    """
    Whoever watches sees how far it is.
    """
    assert read(status="rendering", progress=40) == Unlisted("rendering", 40)
    assert isinstance(read(status="pending", progress=40), Progress)


ERROR = {"code": "internal_error", "message": "The upstream gave up."}


@pytest.mark.parametrize("word", ["error", "failure", "Cancelled", "rejected"])
async def test_another_word_for_failed_is_believed_once_it_was_said_three_times_and_for_a_while(
    stub: Stub, word: str
) -> None:
    """
    With an error beside it; then it is an end, by the gateway's word: the service's own code would have it bought again by itself.
    """
    stub.on_poll(Say(200, {"status": word, "error": ERROR}))
    async with Imagine(stub.base_url, KEY, poll_s=0.001, patience=Patience(url_s=0)) as client:
        with pytest.raises(TakeFailed, match=r"The upstream gave up.*internal_error") as failed:
            await client.wait(REQUEST_ID)

    assert word.lower() == failed.value.code
    assert failed.value.code not in PASSING
    assert 3 == len(stub.heard)


async def test_a_gateway_that_cannot_ask_for_a_moment_ends_no_take(stub: Stub) -> None:
    """
    However often it says so in that time: what it could not ask for is made, and paid.
    """
    stub.on_poll(*[Say(200, {"status": "error", "error": ERROR})] * 9, Say(200, {"status": "completed", "url": URL}))
    async with Imagine(stub.base_url, KEY, poll_s=0.001) as client:
        assert URL == (await client.wait(REQUEST_ID)).url


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(Say(200, {"status": "processing"}), id="under-way"),
        pytest.param(Say(200, {"status": "error"}), id="no-error"),
        pytest.param(Say(200, {"status": "pending"}), id="pending"),
    ],
)
async def test_one_that_is_said_in_passing_is_no_end(stub: Stub, between: Say) -> None:
    """
    What is finished after all is a clip that was paid for.
    """
    erred = Say(200, {"status": "error", "error": ERROR})
    done = Say(200, {"status": "completed", "url": URL})
    stub.on_poll(erred, erred, between, erred, erred, done)
    async with Imagine(stub.base_url, KEY, poll_s=0.001) as client:
        assert URL == (await client.wait(REQUEST_ID)).url


async def test_an_address_beside_an_error_is_a_clip(stub: Stub) -> None:
    """
    Whatever the word: it is fetched.
    """
    stub.on_poll(Say(200, {"status": "error", "error": ERROR, "video": {"url": URL}}))
    async with Imagine(stub.base_url, KEY, poll_s=0.001) as client:
        assert URL == (await client.wait(REQUEST_ID)).url
