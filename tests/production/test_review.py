"""
What `review` holds back, what exactly is approved, and what is said before and after.
"""

import json
from dataclasses import replace

import pytest

from storyreel.catalog import load_catalog
from storyreel.errors import AwaitingApproval, NotApproved
from storyreel.model.plan import Plan
from storyreel.model.recipe import Clip
from storyreel.planning.steps import within
from storyreel.production.approval.gate import ask, at_gate, held_back, settle
from storyreel.production.approval.review import Review, behind, review_of, to_look_at
from storyreel.production.approval.status import GateState, approve, as_form, files, gate_of, sheet
from storyreel.production.approval.stills import Decision
from storyreel.production.collect import collect
from storyreel.production.open import open_session
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.production.read_plan import read_plan
from storyreel.production.recall import recall
from storyreel.production.session import Session
from storyreel.vault import open_vault
from tests.desk import Desk
from tests.production.patiently import buy

BOARD = """
review: before-video
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
cast:
  fox: {description: a fox, references: [{prompt: "A fox, plain background."}]}
scenes:
  - id: coast
    prompt: "A lighthouse at dusk."
    then: [{extend: "The lamp flares.", duration: 2}]
  - id: door
    image: {prompt: "An iron door and {{ ref.fox }}.", references: [fox]}
    prompt: "The door opens."
  - id: gate
    image: {prompt: "A garden gate."}
    prompt: "The gate opens."
"""
STILLS = ("fox/still-1", "door/still", "gate/still")


@pytest.fixture
def board(desk: Desk) -> Desk:
    """Return a desk whose board has three stills, one of them made from another."""
    desk.write(BOARD)
    return desk


def planned(desk: Desk, text: str = BOARD, only: tuple[str, ...] = ()) -> Plan:
    desk.write(text)
    return read_plan(desk.board, load_catalog(), only)[1]


def clips(plan: Plan, **others: str) -> dict[str, Clip]:
    """Return a clip for each step, as if all were made; `others` names the takes of some scenes."""
    return {s.id: Clip(request_id=others.get(s.scene, s.id), sha256="ab" * 32, frames=1) for s in plan.steps}


def reviewed(plan: Plan, **others: str) -> Review:
    (gate,) = plan.board.review
    review = review_of(plan, "sandbox", clips(plan, **others), within(plan, ()), gate)
    assert review is not None
    return review


def test_everything_but_the_stills_waits(board: Desk):
    """
    Stills that are made from stills come before the gate; video from words waits with the rest.
    """
    plan = planned(board)

    assert {"coast/video", "coast/extend-1", "door/video", "gate/video"} == behind(plan)
    assert set(STILLS) == set(to_look_at(plan, within(plan, ())))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BOARD.replace("review: before-video", ""), id="no-review"),
        pytest.param(BOARD.replace("before-video", "before-final"), id="before-final"),
        pytest.param("review: before-video\nscenes: [{id: a, prompt: The sea.}]", id="no-stills"),
    ],
)
def test_nothing_waits_where_there_is_nothing_to_look_at_before_the_video(board: Desk, text: str):
    """
    Without a review, with one before the cut alone, and without any still, all steps may begin at once.
    """
    assert frozenset() == behind(planned(board, text))


def test_a_review_is_no_part_of_a_request(board: Desk):
    """
    With and without a review the same requests are made: nothing is bought again for it.
    """
    plain = planned(board, BOARD.replace("review: before-video", ""))

    assert plain.steps == planned(board).steps


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        pytest.param("- id: gate", "- id: garden", True, id="renamed"),
        pytest.param("The gate opens.", "The gate closes.", True, id="what-follows"),
        pytest.param('  - id: gate\n    image: {prompt: "A garden gate."}\n', "  - id: gate\n", False, id="one-less"),
        pytest.param("before-video", "before-final", False, id="another-gate"),
    ],
)
def test_what_is_approved_is_the_pictures(board: Desk, old: str, new: str, same: bool):
    """
    A name and what follows are no part of it; a picture less, and another gate, are another question.
    """
    names = {"gate": "take", "garden": "take"}
    before = reviewed(planned(board), **names)
    after = reviewed(planned(board, BOARD.replace(old, new)), **names)

    assert same is (before.identity == after.identity)


def test_another_picture_and_another_service_are_another_question(board: Desk):
    """
    One still made again is asked for again; a rehearsal's approval is none for the real pictures.
    """
    plan = planned(board)
    review = reviewed(plan)

    assert review.identity == reviewed(plan).identity
    assert review.identity != reviewed(plan, door="another").identity
    assert review.identity != replace(review, service="xai").identity


def test_before_the_final_cut_the_film_is_looked_at(board: Desk):
    """
    The clips that the film shows are approved in its order: another order is another film.
    """
    text = BOARD.replace("before-video", "before-final")
    review = reviewed(planned(board, text))
    turned = reviewed(planned(board, text + "cut: {order: [gate, coast, door]}"))

    assert ["coast/extend-1", "door/video", "gate/video"] == [look.step for look in review.looks]
    assert review.identity != turned.identity


def test_only_asks_for_the_stills_of_its_scenes(board: Desk):
    """
    Nothing follows the still of a scene that may not be bought, so nobody is asked about it.
    """
    plan = planned(board)

    assert ("gate/still",) == to_look_at(plan, within(plan, ["gate"]))
    assert () == to_look_at(plan, within(plan, ["coast"]))


# --- in a run ------------------------------------------------------------------------------------------------------


async def stills(session: Session) -> dict[str, Clip | BaseException]:
    """Make what comes before the gate, as the flow does."""
    made: dict[str, Clip | BaseException] = {}
    for step in session.plan.steps:
        if step.id not in behind(session.plan):
            sources = [clip for need in step.needs if isinstance(clip := made[need], Clip)]
            slate = await recall(session, step, sources) or await buy(session, step.scene, step.name, sources)
            made[step.id] = await collect(session, step.id, slate)
    return made


async def seen(desk: Desk) -> tuple[Plan, GateState | None]:
    """Look at the desk's board as `plan` and `approve` do."""
    plan = read_plan(desk.board, load_catalog())[1]
    vault = open_vault(str(desk.folder / "vault"), cache=desk.folder / "cache")
    allowed = within(plan, ())
    outlook = await forecast(plan, vault, "sandbox", allowed=allowed)
    return plan, await gate_of(plan, vault, "sandbox", outlook, allowed=allowed)


async def test_an_approval_holds_for_every_later_run_until_a_picture_changes(board: Desk):
    """
    A fresh run does not ask again for the same stills; with one prompt changed it does.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends = await stills(session)
        review = await at_gate(session, ends)
        assert review is not None
        await settle(session, ends, review, Decision(True, "Ana"), "terminal")
    async with open_session(prepare(str(board.board)), run="two", sandbox=True) as session:
        again = await at_gate(session, await stills(session))
    board.change("A garden gate.", "A garden gate in snow.")
    async with open_session(prepare(str(board.board)), run="three", sandbox=True) as session:
        changed = await at_gate(session, await stills(session))

    assert ("3 stills", 4) == (review.what, review.requests)
    assert again is None
    assert changed is not None
    assert 4 == len(board.posts())


async def test_where_nobody_is_there_the_run_ends_with_the_command(board: Desk):
    """
    Without anybody to ask, the message says what waits and how it is approved, on one line; the run has its summary.
    """
    async with open_session(prepare(str(board.board), only=["gate"]), run="one", sandbox=True) as session:
        ends = {"gate/still": await collect(session, "gate/still", await buy(session, "gate", "still", []))}
        review = await at_gate(session, ends)
        assert review is not None
        with pytest.raises(AwaitingApproval) as caught:
            await ask(session, ends, review, None)

    assert 8 == caught.value.exit_code
    assert "\n" not in str(caught.value)
    assert f"storyreel approve {board.board} --only gate --vault {board.folder / 'vault'} --sandbox" in str(
        caught.value
    )
    assert (board.folder / "vault" / "runs" / "one" / "0.json").exists()


async def test_a_no_is_told_with_what_to_do_and_approves_nothing(board: Desk):
    """
    The person at the door is asked; a no ends the run, and the next one asks again.
    """

    async def nobody_likes_it(review: Review) -> Decision:
        return Decision(False, "Ana", "too dark")

    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends = await stills(session)
        review = await at_gate(session, ends)
        assert review is not None
        with pytest.raises(NotApproved, match=r"3 stills not approved \(too dark\).*--redo fox/still-1"):
            await settle(session, ends, review, await ask(session, ends, review, nobody_likes_it), "terminal")
        still_asked = await at_gate(session, ends)
    (summary,) = (board.folder / "vault" / "runs" / "one").glob("*.json")

    assert review == still_asked
    assert "too dark" in json.loads(summary.read_text())["told"]["review"]


async def test_a_still_that_is_missing_holds_everything_back(board: Desk):
    """
    Where a still has no clip the gate is not reached, whatever the reason.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends: dict[str, Clip | BaseException] = {**clips(session.plan), "door/still": RuntimeError("no")}
        held = held_back(session, ends)

        assert await at_gate(session, ends) is None
        assert behind(session.plan) == held.keys()
        assert "door/still has no clip" in str(held["coast/video"])
        assert {} == held_back(session, clips(session.plan))


async def test_what_waits_can_be_seen_from_outside(board: Desk):
    """
    First it says what is missing, then what it shows with files and prices, then who approved it.
    """
    _, empty = await seen(board)
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        await stills(session)
    plan, waiting = await seen(board)
    vault = open_vault(str(board.folder / "vault"), cache=board.folder / "cache")
    assert empty is not None
    assert waiting is not None
    assert waiting.review is not None
    shown = await files(plan, vault, waiting.review)
    await sheet(shown, board.folder / "out" / "sheet.png")
    await approve(plan, vault, waiting.review, Decision(True, "Ana"), "command")
    _, standing = await seen(board)
    assert standing is not None

    assert set(STILLS) == {said.step.id for said in empty.missing}
    assert waiting.approval is None
    assert all(path.exists() for _, path in shown)
    about, where, looks, how = as_form(waiting.review, "http://films.example/small/sheet.png").split("\n\n")
    assert "3 stills to approve, $0.062 so far. With your approval: 4 requests for about $0.504." == about
    assert "[All of them on one page](http://films.example/small/sheet.png)" == where
    assert looks.startswith("- **fox/still-1** (still-")
    assert "Left off, *Resume* says no: the run ends here, and nothing that follows is sent." in how
    assert "All of them on one page: `/out/sheet.png`" in as_form(waiting.review, "/out/sheet.png")
    assert (board.folder / "out" / "sheet.png").exists()
    assert standing.approval is not None
    assert "Ana" == standing.approval.by
