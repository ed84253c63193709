"""
A take that is done and has no address yet: its charge is kept, every run asks for it, and nothing is bought again.
"""

import json
import time
from functools import partial
from pathlib import Path

import httpx
import pytest

from storyreel.errors import TakeExpired, TakeFailed
from storyreel.imagine import Patience
from storyreel.model.recipe import Clip
from storyreel.production import open as opening
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.recall import recall
from storyreel.vault import Take, open_vault
from tests.desk import Desk
from tests.production.patiently import buy

from .gateway import Gateway, gateway

__all__ = ["gateway"]

BOARD = """
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
"""
TICKS = 1_000_000_000


def unaddressed(content: bytes) -> httpx.Response | None:
    """Take the address out of an answer that says done."""
    told = json.loads(content or b"{}")
    if told.get("status") != "done":
        return None
    return httpx.Response(200, json=told | {"video": {"url": None}, "usage": {"cost_in_usd_ticks": TICKS}})


@pytest.fixture
def later(desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Return a gateway at which takes have no address, and a desk with one scene."""
    monkeypatch.setattr(opening, "call", partial(opening.call, patience=Patience(url_s=0.05)))
    desk.write(BOARD)
    gateway.on("/v1/videos/", lambda content: unaddressed(content) if b'"status"' in content else None)
    return gateway


async def shoot(desk: Desk, run: str, **wishes: object) -> Clip:
    async with open_session(prepare(str(desk.board), **wishes), run=run, sandbox=True) as session:  # type: ignore[arg-type]
        try:
            slate = await recall(session, session.plan.step("coast/video"), []) or await buy(
                session, "coast", "video", []
            )
            return await collect(session, "coast/video", slate)
        finally:
            await session.vault.asks.close(session.ask, {})


def records(desk: Desk, folder: str) -> list[Take]:
    return [
        Take.model_validate_json(path.read_text()) for path in (desk.folder / "vault/sandbox" / folder).glob("*.json")
    ]


async def test_every_run_asks_for_it_and_the_charge_is_kept(desk: Desk, later: Gateway):
    """
    Run after run asks once more for the take that was paid, and the one that is shown an address has the clip.
    """
    for run in ("one", "two", "one"):
        with pytest.raises(TakeFailed, match="asked for again by the next run"):
            await shoot(desk, run)
        assert [TICKS] == [take.charged_ticks for take in records(desk, "takes")]
        assert TICKS == await open_vault(str(desk.folder / "vault"), cache=desk.folder).ledger.spent("sandbox", "one")
    assert 1 == len(desk.posts())

    later.changes.clear()
    clip = await shoot(desk, "three")

    assert 1 == len(desk.posts())
    assert ["clip"] == [take.end for take in records(desk, "later")]
    asked = len(later.asked)
    assert clip == await shoot(desk, "four")
    assert asked + 2 == len(later.asked)  # who is there, and nothing else


async def test_a_record_of_an_older_storyreel_is_asked_for_too(desk: Desk, later: Gateway):
    """
    What 0.1.0 had given up on for good is fetched as soon as it can be.
    """
    with pytest.raises(TakeFailed):
        await shoot(desk, "one")
    (path,) = (desk.folder / "vault/sandbox/takes").glob("*.json")
    old = json.loads(path.read_text())
    old["message"], old["charged_ticks"] = "the service calls it done and has given no address", None
    path.write_text(json.dumps(old))
    later.changes.clear()

    assert 48 == (await shoot(desk, "two")).frames
    assert 1 == len(desk.posts())
    (take,) = await open_vault(str(desk.folder / "vault"), cache=desk.folder).takes.every("sandbox")
    assert "clip" == take.end


async def test_a_redo_makes_another_one(desk: Desk, later: Gateway):
    """
    A person who waits no longer says so, and pays for it.
    """
    with pytest.raises(TakeFailed):
        await shoot(desk, "one")
    later.changes.clear()

    assert 48 == (await shoot(desk, "two", redo=["coast"])).frames
    assert 2 == len(desk.posts())


async def test_another_end_that_comes_later_is_one(desk: Desk, later: Gateway):
    """
    Expired in the end: told from then on, and asked for no more.
    """
    with pytest.raises(TakeFailed):
        await shoot(desk, "one")
    later.on("/v1/videos/", lambda _: httpx.Response(200, json={"status": "expired"}))
    with pytest.raises(TakeExpired):
        await shoot(desk, "two")
    asked = len(later.asked)

    with pytest.raises(TakeExpired):
        await shoot(desk, "three")

    assert asked + 2 == len(later.asked)
    assert 1 == len(desk.posts())


async def test_a_clip_that_came_later_is_named_by_its_record(
    desk: Desk, later: Gateway, monkeypatch: pytest.MonkeyPatch
):
    """
    What tidies up the vault knows it.
    """
    with pytest.raises(TakeFailed):
        await shoot(desk, "one")
    later.changes.clear()
    clip = await shoot(desk, "two")
    vault = open_vault(str(desk.folder / "vault"), cache=Path(desk.folder))

    async def tomorrow() -> float:
        return time.time() + 86_400

    stray = desk.folder / "stray.mp4"
    stray.write_bytes(b"a clip that no record names")
    loose = await vault.clips.keep(stray, ".mp4")
    monkeypatch.setattr(vault.store, "now", tomorrow)
    unnamed = [one.key for one in await vault.gc.litter() if one.kind == "unnamed"]

    assert await vault.clips.has(clip.sha256)
    assert [True] == [loose in key for key in unnamed]
