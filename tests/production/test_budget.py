"""
What a run may spend: what a person says, else what the storyboard says of itself, else ten dollars of real money.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from storyreel.errors import SettingsError
from storyreel.model.money import TICKS_PER_USD
from storyreel.model.recipe import ServiceName
from storyreel.model.storyboard import Storyboard
from storyreel.production.budget import budget_of, night_budget, ticks_of
from storyreel.settings import Settings, read_settings
from storyreel.settings.written import Line


def board(budget: float | None) -> Storyboard:
    """Return a storyboard that says what it may cost, in US dollars."""
    return Storyboard(
        path=Path("board.yaml"), slug="board", title="", scenes=(), cut=(), aspect_ratio="16:9", resolution="480p",
        stills=(), budget_ticks=None if budget is None else round(budget * TICKS_PER_USD),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "own", "service", "shared", "dollars"),
    [
        pytest.param(None, None, "xai", False, 10, id="nothing-is-said"),
        pytest.param(None, None, "sandbox", False, None, id="nothing-is-said-of-a-rehearsal"),
        pytest.param(None, 3, "xai", False, 3, id="the-storyboard-says"),
        pytest.param(None, 3, "sandbox", False, 3, id="the-storyboard-says-of-a-rehearsal"),
        pytest.param(5, 3, "xai", False, 5, id="a-person-says"),
        pytest.param(0, 3, "xai", False, 0, id="a-person-says-nothing-at-all"),
        pytest.param(None, 3, "xai", True, 10, id="a-storyboard-does-not-bound-a-shared-till"),
        pytest.param(None, 3, "sandbox", True, None, id="nor-that-of-a-rehearsal"),
        pytest.param(5, 3, "xai", True, 5, id="a-person-bounds-a-shared-till"),
    ],
)
def test_a_run_may_spend_so_much(
    given: float | None, own: float | None, service: ServiceName, shared: bool, dollars: float | None
):
    """
    A till that several storyboards are paid from is bounded by a person, and by none of them.
    """
    expected = None if dollars is None else dollars * TICKS_PER_USD
    given_ticks = None if given is None else ticks_of(given, "--budget")

    assert expected == budget_of(board(own), given_ticks, service, settings_of({}), shared=shared).ticks


def settings_of(environ: dict[str, str], project: str | None = None) -> Settings:
    """Return settings in which a project's file says so much."""
    line = None if project is None else Line(project, "/film/storyreel.toml:2")
    return replace(read_settings({"HOME": "/nobody", **environ}), project_budget=line)


@pytest.mark.parametrize(
    ("given", "own", "usual", "project", "dollars", "by"),
    [
        pytest.param(None, None, "3", None, 3, "STORYREEL_BUDGET", id="a-setting-in-the-place-of-the-default"),
        pytest.param(None, 5, "3", None, 3, "STORYREEL_BUDGET", id="a-setting-below-the-storyboard"),
        pytest.param(None, 2, "3", None, 2, "", id="a-storyboard-below-the-setting"),
        pytest.param(20, 2, "3", None, 20, "", id="the-command-line-before-all-of-them"),
        pytest.param(None, None, "", "4", 4, "/film/storyreel.toml:2", id="a-project-lowers-the-default"),
        pytest.param(20, None, "", "4", 4, "/film/storyreel.toml:2", id="a-project-lowers-the-command-line"),
        pytest.param(None, 3, "", "4", 3, "", id="a-project-does-not-raise-a-storyboard"),
        pytest.param(None, None, "", "1000", 10, "", id="a-project-does-not-raise-the-default"),
        pytest.param(None, None, "", "0", 0, "/film/storyreel.toml:2", id="a-project-lets-nothing-be-spent"),
    ],
)
def test_the_smaller_one_holds_and_says_who_it_is(
    given: float | None, own: float | None, usual: str, project: str | None, dollars: float, by: str
):
    """
    A setting bounds a stranger's storyboard; a project bounds everything, and raises nothing. Who may have raised it is told.
    """
    given_ticks = None if given is None else ticks_of(given, "--budget")
    settings = settings_of({"STORYREEL_BUDGET": usual}, project)
    budget = budget_of(board(own), given_ticks, "xai", settings)

    assert dollars * TICKS_PER_USD == budget.ticks
    assert by == (budget.lowered_by or budget.set_by)
    assert bool(budget.lowered_by) == budget.raised_by.endswith("of that project")
    assert bool(budget.note) == (project is not None and own is None and float(project) > dollars)
    assert own is not None or budget == night_budget(given_ticks, "xai", settings)


@pytest.mark.parametrize("given", [-1, 1e12, float("nan"), float("inf")])
def test_what_is_no_amount_of_money_is_refused(given: float):
    """
    Less than nothing, more than anybody has, and no number at all.
    """
    with pytest.raises(SettingsError, match="no amount of money"):
        ticks_of(given, "--budget")
