"""
What is under way in a vault, seen from outside: what goes on, what has lately ended, and how little is read for it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyreel.vault import Ask, Claim, Take, Vault, open_vault
from storyreel.vault.lookout import Looked, Lookout
from storyreel.vault.paths import slate_folder
from storyreel.vault.record_text import written


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return an empty vault."""
    return open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")


async def claimed(vault: Vault, number: int, *, ago: timedelta = timedelta(), run: str = "run-1") -> Claim:
    """Write a claim of some time ago, with its mark."""
    claim = Claim(
        at=datetime.now(UTC) - ago, service="xai", fingerprint=f"{number:064x}", attempt=1, nonce=f"{number:032}", host="set",
        boot_id="", pid_space="", pid=1, started=0, ask=Ask(run_id=run, k=0), step=f"s{number}/video", board="tram", recipe={},
        estimate_ticks=7,
    )  # fmt: skip
    await vault.store.create(f"{slate_folder('xai', claim.fingerprint)}/1/claim.json", written(claim))
    await vault.index.complete()
    return claim


async def accepted(vault: Vault, number: int, **when: timedelta) -> Claim:
    """Write a claim that was accepted."""
    claim = await claimed(vault, number, **when)
    await vault.claims.answer_accepted(claim, f"id-{number}")
    return claim


async def ended(vault: Vault, claim: Claim, *, ago: timedelta = timedelta()) -> None:
    """Write how the take of a claim ended."""
    take = Take(
        at=datetime.now(UTC) - ago, service="xai", request_id=f"id-{int(claim.fingerprint, 16)}", attempt=1, end="failed",
        fingerprint=claim.fingerprint,
    )  # fmt: skip
    await vault.takes.end(take)


def shows(looked: Looked) -> Sequence[tuple[str, str]]:
    """Return the steps that a look has seen, with their states."""
    return [(attempt.claim.step, attempt.state) for attempt in looked.attempts]


HOURS, DAYS = timedelta(hours=3), timedelta(days=3)


async def test_what_goes_on_is_seen_however_old_it_is(vault: Vault):
    """
    A request that was accepted three days ago, and never fetched, is paid.
    """
    await claimed(vault, 1)
    await accepted(vault, 2, ago=DAYS)
    lost = await claimed(vault, 3, ago=HOURS)
    await vault.claims.answer_unknown(lost, "the line went dead")
    await ended(vault, await accepted(vault, 4, ago=HOURS), ago=HOURS)

    assert [("s2/video", "open"), ("s3/video", "unknown"), ("s1/video", "claimed")] == shows(
        await Lookout(vault, "xai").look()
    )


async def test_what_ended_lately_is_seen_for_a_while(vault: Vault):
    """
    Whoever begins to look sees what came of the last hour.
    """
    await ended(vault, await accepted(vault, 1, ago=timedelta(minutes=30)))
    refused = await claimed(vault, 2)
    await vault.claims.answer_refused(refused, 400, "invalid", "no")

    assert [("s1/video", "failed"), ("s2/video", "refused")] == shows(await Lookout(vault, "xai").look())


async def test_what_ends_while_somebody_looks_is_seen_to_end(vault: Vault):
    """
    However long ago it was claimed; and what begins meanwhile is seen from its claim on.
    """
    old, lookout = await accepted(vault, 1, ago=DAYS), Lookout(vault, "xai")
    seen = [shows(await lookout.look())]
    await ended(vault, old)
    new = await claimed(vault, 2)
    seen.append(shows(await lookout.look()))
    await vault.claims.answer_accepted(new, "id-2")
    seen.append(shows(await lookout.look()))
    await ended(vault, new)
    seen.append(shows(await lookout.look()))

    assert [
        [("s1/video", "open")],
        [("s1/video", "failed"), ("s2/video", "claimed")],
        [("s1/video", "failed"), ("s2/video", "open")],
        [("s1/video", "failed"), ("s2/video", "failed")],
    ] == seen


async def test_a_claim_grows_old_without_a_record_of_it(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    """
    After five minutes without an answer it waits for a person; it is looked at each time for that.
    """
    await claimed(vault, 1)
    lookout = Lookout(vault, "xai")
    young = shows(await lookout.look())
    later = await vault.store.now() + 600

    async def now() -> float:
        return later

    monkeypatch.setattr(vault.store, "now", now)

    assert [("s1/video", "claimed")] == young
    assert [("s1/video", "unknown")] == shows(await lookout.look())


async def test_what_ended_long_ago_costs_one_record_once(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    """
    Of each the answer alone is read, at the first look; after that nothing but what goes on.
    """
    for number in range(1, 21):
        await ended(vault, await accepted(vault, number, ago=DAYS), ago=DAYS)
    await accepted(vault, 21)
    read, count = vault.store.read, []

    async def counting(key: str) -> bytes | None:
        count.append(key)
        return await read(key)

    monkeypatch.setattr(vault.store, "read", counting)
    lookout = Lookout(vault, "xai")
    await lookout.look()
    first = [key for key in count if f"{21:064x}" not in key]
    count.clear()
    await lookout.look()

    assert 20 == len([key for key in first if key.endswith("/answer.json")])
    assert [] == [key for key in first if key.endswith("/claim.json")]
    assert [] == [key for key in count if "/slates/" in key]


async def test_what_a_run_said_at_its_end_is_known(vault: Vault):
    """
    The last of its summaries counts: it may have been tried again.
    """
    await accepted(vault, 1, ago=HOURS)
    for k in (0, 1):
        await vault.asks.close(Ask(run_id="run-1", k=k), {"review": f"try {k}"})
    looked = await Lookout(vault, "xai").look()

    assert {"run-1": {"review": "try 1"}} == {run: summary.told for run, summary in looked.ended.items()}


async def test_what_is_damaged_is_told_and_hides_nothing_else(vault: Vault, tmp_path: Path):
    """
    A request whose claim cannot be read is one that nobody knows of; the others are seen.
    """
    await accepted(vault, 1)
    broken = await accepted(vault, 2)
    (tmp_path / "vault" / slate_folder("xai", broken.fingerprint) / "1" / "claim.json").write_text("{")
    looked = await Lookout(vault, "xai").look()

    assert [("s1/video", "open")] == shows(looked)
    assert broken.fingerprint in "".join(looked.damaged)


async def test_what_is_no_record_of_ours_is_passed_over(vault: Vault, tmp_path: Path):
    """
    A desktop leaves files where it shows folders.
    """
    claim = await accepted(vault, 1)
    (tmp_path / "vault" / "xai" / "slates" / ".DS_Store").write_text("x")
    (tmp_path / "vault" / "xai" / "slates" / claim.fingerprint[:2] / "notes.txt").write_text("x")

    assert [("s1/video", "open")] == shows(await Lookout(vault, "xai").look())
    assert [] == shows(await Lookout(vault, "sandbox").look())
