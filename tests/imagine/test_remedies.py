"""What is wrong with the way to the service, or with the account, is told with our address and with what to do."""

from __future__ import annotations

import pytest

from storyreel.errors import ImagineError, ServiceUnreachable, SubmitPaced, SubmitRefused, SubmitUnknown, WaitedTooLong
from storyreel.imagine import Imagine, Patience

from .conftest import KEY, REQUEST_ID, Say, Stub

BODY = {"model": "grok-imagine-video", "prompt": "A lighthouse."}
PAGE = "<!DOCTYPE html><html><title>Log in to the hotel's network</title>"
TO = {"Location": "https://me:secret@elsewhere.example/v1/videos/generations?token=secret"}


async def refused(stub: Stub, say: Say, base: str = "/v1") -> ImagineError:
    stub.on(f"POST {base}/videos/generations", say)
    async with Imagine(stub.url(base), KEY, patience=Patience(backoff_s=0.001)) as client:
        with pytest.raises(ImagineError) as caught:
            await client.submit("text-to-video", BODY, idempotency_key="k")
    said = str(caught.value)
    assert "secret" not in said
    assert "\n" not in said
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_told_with_both_addresses(stub: Stub, status: int) -> None:
    """
    A request with a key is led nowhere; where it would have gone is for the person to set.
    """
    error = await refused(stub, Say(status, None, TO))

    assert isinstance(error, SubmitRefused if status in (301, 307, 308) else SubmitUnknown)
    assert f"{stub.base_url} leads on to https://elsewhere.example/v1/videos/generations" in str(error)
    assert "XAI_BASE_URL" in str(error)


async def test_a_missing_v1_is_told(stub: Stub) -> None:
    """
    The service's own words for a path that it does not have say nothing of which one that was.
    """
    say = Say(404, {"error": {"code": 404, "message": "The requested resource was not found. Please check the URL."}})

    assert f"perhaps {stub.url('/api')}/v1" in str(await refused(stub, say, "/api"))
    assert f"asked at {stub.base_url}; look at XAI_BASE_URL" in str(await refused(stub, say))


@pytest.mark.parametrize(
    ("words", "say"),
    [
        pytest.param("too large", Say(413), id="413"),
        pytest.param("smaller pictures", Say(413, "<html>413 Request Entity Too Large"), id="413-page"),
        pytest.param(
            "smaller pictures", Say(400, {"error": "Failed to read request body: length limit exceeded"}), id="400"
        ),
        pytest.param(
            "STORYREEL_VAULT=s3://bucket/prefix",
            Say(400, {"error": "Zero Data Retention teams must provide output.upload_url for video generation."}),
            id="zdr",
        ),
        pytest.param("spending limit", Say(402, {"error": "payment required"}), id="402"),
        pytest.param(
            "no pause cures that", Say(429, {"error": {"code": "insufficient_quota", "message": "x"}}), id="q"
        ),
        pytest.param(
            "no pause cures that", Say(429, {"error": "You exceeded your current quota, see billing"}), id="q2"
        ),
        pytest.param("no pause cures that", Say(429, {"error": "spend limit reached"}), id="spend-limit"),
    ],
)
async def test_what_no_pause_cures_says_what_does(stub: Stub, words: str, say: Say) -> None:
    """
    Size, retention, quota: each refused at once, with the remedy.
    """
    error = await refused(stub, say)

    assert isinstance(error, SubmitRefused)
    assert not isinstance(error, SubmitPaced)
    assert words in str(error)


@pytest.mark.parametrize(
    "words",
    [
        "Too many requests for team x. Your rate limit tier is determined by credits",
        "Quota exceeded for requests per minute",
        "rate limit: buy credits for more",
        "slow down",
    ],
)
async def test_a_rate_is_still_a_rate(stub: Stub, words: str) -> None:
    """
    What a pause does cure is paced, whatever else its text advertises.
    """
    assert isinstance(await refused(stub, Say(429, {"error": words})), SubmitPaced)


async def test_a_captive_page_is_told_as_one(stub: Stub) -> None:
    """
    At the first question nothing is sent; later on it is unknown, and the beginning of the page is shown.
    """
    stub.on("GET /v1/api-key", Say(200, PAGE))
    async with Imagine(stub.base_url, KEY) as client:
        with pytest.raises(ServiceUnreachable, match="login page of this network") as caught:
            await client.service()
    assert stub.base_url in str(caught.value)

    error = await refused(stub, Say(200, PAGE))
    assert isinstance(error, SubmitUnknown)
    assert "Log in to the hotel's network" in str(error)
    assert f"that came from {stub.base_url}" in str(error)


async def test_a_redirect_at_the_first_question_is_told(stub: Stub) -> None:
    """
    Nothing is sent to a service that leads elsewhere.
    """
    stub.on("GET /v1/api-key", Say(307, None, TO))
    async with Imagine(stub.base_url, KEY) as client:
        with pytest.raises(ServiceUnreachable, match=r"leads on to https://elsewhere\.example"):
            await client.service()


async def test_a_redirect_of_polls_is_told_in_the_end(stub: Stub) -> None:
    """
    A take that cannot be asked for is kept, and why is said.
    """
    stub.on_poll(Say(308, None, TO))
    async with Imagine(stub.base_url, KEY, poll_s=0.001, patience=Patience(backoff_s=0.001, take_s=0.02)) as client:
        with pytest.raises(WaitedTooLong, match=r"leads on to https://elsewhere\.example"):
            await client.wait(REQUEST_ID)


@pytest.mark.parametrize(
    ("shown", "say"),
    [
        pytest.param("task_1abc", Say(200, {"id": "task_1abc", "object": "video", "status": "queued"}), id="id"),
        pytest.param("requestId=r-7", Say(200, {"pad": "x" * 500, "requestId": "r-7"}), id="requestId-far-down"),
        pytest.param("data.task_id=99", Say(200, {"pad": "x" * 500, "data": {"task_id": 99}}), id="nested"),
        pytest.param(
            "error.request_id=e-1", Say(500, {"pad": "x" * 500, "error": {"request_id": "e-1"}}), id="in-error"
        ),
        pytest.param("upstream connect", Say(503, "upstream connect error"), id="plain"),
        pytest.param('{"odd": [1, 2', Say(200, '{"odd": [1, 2'), id="half-json"),
    ],
)
async def test_what_cannot_be_read_is_shown(stub: Stub, shown: str, say: Say) -> None:
    """
    A person who has to resolve it gets the beginning of the answer and every id in it.
    """
    error = await refused(stub, say)

    assert isinstance(error, SubmitUnknown)
    assert shown in str(error)
    assert len(str(error)) < 1200


async def test_no_more_than_the_beginning_is_shown(stub: Stub) -> None:
    """
    Two hundred characters are enough to know an answer by.
    """
    error = await refused(stub, Say(200, {"status": "odd", "pad": "y" * 5000}))

    assert 150 < str(error).count("y") < 220
