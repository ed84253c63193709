"""
Odd answers through whole runs - recall, buy, collect, as the flow has them - each followed by a run to which all is said
as it should be. What the service took is held against what the vault knows.
"""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storyreel import media
from storyreel.errors import NotReached, StoryreelError
from storyreel.imagine import Imagine
from storyreel.model.recipe import Clip, sha256_of
from storyreel.production import open as opening
from storyreel.production.collect import collect
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.production.summary import record
from tests.fuzz.answers import goldens, kept_as, sane_answer
from tests.fuzz.clock import Clock, run
from tests.fuzz.odd import Reply, twisted
from tests.fuzz.service import Service, sent_again
from tests.production.patiently import buy

SCENE = 'title: Odd\ndefaults: {duration: 1, resolution: 480p}\nscenes:\n  - id: coast\n    prompt: "A lighthouse."\n'
BOARDS = {
    "video": SCENE,
    "still": SCENE + '    image: {prompt: "A lamp."}\n',
    "edit": SCENE + '    then:\n      - edit: "Add snow."\n',
}
DOORS = {
    "video": ("submit", "submit", "poll", "poll", "download", "key"),
    "still": ("still", "still", "still", "submit", "poll"),
    "edit": ("upload", "submit", "poll"),
}
RAM = Path("/dev/shm")
BELIEVED = (b"fail", b"expired", b"moderat", b"not-found", b"done", b"safety")
"""What a twisted poll may say that ends a take: then its clip is not looked for."""
PASSING = (b"internal_error", b"service_unavailable")


@contextmanager
def stage(clip: Path) -> Iterator[Path]:
    """Give a scratch folder with the environment of a run in it; the sane clip is decoded to its end once."""
    whole, seen, look = sha256_of(clip), {}, media.check_and_inspect

    async def check_once(path: Path) -> tuple[media.Measured, media.Inspection | None]:
        if sha256_of(path) != whole:
            return await look(path)
        if whole not in seen:
            seen[whole] = await look(path)
        return seen[whole]

    scratch = tempfile.TemporaryDirectory(dir=RAM if RAM.is_dir() else None)
    with scratch as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setattr(media, "check_and_inspect", check_once)
        patch.setenv("XAI_API_KEY", "xai-key-0123456789")
        patch.setenv("STORYREEL_VAULT", f"file:{folder / 'vault'}")
        patch.setenv("STORYREEL_OUT", str(folder / "out"))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        yield folder


@contextmanager
def answered_by(service: Service) -> Iterator[None]:
    """Have runs of this process ask that service."""

    def call(*_: Any, **__: Any) -> Imagine:
        return Imagine("http://127.0.0.1/v1", "xai-key-0123456789", transport=service, submits_per_second=1000.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "call", call)
        yield


async def shoot(board: Path, name: str, *, closes: bool = True, taken_up: bool = False) -> dict[str, Any]:
    """Make every step of a board, one after the other; return what came of each, errors that were thought of included."""
    ends: dict[str, Clip | BaseException] = {}
    try:
        async with opening.open_session(prepare(str(board)), run=name, taken_up=taken_up) as session:
            for step in session.plan.steps:
                sources = [clip for need in step.needs if isinstance(clip := ends[need], Clip)]
                if len(sources) < len(step.needs):
                    ends[step.id] = NotReached(step.id, because=step.needs[0])
                    continue
                try:
                    slate = await recall(session, step, sources)
                    slate = slate or await buy(session, step.scene, step.name, sources)
                    ends[step.id] = await collect(session, step.id, slate)
                except StoryreelError as error:
                    ends[step.id] = error
            if closes:
                await record(session, ends)
    except StoryreelError as error:
        ends["run"] = error
    return ends


def try_run(dice: Random, clock: Clock, folder: Path, clip: bytes, picture: bytes) -> str:
    """
    Let odd answers come in one run, and none in the next; return what is wrong then, empty if nothing is.

    Raises:
        Exception: A fault that nobody foresaw.
    """
    kind = dice.choice(tuple(BOARDS))
    board = folder / "odd.yaml"
    board.write_text(BOARDS[kind], encoding="utf-8")
    door = dice.choice(DOORS[kind])
    service = Service(dice, clip, picture)
    odd: list[Reply] = []
    others = tuple(told.get("body") for _, told in goldens())

    def twist(sane: Reply) -> Reply:
        odd.append(twisted(dice, (sane_answer(dice, door) if dice.random() < 0.3 else None) or sane, others))
        return odd[-1]

    service.twists[door] = [twist] * dice.choice((1, 1, 1, 2, 50))
    with answered_by(service):
        closes = dice.random() < 0.7
        first = run(shoot(board, "one", closes=closes), clock, patience_s=6 * 3600.0)
        service.twists.clear()
        last = run(shoot(board, "two" if closes else "one", taken_up=not closes), clock, patience_s=6 * 3600.0)
    wrong = judged(service, folder / "vault", door, odd)
    return f"{door} of {kind}, {wrong}; first {shown(first)}, then {shown(last)}" if wrong else ""


def shown(ends: dict[str, Any]) -> str:
    """Return what came of a run, in short."""
    return ", ".join(f"{step}: {type(end).__name__} {str(end)[:300] if step else ''}" for step, end in ends.items())


def judged(service: Service, vault: Path, door: str, odd: list[Reply]) -> str:
    """Return what is wrong after all runs; empty if nothing is."""
    said = b"".join(reply.body for reply in service.verdicts if len(reply.body) < 10_000).lower()
    again = sent_again(service, passing=any(code in said for code in PASSING))
    if again:
        return f"sent again: {again} {[(reply.status, reply.body[:200]) for reply in odd]}"
    records = [json.loads(path.read_bytes()) for path in vault.rglob("*.json")]
    known = set(strings(records))
    ended = {one["request_id"]: one for one in records if "end" in one}
    for job in (job for jobs in service.posts.values() for job in jobs if job is not None):
        if job.told and printable(job.told) and service.jobs.get(job.told) is job and not job.still:
            kept = known.intersection(kept_as(job.told))
            if not kept:
                return f"id lost: {job.told[:80]!r}"
            take = next((ended[told] for told in kept if told in ended), {})
            if take.get("end") != "clip" and not any(word in said for word in BELIEVED):
                return f"clip lost: {job.told[:80]!r}"
    files = [path.read_bytes() for path in vault.rglob("*") if path.is_file()] if door == "still" else []
    for wanted in filter(None, map(picture_of, odd)) if door == "still" else ():
        if not any(wanted in content for content in files):
            return f"clip lost: a picture of {len(wanted)} bytes"
    for till in vault.glob("*/tills/*"):
        spent = [json.loads(path.read_bytes()) for path in till.glob("*.json")]
        for attempt in {entry["attempt"] for entry in spent}:
            ours = [entry["ticks"] for entry in spent if entry["attempt"] == attempt]
            if not 0 <= sum(ours) <= 20 * max(ours):
                return f"money: {ours}"
    return ""


def picture_of(reply: Reply) -> bytes:
    """Return the picture that an answer holds, whole or not, where it was taken and holds one; else nothing."""
    try:
        one = (reply.fields or {})["data"][0]
        if not 200 <= reply.status < 300 or one.get("respect_moderation") is False:
            return b""
        return base64.b64decode(one["b64_json"], validate=True)
    except (LookupError, TypeError, AttributeError, ValueError, binascii.Error):
        return b""


def printable(told: str) -> bool:
    """Whether a person could read an id off a screen and write it down."""
    return told.isprintable() and told == told.encode(errors="replace").decode()


def strings(value: Any) -> Iterator[str]:
    """Return every string in JSON data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
