"""
What a person may name to have it made again.
"""

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import SettingsError
from storyreel.model.plan import Plan
from storyreel.production.prepare import read_plan
from storyreel.production.selectors import step_named, steps_named
from tests.desk import Desk

BOARD = """
cast:
  pip: {description: a robot, references: [{prompt: "A robot."}, {prompt: "Its back."}]}
  cup: {description: a cup, references: [{prompt: "A cup."}]}
scenes:
  - id: drink
    references: [pip, cup]
    prompt: "{{ ref.pip }} drinks."
    then: [{extend: "And again.", duration: 2}]
"""


@pytest.fixture
def planned(desk: Desk) -> Plan:
    """Return the plan of a scene with two members of the cast."""
    desk.write(BOARD)
    return read_plan(desk.board, load_catalog())[1]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("drink", {"drink/video"}),
        ("drink/extend-1", {"drink/extend-1"}),
        ("pip", {"pip/still-1", "pip/still-2"}),
        ("cup", {"cup/still-1"}),
        ("pip/still-2", {"pip/still-2"}),
    ],
)
def test_a_scene_a_step_or_a_member_of_the_cast_is_made_again(planned: Plan, name: str, steps: set[str]):
    """
    A scene is its first step that makes video, a member of the cast all its stills.
    """
    assert steps == steps_named(planned, [name])


def test_where_one_step_is_wanted_a_member_with_two_stills_is_asked_which(planned: Plan):
    """
    A lost answer is about one request.
    """
    assert "cup/still-1" == step_named(planned, "cup").id
    with pytest.raises(SettingsError, match="say which one: pip/still-1, pip/still-2"):
        step_named(planned, "pip")


def test_a_wrong_name_is_answered_by_some_names_and_not_by_hundreds(desk: Desk):
    """
    What was meant comes first, and of the others as many as a person reads.
    """
    scenes = "".join(f"  - {{id: scene-{number}, prompt: Waves.}}\n" for number in range(40))
    desk.write(f"scenes:\n{scenes}")
    plan = read_plan(desk.board, load_catalog())[1]
    with pytest.raises(SettingsError, match="did you mean 'scene-7'") as told:
        steps_named(plan, ["scen-7"])

    assert str(told.value).endswith("scene-11 and 68 more)")
