"""
The gate: a deployed run suspends itself until a person approves, and goes on from where it was, paying nothing twice.
"""

import asyncio
import inspect
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import arun_deployment
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry
from pydantic import ValidationError
from rich.console import Console

from storyreel.cli.approve import approve_board
from storyreel.errors import AwaitingApproval, SequenceFailed
from tests.desk import WAITING, Desk

pytestmark = [pytest.mark.prefect, pytest.mark.filterwarnings("ignore")]

STILLS = ["/v1/images/generations"]
ALL = [*STILLS, *["/v1/videos/generations"] * 2]
CLIPS = ["/v1/videos/generations"] * 2
MARKED = """
review: on-fault
defaults: {duration: 2, resolution: 480p, aspect_ratio: "1:1"}
vars: {light: A red light.}
variants: {blue: {vars: {light: "[[sandbox: black]] A blue light."}}, red: {}}
scenes:
  - id: coast
    prompt: "{{ light }}"
    then: [{extend: "It flares.", duration: 2}]
"""
"""Two variants, of which one has a clip that is black."""
FLOW = "flows/sequence.py:sequence"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def board(desk: Desk) -> Desk:
    """Return a desk whose board stops after its still."""
    desk.write(WAITING)
    return desk


async def ordered(sequence: Any, desk: Desk, **parameters: Any) -> FlowRun:
    """Return a new run of a deployment of the flow, as a schedule or the page makes one."""
    async with get_client() as client:
        flow_id = await client.create_flow(sequence)
        deployment = await client.create_deployment(
            flow_id=flow_id, name="approval", entrypoint=FLOW, path=str(ROOT), pull_steps=None
        )
        wishes = {"storyboard": str(desk.board), "sandbox": True, **parameters}
        return await client.create_flow_run_from_deployment(deployment, parameters=wishes)


async def begun(sequence: Any, run_id: UUID) -> Any:
    """Have a run begin (again) in this process, and return its state when that is over."""
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        if not run.state.is_scheduled():
            # What the button Retry does.
            await client.set_flow_run_state(run_id, AwaitingRetry(), force=True)
            run = await client.read_flow_run(run_id)
        try:
            await run_flow_async(sequence, flow_run=run, parameters=run.parameters, return_type="state")
        except BaseException as suspended:
            if type(suspended).__name__ != "Pause":
                raise
        return (await client.read_flow_run(run_id)).state


async def resumed(server: str, run_id: UUID, **form: Any) -> str:
    """Press Resume as the page does, and return what it is told."""
    async with httpx.AsyncClient() as page:
        for _ in range(9):
            answer = await page.post(f"{server}/flow_runs/{run_id}/resume", json={"run_input": form})
            if answer.status_code < 500:
                break
            # The server's database was busy: a person presses again.
            await asyncio.sleep(0.5)
        return str(answer.json()["status"])


async def set_of(desk: Desk, only: Sequence[str] = ()) -> str:
    """Return how the set is called that waits, as `approve` prints it where nobody can be asked."""
    with pytest.raises(AwaitingApproval) as caught:
        await asyncio.to_thread(approve_board, desk.board, only, None, None, True, Console(file=io.StringIO()))
    return str(caught.value).rpartition("--as ")[2]


def paths(desk: Desk) -> list[str]:
    return sorted(post["path"] for post in desk.posts())


def summaries(desk: Desk, run_id: UUID) -> list[str]:
    """Return the summaries that a run has reached, by number."""
    return sorted(path.stem for path in (desk.folder / "vault" / "runs" / str(run_id)).glob("*.json"))


@pytest.mark.long
async def test_a_deployed_run_waits_without_a_process_and_goes_on_when_it_is_approved(
    board: Desk, sequence: Any, prefect_server: str
):
    """
    Its process ends after the still, an empty form is refused, and with a yes the run makes the rest, once.
    """
    run = await ordered(sequence, board)
    worker = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "prefect.engine"],
        env={**os.environ, "PREFECT_API_URL": prefect_server, "PREFECT__FLOW_RUN_ID": str(run.id)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    async with get_client() as client:
        waiting = (await client.read_flow_run(run.id)).state
    before = paths(board), summaries(board, run.id)
    unsaid = await resumed(prefect_server, run.id)
    said = await resumed(prefect_server, run.id, approve=True, by="Ana")
    ended = await begun(sequence, run.id)
    (kept,) = (json.loads(path.read_text()) for path in (board.folder / "vault" / "sandbox" / "approvals").iterdir())

    assert 0 == worker.returncode, worker.stderr
    assert waiting is not None
    assert "Suspended" == waiting.name
    assert (STILLS, []) == before
    assert ("REJECT", "ACCEPT") == (unsaid, said)
    assert ended.is_completed()
    assert ALL == paths(board)
    assert board.film.exists()
    assert ["0"] == summaries(board, run.id)
    assert ("Ana", "prefect", "before-video") == (kept["by"], kept["door"], kept["gate"])
    assert 1 == len(list(board.film.parent.glob("small.sandbox.review-*.png")))


@pytest.mark.long
async def test_a_refusal_fails_the_run_and_a_retry_asks_anew(
    board: Desk, sequence: Any, prefect_server: str, monkeypatch: pytest.MonkeyPatch
):
    """
    A no with a note ends the run with what to do; retried, it waits again, and `approve` resumes it by itself.
    """
    run = await ordered(sequence, board, only=["door"])
    await begun(sequence, run.id)
    await resumed(prefect_server, run.id, approve=False, note="the door is green")
    refused = await begun(sequence, run.id)
    again = await begun(sequence, run.id)
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    console = Console(file=io.StringIO(), width=200)
    shown = await set_of(board, only=["door"])
    await asyncio.to_thread(approve_board, board.board, ["door"], None, None, True, console, shown=shown)
    ended = await begun(sequence, run.id)

    assert refused.is_failed()
    assert "1 still not approved (the door is green)" in refused.message
    assert "--redo door/still" in refused.message
    assert "Suspended" == again.name
    assert f"resumed: run small ({run.id})" in console.file.getvalue()  # type: ignore[attr-defined]
    assert ended.is_completed()
    assert ["/v1/images/generations", "/v1/videos/generations"] == paths(board)
    assert ["0", "1"] == summaries(board, run.id)


@pytest.mark.long
async def test_a_run_that_waited_in_vain_asks_anew_when_it_is_retried(
    board: Desk, sequence: Any, prefect_server: str, monkeypatch: pytest.MonkeyPatch
):
    """
    Resumed too late it fails, and nothing but the stills was bought; its Retry puts the question again.
    """
    monkeypatch.setitem(inspect.unwrap(sequence.fn).__globals__, "PATIENCE_S", 0.05)
    run = await ordered(sequence, board)
    await begun(sequence, run.id)
    await asyncio.sleep(0.05)
    await resumed(prefect_server, run.id, approve=True)
    async with get_client() as client:
        late = (await client.read_flow_run(run.id)).state
    again = await begun(sequence, run.id)

    assert late is not None
    assert late.is_failed()
    assert "Suspended" == again.name
    assert STILLS == paths(board)


@pytest.mark.long
async def test_a_run_inside_another_one_waits_for_nobody(board: Desk, sequence: Any, prefect_server: str):
    """
    Somebody waits for such a run already, so it ends at once, with the command that approves.
    """

    @flow
    async def night() -> UUID:
        run = await arun_deployment(
            "sequence/approval",
            parameters={"storyboard": str(board.board), "sandbox": True},
            timeout=0,
            as_subflow=True,
        )
        return run.id

    await ordered(sequence, board)
    ended = await begun(sequence, await night())

    assert ended.is_failed()
    assert f"storyreel approve {board.board} --vault {board.folder / 'vault'} --sandbox" in ended.message
    assert STILLS == paths(board)


@pytest.mark.long
async def test_of_several_variants_one_is_asked_about_when_the_others_are_at_their_ends(
    board: Desk, sequence: Any, prefect_server: str
):
    """
    In their order. A no to the first keeps the ask open until the second is at its end as well.
    """
    board.write(
        "vars: {door: A red door.}\nvariants: {blue: {vars: {door: A blue door.}}, red: {}}\n"
        + WAITING.replace('"An iron door."', '"{{ door }}"')
    )
    run = await ordered(sequence, board)
    first = await begun(sequence, run.id)
    stills = paths(board)
    await resumed(prefect_server, run.id, approve=False, note="too blue")
    second = await begun(sequence, run.id)
    between = summaries(board, run.id)
    await resumed(prefect_server, run.id, approve=True)
    ended = await begun(sequence, run.id)

    assert ["Suspended", "Suspended"] == [first.name, second.name]
    assert [*STILLS, *STILLS] == stills
    assert [] == between
    assert ended.is_failed()
    assert "1 of 2 variants is not made: blue; the other 1 is / blue: 1 still not approved (too blue)" in ended.message
    assert (board.folder / "out" / "small-red" / "small-red.sandbox.mp4").exists()
    assert ["0"] == summaries(board, run.id)


@pytest.mark.long
async def test_a_marked_clip_suspends_the_run_and_resume_builds_on_it(board: Desk, sequence: Any, prefect_server: str):
    """
    Of two variants the one whose clip is black is asked about, when all else is made; with a yes its extension is bought, and nothing twice.
    """
    board.write(MARKED)
    run = await ordered(sequence, board)
    waiting = await begun(sequence, run.id)
    before = paths(board), summaries(board, run.id)
    said = await resumed(prefect_server, run.id, approve=True, by="Ana")
    ended = await begun(sequence, run.id)
    (word,) = (json.loads(path.read_text()) for path in (board.folder / "vault" / "sandbox" / "approvals").iterdir())

    assert "Suspended" == waiting.name
    assert (["/v1/videos/extensions", *CLIPS], []) == before
    assert "ACCEPT" == said
    assert ended.is_completed()
    assert [*["/v1/videos/extensions"] * 2, *CLIPS] == paths(board)
    assert ["0"] == summaries(board, run.id)
    assert ("Ana", "prefect", "on-fault") == (word["by"], word["door"], word["gate"])
    for variant in ("blue", "red"):
        assert (board.folder / "out" / f"small-{variant}" / f"small-{variant}.sandbox.mp4").exists()


async def test_where_a_still_fails_nobody_is_asked(board: Desk, sequence: Any):
    """
    The usual summary comes: which still failed, what was not reached, and nothing behind the gate was sent.
    """
    board.change("An iron door.", "An iron door. [[sandbox: moderated]]")
    state = await sequence(storyboard=str(board.board), sandbox=True, return_state=True)
    with pytest.raises(SequenceFailed, match="1 of 3 steps failed, 2 not reached"):
        await state.result()

    assert STILLS == paths(board)


@pytest.mark.long
async def test_before_the_final_cut_everything_is_made_and_no_film_is(board: Desk, sequence: Any):
    """
    The clips are there and the film is not; once they are approved it is cut, and nothing is sent for that.
    """
    board.change("before-video", "before-final")
    waiting = await sequence(storyboard=str(board.board), sandbox=True, return_state=True)
    with pytest.raises(AwaitingApproval, match="2 clips made and not yet approved, so the film is not cut"):
        await waiting.result()
    before = paths(board), board.film.exists()
    shown = await set_of(board)
    console = Console(file=io.StringIO())
    await asyncio.to_thread(approve_board, board.board, [], "before-final", None, True, console, shown=shown)
    cut = await sequence(storyboard=str(board.board), sandbox=True, return_state=True)

    assert (ALL, False) == before
    assert cut.is_completed()
    assert board.film.exists()
    assert ALL == paths(board)


async def test_resume_with_nothing_chosen_says_no_and_silence_says_nothing(sequence: Any):
    """
    The form on the page sends what its schema has for a default; an answer that nobody gave is none.
    """
    form = inspect.getmodule(sequence.fn).Approve.with_initial_data(description="3 stills")  # type: ignore[union-attr]

    assert False is form.model_json_schema()["properties"]["approve"]["default"]
    assert not form(approve=False).approve
    with pytest.raises(ValidationError):
        form()
