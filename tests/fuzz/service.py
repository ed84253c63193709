"""
The service, played with a memory of its own: what it was asked, what it took, and what it charged for.

It answers as it should, but for the answers that a twist replaces. What it took does not depend on what storyreel makes
of an answer, so that both can be held against each other. It has nothing in common with the sandbox.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import gzip
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random
from urllib.parse import unquote
from uuid import UUID

import httpx

from tests.fuzz.odd import BOMB, Reply, saying

SURELY_NOT = frozenset({400, 401, 402, 403, 404, 405, 413, 415, 422, 429})
"""Statuses that say that nothing was taken, where no id of a request stands beside them."""
NOT_MEANT = frozenset({301, 307, 308, 406, 410, 411, 414, 431})
"""Statuses of whoever did not even look at the request."""
ENDLESS = 96
"""Pieces of a quarter of a megabyte that come in an answer without an end, before it ends after all."""


Twist = Callable[[Reply], Reply]


@dataclass
class Job:
    """A request that was taken. `told` are the ids that an answer gave for it; `still` is its picture, for one."""

    fingerprint: str
    told: str | None
    still: bool = False


@dataclass
class Service(httpx.AsyncBaseTransport):
    """
    The service of one case. `twists` replace answers of a door (`submit`, `still`, `poll`, `upload`, `key`, `models`,
    `download`), one each time, in order; afterwards all is sane again.
    """

    dice: Random
    clip: bytes
    picture: bytes
    twists: dict[str, list[Twist]] = field(default_factory=dict)
    posts: dict[str, list[Job | None]] = field(default_factory=lambda: defaultdict(list))
    """By fingerprint, in order: what was taken of each POST, None where it was refused."""
    jobs: dict[str, Job] = field(default_factory=dict)
    verdicts: list[Reply] = field(default_factory=list)
    """Twisted answers to polls: what they call failed, expired or withheld may be believed."""
    pulled: int = 0
    """The most bytes of one answer that were read."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        door, sane, taken = self._sane(request, await request.aread())
        waiting = self.twists.get(door)
        reply = waiting.pop(0)(sane) if waiting else sane
        if door == "poll" and reply is not sane:
            self.verdicts.append(reply)
        if door in ("submit", "still"):
            self._take(taken, reply)
        if reply.end == "dropped":
            raise httpx.RemoteProtocolError("it hung up")
        told = [*reply.headers, *(("content-encoding", coding) for coding in reply.packed)]
        headers = [(name.encode(), value.encode()) for name, value in told]
        return httpx.Response(reply.status, headers=headers, stream=_Body(reply, self))

    def _sane(self, request: httpx.Request, body: bytes) -> tuple[str, Reply, Job | None]:
        path = request.url.raw_path.decode("ascii", "replace").partition("?")[0]
        if request.method == "POST" and path.startswith(("/v1/videos/", "/v1/images/")):
            fingerprint = request.headers["idempotency-key"].rpartition("-")[0]
            if path.startswith("/v1/images/"):
                told = base64.b64encode(self.picture).decode()
                usage = {"cost_in_usd_ticks": 200_000_000}
                still = saying({"data": [{"b64_json": told, "mime_type": "image/jpeg"}], "usage": usage})
                return "still", still, Job(fingerprint, None, still=True)
            told = str(UUID(int=self.dice.getrandbits(128), version=4))
            return "submit", saying({"request_id": told}), Job(fingerprint, told)
        if path == "/v1/files":
            return "upload", saying({"id": "file-1", "object": "file", "bytes": len(body)}), None
        if path.startswith("/v1/videos/"):
            return "poll", self._poll(unquote(path.removeprefix("/v1/videos/"), errors="surrogatepass")), None
        if path == "/v1/api-key":
            return "key", saying({"name": "key", "team_id": "team-1", "api_key_blocked": False}), None
        if path.endswith("-models"):
            card = {"id": "grok-imagine-video", "aliases": [], "input_modalities": ["text"], "image_price": 2}
            return "models", saying({"models": [card]}), None
        if path == "/clip.mp4":
            return "download", Reply(200, self.clip, (("content-type", "video/mp4"),)), None
        return "nothing", saying({"error": "no such path"}, 404), None

    def _poll(self, request_id: str) -> Reply:
        if request_id not in self.jobs:
            return saying({"code": "not-found", "error": "no such request"}, 404)
        usage = {"cost_in_usd_ticks": 500_000_000}
        video = {"url": "http://127.0.0.1/clip.mp4", "duration": 1, "respect_moderation": True}
        return saying(
            {"status": "done", "progress": 100, "video": video, "usage": usage, "model": "grok-imagine-video"}
        )

    def _take(self, job: Job | None, reply: Reply) -> None:
        """Decide what was taken: where an answer leaves it open, as the dice fall."""
        assert job is not None
        told = (reply.fields or {}).get("request_id")
        told = told.strip() if isinstance(told, str) else None
        job.told = told or None
        if reply.status in SURELY_NOT | NOT_MEANT and reply.end != "dropped":
            taken = bool(told) and reply.status in SURELY_NOT and self.dice.random() < 0.5
        else:
            taken = True
        self.posts[job.fingerprint].append(job if taken else None)
        if taken and job.told:
            self.jobs[job.told] = job


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, reply: Reply, service: Service) -> None:
        self._reply = reply
        self._service = service

    async def __aiter__(self) -> AsyncIterator[bytes]:
        data = packed(self._reply)
        match self._reply.end:
            case "cut":
                yield data[: len(data) // 2]
                raise httpx.ReadError("the connection broke")
            case "slow":
                for at in range(10_000):
                    await asyncio.sleep(20)
                    yield data[at : at + 1] or b" "
            case "endless":
                for n in range(ENDLESS):
                    self._service.pulled = max(self._service.pulled, n << 18)
                    yield b"  " * (1 << 17)
            case _:
                yield data


def packed(reply: Reply) -> bytes:
    """Return the bytes that go over the wire."""
    if reply.body is BOMB:
        return _bomb(reply.packed)
    data = reply.body
    for coding in reply.packed:
        data = gzip.compress(data, 1) if coding == "gzip" else zlib.compress(data)
    return data


def stills(service: Service) -> list[Job]:
    """Return the pictures that were made."""
    return [job for jobs in service.posts.values() for job in jobs if job is not None and job.still]


def sent_again(service: Service, *, passing: bool) -> list[str]:
    """
    Return the fingerprints that were sent again although they had been taken.

    With `passing` an answer has called a take failed by the service's own fault, which may be tried three times in all.
    """
    again = []
    for fingerprint, posts in service.posts.items():
        taken = [n for n, job in enumerate(posts) if job is not None]
        if taken and len(posts) > taken[0] + (3 if passing else 1):
            again.append(fingerprint)
    return again


@cache
def _bomb(codings: tuple[str, ...]) -> bytes:
    return functools.reduce(lambda data, _: gzip.compress(data, 9), codings, BOMB)
