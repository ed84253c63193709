"""
What is wrong with a clip is seen when it comes, told, and with `review: on-fault` nothing is bought on it before a person has looked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from storyreel.catalog import load_catalog
from storyreel.cli.order import Order
from storyreel.cli.shooting import GoOn
from storyreel.delivery.clip_marks import inspection_parts
from storyreel.errors import AwaitingApproval, NotApproved, SequenceFailed
from storyreel.planning.steps import within
from storyreel.production.approval.gate import pass_gate
from storyreel.production.approval.review import Review
from storyreel.production.approval.status import GateState, approve, gate_of
from storyreel.production.approval.stills import Decision
from storyreel.production.open import open_session
from storyreel.production.outlook import forecast
from storyreel.production.prepare import prepare
from storyreel.production.read_plan import read_plan
from storyreel.production.run import RunResult, run
from storyreel.production.takes_data import takes_data
from storyreel.vault import Vault, open_vault
from tests.desk import Desk

HEAD = 'defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}\n'
CHAIN = """scenes:
  - id: coast
    prompt: "[[sandbox: FAULT x1]] A lighthouse."
    then: [{extend: "The lamp flares.", duration: 2}]
"""
ON_FAULT = f"review: on-fault\n{HEAD}{CHAIN}"

Approve = Decision(True, "Ana")


async def shot(desk: Desk, name: str = "one", *, says: Decision | None = None, **wishes: Any) -> RunResult:
    """Shoot the desk's board; `says` is what the person at the terminal says, if anybody is there."""

    async def person(_: Review) -> Decision:
        assert says is not None
        return says

    async with open_session(prepare(str(desk.board), **wishes), run=name, sandbox=True) as session:
        return await run(session, approval=lambda ends: pass_gate(session, ends, person if says else None))


def vault_of(desk: Desk) -> Vault:
    return open_vault(str(desk.folder / "vault"), cache=desk.folder / "cache")


async def marks(desk: Desk) -> dict[str, str]:
    """Return the marks of each step's newest take, as `takes` tells them."""
    data = await takes_data(read_plan(desk.board, load_catalog())[1], vault_of(desk), "sandbox")
    return {take.step: " ".join(map(str, take.marks)) for take in data.takes}


async def gate(desk: Desk) -> GateState | None:
    """Return how the gate stands, for somebody who sends nothing."""
    plan = read_plan(desk.board, load_catalog())[1]
    outlook = await forecast(plan, vault_of(desk), "sandbox", allowed=within(plan, ()))
    return await gate_of(plan, vault_of(desk), "sandbox", outlook, allowed=within(plan, ()))


@pytest.mark.parametrize(
    ("fault", "mark"),
    [pytest.param("black", "black@0-2"), pytest.param("frozen", "frozen@0-2"), pytest.param("silent", "silent@0-2")],
)
@pytest.mark.some(1)
async def test_nothing_is_bought_on_a_clip_that_is_wrong(fault: str, mark: str, desk: Desk):
    """
    Black, frozen, silent: marked; the extension behind it is not sent, the run ends with 8 and a rough cut, and says what was kept.
    """
    desk.write(ON_FAULT.replace("FAULT", fault))
    with pytest.raises(AwaitingApproval) as caught:
        await shot(desk)

    assert 8 == caught.value.exit_code
    assert "$0.20 was not spent on what follows" in str(caught.value)
    assert 1 == len(desk.posts())
    assert {"coast/video": mark} == await marks(desk)
    assert (desk.folder / "out" / "small" / "small.rough.sandbox.mp4").is_file()


async def test_an_approval_lets_the_run_go_on_and_holds(desk: Desk):
    """
    At the terminal it goes on at once; the next run asks for the same clip no more.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    result = await shot(desk, says=Approve)
    desk.change("The lamp flares.", "The lamp goes out.")
    again = await shot(desk, "two")

    assert (1, 1) == (len(result.films), len(again.films))
    assert 3 == len(desk.posts())


async def test_what_is_made_anew_is_looked_at_anew(desk: Desk):
    """
    A redo that is good needs no word of anybody.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    with pytest.raises(AwaitingApproval):
        await shot(desk)
    result = await shot(desk, "two", redo=["coast/video"])

    assert 1 == len(result.films)
    assert {"coast/video": "", "coast/extend-1": ""} == await marks(desk)


async def test_a_no_ends_the_run(desk: Desk):
    """
    Nothing that follows is sent; the next run asks again.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    with pytest.raises(NotApproved, match="--redo coast/video"):
        await shot(desk, says=Decision(False, "Ana"))
    with pytest.raises(AwaitingApproval):
        await shot(desk, "two")

    assert 1 == len(desk.posts())


async def test_a_marked_clip_on_which_nothing_is_built_stops_nothing(desk: Desk):
    """
    Its mark is told, and the film is cut.
    """
    desk.write(f'review: on-fault\n{HEAD}scenes: [{{id: coast, prompt: "[[sandbox: black]] A lighthouse."}}]')
    result = await shot(desk)

    assert 1 == len(result.films)
    assert {"coast/video": "black@0-2"} == await marks(desk)


async def test_without_the_gate_a_mark_is_a_remark(desk: Desk):
    """
    Money is a person's matter: nobody has asked to be asked.
    """
    desk.write(f"{HEAD}{CHAIN.replace('FAULT', 'black')}")

    assert 1 == len((await shot(desk)).films)
    assert {"coast/video": "black@0-2", "coast/extend-1": ""} == await marks(desk)


async def test_a_pin_is_a_persons_word(desk: Desk):
    """
    Who pins a take has looked at it.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    with pytest.raises(AwaitingApproval):
        await shot(desk)
    state = await gate(desk)
    assert state is not None
    assert state.review is not None
    desk.change("    then:", f"    pin: {state.review.looks[0].request_id}\n    then:")

    assert 1 == len((await shot(desk, "two")).films)
    assert await gate(desk) is None


async def test_other_scenes_go_on_and_what_failed_beside_is_told_too(desk: Desk):
    """
    One scene waits, one fails, one is made: the run says both, with the graver code.
    """
    other = '  - {id: door, prompt: "A door. [[sandbox: failed internal_error]]"}\n  - {id: gate, prompt: "A gate."}\n'
    desk.write(ON_FAULT.replace("FAULT", "black") + other)
    with pytest.raises(SequenceFailed) as caught:
        await shot(desk)

    assert 8 == caught.value.exit_code
    assert "door/video: failed" in str(caught.value)
    assert "was not spent on what follows" in str(caught.value)
    assert 3 == len(desk.posts())


async def test_a_still_that_is_wrong_holds_its_video(desk: Desk):
    """
    A black still costs two cents; the clip that would begin with it is not bought. Among the stills before the videos it was looked at.
    """
    still = 'scenes: [{id: door, image: {prompt: "[[sandbox: black x1]] A door."}, prompt: "It opens."}]'
    desk.write(f"review: on-fault\n{HEAD}{still}")
    with pytest.raises(AwaitingApproval, match=r"door/still \(black\)"):
        await shot(desk)
    desk.change("review: on-fault", "review: [on-fault, before-video]")
    with pytest.raises(AwaitingApproval, match="1 still made and not yet approved"):
        await shot(desk, "two")
    result = await shot(desk, "three", says=Approve)

    assert 1 == len(result.films)
    assert 2 == len(desk.posts())


def of_one_frame(inspection: Path) -> None:
    """Damage measurements so that they can still be read: those of one frame are left, in one way, and it is bright."""
    inspection.write_text(json.dumps(json.loads(inspection.read_text()) | {"brightest": [200]}))


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_text("no"), of_one_frame],
    ids=["missing", "damaged", "damaged-and-readable"],
)
@pytest.mark.some(1)
async def test_what_was_not_looked_at_is_looked_at_before_it_is_built_on(spoil: Any, desk: Desk):
    """
    A clip of before, or one whose measurements are gone, has no marks for who only reads; a run that would buy on it looks.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    with pytest.raises(AwaitingApproval):
        await shot(desk)
    (there,) = (desk.folder / "vault" / "derived" / inspection_parts("")[0]).iterdir()
    spoil(there)

    assert {"coast/video": ""} == await marks(desk)
    assert await gate(desk) is None
    with pytest.raises(AwaitingApproval):
        await shot(desk, "two")
    assert {"coast/video": "black@0-2"} == await marks(desk)


async def test_what_cannot_be_looked_at_is_not_built_on(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """
    A disk that is full for a moment frees nothing: the run waits for a person as for one with a mark, whose word counts.
    """
    desk.write(ON_FAULT.replace("FAULT x1", "slow 0"))
    monkeypatch.setattr("storyreel.media.quality.inspect.run_ffmpeg", AsyncMock(side_effect=OSError("full")))
    with pytest.raises(AwaitingApproval, match="it could not be looked at"):
        await shot(desk)

    assert 1 == len(desk.posts())
    assert 1 == len((await shot(desk, "two", says=Approve)).films)


async def test_it_is_approved_from_outside(desk: Desk):
    """
    What waits is known from the vault alone, with its price; approved there, the next run goes on.
    """
    desk.write(ON_FAULT.replace("FAULT", "black"))
    with pytest.raises(AwaitingApproval):
        await shot(desk)
    state = await gate(desk)
    assert state is not None
    assert state.review is not None
    plan = read_plan(desk.board, load_catalog())[1]
    await approve(plan, vault_of(desk), state.review, Approve, "command")

    assert ("1 marked take", 1, "black from 0 to 2 s") == (
        state.review.what,
        state.review.requests,
        state.review.looks[0].marks,
    )
    assert await gate(desk) is None
    assert 1 == len((await shot(desk, "two")).films)


@pytest.mark.long
async def test_a_held_extension_that_is_made_again_is_so_by_the_command_that_goes_on(desk: Desk):
    """
    Nothing was made again yet when the run waits, so the line that shoots on says it; what was made again before is not in it.
    """
    desk.write(f"{HEAD}{CHAIN.replace('FAULT x1', 'black')}")
    await shot(desk)
    desk.write(ON_FAULT.replace("FAULT x1", "black"))
    lines = []

    async def person(review: Review) -> Decision:
        lines.append(GoOn(Order(Path("small.yaml"), (), redo, None, None, None, True), [ready])(review))
        return Decision(False, "Ana")

    for redo in (["coast/extend-1"], ["coast/video", "coast/extend-1"]):
        ready = prepare(str(desk.board), redo=redo)
        async with open_session(ready, run=" ".join(redo), sandbox=True) as session:
            with pytest.raises(NotApproved):
                await run(session, approval=lambda ends, at=session: pass_gate(at, ends, person))

    assert ["storyreel shoot small.yaml --redo coast/extend-1 --sandbox"] * 2 == lines


async def test_a_film_that_is_bought_again_waits_for_its_own_clip(desk: Desk):
    """
    Each of the two films has a black clip: both are asked about at once, by their own steps, and one yes lets both go on.
    """
    desk.write(ON_FAULT.replace("FAULT x1", "black") + 'deliver: {tall: {aspect_ratio: "9:16", regenerate: true}}\n')
    with pytest.raises(
        AwaitingApproval, match=r"2 marked takes .*coast/video .*, tall:coast/video .*; \$0\.40 was not spent"
    ):
        await shot(desk)
    sent = len(desk.posts())
    result = await shot(desk, "two", says=Approve)

    assert ["", "tall"] == [film.delivery for film in result.films]
    assert (2, 4) == (sent, len(desk.posts()))


async def test_what_is_approved_for_one_variant_is_so_for_all_that_show_it(desk: Desk):
    """
    Two variants have their first clip in common: a person looks at it once.
    """
    words = 'vars: {end: "The lamp flares."}\nvariants: {blue: {vars: {end: "The lamp goes out."}}, red: {}}\n'
    desk.write(words + ON_FAULT.replace("FAULT x1", "black").replace('"The lamp flares."', '"{{ end }}"'))
    first = await shot(desk, says=Approve, variant=["blue"])
    second = await shot(desk, "two", variant=["red"])

    assert (1, 1) == (len(first.films), len(second.films))
    assert 3 == len(desk.posts())
