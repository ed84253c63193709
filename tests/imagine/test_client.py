"""The client against a server on a real socket that drops, delays and garbles."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import logging
import pickle
import socket
import time
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storyreel.errors import (
    ImagineError,
    KeyRefused,
    ServiceUnreachable,
    SubmitPaced,
    SubmitRefused,
    SubmitUnknown,
    TakeExpired,
    TakeFailed,
    TakeGone,
    TakeModerated,
    WaitedTooLong,
)
from storyreel.imagine import (
    ByFile,
    ByUrl,
    Finished,
    Imagine,
    Patience,
    Progress,
    Service,
    StillElsewhere,
    StillMade,
    StillUnread,
)

from .conftest import KEY, REQUEST_ID, Say, Stub

BODY = {"model": "grok-imagine-video", "prompt": "A lighthouse in fög", "duration": 6}
STILL = {"model": "grok-imagine-image", "prompt": "A lamp", "n": 1, "response_format": "b64_json"}
JPEG = b"\xff\xd8\xff\xe0picture"
URL = "https://vidgen.example.com/a.mp4"
DONE = Say(200, {"status": "done", "video": {"url": URL, "duration": 6}, "usage": {"cost_in_usd_ticks": 5}})
WRONG_KEY = Say(400, {"code": "invalid-argument", "error": f"Incorrect API key provided: {KEY}."})
BAD_GATEWAY = Say(502, "<html><title>502 Bad Gateway</title></html>", {"Content-Type": "text/html"})
Connect = Callable[..., Imagine]


QUICK = Patience(take_s=5.0, backoff_s=0.01)


@pytest.fixture
async def connect(stub: Stub) -> AsyncIterator[Connect]:
    """Open clients that are quick, and close them."""
    opened: list[Imagine] = []

    def open_one(base_url: str = "", **how: Any) -> Imagine:
        quick: dict[str, Any] = {"poll_s": 0.01, "submits_per_second": 1000, "patience": QUICK}
        client = Imagine(base_url or stub.base_url, KEY, **(quick | how))
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        await client.__aexit__(None, None, None)


def nobody() -> str:
    """Return an address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


async def submit(client: Imagine) -> str:
    return await client.submit("text-to-video", BODY, [], idempotency_key="claim-1")


# --- submits -------------------------------------------------------------------------------------------------------


async def test_a_submit_is_one_post_with_the_body_as_given(stub: Stub, connect: Connect) -> None:
    """
    A submit sends exactly the recipe, the media and the key of its claim, and returns the request id.
    """
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}))

    got = await connect().submit("image-to-video", BODY, [ByFile("file_1")], idempotency_key="claim-1")

    (heard,) = stub.heard
    assert got == REQUEST_ID
    assert heard.json == BODY | {"image": {"file_id": "file_1"}}
    assert heard.headers["idempotency-key"] == "claim-1"
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers["content-type"] == "application/json"
    assert "fög".encode() in heard.body


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(Say(drop=True), id="dropped"),
        pytest.param(Say(500), id="500"),
        pytest.param(BAD_GATEWAY, id="502-html"),
        pytest.param(Say(408), id="408"),
        pytest.param(Say(200, {"error": "quota"}), id="no-id"),
        pytest.param(Say(200, '{"request_id": "ab', length=500), id="cut-in-the-id"),
    ],
)
async def test_a_submit_without_a_readable_answer_is_unknown_and_not_repeated(
    stub: Stub, connect: Connect, say: Say
) -> None:
    """
    A request that may have been taken is never sent again by itself.
    """
    stub.on_submit(say)

    with pytest.raises(SubmitUnknown, match="may be billed"):
        await submit(connect())

    assert len(stub.heard) == 1


async def test_a_submit_that_is_never_answered_is_unknown_in_time(
    stub: Stub, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A POST has a fixed time for all of it, after which nobody knows.
    """
    monkeypatch.setattr("storyreel.imagine.client.SUBMIT_S", 0.1)
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}, after_s=5.0))
    before = time.monotonic()

    with pytest.raises(SubmitUnknown, match=r"within 0\.1 s"):
        await submit(connect())

    assert time.monotonic() - before < 4
    assert len(stub.heard) == 1


async def test_a_still_is_not_submitted_and_a_video_is_no_still(stub: Stub, connect: Connect) -> None:
    """
    A request whose answer could not be read is not sent in the first place.
    """
    with pytest.raises(ValueError, match="still"):
        await connect().submit("generate-image", STILL, idempotency_key="c")
    with pytest.raises(ValueError, match="still"):
        await connect().make_still("text-to-video", BODY, idempotency_key="c")

    assert stub.heard == []


@pytest.mark.parametrize("host", ["", "http://no-such-host.invalid/v1"], ids=["refused", "no-such-host"])
async def test_a_submit_that_reached_nobody_may_be_sent_again(connect: Connect, host: str) -> None:
    """
    Where no connection came about, nothing was taken.
    """
    with pytest.raises(SubmitPaced, match="nothing was sent"):
        await submit(connect(host or nobody()))


@pytest.mark.parametrize(
    ("after_s", "headers"),
    [pytest.param(7.0, {"Retry-After": "7"}, id="told"), pytest.param(None, {}, id="not-told")],
)
async def test_a_429_is_paced(stub: Stub, connect: Connect, after_s: float | None, headers: dict[str, str]) -> None:
    """
    Too many requests is a refusal for now, with the pause if the service told one, and nobody is given a turn before.
    """
    stub.on_submit(Say(429, {"code": "resource-exhausted", "error": "Too many requests"}, headers))
    client = connect()

    with pytest.raises(SubmitPaced) as caught:
        await submit(client)
    held_s, why = client.held()

    assert held_s > 1
    assert "Too many requests" in why
    assert (caught.value.status, caught.value.code, caught.value.after_s) == (429, "resource-exhausted", after_s)
    assert len(stub.heard) == 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        pytest.param(400, {"code": "invalid-argument", "error": "Duration must be less"}, "Duration", id="400"),
        pytest.param(403, {"code": "permission-denied", "error": "Content violates"}, "Content", id="403"),
        pytest.param(404, {"code": "not-found", "error": "The model x does not exist"}, "model x", id="404"),
        pytest.param(405, None, "HTTP 405", id="405-empty"),
        pytest.param(413, "length limit exceeded", "length limit", id="413-text"),
        pytest.param(422, "Failed to deserialize: missing field `video`", "missing field", id="422-text"),
        pytest.param(307, None, "HTTP 307", id="redirect"),
    ],
)
async def test_a_clear_no_is_a_refusal_in_the_words_of_the_service(
    stub: Stub, connect: Connect, status: int, body: object, words: str
) -> None:
    """
    A refusal says what the service said, in one line.
    """
    stub.on_submit(Say(status, body, {"Location": "http://127.0.0.1:9/elsewhere"}))

    with pytest.raises(SubmitRefused, match=words) as caught:
        await submit(connect())

    assert caught.value.status == status
    assert not isinstance(caught.value, SubmitPaced)
    assert "\n" not in str(caught.value)
    assert len(stub.heard) == 1


@pytest.mark.parametrize("say", [WRONG_KEY, Say(401)], ids=["400-by-its-text", "401"])
async def test_a_refused_key_is_told_as_such(stub: Stub, connect: Connect, say: Say) -> None:
    """
    A wrong key is a 400 at this service, and is told from a wrong request.
    """
    stub.on_submit(say)

    with pytest.raises(KeyRefused, match="XAI_API_KEY"):
        await submit(connect())


@pytest.mark.parametrize(
    ("error", "usage"),
    [
        pytest.param(SubmitRefused, {}, id="not-charged"),
        pytest.param(SubmitUnknown, {"usage": {"cost_in_usd_ticks": 5}}, id="charged"),
    ],
)
async def test_a_video_that_is_moderated_at_once(
    stub: Stub, connect: Connect, error: type[ImagineError], usage: dict[str, object]
) -> None:
    """
    A video withheld before it has an id is a refusal, unless the service says that it charged for it.
    """
    stub.on_submit(Say(400, {"code": "imagine:content-moderated", "error": "rejected"} | usage))

    with pytest.raises(error, match="rejected"):
        await submit(connect())


async def test_each_submit_has_a_connection_of_its_own(stub: Stub, connect: Connect) -> None:
    """
    A kept connection that dies under a submit would make an unknown of it, so none is kept.
    """
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}))
    client = connect()

    await asyncio.gather(submit(client), submit(client))
    await submit(client)

    assert {heard.connection for heard in stub.heard} == {1, 2, 3}


async def test_submits_are_spaced(connect: Connect) -> None:
    """
    Turns come one by one at the rate that was asked for, in the order of asking.
    """
    client = connect(submits_per_second=20)
    turns: list[tuple[int, float]] = []

    async def take(number: int) -> None:
        await client.paced()
        turns.append((number, time.monotonic()))

    await asyncio.gather(*(take(number) for number in range(4)))

    gaps = [later - earlier for (_, earlier), (_, later) in itertools.pairwise(turns)]
    assert [number for number, _ in turns] == [0, 1, 2, 3]
    assert all(gap > 0.025 for gap in gaps)


# --- stills --------------------------------------------------------------------------------------------------------


async def test_a_still_comes_back_as_bytes(stub: Stub, connect: Connect) -> None:
    """
    A still is one POST whose answer is the picture, its kind and its charge.
    """
    picture = {"b64_json": base64.b64encode(JPEG).decode()}
    stub.on("POST /v1/images/edits", Say(200, {"data": [picture], "usage": {"cost_in_usd_ticks": 9}}))

    got = await connect().make_still("edit-image", STILL, [ByUrl("data:,a"), ByUrl("data:,b")], idempotency_key="c")

    assert isinstance(got, StillMade)
    assert (got.picture, got.mime, got.ticks) == (JPEG, "image/jpeg", 9)
    assert stub.heard[0].json == STILL | {"images": [{"url": "data:,a"}, {"url": "data:,b"}]}
    assert stub.heard[0].headers["idempotency-key"] == "c"


async def test_a_still_that_comes_as_an_address_is_fetched(stub: Stub, connect: Connect) -> None:
    """
    A gateway that gives an address where bytes were asked for costs no picture.
    """
    stub.on("POST /v1/images/generations", Say(200, {"data": [{"url": stub.url("/a.jpg")}]}))
    stub.on("GET /a.jpg", Say(200, JPEG, {"Content-Type": "image/jpeg"}))

    client = connect()
    came = await client.make_still("generate-image", STILL, idempotency_key="c")

    assert StillElsewhere(stub.url("/a.jpg"), None) == came
    assert await client.fetch_still(came.url) == JPEG


@pytest.mark.parametrize(
    ("error", "say"),
    [
        pytest.param(SubmitUnknown, Say(drop=True), id="dropped"),
        pytest.param(SubmitUnknown, Say(500, {"data": []}), id="500"),
        pytest.param(SubmitRefused, Say(400, {"error": "n must be 1"}), id="400"),
        pytest.param(SubmitPaced, Say(429), id="429"),
    ],
)
async def test_a_still_without_a_picture(stub: Stub, connect: Connect, error: type[ImagineError], say: Say) -> None:
    """
    A still ends like a submit where no picture came, and is asked for once.
    """
    stub.on("POST /v1/images/generations", say)

    with pytest.raises(error):
        await connect().make_still("generate-image", STILL, idempotency_key="c")

    assert len(stub.heard) == 1


async def test_a_success_without_a_picture_is_handed_on_whole(stub: Stub, connect: Connect) -> None:
    """
    What was paid for is never thrown away here: who keeps it gets all of it, and the charge.
    """
    stub.on("POST /v1/images/generations", Say(200, {"data": [], "usage": {"cost_in_usd_ticks": 9}}))

    came = await connect().make_still("generate-image", STILL, idempotency_key="c")

    assert isinstance(came, StillUnread)
    assert json.loads(came.body)["data"] == []


async def test_a_moderated_still_tells_its_charge(stub: Stub, connect: Connect) -> None:
    """
    A picture that was withheld is billed, and the charge is known.
    """
    moderated = {"code": "imagine:content-moderated", "error": "rejected", "usage": {"cost_in_usd_ticks": 200_000_000}}
    stub.on("POST /v1/images/generations", Say(400, moderated))

    with pytest.raises(TakeModerated) as caught:
        await connect().make_still("generate-image", STILL, idempotency_key="c")

    assert caught.value.ticks == 200_000_000


# --- polls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        pytest.param([BAD_GATEWAY, BAD_GATEWAY], id="502-html"),
        pytest.param([Say(202)], id="empty-202"),
        pytest.param([Say(202, {"status": "pending", "progress": 5}), Say(200, {"status": "pending"})], id="pending"),
        pytest.param([WRONG_KEY, Say(401), Say(403)], id="key"),
        pytest.param([Say(400, {"error": "odd"})], id="odd-400"),
        pytest.param([Say(429)], id="429"),
        pytest.param([Say(drop=True), Say(drop=True)], id="dropped"),
        pytest.param([Say(404, {"code": "not-found", "error": "Request not found"})] * 2, id="404-for-a-moment"),
        pytest.param([Say(200, {"status": "done"}), Say(200, {"status": "done", "video": {"url": ""}})], id="no-url"),
        pytest.param([Say(200, "<html>captive portal</html>")], id="200-html"),
        pytest.param([Say(302, None, {"Location": "http://127.0.0.1:9/"})], id="redirect"),
    ],
)
async def test_what_is_no_verdict_is_asked_again(stub: Stub, connect: Connect, before: list[Say]) -> None:
    """
    A hiccup of the network, the gateway or the key loses no take.
    """
    stub.on_poll(*before, DONE)

    got = await connect().wait(REQUEST_ID)

    assert got == Finished(REQUEST_ID, URL, 6.0, 5, None)
    assert len(stub.heard) == len(before) + 1


async def test_a_take_that_is_done_is_found_at_once(stub: Stub, connect: Connect) -> None:
    """
    The first question is asked before the first pause.
    """
    stub.on_poll(DONE)

    await asyncio.wait_for(connect(poll_s=60.0).wait(REQUEST_ID), 20)


async def test_progress_is_told(stub: Stub, connect: Connect) -> None:
    """
    Whoever waits hears how far a take is.
    """
    stub.on_poll(Say(202, {"status": "pending", "progress": 10}), Say(202), DONE)
    heard: list[int | None] = []

    await connect().wait(REQUEST_ID, on_progress=heard.append)

    assert heard == [10, None]


async def test_an_unknown_status_is_waited_on_and_logged_once(
    stub: Stub, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The service may learn new words before we do.
    """
    dreaming = Say(200, {"status": "dreaming", "progress": 50})
    stub.on_poll(dreaming, dreaming, dreaming, DONE)

    with caplog.at_level(logging.WARNING, "storyreel.imagine"):
        await connect().wait(REQUEST_ID)

    assert [REQUEST_ID in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.parametrize(
    ("error", "say"),
    [
        pytest.param(TakeFailed, Say(200, {"status": "failed", "error": {"code": "internal_error"}}), id="failed"),
        pytest.param(TakeFailed, Say(200, {"status": "failed", "error": "Unable to process"}), id="failed-bare"),
        pytest.param(TakeExpired, Say(200, {"status": "expired"}), id="expired"),
        pytest.param(
            TakeModerated, Say(200, {"status": "done", "video": {"respect_moderation": False}}), id="moderated"
        ),
        pytest.param(
            TakeModerated, Say(400, {"code": "imagine:content-moderated", "error": "rejected"}), id="moderated-400"
        ),
    ],
)
async def test_a_verdict_ends_the_wait(stub: Stub, connect: Connect, error: type[ImagineError], say: Say) -> None:
    """
    Failed, expired and withheld are ends, and carry the request id.
    """
    stub.on_poll(say)

    with pytest.raises(error, match=REQUEST_ID) as caught:
        await connect().wait(REQUEST_ID)

    assert caught.value.request_id == REQUEST_ID
    assert len(stub.heard) == 1


async def test_a_failed_take_carries_the_word_of_the_service(stub: Stub, connect: Connect) -> None:
    """
    The code of a failure decides later whether it may be bought again.
    """
    stub.on_poll(Say(200, {"status": "failed", "error": {"code": "service_unavailable", "message": "Overloaded"}}))

    with pytest.raises(TakeFailed, match="Overloaded") as caught:
        await connect().wait(REQUEST_ID)

    assert caught.value.code == "service_unavailable"


@pytest.mark.parametrize("status", [404, 410])
async def test_an_id_that_stays_unknown_is_gone(stub: Stub, connect: Connect, status: int) -> None:
    """
    An unknown id is believed after some answers, and it is said that the key may be another team's.
    """
    stub.on_poll(Say(status, {"error": "Request not found"}))

    with pytest.raises(TakeGone, match="another team"):
        await connect().wait(REQUEST_ID)

    assert len(stub.heard) == 3


@pytest.mark.parametrize(
    ("request_id", "paths"),
    [
        ("../files", {"/v1/videos/..%2Ffiles"}),
        ("..", {"/v1/videos/%2E%2E"}),
        ("a/b", {"/v1/videos/a%2Fb"}),
        ("a?b", {"/v1/videos/a%3Fb"}),
        ("", set()),
    ],
)
async def test_an_id_never_becomes_another_path(stub: Stub, connect: Connect, request_id: str, paths: set[str]) -> None:
    """
    An id that a person wrote wrong, or that the service gave, is one part of a path, whatever is in it.
    """
    with pytest.raises(TakeGone):
        await connect().ask(request_id)

    assert {heard.path for heard in stub.heard} == paths


async def test_a_take_that_stays_without_an_address_has_failed(stub: Stub, connect: Connect) -> None:
    """
    Done without an address is waited on for a while and then has a code of its own.
    """
    stub.on_poll(Say(200, {"status": "done"}))

    with pytest.raises(TakeFailed, match="no address") as caught:
        await connect(patience=replace(QUICK, url_s=0.05)).wait(REQUEST_ID)

    assert caught.value.code == "done_without_url"
    assert len(stub.heard) > 2


async def test_a_key_that_stays_refused_ends_the_wait(stub: Stub, connect: Connect) -> None:
    """
    A key that is refused on and on is told, and the take is kept.
    """
    stub.on_poll(WRONG_KEY)

    with pytest.raises(KeyRefused, match="the take is kept") as caught:
        await connect(patience=replace(QUICK, key_s=0.05)).wait(REQUEST_ID)

    assert caught.value.request_id == REQUEST_ID
    assert len(stub.heard) > 2


@pytest.mark.parametrize("say", [Say(202, {"status": "pending"}), BAD_GATEWAY], ids=["pending", "502"])
async def test_patience_runs_out_without_a_verdict(stub: Stub, connect: Connect, say: Say) -> None:
    """
    A take that takes too long is kept under its id.
    """
    stub.on_poll(say)

    with pytest.raises(WaitedTooLong, match="run again") as caught:
        await connect(patience=replace(QUICK, take_s=0.1)).wait(REQUEST_ID)

    assert caught.value.request_id == REQUEST_ID


async def test_one_question_may_be_asked_without_waiting(stub: Stub, connect: Connect) -> None:
    """
    A take can be asked for once, hiccups left aside.
    """
    client = connect()
    stub.on_poll(BAD_GATEWAY, Say(202, {"status": "pending", "progress": 42}))
    assert await client.ask(REQUEST_ID) == Progress(42)
    stub.on_poll(DONE)
    assert await client.ask(REQUEST_ID) == Finished(REQUEST_ID, URL, 6.0, 5, None)


@pytest.mark.parametrize(
    ("error", "say"),
    [
        pytest.param(ServiceUnreachable, BAD_GATEWAY, id="502"),
        pytest.param(ServiceUnreachable, Say(200, {"status": "done"}), id="done-without-url"),
        pytest.param(KeyRefused, WRONG_KEY, id="key"),
        pytest.param(TakeGone, Say(404), id="404"),
    ],
)
async def test_one_question_without_an_answer_is_no_verdict(
    stub: Stub, connect: Connect, error: type[ImagineError], say: Say
) -> None:
    """
    One question never ends a take for what is no verdict.
    """
    stub.on_poll(say)

    with pytest.raises(error) as caught:
        await connect().ask(REQUEST_ID)

    assert caught.value.request_id == REQUEST_ID


# --- who is there, uploads, models ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "say"),
    [
        pytest.param(Service("xai", "team-1"), Say(200, {"team_id": "team-1"}), id="xai"),
        pytest.param(Service("xai", None), Say(200, {"team_id": "\ud800"}), id="team-that-cannot-be-written"),
        pytest.param(Service("sandbox", None), Say(200, {}, {"X-Storyreel-Sandbox": "1"}), id="sandbox"),
        pytest.param(Service("xai", None), Say(404, {"error": "no such path"}), id="a-gateway-without-the-path"),
    ],
)
async def test_who_answers_is_asked_and_not_guessed(stub: Stub, connect: Connect, expected: Service, say: Say) -> None:
    """
    The sandbox says that it is the sandbox; everybody else costs money.
    """
    stub.on("GET /v1/api-key", Say(503), say)

    assert await connect().service() == expected


@pytest.mark.parametrize(
    ("error", "say"),
    [
        pytest.param(KeyRefused, WRONG_KEY, id="wrong-key"),
        pytest.param(KeyRefused, Say(401), id="401"),
        pytest.param(KeyRefused, Say(200, {"team_id": "t", "api_key_blocked": True}), id="blocked"),
        pytest.param(ServiceUnreachable, BAD_GATEWAY, id="502"),
        pytest.param(ServiceUnreachable, Say(200, "<html>welcome"), id="a-web-page"),
    ],
)
async def test_nothing_is_sent_where_the_service_is_not_sure(
    stub: Stub, connect: Connect, error: type[ImagineError], say: Say
) -> None:
    """
    A wrong key or another server stops the run before anything is sent.
    """
    stub.on("GET /v1/api-key", say)

    with pytest.raises(error):
        await connect().service()


async def test_nobody_there_is_told(connect: Connect) -> None:
    """
    An address where nobody listens is unreachable, not a hang.
    """
    with pytest.raises(ServiceUnreachable, match="no usable answer"):
        await connect(nobody()).service()


async def test_a_missing_key_is_told(stub: Stub) -> None:
    """
    Without a key no Authorization goes out, and the message says where one is set.
    """
    stub.on("GET /v1/api-key", Say(401))

    async with Imagine(stub.base_url, None) as client:
        with pytest.raises(KeyRefused, match="there is none: set XAI_API_KEY"):
            await client.service()

    assert "authorization" not in stub.heard[0].headers


async def test_an_upload_is_repeated_and_its_form_is_in_the_order_of_the_wire(
    stub: Stub, connect: Connect, tmp_path: Path
) -> None:
    """
    Uploads are free, so they are sent again whole; `expires_after` comes before the file.
    """
    picture = tmp_path / "first.png"
    picture.write_bytes(b"\x89PNG" + bytes(100_000))
    stub.on("POST /v1/files", Say(drop=True), BAD_GATEWAY, Say(429), Say(200, {"id": "file_1"}))

    got = await connect().upload(picture, "image/png", "first.png")

    body = stub.heard[-1].body
    assert got == "file_1"
    assert len(stub.heard) == 4
    assert picture.read_bytes() in body
    assert body.index(b'name="expires_after"\r\n\r\n86400') < body.index(b'name="file"; filename="first.png"')
    assert b"Content-Type: image/png" in body


@pytest.mark.parametrize(
    ("error", "say", "times"),
    [
        pytest.param(SubmitRefused, Say(413), 1, id="too-big"),
        pytest.param(KeyRefused, WRONG_KEY, 1, id="key"),
        pytest.param(ServiceUnreachable, Say(429), 4, id="429"),
        pytest.param(ServiceUnreachable, Say(500), 4, id="500"),
        pytest.param(ServiceUnreachable, Say(200, {}), 1, id="no-id"),
    ],
)
async def test_an_upload_that_is_not_taken(
    stub: Stub, connect: Connect, tmp_path: Path, error: type[ImagineError], say: Say, times: int
) -> None:
    """
    A file that is not taken says why, and a clear no is not asked twice.
    """
    picture = tmp_path / "first.png"
    picture.write_bytes(b"\x89PNG")
    stub.on("POST /v1/files", say)

    with pytest.raises(error):
        await connect().upload(picture, "image/png", "first.png")

    assert len(stub.heard) == times


async def test_models_are_listed(stub: Stub, connect: Connect) -> None:
    """
    The models that a key may use are listed with what they take.
    """
    golden = Path(__file__).parents[1] / "golden"
    for name, path in (("video", "video-generation-models"), ("image", "image-generation-models")):
        body = json.loads((golden / f"models-{name}.json").read_text("utf-8"))["response"]["body"]
        stub.on(f"GET /v1/{path}", Say(200, body))

    models = await connect().models()

    assert [card.name for card in models.video] == ["grok-imagine-video-1.5", "grok-imagine-video"]
    assert [card.image_ticks for card in models.still] == [200_000_000, 400_000_000]


# --- the key -------------------------------------------------------------------------------------------------------


async def test_the_key_is_in_no_error_log_or_repr(
    stub: Stub, connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Whatever goes wrong, and even if the service echoes it, the key is shown nowhere.
    """
    caplog.set_level(logging.DEBUG)
    echo = {"code": KEY, "error": f"Bearer {KEY}\n is bad", "status": KEY}
    file = tmp_path / "a.png"
    file.write_bytes(b"x")
    client = connect(patience=replace(QUICK, take_s=0.05, key_s=0.0))
    caught: list[BaseException] = []

    async def keep(work: Any) -> None:
        try:
            await work
        except ImagineError as error:
            caught.append(error)

    for status in (200, 202, 307, 400, 401, 403, 404, 422, 429, 500):
        say = Say(status, echo, {"Location": stub.url("/elsewhere")})
        stub.on_submit(say)
        stub.on_poll(say)
        stub.on("POST /v1/files", say)
        stub.on("POST /v1/images/generations", say)
        stub.on("GET /v1/api-key", say)
        await keep(submit(client))
        await keep(client.make_still("generate-image", STILL, idempotency_key="c"))
        await keep(client.wait(REQUEST_ID))
        await keep(client.upload(file, "image/png", "a.png"))
        await keep(client.service())
    await keep(submit(connect(nobody())))
    stub.on_submit(Say(drop=True))
    await keep(submit(client))

    shown = [text for error in caught for text in (str(error), repr(error), "".join(traceback.format_exception(error)))]
    assert len(caught) > 40
    assert all("\n" not in str(error) for error in caught)
    assert not [text for text in [*shown, repr(client), caplog.text] if KEY in text]


async def test_errors_can_be_carried_to_another_process(stub: Stub, connect: Connect) -> None:
    """
    An error keeps its request id and its code when it is pickled, as a state of a run may be.
    """
    stub.on_poll(Say(200, {"status": "failed", "error": {"code": "internal_error", "message": "x"}}))
    with pytest.raises(TakeFailed) as caught:
        await connect().wait(REQUEST_ID)

    again = pickle.loads(pickle.dumps(caught.value))

    assert (again.request_id, again.code, str(again)) == (REQUEST_ID, "internal_error", str(caught.value))
