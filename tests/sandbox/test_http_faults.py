"""What goes wrong on purpose goes wrong as it was asked to, and no further."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from storyreel.errors import SettingsError
from storyreel.sandbox.api.faults import Fault, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("expired", Fault(kind="expired"), id="kind"),
        pytest.param("failed:internal_error@2", Fault(kind="failed", words=("internal_error",), at=(2,)), id="at"),
        pytest.param("slow 5 @1,3", Fault(kind="slow", words=("5",), at=(1, 3)), id="at-several"),
        pytest.param("submit 502 after x1", Fault(kind="submit", words=("502", "after"), times=1), id="times"),
        pytest.param("submit:429:2:x3", Fault(kind="submit", words=("429", "2"), times=3), id="colons"),
    ],
)
def test_a_fault_is_a_few_words(text, fault):
    """
    Kind, words, which submits, how often: with spaces or colons between.
    """
    assert fault == parse_fault(text)
    assert fault == parse_fault(str(fault))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "there are: refused", id="nothing"),
        pytest.param("modrated", "no fault 'modrated'", id="no-such-kind"),
        pytest.param("failed:oops", "internal_error", id="no-such-word"),
        pytest.param("slow", "a number", id="lacks-a-word"),
        pytest.param("expired soon", "too many", id="a-word-too-many"),
    ],
)
def test_a_wrong_fault_says_what_there_is(text, says):
    """
    A slip in a flag is told before anything is served.
    """
    with pytest.raises(SettingsError, match=says):
        parse_fault(text)


async def test_a_slip_in_a_marker_refuses_the_request(staged):
    """
    A rehearsal that would not rehearse what was meant is stopped at once.
    """
    answer = await staged().client.post("/videos/generations", json={"prompt": "[[sandbox: modrated]] a fox"})

    assert answer.status_code == 400
    assert "no fault 'modrated'" in answer.json()["error"]


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        pytest.param("refused", 400, "told to refuse", id="refused"),
        pytest.param("refused credits", 403, "credits", id="credits"),
        pytest.param("submit 429", 429, "resource-exhausted", id="429"),
        pytest.param("submit 500", 500, "<html>", id="500"),
        pytest.param("submit 502", 502, "<html>", id="502"),
        pytest.param("submit 520", 520, "<html>", id="520"),
        pytest.param("submit 401", 401, "unauthenticated", id="401"),
        pytest.param("submit 200", 200, "quota", id="200-without-an-id"),
    ],
)
async def test_a_submit_goes_wrong_before_it_is_accepted(fault, status, said, staged):
    """
    Nothing is accepted, and nothing would be charged.
    """
    stage = staged(faults=(parse_fault(fault),))

    answer = await stage.client.post("/videos/generations", json={"prompt": "a fox"})

    assert status == answer.status_code
    assert said in answer.text
    assert len(stage.lines("posts.jsonl")) == 1
    assert stage.lines("accepted.jsonl") == []


async def test_a_429_tells_when_to_come_back_only_where_it_is_asked_to(staged):
    """
    Retry-After is not reliable there, so both are played.
    """
    stage = staged()

    async def after(marker: str) -> str | None:
        answer = await stage.client.post("/videos/generations", json={"prompt": f"[[sandbox: {marker}]] a fox"})
        return answer.headers.get("retry-after")

    assert (await after("submit 429"), await after("submit 429 3")) == (None, "3")


async def test_a_submit_is_accepted_and_its_answer_lost(staged):
    """
    The worst of all: the job exists and would be charged, and its sender does not know the id.
    """
    stage = staged()

    page = await stage.client.post("/videos/generations", json={"prompt": "[[sandbox: submit 502 after]] a fox"})
    with pytest.raises(httpx.TransportError):
        await stage.client.post("/videos/generations", json={"prompt": "[[sandbox: drop after]] a fox"})
    with pytest.raises(httpx.TransportError):
        await stage.client.post("/videos/generations", json={"prompt": "[[sandbox: drop]] a fox"})

    assert page.status_code == 502
    assert len(stage.lines("posts.jsonl")) == 3
    assert len(stage.lines("accepted.jsonl")) == 2


@pytest.mark.usefixtures("drawn_once")
async def test_a_fault_strikes_the_submits_it_names(staged):
    """
    `@2` is the second good submit since the sandbox was started.
    """
    stage = staged(faults=(parse_fault("failed:internal_error@2"),))

    ends = [(await stage.film())["status"] for _ in range(3)]

    assert ends == ["done", "failed", "done"]


@pytest.mark.usefixtures("drawn_once")
async def test_a_marker_with_a_count_is_used_up_across_restarts(staged):
    """
    `x1` fails the first time for this prompt, so a rerun passes, also in another process.
    """
    prompt = "[[sandbox: failed internal_error x1]] a fox"

    ends = [(await staged().film(prompt))["status"] for _ in range(2)]
    other = await staged().film(prompt + " at night")

    assert ends == ["failed", "done"]
    assert other["status"] == "failed"


async def test_a_moderated_clip_is_billed(staged):
    """
    Withheld in either shape, and charged as if it had been given.
    """
    stage = staged()

    body = await stage.film("[[sandbox: moderated]] a fox", duration=2)
    told = await stage.end(await stage.submit("[[sandbox: moderated 400]] a fox"))

    assert body["video"] == {"url": "", "respect_moderation": False}
    assert body["usage"]["cost_in_usd_ticks"] == 1_000_000_000
    assert (told.status_code, told.json()["code"]) == (400, "imagine:content-moderated")


async def test_a_moderated_still_is_billed(staged):
    """
    A 400 with a charge, and another try may pass.
    """
    stage = staged()
    ask = {"prompt": "[[sandbox: moderated x1]] a fox"}

    first = await stage.client.post("/images/generations", json=ask)
    second = await stage.client.post("/images/generations", json=ask)

    assert first.status_code == 400
    assert first.json()["usage"]["cost_in_usd_ticks"] == 200_000_000
    assert second.status_code == 200


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize(
    ("marker", "status", "has"),
    [
        pytest.param("expired", 200, {"status": "expired"}, id="expired"),
        pytest.param("gone", 404, {"code": "not-found"}, id="gone"),
        pytest.param("status on_hold", 200, {"status": "on_hold"}, id="unknown-status"),
        pytest.param("failed bare", 200, {"error": "Unable to process input image for video generation."}, id="bare"),
    ],
)
async def test_a_job_ends_in_each_way(marker, status, has, staged):
    """
    Ends that clients must know, though they are seldom met.
    """
    stage = staged()

    told = await stage.end(await stage.submit(f"[[sandbox: {marker}]] a fox"))

    assert status == told.status_code
    assert has == {name: told.json()[name] for name in has}


@pytest.mark.usefixtures("drawn_once")
async def test_a_done_job_may_lack_its_address(staged):
    """
    `without url` leaves out what a client needs most.
    """
    body = await staged().film("[[sandbox: without url]] a fox")

    assert body["status"] == "done"
    assert "url" not in body["video"]


async def test_a_slow_job_is_pending_for_as_long_as_asked_and_a_stuck_one_for_ever(staged):
    """
    Slow counts from acceptance, whatever the latency of the others.
    """
    stage = staged()

    slow = await stage.submit("[[sandbox: slow 60]] a fox")
    stuck = await stage.submit("[[sandbox: stuck]] a fox")
    told = [(await stage.poll(job)).json() for job in (slow, slow, stuck)]

    assert {"pending"} == {body["status"] for body in told}
    assert all(body["progress"] < 10 for body in told)


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize("kind", ["401", "429", "502", "drop", "empty"])
async def test_a_poll_goes_wrong_so_many_times(kind, staged):
    """
    Whatever a poll answers, it is no verdict on the job: later ones find it done.
    """
    stage = staged()
    request_id = await stage.submit(f"[[sandbox: poll {kind} 2]] a fox")

    seen: list[Any] = []
    for _ in range(2):
        try:
            seen.append((await stage.poll(request_id)).status_code)
        except httpx.TransportError:
            seen.append("drop")
    body = (await stage.end(request_id)).json()

    assert [{"empty": 202, "drop": "drop"}.get(kind) or int(kind)] * 2 == seen
    assert body["status"] == "done"


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.parametrize(
    ("marker", "status", "kind", "whole"),
    [
        pytest.param("url 403", 403, "text/html", None, id="403"),
        pytest.param("url 404", 404, "text/html", None, id="404"),
        pytest.param("download html", 200, "text/html", None, id="html"),
        pytest.param("download garbage", 200, "video/mp4", 1.0, id="garbage"),
        pytest.param("download short", 200, "video/mp4", 0.5, id="short"),
        pytest.param("download long", 200, "video/mp4", 1.0, id="long"),
        pytest.param("download empty", 200, "video/mp4", 0.0, id="empty"),
    ],
)
async def test_a_download_goes_wrong_once(marker, status, kind, whole, staged):
    """
    The first fetch is spoilt, the second gives the clip.
    """
    stage = staged()
    url = (await stage.film(f"[[sandbox: {marker} 1]] a fox"))["video"]["url"]

    spoilt = await stage.client.get(url)
    good = await stage.client.get(url)

    assert (status, kind) == (spoilt.status_code, spoilt.headers["content-type"].partition(";")[0])
    assert good.status_code == 200
    assert spoilt.content != good.content or int(spoilt.headers["content-length"]) != len(good.content)
    if whole is not None:
        assert int(len(good.content) * whole) == len(spoilt.content)


@pytest.mark.usefixtures("drawn_once")
async def test_a_download_is_cut_off(staged):
    """
    Half the bytes come, then the connection breaks.
    """
    stage = staged()
    url = (await stage.film("[[sandbox: download cut]] a fox"))["video"]["url"]

    with pytest.raises(httpx.TransportError):
        await stage.client.get(url)


@pytest.mark.parametrize(
    ("marker", "seconds"), [pytest.param("longer 1", 3, id="longer"), pytest.param("shorter 0.5", 1.5, id="shorter")]
)
async def test_a_clip_differs_from_what_was_asked(marker, seconds, staged):
    """
    The length that is told is the true one; the charge is for what was asked.
    """
    body = await staged().film(f"[[sandbox: {marker}]] a fox", duration=2)

    assert seconds == body["video"]["duration"]
    assert body["usage"]["cost_in_usd_ticks"] == 1_000_000_000


async def test_a_marker_is_not_in_the_picture(staged):
    """
    What is drawn is the prompt without its markers.
    """
    stage = staged()

    plain = await stage.film("a fox")
    marked = await stage.film("[[sandbox: slow 0]] a fox")

    one, other = [(await stage.client.get(body["video"]["url"])).content for body in (plain, marked)]
    assert one == other


@pytest.mark.usefixtures("drawn_once")
async def test_a_charge_is_told_as_it_was_asked_to_be(staged):
    """
    What is charged may be unlike the price: of a clip, of one that is withheld, and of a still.
    """
    stage = staged()

    clip = await stage.film("[[sandbox: charge 0.42]] a fox")
    withheld = await stage.film("[[sandbox: moderated]] [[sandbox: charge 0]] a fox")
    still = await stage.client.post("/images/generations", json={"prompt": "[[sandbox: charge 1.5]] a fox"})

    assert [4_200_000_000, 0, 15_000_000_000] == [
        body["usage"]["cost_in_usd_ticks"] for body in (clip, withheld, still.json())
    ]
