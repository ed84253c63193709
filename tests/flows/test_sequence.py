"""
The flow: one chain of tasks a scene, chains side by side, nothing bought twice, one failure a failure.
"""

import asyncio
import inspect
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TaskRun

from storyreel.catalog import load_catalog
from storyreel.errors import BudgetError, SequenceFailed, SettingsError, StoryboardError
from storyreel.media import probe
from storyreel.model.events import Event
from storyreel.planning.steps import plan
from storyreel.production.caller import calling
from storyreel.production.read_plan import read_plan
from tests.desk import Desk
from tests.production.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [
    pytest.mark.prefect,
    # Prefect's own code warns of its own future.
    pytest.mark.filterwarnings("ignore"),
]


ONE_OF_TWO_WAITS = """
title: Small
defaults: {duration: 1, resolution: 480p, aspect_ratio: "1:1"}
scenes:
  - id: coast
    prompt: "A lighthouse."
  - id: door
    prompt: "A door."
"""


async def shoot(sequence: Any, desk: Desk, **parameters: Any) -> Any:
    return await sequence(storyboard=str(desk.board), sandbox=True, return_state=True, **parameters)


async def task_runs(state: Any) -> dict[str, list[TaskRun]]:
    """Return the task runs of a flow run, by name."""
    run_id = state.state_details.flow_run_id
    before: list[tuple[UUID, Any]] = []
    async with get_client() as client:
        # The server learns of task runs from events, a little later than they happen.
        for _ in range(150):
            runs = await client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
            now = sorted((run.id, run.state_name) for run in runs)
            if now == before and all(run.state and run.state.is_final() for run in runs):
                break
            before = now
            await asyncio.sleep(0.2)
    named: dict[str, list[TaskRun]] = {}
    for run in runs:
        named.setdefault(run.name, []).append(run)
    return named


def upstream(run: TaskRun) -> set[UUID]:
    """Return the task runs whose results went into one."""
    return {source.id for sources in run.task_inputs.values() for source in sources if source.input_type == "task_run"}


async def test_a_board_becomes_a_film(sequence: Any, desk: Desk):
    """
    Every step is one request, and the film has the plan's seconds to the frame.
    """
    state = await shoot(sequence, desk)
    _, planned = read_plan(desk.board, load_catalog())

    assert state.is_completed()
    assert len(planned.steps) == len(desk.posts()) == 6
    assert planned.seconds * 24 == probe(desk.film).frames == 192


@pytest.mark.long
async def test_the_graph_in_prefect_is_the_plan(sequence: Any, desk: Desk):
    """
    What a producer sees as arrows is what the plan says: no arrow is missing, none is false. Each film follows from what it shows.
    """
    desk.write(desk.board.read_text() + 'deliver: {wide: {aspect_ratio: "16:9", order: [door]}}\n')
    state = await shoot(sequence, desk)
    runs = await task_runs(state)
    _, planned = read_plan(desk.board, load_catalog())
    names = {run.id: name for name, all_runs in runs.items() for run in all_runs}
    drawn = {
        step.id: {names[source] for source in upstream(runs[step.id][0])} - {f"{step.id} buy"} for step in planned.steps
    }
    bought = {step.id: {names[source] for source in upstream(runs[f"{step.id} buy"][0])} for step in planned.steps}
    needed = {step.id: set(step.needs) for step in planned.steps}

    assert needed == drawn
    assert needed == bought
    assert set(planned.timeline.steps) == {names[source] for source in upstream(runs["film"][0])}
    assert {"door/video"} == {names[source] for source in upstream(runs["film wide"][0])}


@pytest.mark.long
async def test_texts_for_variables_are_part_of_what_is_sent(sequence: Any, desk: Desk):
    """
    As if they stood in the file; one that is not there stops the run before anything is sent.
    """
    desk.write(
        "defaults: {duration: 1, resolution: 480p}\nvars: {lines: {end: Waves.}}\nscenes: [{id: sea, prompt: '{{ lines.end }}'}]\n"
    )
    wrong = await shoot(sequence, desk, vars={"lines.ned": "Gulls."})
    state = await shoot(sequence, desk, vars={"lines.end": "Gulls."})

    assert wrong.is_failed()
    assert "there is no var 'lines.ned'" in str(wrong.message)
    assert state.is_completed()
    assert ["Gulls."] == [post["prompt"] for post in desk.posts()]


async def test_a_second_run_buys_nothing(sequence: Any, desk: Desk):
    """
    Shot again, no request is sent, no purchase is in the graph, and every take is shown as cached.
    """
    await shoot(sequence, desk)
    before = len(desk.posts())
    runs = await task_runs(await shoot(sequence, desk))

    assert before == len(desk.posts())
    assert [name for name in runs if name.endswith(" buy")] == []
    assert {"Cached"} == {run[0].state.name for name, run in runs.items() if name != "film" and run[0].state}


@pytest.mark.long
async def test_an_edited_prompt_buys_its_step_and_what_continues_it(sequence: Any, desk: Desk):
    """
    One prompt changed: that step is bought, and what is made from it, and nothing else.
    """
    await shoot(sequence, desk)
    before = len(desk.posts())
    desk.change("The door opens.", "The door opens slowly.")
    runs = await task_runs(await shoot(sequence, desk))

    assert {"door/video buy", "stair/video buy", "stair/edit-1 buy"} == {n for n in runs if n.endswith(" buy")}
    assert len(desk.posts()) - before == 3


@pytest.mark.long
async def test_one_failed_scene_stops_no_other(sequence: Any, desk: Desk):
    """
    The others are shot to their end; what continues the failed one is not reached; one line says how to go on.
    """
    desk.change("The door opens.", "The door opens. [[sandbox: failed invalid_argument]]")
    state = await shoot(sequence, desk)
    runs = await task_runs(state)
    with pytest.raises(SequenceFailed) as caught:
        await state.result()

    assert state.is_failed()
    assert runs["coast/extend-1"][0].state is not None
    assert runs["coast/extend-1"][0].state.name == "Completed"
    assert "stair/video" not in runs
    assert "film" not in runs
    assert "1 of 6 steps failed, 2 not reached" in str(caught.value)
    assert "--redo door/video" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_failed_take_is_not_bought_again_unasked(sequence: Any, desk: Desk):
    """
    A run after a failure that a person has to judge buys nothing; a redo of that step buys it, and what follows.
    """
    desk.change("The door opens.", "The door opens. [[sandbox: failed invalid_argument x1]]")
    await shoot(sequence, desk)
    before = len(desk.posts())
    again = await shoot(sequence, desk)
    unasked = len(desk.posts()) - before
    redone = await shoot(sequence, desk, redo=["door"])

    assert again.is_failed()
    assert unasked == 0
    assert redone.is_completed()
    assert len(desk.posts()) - before == 3


@pytest.mark.long
async def test_a_redo_makes_a_step_again_and_what_follows(sequence: Any, desk: Desk):
    """
    A redo of a clip that is good makes another take of it; its film is another one.
    """
    await shoot(sequence, desk)
    film, before = desk.film.read_bytes(), len(desk.posts())
    runs = await task_runs(await shoot(sequence, desk, redo=["coast/extend-1"]))

    assert {"coast/extend-1 buy"} == {name for name in runs if name.endswith(" buy")}
    assert len(desk.posts()) - before == 1
    assert film
    assert desk.film.exists()


@pytest.mark.long
async def test_a_clip_gone_from_the_vault_is_fetched_once(sequence: Any, desk: Desk):
    """
    A deleted clip comes back by its request id, and nothing is paid for it.
    """
    await shoot(sequence, desk)
    before = len(desk.posts())
    clip = max((desk.folder / "vault" / "clips").rglob("*.mp4"), key=lambda path: path.stat().st_size)
    clip.unlink()
    state = await shoot(sequence, desk)
    runs = await task_runs(state)

    assert state.is_completed()
    assert clip.exists()
    assert before == len(desk.posts())
    assert sum(run[0].state.name == "Completed" for name, run in runs.items() if name != "film" and run[0].state) == 1


@pytest.mark.long
async def test_a_clip_that_does_not_come_whole_is_fetched_by_a_retry(
    sequence: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """
    Fetching is free, so Prefect tries it again by itself; buying is no part of that.
    """
    monkeypatch.setattr(inspect.unwrap(sequence.fn).__globals__["collect"], "retry_delay_seconds", 0.1)
    desk.change("A lighthouse at dusk.", "A lighthouse at dusk. [[sandbox: download garbage 4]]")
    state = await shoot(sequence, desk)
    runs = await task_runs(state)

    assert state.is_completed()
    assert 2 == runs["coast/video"][0].run_count
    assert 6 == len(desk.posts())


@pytest.mark.long
async def test_only_buys_for_one_scene(sequence: Any, desk: Desk):
    """
    With `only` the other scenes are left alone, and no film is cut of half a board.
    """
    state = await shoot(sequence, desk, only=["stair"])

    assert state.is_completed()
    assert len(desk.posts()) == 4
    assert not desk.film.exists()


@pytest.mark.long
async def test_a_budget_is_never_passed(sequence: Any, desk: Desk):
    """
    What is known not to fit is not begun; with a part of it, a step that would pass the budget is not sent.
    """
    with pytest.raises(BudgetError, match="still to buy"):
        await (await shoot(sequence, desk, budget=0.15)).result()
    assert [] == desk.posts()
    state = await shoot(sequence, desk, budget=0.15, partial=True)
    with pytest.raises(SequenceFailed) as caught:
        await state.result()

    assert any(isinstance(cause, BudgetError) for cause in caught.value.causes)
    assert caught.value.exit_code == 6
    assert sum(0.1 if "video" in post["path"] else 0.02 for post in desk.posts()) <= 0.15


@pytest.mark.long
async def test_a_wait_holds_no_place_among_the_jobs(
    sequence: Any, desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """
    Told to wait, a step leaves its place to others and comes back for one: with one place, the other comes to it meanwhile.
    """
    (tmp_path / "one.toml").write_text("[service]\njobs_in_flight = 1\n", encoding="utf-8")
    monkeypatch.setenv("STORYREEL_CATALOG", str(tmp_path / "one.toml"))
    desk.write(ONE_OF_TWO_WAITS)

    def busy_once(_: bytes) -> httpx.Response:
        gateway.changes.clear()
        return httpx.Response(429, headers={"Retry-After": "5"}, json={"error": "Too many requests"})

    gateway.on("/v1/videos/generations", busy_once)
    events: list[Event] = []
    with calling(watcher=events.append):
        state = await shoot(sequence, desk)
    first, *then = [(event.stage, event.step) for event in events if event.stage in ("sending", "refused")]
    (other,) = {"coast/video", "door/video"} - {first[1]}

    assert state.is_completed()
    assert [("refused", first[1]), ("refused", other)] == then[:2]
    assert ["sending", "sending"] == [stage for stage, _ in then[2:]]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"only": ["dor"]}, "did you mean 'door'"), ({"redo": ["stair/edit-2"]}, "did you mean 'stair/edit-1'")],
)
async def test_a_wrong_name_is_refused_before_anything_is_bought(sequence: Any, desk: Desk, parameters, says):
    """
    A name that the board does not have ends the run at once, with the nearest one.
    """
    state = await shoot(sequence, desk, **parameters)
    with pytest.raises(SettingsError, match=says):
        await state.result()

    assert desk.posts() == []


async def test_a_wrong_board_is_refused_before_anything_is_bought(sequence: Any, desk: Desk):
    """
    A board with a problem ends the run at once, and the page says in one line where, what, and what to do.
    """
    desk.change("duration: 2", "duration: 20")
    state = await shoot(sequence, desk)
    with pytest.raises(StoryboardError):
        await state.result()

    assert desk.posts() == []
    assert f"{desk.board}:3:22: " in state.message
    assert "\n" not in state.message


def test_the_plan_of_the_small_board_is_what_these_tests_take_it_for(desk: Desk):
    """
    Six steps, of which two scenes hang together.
    """
    board, planned = read_plan(desk.board, load_catalog())

    assert plan(board, load_catalog()) == planned
    assert [step.id for step in planned.steps] == [
        "coast/video",
        "coast/extend-1",
        "door/still",
        "door/video",
        "stair/video",
        "stair/edit-1",
    ]
