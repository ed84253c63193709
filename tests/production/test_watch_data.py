"""
What runs are doing, as the vault alone tells it: run by run, with what waits for a person.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyreel.production.watch_data import Watch, WatchedRun
from storyreel.vault import Ask, Take, Vault, open_vault
from storyreel.vault.liveness import this_process

CENT = 10**8


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return an empty vault."""
    return open_vault(str(tmp_path / "vault"), cache=tmp_path / "cache")


async def sent(vault: Vault, step: str, *, run: str = "run-1", board: str = "tram", k: int = 0) -> str:
    """Have this process claim a step for a run, and the service accept it; return the request's id."""
    fingerprint = f"{abs(hash((step, run))):064x}"
    claim = await vault.claims.claim(
        "xai",
        fingerprint,
        1,
        ask=Ask(run_id=run, k=k),
        recipe={},
        step=step,
        estimate_ticks=7 * CENT,
        till=None,
        board=board,
    )
    assert claim is not None
    await vault.index.complete()
    await vault.claims.answer_accepted(claim, f"{step}-{run}")
    return f"{step}-{run}"


async def ended(vault: Vault, request_id: str, end: str, ticks: int | None = None) -> None:
    """Write how a take ended."""
    for attempt in (await vault.attempts.every("xai"))[0]:
        if request_id in attempt.request_ids:
            take = {
                "service": "xai", "request_id": request_id, "fingerprint": attempt.claim.fingerprint, "attempt": 1, "end": end,
                "charged_ticks": ticks, "estimate_ticks": 7 * CENT, "message": "withheld" if end != "clip" else "",
            }  # fmt: skip
            await vault.takes.end(Take.model_validate(take))


async def looked(vault: Vault, board: str | None = None) -> list[WatchedRun]:
    """Return the runs that are seen."""
    return list((await Watch(vault, ("xai",), None if board is None else {board}).look()).runs)


async def test_a_run_has_its_requests_with_state_money_and_id(vault: Vault):
    """
    What was charged is called so; what is expected is not.
    """
    await sent(vault, "city/video")
    await ended(vault, await sent(vault, "stop/video"), "moderated", 6 * CENT)
    (run,) = await looked(vault)

    assert ("run-1", "tram", "under way", "") == (run.run, run.board, run.state, run.waits)
    assert [
        ("city/video", "accepted", "city/video-run-1", 0.07, False, ""),
        ("stop/video", "moderated", "stop/video-run-1", 0.06, True, "withheld"),
    ] == [(step.step, step.state, step.request_id, step.usd, step.charged, step.why) for step in run.steps]
    assert all(step.age_s < 60 for step in run.steps)


async def test_runs_stand_apart_and_one_storyboard_can_be_watched_alone(vault: Vault):
    """
    Two may shoot at the same time, on two machines.
    """
    for run, board in (("run-1", "tram"), ("run-2", "mascot")):
        await sent(vault, "city/video", run=run, board=board)

    assert {("run-1", "tram"), ("run-2", "mascot")} == {(run.run, run.board) for run in await looked(vault)}
    assert ["run-2"] == [run.run for run in await looked(vault, "mascot")]
    assert [] == await looked(vault, "other")


async def test_a_run_that_came_to_its_summary_has_ended(vault: Vault):
    """
    One that a person tries again is under way again.
    """
    await sent(vault, "city/video")
    await vault.asks.close(Ask(run_id="run-1", k=0), {})
    (before,) = await looked(vault)
    await sent(vault, "stop/video", k=1)
    (after,) = await looked(vault)

    assert ["ended", "under way"] == [before.state, after.state]


async def test_a_run_whose_process_has_died_here_is_gone(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    """
    What it sent is paid, and is fetched by the next run.
    """
    await sent(vault, "city/video")
    dead = this_process()
    monkeypatch.setattr("storyreel.production.watch_data.known_dead", lambda process: process == dead)
    (run,) = await looked(vault)

    assert "gone" == run.state


async def test_a_run_of_which_nothing_was_heard_for_a_day_is_silent(vault: Vault, monkeypatch: pytest.MonkeyPatch):
    """
    Of another machine's process nobody here knows whether it lives.
    """
    await sent(vault, "city/video")

    class Later(datetime):
        """Two days on."""

        @classmethod
        def now(cls, tz: object = None) -> "datetime":  # noqa: ARG003
            return datetime.now(UTC) + timedelta(days=2)

    monkeypatch.setattr("storyreel.production.watch_data.datetime", Later)
    (run,) = await looked(vault)

    assert "silent" == run.state
    assert 170_000 < run.steps[0].age_s < 180_000


async def test_what_waits_to_be_approved_is_told_of_the_last_run_alone(vault: Vault):
    """
    A later run of the same storyboard has gone on from there, or waits itself.
    """
    await sent(vault, "pip/still-1")
    await vault.asks.close(
        Ask(run_id="run-1", k=0), {"review": "1 still made and not yet approved; say `storyreel approve`"}
    )
    (waits,) = await looked(vault)
    await sent(vault, "city/video", run="run-2")
    first, second = await looked(vault)

    assert "1 still made and not yet approved; say `storyreel approve`" == waits.waits
    assert ("", "") == (first.waits, second.waits)


@pytest.mark.parametrize("damage", [b'{"request_id": 5}', b'{"request_id": ["x"]}', b"\xff\0{", b"[]"])
async def test_a_damaged_answer_is_told_and_the_others_are_seen(vault: Vault, tmp_path: Path, damage: bytes):
    """
    Whatever stands in it.
    """
    for step in ("city/video", "stop/video"):
        await sent(vault, step)
    (attempt,) = (each for each in (await vault.attempts.every("xai"))[0] if each.claim.step == "stop/video")
    next((tmp_path / "vault").glob(f"xai/slates/*/{attempt.claim.fingerprint}/1/answer.json")).write_bytes(damage)
    data = await Watch(vault, ("xai",)).look()

    assert ["city/video"] == [step.step for run in data.runs for step in run.steps]
    assert 1 == len(data.damaged)
