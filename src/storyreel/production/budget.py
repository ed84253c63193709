"""
What a run may spend, and who says so. That a purchase fits into it is checked by the vault's `ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyreel.errors import SettingsError
from storyreel.model.money import MOST_USD, TICKS_PER_USD, dollars
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Storyboard
from storyreel.settings import Settings
from storyreel.variables.table import BUDGET

DEFAULT_BUDGET_TICKS = 10 * TICKS_PER_USD
"""What a run on the real API may spend where nobody gave a budget."""
OPTION = "--budget"


@dataclass(frozen=True)
class Budget:
    """
    What a run may spend.

    Args:
        ticks: So much; None for no bound.
        lowered_by: The place in a project's file that has lowered it, `PATH:LINE`; empty where none has.
        set_by: The setting that says so, `PATH:LINE` or a variable; empty where it is the run's own, the storyboard's or the default.
        is_its_own: Whether a person said it for this run, or its storyboard says it.
        note: That a project's file says more, which is not what holds; empty where it does not.
    """

    ticks: int | None
    lowered_by: str = ""
    set_by: str = ""
    note: str = ""
    is_its_own: bool = False

    @property
    def words(self) -> str:
        """What it is, in words, with what says so where a person would not know."""
        by = self.lowered_by or self.set_by
        return f"the budget of {dollars(self.ticks or 0)}{f' ({by})' if by else ''}"

    @property
    def another(self) -> str:
        """What a person changes for another one, in words."""
        return f"{self.lowered_by} bounds every run of that project" if self.lowered_by else f"{OPTION} is another one"

    @property
    def raised_by(self) -> str:
        """How a person makes it more, in words."""
        if self.lowered_by:
            return f"a larger budget in {self.lowered_by}, which bounds every run of that project"
        return f"a larger budget ({OPTION})"


def budget_of(
    board: Storyboard, given_ticks: int | None, service: ServiceName, settings: Settings, *, shared: bool = False
) -> Budget:
    """
    Return what a run may spend: as given; else the smaller of what the storyboard and a setting say, or the default on the real API. A
    project lowers any of it.

    What a storyboard says of itself does not bound a till that it shares with others.

    Args:
        board: For its own budget.
        given_ticks: What a person gave for this run.
        service: Who is asked; rehearsals have no bound of their own.
        settings: Those of the storyboard's project.
        shared: Whether the till is shared with other runs.
    """
    own = None if shared else board.budget_ticks
    return lowered(_before(given_ticks, own, service, settings), settings)


def night_budget(given_ticks: int | None, service: ServiceName, settings: Settings) -> Budget:
    """Return what all runs of a night may spend together: as `budget_of` one that no storyboard has a say in."""
    return lowered(_before(given_ticks, None, service, settings), settings)


def _before(given_ticks: int | None, own_ticks: int | None, service: ServiceName, settings: Settings) -> Budget:
    if given_ticks is not None:
        return Budget(given_ticks, is_its_own=True)
    usual = None if settings.budget is None else round(settings.budget * TICKS_PER_USD)
    if usual is not None and (own_ticks is None or usual < own_ticks):
        return Budget(usual, set_by=settings.where_set(BUDGET))
    if own_ticks is not None:
        return Budget(own_ticks, is_its_own=True)
    return Budget(DEFAULT_BUDGET_TICKS if service == "xai" else None)


def lowered(budget: Budget, settings: Settings) -> Budget:
    """Return a budget as the project's file has it: what is more there is noted, and not what holds."""
    if (line := settings.project_budget) is None:
        return budget
    most = round(float(line.text) * TICKS_PER_USD)
    if budget.ticks is None or most < budget.ticks:
        return Budget(most, lowered_by=line.place)
    if most == budget.ticks or budget.is_its_own:
        return budget
    note = f"{line.place} says a budget of {dollars(most)}, and {dollars(budget.ticks)} holds: a project only lowers it"
    return Budget(budget.ticks, set_by=budget.set_by, note=note)


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
