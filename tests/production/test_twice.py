"""
One id or one file for two requests is noticed: a film that shows the same clip twice is not what was asked for.
"""

import json

import httpx

from storyreel.model.events import Event
from storyreel.production.caller import Caller
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.vault import open_vault
from tests.desk import TWO, Desk
from tests.production.patiently import buy

from .gateway import Gateway, gateway

__all__ = ["gateway"]


async def told(desk: Desk) -> dict[str, str]:
    """Make both steps, and return what was said beside each that was made."""
    desk.write(TWO)
    said: list[Event] = []
    async with open_session(
        prepare(str(desk.board)), run="one", sandbox=True, caller=Caller(watcher=said.append)
    ) as session:
        for step in session.plan.steps:
            await collect(session, step.id, await buy(session, step.scene, step.name, []))
    return {event.step: event.text for event in said if event.stage in ("made", "reused")}


async def test_two_clips_are_nothing_to_remark_on(desk: Desk):
    """
    Two requests, two ids, two files.
    """
    assert {"coast/video": "", "door/video": ""} == await told(desk)


async def test_one_id_for_two_requests_is_noticed(desk: Desk, gateway: Gateway):
    """
    A gateway that answers twice with the same id has made one clip of two.
    """
    first: list[bytes] = []

    def same(content: bytes) -> httpx.Response:
        first.append(content)
        return httpx.Response(200, content=first[0])

    gateway.on("/v1/videos/generations", same)
    said = await told(desk)

    assert "" == said["coast/video"]
    assert f"gave request {json.loads(first[0])['request_id']} for another step too" in said["door/video"]


async def test_one_file_for_two_requests_is_noticed(desk: Desk, gateway: Gateway):
    """
    Two ids, and the same bytes for both.
    """
    first: list[bytes] = []

    def same(content: bytes) -> httpx.Response:
        first.append(content)
        return httpx.Response(200, headers={"Content-Type": "video/mp4"}, content=first[0])

    gateway.on("/media/", same)
    said = await told(desk)

    assert "" == said["coast/video"]
    assert "the same file as request" in said["door/video"]
    assert () == await open_vault(str(desk.folder / "vault"), cache=desk.folder).audit.findings()
