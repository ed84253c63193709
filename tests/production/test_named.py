"""
An answer that is no success and has a request id: kept first, asked for then, and never bought again while it may be known.
"""

import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from storyreel.errors import KeyRefused, ServiceUnreachable, SubmitRefused, SubmitUnknown, TakeGone, VaultError
from storyreel.imagine import Patience
from storyreel.model.request_ids import in_address, writable
from storyreel.production import open as opening
from storyreel.production.lost_answers import adopt, give_up
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.vault import Attempt, open_vault
from storyreel.vault.stores import folder
from tests.desk import Desk
from tests.imagine.conftest import Say, Stub
from tests.production.patiently import buy

ONE = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
"""
PENDING = Say(202, {"status": "pending", "progress": 3})
GONE = Say(404, {"code": "not-found", "error": "no such request"})
DOWN = Say(503, "upstream")


@pytest.fixture
async def stub(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stub]:
    """Return a service whose answers are said by the test, and a board of one scene for it."""
    desk.write(ONE)
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("XAI_API_KEY", "named")
    monkeypatch.setenv("XAI_BASE_URL", stub.base_url)
    quick = partial(opening.call, patience=Patience(name_s=0.1))
    monkeypatch.setattr(opening, "call", quick)
    monkeypatch.setattr("storyreel.imagine.polling.backoff", lambda *_, **__: 0.02)
    yield stub
    server.close()
    await stub.hang_up()
    await server.wait_closed()


def counted(stub: Stub) -> tuple[int, int]:
    """Return how many requests were sent, and how many questions were asked."""
    posts = sum(heard.method == "POST" for heard in stub.heard)
    return posts, sum(heard.path.startswith("/v1/videos/") and heard.method == "GET" for heard in stub.heard)


async def made(desk: Desk, run: str) -> str:
    """Recall or buy the step as the flow does, and return the request id."""
    async with open_session(prepare(str(desk.board)), run=run) as session:
        try:
            slate = await recall(session, session.plan.steps[0], []) or await buy(session, "coast", "video", [])
        finally:
            await session.vault.asks.close(session.ask, {})
        return slate.request_id


async def attempts(desk: Desk) -> tuple[Attempt, ...]:
    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder)
    sound, damaged = await vault.attempts.every("xai")
    assert damaged == []
    return tuple(sound)


@pytest.mark.parametrize("status", [400, 429, 409, 503])
async def test_an_answer_with_an_id_that_is_known_is_an_acceptance(desk: Desk, stub: Stub, status: int):
    """
    Whatever the status says: the service knows the id, so the request was taken, and is not sent again.
    """
    stub.on_submit(Say(status, {"error": "no", "request_id": "shown-1"}))
    stub.on("GET /v1/videos/shown-1", GONE, PENDING)

    assert await made(desk, "one") == await made(desk, "two") == "shown-1"
    assert counted(stub)[0] == 1
    assert [attempt.state for attempt in await attempts(desk)] == ["open"]


async def test_the_id_is_kept_before_it_is_asked_for(desk: Desk, stub: Stub):
    """
    By the first question it stands in the vault, with what came with it.
    """
    kept_by_then: list[dict[str, Any]] = []

    class Looks(list[Say]):
        def __getitem__(self, place: Any) -> Any:
            (record,) = (desk.folder / "vault").glob("xai/slates/*/*/1/named.json")
            kept_by_then.append(json.loads(record.read_text()))
            return super().__getitem__(place)

    stub.on_submit(Say(500, {"error": "oh", "request_id": "shown-1"}))
    stub.answers["GET /v1/videos/shown-1"] = Looks([PENDING])
    await made(desk, "one")

    assert (kept_by_then[0]["request_id"], kept_by_then[0]["status"], kept_by_then[0]["message"][:2]) == (
        "shown-1",
        500,
        "oh",
    )


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_refusal_with_an_id_is_one_once_the_service_does_not_know_it(desk: Desk, stub: Stub, status: int):
    """
    A gateway's trace id makes no purchase: after a minute of asking it is a refusal, and the next run asks and buys.
    """
    stub.on_submit(Say(status, {"error": "no", "request_id": "trace-1"}), Say(200, {"request_id": "bought"}))
    stub.on("GET /v1/videos/trace-1", GONE)
    with pytest.raises(SubmitRefused, match=f"HTTP {status}"):
        await made(desk, "one")
    asked = counted(stub)[1]

    assert await made(desk, "two") == "bought"
    assert counted(stub) == (2, asked + 3)


async def test_too_many_requests_with_a_trace_id_are_sent_again(desk: Desk, stub: Stub):
    """
    Gateways put an id into every 429: once it is not known, the request waits for its turn like any other.
    """
    stub.on_submit(Say(429, {"request_id": "trace-1"}, {"Retry-After": "0"}), Say(200, {"request_id": "bought"}))
    stub.on("GET /v1/videos/trace-1", GONE)

    assert await made(desk, "one") == "bought"
    assert [attempt.state for attempt in await attempts(desk)] == ["refused", "open"]


@pytest.mark.parametrize("status", [301, 409, 500])
async def test_any_other_answer_with_an_id_is_unknown_and_shown(desk: Desk, stub: Stub, status: int):
    """
    The id, the status and the words are on the screen, nothing is sent again, and each run asks for the id once more.
    """
    stub.on_submit(Say(status, {"error": "who knows", "request_id": "shown-1"}))
    stub.on("GET /v1/videos/shown-1", GONE)
    for run in ("one", "two"):
        with pytest.raises(SubmitUnknown, match=f"HTTP {status}.* shown-1.* who knows"):
            await made(desk, run)
    stub.on("GET /v1/videos/shown-1", PENDING)

    assert await made(desk, "three") == "shown-1"
    assert counted(stub)[0] == 1


async def test_a_refusal_whose_id_turns_up_later_is_an_acceptance(desk: Desk, stub: Stub):
    """
    Before anything is bought for that step again the id is asked for once more.
    """
    stub.on_submit(Say(400, {"request_id": "late-1"}))
    stub.on("GET /v1/videos/late-1", GONE)
    with pytest.raises(SubmitRefused):
        await made(desk, "one")
    stub.on("GET /v1/videos/late-1", PENDING)

    assert await made(desk, "two") == "late-1"
    assert counted(stub)[0] == 1


async def test_where_the_service_does_not_say_nothing_is_refused_and_nothing_is_bought(desk: Desk, stub: Stub):
    """
    A service that is down while it is asked leaves the request unknown; after a refusal it holds the next purchase.
    """
    stub.on_submit(Say(400, {"request_id": "trace-1"}))
    stub.on("GET /v1/videos/trace-1", DOWN)
    with pytest.raises(SubmitUnknown):
        await made(desk, "one")
    (attempt,) = await attempts(desk)
    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder)
    with pytest.raises(ServiceUnreachable):
        await give_up(vault, attempt)
    await vault.claims.resolve(attempt, None)
    with pytest.raises(ServiceUnreachable, match="trace-1"):
        await made(desk, "two")

    assert counted(stub)[0] == 1


async def test_what_is_called_lost_is_asked_for_first(desk: Desk, stub: Stub):
    """
    A person says that it never arrived, and the service knows the id by now: it is taken for accepted.
    """
    stub.on_submit(Say(502, {"request_id": "shown-1"}))
    stub.on("GET /v1/videos/shown-1", GONE)
    with pytest.raises(SubmitUnknown):
        await made(desk, "one")
    stub.on("GET /v1/videos/shown-1", PENDING)
    (attempt,) = await attempts(desk)
    async with open_session(prepare(str(desk.board)), run="two") as session:
        turned_up = await give_up(session.vault, attempt, session.client)

    assert turned_up == "shown-1"
    assert [attempt.state for attempt in await attempts(desk)] == ["open"]


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(Say(400, {"error": {"request_id": "inner", "message": "no"}}), id="inside-error"),
        pytest.param(Say(400, {"id": "beside", "error": "no"}), id="named-id"),
        pytest.param(Say(400, {"error": "no"}, {"x-request-id": "head", "request_id": "head"}), id="in-a-header"),
        pytest.param(Say(400, {"request_id": ""}), id="empty"),
        pytest.param(Say(400, {"request_id": None}), id="null"),
        pytest.param(Say(400, {"request_id": {"a": 1}}), id="no-text"),
    ],
)
async def test_ids_in_other_places_are_not_believed(desk: Desk, stub: Stub, say: Say):
    """
    What a gateway calls its own is neither kept nor asked for: a refusal stays one.
    """
    stub.on_submit(say)
    with pytest.raises(SubmitRefused):
        await made(desk, "one")

    assert counted(stub) == (1, 0)
    assert [attempt.named for attempt in await attempts(desk)] == [None]


@pytest.mark.parametrize(
    "given",
    [
        "Zm9v/YmFy+w==",
        "..",
        "a b",
        "a?b#c%2F",
        "é",
        "\ud800",
        " x",
        "line\nbreak",
        "still-" + "0" * 24 + "-1",
        "x" * 3000,
    ],
)
async def test_any_id_is_kept_and_polled(desk: Desk, stub: Stub, given: str):
    """
    An id of another alphabet is written down, found again by the next run, and asked for under its own bytes.
    """
    stub.on_submit(Say(202, json.dumps({"request_id": given, "error": "?"}), {"Content-Type": "text/html"}))
    stub.on(f"GET /v1/videos/{in_address(writable(given))}", PENDING)
    assert await made(desk, "one") == await made(desk, "two") == writable(given)
    async with open_session(prepare(str(desk.board)), run="three") as session:
        await session.client.ask(writable(given))

    assert counted(stub) == (1, 1)


@pytest.mark.parametrize("status", [409, 429, 503])
async def test_an_id_that_a_full_vault_cannot_take_is_kept_elsewhere_once_it_is_known(
    desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch, status: int
):
    """
    The vault is full when the answer comes: the service knows the id, so the next run goes on from it; else it is told.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(desk.folder / "state"))
    stub.on_submit(Say(status, {"error": "no", "request_id": "shown-1"}))
    stub.on("GET /v1/videos/shown-1", PENDING)

    def fails(descriptor: int, data: bytes) -> None:
        if sum(heard.method == "POST" for heard in stub.heard):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(descriptor, data)

    write = folder.write_all
    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_all", fails)
        async with open_session(prepare(str(desk.board)), run="one") as session:
            with pytest.raises(VaultError, match="shown-1"):
                await buy(session, "coast", "video", [])

    assert await made(desk, "two") == "shown-1"
    assert counted(stub)[0] == 1


SLOW = Say(503, "later", {"Retry-After": "0"})


@pytest.mark.parametrize("says_nothing", [SLOW, Say(401, {"error": "no"}), Say(422, {"error": "no"}), Say(404)])
async def test_an_id_that_nobody_knows_is_not_written_down(desk: Desk, stub: Stub, says_nothing: Say):
    """
    A person may have mistyped it: while the service does not say that it knows it, it stands for nothing.
    """
    stub.on_submit(Say(500, "oh"))
    with pytest.raises(SubmitUnknown):
        await made(desk, "one")
    stub.on("GET /v1/videos/typed-1", says_nothing)
    (attempt,) = await attempts(desk)
    async with open_session(prepare(str(desk.board)), run="two") as session:
        with pytest.raises((ServiceUnreachable, KeyRefused, TakeGone)):
            await adopt(session.vault, session.client, attempt, "typed-1")

    assert [one.state for one in await attempts(desk)] == ["unknown"]


@pytest.mark.parametrize(
    "says_yes", [PENDING, Say(200, {"status": "done"}), Say(200, {"status": "failed", "error": "no"})]
)
async def test_an_id_that_the_service_knows_is_written_down(desk: Desk, stub: Stub, says_yes: Say):
    """
    However far its take is, or however it ended.
    """
    stub.on_submit(Say(500, "oh"))
    with pytest.raises(SubmitUnknown):
        await made(desk, "one")
    stub.on("GET /v1/videos/typed-1", says_yes)
    (attempt,) = await attempts(desk)
    async with open_session(prepare(str(desk.board)), run="two") as session:
        await adopt(session.vault, session.client, attempt, "typed-1")

    assert [one.request_id for one in await attempts(desk)] == ["typed-1"]


@pytest.mark.parametrize("given", ["x" * 10_000, "y" * 90_000, "{not-a-uuid}"])
async def test_an_id_that_cannot_be_asked_for_stays_unknown_and_can_be_given_up(desk: Desk, stub: Stub, given: str):
    """
    Too long for an address, or of a form that the service does not take: nothing is bought by itself, and a person may.
    """
    stub.on_submit(Say(429, {"error": "slow down", "request_id": given}), Say(200, {"request_id": "bought"}))
    stub.on(f"GET /v1/videos/{in_address(writable(given))}", Say(414 if len(given) > 100 else 422, "no"))
    for run in ("one", "two"):
        with pytest.raises(SubmitUnknown):
            await made(desk, run)
    (attempt,) = await attempts(desk)
    async with open_session(prepare(str(desk.board)), run="three") as session:
        assert await give_up(session.vault, attempt, session.client) is None

    assert await made(desk, "four") == "bought"
    assert counted(stub)[0] == 2


# A run that is killed where a function of the product is called: the record of an id is new, and so are its kill points.
KILLED = """
import asyncio, os, signal, sys
from storyreel.imagine import Imagine
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.purchase import try_to_buy
from storyreel.vault.claims import Claims

async def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

owner = {"Claims": Claims, "Imagine": Imagine}[sys.argv[2]]
setattr(owner, sys.argv[3], killed)

async def main():
    async with open_session(prepare(sys.argv[1]), run="one") as session:
        await try_to_buy(session, "coast", "video", [])

asyncio.run(main())
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("point", "known"),
    [
        pytest.param(("Claims", "name"), False, id="answered-and-id-not-recorded"),
        pytest.param(("Imagine", "knows"), True, id="id-recorded-and-not-asked-for"),
        pytest.param(("Claims", "answer_accepted"), True, id="id-known-and-not-recorded"),
    ],
)
async def test_killed_around_the_record_of_an_id(desk: Desk, stub: Stub, point: tuple[str, str], known: bool):
    """
    With the record the next run asks for the id and goes on from it; without it the request is unknown. Sent is it once.
    """
    stub.on_submit(Say(500, {"error": "oh", "request_id": "shown-1"}))
    stub.on("GET /v1/videos/shown-1", PENDING)
    run = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(desk.board), *point)

    assert await run.wait() == -signal.SIGKILL
    if known:
        assert await made(desk, "two") == "shown-1"
    else:
        with pytest.raises(SubmitUnknown, match="ended before it kept an answer"):
            await made(desk, "two")
    assert counted(stub)[0] == 1


OTHER_NAMES = [
    {"id": "shown-1", "object": "video", "status": "queued"},
    {"task_id": "shown-1"},
    {"requestId": "shown-1", "code": 0},
    {"data": {"task_id": "shown-1"}},
    {"id": "shown-1", "data": {"id": "shown-1"}},
]


@pytest.mark.parametrize("said", OTHER_NAMES)
async def test_a_gateways_own_name_for_the_id_is_asked_for(desk: Desk, stub: Stub, said: dict[str, Any]):
    """
    A success that has no request_id and one id all the same: if the service knows it, the request was taken.
    """
    stub.on_submit(Say(200, said))
    stub.on("GET /v1/videos/shown-1", PENDING)

    assert await made(desk, "one") == await made(desk, "two") == "shown-1"
    assert counted(stub)[0] == 1
    assert [attempt.state for attempt in await attempts(desk)] == ["open"]


@pytest.mark.parametrize(
    "said", [{"id": "trace-1"}, {"id": "trace-1", "task_id": "trace-2"}, {"error": "quota", "id": "trace-1"}]
)
async def test_an_id_that_is_nobodys_leaves_it_unknown(desk: Desk, stub: Stub, said: dict[str, Any]):
    """
    It may be billed, so a person decides; the ids are shown, for them to try.
    """
    stub.on_submit(Say(200, said))
    stub.on("GET /v1/videos/trace-1", GONE)

    for run in ("one", "two"):
        with pytest.raises(SubmitUnknown, match="trace-1"):
            await made(desk, run)
    assert counted(stub)[0] == 1


@pytest.mark.parametrize(
    "poll", [Say(200, {"code": "task_not_exist", "message": "no such task", "data": None}), Say(200, ""), Say(200, {})]
)
async def test_an_answer_that_any_question_gets_does_not_make_an_id_a_requests(desk: Desk, stub: Stub, poll: Say):
    """
    It stays unknown, and a person can call it lost: what is taken for accepted would be waited for by every run.
    """
    stub.on_submit(Say(200, {"id": "trace-1"}), Say(200, {"request_id": "shown-2"}))
    stub.on("GET /v1/videos/trace-1", poll)
    with pytest.raises(SubmitUnknown, match="trace-1"):
        await made(desk, "one")
    (attempt,) = await attempts(desk)
    async with open_session(prepare(str(desk.board)), run="says") as session:
        assert await give_up(session.vault, attempt, session.client) is None

    assert await made(desk, "two") == "shown-2"
    assert counted(stub)[0] == 2


async def test_an_id_that_each_answer_has_is_no_requests(desk: Desk, stub: Stub):
    """
    The first request with it cannot be told from a true one; a second one is another request all the same.
    """
    desk.write(ONE + '  - {id: door, prompt: "A door."}\n')
    stub.on_submit(Say(200, {"id": "account-1"}))
    stub.on("GET /v1/videos/account-1", PENDING)
    assert await made(desk, "one") == "account-1"

    async with open_session(prepare(str(desk.board)), run="two") as session:
        with pytest.raises(SubmitUnknown, match="account-1"):
            await buy(session, "door", "video", [])
        (lost,) = [attempt for attempt in await attempts(desk) if attempt.state == "unknown"]
        assert await give_up(session.vault, lost, session.client) is None
