"""
One run that makes all variants of a storyboard: one budget, one ask, and what several ask for alike bought once.
"""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from storyreel.errors import AwaitingApproval, BudgetError, SequenceFailed
from storyreel.production.approval.gate import pass_gate
from storyreel.production.approval.review import Review
from storyreel.production.approval.stills import Decision
from storyreel.production.open import open_sessions
from storyreel.production.prepare import prepare_all
from storyreel.production.run import RunResult, run
from storyreel.production.run_all import of_variants, run_all
from storyreel.production.session import Session
from tests.desk import Desk
from tests.production.patiently import buy

PRICE = 0.05
"""US dollars for each clip of a second."""
HEAD = "defaults: {duration: 1, resolution: 480p, aspect_ratio: '1:1'}\nvars: {city: Lisbon, wish: ''}\n"
SHARED = '  - {id: coast, prompt: "A tram at night."}\n'
OWN = '  - {id: stop, prompt: "{{ city }} by day. {{ wish }}"}\n'
TWO = f"{HEAD}variants: {{lisbon: {{}}, porto: {{vars: {{city: Porto}}}}}}\nscenes:\n{SHARED}{OWN}"
FIVE = (
    f"{HEAD}variants:\n"
    + "".join(
        f"  {name}: {{vars: {{city: {name.title()}}}}}\n" for name in ("aveiro", "braga", "coimbra", "evora", "faro")
    )
    + f"scenes:\n{OWN}"
)


async def shot(
    desk: Desk, name: str = "one", *, partial: bool = False, approver: Any = None, **wishes: Any
) -> tuple[RunResult, ...]:
    """Shoot all variants of the desk's board, or take the run up again."""

    async def one(session: Session) -> RunResult:
        return await run(session, approval=lambda ends: pass_gate(session, ends, approver))

    async with open_sessions(prepare_all(str(desk.board), **wishes), run=name, partial=partial, sandbox=True) as all_:
        return await run_all(all_, one)


def films(desk: Desk) -> list[str]:
    """Return the films that stand at their places."""
    return sorted(each.name for each in (desk.folder / "out").glob("*/*.mp4"))


async def test_one_run_makes_every_variant_and_buys_what_they_share_once(desk: Desk):
    """
    Each has its film, its steps and its log; three requests for four steps, out of one till.
    """
    desk.write(TWO)
    lisbon, porto = await shot(desk)

    assert 3 == len(desk.posts())
    assert ["small-lisbon.sandbox.mp4", "small-porto.sandbox.mp4"] == films(desk)
    assert lisbon.ends["lisbon:coast/video"] == porto.ends["porto:coast/video"]
    logs = {each.name: each.read_text() for each in (desk.folder / "out").glob("*/*.log")}
    assert all(("porto:stop" in words) == ("porto" in name) for name, words in logs.items())
    assert 2 == len(logs)


async def test_what_does_not_fit_is_left_out_and_the_rest_is_made(desk: Desk):
    """
    Five, and a budget for three and a half: three films, nothing spent on the others, and it says so. Tried again with more, it
    makes the other two and buys nothing twice.
    """
    desk.write(FIVE)
    with pytest.raises(BudgetError) as caught:
        await shot(desk, budget=0.18)

    assert 6 == caught.value.exit_code
    assert "2 of 5 variants are not made: evora, faro; the other 3 are / evora: 1 request for about $0.05" in str(
        caught.value
    )
    assert (
        "$0.03 is left of the budget of $0.18, of which $0.00 is spent and $0.15 is for films that were begun before"
        in str(caught.value)
    )
    assert 3 == len(desk.posts())
    assert [f"small-{name}.sandbox.mp4" for name in ("aveiro", "braga", "coimbra")] == films(desk)

    results = await shot(desk, budget=5 * PRICE)

    assert 5 == len(desk.posts()) == len(films(desk)) == len(results)


async def test_a_later_one_that_fits_is_made(desk: Desk):
    """
    Each is judged by itself: what has its clips costs nothing.
    """
    desk.write(FIVE)
    await shot(desk, "before", variant=["evora"])
    with pytest.raises(BudgetError, match="4 of 5 variants are not made: aveiro, braga, coimbra, faro; the other 1 is"):
        await shot(desk, budget=0.5 * PRICE)

    assert ["small-evora.sandbox.mp4"] == films(desk)
    assert 1 == len(desk.posts())


async def test_what_they_share_is_counted_once(desk: Desk):
    """
    Three requests for four steps fit into a budget for three.
    """
    desk.write(TWO)
    await shot(desk, budget=3 * PRICE)

    assert 3 == len(desk.posts())


@pytest.mark.long
async def test_a_part_of_all_is_bought_where_a_person_says_so(desk: Desk):
    """
    All are begun, and each stops before the step that would pass the budget.
    """
    desk.write(FIVE)
    with pytest.raises(SequenceFailed) as caught:
        await shot(desk, budget=3.5 * PRICE, partial=True)

    assert 6 == caught.value.exit_code
    assert 3 == len(desk.posts())


async def test_one_that_fails_stops_no_other_and_is_bought_again_by_a_retry_alone(desk: Desk):
    """
    The ask is closed once, with the ends of all: the Retry is another ask.
    """
    desk.write(TWO.replace("city: Porto", "city: Porto, wish: '[[sandbox: failed invalid_argument x1]]'"))
    with pytest.raises(SequenceFailed) as caught:
        await shot(desk)

    assert "1 of 2 variants is not made: porto" == caught.value.head
    assert caught.value.lines[0].startswith("porto:stop/video: failed (invalid_argument)")
    assert ["small-lisbon.sandbox.mp4"] == [name for name in films(desk) if "rough" not in name]
    vault = prepare_all(str(desk.board))[0].vault
    assert 1 == (await vault.asks.of("one")).k
    await shot(desk)

    assert 4 == len(desk.posts())
    assert 2 == (await vault.asks.of("one")).k


async def test_what_a_killed_run_has_bought_for_one_is_not_bought_again(desk: Desk):
    """
    Taken up, it is in the same ask: what was sent for both is fetched for both.
    """
    desk.write(TWO)
    async with open_sessions(prepare_all(str(desk.board)), run="one", sandbox=True) as (lisbon, _):
        await buy(lisbon, "lisbon:coast", "video", [])
        await buy(lisbon, "lisbon:stop", "video", [])
    await shot(desk, budget=3 * PRICE)

    assert 3 == len(desk.posts())
    assert 2 == len(films(desk))


async def test_what_was_set_aside_for_one_is_not_gone_for_others_as_well(desk: Desk):
    """
    A run was killed with money set aside for a request of its first variant that it had not sent: taken up, that is in the till once,
    and the budget has room for the other one as before.
    """
    desk.write(TWO)
    async with open_sessions(prepare_all(str(desk.board)), run="one", sandbox=True) as (lisbon, _):
        step = lisbon.plan.step("lisbon:stop/video")
        key = f"{step.recipe.fingerprint('sandbox')}/1"
        await lisbon.vault.ledger.spend("sandbox", "one", attempt_key=key, estimate_ticks=step.ticks, budget_ticks=None)
    await shot(desk, "one", budget=3 * PRICE)

    assert 3 == len(desk.posts())


async def test_a_gate_holds_back_its_own_variant_alone(desk: Desk):
    """
    One question at a time; who says no to one film has the other.
    """
    desk.write("review: before-final\n" + TWO)
    asked, open_questions = list[str](), list[Review]()

    async def approver(review: Review) -> Decision:
        open_questions.append(review)
        await asyncio.sleep(0.05)
        assert [review] == open_questions
        open_questions.remove(review)
        asked.append(review.looks[0].step)
        return Decision(review.looks[0].step.startswith("porto"), "me")

    with pytest.raises(AwaitingApproval) as caught:
        await shot(desk, approver=approver)

    assert "1 of 2 variants is not made: lisbon" in str(caught.value)
    assert {"lisbon:coast/video", "porto:coast/video"} == set(asked)
    assert ["small-porto.sandbox.mp4"] == [name for name in films(desk) if "rough" not in name]


@pytest.mark.long
async def test_a_gate_at_which_nobody_is_keeps_the_ask_of_all_open_until_all_are_at_their_ends(desk: Desk):
    """
    Each says by which command it is approved; approved, the next run cuts both.
    """
    desk.write("review: before-final\n" + TWO)
    with pytest.raises(AwaitingApproval) as caught:
        await shot(desk)

    for name in ("lisbon", "porto"):
        assert f"storyreel approve {desk.board} --variant {name} " in str(caught.value)
    assert 1 == (await prepare_all(str(desk.board))[0].vault.asks.of("one")).k
    assert 3 == len(desk.posts())


async def test_who_waits_for_the_others_goes_on_when_they_are_at_their_ends(desk: Desk):
    """
    One after the other in their order, however they came to wait.
    """
    desk.write(FIVE)
    ready = prepare_all(str(desk.board))
    went: list[str] = []
    async with open_sessions(ready, run="one", sandbox=True) as sessions:
        conclusion = sessions[0].conclusion

        async def waits(variant: str) -> None:
            await conclusion.last_in_line(variant)
            went.append(variant)
            await conclusion.finished(variant)

        waiting = [asyncio.create_task(waits(variant)) for variant in ("faro", "braga", "aveiro")]
        await conclusion.ended("coimbra", {"coimbra:stop/video": "one"})
        await conclusion.finished("coimbra")
        await asyncio.sleep(0.01)
        assert [] == went
        assert 0 == (await ready[0].vault.asks.of("one")).k
        await conclusion.finished("evora")
        await asyncio.gather(*waiting)

    assert ["aveiro", "braga", "faro"] == went
    assert 1 == (await ready[0].vault.asks.of("one")).k


@pytest.mark.parametrize(
    ("only", "redo", "sent"),
    [
        ((), (), 3),
        (("stop",), (), 2),
        (("porto:stop",), (), 1),
        (("coast",), (), 1),
        ((), ("stop",), 5),
        ((), ("porto:stop",), 4),
    ],
)
@pytest.mark.some(2)
async def test_a_name_means_every_variant_and_with_one_before_it_that_one(
    desk: Desk, only: tuple[str, ...], redo: tuple[str, ...], sent: int
):
    """
    Whether it says what is bought alone, or what is made again.
    """
    desk.write(TWO)
    if redo:
        await shot(desk, "before")
    with suppress(SequenceFailed):
        await shot(desk, only=only, redo=redo)

    assert sent == len(desk.posts())


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("look:\n  storyreel approve {}", ["head", "  storyreel approve a", "b: look:", "  storyreel approve b"]),
        ("say `storyreel approve {}`", ["head / a: say `storyreel approve a` / b: say `storyreel approve b`"]),
    ],
)
def test_a_command_that_stands_on_a_line_of_its_own_does_so_for_each_of_several_variants(way: str, told: list[str]):
    """
    It can be copied. What is one line, as the state of a run on Prefect's page, stays one.
    """
    waiting = of_variants({name: AwaitingApproval(way.format(name)) for name in "ab"}, ["a", "b"])

    head = "2 of 2 variants are not made: a, b"
    lines = str(waiting).replace(head, "head").splitlines()
    assert isinstance(waiting, AwaitingApproval)
    assert told == [line for line in lines if line != "a: look:"]
