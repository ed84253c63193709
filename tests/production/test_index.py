"""
Runs and the index: it is written before each claim, decides nothing, and may be gone, half there or unwritable.
"""

from pathlib import Path

import pytest

from storyreel import api
from tests.desk import TWO, Desk


def marks(desk: Desk) -> list[Path]:
    """Return all marks in the vault of a desk."""
    return sorted((desk.folder / "vault" / "sandbox" / "index").rglob("*.json"))


async def test_each_claim_of_a_run_has_its_mark(desk: Desk):
    """
    A run marks each request once, and one that finds all of it in the vault marks nothing.
    """
    await api.shoot(desk.board, sandbox=True)
    claimed = {path.parent.parent.name for path in (desk.folder / "vault").rglob("claim.json")}
    first = marks(desk)
    await api.shoot(desk.board, sandbox=True)

    assert {path.name[-71:-7] for path in first} == claimed
    assert len(first) == len(desk.posts()) == len(claimed)
    assert marks(desk) == first


VARIANTS = """
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
variants: {lisbon: {}, porto: {}}
scenes:
  - {id: coast, prompt: "A lighthouse."}
  - {id: stair, image: {last_frame_of: coast}, prompt: "A stair."}
"""
"""Two films that ask alike for everything."""


async def test_what_a_step_has_from_another_one_is_what_it_was(desk: Desk):
    """
    Of two variants one asks, and both have it: what has changed since is told of both alike.
    """
    desk.write(VARIANTS)
    await api.shoot_all(desk.board, sandbox=True)
    desk.change("A lighthouse.", "A tower.")
    lisbon, porto = [await api.plan(desk.board, variant=name, sandbox=True) for name in ("lisbon", "porto")]

    assert 2 == len(desk.posts())
    assert ["~", "~"] == [step.sign for step in lisbon.steps] == [step.sign for step in porto.steps]
    assert lisbon.steps[0].changes == porto.steps[0].changes


async def test_what_was_only_taken_from_the_vault_is_no_last_run(desk: Desk):
    """
    A prompt is changed, shot, and put back: the last run is the one that asked for something, whatever has been taken since.
    """
    desk.write(TWO)
    await api.shoot(desk.board, sandbox=True)
    desk.change("A door.", "A gate.")
    await api.shoot(desk.board, sandbox=True)
    asked = (await api.plan(desk.board, sandbox=True)).last_run
    desk.change("A gate.", "A door.")
    await api.shoot(desk.board, sandbox=True)
    desk.change("A door.", "A window.")
    planned = await api.plan(desk.board, sandbox=True)

    assert asked is not None
    assert 1 == asked.requests
    assert asked == planned.last_run
    assert "A door." == {step.id: step for step in planned.steps}["door/video"].changes[0].before


@pytest.mark.long
async def test_half_an_index_costs_reasons_alone(desk: Desk):
    """
    Marks were lost, cut in half and mixed up: nothing is sent again, and what has changed is bought once.
    """
    await api.shoot(desk.board, sandbox=True)
    sent = len(desk.posts())
    for at, mark in enumerate(marks(desk)):
        match at % 3:
            case 0:
                mark.unlink()
            case 1:
                mark.write_bytes(mark.read_bytes()[:30])
            case 2:
                mark.rename(mark.with_name(mark.name.replace(mark.name[-71:-7], "0" * 64)))
    await api.shoot(desk.board, sandbox=True)
    again = len(desk.posts())
    desk.change("An iron door.", "A wooden door.")
    planned = await api.plan(desk.board, sandbox=True)
    await api.shoot(desk.board, sandbox=True)

    assert again == sent
    assert [step.outlook for step in planned.steps if step.id == "door/still"] == ["buy"]
    assert len(desk.posts()) - sent == planned.totals.buy


@pytest.mark.parametrize("there", ["file", "link"])
async def test_an_index_that_cannot_be_written_stops_nothing(desk: Desk, there: str):
    """
    Something else stands in its place, so no mark can be made: all is bought all the same, and a plan reads the vault.
    """
    desk.write(TWO)
    index = desk.folder / "vault" / "sandbox" / "index"
    index.parent.mkdir(parents=True)
    if there == "file":
        index.write_text("mine")
    else:
        index.symlink_to("/proc/nowhere")
    result = await api.shoot(desk.board, sandbox=True)
    planned = await api.plan(desk.board, sandbox=True)

    assert result.film is not None
    assert len(desk.posts()) == 2
    assert [step.sign for step in planned.steps] == ["=", "="]
