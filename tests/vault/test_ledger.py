"""
Tills: what a budget has spent is exact, whoever spends.
"""

from __future__ import annotations

import asyncio
import json
import random
import re

import pytest

from storyreel.errors import BudgetError, VaultError


async def spend(vault, key: str, ticks: int, budget: int | None = None) -> None:
    await vault.ledger.spend("xai", "dailies", attempt_key=key, estimate_ticks=ticks, budget_ticks=budget)


async def settle(vault, key: str, ticks: int, charged: int | None) -> None:
    await vault.ledger.settle("xai", "dailies", attempt_key=key, charged_ticks=charged)


async def test_spending_adds_up_to_the_budget_and_no_further(vault):
    """
    A till takes estimates up to the very last tick of its budget; the next one is refused and not written.
    """
    await spend(vault, "a/1", 60, 100)
    await spend(vault, "b/1", 40, 100)

    with pytest.raises(BudgetError, match="budget"):
        await spend(vault, "c/1", 1, 100)

    assert await vault.ledger.spent("xai", "dailies") == 100


async def test_an_attempt_is_spent_once(vault):
    """
    Whoever resumes an attempt does not spend for it again, even when the budget is used up.
    """
    await spend(vault, "a/1", 100, 100)
    await spend(vault, "a/1", 100, 100)

    assert await vault.ledger.spent("xai", "dailies") == 100


@pytest.mark.parametrize(
    ("charged", "spent"),
    [
        pytest.param(40, 40, id="cheaper"),
        pytest.param(75, 75, id="dearer"),
        pytest.param(0, 0, id="refused"),
        pytest.param(50, 50, id="as-estimated"),
        pytest.param(None, 50, id="not-told"),
        pytest.param(20 * 50, 20 * 50, id="twenty-times"),
        pytest.param(20 * 50 + 1, 50, id="more-than-twenty-times"),
        pytest.param(-1, 50, id="below-nothing"),
        pytest.param(10**400, 50, id="beyond-measure"),
    ],
)
async def test_a_till_follows_what_was_charged(vault, charged, spent):
    """
    Once the charge is known the till holds it instead of the estimate, however often it is said.
    """
    await spend(vault, "a/1", 50)
    await settle(vault, "a/1", 50, charged)
    await settle(vault, "a/1", 50, charged)

    assert await vault.ledger.spent("xai", "dailies") == spent


async def test_what_was_not_spent_here_is_not_settled_here(vault):
    """
    A take that another run paid for changes nothing in this till.
    """
    await settle(vault, "a/1", 50, 40)

    assert await vault.ledger.spent("xai", "dailies") == 0


async def test_tills_and_services_are_apart(vault):
    """
    What the sandbox spends is not in the real service's till, nor in a till of another name.
    """
    await spend(vault, "a/1", 50)

    assert await vault.ledger.spent("sandbox", "dailies") == 0
    assert await vault.ledger.spent("xai", "weeklies") == 0


async def test_processes_never_pass_a_budget_together(vault, hands, race):
    """
    Two processes that spend at the same moment from a till that has room for one: one spends, one stops.
    """
    for n in range(hands.rounds):
        told = race(do="spend", till=f"till-{n}", ticks=60, budget=100)

        assert sorted(map(str, told)) == ["BudgetError", "True"]
        assert await vault.ledger.spent("sandbox", f"till-{n}") == 60


async def test_two_processes_never_spend_more_than_one_budget(vault, hands, race):
    """
    Two processes spend as much as they can of one budget, 200 times: the sum of both never passes it.

    What a process is refused would have been too much, and what it spends is in the till.
    """
    dice, budget = random.Random(1), 100
    for n in range(hands.races):
        wanted = {f"runner-{who}": [dice.randint(10, 60) for _ in range(3)] for who in range(2)}
        told = race(do="spend what there is", till=f"shared-{n}", ticks=wanted, budget=budget)
        spent = await vault.ledger.spent("sandbox", f"shared-{n}")
        refused = [
            min(set_aside) for set_aside in (_without(wanted[f"runner-{w}"], told[w]) for w in range(2)) if set_aside
        ]

        assert spent == sum(map(sum, told)) <= budget
        assert all(spent + ticks > budget for ticks in refused)


def _without(wanted: list[int], spent: list[int]) -> list[int]:
    """Return what was wanted and not spent."""
    left = list(wanted)
    for ticks in spent:
        left.remove(ticks)
    return left


@pytest.mark.parametrize("race", [pytest.param(3, id="three")], indirect=True)
async def test_processes_that_share_an_attempt_spend_once(vault, hands, race):
    """
    Several processes that come to the same attempt with the same till spend for it once between them.
    """
    for n in range(hands.rounds // 3):
        race(do="spend", till=f"till-{n}", ticks=60, budget=None, key="a/1")

        assert await vault.ledger.spent("sandbox", f"till-{n}") == 60


@pytest.mark.parametrize("race", [pytest.param(3, id="three")], indirect=True)
async def test_no_entry_is_lost_between_processes(vault, hands, race):
    """
    Without a limit every process's entry is in the sum.
    """
    for n in range(hands.rounds // 3):
        race(do="spend", till=f"till-{n}", ticks=7, budget=None)

        assert await vault.ledger.spent("sandbox", f"till-{n}") == 21


async def test_steps_of_one_process_read_a_till_side_by_side(vault):
    """
    Each entry is read once and counted once, however many look at the same moment.
    """
    for n in range(5):
        await spend(vault, f"a/{n}", 10)
    fresh = type(vault)(vault.store, vault.address)
    sums = await asyncio.gather(*(fresh.ledger.spent("xai", "dailies") for _ in range(6)))
    await spend(fresh, "b/1", 10)

    assert [50] * 6 == sums
    assert 60 == await vault.ledger.spent("xai", "dailies")


async def test_a_missing_entry_stops_the_till(vault, hands):
    """
    Where an entry was removed nobody knows what was spent, so nothing more is.
    """
    await spend(vault, "a/1", 50)
    await spend(vault, "b/1", 50)
    hands.remove("xai/tills/dailies/00001.json")

    fresh = type(vault)(vault.store, vault.address)
    with pytest.raises(VaultError, match=r"00001\.json is missing"):
        await fresh.ledger.spent("xai", "dailies")


async def test_what_was_called_lost_and_turns_up_is_charged(vault):
    """
    A person's `lost` gives the estimate back; an answer that comes late, with a charge, takes it out again.
    """
    await vault.ledger.spend("xai", "dailies", attempt_key="a/1", estimate_ticks=50, budget_ticks=50)
    await vault.ledger.settle("xai", "dailies", attempt_key="a/1", charged_ticks=0)
    given_back = await vault.ledger.spent("xai", "dailies")
    for _ in range(2):
        await vault.ledger.settle("xai", "dailies", attempt_key="a/1", charged_ticks=50)

    assert (0, 50) == (given_back, await vault.ledger.spent("xai", "dailies"))


@pytest.mark.parametrize("first", [50, 40, 0])
async def test_nothing_is_given_back_twice(vault, first):
    """
    What an attempt was charged is said once: whoever says less later - it was refused, it is lost - gives nothing back.
    """
    await spend(vault, "a/1", 60)
    await settle(vault, "a/1", 60, first)
    await settle(vault, "a/1", 60, 55)
    await settle(vault, "a/1", 60, 0)

    assert await vault.ledger.spent("xai", "dailies") == 55


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"ticks": -100}, id="spent-less-than-nothing"),
        pytest.param({"attempt": ""}, id="for-nothing"),
        pytest.param({"kind": "close", "attempt": ""}, id="a-closing-that-does-not-say-what-was-held"),
    ],
)
async def test_an_entry_that_cannot_be_added_up_is_damage(vault, hands, damage):
    """
    It is not taken for nothing spent: else a run could spend what nobody has.
    """
    entry = {"v": 1, "at": "2026-11-26T11:17:00Z", "kind": "spend", "attempt": "a/1", "ticks": 60, "nonce": "n"}
    hands.write("xai/tills/dailies/00001.json", json.dumps(entry | damage).encode())

    with pytest.raises(VaultError, match=r"00001\.json cannot be read"):
        await spend(vault, "b/1", 1, 100)


@pytest.mark.parametrize("name", ["00001.json~", "copy-of-00001.json"])
async def test_what_is_no_entry_is_named_with_what_to_do(vault, hands, name):
    """
    Somebody's program has left it there; it stops what is spent, since it may have been an entry.
    """
    await spend(vault, "a/1", 60, 100)
    hands.write(f"xai/tills/dailies/{name}", b"")

    with pytest.raises(VaultError, match=rf"{re.escape(name)} is no entry of a till.* take it out of the folder"):
        await vault.ledger.spent("xai", "dailies")
