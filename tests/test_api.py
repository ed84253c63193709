"""
storyreel for programs: what the commands do, as functions, with the same promise.
"""

import asyncio
import doctest
import shutil
from pathlib import Path
from typing import Any

import pytest

from storyreel import api
from storyreel.errors import AwaitingApproval, SequenceFailed, SettingsError
from tests.desk import ONE, WAITING, Desk


@pytest.fixture
def boards(desk: Desk, storyboards: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk whose folder has the boards of the examples, and is where the program works."""
    shutil.copy(storyboards / "lighthouse.yaml", desk.folder)
    shutil.copytree(storyboards / "lighthouse", desk.folder / "lighthouse")
    desk.write('defaults: {duration: 1, resolution: 480p}\nscenes: [{id: coast, prompt: "A lighthouse."}]\n')
    (desk.folder / "missing.yaml").write_text('defaults: {duration: 1}\nscenes: [{id: door, prompt: "A door."}]\n')
    (desk.folder / "varied.yaml").write_text(
        "defaults: {duration: 1, resolution: 480p}\nvars: {city: Lisbon}\nvariants: {lisbon: {}, porto: {vars: {city: Porto}}}\n"
        "scenes: [{id: tram, prompt: 'A tram in {{ city }}.'}]\n"
    )
    (desk.folder / "wrong.yaml").write_text('scenes:\n  - id: coast\n    promt: "A lighthouse."\n')
    monkeypatch.chdir(desk.folder)
    return desk


@pytest.mark.usefixtures("boards")
def test_the_examples_are_true():
    """
    Each example in the documentation of a function says what comes of it.
    """
    told = doctest.testmod(api, extraglobs={"asyncio": asyncio})

    assert told.attempted >= 9
    assert not told.failed


async def test_what_failed_is_an_error_and_is_not_bought_again(boards: Desk):
    """
    A program meets the same rules as a command.
    """
    boards.write(ONE.format(marker="[[sandbox: moderated]]"))
    for _ in range(2):
        with pytest.raises(SequenceFailed, match="coast/video: moderated"):
            await api.shoot(boards.board, sandbox=True)

    assert 1 == len(boards.posts())
    assert ["moderated"] == [take.state for take in (await api.takes(boards.board, sandbox=True)).takes]


async def test_whoever_watches_hears_of_each_step(boards: Desk):
    """
    From the request to the film.
    """
    heard: list[api.Event] = []
    await api.shoot(boards.board, sandbox=True, on_event=heard.append)

    assert {"sending", "accepted", "fetching", "made", "cutting", "cut"} <= {event.stage for event in heard}


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.some(1)
async def test_an_approval_is_asked_of_whoever_is_named(boards: Desk, yes: bool):
    """
    Without one a run ends there; with a yes it goes on, with a no it does not.
    """
    boards.write(WAITING)
    asked: list[api.Review] = []

    async def approver(review: api.Review) -> api.Decision:
        asked.append(review)
        return api.Decision(yes, "a program")

    with pytest.raises(AwaitingApproval):
        await api.shoot(boards.board, sandbox=True)
    shot: Any = api.shoot(boards.board, sandbox=True, approver=approver)
    if yes:
        assert (await shot).film is not None
    else:
        with pytest.raises(AwaitingApproval):
            await shot

    assert 1 == len(asked)
    assert len(boards.posts()) == (3 if yes else 1)


@pytest.mark.parametrize("budget", ["5", True])
async def test_what_is_no_budget_is_told(boards: Desk, budget: Any):
    """
    A text or a truth value is no number of dollars.
    """
    with pytest.raises(SettingsError, match="budget is"):
        await api.shoot(boards.board, sandbox=True, budget=budget)


async def test_one_name_is_one_name(boards: Desk):
    """
    And not as many scenes as it has letters.
    """
    with pytest.raises(SettingsError, match="--only nowhere"):
        await api.plan(boards.board, sandbox=True, only="nowhere")


async def test_one_variant_is_shot_alone_and_several_are_not_taken_for_one(boards: Desk):
    """
    Whoever wants one film of several says which.
    """
    board = boards.folder / "varied.yaml"
    with pytest.raises(SettingsError, match=r"is several films, and one is wanted here: say which .*\(lisbon, porto\)"):
        await api.shoot(board, sandbox=True)
    assert "porto" == api.load(board, variant="porto").variant
    result = await api.shoot(board, sandbox=True, variant="porto")

    assert "varied-porto.sandbox.mp4" == (result.film.path.name if result.film else "")
    assert 1 == len(boards.posts())
    assert 0 == (await api.plan(board, sandbox=True, variant="porto")).totals.buy
    assert ["porto:tram/video"] == [take.step for take in (await api.takes(board, sandbox=True, variant="porto")).takes]
