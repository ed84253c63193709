"""
Caps: what all runs of a vault spend in a day and in a month is exact, whoever spends, by whatever clock.
"""

from __future__ import annotations

import json
import random
from datetime import date

import pytest

from storyreel.errors import BudgetError
from storyreel.model.money import TICKS_PER_USD
from storyreel.vault import Caps, Vault
from storyreel.vault.cap import Reached, days_of_month, total

MONDAY, TUESDAY, FIRST = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 1)
KEYS = ("a/1", "b/1", "c/1")


async def spend(
    vault: Vault, key: str, ticks: int, *, day: int | None = None, month: int | None = None, on=MONDAY, run="r"
) -> Reached:
    return await vault.cap.spend("xai", attempt_key=key, run=run, estimate_ticks=ticks, caps=Caps(day, month), today=on)


async def settle(vault: Vault, key: str, charged: int | None, *, on=MONDAY, run="r") -> None:
    await vault.cap.settle("xai", f"cap-{on}", attempt_key=key, run=run, charged_ticks=charged)


async def sums(vault: Vault, on: date = MONDAY) -> tuple[int, int]:
    """Return what is in the tills of a month: in all, and held."""
    month = total(await vault.cap.days("xai", days_of_month(on)))
    return month.ticks, month.held_ticks


def other(vault: Vault) -> Vault:
    """Return the same vault as another process sees it, which has read nothing yet."""
    return Vault(vault.store, vault.address)


async def test_a_day_is_spent_up_to_its_cap_and_no_further(vault):
    """
    Estimates add up to the very last tick, over all runs; the next one is refused, told with its figures, and not written.
    """
    cap = 50 * TICKS_PER_USD
    await spend(vault, "a/1", 30 * TICKS_PER_USD, day=cap)
    await spend(other(vault), "b/1", 20 * TICKS_PER_USD, day=cap, run="another")
    with pytest.raises(BudgetError) as caught:
        await spend(vault, "c/1", 1, day=cap)

    assert 6 == caught.value.exit_code
    for words in ("$50.00 of the day's cap of $50.00", "STORYREEL_CAP_DAY", "midnight UTC", "cap-2026-11-02, xai"):
        assert words in str(caught.value)
    assert (cap, cap) == await sums(vault)


async def test_the_next_day_has_all_of_its_cap(vault):
    """
    A day's cap bounds a day; what is not settled of the one before does not count.
    """
    await spend(vault, "a/1", 50, day=50)
    await spend(vault, "b/1", 50, day=50, on=TUESDAY)
    with pytest.raises(BudgetError, match="day's cap"):
        await spend(vault, "c/1", 1, day=50, on=TUESDAY)


async def test_a_month_is_the_sum_of_its_days(vault):
    """
    What other days of the month have spent counts, to the tick; the next month begins anew.
    """
    await spend(vault, "a/1", 60, month=100)
    await spend(vault, "b/1", 40, month=100, on=TUESDAY)
    for who in (vault, other(vault)):
        with pytest.raises(BudgetError, match="month's cap"):
            await spend(who, "c/1", 1, month=100, on=TUESDAY)
    await spend(vault, "c/1", 100, month=100, on=date(2026, 12, 1))

    assert (100, 100) == await sums(vault)


async def test_a_run_sets_aside_once_for_an_attempt(vault):
    """
    Whoever takes a run up sets nothing aside again, though the cap is used up; another run that wants the same does.
    """
    for who in (vault, other(vault)):
        await spend(who, "a/1", 50, day=50)
    with pytest.raises(BudgetError):
        await spend(vault, "a/1", 50, day=50, run="another")

    assert (50, 50) == await sums(vault)


async def test_what_is_left_on_an_earlier_day_is_moved_to_the_day_on_which_it_is_sent(vault):
    """
    A run is killed before its claim and taken up a day later: the month counts it once.
    """
    await spend(vault, "a/1", 50, month=80)
    await spend(other(vault), "a/1", 30, month=80, on=TUESDAY)
    await spend(other(vault), "b/1", 50, month=80, on=TUESDAY)

    assert (80, 80) == await sums(vault)


async def test_what_was_given_back_can_be_set_aside_again(vault):
    """
    A till said no, and a person raised it: from then on it counts as if nothing had been.
    """
    for _ in range(2):
        await spend(vault, "a/1", 50, day=50)
        await settle(vault, "a/1", 0)
    again = await spend(vault, "a/1", 50, day=50)
    with pytest.raises(BudgetError):
        await spend(vault, "b/1", 1, day=50)
    await settle(vault, "a/1", 40)
    await settle(vault, "a/1", 0)

    assert 50 == again.day_ticks
    assert (40, 0) == await sums(vault)


@pytest.mark.parametrize("fresh", [False, True], ids=["same-process", "another-process"])
async def test_a_correction_goes_into_the_till_of_its_entry(vault, fresh):
    """
    What is charged after midnight is the day's before, which is closed by then: its sum follows, here and for everybody.
    """
    await spend(vault, "a/1", 50, month=100)
    await spend(vault, "b/1", 50, month=100, on=TUESDAY)
    await settle(vault, "a/1", 30)
    who = other(vault) if fresh else vault
    await spend(who, "c/1", 20, month=100, on=TUESDAY)
    with pytest.raises(BudgetError):
        await spend(who, "d/1", 1, month=100, on=TUESDAY)
    days = await who.cap.days("xai", (MONDAY, TUESDAY))

    assert [30, 70] == [day.sum.ticks for day in days.values()]
    assert [0, 70] == [day.sum.held_ticks for day in days.values()]
    assert [True, False] == [day.closed for day in days.values()]


async def test_a_closed_day_is_remembered(vault, hands):
    """
    Who comes later reads of it what closed it and what came after, and none of the entries before: there may be hundreds.
    """
    for key in KEYS:
        await spend(vault, key, 10, month=100)
    await settle(vault, "a/1", 5)
    await spend(vault, "d/1", 10, month=100, on=TUESDAY)
    await settle(vault, "b/1", 7)
    for number in range(1, 3):
        hands.remove(f"xai/tills/cap-{MONDAY}/{number:05}.json")

    assert (5 + 7 + 10 + 10, 20) == await sums(other(vault))


async def test_nobody_spends_from_a_closed_day(vault):
    """
    Who believes that it is still yesterday spends from today: a month has one day that can be spent from.
    """
    await spend(vault, "a/1", 10, month=100, on=TUESDAY)
    late = [await spend(who, key, 10, month=100) for who, key in ((vault, "b/1"), (other(vault), "c/1"))]

    assert [f"cap-{TUESDAY}"] * 2 == [reached.till for reached in late]
    assert [20, 30] == [reached.month_ticks for reached in late]


async def test_days_without_a_till_are_closed_as_well(vault, hands):
    """
    A run whose clock is behind could begin one, and the month would have two days that can be spent from.
    """
    await spend(vault, "a/1", 10, month=100, on=TUESDAY)
    names = hands.names("xai/tills")

    assert [f"xai/tills/cap-{day}/00001.json" for day in (FIRST, MONDAY, TUESDAY)] == names
    assert ["close", "close", "spend"] == [json.loads(hands.read(name))["kind"] for name in names]


async def test_a_day_alone_is_bounded_without_closing_any(vault, hands):
    """
    Where only the day has a cap there is one till a day, and nothing else is written or looked at.
    """
    await spend(vault, "a/1", 10, day=100, on=TUESDAY)

    assert [f"xai/tills/cap-{TUESDAY}/00001.json"] == hands.names("xai/tills")


async def test_services_have_caps_of_their_own(vault):
    """
    What is rehearsed leaves the real API's cap alone.
    """
    await vault.cap.spend("sandbox", attempt_key="a/1", run="r", estimate_ticks=50, caps=Caps(50), today=MONDAY)
    await spend(vault, "a/1", 50, day=50)

    assert (50, 50) == await sums(vault)


@pytest.mark.parametrize(("ticks", "warned"), [(79, {}), (80, {"day"}), (100, {"day"})])
async def test_at_four_fifths_somebody_is_warned(vault, ticks, warned):
    """
    From 80 % of a cap on; the month has far more here.
    """
    caps = Caps(100 * TICKS_PER_USD, 1000 * TICKS_PER_USD)
    reached = await vault.cap.spend(
        "xai", attempt_key="a/1", run="r", estimate_ticks=ticks * TICKS_PER_USD, caps=caps, today=MONDAY
    )
    words = reached.warnings(caps)

    assert set(warned) == set(words)
    assert all(f"${ticks}.00 of the day's cap of $100.00" in each for each in words.values())


async def test_processes_never_pass_a_cap_together_at_midnight(hands, race, vault):
    """
    Two processes at the same moment, one of which has its midnight behind it: the month has room for one of them.
    """
    for n in range(hands.rounds // 2):
        year = 2100 + n
        told = race(
            do="set aside", ticks=60, day=None, month=100,
            today={"runner-0": f"{year}-11-01", "runner-1": f"{year}-11-02"},
        )  # fmt: skip
        month = total(await vault.cap.days("sandbox", days_of_month(date(year, 11, 1))))

        assert "BudgetError" in told
        assert 60 == month.ticks
        assert len(told) == 2


@pytest.mark.parametrize("race", [pytest.param(4, id="four")], indirect=True)
async def test_processes_never_spend_more_than_their_caps(hands, race, vault):
    """
    Four processes spend as much as they can, at two days of a month: no day and no month is ever over, and what is refused
    would have been too much.
    """
    dice = random.Random(2)
    for n in range(hands.races // 6):
        year = 2100 + n
        wanted = {f"runner-{who}": [dice.randint(10, 60) for _ in range(4)] for who in range(4)}
        told = race(
            do="set aside what there is", ticks=wanted, day=150, month=200,
            today={f"runner-{who}": f"{year}-11-0{1 + who % 2}" for who in range(4)},
        )  # fmt: skip
        days = await vault.cap.days("sandbox", days_of_month(date(year, 11, 1)))
        spent = total(days).ticks

        assert spent == sum(map(sum, told)) <= 200
        assert all(day.sum.ticks <= 150 for day in days.values())
