"""
What `storyreel vault check` sees: every record that cannot be read or contradicts another one, and every clip that is missing.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date
from pathlib import Path

import pytest
from tests.vault.test_contradictions import FINGERPRINT, SLATE, bought, claimed

from storyreel.cli.vault import check
from storyreel.vault import Ask, Caps, Take, open_vault


async def filled(vault):
    """Put one of everything into a vault."""
    await bought(vault)
    await vault.claims.join((await vault.attempts.of("xai", FINGERPRINT))[0], Ask(run_id="other", k=0))
    await vault.takes.note_awaited("xai", "pinned-1")
    await vault.index.mark("xai", "lighthouse", "climb/video", FINGERPRINT, 1)
    await vault.ledger.spend("xai", "night", attempt_key=f"{FINGERPRINT}/1", estimate_ticks=5, budget_ticks=None)
    for day in (1, 2):
        await vault.cap.spend(
            "xai",
            attempt_key=f"{FINGERPRINT}/1",
            run=f"run-{day}",
            estimate_ticks=5,
            caps=Caps(100, 100),
            today=date(2026, 11, day),
        )
    ask = await vault.asks.of("run")
    await vault.asks.begin(ask)
    await vault.asks.close(ask, {})


async def test_a_sound_vault_has_no_findings(vault):
    """
    What storyreel itself has written is as it should be.
    """
    await filled(vault)
    await vault.takes.end(Take(service="xai", request_id="pinned-1", fingerprint="", attempt=0, end="failed"))

    assert await vault.audit.findings() == ()


async def test_each_record_that_is_damaged_is_found(vault, hands, tmp_path):
    """
    One after the other is cut in half: each is named, and none hides another.
    """
    await filled(vault)
    names = [name for name in hands.names() if name.endswith(".json")]
    for name in names:
        sound = hands.read(name)
        hands.write(name, sound[: len(sound) // 2])
        told = await open_vault(hands.address, cache=tmp_path).audit.findings()
        hands.write(name, sound)
        assert any(name in finding for finding in told), (name, told)
    assert len(names) >= 8


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda hands: hands.remove(f"{SLATE}/1/answer.json"), "no answer names it", id="no-answer"),
        pytest.param(lambda hands: hands.remove(f"{SLATE}/1/claim.json"), "no claim of its own", id="no-claim"),
        pytest.param(
            lambda hands: hands.remove(next(name for name in hands.names() if name.startswith("clips/"))),
            "the vault has no clip",
            id="no-clip",
        ),
        pytest.param(
            lambda hands: hands.write("xai/takes/other.json", hands.read("xai/takes/bought-1.json")),
            "about another take",
            id="misnamed-take",
        ),
        pytest.param(
            lambda hands: hands.write("xai/tills/night/00003.json", hands.read("xai/tills/night/00001.json")),
            r"00002\.json is missing",
            id="gap-in-a-till",
        ),
    ],
)
async def test_what_is_at_odds_is_found(vault, hands, tmp_path, change, told):
    """
    Missing answers, claims, clips and entries, and takes under a name that is not theirs.
    """
    await filled(vault)
    change(hands)
    found = await open_vault(hands.address, cache=tmp_path).audit.findings()

    assert [finding for finding in found if re.search(told, finding)]


async def test_the_command_lists_findings_and_ends_with_5(vault, hands, capsys, monkeypatch, tmp_path):
    """
    A script can tell a sound vault from one that is not.
    """
    await claimed(vault)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sound = await asyncio.to_thread(check, vault=hands.address)
    hands.write(f"{SLATE}/1/answer.json", json.dumps({"v": 9}).encode())
    spoilt = await asyncio.to_thread(check, vault=hands.address)

    assert (sound, spoilt) == (0, 5)
    assert "answer.json cannot be read" in capsys.readouterr().out


def test_an_empty_vault_is_not_called_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """
    After a restore, or with its name typed wrong, that would be no good news.
    """
    assert 0 == check(vault=str(tmp_path / "typo"))
    assert "it is empty, and nothing was ever bought into it; is that the one?" in capsys.readouterr().out
