"""
What a run may spend: the limit, as it is given. That a purchase fits into it is checked by the vault's `ledger`.
"""

from __future__ import annotations

from storyreel.errors import SettingsError
from storyreel.model.money import MOST_USD, TICKS_PER_USD
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Storyboard

DEFAULT_BUDGET_TICKS = 10 * TICKS_PER_USD
"""What a run on the real API may spend where nobody gave a budget."""


def budget_ticks(
    board: Storyboard, given_ticks: int | None, service: ServiceName, *, shared: bool = False
) -> int | None:
    """
    Return what a run may spend: as given, else as the storyboard says, else the default on the real API.

    What a storyboard says of itself does not bound a till that it shares with others.

    Args:
        board: For its own budget.
        given_ticks: What a person gave for this run.
        shared: Whether the till is shared with other runs.
        service: Who is asked; rehearsals have no bound of their own.
    """
    if given_ticks is not None:
        return given_ticks
    if board.budget_ticks is not None and not shared:
        return board.budget_ticks
    return DEFAULT_BUDGET_TICKS if service == "xai" else None


def ticks_of(given: float, name: str) -> int:
    """
    Return an amount of US dollars in ticks.

    Args:
        given: As a person gave it.
        name: Where they gave it: `--budget`.

    Raises:
        SettingsError: It is no amount of money.
    """
    if not 0 <= given <= MOST_USD:
        raise SettingsError(f"{name} {given:g} is no amount of money; it is US dollars, such as 12.50")
    return round(given * TICKS_PER_USD)
