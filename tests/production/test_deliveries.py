"""
Films that are bought again in another ratio: each request once, whatever films come and go, and pins that are told where they stand.
"""

from __future__ import annotations

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import StoryboardError
from storyreel.production.outlook import forecast
from storyreel.production.pins import look_up_pins
from storyreel.production.read_plan import read_plan
from storyreel.production.reasons import with_reasons
from storyreel.vault import open_vault
from tests.desk import Desk
from tests.production.test_session import shoot

BOARD = """
style: In ink.
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
  - id: door
    image: {prompt: "An iron door."}
    prompt: "The door opens."
  - id: stair
    image: {last_frame_of: coast}
    prompt: "A stair."
  - {id: wide, prompt: "A plain.", aspect_ratio: "16:9"}
"""
VERTICAL = """
deliver:
  vertical: {aspect_ratio: "9:16", regenerate: true}
"""


async def looked_up(desk: Desk) -> tuple[str, ...]:
    """Look up the pins of the desk's board."""
    _, plan = read_plan(desk.board, load_catalog(None))
    vault = open_vault(f"file:{desk.folder / 'vault'}", cache=desk.folder / "cache")
    return tuple(map(str, await look_up_pins(plan, vault, "sandbox")))


async def test_a_film_that_is_taken_out_and_put_back_buys_nothing(desk: Desk):
    """
    What the master has is not sent for it, what it has of its own is sent once; and its pins are looked up where they stand.
    """
    desk.write(BOARD)
    master = await shoot(desk, "one")
    assert 5 == len(desk.posts())

    desk.write(BOARD + VERTICAL)
    both = await shoot(desk, "two")
    assert 9 == len(desk.posts())
    assert master.items() <= both.items()
    assert {"vertical:coast/video", "vertical:door/still", "vertical:door/video", "vertical:stair/video"} == {*both} - {
        *master
    }

    desk.write(BOARD)
    assert master == await shoot(desk, "three")
    desk.write(BOARD + VERTICAL)
    assert both == await shoot(desk, "four")
    assert 9 == len(desk.posts())

    own, plain = both["vertical:coast/video"].request_id, both["coast/video"].request_id
    pinned = VERTICAL.replace("true}", "true, scenes: {coast: {pin: PIN}}}")
    desk.write(BOARD + pinned.replace("PIN", own))
    assert () == await looked_up(desk)
    desk.write(BOARD + pinned.replace("PIN", plain))
    with pytest.raises(StoryboardError, match=r"is a take of coast/video, and not of vertical:coast/video") as wrong:
        await looked_up(desk)
    (problem,) = wrong.value.problems
    assert len(BOARD.splitlines()) + 3 == problem.place.line
    assert f"nearest is pin: {own}" == problem.remedy

    desk.write((BOARD + VERTICAL).replace("In ink", "In oil"))
    _, plan = read_plan(desk.board, load_catalog(None))
    vault = open_vault(f"file:{desk.folder / 'vault'}", cache=desk.folder / "cache")
    outlook = await forecast(plan, vault, "sandbox", allowed={step.id for step in plan.steps})
    why = {each.step.id: each.why for each in (await with_reasons(plan, outlook, vault, "sandbox")).outlook}
    assert why["coast/video"] == why["vertical:coast/video"] == 'style: "ink" -> "oil"'
    assert why["stair/video"] == "follows coast/video, which changes"
    assert why["vertical:stair/video"] == "follows vertical:coast/video, which changes"
