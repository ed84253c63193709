"""
A vault that has moved: whoever would buy there stops and reads where it is, and nobody who was under way is left behind.
"""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from tests.vault.hands import Hands
from tests.vault.test_attempts import claimed, rewrite

from storyreel.errors import VaultClosed, VaultError
from storyreel.production.closing import close
from storyreel.vault import Approval, Vault, open_vault
from storyreel.vault.closing import same_place

NEW = "s3://new-place/films"
QUICK = {"waits_s": 5.0, "seen_after_s": 0.0, "looks_s": 0.01}


async def spoken(words: list[str]) -> None:
    """Wait until something was told."""
    while not words:
        await asyncio.sleep(0.01)


async def test_a_closed_vault_says_since_when_and_where_it_is_now(vault):
    """
    What stops a run there names both places, and what to do.
    """
    await close(vault, NEW, tell=lambda _: None, **QUICK)

    with pytest.raises(
        VaultClosed, match=rf"{vault.address} is closed since 20.* has moved to {NEW}: nothing was sent"
    ) as stop:
        await vault.closing.check()
    assert (stop.value.exit_code, stop.value.moved_to) == (5, NEW)
    assert "by STORYREEL_VAULT or --vault" in str(stop.value)
    assert "remove" in str(stop.value)


async def test_the_record_is_no_service_and_no_finding(vault):
    """
    Whoever looks at all of a closed vault sees what it saw before.
    """
    await claimed(vault)
    before = await vault.services.names(), await vault.audit.findings()
    await vault.closing.close(NEW)

    assert before == (await vault.services.names(), await vault.audit.findings())


async def test_what_a_person_says_is_not_written_where_nobody_reads_it(vault):
    """
    An approval or a resolution at the old place would be missing at the new one.
    """
    claim = await claimed(vault)
    await vault.claims.answer_unknown(claim, reason="the connection broke")
    (attempt,) = await vault.attempts.of("sandbox", claim.fingerprint)
    await vault.closing.close(NEW)

    with pytest.raises(VaultClosed):
        await vault.claims.resolve(attempt, None)
    with pytest.raises(VaultClosed):
        await vault.approvals.approve(
            Approval(service="sandbox", gate="before-video", identity="ab" * 32, shown=(), by="ana", door="command")
        )


async def test_answers_are_written_at_a_closed_vault_and_end_the_waiting(vault):
    """
    What was on its way when the vault was closed is kept there, so that the last copy has it.
    """
    claim, words = await claimed(vault), []
    await vault.closing.close(NEW)
    closing = asyncio.create_task(close(vault, NEW, tell=words.append, **QUICK))
    await spoken(words)
    assert not closing.done()
    await vault.claims.answer_accepted(claim, "r-1")

    assert (await closing).moved_to == NEW
    assert words == ["waiting for 1 claim without an answer: climb/video of no board"]


async def test_a_vault_is_not_closed_while_a_claim_stays_open(vault):
    """
    It is said which, and the vault is open as it was; so it is where a person ends the waiting.
    """
    await claimed(vault)

    with pytest.raises(VaultError, match=r"1 claim without an answer: climb/video.* it is open as it was"):
        await close(vault, NEW, tell=lambda _: None, waits_s=0.02, seen_after_s=0, looks_s=0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(close(vault, NEW, tell=lambda _: None, **QUICK), 0.05)
    await vault.closing.check()


async def test_what_is_unknown_is_waited_for_by_nobody(vault):
    """
    It moves along as it is, and a person says at the new place what came of it.
    """
    await vault.claims.answer_unknown(await claimed(vault), reason="the connection broke")

    assert () == await vault.closing.open_claims()
    assert (await close(vault, NEW, tell=lambda _: None, **QUICK)).moved_to == NEW


async def test_a_claim_that_came_between_the_look_and_the_record_is_waited_for(vault, monkeypatch):
    """
    A run that had looked for the record before it was there may claim after it: it is seen, since that is waited for.
    """
    written = vault.closing.close

    async def beside(moved_to: str) -> object:
        closed = await written(moved_to)
        late.append(await claimed(vault))
        return closed

    late, words = [], []
    monkeypatch.setattr(type(vault.closing), "close", lambda _, moved_to: beside(moved_to))
    closing = asyncio.create_task(close(vault, NEW, tell=words.append, **QUICK))
    await spoken(words)
    assert not closing.done()
    await vault.claims.answer_refused(late[0], None, "not_sent", "slept")

    await closing
    assert "waiting for 1 claim" in words[-1]


async def test_who_closes_it_waits_as_long_as_what_passed_may_still_be_sent(vault):
    """
    Told to close it again before that is over, the rest is waited for, by the store's clock.
    """
    words: list[str] = []
    await vault.closing.close(NEW)
    closing = asyncio.create_task(close(vault, NEW, tell=words.append, waits_s=5, seen_after_s=65, looks_s=0.01))
    await spoken(words)

    assert not closing.done()
    assert words[0].startswith("closed; looking for 6")
    closing.cancel()


async def test_a_vault_is_closed_for_one_place(vault):
    """
    The first word stands: to close it for another place is an error that says both.
    """
    await close(vault, NEW, tell=lambda _: None, **QUICK)

    with pytest.raises(VaultError, match=rf"has moved to {NEW}, not to s3://third/place"):
        await close(vault, "s3://third/place", tell=lambda _: None, **QUICK)


async def test_a_record_that_came_along_with_a_copy_closes_nothing(vault, hands: Hands):
    """
    The record says where the vault has moved, and whoever is there is open.
    """
    await vault.closing.close(vault.address)

    await vault.closing.check()
    hands.write("closed.json", json.dumps(json.loads(hands.read("closed.json")) | {"moved_to": "s3://a/b"}).encode())
    with pytest.raises(VaultClosed):
        await vault.closing.check()


def test_a_vault_has_one_place_by_whatever_path_it_is_reached(tmp_path):
    """
    Links, ways up and down again, a slash at the end; two buckets are two.
    """
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    real = str(tmp_path / "real")

    assert all(same_place(real, other) for other in (f"{real}/", str(tmp_path / "link"), f"{real}/../link"))
    assert same_place("s3://films/vault", "s3://films/vault/")
    assert not any(same_place(real, other) for other in (f"{real}2", "s3://films/vault", f"newbox:{real}"))


async def test_a_record_that_cannot_be_read_stops_as_well(vault, hands: Hands):
    """
    Whoever cannot tell whether a vault has moved buys nothing there.
    """
    hands.write("closed.json", b"{half")

    with pytest.raises(VaultError):
        await vault.closing.check()


async def test_a_claim_of_a_process_that_is_gone_does_not_keep_a_vault_open(folder_hands, tmp_path):
    """
    Five minutes after it nobody waits for its answer any more: it is unknown.
    """
    vault: Vault = open_vault(folder_hands.address, cache=tmp_path / "cache")
    await claimed(vault)
    rewrite(folder_hands, host="another", boot_id="")
    assert await vault.closing.open_claims()
    claim = next((tmp_path / "vault").rglob("claim.json"))
    old = claim.stat().st_mtime - 301
    os.utime(claim, (old, old))

    assert () == await vault.closing.open_claims()
