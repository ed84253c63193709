"""
Approving and rejecting one still at a time: what opens the gate, what closes it, and what is never bought.
"""

import pytest

from storyreel.errors import NotApproved, SequenceFailed, SettingsError
from storyreel.model.recipe import Clip
from storyreel.production.approval.gate import at_gate, pass_gate, settle
from storyreel.production.approval.named import StillsAsked
from storyreel.production.approval.review import Look, Review, behind
from storyreel.production.approval.status import approve, awaits, goes_on
from storyreel.production.approval.stills import Decision, as_set, decide, with_all_words
from storyreel.production.open import open_session
from storyreel.production.prepare import prepare
from storyreel.production.run import run
from storyreel.production.session import Session
from storyreel.production.summary import Ends, raise_for
from tests.desk import Desk

BOARD = """
review: before-video
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - {id: door, image: {prompt: "An iron door."}, prompt: "The door opens."}
  - {id: gate, image: {prompt: "A garden gate."}, prompt: "The gate opens."}
"""
ANA, BEN = Decision(True, "Ana"), Decision(False, "Ben", "too dark")


@pytest.fixture
def board(desk: Desk) -> Desk:
    """Return a desk whose board has two stills."""
    desk.write(BOARD)
    return desk


def made(session: Session, **takes: str) -> Ends:
    """Return the ends of steps that are all made; `takes` names the takes of some scenes."""
    return {
        step.id: Clip(request_id=takes.get(step.scene, step.id), sha256="ab" * 32, frames=1)
        for step in session.plan.steps
    }


async def waiting(session: Session, ends: Ends) -> Review:
    """Return what waits at the gate, which is closed."""
    review = await at_gate(session, ends)
    assert review is not None
    return review


async def said(session: Session, look: Look, decision: Decision) -> None:
    await decide(session.vault, session.service, "before-video", look, decision, "command")


async def test_a_set_is_approved_when_each_of_its_stills_is(board: Desk):
    """
    One by one, by whoever comes; until the last one the gate is closed and says how many wait.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends = made(session)
        first = await waiting(session, ends)
        await said(session, first.looks[0], ANA)
        second = await waiting(session, ends)
        await said(session, second.waits[0], ANA)
        opened = await at_gate(session, ends)

    assert ("2 stills", "1 of 2 stills") == (first.what, second.what)
    assert first.identity == second.identity
    assert opened is None


async def test_of_a_set_in_which_one_was_made_again_that_one_alone_is_asked_about(board: Desk):
    """
    The approval of all has a record for each still; what is new needs a word of its own.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        review = await waiting(session, made(session))
        await settle(session, made(session), review, ANA, "prefect")
        again = await waiting(session, made(session, gate="another"))

    assert "1 of 2 stills" == again.what
    assert ["gate/still"] == [look.step for look in again.waits]


@pytest.mark.parametrize("before", ["nothing", "each-still", "the-set-by-a-former-version"])
async def test_a_still_that_is_rejected_closes_the_gate_whatever_was_said_before(board: Desk, before: str):
    """
    The run ends with the still, who rejected it, and the line that makes it again; approved after all, it is open.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends = made(session)
        review = await waiting(session, ends)
        if before == "each-still":
            await approve(session.plan, session.vault, review, ANA, "terminal")
        elif before == "the-set-by-a-former-version":
            await session.vault.approvals.approve(as_set(review, ANA, "terminal"))
        await said(session, review.looks[1], BEN)
        with pytest.raises(
            NotApproved, match=r"1 of 2 stills is rejected.* gate/still \(rejected by Ben \(too dark\)"
        ) as no:
            await at_gate(session, ends)
        replaced = await at_gate(session, made(session, gate="another"))
        seen = (await with_all_words(session.vault, review)).looks
        for look in seen:
            await said(session, look, ANA)
        after = await at_gate(session, ends)

    assert f"storyreel shoot {board.board} --redo gate/still" in str(no.value)
    assert 8 == no.value.exit_code
    assert replaced is not None
    assert after is None


async def test_a_yes_to_all_does_not_lift_a_rejection(board: Desk):
    """
    Whoever answers a form that was drawn before approves the rest of it, and the run ends.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        ends = made(session)
        form = await waiting(session, ends)
        await said(session, form.looks[1], BEN)
        with pytest.raises(NotApproved, match="gate/still"):
            await settle(session, ends, form, ANA, "prefect")
        door, gate = (await with_all_words(session.vault, form)).looks
        whole = await session.vault.approvals.of("sandbox", "before-video", form.identity)

    assert door.is_approved
    assert gate.is_rejected
    assert whole is None


async def test_nothing_is_bought_on_a_still_that_is_rejected_once_the_gate_is_open(board: Desk):
    """
    The word comes while others are made: its own video is not sent, and the others' are.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:

        async def yes(_: Review) -> Decision:
            return ANA

        async def meanwhile(ends: Ends) -> None:
            review = await waiting(session, ends)
            await pass_gate(session, ends, yes)
            await said(session, review.looks[1], BEN)

        result = await run(session, approval=meanwhile)
        with pytest.raises(SequenceFailed, match=r"gate/video was not sent: gate/still \(rejected by Ben") as failed:
            raise_for(result.plan, result.ends)

    assert 8 == failed.value.exit_code
    assert 1 == [post["path"] for post in board.posts()].count("/v1/videos/generations")


async def test_nothing_is_bought_on_a_still_that_is_rejected_while_its_video_waits_for_its_turn(board: Desk):
    """
    The word comes after all else was ready and before the claim.
    """
    shown: list[Review] = []

    async def before_claim(_: str) -> None:
        if shown and not shown[0].looks[1].words:
            await said(session, shown[0].looks[1], BEN)

    async def meanwhile(ends: Ends) -> None:
        shown.append(await waiting(session, ends))
        await pass_gate(session, ends, yes)

    async def yes(_: Review) -> Decision:
        return ANA

    async with open_session(prepare(str(board.board)), run="one", sandbox=True, before_claim=before_claim) as session:
        result = await run(session, approval=meanwhile)
        with pytest.raises(SequenceFailed, match=r"gate/video was not sent: gate/still \(rejected by Ben"):
            raise_for(result.plan, result.ends)

    assert 1 == [post["path"] for post in board.posts()].count("/v1/videos/generations")


async def test_a_person_names_stills_by_their_steps_or_exactly_by_their_ids(board: Desk):
    """
    With the last approval the set has its record too; a name that means nothing there is told with what there is.
    """
    async with open_session(prepare(str(board.board)), run="one", sandbox=True) as session:
        asked = StillsAsked(session.plan, session.vault, session.service, session.allowed)
        empty = await asked.state()
        flags = ("--still", "--reject")
        with pytest.raises(SettingsError, match="--still door: that still is not made yet"):
            asked.meant(empty, ["door"], [], flags=flags)

        async def nobody(_: Ends) -> None:
            raise NotApproved("later")

        with pytest.raises(NotApproved, match="later"):
            await run(session, approval=nobody)
        state = await asked.state()
        by_id = str(state.stills[1].request_id)
        good, bad = asked.meant(state, ["door"], [by_id], flags=flags)
        first = await asked.decide(good, bad, by="Ana", door="page")
        good, bad = asked.meant(first.state, ["gate/still"], [], flags=flags)
        second = await asked.decide(good, bad, by="Ana", door="page")
        for approve, reject, problem in (
            (["dor"], [], "--still dor: no still .*did you mean 'door'"),
            (["door"], ["door/still"], "--still and --reject door/still: say one"),
            ([by_id.replace("-1", "-7")], [], f"that is no still that is there now.*gate/still is {by_id}"),
        ):
            with pytest.raises(SettingsError, match=problem):
                asked.meant(state, approve, reject, flags=flags)

    assert first.state.review is not None
    assert "1 of 2 stills rejected (gate/still), so nothing that follows is sent" == awaits(first.state.review)
    assert f"storyreel shoot {board.board} --redo gate/still --sandbox" in goes_on(session.plan, first.state.review, "")
    assert behind(session.plan) == {"door/video", "gate/video"}
    assert [["door/still"], ["gate/still"]] == [
        [each.step for each in looks] for looks in (first.approved, first.rejected)
    ]
    assert first.state.approval is None
    assert second.state.approval is not None
    assert second.state.review is not None
    assert await session.vault.approvals.of("sandbox", "before-video", second.state.review.identity) is not None
