"""
A run that is taken up again and again: within bounds, and counted anew when a person retries it.
"""

from pathlib import Path

import pytest

from storyreel.errors import BudgetError, CrashedTooOften
from storyreel.production.open import MOST_TIMES, begun, open_session
from storyreel.production.prepare import prepare
from storyreel.vault import Vault, open_vault
from tests.desk import Desk
from tests.production.patiently import buy


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault."""
    return open_vault(str(tmp_path / "kept"), cache=tmp_path / "cache")


async def test_a_crashed_run_is_taken_up_again_in_the_same_ask(vault: Vault):
    """
    A crash reaches no summary, so who comes back goes on where it was.
    """
    assert [0] * MOST_TIMES == [(await begun(vault, "run", taken_up=True)).k for _ in range(MOST_TIMES)]


async def test_a_person_may_begin_as_often_as_they_like(vault: Vault):
    """
    Cancelled and retried again and again, a run reaches no summary either, and is never refused for that.
    """
    assert [0] * 7 == [(await begun(vault, "run")).k for _ in range(7)]


async def test_crash_upon_crash_comes_to_an_end(vault: Vault):
    """
    A run that never comes to its end is left alone after a while; a person's retry of it begins anew.
    """
    for _ in range(MOST_TIMES):
        await begun(vault, "run", taken_up=True)
    with pytest.raises(CrashedTooOften, match="begun 5 times"):
        await begun(vault, "run", taken_up=True)

    assert (await begun(vault, "run")).k == 1


async def test_a_crash_after_the_summary_is_no_persons_retry(vault: Vault):
    """
    Taken up again by itself, a run stays in the ask whose summary it has written; a person's Retry opens the next.
    """
    first = await begun(vault, "run")
    await vault.asks.close(first, {})
    taken_up = await begun(vault, "run", taken_up=True)
    retried = await begun(vault, "run")
    crashed = await begun(vault, "run", taken_up=True)

    assert [0, 0, 1, 1] == [ask.k for ask in (first, taken_up, retried, crashed)]


async def test_runs_of_one_till_share_its_budget(desk: Desk):
    """
    What one run has spent of a named till is gone for the next one; a till of its own is another matter.
    """
    desk.change('door\n    image:\n      prompt: "An iron door."\n', "door\n")
    async with open_session(
        prepare(str(desk.board), budget=0.15), run="first", till="the-day", sandbox=True
    ) as session:
        await buy(session, "coast", "video", [])
    async with open_session(
        prepare(str(desk.board), budget=0.15), run="second", till="the-day", sandbox=True
    ) as session:
        with pytest.raises(BudgetError, match="till the-day"):
            await buy(session, "door", "video", [])
    async with open_session(prepare(str(desk.board), budget=0.15), run="third", sandbox=True) as session:
        await buy(session, "door", "video", [])

    assert ["A lighthouse at dusk.", "The door opens."] == [post["prompt"] for post in desk.posts()]
