"""Every read of every endpoint has an end: in bytes after unpacking, in depth, in time; and no number breaks one."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from storyreel.errors import (
    DownloadFailed,
    ImagineError,
    KeyRefused,
    ServiceUnreachable,
    SubmitNamed,
    SubmitRefused,
    SubmitUnknown,
    TakeGone,
    WaitedTooLong,
)
from storyreel.imagine import Finished, Imagine, Patience, Progress, answers, connection
from storyreel.imagine import client as client_module
from storyreel.imagine.bounded_read import read_at_most
from storyreel.imagine.readings import Accepted, Unreadable
from storyreel.imagine.types import StillUnread

from .conftest import KEY, REQUEST_ID, Say, Stub

BOMB = gzip.compress(bytes(40_000_000))
FLOOD = json.dumps({"status": "pending", "pad": "x" * 3_000_000})
BODY = {"model": "grok-imagine-video", "prompt": "A lighthouse."}


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[Imagine]:
    async with Imagine(stub.base_url, KEY, poll_s=0.01, patience=Patience(backoff_s=0.001, take_s=0.05)) as client:
        yield client


async def _upload(client: Imagine) -> object:
    return await client.upload(Path(__file__), "image/png", "a.png")


async def _submit(client: Imagine) -> object:
    return await client.submit("text-to-video", BODY, idempotency_key="k")


async def _still(client: Imagine) -> object:
    made = await client.make_still("generate-image", BODY, idempotency_key="k")
    if isinstance(made, StillUnread):  # kept as it came, up to the bound: it may be the only copy of what was paid
        assert len(made.body) <= 1 << 20
        raise SubmitUnknown(made.why)
    return made


ENDPOINTS = [
    pytest.param("GET /v1/api-key", lambda c: c.service(), ServiceUnreachable, id="api-key"),
    pytest.param("GET /v1/video-generation-models", lambda c: c.models(), ServiceUnreachable, id="models"),
    pytest.param(f"GET /v1/videos/{REQUEST_ID}", lambda c: c.wait(REQUEST_ID), WaitedTooLong, id="poll"),
    pytest.param(f"GET /v1/videos/{REQUEST_ID}", lambda c: c.ask(REQUEST_ID), ServiceUnreachable, id="ask"),
    pytest.param("POST /v1/videos/generations", _submit, SubmitUnknown, id="submit"),
    pytest.param("POST /v1/images/generations", _still, SubmitUnknown, id="still"),
    pytest.param("POST /v1/files", _upload, ServiceUnreachable, id="upload"),
]
SAYS = [
    pytest.param(Say(200, BOMB, {"Content-Encoding": "gzip"}), id="gzip-bomb"),
    pytest.param(Say(200, zlib.compress(bytes(40_000_000)), {"Content-Encoding": "deflate"}), id="deflate-bomb"),
    pytest.param(Say(200, BOMB, {"Content-Encoding": "gzip"}, length=-1), id="gzip-bomb-of-no-length"),
    pytest.param(Say(200, FLOOD), id="flood"),
    pytest.param(Say(200, b"\x00\x01", {"Content-Encoding": "br"}), id="a-coding-that-was-not-asked-for"),
    pytest.param(Say(200, b"plain", {"Content-Encoding": "gzip"}), id="gzip-that-is-none"),
    pytest.param(Say(200, BOMB[:5000], {"Content-Encoding": "gzip"}), id="gzip-cut"),
    pytest.param(Say(200, "[" * 200_000), id="deep"),
    pytest.param(Say(200, '{"a":' * 100_000 + "1" + "}" * 100_000), id="deep-and-closed"),
    pytest.param(Say(200, b"\xff\xfe\x00"), id="no-text"),
]


@pytest.mark.parametrize("say", SAYS)
@pytest.mark.parametrize(("path", "act", "error"), ENDPOINTS)
async def test_no_endpoint_can_flood_us(
    stub: Stub,
    client: Imagine,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    act: Callable[[Imagine], Awaitable[object]],
    error: type[ImagineError],
    say: Say,
) -> None:
    """
    Whatever comes, so much of it is read and no more, and it ends as what nobody can read.
    """
    monkeypatch.setattr(client_module, "STILL_ANSWER_BYTES", 1 << 20)
    stub.on(path, say)
    before = time.process_time()

    with pytest.raises(error) as caught:
        await act(client)

    assert time.process_time() - before < 2.0
    assert len(str(caught.value)) < 1000
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("path", "act", "error"), ENDPOINTS)
async def test_no_endpoint_can_hold_us_by_dripping(
    stub: Stub,
    client: Imagine,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    act: Callable[[Imagine], Awaitable[object]],
    error: type[ImagineError],
) -> None:
    """
    A byte now and then keeps no line open for longer than an answer may take.
    """
    monkeypatch.setattr(connection, "QUESTION_S", 0.1)
    for name in ("SUBMIT_S", "STILL_S", "UPLOAD_S"):
        monkeypatch.setattr(client_module, name, 0.1)
    stub.on(path, Say(200, {"status": "pending", "pad": "x" * 1000}, drip_s=0.02))
    before = time.monotonic()

    with pytest.raises(error):
        await act(client)

    assert time.monotonic() - before < 3.0


async def test_a_bomb_is_not_unfolded_before_it_is_counted() -> None:
    """
    Of what unfolds to gigabytes, no more is held than may be taken, and no more of it is asked for.
    """
    asked = 0

    async def line() -> AsyncIterator[bytes]:
        nonlocal asked
        for n in range(0, len(BOMB), 1000):
            asked += 1
            yield BOMB[n : n + 1000]

    response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=line())
    body, why = await read_at_most(response, 1_500_000)

    assert len(body) == 1_500_000
    assert "past 1500000 bytes" in why
    assert asked <= 3


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "GZIP"])
async def test_what_is_packed_although_it_was_not_asked_for_is_read(stub: Stub, client: Imagine, coding: str) -> None:
    """
    Gateways pack answers whatever was asked, and an answer is an answer.
    """
    body = json.dumps({"request_id": REQUEST_ID}).encode()
    packed = zlib.compress(body) if coding == "deflate" else gzip.compress(body)
    stub.on_submit(Say(200, packed, {"Content-Encoding": coding}))

    assert await _submit(client) == REQUEST_ID
    assert stub.heard[0].headers["accept-encoding"] == "identity"


async def test_a_packed_download_is_bounded_too(stub: Stub, client: Imagine, tmp_path: Path) -> None:
    """
    A file may be packed on its way; what it unfolds to is what is counted.
    """
    stub.on("GET /a.mp4", Say(200, BOMB, {"Content-Encoding": "gzip", "Content-Type": "video/mp4"}))

    with pytest.raises(DownloadFailed, match="past 1000000 bytes"):
        await client.fetch(stub.url("/a.mp4"), tmp_path / "part", limit_bytes=1_000_000)


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff{"request_id": "%s"}',
        '  \n {"request_id": "%s"}',
        '{"request_id": "%s", "n": ' + "9" * 20_000 + "}",
        '{"request_id": "%s", "n": -' + "9" * 20_000 + "}",
        '{"request_id": "%s", "n": 1e99999, "m": NaN, "i": -Infinity}',
        '{"request_id": "%s", "deep": ' + "[" * 100_000,
        '{"request_id": "%s", "pad": "' + "x" * 2_000_000 + '"}',
        '{"request_id": "%s", "error": null} trailing',
    ],
)
async def test_an_id_is_read_whatever_stands_beside_it(stub: Stub, client: Imagine, text: str) -> None:
    """
    An accepted request is kept under its id, however odd the rest of the answer is.
    """
    stub.on_submit(Say(200, text % REQUEST_ID))

    assert await _submit(client) == REQUEST_ID


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "aws-chunked", "binary, gzip", "x" * 200])
async def test_what_is_called_packed_and_is_plain_is_read(
    stub: Stub, client: Imagine, tmp_path: Path, coding: str
) -> None:
    """
    A gateway that unpacks an answer, or a storage that never packed it, may leave the header there.
    """
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}, {"Content-Encoding": coding}))
    stub.on("GET /clip.mp4", Say(200, b"\0\0\0\x18ftypmp42" + bytes(400), {"Content-Encoding": coding}))

    assert await _submit(client) == REQUEST_ID
    assert await client.fetch(stub.url("/clip.mp4"), tmp_path / "clip.mp4") == 412


async def test_a_still_that_came_packed_in_a_foreign_way_is_kept_as_it_came(stub: Stub, client: Imagine) -> None:
    """
    It is paid for, and a person may be able to unpack it.
    """
    stub.on("POST /v1/images/generations", Say(200, b"\xce\xb2\x00\xff" * 50, {"Content-Encoding": "zstd"}))

    made = await client.make_still("generate-image", BODY, idempotency_key="k")

    assert isinstance(made, StillUnread)
    assert made.body == b"\xce\xb2\x00\xff" * 50
    assert "zstd" in made.why


@pytest.mark.parametrize(
    "location", ["http://[::x/", "http://a:99999999/", "\x01", "//", "https://x.test/" + "y" * 9000]
)
async def test_where_a_redirect_leads_costs_no_id(stub: Stub, client: Imagine, location: str) -> None:
    """
    An address that is none is no reason to drop the answer that it came with.
    """
    stub.on_submit(Say(307, {"request_id": REQUEST_ID}, {"Location": location}))

    with pytest.raises(SubmitNamed) as caught:
        await _submit(client)

    assert caught.value.request_id == REQUEST_ID


async def test_an_id_is_read_although_the_line_broke_after_it(stub: Stub, client: Imagine) -> None:
    """
    A length that is told too long loses no id that came.
    """
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}, length=500))

    assert await _submit(client) == REQUEST_ID


async def test_an_id_is_read_although_the_answer_does_not_end(
    stub: Stub, client: Imagine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Who drips spaces after it, or tells a length that never comes and holds the line, loses no id that came.
    """
    monkeypatch.setattr(client_module, "SUBMIT_S", 0.5)
    said = json.dumps({"request_id": REQUEST_ID})
    stub.on_submit(Say(200, said + " " * 500, drip_s=0.002))

    assert await _submit(client) == REQUEST_ID


@pytest.mark.parametrize("path", ["POST /v1/videos/generations", "POST /v1/images/generations"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429])
async def test_half_a_refusal_is_none(stub: Stub, client: Imagine, status: int, path: str) -> None:
    """
    What did not come may have named a request, so nobody knows; a page that was cut names none.
    """
    stub.on(path, Say(status, '{"error": "no", "requ', length=500))
    act = _submit if "videos" in path else _still
    with pytest.raises(SubmitUnknown) as caught:
        await act(client)
    assert not isinstance(caught.value, SubmitNamed)

    stub.on(path, Say(status, "<html>no</html>", length=500))
    with pytest.raises((SubmitRefused, KeyRefused)):
        await act(client)


@pytest.mark.parametrize(
    "text",
    ['{"request_id": "ab', '{"error": {"request_id": "abc"}, ', '{"request_id": "a\\u0000', '{"request_id": 7'],
)
def test_half_an_id_is_none(text: str) -> None:
    """
    What broke off within the id, or names one somewhere below, is not taken for one.
    """
    assert not isinstance(answers.read_submit(200, text), Accepted)


def test_an_answer_of_many_parts_is_not_unfolded() -> None:
    """
    A still's answer may have a hundred megabytes. What is no picture in it takes neither gigabytes nor a minute.
    """
    for part in ("{},", "[],", "1,"):
        text = '{"data": [' + part * (20_000_000 // len(part)) + "1]}"
        before = time.process_time()

        assert isinstance(answers.read_still(200, text), Unreadable)
        assert time.process_time() - before < 2.0


NUMBERS = ["9" * 5000, "-" + "9" * 5000, "1e400", "-1e400", "NaN", "Infinity", '"' + "9" * 5000 + '"', "1" + "0" * 299]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "text",
    [
        '{"status": "done", "video": {"url": "https://h/a.mp4", "duration": %s}, "usage": {"cost_in_usd_ticks": %s}}',
        '{"status": "pending", "progress": %s, "usage": {"cost_in_usd_ticks": %s}}',
        '{"status": "failed", "progress": %s, "error": {"code": %s, "message": "no"}}',
    ],
)
def test_a_number_of_any_size_is_borne(text: str, number: str) -> None:
    """
    No number makes an answer unreadable, and none comes out that 64 bits cannot hold.
    """
    answer = answers.read_poll(REQUEST_ID, 200, text.replace("%s", number))

    ticks = getattr(answer, "ticks", None)
    assert ticks is None or isinstance(ticks, str) or abs(ticks) < 2**63
    if isinstance(answer, Finished):
        assert answer.seconds is None or 0 <= answer.seconds <= 86_400
    if isinstance(answer, Progress):
        assert answer.percent is None or 0 <= answer.percent <= 100


@pytest.mark.parametrize("number", NUMBERS)
def test_a_list_of_models_bears_any_number(number: str) -> None:
    """
    A price of any size leaves the models readable.
    """
    models = answers.read_models(
        200, '{"models": [{"id": "m", "image_price": %s, "max_prompt_length": %s}]}'.replace("%s", number)
    )

    assert isinstance(models, tuple)
    assert models[0].name == "m"


async def test_a_short_key_tears_no_picture(stub: Stub) -> None:
    """
    A key of a few letters, as a gateway of one's own may have, stands in many a picture by chance.
    """
    picture = b"\x89PNG\r\n\x1a\n\xff" + b"key" * 50
    stub.on("POST /v1/images/generations", Say(200, picture))
    async with Imagine(stub.base_url, "key") as client:
        made = await client.make_still("generate-image", BODY, idempotency_key="k")

    assert isinstance(made, StillUnread)
    assert made.body == picture


@pytest.mark.parametrize("letter", ["x", "é", "/"])
async def test_an_id_that_no_address_can_hold_is_told_at_once(stub: Stub, client: Imagine, letter: str) -> None:
    """
    A person may have pasted a file in its place; half an hour of waiting would not make it an id.
    """
    for ask in (client.wait, client.ask):
        with pytest.raises(TakeGone, match="too many to be asked for") as caught:
            await ask(letter * 90_000)
        assert len(str(caught.value)) < 300

    assert not stub.heard


@pytest.mark.parametrize("told", ["86400", "inf", "61"])
@pytest.mark.parametrize(
    "path", ["GET /v1/api-key", "GET /v1/video-generation-models", f"GET /v1/videos/{REQUEST_ID}", "POST /v1/files"]
)
async def test_no_question_is_slept_on(stub: Stub, client: Imagine, path: str, told: str) -> None:
    """
    A service that wants to be left alone for longer than a minute is told of at once, with what it asks for.
    """
    stub.on(path, Say(503, "later", {"Retry-After": told}))
    act = {"/v1/api-key": client.service, "/v1/video-generation-models": client.models}.get(path.split()[1])
    with pytest.raises(ServiceUnreachable, match=r"it asks to wait (86400 s|61 s|for days)"):
        await (act() if act else _upload(client) if "POST" in path else client.ask(REQUEST_ID))

    assert len(stub.heard) == 1
