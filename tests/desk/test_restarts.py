"""
What the states of a run tell of its lives, and who scheduled the last of them.
"""

from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.objects import State, StateType

from storyreel.desk.restarts import MOST_UNBORN, Restarts, restarts, taken_up
from storyreel.production.open import MOST_TIMES, TAKEN_UP

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TYPES = {
    "Scheduled": StateType.SCHEDULED,
    "AwaitingConcurrencySlot": StateType.SCHEDULED,
    "Late": StateType.SCHEDULED,
    "Retry": StateType.SCHEDULED,
    "Again": StateType.SCHEDULED,
    "Pending": StateType.PENDING,
    "Submitting": StateType.PENDING,
    "Running": StateType.RUNNING,
    "Crashed": StateType.CRASHED,
    "Suspended": StateType.PAUSED,
}


def states(told: str) -> list[State]:
    """Return states by their names, one a second, in another order than they came about."""
    made = [
        State(
            type=TYPES[name],
            name="AwaitingRetry" if name in ("Retry", "Again") else name,
            message=f"{TAKEN_UP}: its process is gone." if name == "Again" else None,
            timestamp=NOW + timedelta(seconds=k),
        )
        for k, name in enumerate(told.split())
    ]
    return made[::-1]


@pytest.mark.parametrize(
    ("told", "ran", "unborn"),
    [
        ("Scheduled", 0, 0),
        ("Scheduled Pending Submitting Running", 1, 0),
        ("Scheduled Pending Submitting", 0, 1),
        ("Scheduled Pending Running Crashed Again Pending Running Crashed", 2, 0),
        ("Scheduled Pending Crashed Again Pending Running Crashed Again Pending Crashed", 1, 2),
        ("Scheduled Pending Running Crashed Again AwaitingConcurrencySlot Late Pending Running", 2, 0),
        ("Scheduled AwaitingConcurrencySlot AwaitingConcurrencySlot Pending Running", 1, 0),
        ("Scheduled Pending Running Crashed Again Crashed Again Pending Running", 2, 0),
        ("Scheduled Pending Running Crashed Again Again Pending Running", 2, 0),
        ("Scheduled Pending Running Crashed Again Pending Running Crashed Retry Pending Running", 1, 0),
        ("Scheduled Pending Crashed Again Pending Crashed Retry Pending", 0, 1),
        ("Scheduled Pending Running Suspended Scheduled Pending Running", 1, 0),
    ],
)
def test_lives_are_counted_since_a_person_asked(told: str, ran: int, unborn: int):
    """
    One death counts once, however often it is reported and taken up; a Retry begins a count of its own; waiting for a
    place is nobody's word.
    """
    assert Restarts(ran, unborn) == restarts(states(told))


@pytest.mark.parametrize(
    ("told", "by_itself"),
    [
        ("Scheduled Pending Running", False),
        ("Scheduled Pending Running Crashed Again Pending Running", True),
        ("Scheduled Pending Running Crashed Again AwaitingConcurrencySlot Pending Running", True),
        ("Scheduled Pending Running Crashed Again Late AwaitingConcurrencySlot Late Pending Running", True),
        ("Scheduled Pending Running Crashed Again Pending Running Crashed Retry Pending Running", False),
        ("Scheduled Pending Running Crashed Retry AwaitingConcurrencySlot Pending Running", False),
    ],
)
def test_only_a_person_retries(told: str, by_itself: bool):
    """
    A run that was taken up and then waited for a place among its deployment's has still been retried by nobody.
    """
    assert by_itself == taken_up(states(told))


def test_a_run_that_never_runs_is_taken_up_three_times():
    """
    The fourth death before it ran is its last; each is told from its states alone.
    """
    deaths = [
        restarts(states("Scheduled" + " Pending Crashed Again" * n + " Pending Crashed")).too_many is None
        for n in range(MOST_UNBORN + 1)
    ]

    assert [True] * MOST_UNBORN + [False] == deaths


def test_a_run_that_dies_again_and_again_ends():
    """
    The try after the last is left to the run itself, which then fails and says so; one that does not come so far has
    crashed for good.
    """
    deaths = [
        restarts(states("Scheduled" + " Pending Running Crashed Again" * n + " Pending Running Crashed")).too_many
        for n in range(MOST_TIMES + 1)
    ]

    assert [None] * MOST_TIMES == deaths[:-1]
    assert "it was begun 6 times and never came to its end" == deaths[-1]
