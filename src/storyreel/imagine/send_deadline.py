"""
For how long a request may still be sent: a minute from before its claim was made, and not once somebody has answered it.

A process may sleep between its claim and its request - a closed lid, SIGSTOP, a disk that hangs -, and others may find
the claim without an answer meanwhile, ask a person, and buy. So the claim is looked at again at the last moment before
the first byte, and the clock before every further one, the very last included: what is late is never whole.
"""

from __future__ import annotations

import asyncio
import select
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from storyreel.clock import Since

SENT_WITHIN_S = 60.0
"""How old a claim may be when the last byte of its request is handed over."""

_PIECE = 1 << 16
_CUT_OFF = struct.pack("ii", 1, 0)  # what the network still holds of a request goes with its connection
_CLOSE = struct.pack("ii", 0, 0)


class Lapsed(Exception):
    """The claim is too old, or somebody has answered it: the request is not out, or not whole."""


async def _nobody() -> str:
    return ""


@dataclass(frozen=True)
class Lease:
    """
    The right to send one request.

    Args:
        since: The moment before its claim was made.
        answered: Looks at the claim's records, and says why they forbid to send it; empty if they do not.
    """

    since: Since = field(default_factory=Since)
    answered: Callable[[], Awaitable[str]] = _nobody

    def left_s(self) -> float:
        """Return for how long it may still be sent, in seconds."""
        return SENT_WITHIN_S - self.since.seconds()

    async def look(self) -> None:
        """
        Look at the claim and at the clock, in this order: to look may take a while.

        Raises:
            Lapsed: It must not be sent any more.
        """
        self.hold()
        if why := await self.answered():
            raise Lapsed(why)
        self.hold()

    def hold(self) -> None:
        """
        Look at the clock.

        Raises:
            Lapsed: It must not be sent any more.
        """
        if self.left_s() <= 0:
            raise Lapsed(f"slept: {self.since.seconds():.0f} s after its claim the request was not out")


class Posting:
    """
    One request on its way, under a lease.

    `whole` says that its last byte was handed over. Until then the service cannot have it.
    """

    def __init__(self, content: bytes, lease: Lease, on_whole: Callable[[], None]) -> None:
        self._content = content
        self._lease = lease
        self._on_whole = on_whole
        self._socket: socket.socket | None = None
        self._begun = False
        self.out = 0
        self.whole = False

    @property
    def progress(self) -> str:
        """How much of it is out, for a person."""
        return f"{self.out:,} of {len(self._content):,} bytes"

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the request's body. The last byte comes alone, when the network takes it at once and the lease holds."""
        last = len(self._content) - 1
        for start in range(0, last, _PIECE):
            self._lease.hold()
            yield self._content[start : min(start + _PIECE, last)]
            self.out = min(start + _PIECE, last)
        while not self._takes_more():  # noqa: ASYNC110 - the event loop's own writer has this socket
            await asyncio.sleep(0.02)
        self._lease.hold()
        self.whole = True
        self._on_whole()
        yield self._content[last:]

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow a connection as httpcore tells of it. A proxy is asked for a tunnel by a request of its own."""
        if event == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
            self._linger(_CUT_OFF)
        elif event == "http11.send_request_headers.started" and info["request"].method == b"POST":
            await self._lease.look()
            self._begun = True
        elif event == "http11.receive_response_headers.complete" and self._begun:
            self._linger(_CLOSE)

    def _linger(self, how: bytes) -> None:
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)

    def _takes_more(self) -> bool:
        if self._socket is None or self._socket.fileno() < 0:
            return True
        waiting = select.poll()
        waiting.register(self._socket.fileno(), select.POLLOUT)
        return bool(waiting.poll(0))
