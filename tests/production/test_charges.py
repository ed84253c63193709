"""
What the service says it charged is believed within reason, settled to the tick, and noted where it is odd.
"""

import json
from typing import Any

import httpx
import pytest

from storyreel.errors import StoryreelError
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from tests.desk import ONE, Desk
from tests.production.gateway import Gateway, gateway
from tests.production.test_session import shoot

__all__ = ["gateway"]

CENT = 10**8
EXPECTED = 10 * CENT
"""The estimate of the board's one clip."""


def charging(number: str) -> Any:
    """Have a finished take tell this as its charge, letter by letter."""

    def change(content: bytes) -> httpx.Response | None:
        fields = json.loads(content)
        if "usage" not in fields:
            return None
        text = json.dumps({**fields, "usage": {"cost_in_usd_ticks": "HERE"}}).replace('"HERE"', number)
        return httpx.Response(200, content=text)

    return change


@pytest.mark.parametrize(
    "number", ["0", "1", str(EXPECTED - 1), str(EXPECTED), str(EXPECTED + 7), str(20 * EXPECTED)], ids=lambda n: n
)
async def test_a_charge_within_reason_is_settled_to_the_tick(desk: Desk, gateway: Gateway, number: str):
    """
    From nothing to twenty times the estimate: the till holds what the service said, to the tick.
    """
    desk.write(ONE.format(marker=""))
    gateway.on("/v1/videos/", charging(number))
    clip = (await shoot(desk, "one"))["coast/video"]
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        take = await session.vault.takes.get("sandbox", clip.request_id)
        spent = await session.vault.ledger.spent("sandbox", "one")

    assert take is not None
    assert (int(number), int(number), ()) == (take.charge, spent, take.notes)


@pytest.mark.parametrize(
    "number",
    [
        "-1", "-1000000000000", str(20 * EXPECTED + 1), "1" + "0" * 30, "9" * 5000, "-" + "9" * 5000, "1e400", "-1e400",
        "1.5", "1e9", "500000000.0", "NaN", "Infinity", '"500000000"', '"free"', '"' + "9" * 5000 + '"', '""', "true",
        "[]", "{}", "null",
    ],
    ids=lambda n: n[:20],
)  # fmt: skip
@pytest.mark.some(8)
async def test_a_charge_that_is_none_is_noted_and_the_estimate_stands(desk: Desk, gateway: Gateway, number: str):
    """
    Whatever else stands where the charge should: the clip is here, its record says what was odd, the till is unmoved.
    """
    desk.write(ONE.format(marker=""))
    gateway.on("/v1/videos/", charging(number))
    clip = (await shoot(desk, "one"))["coast/video"]
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        take = await session.vault.takes.get("sandbox", clip.request_id)
        spent = await session.vault.ledger.spent("sandbox", "one")

    assert take is not None
    assert (None, EXPECTED) == (take.charge, spent)
    (note,) = take.notes
    assert "the estimate of $0.10 counts" in note
    assert len(note) < 200
    assert 1 == len(desk.posts())


async def test_a_charge_below_nothing_buys_nothing_more(desk: Desk, gateway: Gateway):
    """
    A service that says it gives money back does not widen a budget.
    """
    scenes = "".join(f'  - {{id: s{n}, prompt: "Scene {n}."}}\n' for n in range(4))
    desk.write(f"defaults: {{duration: 2, resolution: 480p}}\nscenes:\n{scenes}")
    gateway.on("/v1/videos/", charging("-1000000000000"))
    with pytest.raises(StoryreelError, match="budget"):
        await shoot(desk, "one", budget=0.25)

    assert 2 == len(desk.posts())


@pytest.mark.parametrize("number", [-(10**12), 10**30, 20 * EXPECTED + 1])
async def test_an_odd_charge_in_an_old_record_is_read_and_not_counted(desk: Desk, number: int):
    """
    A vault of before, with a charge in it that nobody could believe: read as it is, and treated as not told.
    """
    desk.write(ONE.format(marker=""))
    clip = (await shoot(desk, "one"))["coast/video"]
    (record,) = (desk.folder / "vault" / "sandbox" / "takes").glob(f"{clip.request_id}*")
    record.write_text(json.dumps({**json.loads(record.read_text()), "charged_ticks": number}))
    entry = desk.folder / "vault" / "sandbox" / "tills" / "one" / "00002.json"
    entry.write_text(
        json.dumps(
            {**json.loads(entry.with_name("00001.json").read_text()), "kind": "settle", "ticks": number - EXPECTED}
        )
    )
    async with open_session(prepare(str(desk.board)), run="two", sandbox=True) as session:
        take = await session.vault.takes.get("sandbox", clip.request_id)
        spent = await session.vault.ledger.spent("sandbox", "one")

    assert take is not None
    assert (None, EXPECTED) == (take.charge, spent)
