"""
What a vault has cost, by month, storyboard and kind of step: each request once, to the tick, and what is not known apart.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from storyreel.errors import SettingsError
from storyreel.model.recipe import ServiceName
from storyreel.production.costs_data import CostsData, costs_data
from storyreel.vault import Ask, Claim, Take, Vault, open_vault
from storyreel.vault.paths import slate_folder, take_key
from storyreel.vault.record_text import written

CENT = 10**8


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return an empty vault."""
    return open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")


async def asked(
    vault: Vault,
    at: str,
    board: str,
    step: str,
    *,
    number: int = 1,
    ticks: int = 7 * CENT,
    operation: str = "text-to-video",
) -> Claim:
    """Write a claim of some time."""
    fingerprint = f"{abs(hash((at, board, step))):064x}"[:64]
    claim = Claim(
        at=datetime.fromisoformat(at), service="xai", fingerprint=fingerprint, attempt=number, nonce=f"{number:032}",
        host="set", boot_id="", pid_space="", pid=1, started=0, ask=Ask(run_id="run-1", k=0), step=step, board=board,
        recipe={"operation": operation}, estimate_ticks=ticks,
    )  # fmt: skip
    await vault.store.create(f"{slate_folder('xai', fingerprint)}/{number}/claim.json", written(claim))
    return claim


async def charged(vault: Vault, claim: Claim, ticks: int | None, *, end: str = "failed", request_id: str = "") -> None:
    """Write how an attempt ended, and what was charged for it."""
    request_id = request_id or f"{claim.fingerprint[-8:]}-{claim.attempt}"
    await vault.claims.answer_accepted(claim, request_id)
    take = {
        "service": "xai", "request_id": request_id, "fingerprint": claim.fingerprint, "attempt": claim.attempt, "end": end,
        "charged_ticks": ticks, "estimate_ticks": claim.estimate_ticks,
    }  # fmt: skip
    await vault.takes.end(Take.model_validate(take))


Row = tuple[str, str, str, int, int]


def rows(data: CostsData) -> list[Row]:
    """Return the rows in short: month, board, kind, requests, ticks that were charged."""
    return [(row.month, row.board, row.kind, row.requests, row.charged_ticks) for row in data.rows]


async def test_a_request_is_in_the_month_in_utc_in_which_it_was_claimed(vault: Vault):
    """
    One that was claimed on the last evening of October in New York is November's.
    """
    for at, ticks in (
        ("2026-10-31T19:59:59-04:00", 1),
        ("2026-10-31T20:00:00-04:00", 2),
        ("2026-11-30T23:59:59+00:00", 4),
    ):
        await charged(vault, await asked(vault, at, "tram", "city/video"), ticks)
    data = await costs_data(vault, "xai")

    assert [("2026-10", "tram", "video", 1, 1), ("2026-11", "tram", "video", 2, 6)] == rows(data)
    assert [("2026-10", 1), ("2026-11", 6)] == [(month.month, month.charged_ticks) for month in data.months]
    assert 7 == data.totals.charged_ticks


async def test_storyboards_and_kinds_of_steps_stand_apart(vault: Vault):
    """
    An extension costs otherwise than a scene, and each film has its own bill.
    """
    at = "2026-11-26T11:17:00+00:00"
    for board, step, operation in (
        ("tram", "city/video", "text-to-video"),
        ("tram", "stop/video", "image-to-video"),
        ("tram", "stop/extend-1", "extend-video"),
        ("tram", "stop/edit-2", "edit-video"),
        ("mascot", "pip/still-1", "generate-image"),
        ("", "old/video", "text-to-video"),
    ):
        await charged(vault, await asked(vault, at, board, step, operation=operation), CENT)

    assert [
        ("2026-11", "", "video", 1, CENT),
        ("2026-11", "mascot", "still", 1, CENT),
        ("2026-11", "tram", "edit", 1, CENT),
        ("2026-11", "tram", "extend", 1, CENT),
        ("2026-11", "tram", "video", 2, 2 * CENT),
    ] == rows(await costs_data(vault, "xai"))


async def _nothing(vault: Vault, claim: Claim) -> None:
    """Leave a claim as it is."""


async def _accept(vault: Vault, claim: Claim) -> None:
    await vault.claims.answer_accepted(claim, "71c2")


async def _refuse(vault: Vault, claim: Claim) -> None:
    await vault.claims.answer_refused(claim, 400, "invalid", "no")


async def _lose_the_answer(vault: Vault, claim: Claim) -> None:
    await vault.claims.answer_unknown(claim, "the line went dead")


async def _end_untold(vault: Vault, claim: Claim) -> None:
    await charged(vault, claim, None)


async def _end_charged(vault: Vault, claim: Claim) -> None:
    await charged(vault, claim, 3)


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        pytest.param(_nothing, {"held": 7 * CENT}, id="claimed"),
        pytest.param(_accept, {"held": 7 * CENT}, id="accepted"),
        pytest.param(_refuse, {}, id="refused"),
        pytest.param(_lose_the_answer, {"unknown": 7 * CENT}, id="unknown"),
        pytest.param(_end_untold, {"untold": 7 * CENT}, id="not-told"),
        pytest.param(_end_charged, {"charged": 3}, id="charged"),
    ],
)
async def test_what_is_not_known_is_never_called_charged(
    vault: Vault, happened: Callable[..., Any], expected: dict[str, int]
):
    """
    What is under way, may be billed, or was not told is an estimate, and stands in a column of its own.
    """
    await happened(vault, await asked(vault, datetime.now().astimezone().isoformat(), "tram", "city/video"))
    totals = (await costs_data(vault, "xai")).totals

    assert 1 == totals.requests
    assert {**dict.fromkeys(("charged", "untold", "held", "unknown"), 0), **expected} == {
        name: getattr(totals, f"{name}_ticks") for name in ("charged", "untold", "held", "unknown")
    }


async def test_one_id_for_two_requests_is_charged_once(vault: Vault):
    """
    The service has made, and charged, one clip; it is in the month and with the step that had it first.
    """
    for at, step in (("2026-11-26T11:17:00+00:00", "b/video"), ("2026-10-26T11:17:00+00:00", "a/video")):
        await charged(vault, await asked(vault, at, "tram", step), 5, request_id="71c2")

    assert [("2026-10", "tram", "video", 1, 5)] == rows(await costs_data(vault, "xai"))


async def test_a_take_that_this_vault_has_not_asked_for_stands_apart(vault: Vault):
    """
    A storyboard is pinned to it: it was charged, and maybe is on another vault's bill as well.
    """
    take = Take(
        at=datetime.fromisoformat("2026-11-26T11:17:00+00:00"), service="xai", request_id="71c2", fingerprint="", attempt=0,
        end="failed", charged_ticks=5, estimate_ticks=7,
    )  # fmt: skip
    await vault.store.create(take_key("xai", "71c2"), written(take))

    assert [("2026-11", "", "pinned", 1, 5)] == rows(await costs_data(vault, "xai"))


async def test_one_month_alone_has_nothing_of_the_others(vault: Vault):
    """
    That is what a bill is for.
    """
    for at, ticks in (("2026-10-26T11:17:00+00:00", 1), ("2026-11-26T11:17:00+00:00", 2)):
        await charged(vault, await asked(vault, at, "tram", "city/video"), ticks)
    data = await costs_data(vault, "xai", "2026-11")

    assert (2, ["2026-11"]) == (data.totals.charged_ticks, [month.month for month in data.months])


@pytest.mark.parametrize("month", ["2026-13", "2026", "November", "2026-1", "2026-11-26"])
async def test_what_is_no_month_is_refused(vault: Vault, month: str):
    """
    The message says how one is written.
    """
    with pytest.raises(SettingsError, match=f"--month {month}: a month is written like 2026-11"):
        await costs_data(vault, "xai", month)


async def test_what_is_damaged_is_told_and_holds_up_nothing(vault: Vault, tmp_path: Path):
    """
    The sums are those of what can be read; what they lack is named.
    """
    at = "2026-11-26T11:17:00+00:00"
    await charged(vault, await asked(vault, at, "tram", "city/video"), 5)
    broken = await asked(vault, at, "tram", "stop/video")
    (tmp_path / "vault" / slate_folder("xai", broken.fingerprint) / "1" / "claim.json").write_text("{")
    data = await costs_data(vault, "xai")

    assert 5 == data.totals.charged_ticks
    assert 1 == len(data.damaged)
    assert broken.fingerprint in data.damaged[0]


@pytest.mark.parametrize("service", ["xai", "sandbox"])
async def test_an_empty_vault_has_cost_nothing(vault: Vault, service: ServiceName):
    """
    Nor has one in which only the other service was asked.
    """
    if service == "sandbox":
        await charged(vault, await asked(vault, "2026-11-26T11:17:00+00:00", "tram", "city/video"), 5)
    data = await costs_data(vault, service)

    assert ((), (), 0) == (data.rows, data.months, data.totals.requests)
