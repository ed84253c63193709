"""
What the states of a run tell of its lives: how often it began since a person asked for it, and how often it died before.

A run that is taken up again begins as one does that a person retries. The two are told apart by the state that scheduled
it, since a Retry may buy what a run failed on, and nobody but a person may say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prefect.client.schemas.objects import State, StateType

from storyreel.production.open import MOST_TIMES, TAKEN_UP

MOST_UNBORN = 3
"""How often a run is taken up in one ask that died before it ran: a wrong parameter, a flow that cannot be loaded."""
SERVERS_OWN = frozenset({"AwaitingConcurrencySlot", "Late"})
"""States by which a server keeps a run waiting that was scheduled before; nobody has spoken."""


@dataclass(frozen=True)
class Restarts:
    """How often a run came to run since a person asked for it, and how often it was taken and never came to run."""

    ran: int = 0
    unborn: int = 0

    @property
    def too_many(self) -> str | None:
        """Why it is not taken up again by itself; None if it is."""
        if self.unborn > MOST_UNBORN:
            return f"it died {self.unborn} times before it ran"
        if self.ran > MOST_TIMES:
            return f"it was begun {self.ran} times and never came to its end"
        return None


def restarts(states: Iterable[State]) -> Restarts:
    """Count the lives of a run since a person asked for it; it may be in the last of them, or have died in it."""
    ran = unborn = 0
    taken = began = False
    for state in _in_order(states):
        if _schedules(state):
            if _takes_up(state):
                unborn += taken and not began
            else:
                ran = unborn = 0
            taken = began = False
        elif state.type is StateType.PENDING:
            taken = True
        elif state.type is StateType.RUNNING:
            began = True
            ran += 1
    return Restarts(ran, unborn + (taken and not began))


def taken_up(states: Iterable[State]) -> bool:
    """Whether a run runs because it was taken up after a crash, and not because a person said so."""
    scheduled = [state for state in _in_order(states) if _schedules(state)]
    return bool(scheduled) and _takes_up(scheduled[-1])


def _in_order(states: Iterable[State]) -> list[State]:
    return sorted(states, key=lambda state: state.timestamp)


def _schedules(state: State) -> bool:
    return state.type is StateType.SCHEDULED and state.name not in SERVERS_OWN


def _takes_up(state: State) -> bool:
    return (state.message or "").startswith(TAKEN_UP)
