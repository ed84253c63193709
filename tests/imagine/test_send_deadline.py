"""
A request goes out within a minute of its claim, whole, or it never was: on real sockets, with a clock that is moved.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from storyreel import clock
from storyreel.clock import Since
from storyreel.errors import SubmitPaced, SubmitUnknown
from storyreel.imagine import ByUrl, Imagine, Lease

from .conftest import KEY, REQUEST_ID, Say, Stub

BODY = {"model": "grok-imagine-video", "prompt": "A lighthouse", "duration": 6}
PICTURE = ByUrl("data:image/png;base64," + "A" * 400_000)
LARGE = ByUrl("data:image/png;base64," + "A" * 7_000_000)


class Clocks:
    """The clocks that go on through a sleep, moved by hand."""

    def __init__(self) -> None:
        self.readings = [1000.0]
        self.count, self.asleep_at = 0, 0

    def __call__(self) -> tuple[float, ...]:
        self.count += 1
        if self.count == self.asleep_at:
            self.sleep(61)
        return tuple(self.readings)

    def sleep(self, seconds: float, which: int = 0) -> None:
        """Have so many seconds gone by."""
        self.readings[which] += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Return the clocks that are read."""
    moved = Clocks()
    monkeypatch.setattr(clock, "now", moved)
    return moved


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[Imagine]:
    """Return a client of the stub."""
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}))
    async with Imagine(stub.base_url, KEY, submits_per_second=1000) as one:
        yield one


async def submit(client: Imagine, lease: Lease | None, *media: ByUrl) -> str:
    operation = "image-to-video" if media else "text-to-video"
    return await client.submit(operation, BODY, media, idempotency_key="c", lease=lease)


@pytest.mark.parametrize(("asleep_s", "posts"), [(0, 1), (59, 1), (61, 0), (100_000, 0)])
async def test_a_claim_that_was_slept_over_is_not_sent(
    stub: Stub, client: Imagine, clocks: Clocks, asleep_s: float, posts: int
) -> None:
    """
    A request begins within a minute of its claim, or not at all, and that it slept is what is written down.
    """
    lease = Lease()
    clocks.sleep(asleep_s)

    if posts:
        assert await submit(client, lease) == REQUEST_ID
    else:
        with pytest.raises(SubmitPaced, match=r"slept: .* nothing was bought") as caught:
            await submit(client, lease)
        assert (caught.value.code, caught.value.after_s) == ("not_sent", 0.0)
    assert len(stub.heard) == posts


async def test_the_clock_is_read_after_the_records(stub: Stub, client: Imagine, clocks: Clocks) -> None:
    """
    A disk that hangs while the claim is looked at again is a sleep like any other.
    """

    async def hangs() -> str:
        clocks.sleep(61)
        return ""

    with pytest.raises(SubmitPaced, match="slept"):
        await submit(client, Lease(answered=hangs))

    assert stub.heard == []


async def test_the_records_are_looked_at_when_the_connection_is_there(
    stub: Stub, client: Imagine, clocks: Clocks
) -> None:
    """
    Nothing waits between the last look and the first byte: the connection has been taken by then.
    """
    connections: list[int] = []

    async def answered() -> str:
        connections.append(len(stub.writers))
        return "slept: a person has called it lost"

    async def taken() -> None:
        while not stub.writers:
            await asyncio.sleep(0)

    with pytest.raises(SubmitPaced, match="a person has called it lost"):
        await asyncio.gather(submit(client, Lease(answered=answered)), taken())

    assert len(connections) == 1
    assert stub.heard == []


@pytest.mark.parametrize("reads", [5, 8, -1], ids=["early", "later", "at-the-last-byte"])
async def test_a_request_that_is_slept_over_half_way_is_cut(
    stub: Stub, client: Imagine, clocks: Clocks, reads: int
) -> None:
    """
    The clock is read before every piece, the last byte included, so that nothing late is ever whole.
    """
    clocks.count = 0
    assert await submit(client, Lease(), PICTURE) == REQUEST_ID
    clocks.asleep_at = reads if reads > 0 else clocks.count
    clocks.count = 0

    with pytest.raises(SubmitPaced, match="slept"):
        await submit(client, Lease(), PICTURE)

    await asyncio.sleep(0.02)
    assert len(stub.heard) == 1


@pytest.mark.parametrize("which", [0, 1], ids=["monotonic", "wall"])
def test_where_no_clock_counts_sleep_the_larger_of_two_is_believed(clocks: Clocks, which: int) -> None:
    """
    A lid that is closed stops one clock, a person who sets the time moves the other: neither makes a claim younger.
    """
    clocks.readings = [50.0, 1_700_000_000.0]
    since = Since()
    clocks.sleep(61, which)
    clocks.sleep(-30, 1 - which)

    assert since.seconds() == 61


class Stalled:
    """A server that takes a connection and reads what, and when, it is told to."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        self.base_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self.connections: list[socket.socket] = []

    async def serve(self) -> None:
        """Take connections, and read nothing."""
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._listening)
            self.connections.append(connection)

    async def rest(self) -> bytes:
        """Return all that comes, late as it is."""
        loop, (connection,) = asyncio.get_running_loop(), self.connections
        got = b""
        try:
            while piece := await asyncio.wait_for(loop.sock_recv(connection, 1 << 20), 2):
                got += piece
        except ConnectionError:
            pass  # it was cut with what the network still held of it
        return got

    def close(self) -> None:
        """Hang up."""
        for each in (self._listening, *self.connections):
            each.close()


@pytest.fixture
async def stalled() -> AsyncIterator[Stalled]:
    """Return a server that does not read."""
    server = Stalled()
    serving = asyncio.create_task(server.serve())
    yield server
    serving.cancel()
    server.close()


async def test_a_request_that_does_not_get_through_in_time_was_never_whole(
    stalled: Stalled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    On a line that stalls the request is cut before its last byte: it is refused, not unknown, and whoever reads on lacks its end.
    """
    monkeypatch.setattr("storyreel.imagine.send_deadline.SENT_WITHIN_S", 0.4)
    async with Imagine(stalled.base_url, KEY) as client:
        with pytest.raises(SubmitPaced, match=r"could not be sent whole .* of 7,000,") as caught:
            await submit(client, Lease(), LARGE)

    assert caught.value.code == "not_sent"
    assert not (await stalled.rest()).endswith(b"}")


@pytest.mark.parametrize("drop", ["reset", "close"])
async def test_a_connection_that_breaks_before_the_last_byte_has_bought_nothing(stalled: Stalled, drop: str) -> None:
    """
    What never had its end cannot have been taken: it may be sent again.
    """

    async def hang_up() -> None:
        while not stalled.connections:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        if drop == "reset":
            stalled.connections[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        stalled.connections[0].close()

    async with Imagine(stalled.base_url, KEY) as client:
        with pytest.raises(SubmitPaced, match="could not be sent whole"):
            await asyncio.gather(submit(client, Lease(), LARGE), hang_up())


async def test_the_answer_has_its_time_from_the_last_byte_on(
    stub: Stub, client: Imagine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    How long the sending took is no matter of how long is waited for what comes of it; after that nobody knows.
    """
    monkeypatch.setattr("storyreel.imagine.send_deadline.SENT_WITHIN_S", 0.3)
    monkeypatch.setattr("storyreel.imagine.client.SUBMIT_S", 1.0)
    stub.on_submit(Say(200, {"request_id": REQUEST_ID}, after_s=0.6), Say(200, {"request_id": "x"}, after_s=1.3))

    assert await submit(client, Lease()) == REQUEST_ID
    with pytest.raises(SubmitUnknown, match="nothing within 1 s"):
        await submit(client, Lease())


async def test_a_service_in_this_process_is_sent_nothing_stale_either(clocks: Clocks) -> None:
    """
    Where no connection has to come about, the last look is before the call.
    """
    asked: list[str] = []

    async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        assert not (await receive())["more_body"] or await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"request_id": "a"}'})

    lease = Lease()
    async with Imagine("http://127.0.0.1/v1", KEY, transport=httpx.ASGITransport(answer)) as client:
        assert await submit(client, lease) == "a"
        clocks.sleep(61)
        with pytest.raises(SubmitPaced, match="slept"):
            await submit(client, lease)

    assert len(asked) == 1
