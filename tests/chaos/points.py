"""
Where a run is struck, and what strikes it. Loaded into a child process of the tests; the product has no switch for it.

A point wraps one function of the product. What happens there, once, is a *blow*: the whole process group is killed,
the process is told to end, the disk under the vault is full from then on, or the run is held for a test to do its worst.
"""

import asyncio
import errno
import functools
import importlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from storyreel.settings import read_settings

Blow = Callable[[], None]
Wrapped = Callable[..., Awaitable[Any]]

REACHED, GO_ON = Path("reached"), Path("go-on")
"""How a run that is held and a test talk, in the run's folder."""
HELD_S = 120.0
"""How long a run is held at most. A Cancel reaches it by Prefect's events, or, on a busy machine, much later by its polling."""


def killed() -> None:
    """End the whole process group, as `kill -9` and the kernel's own killer do."""
    os.killpg(0, signal.SIGKILL)


def told_to_end() -> None:
    """Send SIGTERM to this process, as a supervisor does, and go on until it is heeded."""
    os.kill(os.getpid(), signal.SIGTERM)


def interrupted() -> None:
    """Press Ctrl-C: a terminal sends SIGINT to the whole process group."""
    os.killpg(0, signal.SIGINT)


def held() -> None:
    """Say that the point is reached, and stay there until told to go on, or until a SIGTERM has been heeded."""
    heeded: list[int] = []
    plain = signal.getsignal(signal.SIGTERM)

    def told(number: int, frame: Any) -> None:
        heeded.append(number)
        if callable(plain):
            plain(number, frame)

    if callable(plain):
        signal.signal(signal.SIGTERM, told)
    # A run has left the person's folder by then.
    here = read_settings().root
    (here / REACHED).touch()
    patience = time.monotonic() + HELD_S
    while not (heeded or (here / GO_ON).exists()) and time.monotonic() < patience:
        time.sleep(0.005)
    if signal.getsignal(signal.SIGTERM) is told:
        signal.signal(signal.SIGTERM, plain)


def disk_full() -> None:
    """Have every write into the vault fail from here on."""
    from storyreel.vault.stores import folder

    def full(descriptor: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder.write_all = full


def read_only() -> None:
    """Have every write into the vault be refused from here on."""
    from storyreel.vault.stores import folder

    def refused(descriptor: int, data: bytes) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    folder.write_all = refused


BLOWS: dict[str, Blow] = {
    "killed": killed,
    "told-to-end": told_to_end,
    "interrupted": interrupted,
    "held": held,
    "disk-full": disk_full,
    "read-only": read_only,
}


def once(blow: Blow) -> Blow:
    """Return a blow that falls the first time alone."""
    left = [blow]

    def fall() -> None:
        if left:
            left.pop()()

    return fall


def before(owner: Any, name: str, blow: Blow, on: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Strike when a function is called that `on` agrees to."""
    plain: Wrapped = getattr(owner, name)

    @functools.wraps(plain)
    async def struck(*args: Any, **kwargs: Any) -> Any:
        if on(*args, **kwargs):
            blow()
        return await plain(*args, **kwargs)

    setattr(owner, name, struck)


def after(owner: Any, name: str, blow: Blow, on: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Strike when a function has done its work and not yet returned."""
    plain: Wrapped = getattr(owner, name)

    @functools.wraps(plain)
    async def struck(*args: Any, **kwargs: Any) -> Any:
        result = await plain(*args, **kwargs)
        if on(*args, **kwargs):
            blow()
        return result

    setattr(owner, name, struck)


def during(owner: Any, name: str, blow: Blow) -> None:
    """Strike a moment after a function has begun its work."""
    plain: Wrapped = getattr(owner, name)

    @functools.wraps(plain)
    async def struck(*args: Any, **kwargs: Any) -> Any:
        work = asyncio.ensure_future(plain(*args, **kwargs))
        await asyncio.sleep(0.05)
        blow()
        return await work

    setattr(owner, name, struck)


def sent(blow: Blow, path: str) -> None:
    """Strike when the last byte of a POST has been handed to the network and nothing has come back."""
    plain = httpx.AsyncHTTPTransport.handle_async_request

    async def handle(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        follow = request.extensions.get("trace")

        async def trace(event: str, info: Any) -> None:
            await follow(event, info)
            if event == "http11.send_request_body.complete":
                blow()

        if request.method == "POST" and path in request.url.path:
            request.extensions["trace"] = trace
        return await plain(self, request)

    httpx.AsyncHTTPTransport.handle_async_request = handle  # type: ignore[method-assign]


def half_way(blow: Blow) -> None:
    """Strike when a part of a download has been written to its file."""
    from storyreel.imagine import download

    plain = download.save

    async def save(response: httpx.Response, to: Any, shown: str, on_bytes: Any, most: int) -> int:
        def count(written: int, expected: int | None) -> None:
            assert expected is None or written < expected, "the clip came in one piece"
            blow()

        return await plain(response, to, shown, count, most)

    download.save = save
    download.PIECE = 4096  # clips of a second come in one piece of the usual size


def careless() -> None:
    """Have claims written with their answers, as whoever notes a purchase down when it is made does."""
    from storyreel.vault.claims import Claims
    from storyreel.vault.record_store import RecordStore

    create: Callable[..., Awaitable[bool]] = RecordStore.create
    unwritten: dict[str, Any] = {}

    async def with_the_answer(records: RecordStore, key: str, record: Any) -> bool:
        folder, _, name = key.rpartition("/")
        if name == "claim.json":
            unwritten[folder] = record
            return True
        if name == "answer.json" and folder in unwritten:
            await create(records, f"{folder}/claim.json", unwritten.pop(folder))
        return await create(records, key, record)

    async def no_look(claims: Claims, claim: Any) -> str:
        return ""

    Claims.forbidden = no_look  # type: ignore[method-assign]
    RecordStore.create = with_the_answer  # type: ignore[method-assign, assignment]


def arm(point: str, name: str) -> None:
    """Have a blow fall at a point, once. All are about a video, but for those that say `still`."""
    from storyreel.imagine import Imagine
    from storyreel.imagine.connection import Connection
    from storyreel.vault.claims import Claims
    from storyreel.vault.clips import Clips
    from storyreel.vault.inbox import Inbox
    from storyreel.vault.index import Index
    from storyreel.vault.takes import Takes

    blow = once(BLOWS[name])

    def of_video(*args: Any, **kwargs: Any) -> bool:
        return "/still" not in str(kwargs.get("step") or getattr(args[1], "step", ""))

    def of_still(*args: Any, **kwargs: Any) -> bool:
        return not of_video(*args, **kwargs)

    def to_videos(connection: Any, path: str, *args: Any, **kwargs: Any) -> bool:
        return path.startswith("videos/")

    def mark_of_video(index: Index, service: str, board: str, step: str, *rest: Any) -> bool:
        return "/still" not in step

    match point:
        case "before-the-mark":
            before(Index, "mark", blow, mark_of_video)
        case "marked-and-not-claimed":
            after(Index, "mark", blow, mark_of_video)
        case "before-the-claim":
            before(Claims, "claim", blow, of_video)
        case "between-claim-and-post":
            before(Connection, "post", blow, to_videos)
        case "post-sent-and-no-answer":
            sent(blow, "/videos/")
        case "answer-and-not-recorded":
            before(Claims, "answer_accepted", blow, of_video)
        case "polling":
            after(Connection, "get", blow, to_videos)
        case "url-known-and-not-downloaded":
            before(Imagine, "fetch", blow)
        case "signed-and-not-claimed":
            after(Inbox, "address", blow)
        case "put-and-not-fetched":
            before(Inbox, "fetch", blow)
        case "half-downloaded":
            half_way(blow)
        case "downloaded-and-not-kept":
            before(Clips, "keep", blow)
        case "downloaded-and-not-recorded":
            before(Takes, "end", blow, lambda _, take: take.seconds > 0)
        case "conforming":
            during(importlib.import_module("storyreel.media.conform"), "run_ffmpeg", blow)
        case "between-two-films":
            after(importlib.import_module("storyreel.production.run"), "cut_film", blow)
        case "splicing":
            during(importlib.import_module("storyreel.media.splice"), "to_its_end", blow)
        case "still-sent-and-no-answer":
            sent(blow, "/images/")
        case "still-answered-and-not-kept":
            before(Clips, "keep_bytes", blow)
        case "still-kept-and-not-recorded":
            before(Claims, "answer_accepted", blow, of_still)
        case _:
            raise ValueError(f"no point {point!r}")
