"""
A run that is known not to fit into its budget or a cap stops before the first dollar, unless a part of it is wanted.
"""

from typing import Any

import pytest

from storyreel.errors import AwaitingApproval, BudgetError, SequenceFailed
from storyreel.model.recipe import Clip
from storyreel.production.approval.status import approve, gate_of
from storyreel.production.approval.stills import Decision
from storyreel.production.open import open_session
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.production.run import RunResult, run
from storyreel.production.summary import raise_for
from storyreel.vault import Ask
from tests.desk import TWO, WAITING, Desk
from tests.production.patiently import buy

PRICE = 0.05
"""US dollars for each of the two clips."""
ALIKE = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: door, prompt: "A lighthouse."}
  - {id: stair, image: {last_frame_of: coast}, prompt: "A stair."}
  - {id: cellar, image: {last_frame_of: door}, prompt: "A stair."}
"""
"""Two scenes that ask alike, and two that do so when their first frames are there."""


async def shot(
    desk: Desk, name: str = "one", *, partial: bool = False, till: str | None = None, **wishes: Any
) -> RunResult:
    """Shoot the desk's board, or take the run up again."""
    ready = prepare(str(desk.board), **wishes)
    async with open_session(ready, run=name, partial=partial, till=till, sandbox=True) as session:
        return await run(session)


async def bought_first(desk: Desk, name: str, **wishes: Any) -> None:
    """Have a run buy the first clip, and be killed before it fetches it."""
    async with open_session(prepare(str(desk.board), **wishes), run=name, sandbox=True) as session:
        await buy(session, "coast", "video", [])


async def test_what_is_known_not_to_fit_is_not_begun(desk: Desk):
    """
    It says what is still to buy, what is left, and how either is changed.
    """
    desk.write(TWO)
    with pytest.raises(BudgetError) as caught:
        await shot(desk, budget=0.09)

    assert 6 == caught.value.exit_code
    for words in ("2 requests for about $0.10 are still to buy", "$0.09 is left of the budget of $0.09", "--partial"):
        assert words in str(caught.value)
    assert [] == desk.posts()


@pytest.mark.parametrize(
    ("partial", "budget", "sent"), [(False, 0.10, 2), (True, 0.09, 1), (True, 0.0, 0)], ids=["fits", "part", "nothing"]
)
async def test_what_fits_is_made(desk: Desk, partial: bool, budget: float, sent: int):
    """
    To the tick, and with a part of it no further than the budget.
    """
    desk.write(TWO)
    result = await shot(desk, partial=partial, budget=budget)

    assert sent == len(desk.posts()) == sum(isinstance(end, Clip) for end in result.ends.values())


async def test_a_run_that_is_taken_up_is_not_stopped_by_what_it_has_spent(desk: Desk):
    """
    It crashed after one of two clips: what is left to buy fits into what is left. It would not, were both counted.
    """
    desk.write(TWO)
    await bought_first(desk, "one", budget=2 * PRICE)
    result = await shot(desk, "one", budget=2 * PRICE)

    assert result.film is not None
    assert 2 == len(desk.posts())


async def test_what_is_set_aside_already_is_not_wanted_twice(desk: Desk):
    """
    A run was killed with money set aside for a request that it had not sent: taken up, it sends it with that.
    """
    desk.write(TWO)
    ready = prepare(str(desk.board), budget=2 * PRICE)
    async with open_session(ready, run="one", sandbox=True) as session:
        step = session.plan.step("coast/video")
        key = f"{step.recipe.fingerprint('sandbox')}/1"
        await session.vault.ledger.spend(
            "sandbox", "one", attempt_key=key, estimate_ticks=step.ticks, budget_ticks=None
        )
    result = await shot(desk, "one", budget=2 * PRICE)

    assert result.film is not None


async def test_a_retry_compares_what_is_left_with_what_is_left(desk: Desk):
    """
    A person's Retry buys again what has failed: that has to fit as well, beside what was charged before.
    """
    desk.write(TWO.replace("A door.", "A door. [[sandbox: failed invalid_argument]][[sandbox: charge 0.05]]"))
    with pytest.raises(SequenceFailed):
        raise_for((result := await shot(desk, budget=2 * PRICE)).plan, result.ends)
    assert 2 == len(desk.posts())
    with pytest.raises(BudgetError, match=r"1 request for about \$0.05 is still to buy, and \$0.00 is left"):
        await shot(desk, budget=2 * PRICE)
    await shot(desk, budget=3 * PRICE)

    assert 3 == len(desk.posts())


async def test_a_redo_that_is_done_is_not_wanted_again(desk: Desk):
    """
    A run makes a step again, once; taken up after that, only the rest is still to buy.
    """
    desk.write(TWO)
    await shot(desk, "before")
    await bought_first(desk, "again", redo=["coast"], budget=PRICE)
    result = await shot(desk, "again", redo=["coast"], budget=PRICE)

    assert result.film is not None
    assert 3 == len(desk.posts())


async def test_what_is_paid_is_fetched_all_the_same(desk: Desk):
    """
    The service keeps a clip for hours only, whatever fits into a budget.
    """
    desk.write(TWO)
    await bought_first(desk, "one")
    with pytest.raises(BudgetError):
        await shot(desk, "two", budget=0.01)

    assert 1 == len(desk.posts())
    assert 1 == len(list((desk.folder / "vault" / "clips").rglob("*.mp4")))


async def test_a_shared_till_counts_what_others_have_spent(desk: Desk):
    """
    Runs of one night share its till.
    """
    desk.write(TWO)
    async with open_session(prepare(str(desk.board)), run="other", sandbox=True) as session:
        await session.vault.ledger.spend(
            "sandbox", "night", attempt_key="f/1", estimate_ticks=5 * 10**8, budget_ticks=None
        )
    with pytest.raises(BudgetError, match=r"\$0.05 is left of the budget of \$0.10, of which \$0.05 is spent"):
        await shot(desk, till="night", budget=2 * PRICE)


async def test_what_does_not_fit_into_a_cap_is_not_begun(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    The tighter of two limits is told, and who raises it.
    """
    monkeypatch.setenv("STORYREEL_CAP_DAY", "0.07")
    monkeypatch.setenv("STORYREEL_CAP_MONTH", "0.09")
    desk.write(TWO)
    with pytest.raises(BudgetError, match=r"\$0.07 is left of the day's cap of \$0.07") as caught:
        await shot(desk, budget=100)
    assert "STORYREEL_CAP_DAY" in str(caught.value)
    assert [] == desk.posts()

    await shot(desk, budget=100, partial=True)
    assert 1 == len(desk.posts())


async def test_what_is_asked_alike_is_counted_once(desk: Desk):
    """
    It is bought once, also where that shows only when what it begins on is made.
    """
    desk.write(ALIKE)
    result = await shot(desk, budget=PRICE + 0.052)

    assert result.film is not None
    assert 2 == len(desk.posts())


async def test_what_waits_for_an_approval_counts(desk: Desk):
    """
    Whoever begins wants the film, and not its stills alone.
    """
    desk.write(WAITING)
    with pytest.raises(BudgetError, match="3 requests"):
        await shot(desk, budget=0.05)


async def test_a_run_that_is_resumed_after_an_approval_goes_on(desk: Desk):
    """
    It has spent on its stills by then, and what is left is enough for what is left.
    """
    desk.write(WAITING)
    with pytest.raises(AwaitingApproval):
        await shot(desk, budget=0.122)
    async with open_session(prepare(str(desk.board)), run="a person", sandbox=True) as session:
        outlook = await forecast(session.plan, session.vault, "sandbox", allowed=session.allowed)
        state = await gate_of(session.plan, session.vault, "sandbox", outlook, allowed=session.allowed)
        assert state is not None
        assert state.review is not None
        await approve(session.plan, session.vault, state.review, Decision(True, "somebody"), "command")
    result = await shot(desk, budget=0.122)

    assert result.film is not None
    assert 3 == len(desk.posts())


async def test_a_run_that_does_not_fit_has_not_come_to_its_end(desk: Desk):
    """
    Nothing was tried, so nothing was summed up: whoever raises the budget goes on in the same ask.
    """
    desk.write(TWO)
    with pytest.raises(BudgetError):
        await shot(desk, budget=0.01)
    async with open_session(prepare(str(desk.board)), run="one", sandbox=True) as session:
        assert Ask(run_id="one", k=0) == session.ask
