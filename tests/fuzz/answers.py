"""
Odd answers through the client alone: each becomes one of the outcomes that were thought of, in bounds of bytes and time.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from storyreel.errors import KeyRefused, StoryreelError, SubmitRefused
from storyreel.imagine import Imagine
from tests.fuzz.clock import Clock, run
from tests.fuzz.odd import Reply, saying, twisted
from tests.fuzz.service import SURELY_NOT, Service

GOLDEN = Path(__file__).parents[1] / "golden"
DOORS = ("submit", "submit", "submit", "still", "still", "poll", "poll", "poll", "upload", "key", "models", "download")
SMALL = 4 << 20
"""The most bytes of one answer without a picture or a file in it that anybody may read: several times what is needed."""
PATIENCE_S = 2 * 3600.0
"""The longest that a question may take, by the clock that runs ahead: patience with a take is half an hour."""


@cache
def goldens() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return every golden exchange that has an answer, by name."""
    found = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(GOLDEN.glob("*.json"))]
    return tuple((name, golden["response"]) for name, golden in found if isinstance(golden.get("response"), dict))


def sane_answer(dice: Random, door: str) -> Reply | None:
    """Return a golden answer of the kind that comes through a door; None: what the service says anyway."""
    kinds = {"submit": ("submit", "error"), "still": ("image", "error"), "poll": ("poll", "error")}
    kinds |= {"upload": ("files",), "models": ("models",)}
    fitting = [told for name, told in goldens() if name.startswith(kinds.get(door, ("none",)))]
    if not fitting or dice.random() < 0.4:
        return None
    told = dice.choice(fitting)
    return saying(told.get("body", told.get("json")), told.get("status", 200))


def try_answer(dice: Random, clock: Clock, clip: bytes, picture: bytes) -> str:
    """
    Let one odd answer come, and return what is wrong about what became of it; empty if nothing is.

    Raises:
        Exception: A fault that nobody foresaw.
    """
    door = dice.choice(DOORS)
    service = Service(dice, clip, picture)
    last: list[Reply] = []
    others = tuple(told.get("body") for _, told in goldens())

    def twist(sane: Reply) -> Reply:
        last.append(twisted(dice, sane_answer(dice, door) or sane, others))
        return last[-1]

    service.twists[door] = [twist] * dice.choice((1, 1, 4, 40))
    began = clock()
    error, result = run(outcome(door, service), clock, patience_s=PATIENCE_S)
    if service.pulled > SMALL and door not in ("still", "download"):
        return f"{door}: {service.pulled >> 20} MB of one answer were read"
    if clock() - began > PATIENCE_S / 2 and door not in ("poll", "download"):
        return f"{door}: it took {clock() - began:.0f} s"
    return wrong(door, service, last[0] if last else saying({}), error, result)


async def outcome(door: str, service: Service) -> tuple[StoryreelError | None, Any]:
    """Ask at a door, and return the error that was thought of, or what came."""
    async with Imagine("http://127.0.0.1/v1", "xai-key-0123456789", transport=service, poll_s=1.0) as client:
        try:
            return None, await _asked(door, client, service)
        except StoryreelError as error:
            return error, None


async def _asked(door: str, client: Imagine, service: Service) -> Any:
    body = {"model": "grok-imagine-video", "prompt": "A lamp.", "duration": 1}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        match door:
            case "submit":
                return await client.submit("text-to-video", body, idempotency_key="print-1")
            case "still":
                return await client.make_still("generate-image", body, idempotency_key="print-1")
            case "poll":
                taken = await client.submit("text-to-video", body, idempotency_key="print-1")
                return await (client.wait if service.dice.random() < 0.5 else client.ask)(taken)
            case "upload":
                await asyncio.to_thread(file.write_bytes, service.clip)
                return await client.upload(file, "video/mp4", "clip.mp4")
            case "key":
                return await client.service()
            case "models":
                return await client.models()
            case _:
                return await client.fetch("http://127.0.0.1/clip.mp4", file)


def wrong(door: str, service: Service, reply: Reply, error: StoryreelError | None, result: Any) -> str:
    """Return what is wrong about an outcome; empty if nothing is."""
    if error is not None and ("\n" in str(error) or len(str(error)) > 4000):
        return f"{door}: its words are no line: {str(error)[:200]!r}"
    if door not in ("submit", "still"):
        return ""
    posts: Sequence[Any] = service.posts["print"]
    told = kept_as(posts[0].told) if len(posts) == 1 and posts[0] is not None else ()
    if len(posts) != 1:
        return f"{door}: {len(posts)} POSTs"
    if posts[0] is not None and isinstance(error, SubmitRefused | KeyRefused) and error.request_id is None:
        return f"{door}: HTTP {reply.status} ({reply.end}) was taken, and reads as a refusal"
    if door == "submit" and told and 200 <= reply.status < 300 and result not in told:
        return f"submit: accepted as {told[0][:60]!r}, and that reads as {error or result!r}"
    # Beside a status that is no acceptance the id is written down all the same, wherever it may lead.
    if door == "submit" and told and reply.status in SURELY_NOT and getattr(error, "request_id", None) not in told:
        return f"submit: HTTP {reply.status} told the id {told[0][:60]!r}, and it is gone"
    return ""


def kept_as(told: str | None) -> tuple[str, ...]:
    """Return the forms in which an id may be kept: as it came, or - where that is no plain text - as its bytes."""
    return (told, f"hex:{told.encode('utf-8', 'surrogatepass').hex()}") if told else ()
